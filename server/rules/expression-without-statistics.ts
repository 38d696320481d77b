import { indexesOf, relationKeyOf } from '../model/lookup.ts';
import type { CreateIndex } from '../model/operation.ts';
import { addAnalyze, isAnalysed } from './facts/statistics.ts';
import { operationsIn } from './facts/operation-index.ts';
import type { Rule } from './rule.ts';
import { subjectOf } from './facts/subject.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY, email text, born date);';

const MOST_SHOWN = 80;

/** An index on an expression that the planner knows nothing of. */
export const expressionWithoutStatistics: Rule = {
  code: 'expression-without-statistics',
  aliases: ['analyze-after-backfill'],
  title: 'An index on an expression is built, and no ANALYZE follows',
  severity: 'hint',
  preset: 'strict',
  dialects: ['postgresql'],
  growsWithTable: true,
  why:
    'The statistics of an expression belong to the index that is built on it, and only ANALYZE of the table gathers them; building the index does not, and changes no row that would bring autovacuum to it. ' +
    'Until then the planner takes any value of the expression to be one row in 200, however many there are, and may choose a bad plan for every query that uses it, on a table that is seldom written for weeks. ' +
    'Run ANALYZE on the table behind the index.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-analyze.html',
    'https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-STATISTICS',
    'https://www.postgresql.org/docs/current/catalog-pg-statistic.html',
  ],
  bad: [
    {
      title: 'No ANALYZE',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY users_email ON users (<|lower(email)|>);',
      fixed:
        '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY users_email ON users (lower(email));\nANALYZE users;',
    },
    {
      title: 'ANALYZE before it',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nANALYZE users;\nCREATE INDEX CONCURRENTLY ON public."users" (id, <|(extract(year FROM born))|>);',
    },
  ],
  good: [
    {
      title: 'ANALYZE behind it',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY users_email ON users (lower(email));\nANALYZE users;',
    },
    {
      title: 'With VACUUM',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY users_email ON users (lower(email));\nVACUUM (ANALYZE) users;',
    },
    {
      title: 'Another index has the statistics',
      dialect: 'postgresql',
      before: [TABLE, 'CREATE INDEX users_lower ON users (lower(email));'],
      sql: '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY users_email ON users (lower(email), id);',
    },
    {
      title: 'A column',
      dialect: 'postgresql',
      before: [TABLE],
      sql: "-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY users_email ON users (email) WHERE lower(email) <> '';",
    },
    {
      title: 'A table of the same migration',
      dialect: 'postgresql',
      sql: `${TABLE}\nCREATE INDEX users_email ON users (lower(email));`,
    },
  ],
  on: ['create-index'],
  *check(context) {
    for (const { statement, operation } of operationsIn(context, 'create-index')) {
      if (statement.direction !== 'up') continue;
      const key = relationKeyOf(statement.before, operation.relation);
      const element = operation.elements.find(
        ({ expression }) =>
          expression !== undefined &&
          !indexesOf(statement.before, key).some(
            (index) =>
              !context.isNewOrigin(index.origin) &&
              index.elements.some((other) => other.expression?.text === expression.text),
          ),
      );
      if (element?.expression === undefined) continue;
      const subject = subjectOf(context, statement, operation.relation);
      if (!subject.isInUse || isAnalysed(context, statement, operation.relation.name)) continue;
      yield {
        statement,
        span: element.expression.span,
        relation: subject.place,
        operation,
        message: `The planner knows nothing of ${inOneLine(element.expression.text)} until ${subject.shown} is analysed, which building the index does not bring about, and ${isCompared(operation) ? 'takes each of its values to be one row in 200' : 'can only guess how many rows a query of it finds'}: run ANALYZE ${subject.shown} behind it.`,
      };
    }
  },
  fixes({ statement, operation }) {
    if (operation?.kind !== 'create-index') return [];
    return [addAnalyze(statement, operation.relation)];
  },
};

/** Whether the index is for comparisons, for which the planner's guess is known. */
function isCompared({ method }: CreateIndex): boolean {
  return method === 'btree' || method === 'hash';
}

/** A message is one line, however the expression was written. */
function inOneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > MOST_SHOWN ? `${line.slice(0, MOST_SHOWN)}...` : line;
}
