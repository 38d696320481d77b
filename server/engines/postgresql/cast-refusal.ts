import { findType } from '../../model/lookup.ts';
import { isTableAction, type Operation, type TableAction } from '../../model/operation.ts';
import type { Relation, Schema } from '../../model/schema.ts';
import { sameType, type TypeName } from '../../model/type-name.ts';
import type { Refusal } from '../engine.ts';

const TEXTS = new Set(['text', 'varchar', 'bpchar']);

/**
 * Built-in types that no text becomes by assignment, and enums become neither.
 *
 * Source: pg_cast of a new database; texts are read as values of them by an explicit cast only.
 */
const NOT_FROM_TEXT = new Set([
  'int2',
  'int4',
  'int8',
  'numeric',
  'float4',
  'float8',
  'bool',
  'date',
  'timestamp',
  'timestamptz',
  'time',
  'timetz',
  'interval',
  'uuid',
  'json',
  'jsonb',
  'bytea',
]);

/** Built-in numbers: a truth value becomes none of them by assignment, nor they one. Source: pg_cast of a new database. */
const NUMBERS = new Set(['int2', 'int4', 'int8', 'numeric', 'float4', 'float8']);

/**
 * ALTER COLUMN ... TYPE of texts, enums, truth values and numbers to what they become by an explicit cast only: without USING it fails, and with
 * USING the column's default does, which USING is not for.
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
    !siblings.some(
      (other) => isTableAction(other) && other.action.kind === 'drop-default' && other.action.column === column.name,
    );
  return isKept
    ? {
        span: operation.span,
        message: `The default of "${column.name}" does not become ${action.type.display} by itself, and USING is not for it, so that PostgreSQL refuses it: drop the default first, and set it again behind.`,
      }
    : undefined;
}

function needsCast(from: TypeName, to: TypeName, schema: Schema): boolean {
  if (from.arrayDimensions > 0 || to.arrayDimensions > 0 || sameType(from, to)) return false;
  const areBuiltIn = from.schema === undefined && to.schema === undefined;
  if (areBuiltIn && ((from.name === 'bool' && NUMBERS.has(to.name)) || (NUMBERS.has(from.name) && to.name === 'bool')))
    return true;
  const [isEnum, becomesEnum] = [isEnumType(from, schema), isEnumType(to, schema)];
  if (!isEnum && (from.schema !== undefined || !TEXTS.has(from.name))) return false;
  if (becomesEnum) return !isEnum || findType(schema, from) !== findType(schema, to);
  return to.schema === undefined && NOT_FROM_TEXT.has(to.name);
}

function isEnumType(type: TypeName, schema: Schema): boolean {
  return findType(schema, type)?.kind === 'enum';
}
