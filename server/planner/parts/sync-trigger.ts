import { isVolatile } from '../../engines/postgresql/effects/volatility.ts';
import type { Column, Relation } from '../../model/schema.ts';
import type { TypeName } from '../../model/type-name.ts';
import { limitedName } from '../names.ts';
import type { PlanContext } from '../plan.ts';
import { COLUMNS_FIRST } from './backfill.ts';
import { freeFunctionName } from './function-name.ts';
import type { TableTarget } from './table-target.ts';

/**
 * Types of which two values are equal only where they are the same to a reader. Of others, 1.0 and 1.00, or 'A' and 'a'
 * of citext, are equal and yet not the same, or there is no equality at all (json, point).
 */
const PLAIN_TYPES = new Set([
  'int2',
  'int4',
  'int8',
  'bool',
  'uuid',
  'date',
  'timestamp',
  'timestamptz',
  'time',
  'text',
  'varchar',
  'bytea',
  'oid',
]);

/** SQL that is true where two values of one type are not the same, NULLs counted as values. */
export function differs(
  type: TypeName | undefined,
  collation: string | undefined,
  left: string,
  right: string,
): string {
  const isPlain =
    type !== undefined &&
    type.schema === undefined &&
    type.arrayDimensions === 0 &&
    collation === undefined &&
    PLAIN_TYPES.has(type.name);
  return isPlain ? `${left} IS DISTINCT FROM ${right}` : `record_image_ne(ROW(${left}), ROW(${right}))`;
}

/** The default as the trigger can compare with it: undefined where there is none, or where each evaluation gives another value. */
export function steadyDefault(context: PlanContext, column: Column): string | undefined {
  if (column.default === undefined || (column.default.tree.kind === 'literal' && column.default.tree.value === null))
    return undefined;
  return isVolatile(column.default, context.schema, context.target.version) === false ? column.default.text : undefined;
}

/** A trigger and its function, as SQL statements. */
export interface SyncTrigger {
  /** Function and trigger. */
  readonly create: string;
  readonly drop: string;
  /** CREATE OR REPLACE of the function alone, with another body. */
  replaceBody(lines: readonly string[]): string;
}

/** Body that keeps two names of one value in step, whichever a writer knows: what was given, or changed, goes into the other. */
export function twoWayLines(context: PlanContext, old: Column, newName: string): readonly string[] {
  const { quoteName } = context.engine;
  const left = `NEW.${quoteName(old.name)}`;
  const right = `NEW.${quoteName(newName)}`;
  const value = steadyDefault(context, old);
  const isGiven =
    value === undefined
      ? `${right} IS NOT NULL`
      : differs(old.type, old.collation, right, `CAST(${value} AS ${old.type?.display ?? 'text'})`);
  return [
    "  IF TG_OP = 'INSERT' THEN",
    `    IF ${isGiven} THEN ${left} := ${right}; ELSE ${right} := ${left}; END IF;`,
    `  ELSIF ${differs(old.type, old.collation, right, `OLD.${quoteName(newName)}`)} THEN`,
    `    ${left} := ${right};`,
    '  ELSE',
    `    ${right} := ${left};`,
    '  END IF;',
  ];
}

/**
 * A trigger that changes the row before it is written.
 *
 * Where other triggers do the same, ours runs before them, so that they find the old name filled whoever writes, and once
 * more behind them, when what they did to the old name goes into the new one: `last` says how.
 */
export function syncTrigger(
  context: PlanContext,
  table: TableTarget,
  relation: Relation,
  words: readonly string[],
  lines: readonly string[],
  last: string,
): SyncTrigger {
  const { quoteName } = context.engine;
  const name = freeFunctionName(context, relation.schema, ['lockstep', table.name, ...words], 'sync');
  const schema = table.sql.includes('.') ? `${quoteName(relation.schema)}.` : '';
  const routine = `${schema}${quoteName(name)}`;
  const others = relation.triggers.some((trigger) => trigger.timing === 'before' && trigger.forEachRow);
  const body = (content: readonly string[]): string =>
    [
      'RETURNS trigger LANGUAGE plpgsql AS $lockstep$',
      COLUMNS_FIRST,
      'BEGIN',
      ...(others ? [`  IF TG_NARGS > 0 THEN ${last} RETURN NEW; END IF;`] : []),
      ...content,
      '  RETURN NEW;',
      'END',
      '$lockstep$;',
    ].join('\n');
  // PostgreSQL fires triggers of one kind in the order of their names' bytes.
  const first = quoteName(others ? limitedName(['0'], name.slice(0, 55)) : name);
  const behind = quoteName(limitedName(['~'], name.slice(0, 55)));
  const trigger = (named: string, argument: string): string =>
    `CREATE TRIGGER ${named} BEFORE INSERT OR UPDATE ON ${table.sql} FOR EACH ROW EXECUTE FUNCTION ${routine}(${argument});`;
  return {
    create: [
      `CREATE FUNCTION ${routine}() ${body(lines)}`,
      trigger(first, ''),
      ...(others ? [trigger(behind, "'last'")] : []),
    ].join('\n'),
    drop: [
      ...(others ? [`DROP TRIGGER ${behind} ON ${table.sql};`] : []),
      `DROP TRIGGER ${first} ON ${table.sql};`,
      `DROP FUNCTION ${routine}();`,
    ].join('\n'),
    replaceBody: (content) => `CREATE OR REPLACE FUNCTION ${routine}() ${body(content)}`,
  };
}
