import { constraintsOf } from './facts/keys.ts';
import type { Rule } from './rule.ts';
import { subjectOf } from './facts/subject.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY, age int);';

/** A constraint or index whose name the server chooses. */
export const unnamedConstraint: Rule = {
  code: 'unnamed-constraint',
  aliases: ['constraint-naming'],
  title: 'A constraint or index is added to a table in use without a name',
  severity: 'hint',
  preset: 'all',
  dialects: ['postgresql'],
  why:
    'The server chooses a name that is free at that moment, so that it may differ from one database to another. ' +
    'A later migration that drops or validates it by name then fails on some of them. ' +
    'Give it a name.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-altertable.html',
    'https://www.postgresql.org/docs/current/sql-createindex.html',
  ],
  bad: [
    {
      title: 'A check',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users <|ADD CHECK (age > 0) NOT VALID|>;',
    },
    {
      title: 'An index',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\n<|CREATE INDEX CONCURRENTLY ON users (age)|>;',
    },
  ],
  good: [
    {
      title: 'A name',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users ADD CONSTRAINT born CHECK (age > 0) NOT VALID;',
    },
  ],
  on: ['create-index', 'add-constraint'],
  *check(context, statements) {
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const operation of statement.body.operations) {
        const isUnnamed =
          operation.kind === 'create-index'
            ? operation.name === undefined
            : operation.kind === 'add-constraint' &&
              constraintsOf(operation).some(
                (constraint) => constraint.name === undefined && constraint.usingIndex === undefined,
              );
        if (!isUnnamed || !('relation' in operation) || operation.relation === undefined) continue;
        const subject = subjectOf(context, statement, operation.relation);
        if (subject.isInUse)
          yield {
            statement,
            span: operation.span,
            relation: subject.place,
            operation,
            message: 'The server chooses a name, which may differ between databases: give it one.',
          };
      }
    }
  },
};
