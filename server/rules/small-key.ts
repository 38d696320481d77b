import { walkExpression } from '../model/expression.ts';
import type { Span } from '../core/span.ts';
import type { ColumnDefinition, ConstraintDefinition, CreateTable } from '../model/operation.ts';
import { operationsIn } from './facts/operation-index.ts';
import type { Rule, RuleContext, RuleStatement } from './rule.ts';
import { subjectOf } from './facts/subject.ts';

/** Greatest values of the integer types that overflow in practice. Source: PostgreSQL manual, "Numeric Types", table 8.2. */
const MOST: Readonly<Record<string, string>> = { int2: '32,767', int4: '2,147,483,647' };

/** A primary key that runs out of numbers. */
export const smallKey: Rule = {
  code: 'small-key',
  aliases: ['prefer-bigint-over-int', 'prefer-bigint-over-smallint', 'short-primary-key'],
  title: 'A primary key that counts up has 32 bits or fewer',
  severity: 'info',
  dialects: ['postgresql'],
  why:
    'A generated integer key is used up at 2,147,483,647, counting the numbers of failed and deleted inserts too, and then every INSERT fails. ' +
    'To widen it later, the whole table and every table that refers to it must be written anew. ' +
    'bigint costs four bytes a row, and nothing that is noticed.',
  docs: [
    'https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-INT',
    'https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-SERIAL',
  ],
  bad: [
    {
      title: 'serial',
      dialect: 'postgresql',
      sql: 'CREATE TABLE users (<|id serial PRIMARY KEY|>);',
      fixed: 'CREATE TABLE users (id bigserial PRIMARY KEY);',
    },
    {
      title: 'A key that the application counts up',
      dialect: 'postgresql',
      sql: 'CREATE TABLE users (<|id int PRIMARY KEY|>);',
    },
    {
      title: 'A key that its own table points at',
      dialect: 'postgresql',
      sql: 'CREATE TABLE parts (<|id serial PRIMARY KEY|>, parent_id int REFERENCES parts (id));',
      fixed: 'CREATE TABLE parts (id bigserial PRIMARY KEY, parent_id bigint REFERENCES parts (id));',
    },
    {
      title: 'A 32-bit identity',
      dialect: 'postgresql',
      sql: 'CREATE TABLE users (<|id int GENERATED ALWAYS AS IDENTITY|>, PRIMARY KEY (id));',
    },
  ],
  good: [
    {
      title: 'bigint',
      dialect: 'postgresql',
      sql: 'CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);',
    },
    {
      title: 'A key that nothing counts up',
      dialect: 'postgresql',
      sql: 'CREATE TABLE countries (code int PRIMARY KEY, name text);',
    },
    {
      title: 'A table of one row',
      dialect: 'postgresql',
      sql: 'CREATE TABLE totals (id smallint PRIMARY KEY DEFAULT 1, orders bigint, CONSTRAINT one_row CHECK (id = 1));\nCREATE TABLE settings (id int PRIMARY KEY CHECK (id = 1), theme text);',
    },
    {
      title: 'A temporary table',
      dialect: 'postgresql',
      sql: 'CREATE TEMPORARY TABLE scratch (id serial PRIMARY KEY);',
    },
  ],
  on: ['create-table'],
  *check(context, statements) {
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const operation of statement.body.operations) {
        if (operation.kind !== 'create-table' || operation.persistence === 'temporary') continue;
        for (const column of operation.columns) {
          const most = MOST[column.type?.name ?? ''];
          if (most === undefined || !countsUp(column, operation.constraints) || !isKey(column, operation.constraints))
            continue;
          const pointing = pointingColumns(context, operation, column);
          yield {
            statement,
            span: column.span,
            relation: subjectOf(context, statement, operation.relation).place,
            operation,
            message: `"${column.name}" runs out of numbers at ${most}, and every INSERT into ${operation.relation.name} fails then: make it bigint now, while the table is empty${pointing.length === 0 ? '' : `, and ${pointing.map(({ table, name }) => `${table}."${name}"`).join(', ')} with it`}.`,
          };
        }
      }
    }
  },
  fixes({ operation, span, statement }, context) {
    if (operation?.kind !== 'create-table') return [];
    const column = operation.columns.find((candidate) => candidate.span.start === span.start);
    if (column === undefined) return [];
    const pointing = pointingColumns(context, operation, column);
    // One edit is of one statement, and a key of another type than what points at it is no remedy.
    if (pointing.some((each) => each.statement !== statement)) return [];
    const edits = [
      { span: column.type?.span, newText: column.serial === undefined ? 'bigint' : 'bigserial' },
      ...pointing.map(({ type }) => ({ span: type, newText: 'bigint' })),
    ].flatMap(({ span: place, newText }) => (place === undefined ? [] : [{ span: place, newText }]));
    return edits.length <= pointing.length ? [] : [{ kind: 'edit', title: 'Use 64 bits', safety: 'review', edits }];
  },
};

/** A column of the same migration that points at a key and has fewer bits than that is to have. */
interface PointingColumn {
  readonly statement: RuleStatement;
  readonly table: string;
  readonly name: string;
  readonly type: Span | undefined;
}

function pointingColumns(
  context: RuleContext,
  key: Pick<CreateTable, 'relation' | 'constraints'>,
  column: ColumnDefinition,
): readonly PointingColumn[] {
  const isAt = ({ references, kind }: ConstraintDefinition): number =>
    kind !== 'foreign-key' || references?.relation.name !== key.relation.name
      ? -1
      : references.columns.length === 0
        ? 0
        : references.columns.indexOf(column.name);
  return operationsIn(context, 'create-table').flatMap(({ statement, operation }) =>
    operation.columns.flatMap((own): readonly PointingColumn[] => {
      const isSmall = MOST[own.type?.name ?? ''] !== undefined && own.serial === undefined;
      const isPointing =
        own.constraints.some((constraint) => isAt(constraint) >= 0) ||
        operation.constraints.some(
          (constraint) => isAt(constraint) >= 0 && constraint.columns[isAt(constraint)] === own.name,
        );
      return isSmall && isPointing
        ? [{ statement, table: operation.relation.name, name: own.name, type: own.type?.span }]
        : [];
    }),
  );
}

/** Whether a number is drawn for each row: a key by the name of id is one that the application counts up, unless it has one value only. */
function countsUp(column: ColumnDefinition, constraints: readonly ConstraintDefinition[]): boolean {
  if (column.serial !== undefined || column.identity !== undefined) return true;
  const isConstant =
    column.default !== undefined &&
    [...walkExpression(column.default.tree)].every((part) => part.kind === 'literal' || part.kind === 'cast');
  const isFixed = [...column.constraints, ...constraints].some(
    ({ kind, columns, expression }) =>
      kind === 'check' &&
      columns.length === 1 &&
      columns[0] === column.name &&
      expression?.tree.kind === 'operator' &&
      expression.tree.name === '=',
  );
  return column.name === 'id' && !isConstant && !isFixed;
}

function isKey(column: ColumnDefinition, constraints: readonly ConstraintDefinition[]): boolean {
  return [...column.constraints, ...constraints].some(
    (constraint) => constraint.kind === 'primary-key' && constraint.columns.includes(column.name),
  );
}
