import type { Rule } from './rule.ts';

/** A table that is made wherever the search path points. */
export const unqualifiedName: Rule = {
  code: 'unqualified-name',
  aliases: ['require-schema', 'require-table-schema'],
  title: 'A new table does not name its schema',
  severity: 'hint',
  preset: 'all',
  dialects: ['postgresql'],
  why:
    'Without a schema the table is made in the first schema of the search path that exists, which depends on the role and the settings of whoever runs the migration. ' +
    'Name the schema, so that every database gets it in the same place.',
  docs: ['https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-PATH'],
  bad: [{ title: 'A table', dialect: 'postgresql', sql: 'CREATE TABLE <|users|> (id bigint PRIMARY KEY);' }],
  good: [
    { title: 'With its schema', dialect: 'postgresql', sql: 'CREATE TABLE public.users (id bigint PRIMARY KEY);' },
  ],
  on: ['create-table', 'create-table-as'],
  *check(_context, statements) {
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const operation of statement.body.operations) {
        if (
          (operation.kind !== 'create-table' && operation.kind !== 'create-table-as') ||
          operation.persistence === 'temporary' ||
          operation.relation.schema !== undefined
        )
          continue;
        yield {
          statement,
          span: operation.relation.span,
          operation,
          message: `Where ${operation.relation.name} is made depends on the search_path: name its schema.`,
        };
      }
    }
  },
};
