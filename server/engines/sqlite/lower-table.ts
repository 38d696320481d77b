import type { CreateIndexStmt, CreateTableStmt, CreateViewStmt, CreateVirtualTableStmt } from 'sqlite3-parser';
import type { Span } from '../../core/span.ts';
import type { ColumnDefinition, CreateIndex, CreateTable, CreateTableAs, CreateView } from '../../model/operation.ts';
import { lowerColumn } from './lower-column.ts';
import { constraintSpan, lowerElement, lowerTableConstraint } from './lower-constraint.ts';
import { lowerExpression } from './lower-expression.ts';
import { lowerName } from './lower-name.ts';
import { needsOfQuery } from './lower-needs.ts';
import { lowerQuery } from './lower-query.ts';
import { nodeSpan } from './syntax.ts';

/** Bits of the parser's table flags; its package exports the types of them only. */
const WITHOUT_ROWID = 0x80;
const STRICT = 0x10000;

function isTemporary(word: boolean, schema: string | undefined): boolean {
  return word || schema?.toLowerCase() === 'temp';
}

/** CREATE TABLE, with columns or from a query. */
export function lowerCreateTable(text: string, span: Span, statement: CreateTableStmt): CreateTable | CreateTableAs {
  const relation = lowerName(statement.tblName);
  const persistence = isTemporary(statement.temporary, relation.schema) ? 'temporary' : 'permanent';
  const base = { span, relation, ifNotExists: statement.ifNotExists, persistence } as const;
  const { body } = statement;
  if (body.type === 'AsSelectCreateTableBody')
    return {
      ...base,
      kind: 'create-table-as',
      withData: true,
      query: { ...lowerQuery(text, body.select, nodeSpan(body.select)), needs: needsOfQuery(text, body.select).needs },
    };
  const named = body.constraints ?? [];
  const isAutoincrement = (column: ColumnDefinition): boolean =>
    named.some(
      ({ constraint }) =>
        constraint.type === 'PrimaryKeyTableConstraint' &&
        constraint.autoIncrement &&
        constraint.columns.some(
          (key) => key.expr.type === 'Id' && key.expr.name.toLowerCase() === column.name.toLowerCase(),
        ),
    );
  const columns = body.columns
    .map((column) => lowerColumn(text, column))
    .map((column) => (isAutoincrement(column) ? { ...column, autoincrement: true } : column));
  return {
    ...base,
    kind: 'create-table',
    columns,
    constraints: named.map((constraint) =>
      lowerTableConstraint(text, constraint, constraintSpan(text, constraint.name, nodeSpan(constraint.constraint))),
    ),
    like: [],
    inherits: [],
    ...((body.flags & WITHOUT_ROWID) === 0 ? {} : { withoutRowid: true }),
    ...((body.flags & STRICT) === 0 ? {} : { strict: true }),
  };
}

/** CREATE VIRTUAL TABLE: which columns there are is the module's affair. */
export function lowerCreateVirtualTable(span: Span, statement: CreateVirtualTableStmt): CreateTable {
  return {
    kind: 'create-table',
    span,
    relation: lowerName(statement.tblName),
    ifNotExists: statement.ifNotExists,
    persistence: 'permanent',
    columns: [],
    constraints: [],
    like: [],
    inherits: [],
    virtualModule: statement.moduleName.text,
  };
}

/** CREATE INDEX. SQLite writes the database in front of the index; its table is in the same one. */
export function lowerCreateIndex(text: string, span: Span, statement: CreateIndexStmt): CreateIndex {
  const { schema, name, span: nameSpan } = lowerName(statement.idxName);
  return {
    kind: 'create-index',
    span,
    name,
    nameSpan,
    relation: {
      ...(schema === undefined ? {} : { schema }),
      name: statement.tblName.text,
      span: nodeSpan(statement.tblName),
    },
    unique: statement.unique,
    concurrently: false,
    ifNotExists: statement.ifNotExists,
    only: false,
    method: 'btree',
    elements: statement.columns.map((column) => lowerElement(text, column)),
    include: [],
    ...(statement.whereClause === undefined ? {} : { where: lowerExpression(text, statement.whereClause) }),
  };
}

/** CREATE VIEW. */
export function lowerCreateView(text: string, span: Span, statement: CreateViewStmt): CreateView {
  const relation = lowerName(statement.viewName);
  return {
    kind: 'create-view',
    span,
    relation,
    orReplace: false,
    ifNotExists: statement.ifNotExists,
    temporary: isTemporary(statement.temporary, relation.schema),
    recursive: false,
    ...(statement.columns === undefined ? {} : { columns: statement.columns.map((column) => column.colName.text) }),
    withData: false,
    query: lowerQuery(text, statement.select, nodeSpan(statement.select)),
    sql: text.slice(span.start, span.end),
  };
}
