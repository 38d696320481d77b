import type { Rule } from './rule.ts';
import { blockedTitle, lockTitle } from './facts/subject.ts';
import { firstUnlimitedLock } from './facts/timeouts.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY);';

/** A statement that works under a strong lock for as long as it takes. */
export const statementTimeoutMissing: Rule = {
  code: 'statement-timeout-missing',
  aliases: ['require-statement-timeout'],
  title: 'The newest migration works under a lock without a limit',
  severity: 'hint',
  preset: 'all',
  dialects: ['postgresql'],
  why:
    'lock_timeout limits the waiting for a lock, not the work behind it: a statement that was expected to touch the catalog only, and reads every row instead, keeps its lock until it is done. ' +
    'With statement_timeout it gives up, and the migration rolls back. ' +
    'Builds with CONCURRENTLY and batches of a backfill take long without a strong lock; they need no limit. It looks at the newest migration only.',
  docs: ['https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-STATEMENT-TIMEOUT'],
  bad: [
    {
      title: 'No limit',
      dialect: 'postgresql',
      before: [TABLE],
      sql: "SET LOCAL lock_timeout = '2s';\n<|ALTER TABLE users ADD COLUMN nick text|>;",
    },
    {
      title: 'Zero is no limit',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'SET statement_timeout TO 0;\n<|ALTER TABLE users ADD COLUMN nick text|>;',
    },
  ],
  good: [
    {
      title: 'Half a minute',
      dialect: 'postgresql',
      before: [TABLE],
      sql: "SET LOCAL statement_timeout = '30s';\nALTER TABLE users ADD COLUMN nick text;",
    },
    {
      title: 'An index beside the writes',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY users_id ON users USING hash (id);',
    },
    {
      title: 'A new table',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'CREATE TABLE orders (id bigint PRIMARY KEY);',
    },
  ],
  *check(context) {
    const lock = firstUnlimitedLock(context, 'statement_timeout');
    if (lock === undefined) return;
    const { statement, effect } = lock;
    yield {
      statement,
      span: { start: 0, end: statement.source.text.length },
      relation: { schema: effect.schema, name: effect.relation },
      message: `This holds ${lockTitle(effect.lock)} on ${effect.relation} for as long as it works, and ${blockedTitle(effect.blocks)} wait until it is done: set statement_timeout first, so that it gives up where it takes longer than expected.`,
    };
  },
};
