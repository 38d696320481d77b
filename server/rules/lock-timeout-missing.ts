import type { Rule } from './rule.ts';
import { lockTitle } from './subject.ts';
import { locksOf } from './transactions.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY);';

/** A strong lock that waits for as long as it takes. */
export const lockTimeoutMissing: Rule = {
  code: 'lock-timeout-missing',
  aliases: ['require-lock-timeout'],
  title: 'The newest migration waits for a lock without a limit',
  severity: 'warning',
  preset: 'strict',
  dialects: ['postgresql'],
  why: 'A statement that needs a table to itself waits for the longest query that is running on it, and every later query queues behind the waiting statement. '
    + 'With lock_timeout it gives up after a moment, and can be tried again when the table is less busy. '
    + 'Lockstep\'s own runner sets lock_timeout and tries again, so that this rule is only for projects whose migrations another tool runs; it looks at the newest migration only.',
  docs: ['https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT'],
  bad: [
    { title: 'No limit', dialect: 'postgresql', before: [TABLE], sql: '<|ALTER TABLE users ADD COLUMN nick text|>;' },
    { title: 'Zero is no limit', dialect: 'postgresql', before: [TABLE], sql: 'SET lock_timeout = 0;\n<|ALTER TABLE users ADD COLUMN nick text|>;' },
    { title: 'LOCAL does nothing outside a transaction', dialect: 'postgresql', before: [TABLE], sql: '-- lockstep: no-transaction\nSET LOCAL lock_timeout = \'2s\';\n<|ALTER TABLE users ADD COLUMN nick text|>;' },
  ],
  good: [
    { title: 'Two seconds', dialect: 'postgresql', before: [TABLE], sql: 'SET LOCAL lock_timeout = \'2s\';\nALTER TABLE users ADD COLUMN nick text;' },
    { title: 'A new table', dialect: 'postgresql', before: [TABLE], sql: 'CREATE TABLE orders (id bigint PRIMARY KEY);' },
  ],
  *check(context) {
    if (context.folder?.isNewest === false) return;
    let isLimited = false;
    for (const statement of context.statements) {
      if (statement.direction !== 'up') return;
      for (const operation of statement.body.operations) {
        if (operation.kind !== 'set-variable' || operation.name !== 'lock_timeout') continue;
        const isVain = operation.scope === 'local' && statement.transaction === 'none' && !context.statements.some((other) => other.index < statement.index && other.body.operations.some((control) => control.kind === 'transaction-control' && control.action === 'begin'));
        isLimited = !operation.toDefault && !isVain && !/^0+(?:\s*[a-z]+)?$/i.test(operation.values[0] ?? '0');
      }
      const [lock] = isLimited ? [] : locksOf(context, statement);
      if (lock === undefined) continue;
      yield {
        statement, span: { start: 0, end: statement.source.text.length }, relation: `${lock.effect.schema}.${lock.effect.relation}`,
        message: `This waits for ${lockTitle(lock.effect.lock)} on ${lock.effect.relation} for as long as it takes, and every later query of ${lock.effect.relation} waits behind it: set lock_timeout first.`,
      };
      return;
    }
  },
};
