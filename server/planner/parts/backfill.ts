import { FILL_NOTICE, FILL_SETTINGS, LAG_NOTICE } from '../../model/fill-notice.ts';
import type { AskedValue } from '../../model/asked-value.ts';
import type { PlanContext } from '../plan.ts';
import type { Requirement, Step } from '../step.ts';
import { slugOf } from '../names.ts';
import type { TableTarget } from './table-target.ts';

/** Rows of one batch: short enough that nobody waits for long, long enough that a large table is done in hours, not days. */
const BATCH_ROWS = 1_000;
/** Pause between batches, in seconds: leaves room for other work and for replicas. */
const PAUSE_SECONDS = 0.02;

/** Who runs the file by another tool reads a line now and then; the runner asks for one a second. */
const NOTICE_SECONDS = 10;

/** A session setting, or what holds without it. */
function setting(name: string, otherwise: number | 'Infinity'): string {
  return `coalesce(nullif(current_setting('${name}', true), ''), '${otherwise}')`;
}

const ROWS = `${setting(FILL_SETTINGS.rows, BATCH_ROWS)}::bigint`;
const NOTICE = `${setting(FILL_SETTINGS.notice, NOTICE_SECONDS)}::float8`;
const PAUSE = `${setting(FILL_SETTINGS.pause, PAUSE_SECONDS)}::float8`;
const LAG = `${setting(FILL_SETTINGS.maxLag, 'Infinity')}::float8`;

/** A column may be called `found`, as a variable that PL/pgSQL always has. */
export const COLUMNS_FIRST = '#variable_conflict use_column';

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
  readonly asked?: AskedValue | undefined;
}

/** The step that fills old rows in batches, each committed by itself, so that it may be stopped and run again at any point. */
export function backfillStep(context: PlanContext, request: BackfillRequest): Step {
  const { table } = request;
  return {
    phase: 'migrate',
    title: `Fill ${table.shown}.${request.column} in old rows`,
    slug: slugOf('fill', table.name, request.column),
    up: context.engine.product.capabilities.commitsInBlocks
      ? postgresLoop(context, request)
      : `UPDATE ${table.sql} SET ${request.assignment} WHERE ${request.predicate};`,
    down: 'SELECT 1; -- Nothing to take back: the values go with the column.',
    transaction: context.engine.product.capabilities.commitsInBlocks ? 'none' : 'one',
    requires: request.requires,
    notes: [...request.notes, ...firing(table)],
    ...(request.asked === undefined ? {} : { asked: [request.asked] }),
  };
}

/** What else a fill sets off. */
function firing(table: TableTarget): readonly string[] {
  const names = (table.relation?.triggers ?? [])
    .filter((trigger) => trigger.forEachRow && trigger.events.includes('update'))
    .map((trigger) => trigger.name);
  return names.length === 0 ? [] : [`Each row that is filled fires ${names.join(', ')}, as any UPDATE does.`];
}

function postgresLoop(context: PlanContext, request: BackfillRequest): string {
  const { sql, relation } = request.table;
  const primaryKey = relation?.constraints.find((constraint) => constraint.kind === 'primary-key')?.columns;
  const only = primaryKey?.length === 1 ? primaryKey[0] : undefined;
  const update = `UPDATE ${sql} SET ${request.assignment}`;
  if (only === undefined || relation?.kind === 'partitioned-table') {
    return batchLoop(context, sql, {
      batch: [
        `    ${update} WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM ${sql} WHERE ${request.predicate} LIMIT ${ROWS});`,
        COUNTED,
        ...endOfRows(`SELECT FROM ${sql} WHERE ${request.predicate}`),
      ],
    });
  }
  const key = context.engine.quoteName(only);
  return keyLoop(
    context,
    sql,
    [{ name: key, written: key }],
    (range) => `${update} WHERE ${range} AND ${request.predicate};`,
  );
}

/** A column of a key, quoted: its name, and as the statement that runs in batches writes it. */
export interface KeyPart {
  readonly name: string;
  readonly written: string;
}

