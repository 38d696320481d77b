import { type Chain, type ChainCall, namesIn } from './call-chains.ts';
import type { ColumnFacets, SqlServerIndexOptions } from './ef-model.ts';
import { hasCall, sqlServerIndexOptions, sqlServerIndexTarget } from './sqlserver-facts.ts';

/** A property as a Designer has it. */
export interface PropertyFacts {
  readonly name: string;
  readonly clrType: string;
  readonly column?: string;
  readonly type?: string;
  readonly isRequired: boolean;
  readonly isGeneratedOnAdd: boolean;
  readonly order?: number;
  readonly default?: string;
  readonly defaultSql?: string;
  readonly computedSql?: string;
  readonly isStored?: boolean;
  readonly collation?: string;
  /** What its CLR type does not say of its type, each as the Designer's C# writes it. */
  readonly facets: ColumnFacets;
}

interface KeyFacts {
  readonly properties: readonly string[];
  readonly name?: string;
}

interface IndexFacts extends KeyFacts {
  /** The name in the model, which tells two indexes of the same properties apart. */
  readonly declaredName?: string;
  readonly isUnique: boolean;
  readonly descending?: readonly boolean[];
  readonly filter?: string;
  readonly sqlServer?: SqlServerIndexOptions;
}

interface ReferenceFacts extends KeyFacts {
  readonly principal: string;
  /** Properties of the principal; undefined for those of its key. */
  readonly principalProperties?: readonly string[];
  /** The entity that holds the key, where it is named. */
  readonly dependent?: string;
  readonly onDelete: string;
}

interface OwnedFacts {
  readonly navigation: string;
  readonly isMany: boolean;
  readonly entity: EntityFacts;
}

/** What one block of a Designer, `modelBuilder.Entity("Name", b => { ... })`, says of an entity. */
export interface EntityFacts {
  readonly name: string;
  readonly properties: readonly PropertyFacts[];
  readonly key?: KeyFacts;
  readonly alternates: readonly KeyFacts[];
  readonly indexes: readonly IndexFacts[];
  readonly references: readonly ReferenceFacts[];
  readonly owned: readonly OwnedFacts[];
  readonly requiredNavigations: readonly string[];
  readonly checks: readonly { readonly name: string; readonly sql: string }[];
  /** `null`: the entity has no table; undefined: the block does not say. */
  readonly table?: string | null;
  readonly schema?: string;
  readonly baseType?: string;
  /** The foreign key to the owner, of an entity that is owned. */
  readonly ownerKey?: KeyFacts;
  /** Column of the owner that holds it as JSON; `''` for the navigation's name. */
  readonly json?: string;
  readonly isMemoryOptimised?: true;
  readonly isTemporal?: true;
  /** A clause that says why its table is not known for certain. */
  readonly uncertain?: string;
}

/** Calls on an entity that change nothing of its table. */
const NO_COLUMN: ReadonlySet<string> = new Set([
  'HasData',
  'HasAnnotation',
  'HasNoKey',
  'HasComment',
  'HasQueryFilter',
  'HasDiscriminator',
  'UseTphMappingStrategy',
  'HasChangeTrackingStrategy',
  'UsePropertyAccessMode',
  'HasTrigger',
]);

