import { findIndex, indexesOf } from '../model/lookup.ts';
import type { CreateIndex, IndexElement } from '../model/operation.ts';
import type { Index } from '../model/schema.ts';
import type { Rule, RuleContext, RuleStatement } from './rule.ts';
import { transactionState } from './facts/transactions.ts';

const TABLE =
  'CREATE TABLE users (id bigint PRIMARY KEY, email text, team bigint);\nCREATE INDEX users_email ON users (email);';

/** An index that goes before its replacement is there. */
export const indexGap: Rule = {
  code: 'index-gap',
  aliases: ['replacing-index'],
  title: 'An index is dropped before the one that takes its place is built',
  severity: 'warning',
  dialects: ['postgresql'],
  why:
    'Outside a transaction, until the new index is complete, queries that relied on the old one read the whole table, which on a busy service is as good as an outage. ' +
    'Build the new index first, under another name, and drop the old one when it is there.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-createindex.html',
    'https://www.postgresql.org/docs/current/sql-reindex.html',
  ],
  bad: [
    {
      title: 'Drop first',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\n<|DROP INDEX CONCURRENTLY users_email|>;\nCREATE INDEX CONCURRENTLY users_email_team ON users (email, team);',
    },
    {
      title: 'An index on an expression',
      dialect: 'postgresql',
      before: [TABLE.replace('(email)', '(lower(email))')],
      sql: '-- lockstep: no-transaction\n<|DROP INDEX CONCURRENTLY users_email|>;\nCREATE INDEX CONCURRENTLY users_email_team ON users (lower(email), team);',
    },
    {
      title: 'One over some rows is no stand-in',
      dialect: 'postgresql',
      before: [TABLE, 'CREATE INDEX users_known ON users (email, id) WHERE team IS NOT NULL;'],
      sql: '-- lockstep: no-transaction\n<|DROP INDEX CONCURRENTLY users_email|>;\nCREATE INDEX CONCURRENTLY users_email_team ON users (email, team);',
    },
  ],
  good: [
    {
      title: 'Build first',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY users_email_team ON users (email, team);\nDROP INDEX CONCURRENTLY users_email;',
    },
    {
      title: 'In one transaction, whose lock keeps every query waiting',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'DROP INDEX users_email;\nCREATE INDEX users_email_team ON users (email, team);',
    },
    {
      title: 'Another index stands in',
      dialect: 'postgresql',
      before: [TABLE, 'CREATE INDEX users_mail ON users (email, id);'],
      sql: '-- lockstep: no-transaction\nDROP INDEX CONCURRENTLY users_email;\nCREATE INDEX CONCURRENTLY users_email_team ON users (email, team);',
    },
    {
      title: 'What an earlier try may have left',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nDROP INDEX CONCURRENTLY IF EXISTS users_team;\nCREATE INDEX CONCURRENTLY users_team ON users (team);',
    },
  ],
  on: ['drop-index'],
  *check(context, statements) {
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const operation of statement.body.operations) {
        if (operation.kind !== 'drop-index') continue;
        for (const name of operation.objects) {
          const index = findIndex(statement.before, name);
          if (index === undefined || context.isNew(index.relationKey, statement) || context.isNewOrigin(index.origin))
            continue;
          const next = replacement(context, statement, index);
          // In one transaction nobody reads the table between the two: its lock is kept, of which blocking-index tells.
          if (
            next === undefined ||
            isOneTransaction(context, statement, next.statement) ||
            indexesOf(statement.after, index.relationKey).some((other) => standsIn(other, index))
          )
            continue;
          yield {
            statement,
            span: operation.span,
            operation,
            message: `Queries that use ${index.name} read the whole table until ${next.operation.name ?? 'the new index'} is built: build the new index first, then drop this one.`,
            related: [
              { statement: next.statement, span: next.operation.span, message: 'Its replacement is built here.' },
            ],
          };
        }
      }
    }
  },
};

function isOneTransaction(context: RuleContext, drop: RuleStatement, build: RuleStatement): boolean {
  const { isOpen, transaction } = transactionState(context, drop);
  return isOpen && transactionState(context, build).transaction === transaction;
}

function replacement(
  context: RuleContext,
  statement: RuleStatement,
  index: Index,
): { readonly statement: RuleStatement; readonly operation: CreateIndex } | undefined {
  const [first] = index.elements;
  for (const later of context.statements) {
    if (later.index <= statement.index) continue;
    for (const operation of later.body.operations) {
      if (
        operation.kind === 'create-index' &&
        isSameElement(operation.elements[0], first) &&
        index.relationKey.endsWith(`\u0000${operation.relation.name}`)
      )
        return { statement: later, operation };
    }
  }
  return undefined;
}

/** Whether another index answers the same queries meanwhile. */
function standsIn(other: Index, dropped: Index): boolean {
  return (
    other.valid &&
    other.method === dropped.method &&
    (other.where === undefined || other.where.text === dropped.where?.text) &&
    other.elements.length >= dropped.elements.length &&
    dropped.elements.every((element, index) => isSameElement(other.elements[index], element))
  );
}

function isSameElement(left: IndexElement | undefined, right: IndexElement | undefined): boolean {
  return (
    left !== undefined &&
    right !== undefined &&
    left.column === right.column &&
    left.expression?.text === right.expression?.text
  );
}
