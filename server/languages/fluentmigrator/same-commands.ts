import type { Command } from '../csharp/command.ts';
import type { Expression, TableName } from './expression.ts';
import { deleteRow, insertRow, updateRows } from './rows.ts';
import type { SqlWriter } from './sql-writer.ts';

type SameKind =
  | 'delete-table'
  | 'rename-table'
  | 'delete-columns'
  | 'rename-column'
  | 'insert'
  | 'update'
  | 'delete-rows'
  | 'sql';

/** What every product's generator writes in the same words. */
export type SameEverywhere = Extract<Expression, { readonly kind: SameKind }>;

/** How a product's generator begins a command. */
export interface Beginnings {
  readonly write: () => SqlWriter;
  readonly alter: (table: TableName) => SqlWriter;
  /** Behind a DELETE of every row. */
  readonly everyRow: string;
}

/** The commands of an expression that no product writes in its own way. */
export function sameCommands(expression: SameEverywhere, { write, alter, everyRow }: Beginnings): readonly Command[] {
  const one = (writer: SqlWriter): readonly Command[] => [writer.done()];
  switch (expression.kind) {
    case 'delete-table':
      return one(
        write()
          .add(`DROP TABLE ${expression.ifExists ? 'IF EXISTS ' : ''}`)
          .relation(expression)
          .add(';'),
      );
    case 'rename-table':
      return one(alter(expression).add(' RENAME TO ').name(expression.newName).add(';'));
    case 'delete-columns':
      return expression.columns.map((column) => alter(expression).add(' DROP COLUMN ').name(column).add(';').done());
    case 'rename-column':
      return one(
        alter(expression).add(' RENAME COLUMN ').name(expression.name).add(' TO ').name(expression.newName).add(';'),
      );
    case 'insert':
      return expression.rows.map((row) => insertRow(write(), expression, row).done());
    case 'update':
      return one(updateRows(write(), expression));
    case 'delete-rows':
      if (expression.rows === 'all') return one(write().add('DELETE FROM ').relation(expression).add(`${everyRow};`));
      return expression.rows.map((row) => deleteRow(write(), expression, row).done());
    case 'sql':
      return one(write().source(expression.sql));
  }
}
