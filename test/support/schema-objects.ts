import type { IndexElement } from '../../server/model/operation.ts';
import type { Column, Constraint, Schema } from '../../server/model/schema.ts';
import type { TypeName } from '../../server/model/type-name.ts';

/** Facts that two schemas from different sources can agree on, one line for each object, by the object's name. */
export function describeSchema(schema: Schema): ReadonlyMap<string, string> {
  const objects = new Map<string, string>();
  const add = (kind: string, schemaName: string, name: string, facts: unknown): void => {
    objects.set(`${kind} ${schemaName}.${name}`, JSON.stringify(facts));
  };
  for (const { name } of schema.schemas.values()) if (name !== 'pg_temp') add('schema', name, '', {});
  for (const relation of schema.relations.values()) {
    const isView = relation.kind === 'view' || relation.kind === 'materialized-view';
    add('relation', relation.schema, relation.name, {
      kind: relation.kind,
      persistence: relation.persistence,
      columns: relation.columnsKnown ? relation.columns.map((column) => column.name) : 'unknown',
      inherits: relation.inherits.map(plain),
      ofType: relation.ofType === undefined ? null : plain(relation.ofType),
      partitionOf:
        relation.partitionOf === undefined
          ? null
          : [plain(relation.partitionOf.parentKey), relation.partitionOf.bound.kind],
      partitionKey:
        relation.partitionKey === undefined
          ? null
          : [
              relation.partitionKey.strategy,
              relation.partitionKey.elements.map((element) => element.column ?? 'expression'),
            ],
      policies: [...relation.policies].sort(),
      rules: [...relation.rules].sort(),
      rowSecurity: relation.rowSecurity,
      dependsOn: relation.dependsOn.map((read) => plain(read.key)).sort(),
    });
    for (const column of isView || !relation.columnsKnown ? [] : relation.columns)
      add('column', relation.schema, `${relation.name}.${column.name}`, describeColumn(column));
    for (const constraint of relation.constraints)
      add('constraint', relation.schema, `${relation.name}.${constraint.name}`, describeConstraint(constraint));
    for (const trigger of relation.triggers) {
      add('trigger', relation.schema, `${relation.name}.${trigger.name}`, [
        trigger.timing,
        [...trigger.events].sort(),
        trigger.forEachRow,
        trigger.function,
        trigger.enabled,
        trigger.constraint,
        [...trigger.updateColumns].sort(),
      ]);
    }
  }
  for (const index of schema.indexes.values()) {
    add('index', index.schema, index.name, {
      on: plain(index.relationKey),
      unique: index.unique,
      primary: index.primary,
      constraint: index.constraint ?? null,
      exclusion: index.exclusion,
      valid: index.valid,
      method: index.method,
      elements: index.elements.map(describeElement),
      include: index.include,
      partial: index.where !== undefined,
      nullsNotDistinct: index.nullsNotDistinct,
      parameters: index.storageParameters ?? {},
      comment: index.comment ?? null,
      parent: index.parentKey === undefined ? null : plain(index.parentKey),
      isPartitioned: index.isPartitioned,
    });
  }
  for (const sequence of schema.sequences.values()) {
    add('sequence', sequence.schema, sequence.name, {
      owner: sequence.ownedBy === undefined ? null : [plain(sequence.ownedBy.relationKey), sequence.ownedBy.column],
      identity: sequence.identity,
      type: sequence.dataType,
      persistence: sequence.persistence,
    });
  }
  for (const type of schema.types.values()) {
    add('type', type.schema, type.name, {
      kind: type.kind,
      labels: type.labels ?? null,
      attributes: type.attributes?.map((attribute) => [attribute.name, describeType(attribute.type)]) ?? null,
      domain:
        type.domain === undefined
          ? null
          : [
              describeType(type.domain.base),
              type.domain.notNull,
              type.domain.default !== undefined,
              type.domain.constraints
                .map((constraint) => [constraint.kind, constraint.name, constraint.validated])
                .sort(),
            ],
    });
  }
  for (const object of schema.functions.values()) {
    const overloads = object.overloads.map((overload) => [
      overload.argumentTypes.map(describeType),
      overload.volatility,
      overload.procedure,
      overload.language,
      overload.returnsTrigger,
    ]);
    add('function', object.schema, object.name, overloads.map((overload) => JSON.stringify(overload)).sort());
  }
  return objects;
}

/** What one schema says and the other does not, one line each. */
export function differences(
  folded: Schema,
  catalog: Schema,
): { readonly compared: number; readonly lines: readonly string[] } {
  const left = describeSchema(folded);
  const right = describeSchema(catalog);
  const lines: string[] = [];
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    if (!agree(left.get(key), right.get(key)))
      lines.push(`${key}\n  folded:  ${left.get(key) ?? 'absent'}\n  catalog: ${right.get(key) ?? 'absent'}`);
  }
  return { compared: right.size, lines };
}

/** Whether the facts are the same, a type that one side does not know left out. */
function agree(left: string | undefined, right: string | undefined): boolean {
  const unknown = '"type":"unknown"';
  return left === right || (left?.includes(unknown) === true && left === right?.replace(/"type":"[^"]*"/, unknown));
}

function plain(key: string): string {
  return key.replace('\u0000', '.');
}

function describeType(type: TypeName | undefined): string {
  if (type === undefined) return 'unknown';
  // numeric(10) is numeric(10,0) in the catalog; "as written" allows both.
  const modifiers = type.name === 'numeric' && type.modifiers.length === 1 ? [...type.modifiers, 0] : type.modifiers;
  return `${type.schema === undefined ? '' : `${type.schema}.`}${type.name}(${modifiers.join(',')})${type.arrayDimensions > 0 ? '[]' : ''}`;
}

function describeColumn(column: Column): unknown {
  return {
    type: describeType(column.type),
    notNull: column.notNull,
    default: column.default !== undefined,
    identity: column.identity ?? null,
    generated: column.generated?.stored ?? null,
    collation: column.collation ?? null,
    isLocal: column.isLocal,
    comment: column.comment ?? null,
    grants: (column.grants ?? [])
      .map(({ privilege, grantee, grantable }) => `${privilege}${grantable ? '*' : ''} ${grantee}`)
      .sort(),
  };
}

function describeConstraint(constraint: Constraint): unknown {
  const { references } = constraint;
  return {
    // The order in which a CHECK's columns stand is that of the expression in one source, of the catalog in the other.
    kind: constraint.kind,
    columns: constraint.kind === 'check' ? [...constraint.columns].sort() : constraint.columns,
    validated: constraint.validated,
    enforced: constraint.enforced,
    deferrable: constraint.deferrable,
    initiallyDeferred: constraint.initiallyDeferred,
    noInherit: constraint.noInherit,
    isLocal: constraint.isLocal,
    index: constraint.index ?? null,
    comment: constraint.comment ?? null,
    references:
      references === undefined
        ? null
        : [
            references.schema,
            references.name,
            references.columns,
            references.onDelete ?? null,
            references.onUpdate ?? null,
            references.match ?? null,
          ],
  };
}

function describeElement(element: IndexElement): unknown {
  return [
    element.column ?? 'expression',
    element.descending ?? false,
    element.nullsFirst ?? element.descending ?? false,
  ];
}
