import type { Operation } from '../model/operation.ts';
import { actionsIn, statementsWith } from './facts/operation-index.ts';
import { LONG_WORK, longWork, SMALL_TABLE_OPTION } from './facts/reach.ts';
import type { Rule, RuleContext, RuleStatement } from './rule.ts';
import { blockedTitle, lockTitle } from './facts/subject.ts';
import { type KeptLock, sinceWords, takenHere, transactionState } from './facts/transactions.ts';

const TABLES =
  'CREATE TABLE users (id bigint PRIMARY KEY, name text, full_name text);\nCREATE TABLE orders (id bigint PRIMARY KEY, total int);';

/** A change of rows, or a long read, while the transaction keeps others out of a table. */
export const workUnderLock: Rule = {
  code: 'work-under-lock',
  aliases: ['ddl-and-backfill', 'statement-after-exclusive'],
  title: 'Rows are read or changed while the transaction holds a lock that blocks others',
  severity: 'error',
  dialects: ['postgresql'],
  options: SMALL_TABLE_OPTION,
  why:
    'A lock is kept until the transaction ends, not until the statement is done. ' +
    'ADD COLUMN needs its table to itself for a moment only, but when the same transaction goes on to fill the column, that moment lasts as long as the UPDATE: nobody can read or write the table meanwhile. ' +
    'Change the schema in one migration and the rows in another, in batches.',
  docs: [
    'https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES',
    'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES',
  ],
  bad: [
    {
      title: 'A column is added and filled',
      dialect: 'postgresql',
      before: [TABLES],
      sql: 'ALTER TABLE users ADD COLUMN nick text;\n<|UPDATE users SET nick = name|>;',
    },
    {
      title: 'Some rows, but nobody knows how many',
      dialect: 'postgresql',
      before: [TABLES],
      sql: 'ALTER TABLE users ADD COLUMN nick text;\n<|UPDATE users SET nick = name WHERE nick IS NULL|>;',
    },
    {
      title: "Another table's rows",
      dialect: 'postgresql',
      before: [TABLES],
      sql: 'ALTER TABLE users ADD COLUMN nick text;\n<|DELETE FROM orders WHERE total < 0|>;',
    },
    {
      title: 'A validation after another change',
      dialect: 'postgresql',
      before: [TABLES, 'ALTER TABLE users ADD CONSTRAINT named CHECK (name IS NOT NULL) NOT VALID;'],
      sql: 'ALTER TABLE users ADD COLUMN nick text;\nALTER TABLE users <|VALIDATE CONSTRAINT named|>;',
    },
    {
      title: "In the file's own transaction",
      dialect: 'postgresql',
      before: [TABLES],
      sql: '-- lockstep: no-transaction\nBEGIN;\nALTER TABLE users ADD COLUMN nick text;\n<|INSERT INTO orders (id) SELECT id FROM users|>;\nCOMMIT;',
    },
  ],
  good: [
    {
      title: 'Each statement on its own',
      dialect: 'postgresql',
      before: [TABLES],
      sql: '-- lockstep: no-transaction\nALTER TABLE users ADD COLUMN nick text;\nUPDATE users SET nick = name WHERE nick IS NULL;',
    },
    {
      title: 'Rows first, the lock last',
      dialect: 'postgresql',
      before: [TABLES],
      sql: 'DELETE FROM users WHERE name IS NULL;\nALTER TABLE users ADD COLUMN nick text;',
    },
    {
      title: 'One row',
      dialect: 'postgresql',
      before: [TABLES],
      sql: "ALTER TABLE users ADD COLUMN nick text;\nUPDATE users SET nick = 'root' WHERE id = 1;",
    },
    {
      title: 'Rows that one key gives',
      dialect: 'postgresql',
      before: [TABLES],
      sql: 'ALTER TABLE orders ADD COLUMN note text;\nINSERT INTO orders (id, total) SELECT u.id, 0 FROM users u WHERE u.id = 1;',
    },
    {
      title: 'A sequence is set to the greatest key',
      dialect: 'postgresql',
      before: [`${TABLES}\nCREATE SEQUENCE numbers;`],
      sql: "ALTER TABLE users ALTER COLUMN id SET DEFAULT nextval('numbers');\nSELECT setval('numbers', (SELECT max(id) FROM users));",
    },
    {
      title: 'A table of the same migration is filled',
      dialect: 'postgresql',
      sql: 'CREATE TABLE roles (id bigint PRIMARY KEY, name text);\nALTER TABLE roles ADD COLUMN title text;\nUPDATE roles SET title = name;',
    },
    {
      title: 'A few rows are added',
      dialect: 'postgresql',
      before: [TABLES],
      sql: 'ALTER TABLE users ADD COLUMN nick text;\nINSERT INTO orders (id, total) VALUES (1, 2), (2, 3);',
    },
    {
      title: 'After the lock is given back',
      dialect: 'postgresql',
      before: [TABLES],
      sql: 'SAVEPOINT before;\nALTER TABLE users ADD COLUMN nick text;\nROLLBACK TO SAVEPOINT before;\nDELETE FROM orders WHERE total < 0;',
    },
    {
      title: 'After the transaction',
      dialect: 'postgresql',
      before: [TABLES],
      sql: '-- lockstep: no-transaction\nBEGIN;\nALTER TABLE users ADD COLUMN nick text;\nCOMMIT;\nUPDATE users SET nick = name WHERE nick IS NULL;',
    },
  ],
  *check(context) {
    const calls = repeatedCalls(context);
    for (const statement of statementsWith(context, ...LONG_WORK)) {
      const work = workUnderHeldLock(context, statement);
      if (work === undefined) continue;
      const { held, operation } = work;
      const { effect } = held;
      const again = calls.get(statement);
      if (again === 'told') continue;
      const more =
        again === undefined ? '' : ` ${again} more ${again === 1 ? 'call does' : 'calls do'} the same after it.`;
      yield {
        statement,
        span: operation.span,
        operation,
        relation: { schema: effect.schema, name: effect.relation },
        // Of rows with one value of what is no key nobody knows how many there are.
        ...(work.what.includes('maybe many') ? { severity: 'warning' as const } : {}),
        message: `This ${work.what} runs while the transaction holds ${lockTitle(effect.lock)} on ${effect.relation}${sinceWords(held)}, so that ${blockedTitle(effect.blocks)} of ${effect.relation} wait until it is done: ${'migration' in held ? 'apply that one first, by itself' : 'move it to a migration of its own'}.${more}`,
        related: takenHere(held, `${lockTitle(effect.lock)} on ${effect.relation} is taken here.`),
      };
    }
  },
};

