import type { Rule } from './rule.ts';
import { actionsOf, subjectOf } from './facts/subject.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);';

/** A column that may be empty from now on. */
export const nullableAgain: Rule = {
  code: 'nullable-again',
  aliases: ['ban-drop-not-null'],
  title: 'A column in use may be empty from now on',
  severity: 'info',
  dialects: ['postgresql', 'sqlite'],
  why:
    'The statement itself is quick, but the running version has never met an empty value in this column, and may fail when it reads the first one that the new version writes. ' +
    'Deploy a version that expects empty values before the first one is written. ' +
    'In a migration that is a step of a change (`-- lockstep: change ID phase expand`) this is part of the plan and not reported.',
  docs: ['https://www.postgresql.org/docs/current/sql-altertable.html', 'https://www.sqlite.org/lang_altertable.html'],
  bad: [
    {
      title: 'DROP NOT NULL',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users ALTER COLUMN <|email|> DROP NOT NULL;',
    },
    {
      title: 'DROP NOT NULL',
      dialect: 'sqlite',
      version: '3.53',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL);'],
      sql: 'ALTER TABLE users ALTER COLUMN <|email|> DROP NOT NULL;',
    },
  ],
  good: [
    {
      title: 'A column that was nullable anyway',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text);'],
      sql: 'ALTER TABLE users ALTER COLUMN email DROP NOT NULL;',
    },
    {
      title: 'A step of a change',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: change users-email phase expand\nALTER TABLE users ALTER COLUMN email DROP NOT NULL;',
    },
    {
      title: 'A table of the same migration',
      dialect: 'postgresql',
      sql: `${TABLE}\nALTER TABLE users ALTER COLUMN email DROP NOT NULL;`,
    },
  ],
  on: ['drop-not-null'],
  *check(context, statements) {
    if (context.change !== undefined) return;
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const { operation, action } of actionsOf(statement, 'drop-not-null')) {
        const subject = subjectOf(context, statement, operation.relation);
        const column = subject.relation?.columns.find((candidate) => candidate.name === action.column);
        if (
          !subject.isInUse ||
          column?.notNull === false ||
          (column !== undefined && context.isNewOrigin(column.origin))
        )
          continue;
        yield {
          statement,
          span: action.columnSpan,
          relation: subject.place,
          operation,
          message: `"${action.column}" of ${subject.shown} may be empty from now on: the running version, which has never met that, must expect it before the first empty value is written.`,
        };
      }
    }
  },
};
