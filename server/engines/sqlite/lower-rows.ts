import type {
  DeleteStmt,
  DeleteTriggerCmd,
  InsertStmt,
  InsertTriggerCmd,
  Select,
  UpdateStmt,
  UpdateTriggerCmd,
  Upsert,
} from 'sqlite3-parser';
import type { Span } from '../../core/span.ts';
import type { Assignment, DeleteRows, InsertRows, Query, UpdateRows } from '../../model/operation.ts';
import { lowerElement } from './lower-constraint.ts';
import { lowerExpression, lowerTree } from './lower-expression.ts';
import { lowerName } from './lower-name.ts';
import { type Needs, needsOfParts } from './lower-needs.ts';
import { lowerQuery, outputNames } from './lower-query.ts';

/** Rows of VALUES that are looked at one by one. */
const MOST_ROWS = 100;

/** INSERT and REPLACE. */
export function lowerInsert(text: string, span: Span, statement: InsertStmt): InsertRows {
  const { body, columns } = statement;
  const select = body.type === 'SelectInsertBody' ? body.select : undefined;
  const upsert = body.type === 'SelectInsertBody' ? body.upsert : undefined;
  return insertRows(
    text,
    span,
    statement,
    columns?.map((column) => column.text),
    select,
    upsert,
    [statement.with, select, upsert, statement.returning],
    statement,
  );
}

/** INSERT in a trigger's body. */
export function lowerTriggerInsert(text: string, span: Span, command: InsertTriggerCmd): InsertRows {
  return insertRows(
    text,
    span,
    command,
    command.colNames?.map((column) => column.text),
    command.select,
    command.upsert,
    [command.select, command.upsert],
    undefined,
  );
}

function insertRows(
  text: string,
  span: Span,
  statement: Pick<InsertStmt | InsertTriggerCmd, 'tblName' | 'orConflict'>,
  columns: readonly string[] | undefined,
  select: Select | undefined,
  upsert: Upsert | undefined,
  parts: readonly unknown[],
  inner: InsertStmt | undefined,
): InsertRows {
  const isUpdate = (clause: Upsert | undefined): boolean =>
    clause !== undefined && (clause.doClause.type === 'SetUpsertDo' || isUpdate(clause.next));
  const values =
    select?.compounds === undefined && select?.select.type === 'SelectValues' ? select.select.values.length : undefined;
  const rowCount = select === undefined ? 1 : values;
  const rows = values !== undefined && select?.select.type === 'SelectValues' ? select.select.values : undefined;
  const table = lowerName(statement.tblName);
  const needed =
    inner === undefined
      ? undefined
      : needsOfParts(text, {
          with: inner.with,
          tables: [{ table }, ...(upsert === undefined ? [] : [{ table, alias: 'excluded' }])],
          // What ON CONFLICT names is looked at by itself.
          parts: [upsert?.index?.whereClause, upsert?.doClause, upsert?.next, inner.returning],
          queries: [select],
        });
  const onConflict = isUpdate(upsert)
    ? 'update'
    : upsert !== undefined || statement.orConflict === 'Ignore'
      ? 'nothing'
      : undefined;
  return {
    kind: 'insert-rows',
    span,
    ...lostName(needed),
    relation: table,
    ...(columns === undefined ? {} : { columns }),
    ...(rows === undefined
      ? {}
      : { values: rows.slice(0, MOST_ROWS).map((row) => row.values.map((value) => lowerTree(text, value))) }),
    ...(upsert === undefined ? {} : { conflict: lowerConflict(text, upsert) }),
    ...(rowCount === undefined ? {} : { rowCount }),
    query: {
      ...lowerQuery(
        text,
        {
          parts,
          hasWhere: select?.select.type === 'SelectFrom' && select.select.whereClause !== undefined,
          hasLimit: select?.limit !== undefined,
        },
        span,
      ),
      ...neededNames(needed),
      output: select === undefined ? [] : outputNames(select.select),
    },
    ...(onConflict === undefined ? {} : { onConflict }),
    ...(statement.orConflict === 'Replace' ? { orReplace: true } : {}),
  };
}

