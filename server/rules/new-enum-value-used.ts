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
        if (
          type !== undefined &&
          context.target.version >= FREE_IN_NEW_TYPES_SINCE &&
          madeHere(context, statement, type.origin.fileIndex)
        )
          continue;
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

/** Since this major the values of a type are free to use in the transaction that made it. Source: PostgreSQL 17 release notes. */
const FREE_IN_NEW_TYPES_SINCE = 17;

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
  'create-view',
  'create-materialized-view',
  'create-policy',
  'alter-policy',
  'create-trigger',
  'create-rule',
  'create-type',
  'create-function',
];

/** Whether the operation's own text holds the value as a quoted literal. */
function usesText(statement: RuleStatement, operation: Operation, value: string): boolean {
  if (!USING.includes(operation.kind)) return false;
  // The labels of an enum are no values of another one.
  if (operation.kind === 'create-type' && operation.definition.kind !== 'domain') return false;
  const text = statement.source.text.slice(operation.span.start, operation.span.end);
  const literal = `'${value.replaceAll("'", "''")}'`;
  if (operation.kind !== 'create-function') return text.includes(literal);
  // A body of SQL is read when it is made, one of PL/pgSQL when it runs; the defaults of arguments always are.
  const head = /\bas\s*(?:\$|e?')/i.exec(text)?.index ?? text.length;
  return (
    text.slice(0, head).includes(literal) ||
    (operation.language.toLowerCase() === 'sql' &&
      [literal, literal.replaceAll("'", "''")].some((each) => isNoText(text, each)))
  );
}

/** Whether a literal stands in a text that is not cast to a text. */
function isNoText(text: string, literal: string): boolean {
  const place = text.indexOf(literal);
  return place >= 0 && !/^\s*::\s*(?:text|varchar|character)/i.test(text.slice(place + literal.length));
}
