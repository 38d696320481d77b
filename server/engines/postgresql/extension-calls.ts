import type { PostgresLockMode } from '../../model/effect.ts';
import type { Span } from '../../core/span.ts';
import type { ObjectName } from '../../model/names.ts';
import type { Operation, Query } from '../../model/operation.ts';
import type { StatementBody } from '../engine.ts';

/** What the documentation of an extension says of one of its functions. */
interface ExtensionCall {
  readonly extension: string;
  /** Lock on the table that it names; absent where it locks none that exists. */
  readonly lock?: PostgresLockMode;
  /** A clause behind "it": what it does, and what is forbidden afterwards. */
  readonly does: string;
  /** Columns, keys or partitions of the table are others afterwards. */
  readonly changesTable: boolean;
}

const TIMESCALE = 'TimescaleDB';
const CITUS = 'Citus';
const PARTMAN = 'pg_partman';

/**
 * Functions of extensions that change tables or set something going that does.
 *
 * None of this is measured here. Sources: docs.timescale.com/api, docs.citusdata.com ("Citus Utility Functions"),
 * pg_partman's doc/pg_partman.md, pg_cron's README, postgis.net/docs (AddGeometryColumn).
 */
const CALLS: Readonly<Record<string, ExtensionCall>> = {
  create_hypertable: {
    extension: TIMESCALE,
    lock: 'AccessExclusiveLock',
    does: 'turns the table into a hypertable, with migrate_data moving all its rows under the lock; afterwards each unique index must have the time column, and no index of it is built CONCURRENTLY',
    changesTable: true,
  },
  add_dimension: {
    extension: TIMESCALE,
    lock: 'AccessExclusiveLock',
    does: 'divides the hypertable by one more column, which each unique index must have',
    changesTable: true,
  },
  add_retention_policy: {
    extension: TIMESCALE,
    does: 'makes a job that drops whole chunks, and the rows in them, when they are old enough',
    changesTable: false,
  },
  add_compression_policy: {
    extension: TIMESCALE,
    does: 'makes a job that compresses chunks; each is locked while that is done',
    changesTable: false,
  },
  add_continuous_aggregate_policy: {
    extension: TIMESCALE,
    does: 'makes a job that refreshes the aggregate',
    changesTable: false,
  },
  drop_chunks: {
    extension: TIMESCALE,
    lock: 'AccessExclusiveLock',
    does: 'drops whole chunks with all rows in them',
    changesTable: false,
  },
  create_distributed_table: {
    extension: CITUS,
    lock: 'ExclusiveLock',
    does: 'moves all rows to the shards while writes wait; afterwards each unique index must have the distribution column (create_distributed_table_concurrently lets writes go on)',
    changesTable: true,
  },
  create_distributed_table_concurrently: {
    extension: CITUS,
    lock: 'ShareUpdateExclusiveLock',
    does: 'moves all rows to the shards while writes go on, and cannot run in a transaction; afterwards each unique index must have the distribution column',
    changesTable: true,
  },
  create_reference_table: {
    extension: CITUS,
    lock: 'ExclusiveLock',
    does: 'copies all rows to each node while writes wait',
    changesTable: true,
  },
  citus_add_local_table_to_metadata: {
    extension: CITUS,
    lock: 'AccessExclusiveLock',
    does: 'makes the table a shard of its own',
    changesTable: true,
  },
  undistribute_table: {
    extension: CITUS,
    lock: 'AccessExclusiveLock',
    does: 'moves all rows back from the shards while reads and writes wait',
    changesTable: true,
  },
  create_parent: {
    extension: PARTMAN,
    lock: 'AccessExclusiveLock',
    does: 'makes the first partitions and a default one; rows that are in the default one stand in the way of later partitions',
    changesTable: true,
  },
  run_maintenance: {
    extension: PARTMAN,
    does: 'makes partitions that are due, and drops or detaches old ones where retention is set; each takes ACCESS EXCLUSIVE on its partitioned table',
    changesTable: false,
  },
  addgeometrycolumn: {
    extension: 'PostGIS',
    lock: 'AccessExclusiveLock',
    does: 'adds a column to the table, as ALTER TABLE does',
    changesTable: true,
  },
  dropgeometrycolumn: {
    extension: 'PostGIS',
    lock: 'AccessExclusiveLock',
    does: 'drops a column of the table, as ALTER TABLE does',
    changesTable: true,
  },
};

/** Functions whose names alone say too little, by their schema. */
const QUALIFIED: Readonly<Record<string, ExtensionCall>> = {
  'cron.schedule': {
    extension: 'pg_cron',
    does: 'makes a job, whose SQL is not looked at here',
    changesTable: false,
  },
  'cron.schedule_in_database': {
    extension: 'pg_cron',
    does: 'makes a job in another database, whose SQL is not looked at here',
    changesTable: false,
  },
  'cron.unschedule': { extension: 'pg_cron', does: 'ends a job', changesTable: false },
};

/**
 * What a call of an extension's function may do, by its documentation: a lock that may be taken, and a table of which not
 * everything is known afterwards. Undefined for functions that are not known here.
 */
export function extensionCall(
  routine: { readonly schema?: string; readonly name: string },
  query: Query,
  span: Span,
): StatementBody | undefined {
  const call = QUALIFIED[`${routine.schema ?? ''}.${routine.name}`] ?? CALLS[routine.name];
  if (call === undefined) return undefined;
  const relation = call.lock === undefined && !call.changesTable ? undefined : tableOf(routine.name, query.text, span);
  const shown = routine.schema === undefined ? routine.name : `${routine.schema}.${routine.name}`;
  const operations: Operation[] = [];
  if (relation !== undefined && call.lock !== undefined)
    operations.push({
      kind: 'lock-table',
      span,
      relations: [{ relation, only: true }],
      mode: call.lock,
      noWait: false,
      documented: `The documentation of ${call.extension} says that ${shown}`,
      certainty: 'may',
    });
  if (relation !== undefined && call.changesTable)
    operations.push({ kind: 'opaque', span, keepsSchema: true, reason: `${shown} changes it`, doubts: [relation] });
  return {
    operations,
    problems: [
      {
        kind: 'not-analysed',
        message: `Not analysed: from the documentation of ${call.extension}, ${shown} ${call.does}.${relation === undefined || !call.changesTable ? '' : ` What follows about ${relation.name} may be otherwise than its migrations say.`}`,
        span,
      },
    ],
  };
}

/** The table that a call names first, in a constant. */
function tableOf(name: string, text: string, span: Span): ObjectName | undefined {
  const argument = /(?:\w+\s*(?::=|=>)\s*)?'([^']+)'/.source;
  const match = new RegExp(
    `\\b${name}\\s*\\(\\s*${argument}(?:\\s*,\\s*${argument})?(?:\\s*,\\s*${argument})?`,
    'i',
  ).exec(text);
  const [, first, second, third] = match ?? [];
  if (first === undefined) return undefined;
  // AddGeometryColumn has the schema before the table, where it has one.
  const hasSchema = name.endsWith('geometrycolumn') && third !== undefined && second !== undefined;
  const parts = (hasSchema ? `${first}.${second}` : first).split('.').map((part) => part.replaceAll('"', ''));
  const table = parts.at(-1);
  const schema = parts.length === 2 ? parts[0] : undefined;
  return table === undefined || parts.length > 2
    ? undefined
    : { ...(schema === undefined ? {} : { schema }), name: table, span };
}
