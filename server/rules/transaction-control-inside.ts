import { statementsWith } from './facts/operation-index.ts';
import type { Operation, TransactionControl } from '../model/operation.ts';
import type { Rule } from './rule.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY);';

/** BEGIN and COMMIT of a file that the tool itself runs in a transaction; BEGIN without an end. */
export const transactionControlInside: Rule = {
  code: 'transaction-control-inside',
  aliases: ['transaction-nesting', 'ban-uncommitted-transaction'],
  title: 'A migration ends the transaction that its tool has opened, or opens one that it never ends',
  severity: 'error',
  dialects: ['postgresql', 'sqlite'],
  why:
    'Most tools run a file and write its row into the history in one transaction. ' +
    'COMMIT in the file ends that transaction early: what follows runs without one, and if it fails, half of the migration stays and the history says nothing of it. ' +
    'BEGIN without COMMIT is as bad where the tool opens no transaction: the work is thrown away when the session ends, or its locks stay. ' +
    "Leave both out, or mark the migration to run outside the tool's transaction.",
  docs: [
    'https://www.postgresql.org/docs/current/sql-begin.html',
    'https://www.postgresql.org/docs/current/sql-commit.html',
    'https://www.sqlite.org/lang_transaction.html',
  ],
  bad: [
    {
      title: 'BEGIN in a transaction of the file',
      dialect: 'postgresql',
      sql: '-- lockstep: no-transaction\nBEGIN;\n<|BEGIN|>;\nCREATE TABLE users (id bigint PRIMARY KEY);\nCOMMIT;',
    },
    {
      title: "COMMIT in the tool's transaction",
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'BEGIN;\nALTER TABLE users ADD COLUMN nick text;\n<|COMMIT|>;',
    },
    {
      title: "COMMIT in a block, in the tool's transaction",
      dialect: 'postgresql',
      sql: 'DO $$ BEGIN <|COMMIT|>; END $$;',
    },
    {
      title: 'BEGIN without an end',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\n<|BEGIN|>;\nALTER TABLE users ADD COLUMN nick text;',
    },
    {
      title: "BEGIN in the tool's transaction",
      dialect: 'sqlite',
      sql: '<|BEGIN|>;\nCREATE TABLE users (id INTEGER PRIMARY KEY);\nCOMMIT;',
    },
  ],
  good: [
    {
      title: "Outside the tool's transaction",
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nBEGIN;\nALTER TABLE users ADD COLUMN nick text;\nCOMMIT;',
    },
    {
      title: 'A savepoint',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'SAVEPOINT before_nick;\nALTER TABLE users ADD COLUMN nick text;\nRELEASE before_nick;',
    },
  ],
  *check(context) {
    const isWrapped = context.statements[0]?.transaction === 'one';
    /** BEGIN of the file that nothing has ended yet. */
    let open:
      | {
          readonly statement: (typeof context.statements)[number];
          readonly span: { readonly start: number; readonly end: number };
        }
      | undefined;
    let isReported = false;
    for (const statement of statementsWith(context, 'transaction-control')) {
      const caller = statement.whole?.body.operations;
      if (caller?.some((called) => called.kind === 'call') === true && statement.transaction === 'one') {
        const [control] = statement.body.operations;
        const isEnd =
          control?.kind === 'transaction-control' &&
          control.certainty === undefined &&
          (control.action === 'commit' || control.action === 'rollback');
        if (isEnd && !isReported) {
          isReported = true;
          yield {
            statement,
            span: control.span,
            operation: control,
            message: `The procedure ends its transaction by ${control.action.toUpperCase()}, which the server refuses in a transaction block: mark the migration to run outside a transaction.`,
          };
        }
        continue;
      }
      const inBlock = statement.body.operations.find(isEndInBlock);
      if (inBlock !== undefined && isWrapped) {
        if (!isReported)
          yield {
            statement,
            span: inBlock.span,
            operation: inBlock,
            message: `The block ends its transaction by ${inBlock.action.toUpperCase()}, which the server refuses in a transaction block: mark the migration to run outside a transaction.`,
          };
        isReported = true;
        continue;
      }
      if (statement.body.operations.length !== 1 || statement.whole !== undefined) continue;
      const [operation] = statement.body.operations;
      if (operation?.kind !== 'transaction-control') continue;
      const isBegin = operation.action === 'begin';
      const isEnd = operation.action === 'commit' || operation.action === 'rollback';
      if (isWrapped) {
        // SQLite refuses BEGIN in a transaction; PostgreSQL warns, and it is COMMIT that does the harm.
        if (isReported || !(isEnd || (isBegin && context.engine.product.capabilities.refusesNestedBegin))) continue;
        isReported = true;
        const isLast = statement === context.statements.at(-1);
        yield {
          statement,
          span: operation.span,
          operation,
          ...(isEnd && isLast ? { severity: 'warning' as const } : {}),
          message: isBegin
            ? 'BEGIN fails here, because the tool has opened a transaction already: leave it out, or mark the migration to run outside a transaction.'
            : `${operation.action.toUpperCase()} ends the transaction that the tool has opened: ${isLast ? 'the row in the history is' : 'what follows, and the row in the history, are'} no longer one with what came before. Leave BEGIN and ${operation.action.toUpperCase()} out.`,
        };
        continue;
      }
      if (isBegin && open !== undefined)
        yield {
          statement,
          span: operation.span,
          operation,
          ...(context.engine.product.capabilities.refusesNestedBegin ? {} : { severity: 'warning' as const }),
          message: context.engine.product.capabilities.refusesNestedBegin
            ? 'BEGIN fails here, because a transaction is open already: leave it out.'
            : 'A transaction is open already, so that this BEGIN does nothing but warn, and the first COMMIT ends both: leave it out.',
          related: [{ ...open, message: 'The transaction begins here.' }],
        };
      if (isBegin) open ??= { statement, span: operation.span };
      else if (isEnd) open = undefined;
    }
    if (open !== undefined)
      yield {
        ...open,
        message:
          'No COMMIT ends this transaction: what the migration did is thrown away when the session ends, or stays locked as long as it lives.',
      };
  },
};

/** COMMIT or ROLLBACK in the body of a DO, which surely runs. */
function isEndInBlock(operation: Operation): operation is TransactionControl {
  return (
    operation.kind === 'transaction-control' &&
    operation.within !== undefined &&
    operation.certainty === undefined &&
    (operation.action === 'commit' || operation.action === 'rollback')
  );
}
