import type { EfColumn, EfForeignKey, EfIndex, EfKey, EfTable, SqlServerIndexOptions } from './ef-model.ts';
import type { EntityFacts, PropertyFacts } from './entity-facts.ts';

/** By which a table is found: two schemas may have one of the same name. */
export function tableKey(name: string, schema: string | undefined): string {
  return `${schema ?? ''}\u0000${name}`;
}

/** A column with the entity that says so. */
interface MappedEntity {
  readonly entity: EntityFacts;
  /** Property to column. */
  readonly columns: ReadonlyMap<string, string>;
}

/**
 * Tables of a model as EF Core's relational model has them: names that the Designer leaves out are those that EF Core gives.
 *
 * `doubt` is why nothing of the model is certain. Source: dotnet/efcore, Metadata/Internal/RelationalModel.cs and
 * Extensions/RelationalPropertyExtensions.cs; compared with the real one by test/efcore/lowering.test.ts.
 */
export function tablesOf(blocks: readonly EntityFacts[], doubt: string | undefined): ReadonlyMap<string, EfTable> {
  const entities = merged(blocks);
  const tables = new Map<string, TableDraft>();
  for (const entity of entities.values()) {
    const name = tableOf(entity, entities);
    if (name === undefined) continue;
    const draft = tables.get(name) ?? new TableDraft(name, doubt);
    tables.set(name, draft);
    draft.addEntity(entity, entities);
    addOwned(entity, name, draft, tables, doubt);
  }
  const byName = new Map<string, EfTable>();
  for (const [name, draft] of tables) byName.set(name, draft.done(entities, tables));
  return byName;
}

/** One entity for each name: a Designer tells of foreign keys in a second block. */
function merged(blocks: readonly EntityFacts[]): ReadonlyMap<string, EntityFacts> {
  const entities = new Map<string, EntityFacts>();
  for (const block of blocks) {
    const before = entities.get(block.name);
    entities.set(
      block.name,
      before === undefined
        ? block
        : {
            ...before,
            ...block,
            properties: [...before.properties, ...block.properties],
            alternates: [...before.alternates, ...block.alternates],
            indexes: [...before.indexes, ...block.indexes],
            references: [...before.references, ...block.references],
            owned: [...before.owned, ...block.owned],
            requiredNavigations: [...before.requiredNavigations, ...block.requiredNavigations],
            checks: [...before.checks, ...block.checks],
          },
    );
  }
  return entities;
}

function rootOf(entity: EntityFacts, entities: ReadonlyMap<string, EntityFacts>): EntityFacts {
  let root = entity;
  for (let depth = 0; root.baseType !== undefined && depth < entities.size; depth++) {
    const base = entities.get(root.baseType);
    if (base === undefined) break;
    root = base;
  }
  return root;
}

/** Key of the table of an entity; undefined where it has none. */
function tableOf(entity: EntityFacts, entities: ReadonlyMap<string, EntityFacts>): string | undefined {
  if (entity.table !== undefined) return entity.table === null ? undefined : tableKey(entity.table, entity.schema);
  const root = rootOf(entity, entities);
  if (root !== entity) return tableOf(root, entities);
  // Without conventions a table is named as the class is.
  return tableKey(
    entity.name.slice(Math.max(entity.name.lastIndexOf('.'), entity.name.lastIndexOf('+')) + 1),
    entity.schema,
  );
}

function addOwned(
  owner: EntityFacts,
  table: string,
  draft: TableDraft,
  tables: Map<string, TableDraft>,
  doubt: string | undefined,
  prefix = '',
  mayBeMissing = false,
): void {
  for (const { navigation, isMany, entity } of owner.owned) {
    if (entity.json !== undefined) {
      draft.addJson(entity.json === '' ? navigation : entity.json, !owner.requiredNavigations.includes(navigation));
      continue;
    }
    const own = typeof entity.table === 'string' ? tableKey(entity.table, entity.schema) : table;
    if (own === table && !isMany) {
      const isOptional = mayBeMissing || !owner.requiredNavigations.includes(navigation);
      draft.addShared(entity, `${prefix}${navigation}_`, isOptional);
      addOwned(entity, table, draft, tables, doubt, `${prefix}${navigation}_`, isOptional);
      continue;
    }
    const other = tables.get(own) ?? new TableDraft(own, doubt);
    tables.set(own, other);
    other.addOwned(entity, draft);
    addOwned(entity, own, other, tables, doubt);
  }
}

