import type { Operation, TableAction } from '../../model/operation.ts';
import type { Relation, Schema } from '../../model/schema.ts';
import { sameType, type TypeName } from '../../model/type-name.ts';
import type { Refusal } from '../engine.ts';
import { isAssignable } from './types/assignable.ts';
import { valueType } from './types/value-type.ts';

/**
 * ALTER COLUMN ... TYPE to what a value becomes by an explicit cast only, or by none: without USING it fails, and with USING
 * the column's default does, which USING is not for.
 *
 * Source: PostgreSQL manual, "ALTER TABLE", SET DATA TYPE.
 */
export function castRefusal(
  operation: TableAction,
  relation: Relation,
  schema: Schema,
  siblings: readonly Operation[],
): Refusal | undefined {
  const { action } = operation;
  if (action.kind !== 'alter-type') return undefined;
  const column = relation.columns.find((candidate) => candidate.name === action.column);
  if (column?.type === undefined || column.generated !== undefined || !needsCast(column.type, action.type, schema))
    return undefined;
  if (action.using === undefined) {
    return {
      span: operation.span,
      message: `"${column.name}" is ${column.type.display}, which does not become ${action.type.display} by itself, so that PostgreSQL refuses it without USING.`,
    };
  }
  // DEFAULT NULL is no default. One that goes in the same statement goes first.
  const isKept =
    column.default !== undefined &&
    !(column.default.tree.kind === 'literal' && column.default.tree.value === null) &&
    !siblings.some((other) => other.kind === 'drop-default' && other.action.column === column.name);
  return isKept
    ? {
        span: operation.span,
        message: `The default of "${column.name}" does not become ${action.type.display} by itself, and USING is not for it, so that PostgreSQL refuses it: drop the default first, and set it again behind.`,
      }
    : undefined;
}

function needsCast(from: TypeName, to: TypeName, schema: Schema): boolean {
  if (sameType(from, to)) return false;
  const [old, fresh] = [valueType(schema, from), valueType(schema, to)];
  return old !== undefined && fresh !== undefined && isAssignable(old, fresh) === false;
}