/** A DO block that runs a statement for one range of the key after another; `statement` makes it of the range's condition. */
function keyLoop(
  context: PlanContext,
  sql: string,
  key: readonly KeyPart[],
  statement: (range: string) => string,
): string {
  const variables = (name: string): readonly string[] =>
    key.map((_, index) => `lockstep_${name}${key.length === 1 ? '' : `_${index + 1}`}`);
  const row = (parts: readonly string[]): string => (parts.length === 1 ? (parts[0] ?? '') : `(${parts.join(', ')})`);
  const [done, upto, last] = [variables('done'), variables('upto'), variables('last')];
  const names = key.map(({ name }) => name);
  const columns = names.join(', ');
  const written = row(key.map((part) => part.written));
  const descending = names.map((name) => `${name} DESC`).join(', ');
  return batchLoop(context, sql, {
    variables: [done, upto, last].flatMap((kind) =>
      kind.map((variable, index) => `  ${variable} ${sql}.${names[index] ?? ''}%TYPE;`),
    ),
    first: [
      '  -- Rows that come later are written whole, and a loop that followed them would never end.',
      `  SELECT ${columns} INTO ${last.join(', ')} FROM ${sql} ORDER BY ${descending} LIMIT 1;`,
      `  SELECT ${columns} INTO ${done.join(', ')} FROM ${sql} ORDER BY ${columns} LIMIT 1;`,
      `  ${statement(`${written} = ${row(done)}`)}`,
    ],
    batch: [
      `    SELECT ${columns}, count(*) OVER () INTO ${upto.join(', ')}, lockstep_batch FROM (SELECT ${columns} FROM ${sql} WHERE ${row(names)} > ${row(done)} AND ${row(names)} <= ${row(last)} ORDER BY ${columns} LIMIT ${ROWS}) AS batch ORDER BY ${descending} LIMIT 1;`,
      '    EXIT WHEN NOT FOUND;',
      `    ${statement(`${written} > ${row(done)} AND ${written} <= ${row(upto)}`)}`,
    ],
    after: done.map((variable, index) => `    ${variable} := ${upto[index] ?? ''};`),
  });
}

/** What one batch does after another; lines of PL/pgSQL. */
interface Batches {
  readonly variables?: readonly string[];
  /** In the transaction of the first batch. */
  readonly first?: readonly string[];
  /** Ends the loop where nothing is left, else says in `lockstep_batch` how many rows it took. */
  readonly batch: readonly string[];
  /** Behind the COMMIT of a batch. */
  readonly after?: readonly string[];
}

/** A DO block that commits each batch by itself, tells how far it is, and rests between them. */
function batchLoop(
  context: PlanContext,
  sql: string,
  { variables = [], first = [], batch, after = [] }: Batches,
): string {
  return [
    'DO $backfill$',
    COLUMNS_FIRST,
    'DECLARE',
    ...variables,
    ...COUNTERS,
    'BEGIN',
    ...first,
    '  LOOP',
    ...batch,
    '    COMMIT;',
    ...after,
    ...progress(context, sql),
    `    PERFORM pg_sleep(${PAUSE});`,
    ...waitForReplicas(),
    '  END LOOP;',
    'END',
    '$backfill$;',
  ].join('\n');
}

/** How many rows the statement before it changed. */
const COUNTED = '    GET DIAGNOSTICS lockstep_batch = ROW_COUNT;';

/** Variables that `progress` counts in. */
const COUNTERS: readonly string[] = [
  '  lockstep_batch bigint;',
  '  lockstep_rows bigint := 0;',
  '  lockstep_told timestamptz := clock_timestamp();',
];

/** Waits while a replica is too far behind, in no transaction that others would wait for; whoever may not see the replicas waits for none. */
function waitForReplicas(): readonly string[] {
  const lag = '(SELECT coalesce(max(extract(epoch FROM replay_lag)), 0)::bigint FROM pg_catalog.pg_stat_replication)';
  return [
    `    WHILE ${lag} > ${LAG} LOOP`,
    '      COMMIT;',
    `      RAISE NOTICE '${LAG_NOTICE}', ${lag};`,
    '      PERFORM pg_sleep(1);',
    '    END LOOP;',
  ];
}

/** Counts the rows of a batch, and now and then tells how many there were; the total is the planner's estimate. */
function progress({ engine }: PlanContext, sql: string): readonly string[] {
  return [
    '    lockstep_rows := lockstep_rows + lockstep_batch;',
    `    IF clock_timestamp() > lockstep_told + make_interval(secs => ${NOTICE}) THEN`,
    `      RAISE NOTICE '${FILL_NOTICE}', lockstep_rows, (SELECT reltuples::bigint FROM pg_catalog.pg_class WHERE oid = ${engine.quoteText(sql)}::regclass);`,
    '      lockstep_told := clock_timestamp();',
    '    END IF;',
  ];
}

/** Rows that are changed as a list of their keys says; all SQL, already quoted. */
export interface QueuedRows {
  /** The table that changes. */
  readonly sql: string;
  /** The table of the keys, which is empty at the end. */
  readonly kept: string;
  /** Changes the rows of a batch, which is called `lockstep_kept`. */
  readonly statement: string;
}