/** Types of .NET that hold no null where they are written without a question mark. */
const VALUE_TYPES =
  /^(?:bool|s?byte|u?short|u?int|u?long|float|double|decimal|char|(?:System\.)?(?:Guid|DateTime|DateTimeOffset|DateOnly|TimeOnly|TimeSpan|Boolean|S?Byte|U?Int(?:16|32|64)|Single|Double|Decimal|Char))$/;
const REFERENCE_TYPES =
  /^(?:string|object|byte\[\]|(?:System\.)?(?:String|Object|Uri|Version)|.*\[\]|(?:System\.Collections\.Generic\.)?(?:List|IList|ICollection|IEnumerable|IReadOnlyList|Dictionary|HashSet)<.*>|(?:System\.Net\.)?IPAddress|(?:System\.Text\.Json\.)?JsonDocument)$/;
const WHOLE_NUMBER = /^(?:s?byte|u?short|u?int|u?long|(?:System\.)?(?:S?Byte|U?Int(?:16|32|64)))\??$/;

class TableDraft {
  readonly key: string;
  readonly name: string;
  #uncertain: string | undefined;
  readonly #columns = new Map<string, EfColumn>();
  readonly #entities: MappedEntity[] = [];
  readonly #checks = new Map<string, string>();
  #root: EntityFacts | undefined;
  #owner: { readonly owner: TableDraft; readonly entity: EntityFacts } | undefined;

  constructor(key: string, doubt: string | undefined) {
    this.key = key;
    this.name = key.slice(key.indexOf('\u0000') + 1);
    this.#uncertain = doubt;
  }

  get root(): EntityFacts | undefined {
    return this.#root;
  }

  addEntity(entity: EntityFacts, entities: ReadonlyMap<string, EntityFacts>): void {
    const root = rootOf(entity, entities);
    const isDerived = root !== entity;
    if (isDerived && tableOf(root, entities) !== this.key) this.#doubt('its entity is spread over several tables');
    if (this.#root !== undefined && this.#root !== root) this.#doubt('several entities share it');
    this.#root ??= root;
    this.#add(entity, root, (property) => property.column ?? property.name, isDerived, false);
  }

  /** An owned entity in its owner's table. */
  addShared(entity: EntityFacts, prefix: string, isOptional: boolean): void {
    const key = new Set(entity.key?.properties);
    this.#add(
      { ...entity, properties: entity.properties.filter((property) => !key.has(property.name)) },
      undefined,
      (property) => property.column ?? `${prefix}${property.name}`,
      isOptional,
      true,
    );
  }

  /** An owned entity in a table of its own. */
  addOwned(entity: EntityFacts, owner: TableDraft): void {
    if (this.#root !== undefined) this.#doubt('several entities share it');
    this.#root ??= entity;
    this.#owner = { owner, entity };
    this.#add(entity, entity, (property) => property.column ?? property.name, false, true);
  }

  addJson(name: string, isNullable: boolean): void {
    this.#columns.set(name, { name, type: 'TEXT', clrType: 'string', isNullable });
  }

  #doubt(reason: string): void {
    this.#uncertain ??= reason;
  }

