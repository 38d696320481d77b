import { addAnalyze, isAnalysed } from './facts/statistics.ts';
import { actionsIn } from './facts/operation-index.ts';
import type { Rule } from './rule.ts';
import { subjectOf } from './facts/subject.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY, email varchar(40), age int);';

/** A change of type after which the planner knows nothing of the column. */
export const lostStatistics: Rule = {
  code: 'lost-statistics',
  title: 'The type of a column changes, and no ANALYZE follows',
  severity: 'hint',
  preset: 'strict',
  dialects: ['postgresql'],
  growsWithTable: true,
  why:
    'Every ALTER COLUMN ... TYPE throws away what the last ANALYZE found of the column, also where the rows stay as they are, as with a longer varchar. ' +
    'Since no row counts as changed, autovacuum does not come to gather it again until the application has changed enough rows of its own. ' +
    'Until then the planner takes any value of the column to be one row in 200, and may choose a bad plan for every query that compares it. ' +
    'Run ANALYZE on the table behind the change.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DATA-TYPE',
    'https://www.postgresql.org/docs/current/sql-analyze.html',
    'https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-STATISTICS',
  ],
  bad: [
    {
      title: 'A longer varchar',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users <|ALTER COLUMN email TYPE varchar(80)|>;',
      fixed: 'ALTER TABLE users ALTER COLUMN email TYPE varchar(80);\nANALYZE users;',
    },
    {
      title: 'ANALYZE before it',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ANALYZE;\nALTER TABLE users ALTER COLUMN age SET DEFAULT 0, <|ALTER COLUMN email TYPE text|>;',
    },
  ],
  good: [
    {
      title: 'ANALYZE behind it',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users ALTER COLUMN email TYPE varchar(80);\nANALYZE users (email);',
    },
    {
      title: 'A table of the same migration',
      dialect: 'postgresql',
      sql: `${TABLE}\nALTER TABLE users ALTER COLUMN email TYPE text;`,
    },
    {
      title: 'Another change',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users ALTER COLUMN email SET STATISTICS 500;',
    },
  ],
  on: ['alter-type'],
  *check(context) {
    for (const { statement, operation, action } of actionsIn(context, 'alter-type')) {
      if (statement.direction !== 'up' || isAnalysed(context, statement, operation.relation.name)) continue;
      const subject = subjectOf(context, statement, operation.relation);
      const column = subject.relation?.columns.find((candidate) => candidate.name === action.column);
      if (!subject.isInUse || (column !== undefined && context.isNewOrigin(column.origin))) continue;
      yield {
        statement,
        span: operation.span,
        relation: subject.place,
        operation,
        message: `What the planner knows of "${action.column}" goes with this change, and no changed row brings autovacuum to ${subject.shown} to gather it again: run ANALYZE ${subject.shown} behind it.`,
      };
    }
  },
  fixes({ statement, operation }) {
    if (operation?.kind !== 'alter-type') return [];
    return [addAnalyze(statement, operation.relation)];
  },
};
