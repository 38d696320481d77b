import { foreignKeysTo, findRelation, resolveTypeName } from '../../model/lookup.ts';
import { comparableTypes } from '../../model/fold/refusals.ts';
import { isLeftToType } from '../../model/fold/typed-tables.ts';
import { objectKey, type ObjectName } from '../../model/names.ts';
import {
  type ColumnDefinition,
  type ConstraintDefinition,
  type DropObjects,
  isTableAction,
  type Operation,
  type TableAction,
} from '../../model/operation.ts';
import type { Relation, Schema } from '../../model/schema.ts';
import type { TypeName } from '../../model/type-name.ts';
import type { Refusal } from '../engine.ts';

/** Types that the columns of a table have when a statement adds its constraints; undefined where one is not known. */
export type TypeOf = (column: string) => TypeName | undefined;

/** Types of the columns that CREATE TABLE writes. */
export function writtenTypes(columns: readonly ColumnDefinition[]): TypeOf {
  return (name) => {
    const column = columns.find((candidate) => candidate.name === name);
    return column?.serial === undefined ? column?.type : undefined;
  };
}

/** Types of a table's columns, but for those that the same statement makes or changes. */
export function typesOf(relation: Relation, siblings: readonly Operation[]): TypeOf {
  return (name) => {
    const isChanged = siblings.some(
      (other) =>
        isTableAction(other) &&
        (other.action.kind === 'alter-type' || other.action.kind === 'rename-column') &&
        other.action.column === name,
    );
    return isChanged ? undefined : relation.columns.find((column) => column.name === name)?.type;
  };
}

/** A foreign key between columns whose types do not compare with each other: uuid and bigint. */
export function incomparable(
  { columns, references, span, period }: ConstraintDefinition,
  typeOf: TypeOf,
  relation: ObjectName,
  schema: Schema,
): Refusal | undefined {
  const parent = references === undefined ? undefined : findRelation(schema, references.relation);
  if (references === undefined || parent === undefined || period === true || references.relation.name === relation.name)
    return undefined;
  const primary = parent.constraints.find((constraint) => constraint.kind === 'primary-key')?.columns ?? [];
  const wanted = references.columns.length > 0 ? references.columns : primary;
  if (wanted.length !== columns.length) return undefined;
  for (const [place, name] of columns.entries()) {
    const from = typeOf(name);
    const to = parent.columns.find((column) => column.name === wanted[place])?.type;
    if (from === undefined || to === undefined) continue;
    const resolved = resolveTypeName(schema, from);
    if (comparableTypes(schema, resolved, to) === false) {
      return {
        span,
        message: `"${name}" is ${from.display} and "${wanted[place] ?? ''}" of ${parent.name} is ${to.display}, which do not compare with each other: PostgreSQL makes no foreign key between them.`,
      };
    }
  }
  return undefined;
}

/** A change of a table OF a type that only the type can have. */
export function leftToType({ action, span }: TableAction, relation: Relation): Refusal | undefined {
  if (!isLeftToType(relation, action.kind)) return undefined;
  const [, type = ''] = relation.ofType?.split('\u0000') ?? [];
  return {
    span,
    message: `${relation.name} is a table of the type ${type}, which alone says what its columns are: use ALTER TYPE ${type} ... CASCADE, or ALTER TABLE ${relation.name} NOT OF first.`,
  };
}

/** DROP TABLE of a partition, where a foreign key points at the partitioned table above it. */
export function referencedPartition({ objects, cascade }: DropObjects, schema: Schema): Refusal | undefined {
  if (cascade) return undefined;
  const dropped = new Set(
    objects
      .map((object) => findRelation(schema, object))
      .flatMap((relation) => (relation === undefined ? [] : [objectKey(relation.schema, relation.name)])),
  );
  for (const object of objects) {
    const part = findRelation(schema, object);
    for (
      let key = part?.partitionOf?.parentKey;
      part !== undefined && key !== undefined && !dropped.has(key);
      key = schema.relations.get(key)?.partitionOf?.parentKey
    ) {
      const holder = foreignKeysTo(schema, key).find(
        ({ relation }) => !dropped.has(objectKey(relation.schema, relation.name)),
      );
      if (holder !== undefined)
        return {
          span: object.span,
          message: `${holder.relation.name} references the partitioned table of which ${part.name} is a part, so PostgreSQL drops ${part.name} only after DETACH PARTITION.`,
        };
    }
  }
  return undefined;
}
