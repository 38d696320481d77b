import { foreignKeysTo, relationKeyOf } from '../model/lookup.ts';
import type { Rule } from './rule.ts';
import { subjectOf } from './facts/subject.ts';

const TABLES =
  'CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));';

/** TRUNCATE of a table that is in use. */
export const truncateInUse: Rule = {
  code: 'truncate-in-use',
  aliases: ['ban-truncate-cascade', 'ban-truncate'],
  title: 'A table in use is emptied by TRUNCATE',
  severity: 'error',
  isForEveryProduct: true,
  dialects: ['postgresql'],
  why:
    'TRUNCATE throws every row away at once, and needs the table to itself to do so: reads and writes wait until the transaction ends. ' +
    'A transaction that began before sees the table empty afterwards, although it should still see its old state. ' +
    'With CASCADE it also empties every table that refers to this one. ' +
    'If the rows have to go, delete them in batches; if the table is not used any more, say so with an allow line.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-truncate.html',
    'https://www.postgresql.org/docs/current/mvcc-caveats.html',
  ],
  documented: [
    {
      product: 'SQL Server',
      why: 'TRUNCATE TABLE needs a schema modification lock (Sch-M), and is refused where a foreign key points to the table.',
      docs: ['https://learn.microsoft.com/sql/t-sql/statements/truncate-table-transact-sql'],
    },
  ],
  csharp: {
    bad: [
      {
        title: 'Raw SQL on SQL Server',
        product: 'SQL Server',
        up: 'migrationBuilder.Sql("TRUNCATE TABLE <|dbo.Logs|>");',
      },
    ],
    good: [
      {
        title: 'A temporary table on SQL Server',
        product: 'SQL Server',
        up: 'migrationBuilder.Sql("CREATE TABLE #Ids (Id int); TRUNCATE TABLE #Ids");',
      },
    ],
  },
  bad: [
    { title: 'One table', dialect: 'postgresql', before: [TABLES], sql: 'TRUNCATE <|orders|>;' },
    {
      title: 'And those that refer to it',
      dialect: 'postgresql',
      before: [TABLES],
      sql: 'TRUNCATE <|users|> CASCADE;',
    },
  ],
  good: [
    {
      title: 'A table of the same migration',
      dialect: 'postgresql',
      sql: 'CREATE TABLE scratch (id bigint);\nTRUNCATE scratch;',
    },
    {
      title: 'A temporary table',
      dialect: 'postgresql',
      sql: 'CREATE TEMPORARY TABLE scratch (id bigint);\nTRUNCATE scratch;',
    },
  ],
  on: ['truncate'],
  *check(context, statements) {
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const operation of statement.body.operations) {
        if (operation.kind !== 'truncate') continue;
        for (const { relation } of operation.relations) {
          const subject = subjectOf(context, statement, relation);
          if (!subject.isInUse) continue;
          const others = operation.cascade
            ? [
                ...new Set(
                  foreignKeysTo(statement.before, relationKeyOf(statement.before, relation)).map(
                    (key) => key.relation.name,
                  ),
                ),
              ].filter((name) => name !== relation.name)
            : [];
          yield {
            statement,
            span: relation.span,
            relation: subject.place,
            operation,
            message: `TRUNCATE throws away every row of ${subject.shown}${others.length === 0 ? '' : ` and of ${others.join(', ')}, which refer to it,`} and blocks reads and writes until the transaction ends.`,
          };
        }
      }
    }
  },
};
