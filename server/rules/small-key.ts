import { walkExpression } from '../model/expression.ts';
import type { ColumnDefinition, ConstraintDefinition } from '../model/operation.ts';
import { statementsWith } from './facts/operation-index.ts';
import type { Rule } from './rule.ts';
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
  *check(context) {
    for (const statement of statementsWith(context, 'create-table')) {
      if (statement.direction !== 'up') continue;
      for (const operation of statement.body.operations) {
        if (operation.kind !== 'create-table' || operation.persistence === 'temporary') continue;
        for (const column of operation.columns) {
          const most = MOST[column.type?.name ?? ''];
          if (most === undefined || !countsUp(column, operation.constraints) || !isKey(column, operation.constraints))
            continue;
          yield {
            statement,
            span: column.span,
            relation: subjectOf(context, statement, operation.relation).place,
            operation,
            message: `"${column.name}" runs out of numbers at ${most}, and every INSERT into ${operation.relation.name} fails then: make it bigint now, while the table is empty.`,
          };
        }
      }
    }
  },
  fixes({ operation, span }) {
    if (operation?.kind !== 'create-table') return [];
    const column = operation.columns.find((candidate) => candidate.span.start === span.start);
    const type = column?.type?.span;
    return type === undefined
      ? []
      : [
          {
            kind: 'edit',
            title: 'Use 64 bits',
            safety: 'review',
            edits: [{ span: type, newText: column?.serial === undefined ? 'bigint' : 'bigserial' }],
          },
        ];
  },
};

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
