import type { Rule, RuleContext, RuleFinding, RuleStatement } from './rule.ts';
import { actionsOf, isContractStep, subjectOf } from './facts/subject.ts';

const TABLE = "CREATE TABLE users (id bigint PRIMARY KEY, status text NOT NULL DEFAULT 'new', nick text DEFAULT '');";

/** A default that inserts of the running version live on. */
export const droppedDefault: Rule = {
  code: 'dropped-default',
  aliases: ['add-column-required-fake-default'],
  title: 'A required column loses its default while the running version may leave it out',
  severity: 'error',
  dialects: ['postgresql'],
  why:
    'A column that must have a value and has a default may be left out of an INSERT. ' +
    'When the default goes, each such INSERT fails, and the version that is still running does not know better: for a column that this very migration adds it cannot know the column at all. ' +
    'Keep the default until no old instance is left, and drop it as the contract step of the change.',
  docs: [
    'https://www.postgresql.org/docs/current/ddl-default.html',
    'https://www.postgresql.org/docs/current/sql-insert.html',
  ],
  bad: [
    {
      title: 'A column that was added with a default only for its old rows',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users ADD COLUMN age int NOT NULL DEFAULT 0;\nALTER TABLE users ALTER COLUMN <|age|> DROP DEFAULT;',
    },
    {
      title: 'A column that inserts may leave out',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users ALTER COLUMN <|status|> DROP DEFAULT;',
    },
    {
      title: 'A column that is numbered no more',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);'],
      sql: 'ALTER TABLE users ALTER COLUMN <|id|> DROP IDENTITY;',
    },
  ],
  good: [
    {
      title: 'Another sequence takes over',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);\nCREATE SEQUENCE numbers;'],
      sql: "ALTER TABLE users ALTER COLUMN id DROP IDENTITY;\nALTER TABLE users ALTER COLUMN id SET DEFAULT nextval('numbers');",
    },
    {
      title: 'A column that may be empty',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users ALTER COLUMN nick DROP DEFAULT;',
    },
    {
      title: 'Another default',
      dialect: 'postgresql',
      before: [TABLE],
      sql: "ALTER TABLE users ALTER COLUMN status SET DEFAULT 'fresh';",
    },
    {
      title: 'A default that takes the place of the old one',
      dialect: 'postgresql',
      before: [TABLE],
      sql: "ALTER TABLE users ALTER COLUMN status DROP DEFAULT;\nALTER TABLE users ALTER COLUMN status SET DEFAULT 'fresh';",
    },
    {
      title: 'A table of the same migration',
      dialect: 'postgresql',
      sql: `${TABLE}\nALTER TABLE users ALTER COLUMN status DROP DEFAULT;`,
    },
    {
      title: 'The contract step of a change',
      dialect: 'postgresql',
      before: [
        TABLE,
        '-- lockstep: change users-age phase expand\nALTER TABLE users ADD COLUMN age int NOT NULL DEFAULT 0;',
      ],
      sql: '-- lockstep: change users-age phase contract\nALTER TABLE users ALTER COLUMN age DROP DEFAULT;',
    },
  ],
  on: ['drop-default', 'set-default', 'drop-identity'],
  *check(context, statements) {
    if (isContractStep(context)) return;
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const { operation, action } of actionsOf(statement, 'drop-default')) {
        const finding = findingOf(context, statement, operation.relation, action.column, action.columnSpan);
        if (finding !== undefined) yield { ...finding, operation };
      }
      for (const { operation, action } of actionsOf(statement, 'drop-identity')) {
        const subject = subjectOf(context, statement, operation.relation);
        const column = subject.relation?.columns.find((candidate) => candidate.name === action.column);
        if (
          !subject.isInUse ||
          column?.identity === undefined ||
          isGivenValue(context, statement, operation.relation, action.column)
        )
          continue;
        yield {
          statement,
          span: action.columnSpan,
          relation: subject.place,
          operation,
          message: `"${action.column}" of ${subject.shown} is numbered no more: every INSERT of the running version that leaves it out fails.`,
        };
      }
      for (const { operation, action } of actionsOf(statement, 'set-default')) {
        if (action.default.tree.kind !== 'literal' || action.default.tree.value !== null) continue;
        const finding = findingOf(context, statement, operation.relation, action.column, action.columnSpan);
        if (finding !== undefined) yield { ...finding, operation };
      }
    }
  },
};

/** Whether the migration gives the column another source of values. */
function isGivenValue(
  context: RuleContext,
  statement: RuleStatement,
  name: Parameters<typeof subjectOf>[2],
  column: string,
): boolean {
  return context.statements.some(
    (other) =>
      other.index >= statement.index &&
      [...actionsOf(other, 'set-default'), ...actionsOf(other, 'add-identity')].some(
        ({ operation, action }) => operation.relation.name === name.name && action.column === column,
      ),
  );
}

function findingOf(
  context: RuleContext,
  statement: RuleStatement,
  name: Parameters<typeof subjectOf>[2],
  columnName: string,
  span: RuleFinding['span'],
): RuleFinding | undefined {
  const subject = subjectOf(context, statement, name);
  const column = subject.relation?.columns.find((candidate) => candidate.name === columnName);
  if (
    !subject.isInUse ||
    column === undefined ||
    !column.notNull ||
    column.default === undefined ||
    column.generated !== undefined
  )
    return undefined;
  if (column.default.tree.kind === 'literal' && column.default.tree.value === null) return undefined;
  const isReplaced = context.statements.some(
    (later) =>
      later.index > statement.index &&
      [...actionsOf(later, 'set-default'), ...actionsOf(later, 'add-identity')].some(
        ({ operation, action }) => operation.relation.name === name.name && action.column === columnName,
      ),
  );
  const isOptionalLater = context.statements.some((other) =>
    [...actionsOf(other, 'drop-not-null')].some(
      ({ operation, action }) => operation.relation.name === name.name && action.column === columnName,
    ),
  );
  const movesOn = [...actionsOf(statement, 'set-default'), ...actionsOf(statement, 'add-identity')].some(
    ({ operation, action }) =>
      operation.relation.name === name.name && action.column === columnName && operation.span.start > span.start,
  );
  if (isReplaced || isOptionalLater || movesOn) return undefined;
  const isAdded = context.isNewOrigin(column.origin);
  return {
    statement,
    span,
    relation: subject.place,
    ...(isAdded ? {} : { severity: 'warning' as const }),
    message: isAdded
      ? `"${columnName}" of ${subject.shown} is required and loses its default in the migration that adds it: every INSERT of the running version, which does not know the column, fails. Keep the default until the contract step.`
      : `"${columnName}" of ${subject.shown} is required: without its default, inserts of the running version that leave it out fail. Deploy a version that always gives a value first.`,
  };
}
