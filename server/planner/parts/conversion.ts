import type { TableActionDetail } from '../../model/operation.ts';
import type { Column } from '../../model/schema.ts';
import type { TypeName } from '../../model/type-name.ts';
import type { PlanContext } from '../plan.ts';
import type { TableTarget } from './table-target.ts';

/** Types, by internal name, that hold every value of another without loss. Text holds all: every value has a text form. */
const HOLDS: Readonly<Record<string, readonly string[]>> = {
  int4: ['int2'],
  int8: ['int2', 'int4'],
  numeric: ['int2', 'int4', 'int8'],
  float8: ['float4', 'int2', 'int4'],
  float4: ['int2'],
  timestamp: ['date'],
  varchar: ['text', 'name'],
  jsonb: [],
  oid: [],
};

/** Types whose values mean another moment in another session's time zone. */
const ZONED = new Set(['timestamptz', 'timetz']);
const UNZONED = new Set(['timestamp', 'time', 'date', 'text', 'varchar', 'bpchar']);

/** How a column's values become those of another type, and whether they can come back. SQL fragments, already quoted. */
export interface Conversion {
  /** Over the table's row: what the new column is set to. */
  readonly assigned: string;
  /** The same as an expression that has the new type. */
  readonly compared: string;
  /** PL/pgSQL statements that fill `target` of NEW from the row. */
  lines(target: string): readonly string[];
  /** Whether no value of the old type is refused. */
  readonly isTotal: boolean;
  /** Whether the value that was converted can be converted back: not where USING computes it. */
  readonly hasWayBack: boolean;
}

/** The conversion that an ALTER COLUMN TYPE asks for; a text says why two columns cannot be kept in step by it. */
export function conversionOf(
  context: PlanContext,
  table: TableTarget,
  column: Column,
  action: Extract<TableActionDetail, { readonly kind: 'alter-type' }>,
  typeSql: string,
): Conversion | string {
  const { quoteName } = context.engine;
  const from = column.type;
  if (from === undefined) return `The type of ${table.shown}."${column.name}" is not known: connect to the database.`;
  const { using } = action;
  const isPlain = using === undefined || isCastOf(using.tree, column.name, action.type);
  if (
    isPlain &&
    ((ZONED.has(action.type.name) && UNZONED.has(from.name)) || (ZONED.has(from.name) && UNZONED.has(action.type.name)))
  ) {
    return `What ${from.display} means as ${action.type.display} depends on the time zone of whoever writes: say it by USING "${column.name}" AT TIME ZONE 'UTC', or whichever zone the values are in.`;
  }
  const quoted = quoteName(column.name);
  if (isPlain) {
    // Without USING the server assigns, which refuses what does not fit; a written cast may cut it short.
    const assigned = using === undefined ? quoted : using.text;
    return {
      assigned,
      compared: using === undefined ? `CAST(${quoted} AS ${typeSql})` : using.text,
      hasWayBack: true,
      isTotal: isTotal(from, action.type),
      lines: (target) =>
        guarded(
          isTotal(from, action.type),
          target,
          using === undefined
            ? `NEW.${quoted}`
            : `(SELECT ${using.text} FROM (SELECT NEW.*) AS ${quoteName(table.name)})`,
        ),
    };
  }
  return {
    assigned: using.text,
    compared: `CAST(${using.text} AS ${typeSql})`,
    hasWayBack: false,
    isTotal: false,
    // The row stands as a table of the table's own name, so that the expression reads as it is written.
    lines: (target) => guarded(false, target, `(SELECT ${using.text} FROM (SELECT NEW.*) AS ${quoteName(table.name)})`),
  };
}

/** Fills a column of NEW; where a value may not fit, it is left empty and the writer goes on. */
export function guarded(cannotFail: boolean, target: string, value: string): readonly string[] {
  return cannotFail
    ? [`  ${target} := ${value};`]
    : [
        '  BEGIN',
        `    ${target} := ${value};`,
        '  EXCEPTION WHEN data_exception OR integrity_constraint_violation OR syntax_error_or_access_rule_violation THEN',
        `    ${target} := NULL;`,
        '  END;',
      ];
}

/** Whether every value of one type is one of the other. */
export function isTotal(from: TypeName, to: TypeName): boolean {
  if (from.arrayDimensions > 0 || to.arrayDimensions > 0 || to.modifiers.length > 0 || to.schema !== undefined)
    return false;
  return to.name === 'text' || from.name === to.name || HOLDS[to.name]?.includes(from.name) === true;
}

/** USING that says no more than the type, over whatever other types: `c::bigint`, `c::text::mood`. */
function isCastOf(
  tree: NonNullable<Extract<TableActionDetail, { readonly kind: 'alter-type' }>['using']>['tree'],
  column: string,
  type: TypeName,
): boolean {
  if (tree.kind === 'column') return tree.path.at(-1) === column;
  if (tree.kind !== 'cast' || tree.type.name !== type.name) return false;
  let inner = tree.operands[0];
  while (inner.kind === 'cast') [inner] = inner.operands;
  return inner.kind === 'column' && inner.path.at(-1) === column;
}