/** What the statements of an entity's block say. */
export function entityFacts(name: string, chains: readonly Chain[], isWhole: boolean): EntityFacts {
  const found: {
    -readonly [Name in keyof EntityFacts]: EntityFacts[Name] extends readonly (infer Item)[]
      ? Item[]
      : EntityFacts[Name];
  } = {
    name,
    properties: [],
    alternates: [],
    indexes: [],
    references: [],
    owned: [],
    requiredNavigations: [],
    checks: [],
  };
  const doubt = (reason: string): void => {
    found.uncertain ??= reason;
  };
  if (!isWhole) doubt('part of its Designer cannot be read');
  if (hasCall(chains, 'IsMemoryOptimized', 'SqlServer:MemoryOptimized')) found.isMemoryOptimised = true;
  if (hasCall(chains, 'IsTemporal', 'SqlServer:IsTemporal')) found.isTemporal = true;
  /** `SqlServerIndexBuilderExtensions.IsClustered(b.HasIndex("Kind"))` and the like. */
  const options: NonNullable<ReturnType<typeof sqlServerIndexTarget>>[] = [];
  for (const { root, calls } of chains) {
    const [first, ...rest] = calls;
    const target = sqlServerIndexTarget(root, first);
    if (target !== undefined) options.push(target);
    // `SqlitePropertyBuilderExtensions.UseAutoincrement(b.Property<int>("Id"))` says no more than the property itself.
    if (first === undefined || /Extensions$/.test(root)) continue;
    switch (first.name) {
      case 'Property':
      case 'PrimitiveCollection': {
        const property = propertyOf(first, rest);
        if (property === undefined) doubt('a property of it cannot be read');
        else found.properties.push(property);
        break;
      }
      case 'HasKey':
        found.key = keyOf(first, rest);
        break;
      case 'HasAlternateKey':
        found.alternates.push(keyOf(first, rest));
        break;
      case 'HasIndex':
        found.indexes.push(indexOf(first, rest));
        break;
      case 'HasOne': {
        const reference = referenceOf(first, rest);
        if (reference === undefined) doubt('a foreign key of it cannot be read');
        else found.references.push(reference);
        break;
      }
      case 'OwnsOne':
      case 'OwnsMany': {
        const type = first.arguments[0]?.text;
        const block = first.arguments.find((argument) => argument.block !== undefined)?.block;
        if (type === undefined || block === undefined) doubt('a type that it owns cannot be read');
        else
          found.owned.push({
            navigation: first.arguments[1]?.text ?? type,
            isMany: first.name === 'OwnsMany',
            entity: entityFacts(type, block, true),
          });
        break;
      }
      case 'Navigation':
        if (rest.some(({ name: call }) => call === 'IsRequired')) {
          const navigation = first.arguments[0]?.text;
          if (navigation !== undefined) found.requiredNavigations.push(navigation);
        }
        break;
      case 'ToTable': {
        const table = first.arguments[0];
        if (table?.text !== undefined) {
          found.table = table.text;
          const schema = first.arguments[1]?.text;
          if (schema !== undefined) found.schema = schema;
        } else if (table !== undefined && /\bnull$/.test(table.source)) found.table = null;
        for (const chain of first.arguments.at(-1)?.block ?? []) addCheck(chain.calls[0], found.checks);
        break;
      }
      case 'HasCheckConstraint':
        addCheck(first, found.checks);
        break;
      case 'ToView':
      case 'ToSqlQuery':
      case 'ToFunction':
        found.table ??= null;
        break;
      case 'HasBaseType': {
        const base = first.arguments[0]?.text;
        if (base !== undefined) found.baseType = base;
        break;
      }
      case 'WithOwner': {
        const foreign = rest.find(({ name: call }) => call === 'HasForeignKey')?.arguments ?? [];
        const constraint = rest.find(({ name: call }) => call === 'HasConstraintName')?.arguments[0]?.text;
        found.ownerKey = { properties: namesIn(foreign), ...(constraint === undefined ? {} : { name: constraint }) };
        break;
      }
      case 'ToJson':
        found.json = first.arguments[0]?.text ?? '';
        break;
      case 'UseTptMappingStrategy':
      case 'UseTpcMappingStrategy':
      case 'SplitToTable':
        doubt('its entity is spread over several tables');
        break;
      case 'ComplexProperty':
      case 'ComplexCollection':
        doubt('it has complex properties');
        break;
      default:
        if (!NO_COLUMN.has(first.name)) doubt(`what ${first.name} does to it is not known`);
    }
  }
  for (const { index, said } of options) {
    const { properties, name: own } = indexOf(index, []);
    const at = found.indexes.findIndex(
      (each) => each.properties.join() === properties.join() && (own === undefined || each.declaredName === own),
    );
    const known = found.indexes[at];
    if (known !== undefined) found.indexes[at] = { ...known, sqlServer: { ...known.sqlServer, ...said } };
  }
  return found;
}

function addCheck(call: ChainCall | undefined, checks: { name: string; sql: string }[]): void {
  if (call?.name !== 'HasCheckConstraint') return;
  const [name, sql] = call.arguments;
  if (name?.text !== undefined && sql?.text !== undefined) checks.push({ name: name.text, sql: sql.text });
}

