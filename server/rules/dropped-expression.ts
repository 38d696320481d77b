import { actionsIn, operationsIn } from './facts/operation-index.ts';
import type { Rule } from './rule.ts';
import { actionsOf, isContractStep, subjectOf } from './facts/subject.ts';

const TABLE = 'CREATE TABLE items (id bigint PRIMARY KEY, price int, tax int GENERATED ALWAYS AS (price / 5) STORED);';

/** A generated column that nothing computes any more. */
export const droppedExpression: Rule = {
  code: 'dropped-expression',
  aliases: ['ban-drop-generated-expression'],
  title: 'A generated column is computed no more',
  severity: 'warning',
  dialects: ['postgresql'],
  why:
    'DROP EXPRESSION keeps the values that are there and makes the column a plain one. ' +
    'The running version does not write it, because it could not until now: each row that it adds has NULL there, and each row that it changes keeps the old value, without any error. ' +
    'Let a trigger of the same migration fill the column until no old instance is left, or give it a default.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-DROP-EXPRESSION',
    'https://www.postgresql.org/docs/current/ddl-generated-columns.html',
  ],
  bad: [
    {
      title: 'Nothing takes its place',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE items <|ALTER COLUMN tax DROP EXPRESSION|>;',
    },
  ],
  good: [
    {
      title: 'A trigger takes its place',
      dialect: 'postgresql',
      before: [
        TABLE,
        'CREATE FUNCTION taxes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.tax := NEW.price / 5; RETURN NEW; END $$;',
      ],
      sql: 'ALTER TABLE items ALTER COLUMN tax DROP EXPRESSION;\nCREATE TRIGGER taxes BEFORE INSERT OR UPDATE ON items FOR EACH ROW EXECUTE FUNCTION taxes();',
    },
    {
      title: 'A default takes its place',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE items ALTER COLUMN tax DROP EXPRESSION;\nALTER TABLE items ALTER COLUMN tax SET DEFAULT 0;',
    },
    {
      title: 'A table of the same migration',
      dialect: 'postgresql',
      sql: `${TABLE}\nALTER TABLE items ALTER COLUMN tax DROP EXPRESSION;`,
    },
  ],
  on: ['drop-expression'],
  *check(context, statements) {
    if (isContractStep(context)) return;
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const { operation, action } of actionsOf(statement, 'drop-expression')) {
        const subject = subjectOf(context, statement, operation.relation);
        const column = subject.relation?.columns.find((candidate) => candidate.name === action.column);
        if (
          !subject.isInUse ||
          (column !== undefined && (column.generated === undefined || context.isNewOrigin(column.origin)))
        )
          continue;
        // With IF EXISTS it may be a plain column already.
        if (column === undefined && action.ifExists) continue;
        const isFilled =
          operationsIn(context, 'create-trigger').some(
            (made) => made.operation.relation.name === operation.relation.name,
          ) ||
          actionsIn(context, 'set-default').some(
            (made) => made.operation.relation.name === operation.relation.name && made.action.column === action.column,
          ) ||
          actionsIn(context, 'drop-column').some(
            (dropped) =>
              dropped.operation.relation.name === operation.relation.name && dropped.action.column === action.column,
          );
        if (isFilled) continue;
        yield {
          statement,
          span: operation.span,
          relation: subject.place,
          operation,
          message: `Nothing computes "${action.column}" of ${subject.shown} any more: rows that the running version adds have NULL there, and rows that it changes keep the old value. Fill it by a trigger until no old instance is left.`,
        };
      }
    }
  },
};
