import type { Rule } from './rule.ts';
import { lockTitle } from './facts/subject.ts';
import { firstUnlimitedLock } from './facts/timeouts.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY);';

/** How long a statement waits for a lock after the fix: long enough for short queries, and hardly noticed by those that wait. */
const LOCK_TIMEOUT = '2s';

function limitSetting(isLocal: boolean): string {
  return `SET ${isLocal ? 'LOCAL ' : ''}lock_timeout = '${LOCK_TIMEOUT}';\n`;
}

/** SQL of a transaction with the limit before it; as it is where it is empty or sets one itself. */
export function withLockLimit(sql: string): string {
  const isSet = sql.trim() === '' || /\block_timeout\b/i.test(sql);
  return isSet ? sql : `${limitSetting(true)}${sql}`;
}

/** A strong lock that waits for as long as it takes. */
export const lockTimeoutMissing: Rule = {
  code: 'lock-timeout-missing',
  aliases: ['require-lock-timeout'],
  title: 'The newest migration waits for a lock without a limit',
  severity: 'warning',
  preset: 'strict',
  isOnForCommands: true,
  dialects: ['postgresql'],
  why:
    'A statement that needs a table to itself waits for the longest query that is running on it, and every later query queues behind the waiting statement. ' +
    'With lock_timeout it gives up after a moment, and can be tried again when the table is less busy. ' +
    "Lockstep's own runner sets lock_timeout and tries again, so that this rule is for migrations that another tool runs: it is on where a project's are applied by the tool's own command, and looks at the newest migration only.",
  docs: ['https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT'],
  bad: [
    {
      title: 'No limit',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '<|ALTER TABLE users ADD COLUMN nick text|>;',
      fixed: "SET LOCAL lock_timeout = '2s';\nALTER TABLE users ADD COLUMN nick text;",
    },
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
      relation: { schema: effect.schema, name: effect.relation },
      message: `This waits for ${lockTitle(effect.lock)} on ${effect.relation} for as long as it takes, and every later query of ${effect.relation} waits behind it: set lock_timeout first.`,
    };
  },
  fixes({ statement }) {
    // The statement of a block is no place for a setting of its own.
    if (statement.whole !== undefined) return [];
    const isLocal = statement.transaction === 'one';
    return [
      {
        kind: 'edit',
        title: `Set lock_timeout to ${LOCK_TIMEOUT} first`,
        safety: 'safe',
        edits: [
          {
            span: { start: 0, end: 0 },
            newText: limitSetting(isLocal),
          },
        ],
      },
    ];
  },
};
