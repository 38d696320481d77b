import type { Rule } from './rule.ts';

/** A table that every role may use. */
export const grantedToPublic: Rule = {
  code: 'granted-to-public',
  aliases: ['owner-grant'],
  title: 'Rights on a table are given to every role, also to those that are made later',
  severity: 'info',
  preset: 'strict',
  dialects: ['postgresql'],
  why:
    'PUBLIC is every role of the server, including the ones that someone makes next year for a report. ' +
    'Give rights to the roles that need them, or to a group role.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-grant.html',
    'https://www.postgresql.org/docs/current/ddl-priv.html',
  ],
  bad: [
    {
      title: 'Everything',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: 'GRANT ALL ON <|users|> TO PUBLIC;',
    },
  ],
  good: [
    {
      title: 'One role',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: 'GRANT SELECT ON users TO reporting;',
    },
  ],
  on: ['grant'],
  *check(_context, statements) {
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const operation of statement.body.operations) {
        if (
          operation.kind !== 'grant' ||
          operation.objectKind !== 'table' ||
          operation.grantees?.includes('PUBLIC') !== true
        )
          continue;
        for (const object of operation.objects)
          yield {
            statement,
            span: object.span,
            operation,
            message: `Every role of the server, also those that are made later, gets these rights on ${object.name}: name the roles that need them.`,
          };
      }
    }
  },
};