  #add(
    entity: EntityFacts,
    root: EntityFacts | undefined,
    columnOf: (property: PropertyFacts) => string,
    isOptional: boolean,
    isOwned: boolean,
  ): void {
    if (entity.uncertain !== undefined) this.#doubt(entity.uncertain);
    const keyed = new Set([...(root?.key?.properties ?? []), ...entity.alternates.flatMap((key) => key.properties)]);
    const columns = new Map<string, string>();
    for (const property of entity.properties) {
      const name = columnOf(property);
      columns.set(property.name, name);
      const isKey = keyed.has(property.name);
      const isKnownType =
        property.clrType.endsWith('?') || VALUE_TYPES.test(property.clrType) || REFERENCE_TYPES.test(property.clrType);
      if (!isKnownType && !property.isRequired && !isKey)
        this.#doubt(`whether a ${property.clrType} takes null is not known`);
      const takesNull = !property.isRequired && !isKey && !VALUE_TYPES.test(property.clrType);
      const key = root?.key?.properties;
      const before = this.#columns.get(name);
      this.#columns.set(name, {
        name,
        type: property.type,
        clrType: property.clrType,
        // Rows of other classes of a hierarchy, and rows without the owned part, have nothing in it.
        isNullable: (takesNull || (isOptional && !isKey)) && before?.isNullable !== false,
        facets: property.facets,
        ...(isOwned ? {} : { member: { entity: entity.name, property: property.name } }),
        ...(property.order === undefined ? {} : { order: property.order }),
        ...(property.default === undefined ? {} : { default: property.default }),
        ...(property.defaultSql === undefined ? {} : { defaultSql: property.defaultSql }),
        ...(property.computedSql === undefined ? {} : { computedSql: property.computedSql }),
        ...(property.isStored === undefined ? {} : { isStored: property.isStored }),
        ...(property.collation === undefined ? {} : { collation: property.collation }),
        ...(key?.length === 1 &&
        key[0] === property.name &&
        property.isGeneratedOnAdd &&
        WHOLE_NUMBER.test(property.clrType)
          ? { isNumbered: true }
          : {}),
      });
    }
    this.#entities.push({ entity, columns });
    for (const { name, sql } of entity.checks) this.#checks.set(name, sql);
  }

  /** Columns of properties, of the entity or those that it derives from; undefined where one is not known. */
  columnsOf(properties: readonly string[], own?: ReadonlyMap<string, string>): readonly string[] | undefined {
    const found = properties.flatMap((property) => {
      const column =
        own?.get(property) ??
        this.#entities.map(({ columns }) => columns.get(property)).find((name) => name !== undefined);
      return column ?? [];
    });
    return found.length === properties.length ? found : undefined;
  }

  done(entities: ReadonlyMap<string, EntityFacts>, tables: ReadonlyMap<string, TableDraft>): EfTable {
    const key = this.#root?.key;
    const primary = key === undefined ? undefined : this.#key(key, undefined, 'PK', false);
    const uniques = this.#entities.flatMap(({ entity, columns }) =>
      entity.alternates.flatMap((each) => this.#key(each, columns, 'AK', true) ?? []),
    );
    const indexes = this.#entities.flatMap(({ entity, columns }) =>
      entity.indexes.flatMap((index): readonly EfIndex[] => {
        const named = this.#key(index, columns, 'IX', true);
        return named === undefined
          ? []
          : [
              {
                ...named,
                isUnique: index.isUnique,
                ...(index.descending === undefined ? {} : { descending: index.descending }),
                ...(index.filter === undefined ? {} : { filter: index.filter }),
                ...(index.sqlServer === undefined ? {} : { sqlServer: this.#inColumns(index.sqlServer, columns) }),
              },
            ];
      }),
    );
    const foreignKeys = [
      ...this.#entities.flatMap(({ entity, columns }) =>
        entity.references.flatMap((reference) => {
          const principal = entities.get(reference.principal);
          const table = principal === undefined ? undefined : tableOf(principal, entities);
          const target = table === undefined ? undefined : tables.get(table);
          if (reference.dependent !== undefined && reference.dependent !== entity.name) return [];
          if (principal === undefined) this.#doubt(`${reference.principal} is not in its Designer`);
          if (target === undefined) return [];
          return this.#foreignKey(
            reference,
            columns,
            target,
            reference.principalProperties ?? target.root?.key?.properties ?? [],
            ACTIONS[reference.onDelete],
          );
        }),
      ),
      ...(this.#owner?.entity.ownerKey === undefined
        ? []
        : this.#foreignKey(
            this.#owner.entity.ownerKey,
            undefined,
            this.#owner.owner,
            this.#owner.owner.root?.key?.properties ?? [],
            'CASCADE',
          )),
    ];
    const primaryColumns = primary?.columns ?? [];
    const place = (column: EfColumn): number => {
      const index = primaryColumns.indexOf(column.name);
      return index < 0 ? primaryColumns.length : index;
    };
    const columns = [...this.#columns.values()].toSorted(
      (left, right) => place(left) - place(right) || byOrdinal(left.name, right.name),
    );
    const schema = this.key.slice(0, this.key.indexOf('\u0000'));
    return {
      name: this.name,
      ...(schema === '' ? {} : { schema }),
      ...(this.#root === undefined || this.#owner !== undefined ? {} : { entity: this.#root.name }),
      columns,
      ...(primary === undefined ? {} : { primaryKey: primary }),
      uniques: once(uniques),
      foreignKeys: once(foreignKeys),
      checks: [...this.#checks]
        .map(([name, sql]) => ({ name, sql }))
        .toSorted((left, right) => byOrdinal(left.name, right.name)),
      indexes: once(indexes),
      ...(this.#entities.some(({ entity }) => entity.isMemoryOptimised) ? { isMemoryOptimised: true as const } : {}),
      ...(this.#entities.some(({ entity }) => entity.isTemporal) ? { isTemporal: true as const } : {}),
      ...(this.#uncertain === undefined ? {} : { uncertain: this.#uncertain }),
    };
  }

  #inColumns(said: SqlServerIndexOptions, own: ReadonlyMap<string, string>): SqlServerIndexOptions {
    if (said.include === undefined) return said;
    const include = this.columnsOf(said.include, own);
    if (include !== undefined) return { ...said, include };
    this.#doubt('a key or index of it names a property that its Designer does not have');
    return { ...said, untold: 'IncludeProperties' };
  }

  #key(
    { properties, name }: { readonly properties: readonly string[]; readonly name?: string },
    own: ReadonlyMap<string, string> | undefined,
    prefix: 'PK' | 'AK' | 'IX',
    namesColumns: boolean,
  ): EfKey | undefined {
    const columns = this.columnsOf(properties, own);
    if (columns === undefined || columns.length === 0) {
      if (properties.length > 0) this.#doubt('a key or index of it names a property that its Designer does not have');
      return undefined;
    }
    return {
      name: name ?? `${prefix}_${this.name}${namesColumns ? `_${columns.join('_')}` : ''}`,
      columns,
    };
  }

  #foreignKey(
    { properties, name }: { readonly properties: readonly string[]; readonly name?: string },
    own: ReadonlyMap<string, string> | undefined,
    target: TableDraft,
    principalProperties: readonly string[],
    onDelete: string | undefined,
  ): readonly EfForeignKey[] {
    const columns = this.columnsOf(properties, own);
    const principalColumns = target.columnsOf(principalProperties);
    if (columns === undefined || columns.length === 0 || principalColumns === undefined) {
      this.#doubt('a foreign key of it names a property that its Designer does not have');
      return [];
    }
    // Rows of one table that are the same row.
    if (target === this && columns.join() === principalColumns.join()) return [];
    return [
      {
        name: name ?? `FK_${this.name}_${target.name}_${columns.join('_')}`,
        columns,
        principalTable: target.name,
        principalColumns,
        ...(onDelete === undefined ? {} : { onDelete }),
      },
    ];
  }
}

/** What the database does for a delete behaviour; those that only the program carries out are left out. */
const ACTIONS: Readonly<Record<string, string>> = {
  Cascade: 'CASCADE',
  SetNull: 'SET NULL',
  Restrict: 'RESTRICT',
};

function once<Item extends { readonly name: string }>(items: readonly Item[]): readonly Item[] {
  return [...new Map(items.map((item) => [item.name, item])).values()].toSorted((left, right) =>
    byOrdinal(left.name, right.name),
  );
}

function byOrdinal(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}
