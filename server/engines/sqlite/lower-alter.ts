import type { AlterTableStmt } from 'sqlite3-parser';
import type { Span } from '../../core/span.ts';
import { type TableAction, type TableActionDetail, tableActionOf } from '../../model/operation.ts';
import { lowerColumn } from './lower-column.ts';
import { constraintSpan, lowerTableConstraint } from './lower-constraint.ts';
import { lowerName } from './lower-name.ts';
import { nodeSpan } from './syntax.ts';

/** ALTER TABLE, which has one action in SQLite. Source: sqlite.org/lang_altertable.html. */
export function lowerAlterTable(text: string, span: Span, statement: AlterTableStmt): TableAction {
  return tableActionOf(
    { span, relation: lowerName(statement.tblName), head: 'table', ifExists: false, only: false },
    lowerAction(text, statement),
  );
}

function lowerAction(text: string, { body, tblName }: AlterTableStmt): TableActionDetail {
  switch (body.type) {
    case 'RenameToAlterTableBody':
      return { kind: 'rename-table', newName: body.name.text, newNameSpan: nodeSpan(body.name) };
    case 'AddColumnAlterTableBody':
      return { kind: 'add-column', column: lowerColumn(text, body.column), ifNotExists: false };
    case 'DropColumnAlterTableBody':
      return {
        kind: 'drop-column',
        column: body.column.text,
        columnSpan: nodeSpan(body.column),
        ifExists: false,
        cascade: false,
      };
    case 'RenameColumnAlterTableBody':
      return { kind: 'rename-column', column: body.old.text, columnSpan: nodeSpan(body.old), newName: body.new.text };
    case 'SetColumnNotNullAlterTableBody':
      return { kind: 'set-not-null', column: body.column.text, columnSpan: nodeSpan(body.column) };
    case 'DropColumnNotNullAlterTableBody':
      return { kind: 'drop-not-null', column: body.column.text, columnSpan: nodeSpan(body.column) };
    case 'DropConstraintAlterTableBody':
      return {
        kind: 'drop-constraint',
        constraint: body.name.text,
        constraintSpan: nodeSpan(body.name),
        ifExists: false,
        cascade: false,
      };
    case 'AddConstraintAlterTableBody': {
      const { constraint } = body;
      // The parser's range for it is the whole statement: it begins with its first word behind the table's name and ADD.
      const tableEnd = nodeSpan(tblName).end;
      const word = constraint.name === undefined ? /\bcheck\b/i.exec(text.slice(tableEnd)) : null;
      const whole = { start: tableEnd + (word?.index ?? 0), end: nodeSpan(constraint.constraint).end };
      return {
        kind: 'add-constraint',
        constraint: lowerTableConstraint(text, constraint, constraintSpan(text, constraint.name, whole)),
      };
    }
  }
}