/** The first operation of a statement that works long, and the lock that is held meanwhile. */
export function workUnderHeldLock(
  context: RuleContext,
  statement: RuleStatement,
): { readonly held: KeptLock; readonly operation: Operation; readonly what: string } | undefined {
  const { held } = transactionState(context, statement);
  if (held === undefined) return undefined;
  for (const operation of statement.body.operations) {
    const what = longWork(context, statement, operation);
    if (what === undefined) continue;
    // What validate-in-same-transaction says of the constraint's own table is said once.
    if (operation.kind === 'validate-constraint' && addedInTransaction(context, statement, operation)) continue;
    return { held, operation, what };
  }
  return undefined;
}

/**
 * Statements of functions that work the same under the same lock as those of an earlier call of the transaction: `told`,
 * and for the first of them how many follow.
 */
function repeatedCalls(context: RuleContext): ReadonlyMap<RuleStatement, number | 'told'> {
  const found = new Map<RuleStatement, number | 'told'>();
  const first = new Map<string, RuleStatement>();
  for (const statement of statementsWith(context, ...LONG_WORK)) {
    const { whole } = statement;
    if (whole === undefined || !whole.body.operations.every(({ kind }) => kind === 'select-rows' || kind === 'call'))
      continue;
    const work = workUnderHeldLock(context, statement);
    if (work === undefined) continue;
    const key = `${work.held.key} ${'migration' in work.held ? work.held.migration : work.held.statement.index} ${work.what}`;
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, statement);
    else {
      found.set(statement, 'told');
      const count = found.get(earlier);
      if (count !== 'told') found.set(earlier, (count ?? 0) + 1);
    }
  }
  return found;
}

function addedInTransaction(context: RuleContext, statement: RuleStatement, validation: Operation): boolean {
  if (!('head' in validation) || validation.action.kind !== 'validate-constraint') return false;
  const { constraint } = validation.action;
  return actionsIn(context, 'add-constraint').some(
    (addition) => addition.action.constraint.name === constraint && addition.statement.index <= statement.index,
  );
}
