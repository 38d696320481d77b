import type { Rule, RuleContext, RuleStatement } from './rule.ts';
import { subjectOf } from './facts/subject.ts';

/** A concurrent index build that a retry passes over, although the first try left a broken index. */
export const concurrentlyIfNotExists: Rule = {
  code: 'concurrently-if-not-exists',
  title: 'IF NOT EXISTS takes an invalid index for the one that is wanted',
  severity: 'warning',
  dialects: ['postgresql'],
  why:
    'When CREATE INDEX CONCURRENTLY fails or is cancelled, the half-built index stays behind, marked invalid: every write keeps it up, and no query uses it. ' +
    'IF NOT EXISTS looks at the name only, so that the second try sees that index, does nothing and reports success. ' +
    'Drop what may be left first, by DROP INDEX CONCURRENTLY IF EXISTS, and create the index without IF NOT EXISTS.',
  docs: ['https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY'],
  bad: [
    {
      title: 'A build that may be tried again',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text);'],
      sql: '-- lockstep: no-transaction\n<|CREATE INDEX CONCURRENTLY IF NOT EXISTS users_email ON users (email)|>;',
    },
  ],
  good: [
    {
      title: 'Without IF NOT EXISTS',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text);'],
      sql: '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY users_email ON users (email);',
    },
    {
      title: 'After a drop of what may be left',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text);'],
      sql: '-- lockstep: no-transaction\nDROP INDEX CONCURRENTLY IF EXISTS users_email;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS users_email ON users (email);',
    },
    {
      title: 'A plain build, which leaves nothing behind',
      dialect: 'postgresql',
      sql: 'CREATE TABLE users (id bigint PRIMARY KEY, email text);\nCREATE INDEX IF NOT EXISTS users_email ON users (email);',
    },
  ],
  on: ['create-index'],
  *check(context, statements) {
    for (const statement of statements) {
      for (const operation of statement.body.operations) {
        if (
          operation.kind !== 'create-index' ||
          !operation.concurrently ||
          !operation.ifNotExists ||
          operation.name === undefined
        )
          continue;
        const subject = subjectOf(context, statement, operation.relation);
        if (!subject.isInUse || isDroppedEarlier(context, statement, operation.name)) continue;
        yield {
          statement,
          span: operation.span,
          relation: subject.place,
          operation,
          message: `If an earlier try failed, an invalid index ${operation.name} is left on ${subject.shown}, and IF NOT EXISTS passes over it: drop it first by DROP INDEX CONCURRENTLY IF EXISTS, and leave IF NOT EXISTS out.`,
        };
      }
    }
  },
};

/** Whether a statement of this migration before it drops the index of that name. */
function isDroppedEarlier(context: RuleContext, statement: RuleStatement, name: string): boolean {
  return context.statements
    .slice(0, context.statements.indexOf(statement))
    .some((earlier) =>
      earlier.body.operations.some(
        (operation) => operation.kind === 'drop-index' && operation.objects.some((object) => object.name === name),
      ),
    );
}
