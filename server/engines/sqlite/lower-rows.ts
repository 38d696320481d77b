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
import type { DeleteRows, InsertRows, UpdateRows } from '../../model/operation.ts';
import { lowerExpression } from './lower-expression.ts';
import { lowerName } from './lower-name.ts';
import { lowerQuery, outputNames } from './lower-query.ts';

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
): InsertRows {
  const isUpdate = (clause: Upsert | undefined): boolean =>
    clause !== undefined && (clause.doClause.type === 'SetUpsertDo' || isUpdate(clause.next));
  const values =
    select?.compounds === undefined && select?.select.type === 'SelectValues' ? select.select.values.length : undefined;
  const rowCount = select === undefined ? 1 : values;
  const onConflict = isUpdate(upsert)
    ? 'update'
    : upsert !== undefined || statement.orConflict === 'Ignore'
      ? 'nothing'
      : undefined;
  return {
    kind: 'insert-rows',
    span,
    relation: lowerName(statement.tblName),
    ...(columns === undefined ? {} : { columns }),
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
      output: select === undefined ? [] : outputNames(select.select),
    },
    ...(onConflict === undefined ? {} : { onConflict }),
    ...(statement.orConflict === 'Replace' ? { orReplace: true } : {}),
  };
}

/** UPDATE, also in a trigger's body. */
export function lowerUpdate(text: string, span: Span, statement: UpdateStmt | UpdateTriggerCmd): UpdateRows {
  const { whereClause } = statement;
  const isStatement = statement.type === 'UpdateStmt';
  return {
    kind: 'update-rows',
    span,
    relation: lowerName(statement.tblName),
    only: false,
    columns: statement.sets.flatMap((set) => set.colNames.map((column) => column.text)),
    ...(whereClause === undefined ? {} : { where: lowerExpression(text, whereClause) }),
    query: lowerQuery(
      text,
      {
        parts: [
          ...(isStatement ? [statement.with] : []),
          statement.sets,
          statement.from,
          whereClause,
          ...(isStatement ? [statement.returning, statement.orderBy, statement.limit] : []),
        ],
        hasWhere: whereClause !== undefined,
        hasLimit: isStatement && statement.limit !== undefined,
      },
      span,
    ),
  };
}

/** DELETE, also in a trigger's body. */
export function lowerDelete(text: string, span: Span, statement: DeleteStmt | DeleteTriggerCmd): DeleteRows {
  const { whereClause } = statement;
  const isStatement = statement.type === 'DeleteStmt';
  return {
    kind: 'delete-rows',
    span,
    relation: lowerName(statement.tblName),
    only: false,
    ...(whereClause === undefined ? {} : { where: lowerExpression(text, whereClause) }),
    query: lowerQuery(
      text,
      {
        parts: [
          ...(isStatement ? [statement.with] : []),
          whereClause,
          ...(isStatement ? [statement.returning, statement.orderBy, statement.limit] : []),
        ],
        hasWhere: whereClause !== undefined,
        hasLimit: isStatement && statement.limit !== undefined,
      },
      span,
    ),
  };
}
