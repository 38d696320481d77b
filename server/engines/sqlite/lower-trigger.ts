import type { CreateTriggerStmt, TriggerCmd, TriggerEvent, TriggerTime } from 'sqlite3-parser';
import type { Span } from '../../core/span.ts';
import type { CreateTrigger, Operation } from '../../model/operation.ts';
import { lowerExpression } from './lower-expression.ts';
import { lowerName } from './lower-name.ts';
import { lowerQuery } from './lower-query.ts';
import { lowerDelete, lowerTriggerInsert, lowerUpdate } from './lower-rows.ts';
import { nodeSpan } from './syntax.ts';

const TIMINGS: Readonly<Record<TriggerTime, CreateTrigger['timing']>> = {
  Before: 'before',
  After: 'after',
  InsteadOf: 'instead-of',
};

const EVENTS: Readonly<Record<TriggerEvent['type'], 'insert' | 'update' | 'delete'>> = {
  DeleteTriggerEvent: 'delete',
  InsertTriggerEvent: 'insert',
  UpdateTriggerEvent: 'update',
  UpdateOfTriggerEvent: 'update',
};

/** CREATE TRIGGER; SQLite has triggers for each row only, and BEFORE where the text has no timing. */
export function lowerCreateTrigger(text: string, span: Span, statement: CreateTriggerStmt): CreateTrigger {
  const { name, schema } = lowerName(statement.triggerName);
  const table = lowerName(statement.tblName);
  const { event } = statement;
  return {
    kind: 'create-trigger',
    span,
    name,
    // A trigger lies in its table's database, unless it is temporary.
    relation:
      table.schema === undefined && schema !== undefined && schema.toLowerCase() !== 'temp'
        ? { ...table, schema }
        : table,
    orReplace: false,
    constraint: false,
    timing: statement.time === undefined ? 'before' : TIMINGS[statement.time],
    events: [EVENTS[event.type]],
    updateColumns: event.type === 'UpdateOfTriggerEvent' ? event.columns.map((column) => column.text) : [],
    forEachRow: true,
    ...(statement.whenClause === undefined ? {} : { when: lowerExpression(text, statement.whenClause) }),
    ifNotExists: statement.ifNotExists,
    temporary: statement.temporary || schema?.toLowerCase() === 'temp',
    body: statement.commands.map((command) => lowerCommand(text, command)),
    sql: text.slice(span.start, span.end),
  };
}

function lowerCommand(text: string, command: TriggerCmd): Operation {
  const span = nodeSpan(command);
  switch (command.type) {
    case 'InsertTriggerCmd':
      return lowerTriggerInsert(text, span, command);
    case 'UpdateTriggerCmd':
      return lowerUpdate(text, span, command);
    case 'DeleteTriggerCmd':
      return lowerDelete(text, span, command);
    case 'SelectTriggerCmd':
      return { kind: 'select-rows', span, query: lowerQuery(text, command.select, nodeSpan(command.select)) };
  }
}
