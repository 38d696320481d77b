import { indexesOf } from '../model/lookup.ts';
import { objectKey } from '../model/names.ts';
import { coversIndex } from '../model/covered-index.ts';
import type { Rule } from './rule.ts';
import { subjectOf } from './facts/subject.ts';

const TABLE =
  'CREATE TABLE users (id bigint PRIMARY KEY, email text, team bigint);\nCREATE INDEX users_email ON users (email, team);';

/** An index that another one already covers. */
export const duplicateIndex: Rule = {
  code: 'duplicate-index',
  title: 'Another index of the table already does what this one does',
  severity: 'warning',
  dialects: ['postgresql', 'sqlite'],
  why:
    'Every write keeps every index up. ' +
    'An index whose columns are the first columns of another one answers no query that the other does not answer, so that it only costs time and space.',
  docs: [
    'https://www.postgresql.org/docs/current/indexes-multicolumn.html',
    'https://www.sqlite.org/queryplanner.html',
  ],
  bad: [
    {
      title: 'The same columns',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\n<|CREATE INDEX CONCURRENTLY users_email_again ON users (email, team)|>;',
    },
    {
      title: 'The primary key',
      dialect: 'postgresql',
      sql: 'CREATE TABLE users (id bigint PRIMARY KEY);\n<|CREATE INDEX users_id ON users (id)|>;',
    },
    {
      title: 'The same columns',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);\nCREATE INDEX users_email ON users (email);'],
      sql: '<|CREATE INDEX users_mail ON users (email)|>;',
    },
  ],
  good: [
    {
      title: 'Another order',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY users_team ON users (team, email);',
    },
    {
      title: 'Some rows only',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY users_some ON users (email) WHERE team IS NULL;',
    },
    {
      title: 'A unique index',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY users_mail ON users (email);',
    },
    {
      title: 'A unique index for which two NULLs are the same',
      dialect: 'postgresql',
      version: '15',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text UNIQUE);'],
      sql: '-- lockstep: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY users_mail ON users (email) NULLS NOT DISTINCT;',
    },
    {
      title: 'A new index before the old one goes',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY users_email_2 ON users (email, team);\nDROP INDEX CONCURRENTLY users_email;',
    },
  ],
  on: ['create-index'],
  *check(context, statements) {
    const last = context.statements.at(-1)?.after;
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const operation of statement.body.operations) {
        if (operation.kind !== 'create-index') continue;
        const subject = subjectOf(context, statement, operation.relation);
        if (subject.relation === undefined || operation.ifNotExists) continue;
        const other = indexesOf(statement.before, objectKey(subject.relation.schema, subject.relation.name)).find(
          (index) => coversIndex(index, operation),
        );
        // One that leaves in the same migration is being replaced.
        if (other === undefined || last?.indexes.has(objectKey(other.schema, other.name)) === false) continue;
        yield {
          statement,
          span: operation.span,
          relation: subject.place,
          operation,
          // A shorter index is smaller, which may be worth what it costs.
          ...(other.elements.length > operation.elements.length ? { severity: 'info' as const } : {}),
          message: `${other.primary ? 'The primary key' : `Index ${other.name}`} of ${subject.shown} begins with the same columns, so that this index only costs every write.`,
        };
      }
    }
  },
  // Its own statement goes, and with it what takes it back.
  fixes: () => [{ kind: 'whole', title: 'Leave this index out', safety: 'review' }],
};
