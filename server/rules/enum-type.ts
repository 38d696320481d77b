import type { Rule } from './rule.ts';

/** A type whose values can never go. */
export const enumType: Rule = {
  code: 'enum-type',
  aliases: ['enum-create'],
  title: 'A new enum type, whose values can be added and never removed',
  severity: 'hint',
  preset: 'all',
  dialects: ['postgresql'],
  why:
    'ALTER TYPE can add a value to an enum, and rename one, but not remove one or change their order: for that, every column of the type has to be written anew under another type. ' +
    'A text column with a CHECK, or a table of values with a foreign key, can be changed in both directions without that.',
  docs: [
    'https://www.postgresql.org/docs/current/datatype-enum.html',
    'https://www.postgresql.org/docs/current/sql-altertype.html',
  ],
  bad: [{ title: 'An enum', dialect: 'postgresql', sql: "CREATE TYPE <|mood|> AS ENUM ('ok', 'bad');" }],
  good: [{ title: 'A domain', dialect: 'postgresql', sql: 'CREATE DOMAIN mood AS text;' }],
  on: ['create-type'],
  *check(_context, statements) {
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const operation of statement.body.operations) {
        if (operation.kind !== 'create-type' || operation.definition.kind !== 'enum') continue;
        yield {
          statement,
          span: operation.name.span,
          operation,
          message: `Values of ${operation.name.name} can never be removed: a text column with a CHECK, or a table of values, can be changed later.`,
        };
      }
    }
  },
};
