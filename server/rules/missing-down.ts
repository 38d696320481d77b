import type { Rule } from './rule.ts';

/** A migration without a way back, among others that have one. */
export const missingDown: Rule = {
  code: 'missing-down',
  aliases: ['irreversible'],
  title: 'A migration has no down half, where others of its folder have one',
  severity: 'info',
  preset: 'strict',
  isForEveryProduct: true,
  dialects: ['postgresql', 'sqlite'],
  why:
    'When a release has to be taken back, its migrations may have to be, too, and the middle of an incident is a bad time to write how. ' +
    'Write the down half with the migration, or say that there is no way back: `-- lockstep: irreversible "why"`.',
  docs: ['https://www.postgresql.org/docs/current/ddl-alter.html', 'https://www.sqlite.org/lang_altertable.html'],
  bad: [
    {
      title: 'A new table',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      beforeDown: ['DROP TABLE users;'],
      sql: '<|CREATE TABLE teams (id bigint PRIMARY KEY)|>;',
    },
    {
      title: 'A new table',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY);'],
      beforeDown: ['DROP TABLE users;'],
      sql: '<|CREATE TABLE teams (id INTEGER PRIMARY KEY)|>;',
    },
  ],
  good: [
    {
      title: 'No migration of the folder has one',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: 'CREATE TABLE teams (id bigint PRIMARY KEY);',
    },
    {
      title: 'It is said why',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      beforeDown: ['DROP TABLE users;'],
      sql: '-- lockstep: irreversible "the rows are gone"\nDELETE FROM users WHERE id = 1;',
    },
  ],
  *check(context) {
    const [statement] = context.statements;
    if (statement === undefined || statement.direction !== 'up' || context.folder?.lacksDown() !== true) return;
    yield {
      statement,
      span: { start: 0, end: statement.source.text.length },
      message:
        'This migration has no down half, so that it cannot be reverted: write one, or say why there is none by `-- lockstep: irreversible "..."`.',
    };
  },
};
