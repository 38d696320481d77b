import type { Rule, RuleContext, RuleStatement } from './rule.ts';
import type { Operation } from '../model/operation.ts';
import { findType } from '../model/lookup.ts';
import { transactionState } from './facts/transactions.ts';

const TYPE = "CREATE TYPE mood AS ENUM ('ok', 'bad');\nCREATE TABLE users (id bigint PRIMARY KEY, mood mood);";

/** A new value of an enum that the transaction that adds it already uses. */
export const newEnumValueUsed: Rule = {
  code: 'new-enum-value-used',
  title: 'An enum value is used in the transaction that adds it',
  severity: 'error',
  dialects: ['postgresql'],
  why:
    'A value that ALTER TYPE ... ADD VALUE adds can be used only after its transaction has ended. ' +
    'A statement of the same transaction that stores it, compares with it or makes it a default fails with "unsafe use of new value", and the migration with it. ' +
    'Add the value in one migration and use it in the next.',
  docs: ['https://www.postgresql.org/docs/current/sql-altertype.html#SQL-ALTERTYPE-NOTES'],
  bad: [
    {
      title: 'Stored',
      dialect: 'postgresql',
      before: [TYPE],
      sql: "ALTER TYPE mood ADD VALUE 'fine';\n<|UPDATE users SET mood = 'fine' WHERE id = 1|>;",
    },
    {
      title: 'As a default',
      dialect: 'postgresql',
      before: [TYPE],
      sql: "ALTER TYPE mood ADD VALUE 'fine';\nALTER TABLE users <|ALTER COLUMN mood SET DEFAULT 'fine'|>;",
    },
  ],
  good: [
    {
      title: 'In a later migration',
      dialect: 'postgresql',
      before: [TYPE, "ALTER TYPE mood ADD VALUE 'fine';"],
      sql: "UPDATE users SET mood = 'fine' WHERE id = 1;",
    },
    {
      title: 'Outside a transaction',
      dialect: 'postgresql',
      before: [TYPE],
      sql: "-- lockstep: no-transaction\nALTER TYPE mood ADD VALUE 'fine';\nUPDATE users SET mood = 'fine' WHERE id = 1;",
    },
    {
      title: 'A type of the same migration',
      dialect: 'postgresql',
      sql: "CREATE TYPE mood AS ENUM ('ok');\nALTER TYPE mood ADD VALUE 'fine';\nCREATE TABLE users (id bigint PRIMARY KEY, mood mood DEFAULT 'fine');",
    },
    {
      title: 'Another value',
      dialect: 'postgresql',
      before: [TYPE],
      sql: "ALTER TYPE mood ADD VALUE 'fine';\nUPDATE users SET mood = 'ok' WHERE id = 1;",
    },
  ],
  *check(context) {
    /** Values added so far, with the transaction that did. */
    const added: {
      readonly value: string;
      readonly type: string;
      readonly transaction: number;
      readonly statement: RuleStatement;
      readonly operation: Operation;
    }[] = [];
    for (const statement of context.statements) {
      const state = transactionState(context, statement);
      for (const operation of statement.body.operations) {
        const user =
          added.length === 0
            ? undefined
            : added.find(
                (entry) => entry.transaction === state.transaction && usesText(statement, operation, entry.value),
              );
        if (user !== undefined) {
          yield {
            statement,
            span: operation.span,
            operation,
            message: `"${user.value}" was added to ${user.type} in this transaction and cannot be used before it ends: the server refuses this. Put it into a later migration.`,
            related: [{ statement: user.statement, span: user.operation.span, message: 'The value is added here.' }],
          };
        }
        if (operation.kind !== 'alter-type-definition' || operation.action.kind !== 'add-value' || !state.isOpen)
          continue;
        const type = findType(statement.before, operation.name);
        if (type !== undefined && madeHere(context, statement, type.origin.fileIndex)) continue;
        added.push({
          value: operation.action.value,
          type: operation.name.name,
          transaction: state.transaction,
          statement,
          operation,
        });
      }
    }
  },
};

/** Whether the type came with a statement before this one in the same migration: then its values are free to use. */
function madeHere(context: RuleContext, statement: RuleStatement, fileIndex: number): boolean {
  const [first] = context.statements;
  return (
    first !== undefined &&
    fileIndex >= 0 &&
    context.statements.some(
      (earlier) =>
        earlier.index < statement.index &&
        earlier.body.operations.some(
          (operation) =>
            operation.kind === 'create-type' &&
            statement.body.operations.some(
              (own) => own.kind === 'alter-type-definition' && own.name.name === operation.name.name,
            ),
        ),
    )
  );
}

const USING: readonly Operation['kind'][] = [
  'insert-rows',
  'update-rows',
  'delete-rows',
  'merge-rows',
  'select-rows',
  'set-default',
  'add-column',
  'add-constraint',
  'create-table',
  'create-table-as',
  'create-index',
  'alter-type',
];

/** Whether the operation's own text holds the value as a quoted literal. */
function usesText(statement: RuleStatement, operation: Operation, value: string): boolean {
  return (
    USING.includes(operation.kind) &&
    statement.source.text.slice(operation.span.start, operation.span.end).includes(`'${value.replaceAll("'", "''")}'`)
  );
}
