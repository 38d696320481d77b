import type { Rule, RuleStatement } from './rule.ts';
import { actionsOf, subjectOf } from './facts/subject.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY, data text);';

/** Columns that a statement adds or gives another type, with where each is named. */
function columnsOf(statement: RuleStatement) {
  return [
    ...actionsOf(statement, 'add-column').map(({ operation, action: { column } }) => ({ operation, ...column })),
    ...actionsOf(statement, 'alter-type').map(({ operation, action: { column, type, columnSpan } }) => ({
      operation,
      name: column,
      type,
      span: columnSpan,
    })),
  ];
}

/** A json column in a table that queries compare rows of. */
export const jsonColumn: Rule = {
  code: 'json-column',
  aliases: ['prefer-jsonb', 'add-column-json'],
  title: 'A table in use gets a json column, which cannot be compared',
  severity: 'warning',
  dialects: ['postgresql'],
  why:
    'The type json has no equality. ' +
    'A query that compares whole rows (SELECT DISTINCT, UNION, GROUP BY over all columns, as query builders write them) fails from the moment a json column is there: "could not identify an equality operator for type json". ' +
    'jsonb can be compared and indexed; use it, unless the text must be kept as it was written.',
  docs: ['https://www.postgresql.org/docs/current/datatype-json.html'],
  bad: [
    {
      title: 'A new column',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users ADD COLUMN <|settings json|>;',
      fixed: 'ALTER TABLE users ADD COLUMN settings jsonb;',
    },
    {
      title: 'A column that becomes one',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users ALTER COLUMN <|data|> TYPE json USING to_json(data);',
    },
  ],
  good: [
    { title: 'jsonb', dialect: 'postgresql', before: [TABLE], sql: 'ALTER TABLE users ADD COLUMN settings jsonb;' },
    {
      title: 'A table of the same migration',
      dialect: 'postgresql',
      sql: 'CREATE TABLE users (id bigint PRIMARY KEY, settings json);',
    },
  ],
  on: ['add-column', 'alter-type'],
  *check(context, statements) {
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const { operation, name, type, span } of columnsOf(statement)) {
        if (type?.name !== 'json' || type.schema !== undefined || type.arrayDimensions > 0) continue;
        const subject = subjectOf(context, statement, operation.relation);
        // With a json column there already, no such query works today.
        if (
          !subject.isInUse ||
          subject.relation?.columns.some(
            (column) => column.type?.name === 'json' && column.type.arrayDimensions === 0,
          ) === true
        )
          continue;
        yield {
          statement,
          span,
          relation: subject.place,
          operation,
          message: `json has no equality: SELECT DISTINCT, UNION and GROUP BY over all columns of ${subject.shown} fail as soon as "${name}" is there. Use jsonb.`,
        };
      }
    }
  },
  fixes({ operation }) {
    const span = operation?.kind === 'add-column' ? operation.action.column.type?.span : undefined;
    return span === undefined
      ? []
      : [{ kind: 'edit', title: 'Use jsonb', safety: 'review', edits: [{ span, newText: 'jsonb' }] }];
  },
};