function propertyOf(first: ChainCall, rest: readonly ChainCall[]): PropertyFacts | undefined {
  const name = first.arguments.at(-1)?.text;
  const clrType = first.generic ?? /typeof\((.+)\)/.exec(first.arguments[0]?.source ?? '')?.[1];
  if (name === undefined || clrType === undefined) return undefined;
  const call = (wanted: string): ChainCall | undefined => rest.findLast((candidate) => candidate.name === wanted);
  const text = (wanted: string): string | undefined => call(wanted)?.arguments[0]?.text;
  const required = call('IsRequired');
  const order = Number(call('HasColumnOrder')?.arguments[0]?.source ?? Number.NaN);
  const computed = call('HasComputedColumnSql');
  const value = call('HasDefaultValue')?.arguments[0]?.source;
  return {
    name,
    clrType,
    ...given('column', text('HasColumnName')),
    ...given('type', text('HasColumnType')),
    isRequired: required !== undefined && required.arguments[0]?.source !== 'false',
    isGeneratedOnAdd: call('ValueGeneratedOnAdd') !== undefined,
    ...(Number.isNaN(order) ? {} : { order }),
    ...given('default', value),
    ...given('defaultSql', text('HasDefaultValueSql')),
    ...given('computedSql', text('HasComputedColumnSql')),
    ...(computed?.arguments[1]?.source === undefined ? {} : { isStored: /\btrue$/.test(computed.arguments[1].source) }),
    ...given('collation', text('UseCollation')),
    facets: facetsOf(rest),
  };
}

function facetsOf(calls: readonly ChainCall[]): ColumnFacets {
  const argument = (wanted: string, place = 0): string | undefined =>
    calls.findLast((candidate) => candidate.name === wanted)?.arguments[place]?.source;
  const is = (wanted: string): string | undefined =>
    calls.some((candidate) => candidate.name === wanted) ? (argument(wanted) ?? 'true') : undefined;
  return {
    ...given('maxLength', argument('HasMaxLength')),
    ...given('unicode', is('IsUnicode')),
    ...given('fixedLength', is('IsFixedLength')),
    ...given('precision', argument('HasPrecision')),
    ...given('scale', argument('HasPrecision', 1)),
    ...given('rowVersion', is('IsRowVersion')),
  };
}

function given<Name extends string>(name: Name, value: string | undefined): { readonly [Key in Name]?: string } {
  // The one property that the type names.
  return value === undefined ? {} : ({ [name]: value } as { readonly [Key in Name]?: string });
}

function keyOf(first: ChainCall, rest: readonly ChainCall[]): KeyFacts {
  const name = rest.findLast((call) => call.name === 'HasName')?.arguments[0]?.text;
  return { properties: namesIn(first.arguments), ...(name === undefined ? {} : { name }) };
}

function indexOf(first: ChainCall, rest: readonly ChainCall[]): IndexFacts {
  const call = (wanted: string): ChainCall | undefined => rest.findLast((candidate) => candidate.name === wanted);
  const isNamed = first.arguments[0]?.text === undefined;
  const name =
    (call('HasDatabaseName') ?? call('HasName'))?.arguments[0]?.text ??
    (isNamed ? first.arguments[1]?.text : undefined);
  const unique = call('IsUnique');
  const descending = call('IsDescending');
  const filter = call('HasFilter')?.arguments[0]?.text;
  const sqlServer = sqlServerIndexOptions(rest);
  const declaredName = isNamed ? first.arguments[1]?.text : undefined;
  return {
    properties: namesIn(first.arguments),
    ...(name === undefined ? {} : { name }),
    isUnique: unique !== undefined && unique.arguments[0]?.source !== 'false',
    ...(descending === undefined
      ? {}
      : {
          descending: [
            ...descending.arguments
              .map(({ source }) => source)
              .join(' ')
              .matchAll(/\b(?:true|false)\b/g),
          ].map(([word]) => word === 'true'),
        }),
    ...(filter === undefined ? {} : { filter }),
    ...given('declaredName', declaredName),
    ...(sqlServer === undefined ? {} : { sqlServer }),
  };
}

function referenceOf(first: ChainCall, rest: readonly ChainCall[]): ReferenceFacts | undefined {
  const principal = first.arguments[0]?.text;
  if (principal === undefined) return undefined;
  const call = (wanted: string): ChainCall | undefined => rest.findLast((candidate) => candidate.name === wanted);
  const isOne = call('WithOne') !== undefined;
  const foreign = namesIn(call('HasForeignKey')?.arguments ?? []);
  const other = call('HasPrincipalKey')?.arguments;
  const principalNames = other === undefined ? undefined : namesIn(other);
  const name = call('HasConstraintName')?.arguments[0]?.text;
  return {
    principal,
    // With one on both sides the entity that holds the key is named first.
    properties: isOne ? foreign.slice(1) : foreign,
    ...(isOne && foreign[0] !== undefined ? { dependent: foreign[0] } : {}),
    ...(principalNames === undefined ? {} : { principalProperties: isOne ? principalNames.slice(1) : principalNames }),
    ...(name === undefined ? {} : { name }),
    onDelete: /(\w+)$/.exec(call('OnDelete')?.arguments[0]?.source ?? '')?.[1] ?? 'ClientSetNull',
  };
}
