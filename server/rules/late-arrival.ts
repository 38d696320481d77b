import type { Rule } from './rule.ts';

/** A migration that is older than what the database has. */
export const lateArrival: Rule = {
  code: 'late-arrival',
  title: 'A pending migration is older than one that the database already has',
  severity: 'warning',
  isForEveryProduct: true,
  dialects: ['postgresql', 'sqlite'],
  why:
    'It comes from a branch that was merged after a newer migration had been applied. ' +
    'What happens then depends on the tool: some run it late, after migrations that were written without it; some refuse to run at all; and some keep the newest number only, and never run it, without a word. ' +
    'Give it a number behind the newest, so that every database runs the same migrations in the same order. Known only while a database is connected.',
  docs: ['https://www.postgresql.org/docs/current/ddl-alter.html', 'https://www.sqlite.org/lang_altertable.html'],
  bad: [],
  good: [
    {
      title: 'In order',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint);'],
      sql: 'ALTER TABLE users ADD COLUMN nick text;',
    },
  ],
  *check(context) {
    const [statement] = context.statements;
    const late = context.folder?.late;
    if (statement === undefined || statement.direction !== 'up' || late === undefined) return;
    const outcome = {
      runs: 'it will run late, after migrations that were written without it',
      refused: 'the tool refuses to run',
      'never-runs': 'the tool will never run it, and says nothing of it',
    }[late.outcome];
    yield {
      statement,
      span: { start: 0, end: statement.source.text.length },
      severity: late.outcome === 'never-runs' ? 'error' : late.outcome === 'refused' ? 'warning' : 'info',
      message: `The database already has ${late.newest}, which is newer: ${outcome}. Give this migration a number behind the newest.`,
    };
  },
};
