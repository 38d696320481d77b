import type { Rule, RuleContext, RuleStatement } from './rule.ts';
import type { Operation } from '../model/operation.ts';
import { findType } from '../model/lookup.ts';
import { usesLabel } from './facts/label-use.ts';
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
    {
      title: 'In a block',
      dialect: 'postgresql',
      before: [TYPE],
      sql: "ALTER TYPE mood ADD VALUE 'fine';\nDO $$ DECLARE first mood := <|'fine'|>; BEGIN RAISE NOTICE '%', first; END $$;",
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
      title: 'The same text in a column of another type',
      dialect: 'postgresql',
      before: [TYPE, 'ALTER TABLE users ADD COLUMN note text;'],
      sql: "ALTER TYPE mood ADD VALUE 'fine';\nUPDATE users SET note = 'fine' WHERE id = 1;",
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
      value: string;
      readonly schema: string | undefined;
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
            : added.find((entry) => entry.transaction === state.transaction && usesLabel(statement, operation, entry));
        if (user !== undefined) {
          yield {
            statement,
            span: operation.span,
            operation,
            // What a condition or a loop decides on may not run.
            ...(operation.certainty === 'may' ? { severity: 'warning' as const } : {}),
            message: `"${user.value}" was added to ${user.type} in this transaction and cannot be used before it ends: the server refuses this${operation.certainty === 'may' ? ' where it runs' : ''}. Put it into a later migration.`,
            related: [{ statement: user.statement, span: user.operation.span, message: 'The value is added here.' }],
          };
        }
        if (operation.kind !== 'alter-type-definition') continue;
        const { action, name } = operation;
        // Under another name it is as new.
        if (action.kind === 'rename-value')
          for (const entry of added)
            if (entry.type === name.name && entry.value === action.value) entry.value = action.newValue;
        if (action.kind !== 'add-value' || !state.isOpen) continue;
        const type = findType(statement.before, name);
        if (
          type !== undefined &&
          context.target.version >= FREE_IN_NEW_TYPES_SINCE &&
          madeHere(context, statement, type.origin.fileIndex)
        )
          continue;
        added.push({
          value: action.value,
          schema: name.schema,
          type: name.name,
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
