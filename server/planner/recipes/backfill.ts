import type { PlanContext } from '../plan.ts';
import type { Requirement, Step } from '../step.ts';
import { slugOf } from '../names.ts';
import type { TableTarget } from './table-target.ts';

/** Rows of one batch: short enough that nobody waits for long, long enough that a large table is done in hours, not days. */
const BATCH_ROWS = 1_000;
/** Pause between batches, in seconds: leaves room for other work and for replicas. */
const PAUSE_SECONDS = 0.02;

/** Session settings that the loops below ask for, so that whoever runs them may choose another batch size and pause. */
const ROWS = `coalesce(nullif(current_setting('lockstep.batch_rows', true), ''), '${BATCH_ROWS}')::bigint`;
const PAUSE = `coalesce(nullif(current_setting('lockstep.pause_seconds', true), ''), '${PAUSE_SECONDS}')::float8`;

/** What a backfill does to the rows of a table; all SQL, already quoted. */
export interface BackfillRequest {
  readonly table: TableTarget;
  readonly column: string;
  /** `"status" = ''` */
  readonly assignment: string;
  /** True for rows that still need work, false after the update. */
  readonly predicate: string;
  readonly requires: readonly Requirement[];
  readonly notes: readonly string[];
}

/** The step that fills old rows in batches, each committed by itself, so that it may be stopped and run again at any point. */
export function backfillStep(context: PlanContext, request: BackfillRequest): Step {
  const { table } = request;
  return {
    phase: 'migrate', title: `Fill ${table.shown}.${request.column} in old rows`, slug: slugOf('fill', table.name, request.column),
    up: context.dialect.id === 'postgresql' ? postgresLoop(context, request) : `UPDATE ${table.sql} SET ${request.assignment} WHERE ${request.predicate};`,
    down: 'SELECT 1; -- Nothing to take back: the values go with the column.',
    transaction: context.dialect.id === 'postgresql' ? 'none' : 'one',
    requires: request.requires, notes: request.notes,
  };
}

function postgresLoop(context: PlanContext, request: BackfillRequest): string {
  const { sql, relation } = request.table;
  const primaryKey = relation?.constraints.find((constraint) => constraint.kind === 'primary-key')?.columns;
  const only = primaryKey?.length === 1 ? primaryKey[0] : undefined;
  const update = `UPDATE ${sql} SET ${request.assignment}`;
  if (only === undefined || relation?.kind === 'partitioned-table') {
    return [
      'DO $backfill$', 'BEGIN', '  LOOP',
      `    ${update} WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM ${sql} WHERE ${request.predicate} LIMIT ${ROWS});`,
      '    EXIT WHEN NOT FOUND;', '    COMMIT;', `    PERFORM pg_sleep(${PAUSE});`, '  END LOOP;', 'END', '$backfill$;',
    ].join('\n');
  }
  const key = context.dialect.quoteName(only);
  return [
    'DO $backfill$', 'DECLARE', `  done ${sql}.${key}%TYPE;`, `  upto ${sql}.${key}%TYPE;`, `  last ${sql}.${key}%TYPE;`, 'BEGIN',
    '  -- Rows that come later are written whole, and a loop that followed them would never end.',
    `  SELECT ${key} INTO last FROM ${sql} ORDER BY ${key} DESC LIMIT 1;`,
    `  SELECT ${key} INTO done FROM ${sql} ORDER BY ${key} LIMIT 1;`,
    `  ${update} WHERE ${key} = done AND ${request.predicate};`,
    '  LOOP',
    `    SELECT ${key} INTO upto FROM (SELECT ${key} FROM ${sql} WHERE ${key} > done AND ${key} <= last ORDER BY ${key} LIMIT ${ROWS}) AS batch ORDER BY ${key} DESC LIMIT 1;`,
    '    EXIT WHEN NOT FOUND;',
    `    ${update} WHERE ${key} > done AND ${key} <= upto AND ${request.predicate};`,
    '    COMMIT;', '    done := upto;', `    PERFORM pg_sleep(${PAUSE});`, '  END LOOP;', 'END', '$backfill$;',
  ].join('\n');
}
