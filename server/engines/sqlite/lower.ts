import type { PragmaStmt, Select, Stmt } from 'sqlite3-parser';
import type { Span } from '../../core/span.ts';
import type { DropObjects, Operation, Pragma, SelectRows, TransactionControl } from '../../model/operation.ts';
import { lowerAlterTable } from './lower-alter.ts';
import { lowerName } from './lower-name.ts';
import { needsOfQuery } from './lower-needs.ts';
import { lowerQuery } from './lower-query.ts';
import { lostMessage, lowerDelete, lowerInsert, lowerUpdate } from './lower-rows.ts';
import { lowerCreateIndex, lowerCreateTable, lowerCreateView, lowerCreateVirtualTable } from './lower-table.ts';
import { lowerCreateTrigger } from './lower-trigger.ts';
import { nodeSpan } from './syntax.ts';

/** What one statement does. */
export function lowerStatement(text: string, span: Span, statement: Stmt): Operation {
  switch (statement.type) {
    case 'CreateTableStmt':
      return lowerCreateTable(text, span, statement);
    case 'CreateVirtualTableStmt':
      return lowerCreateVirtualTable(span, statement);
    case 'CreateIndexStmt':
      return lowerCreateIndex(text, span, statement);
    case 'CreateViewStmt':
      return lowerCreateView(text, span, statement);
    case 'CreateTriggerStmt':
      return lowerCreateTrigger(text, span, statement);
    case 'AlterTableStmt':
      return lowerAlterTable(text, span, statement);
    case 'DropTableStmt':
      return drop(span, 'drop-table', 'table', statement.ifExists, statement.tblName);
    case 'DropIndexStmt':
      return drop(span, 'drop-index', 'index', statement.ifExists, statement.idxName);
    case 'DropViewStmt':
      return drop(span, 'drop-view', 'view', statement.ifExists, statement.viewName);
    case 'DropTriggerStmt':
      return drop(span, 'drop-trigger', 'trigger', statement.ifExists, statement.triggerName);
    case 'InsertStmt':
      return lowerInsert(text, span, statement);
    case 'UpdateStmt':
      return lowerUpdate(text, span, statement);
    case 'DeleteStmt':
      return lowerDelete(text, span, statement);
    case 'SelectStmt':
      return lowerSelect(text, span, statement.body);
    case 'PragmaStmt':
      return lowerPragma(text, span, statement);
    case 'BeginStmt':
      return transaction(span, 'begin', undefined, (statement.tx ?? 'Deferred').toUpperCase());
    case 'CommitStmt':
      return transaction(span, 'commit');
    case 'RollbackStmt':
      return statement.savepointName === undefined
        ? transaction(span, 'rollback')
        : transaction(span, 'rollback-to', statement.savepointName.text);
    case 'SavepointStmt':
      return transaction(span, 'savepoint', statement.savepointName.text);
    case 'ReleaseStmt':
      return transaction(span, 'release', statement.savepointName.text);
    case 'VacuumStmt':
      return { kind: 'vacuum', span, relations: [], full: statement.into === undefined };
    case 'AnalyzeStmt':
      return {
        kind: 'analyze',
        span,
        relations: statement.objName === undefined ? [] : [lowerName(statement.objName)],
      };
    case 'ReindexStmt':
      return statement.objName === undefined
        ? { kind: 'reindex', span, target: 'database', concurrently: false }
        : { kind: 'reindex', span, target: 'table', object: lowerName(statement.objName), concurrently: false };
    case 'AttachStmt':
      return { kind: 'attach-database', span, relations: [] };
    case 'DetachStmt':
      return { kind: 'detach-database', span, relations: [] };
    case 'ExplainStmt':
      return { kind: 'explain', span, relations: [] };
  }
}

function lowerSelect(text: string, span: Span, body: Select): SelectRows {
  const { needs, lost } = needsOfQuery(text, body);
  const query = lowerQuery(text, body, nodeSpan(body));
  return {
    kind: 'select-rows',
    span,
    ...(lost === undefined ? {} : { neverTaken: lostMessage(lost) }),
    query: needs.length === 0 ? query : { ...query, needs },
  };
}

function drop(
  span: Span,
  kind: DropObjects['kind'],
  objectKind: DropObjects['objectKind'],
  ifExists: boolean,
  name: Parameters<typeof lowerName>[0],
): DropObjects {
  return { kind, span, objectKind, objects: [lowerName(name)], ifExists, cascade: false, concurrently: false };
}

function transaction(
  span: Span,
  action: TransactionControl['action'],
  savepoint?: string,
  mode?: string,
): TransactionControl {
  return {
    kind: 'transaction-control',
    span,
    action,
    ...(savepoint === undefined ? {} : { savepoint }),
    ...(mode === undefined ? {} : { mode }),
  };
}

/** `PRAGMA name = value` and `PRAGMA name(value)` mean the same; the value loses its quotes. */
function lowerPragma(text: string, span: Span, statement: PragmaStmt): Pragma {
  const name = statement.name.objName.text.toLowerCase();
  if (statement.body === undefined) return { kind: 'pragma', span, name };
  const written = text.slice(nodeSpan(statement.name).end, span.end);
  const bare =
    statement.body.type === 'CallPragmaBody'
      ? written.replace(/^[^(]*\(/, '').replace(/\)[^)]*$/, '')
      : written.replace(/^[^=]*=/, '');
  const quoted = /^(['"`])([^]*)\1$/.exec(bare.trim());
  return { kind: 'pragma', span, name, value: quoted?.[2] ?? bare.trim() };
}
