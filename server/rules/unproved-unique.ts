import { indexesOf, relationKeyOf, sameName } from '../model/lookup.ts';
import type { ConstraintDefinition, CreateIndex, IndexElement, TableAction } from '../model/operation.ts';
import type { Relation } from '../model/schema.ts';
import { actionsIn, operationsIn } from './facts/operation-index.ts';
import type { Rule, RuleContext, RuleFinding, RuleStatement } from './rule.ts';
import { subjectOf } from './facts/subject.ts';

const TABLE =
  'CREATE TABLE users (id bigint PRIMARY KEY, email text, team bigint, CONSTRAINT one_mail UNIQUE (team, email));';
const LITE = 'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, team INTEGER);';

/** A key over rows that nothing has kept apart so far. */
export const unprovedUnique: Rule = {
  code: 'unproved-unique',
  aliases: ['unique-index-duplicates'],
  title: 'A unique index or key is built over rows that may hold duplicates',
  severity: 'hint',
  preset: 'strict',
  dialects: ['postgresql', 'sqlite'],
  growsWithTable: true,
  why:
    'The index is built row by row, and the first two rows that are equal end it with an error, perhaps after an hour. ' +
    'Built CONCURRENTLY, it leaves an invalid index behind, which every write goes on to keep up and no query uses. ' +
    'On a test database with few rows it never shows. Look for duplicates first: the message has the query.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY',
    'https://www.postgresql.org/docs/current/indexes-unique.html',
    'https://www.sqlite.org/lang_createindex.html',
  ],
  bad: [
    {
      title: 'An index',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\n<|CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (lower(email)) WHERE team IS NULL|>;',
    },
    {
      title: 'A constraint',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users <|ADD CONSTRAINT users_email UNIQUE (email)|>;',
    },
    {
      title: 'A wider key proves nothing',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\n<|CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email)|>;',
    },
    {
      title: 'An index',
      dialect: 'sqlite',
      before: [LITE],
      sql: '<|CREATE UNIQUE INDEX users_email ON users (email)|>;',
    },
  ],
  good: [
    {
      title: 'A narrower key is there',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY users_key ON users (id, email);',
    },
    {
      title: 'The same key is there',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY users_mail ON users (email, team) INCLUDE (id);',
    },
    {
      title: 'Over an index that is there',
      dialect: 'postgresql',
      before: [TABLE, 'CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email);'],
      sql: 'ALTER TABLE users ADD CONSTRAINT users_email UNIQUE USING INDEX users_email;',
    },
    {
      title: 'A column that is empty still',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nALTER TABLE users ADD COLUMN handle text;\nCREATE UNIQUE INDEX CONCURRENTLY users_handle ON users (handle);',
    },
    {
      title: 'An index that may hold equal values',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY users_email ON users (email);',
    },
    {
      title: 'A table of the same migration',
      dialect: 'postgresql',
      sql: 'CREATE TABLE users (id bigint PRIMARY KEY, email text);\nCREATE UNIQUE INDEX users_email ON users (email);',
    },
    {
      title: 'A table of the same migration',
      dialect: 'sqlite',
      sql: `${LITE}\nCREATE UNIQUE INDEX users_email ON users (email);`,
    },
  ],
  *check(context) {
    for (const { statement, operation } of operationsIn(context, 'create-index')) {
      if (!operation.unique) continue;
      const finding = findingOf(
        context,
        statement,
        operation,
        operation.elements,
        operation.where?.text,
        operation.nullsNotDistinct === true,
        operation.concurrently,
      );
      if (finding !== undefined) yield finding;
    }
    for (const { statement, operation, action } of actionsIn(context, 'add-constraint')) {
      const { constraint } = action;
      if ((constraint.kind !== 'unique' && constraint.kind !== 'primary-key') || constraint.usingIndex !== undefined)
        continue;
      const finding = findingOf(
        context,
        statement,
        operation,
        elementsOf(constraint),
        undefined,
        constraint.nullsNotDistinct === true,
        false,
      );
      if (finding !== undefined) yield finding;
    }
  },
};

function elementsOf(constraint: ConstraintDefinition): readonly IndexElement[] {
  return constraint.columns.map((column) => ({ column }));
}

function findingOf(
  context: RuleContext,
  statement: RuleStatement,
  operation: CreateIndex | TableAction,
  elements: readonly IndexElement[],
  where: string | undefined,
  isNullOne: boolean,
  isConcurrent: boolean,
): RuleFinding | undefined {
  if (statement.direction !== 'up') return undefined;
  const subject = subjectOf(context, statement, operation.relation);
  const columns = elements.flatMap((element) => (element.column === undefined ? [] : [element.column]));
  if (
    !subject.isInUse ||
    (subject.relation !== undefined &&
      (isProved(statement, subject.relation, columns, isNullOne) || isEmpty(context, subject.relation, columns)))
  )
    return undefined;
  const quote = (name: string): string => context.engine.quoteName(name);
  const texts = elements.map((element) =>
    element.column === undefined ? (element.expression?.text ?? '') : quote(element.column),
  );
  const conditions = [
    ...(where === undefined ? [] : [/\bor\b/i.test(where) ? `(${where})` : where]),
    ...(isNullOne ? [] : texts.map((text) => `${text} IS NOT NULL`)),
  ];
  const table = [
    ...(operation.relation.schema === undefined ? [] : [operation.relation.schema]),
    operation.relation.name,
  ]
    .map(quote)
    .join('.');
  const query = `SELECT ${texts.join(', ')}, count(*) FROM ${table}${conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`} GROUP BY ${texts.map((_, index) => index + 1).join(', ')} HAVING count(*) > 1`;
  return {
    statement,
    span: operation.span,
    relation: subject.place,
    operation,
    message: `The first two rows of ${subject.shown} that are equal here end this with an error${isConcurrent ? ', and leave an invalid index behind' : ''}. They are found by: ${query}`,
  };
}

/** Whether a key over these columns, or over fewer, keeps the rows apart already. */
function isProved(
  statement: RuleStatement,
  relation: Relation,
  columns: readonly string[],
  isNullOne: boolean,
): boolean {
  const schema = statement.before;
  const isRequired = (name: string): boolean =>
    relation.columns.some((column) => sameName(schema.product, column.name, name) && column.notNull);
  const isWithin = (key: readonly (string | undefined)[]): boolean =>
    key.length > 0 &&
    key.every((name) => name !== undefined && columns.some((column) => sameName(schema.product, column, name)));
  const provesNulls = (key: readonly (string | undefined)[]): boolean =>
    !isNullOne || key.every((name) => name !== undefined && isRequired(name));
  return (
    relation.constraints.some(
      (constraint) =>
        (constraint.kind === 'primary-key' || constraint.kind === 'unique') &&
        constraint.period !== true &&
        isWithin(constraint.columns) &&
        provesNulls(constraint.columns),
    ) ||
    indexesOf(schema, relationKeyOf(schema, relation)).some((index) => {
      const key = index.elements.map((element) => element.column);
      return (
        index.unique &&
        index.valid &&
        index.where === undefined &&
        isWithin(key) &&
        (index.nullsNotDistinct || provesNulls(key))
      );
    })
  );
}

/** Whether one of the columns is new and has no value anywhere. */
function isEmpty(context: RuleContext, relation: Relation, columns: readonly string[]): boolean {
  return relation.columns.some(
    (column) =>
      columns.includes(column.name) &&
      column.default === undefined &&
      column.identity === undefined &&
      column.generated === undefined &&
      context.isNewOrigin(column.origin),
  );
}
