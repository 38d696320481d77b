import { openValues } from '../model/asked-value.ts';
import type { Rule } from './rule.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY, name text);';
const LITE = 'CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);';

/** The place in a step where a person still has to write a value. */
export const missingValue: Rule = {
  code: 'missing-value',
  title: 'A step still waits for the value that old rows get',
  severity: 'error',
  dialects: ['postgresql', 'sqlite'],
  why:
    'A fix that requires a column of every row needs a value for the rows that exist, and only the people who run the application know one. ' +
    'An empty text or a zero would be accepted, and nobody could tell it from what users wrote. ' +
    'So the step holds lockstep_value(...), which no database knows: write a value or an expression over the row in its place.',
  docs: ['https://www.postgresql.org/docs/current/sql-update.html', 'https://www.sqlite.org/lang_update.html'],
  bad: [
    {
      title: 'As the fix wrote it',
      dialect: 'postgresql',
      before: [TABLE],
      sql: "-- lockstep: no-transaction\nUPDATE users SET name = <|lockstep_value('users.name')|> WHERE id < 1000 AND name IS NULL;",
    },
    {
      title: 'As the fix wrote it',
      dialect: 'sqlite',
      before: [LITE],
      sql: "UPDATE users SET name = <|lockstep_value('users.name')|> WHERE name IS NULL;",
    },
  ],
  good: [
    {
      title: 'A value in its place',
      dialect: 'postgresql',
      before: [TABLE],
      sql: "UPDATE users SET name = 'unknown' WHERE id < 1000 AND name IS NULL;",
    },
    {
      title: 'Spoken of in a comment',
      dialect: 'postgresql',
      before: [TABLE],
      sql: "-- It was lockstep_value('users.name').\nUPDATE users SET name = 'unknown' WHERE id < 1000 AND name IS NULL;",
    },
  ],
  *check(context) {
    const seen = new Set<unknown>();
    for (const one of context.statements) {
      const statement = one.whole ?? one;
      if (seen.has(statement.source)) continue;
      seen.add(statement.source);
      for (const { start, end, name } of openValues(statement.source.text))
        yield {
          statement,
          span: { start, end },
          message: `The value of ${name} for the rows that exist is still to be written here: put a value, or an expression over the row, in place of lockstep_value(...). Until then apply stops before this migration, and every database refuses it.`,
        };
    }
  },
};
