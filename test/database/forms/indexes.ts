import { forms, type FormFamily } from './form.ts';

/** Indexes inside a transaction. */
export const indexes: FormFamily = {
  title: 'Indexes',
  forms: [
    ...forms([
      'CREATE INDEX ix ON users (age)',
      'CREATE INDEX ON users (age)',
      'CREATE INDEX IF NOT EXISTS ix ON users (age)',
      'CREATE INDEX IF NOT EXISTS users_email_idx ON users (email)',
      'CREATE UNIQUE INDEX ix ON users (order_id)',
      'CREATE INDEX ix ON users (lower(name)) WHERE age > 5',
      'CREATE INDEX ix ON users USING hash (name)',
      'CREATE INDEX ix ON users USING brin (id)',
      'CREATE INDEX ix ON users (age) INCLUDE (name)',
      'CREATE INDEX ix ON users USING gin (nums)',
      'CREATE INDEX ix ON plainly USING btree (a DESC NULLS LAST, b text_pattern_ops)',
      'CREATE INDEX ix ON ONLY events (id)',
      'CREATE INDEX ix ON events (id)',
      'CREATE INDEX ix ON metrics (user_id)',
      'CREATE INDEX ix ON par (n)',
      'CREATE INDEX ix ON chi (n)',
      'CREATE INDEX ix ON mv (total)',
      'CREATE UNIQUE INDEX ix ON mv_bare (id)',
      'CREATE INDEX "Ein Index" ON "Mixed Case" ("quote""d")',
      'CREATE INDEX ix ON app."Straße" ("Nr")',
      'CREATE INDEX ix ON unl (id) WITH (fillfactor = 70)',
      'DROP INDEX users_email_idx',
      'DROP INDEX IF EXISTS users_email_idx',
      'DROP INDEX IF EXISTS nothing',
      'DROP INDEX users_email_idx, users_name_idx',
      'DROP INDEX users_email_idx, chi_id_idx CASCADE',
      'DROP INDEX metrics_value_idx',
      'DROP INDEX mv_uq',
      'DROP INDEX "Mixed Idx"',
      'ALTER INDEX users_email_idx RENAME TO ux',
      'ALTER INDEX users_pkey RENAME TO ux',
      'ALTER INDEX IF EXISTS nothing RENAME TO ux',
      'ALTER TABLE users_email_idx RENAME TO ux',
      'ALTER INDEX users_email_idx SET TABLESPACE pg_default',
      'ALTER INDEX users_email_idx SET (fillfactor = 70)',
      'ALTER INDEX users_email_idx RESET (fillfactor)',
      'ALTER INDEX users_lower_idx ALTER COLUMN 1 SET STATISTICS 100',
      'REINDEX INDEX users_email_idx',
      'REINDEX TABLE users',
      'REINDEX TABLE items',
      'REINDEX TABLE plainly',
      'REINDEX TABLE mv',
      'REINDEX INDEX users_pkey',
      'REINDEX INDEX "Mixed Idx"',
      'REINDEX INDEX metrics_1_pkey',
      'CLUSTER users USING users_email_idx',
      'CLUSTER users_email_idx ON users',
      'CLUSTER clustered',
      'CLUSTER clustered USING clustered_pkey',
      'CLUSTER mv USING mv_uq',
    ]),
    ...forms(['REINDEX (VERBOSE) INDEX users_email_idx'], { from: 13 }),
    ...forms(['REINDEX (TABLESPACE elsewhere) TABLE orders', 'REINDEX (TABLESPACE elsewhere) INDEX users_email_idx'], {
      from: 14,
    }),
    ...forms(['CREATE UNIQUE INDEX ix ON users (order_id) NULLS NOT DISTINCT'], { from: 15 }),
  ],
};

const readers = (table: string): readonly string[] => [`LOCK TABLE ${table} IN ROW EXCLUSIVE MODE`];