/** A DO block that takes one batch after another out of a list and changes its rows in the same transaction. */
export function queuedLoop(context: PlanContext, { sql, kept, statement }: QueuedRows): string {
  return batchLoop(context, sql, {
    batch: [
      `    EXIT WHEN NOT EXISTS (SELECT FROM ${kept});`,
      `    WITH lockstep_kept AS (DELETE FROM ${kept} WHERE ctid IN (SELECT ctid FROM ${kept} LIMIT ${ROWS}) RETURNING *) ${statement}`,
      COUNTED,
    ],
  });
}

/** What a copy of rows into another table reads and writes; all SQL, already quoted. */
export interface CopyRequest {
  /** Has a primary key of one column. */
  readonly table: TableTarget;
  /** For titles: where the rows go. */
  readonly column: string;
  /** `INSERT INTO new (...) SELECT ... FROM old`, to which WHERE is added. */
  readonly into: string;
  readonly predicate: string;
  /** Keeps what is there already: `ON CONFLICT (id) DO NOTHING`. */
  readonly conflict: string;
}

/** The step that copies old rows into another table in batches of the key, each committed by itself. */
export function copyStep(context: PlanContext, request: CopyRequest): Step {
  return {
    phase: 'migrate',
    title: `Copy old rows of ${request.table.shown} into ${request.column}`,
    slug: slugOf('copy', request.table.name, request.column),
    up: keyedLoop(
      context,
      request.table,
      (range) => `${request.into} WHERE ${range} AND ${request.predicate} ${request.conflict};`,
    ),
    down: 'SELECT 1; -- Nothing to take back: the rows go with the table.',
    transaction: 'none',
    requires: [],
    notes: [],
  };
}

/** A loop over the ranges of a table's one key column; `statement` makes what it runs of the range's condition. */
export function keyedLoop(context: PlanContext, table: TableTarget, statement: (range: string) => string): string {
  return keyLoop(context, table.sql, keyOf(context, table, undefined).slice(0, 1), statement);
}

/** The primary key of a table as a statement writes it that calls the table by this name; empty where there is none. */
export function keyOf({ engine }: PlanContext, table: TableTarget, reference: string | undefined): readonly KeyPart[] {
  const key = table.relation?.constraints.find((constraint) => constraint.kind === 'primary-key')?.columns ?? [];
  return key.map((column) => {
    const name = engine.quoteName(column);
    return { name, written: reference === undefined ? name : `${reference}.${name}` };
  });
}

/** A statement to be done in batches; all SQL, already quoted. */
export interface BatchedStatement {
  /** The primary key of the table whose rows make the batches; empty where there is none. */
  readonly key: readonly KeyPart[];
  /** The table as the statement calls it: its name, or its alias. */
  readonly reference: string;
  /** Up to its WHERE. */
  readonly body: string;
  /** Conditions that all must hold. */
  readonly condition: readonly string[];
  /** Behind the condition. */
  readonly tail?: string;
  /** The tables that the statement names, as FROM has them, where it may do without a key: rows that are done meet the condition no more. */
  readonly rows?: string;
}

/** The loop that runs a statement batch by batch; a text says why there is none. */
export function batchedStatement(
  context: PlanContext,
  table: TableTarget,
  { key, reference, body, condition, tail = '', rows }: BatchedStatement,
): { readonly sql: string } | string {
  const whole = (part: string): string =>
    `${body} WHERE ${[part, ...condition].join(' AND ')}${tail === '' ? '' : ` ${tail}`};`;
  if (key.length > 0 && table.relation?.kind !== 'partitioned-table')
    return { sql: keyLoop(context, table.sql, key, whole) };
  if (rows === undefined)
    return `${table.shown} has no primary key to make batches by: give it one, or change the rows by a script.`;
  const where = condition.length === 0 ? '' : ` WHERE ${condition.join(' AND ')}`;
  const place = `(${reference}.tableoid, ${reference}.ctid)`;
  const chosen = `SELECT ${reference}.tableoid, ${reference}.ctid FROM ${rows}${where} LIMIT ${ROWS}`;
  return {
    sql: batchLoop(context, table.sql, {
      batch: [`    ${whole(`${place} IN (${chosen})`)}`, COUNTED, ...endOfRows(`SELECT FROM ${rows}${where}`)],
    }),
  };
}

/** The end of a loop without a key: a batch whose rows others have changed meanwhile changes none, and is no end. */
function endOfRows(left: string): readonly string[] {
  return [`    EXIT WHEN NOT FOUND AND NOT EXISTS (${left});`];
}
