import type { Rule } from './rule.ts';
import { lockTitle } from './facts/subject.ts';
import { firstUnlimitedLock } from './facts/timeouts.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY);';

/** A strong lock that waits for as long as it takes. */
export const lockTimeoutMissing: Rule = {
  code: 'lock-timeout-missing',
  aliases: ['require-lock-timeout'],
  title: 'The newest migration waits for a lock without a limit',
  severity: 'warning',
  preset: 'strict',
  dialects: ['postgresql'],
  why:
    'A statement that needs a table to itself waits for the longest query that is running on it, and every later query queues behind the waiting statement. ' +
    'With lock_timeout it gives up after a moment, and can be tried again when the table is less busy. ' +
    "Lockstep's own runner sets lock_timeout and tries again, so that this rule is only for projects whose migrations another tool runs; it looks at the newest migration only.",
  docs: ['https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT'],
  bad: [
    { title: 'No limit', dialect: 'postgresql', before: [TABLE], sql: '<|ALTER TABLE users ADD COLUMN nick text|>;' },
    {
      title: 'Zero is no limit',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'SET lock_timeout = 0;\n<|ALTER TABLE users ADD COLUMN nick text|>;',
    },
    {
      title: 'LOCAL does nothing outside a transaction',
      dialect: 'postgresql',
      before: [TABLE],
      sql: "-- lockstep: no-transaction\nSET LOCAL lock_timeout = '2s';\n<|ALTER TABLE users ADD COLUMN nick text|>;",
    },
  ],
  good: [
    {
      title: 'Two seconds',
      dialect: 'postgresql',
      before: [TABLE],
      sql: "SET LOCAL lock_timeout = '2s';\nALTER TABLE users ADD COLUMN nick text;",
    },
    {
      title: 'A new table',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'CREATE TABLE orders (id bigint PRIMARY KEY);',
    },
  ],
  *check(context) {
    const lock = firstUnlimitedLock(context, 'lock_timeout');
    if (lock === undefined) return;
    const { statement, effect } = lock;
    yield {
      statement,
      span: { start: 0, end: statement.source.text.length },
      relation: `${effect.schema}.${effect.relation}`,
      message: `This waits for ${lockTitle(effect.lock)} on ${effect.relation} for as long as it takes, and every later query of ${effect.relation} waits behind it: set lock_timeout first.`,
    };
  },
};