/** Index builds and maintenance that refuse a transaction block. */
export const concurrent: FormFamily = {
  title: 'Outside a transaction',
  forms: [
    {
      sql: 'CREATE INDEX CONCURRENTLY ix ON users (age)',
      outside: {
        behind: ['LOCK TABLE users IN SHARE UPDATE EXCLUSIVE MODE', ...readers('users')],
        undo: 'DROP INDEX IF EXISTS ix',
      },
    },
    {
      sql: 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ix ON users (order_id)',
      outside: { behind: readers('users'), undo: 'DROP INDEX IF EXISTS ix' },
    },
    {
      sql: 'CREATE INDEX CONCURRENTLY ix ON mv (total)',
      outside: { behind: ['SELECT 1 FROM mv LIMIT 1'], undo: 'DROP INDEX IF EXISTS ix' },
    },
    {
      sql: 'DROP INDEX CONCURRENTLY IF EXISTS users_email_idx',
      outside: {
        behind: readers('users'),
        undo: 'DROP INDEX IF EXISTS users_email_idx; CREATE INDEX users_email_idx ON users (email)',
      },
    },
    { sql: 'REINDEX INDEX CONCURRENTLY users_name_idx', outside: { behind: readers('users') } },
    { sql: 'REINDEX TABLE CONCURRENTLY items', outside: { behind: readers('items') } },
    { sql: 'REINDEX TABLE CONCURRENTLY mv', outside: { behind: ['SELECT 1 FROM mv LIMIT 1'] } },
    { sql: 'VACUUM users', outside: { behind: ['LOCK TABLE users IN SHARE UPDATE EXCLUSIVE MODE'] } },
    { sql: 'VACUUM (ANALYZE) users', outside: { behind: ['LOCK TABLE users IN SHARE UPDATE EXCLUSIVE MODE'] } },
    {
      sql: 'VACUUM FULL items',
      outside: { behind: ['ALTER INDEX items_pkey SET (fillfactor = 90)', 'LOCK TABLE items IN ACCESS SHARE MODE'] },
    },
    { sql: 'VACUUM FULL plainly', outside: { behind: ['LOCK TABLE plainly IN ACCESS SHARE MODE'] } },
    {
      sql: 'VACUUM (FULL) clustered',
      outside: {
        behind: [
          'ALTER INDEX clustered_pkey SET (fillfactor = 90)',
          'ALTER INDEX clustered_v SET (fillfactor = 90)',
          'LOCK TABLE clustered IN ACCESS SHARE MODE',
        ],
      },
    },
    {
      sql: 'VACUUM FULL mv',
      outside: { behind: ['ALTER INDEX mv_uq SET (fillfactor = 90)', 'SELECT 1 FROM mv LIMIT 1'] },
    },
    {
      sql: 'REINDEX TABLE part_ref',
      from: 14,
      outside: {
        behind: [
          'SELECT 1 FROM part_ref_1 LIMIT 1',
          'LOCK TABLE part_ref_1 IN ROW EXCLUSIVE MODE',
          'LOCK TABLE part_ref IN ROW EXCLUSIVE MODE',
        ],
      },
    },
    {
      sql: 'REINDEX INDEX metrics_value_idx',
      from: 14,
      outside: {
        behind: [
          'SELECT 1 FROM metrics_1 LIMIT 1',
          'SELECT 1 FROM metrics_2a LIMIT 1',
          'LOCK TABLE metrics_1 IN ROW EXCLUSIVE MODE',
          'LOCK TABLE metrics_2a IN ROW EXCLUSIVE MODE',
          'LOCK TABLE metrics IN ROW EXCLUSIVE MODE',
        ],
      },
    },
    {
      sql: 'VACUUM (TRUNCATE false) metrics',
      outside: {
        behind: [
          'COMMENT ON TABLE metrics IS NULL',
          'COMMENT ON TABLE metrics_2 IS NULL',
          'LOCK TABLE metrics_1 IN SHARE UPDATE EXCLUSIVE MODE',
          'LOCK TABLE metrics_2a IN SHARE UPDATE EXCLUSIVE MODE',
        ],
      },
    },
    { sql: 'CREATE DATABASE other_database', outside: { behind: ['SELECT 1'], undo: 'DROP DATABASE other_database' } },
    {
      sql: 'ALTER TABLE events DETACH PARTITION events_2024 CONCURRENTLY',
      from: 14,
      outside: { behind: ['LOCK TABLE events_2024 IN ACCESS SHARE MODE'] },
    },
    { sql: 'ALTER SYSTEM SET work_mem = 4096', outside: { behind: ['SELECT 1'], undo: 'ALTER SYSTEM RESET work_mem' } },
  ],
};
