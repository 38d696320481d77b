import { childrenOf, findRelation, relationKeyOf } from '../model/lookup.ts';
import { objectKey } from '../model/names.ts';
import type { Rule, RuleContext } from './rule.ts';
import { lockTitle, subjectOf } from './facts/subject.ts';
import { type KeptLock, locksOf, sinceWords, takenHere, transactionState } from './facts/transactions.ts';

const TABLES =
  'CREATE TABLE users (id bigint PRIMARY KEY, name text);\nCREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);\nCREATE TABLE audit (id bigint);';

/** A transaction that keeps one table in use locked while it waits for the next. */
export const severalTablesLocked: Rule = {
  code: 'several-tables-locked',
  aliases: ['multi-lock-window', 'wide-lock-window'],
  title: 'One transaction locks several tables in use, one after the other',
  severity: 'warning',
  dialects: ['postgresql'],
  why:
    'A statement that needs a table to itself waits for the queries that are running on it. ' +
    'When the transaction already holds another table, nobody can use that one either for as long as the waiting lasts, and an application transaction that uses the two in the other order ends in a deadlock. ' +
    'Change one table in one migration, so that each waits for itself only.',
  docs: ['https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-DEADLOCKS'],
  bad: [
    {
      title: 'A new table points at one while another is changed',
      dialect: 'postgresql',
      before: [TABLES],
      sql: 'ALTER TABLE users ADD COLUMN nick text;\n<|CREATE TABLE notes (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (id))|>;',
    },
    {
      title: 'Two tables are changed',
      dialect: 'postgresql',
      before: [TABLES],
      sql: 'ALTER TABLE users ADD COLUMN nick text;\n<|ALTER TABLE orders ADD COLUMN note text|>;\nALTER TABLE users ADD COLUMN age int;\nALTER TABLE audit ADD COLUMN note text;\nALTER TABLE orders ADD COLUMN total int;',
      steps: [
        'ALTER TABLE orders ADD COLUMN note text; ALTER TABLE orders ADD COLUMN total int',
        'ALTER TABLE audit ADD COLUMN note text',
      ],
    },
  ],
  good: [
    { title: 'Tables that go', dialect: 'postgresql', before: [TABLES], sql: 'DROP TABLE orders;\nDROP TABLE audit;' },
    {
      title: 'One table',
      dialect: 'postgresql',
      before: [TABLES],
      sql: 'ALTER TABLE users ADD COLUMN nick text;\nALTER TABLE users ADD COLUMN phone text;',
    },
    {
      title: 'One table, under its new name',
      dialect: 'postgresql',
      before: [TABLES],
      sql: 'ALTER TABLE users ADD COLUMN nick text;\n-- lockstep: allow rename-in-use because nobody runs\nALTER TABLE users RENAME TO people;\nALTER TABLE people ADD COLUMN phone text;',
    },
    {
      title: 'Both ends of one foreign key',
      dialect: 'postgresql',
      before: [TABLES],
      sql: 'ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;',
    },
    {
      title: 'Each statement on its own',
      dialect: 'postgresql',
      before: [TABLES],
      sql: '-- lockstep: no-transaction\nALTER TABLE users ADD COLUMN nick text;\nALTER TABLE orders ADD COLUMN note text;',
    },
    {
      title: 'A new table that points at two',
      dialect: 'postgresql',
      before: [TABLES],
      sql: 'CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));\nALTER TABLE notes ADD COLUMN order_id bigint REFERENCES orders (id);',
    },
    {
      title: 'The other table is new',
      dialect: 'postgresql',
      before: [TABLES],
      sql: 'CREATE TABLE notes (id bigint PRIMARY KEY);\nALTER TABLE users ADD COLUMN nick text;\nALTER TABLE notes ADD COLUMN body text;',
    },
  ],
  *check(context) {
    let transaction = -1;
    let keys = new Map<string, KeptLock>();
    let isReported = false;
    for (const statement of context.statements) {
      const state = transactionState(context, statement);
      if (!state.isOpen) continue;
      if (state.transaction !== transaction) {
        transaction = state.transaction;
        // What began before this migration goes on in it.
        keys = new Map(
          statement === context.statements[0] ? context.folder?.heldBefore?.().map((held) => [held.key, held]) : [],
        );
        isReported = false;
      }
      if (isReported) continue;
      // What a placeholder stands for may be the table that is held already.
      const locks =
        statement.body.placeholders === undefined
          ? locksOf(context, statement).filter((lock) => lock.effect.certainty === 'certain')
          : [];
      const [first] = keys.values();
      const next =
        first === undefined
          ? undefined
          : locks.find((lock) => !keys.has(lock.key) && !(isOfNewTable(context, first) && isOfNewTable(context, lock)));
      if (first !== undefined && next !== undefined) {
        isReported = true;
        yield {
          statement,
          span: { start: 0, end: statement.source.text.length },
          relation: { schema: next.effect.schema, name: next.effect.relation },
          // Writers alone wait: indexes of two tables.
          ...(first.effect.blocks.includes('reads') || next.effect.blocks.includes('reads')
            ? {}
            : { severity: 'info' as const }),
          message: `This waits for ${lockTitle(next.effect.lock)} on ${next.effect.relation} while the transaction keeps ${lockTitle(first.effect.lock)} on ${first.effect.relation}${sinceWords(first)}: whoever ${first.effect.blocks.includes('reads') ? 'uses' : 'writes to'} ${first.effect.relation} waits as well, and may deadlock. ${'migration' in first ? 'Apply that one first, by itself' : 'Change each table in a migration of its own'}.`,
          related: takenHere(first, `${first.effect.relation} is locked here.`),
        };
      }
      for (const operation of statement.body.operations) {
        // A table that is held goes on being held under its new name.
        if (operation.kind !== 'rename-table') continue;
        const renamed = findRelation(statement.before, operation.relation);
        const lock =
          renamed === undefined ? undefined : (keys.get(relationKeyOf(statement.before, renamed)) ?? locks[0]);
        if (renamed !== undefined && lock !== undefined)
          keys.set(objectKey(renamed.schema, operation.action.newName), lock);
      }
      for (const lock of locks) {
        // Nobody uses what is gone.
        if (!statement.after.relations.has(lock.key)) continue;
        if (!keys.has(lock.key)) keys.set(lock.key, lock);
        // Partitions and inheritance children are locked with their parent, always in one order.
        for (const child of childrenOf(statement.before, lock.key)) if (!keys.has(child.key)) keys.set(child.key, lock);
      }
    }
  },
  fixes({ statement, related }) {
    // What an earlier migration holds is no matter of how this one is cut.
    return statement.direction === 'down' || related?.length === 0
      ? []
      : [{ kind: 'whole', title: 'Split into a migration for each table', safety: 'review' }];
  },
};

/**
 * Whether a lock is that of a table which a new one points at: writers alone wait, nothing is read while they do, and the
 * new table cannot be made without it. Two of those are no finding; one beside any other lock is.
 */
function isOfNewTable(context: RuleContext, lock: KeptLock): boolean {
  if (lock.effect.blocks.includes('reads')) return false;
  // What took it stands in another migration: it is not blamed for more than is known.
  if ('migration' in lock) return true;
  const { statement } = lock;
  return statement.body.operations.every(
    (operation) =>
      operation.kind === 'create-table' ||
      (operation.kind === 'add-column' && !subjectOf(context, statement, operation.relation).isInUse) ||
      (operation.kind === 'add-constraint' &&
        operation.action.constraint.kind === 'foreign-key' &&
        !subjectOf(context, statement, operation.relation).isInUse),
  );
}