/** What ON CONFLICT names, and what it then sets. */
function lowerConflict(text: string, { index, doClause }: Upsert): NonNullable<InsertRows['conflict']> {
  return {
    elements: (index?.targets ?? []).map((target) => lowerElement(text, target)),
    ...(index?.whereClause === undefined ? {} : { where: lowerTree(text, index.whereClause) }),
    assignments: doClause.type === 'SetUpsertDo' ? lowerAssignments(text, doClause.sets) : [],
  };
}

function lowerAssignments(text: string, sets: UpdateStmt['sets']): readonly Assignment[] {
  return sets.flatMap(({ colNames, expr }) => {
    const [column] = colNames;
    return column === undefined || colNames.length > 1 ? [] : [{ column: column.text, value: lowerTree(text, expr) }];
  });
}

/** Names that a statement's query has to find, where it has any. */
function neededNames(needed: Needs | undefined): Pick<Query, 'needs'> {
  return needed === undefined || needed.needs.length === 0 ? {} : { needs: needed.needs };
}

/** What an UPDATE or DELETE reads: `own` are the clauses between those that both have as statements of their own. */
function changeQuery(
  text: string,
  span: Span,
  statement: UpdateStmt | UpdateTriggerCmd | DeleteStmt | DeleteTriggerCmd,
  own: readonly unknown[],
  needed: Needs | undefined,
): Query {
  const whole = statement.type === 'UpdateStmt' || statement.type === 'DeleteStmt' ? statement : undefined;
  return {
    ...lowerQuery(
      text,
      {
        parts: whole === undefined ? own : [whole.with, ...own, whole.returning, whole.orderBy, whole.limit],
        hasWhere: statement.whereClause !== undefined,
        hasLimit: whole?.limit !== undefined,
      },
      span,
    ),
    ...neededNames(needed),
  };
}

/** Why no SQLite takes a statement in which a name can stand for nothing. */
function lostName(needed: Needs | undefined): { readonly neverTaken?: string } {
  return needed?.lost === undefined ? {} : { neverTaken: lostMessage(needed.lost) };
}

export function lostMessage(lost: string): string {
  const dot = lost.lastIndexOf('.');
  return dot < 0
    ? `${lost} stands for a column here, and nothing is read that could have it.`
    : `Nothing in this statement is called ${lost.slice(0, dot)}.`;
}

/** UPDATE, also in a trigger's body. */
export function lowerUpdate(text: string, span: Span, statement: UpdateStmt | UpdateTriggerCmd): UpdateRows {
  const { whereClause } = statement;
  const isStatement = statement.type === 'UpdateStmt';
  const table = lowerName(statement.tblName);
  const needed = isStatement
    ? needsOfParts(text, {
        with: statement.with,
        tables: [{ table, alias: statement.tblName.alias?.text }],
        from: statement.from,
        parts: [
          statement.sets.map((set) => set.expr),
          whereClause,
          statement.returning,
          statement.orderBy,
          statement.limit,
        ],
        queries: [],
      })
    : undefined;
  return {
    kind: 'update-rows',
    span,
    ...lostName(needed),
    relation: table,
    only: false,
    assignments: lowerAssignments(text, statement.sets),
    columns: statement.sets.flatMap((set) => set.colNames.map((column) => column.text)),
    ...(whereClause === undefined ? {} : { where: lowerExpression(text, whereClause) }),
    query: changeQuery(text, span, statement, [statement.sets, statement.from, whereClause], needed),
  };
}

/** DELETE, also in a trigger's body. */
export function lowerDelete(text: string, span: Span, statement: DeleteStmt | DeleteTriggerCmd): DeleteRows {
  const { whereClause } = statement;
  const isStatement = statement.type === 'DeleteStmt';
  const table = lowerName(statement.tblName);
  const needed = isStatement
    ? needsOfParts(text, {
        with: statement.with,
        tables: [{ table, alias: statement.tblName.alias?.text }],
        parts: [whereClause, statement.returning, statement.orderBy, statement.limit],
        queries: [],
      })
    : undefined;
  return {
    kind: 'delete-rows',
    span,
    ...lostName(needed),
    relation: table,
    only: false,
    ...(whereClause === undefined ? {} : { where: lowerExpression(text, whereClause) }),
    query: changeQuery(text, span, statement, [whereClause], needed),
  };
}
