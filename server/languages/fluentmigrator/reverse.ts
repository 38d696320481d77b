import type { Expression } from './expression.ts';

/**
 * What takes an expression back, as a migration that is reversed by itself does; undefined where FluentMigrator has no way
 * back and throws. Source: fluentmigrator/fluentmigrator, the `Reverse` of each expression.
 */
export function reverseOf(expression: Expression): Expression | undefined {
  const { span, made, certainty, conditions } = expression;
  const origin = { span, made, certainty, conditions };
  switch (expression.kind) {
    case 'create-table':
      return { ...origin, kind: 'delete-table', schema: expression.schema, table: expression.table, ifExists: false };
    case 'create-column':
      return {
        ...origin,
        kind: 'delete-columns',
        schema: expression.schema,
        table: expression.table,
        columns: [expression.column.name],
      };
    case 'rename-table':
      return { ...expression, table: expression.newName, newName: expression.table };
    case 'rename-column':
      return { ...expression, name: expression.newName, newName: expression.name };
    case 'create-index':
      return {
        ...origin,
        kind: 'delete-index',
        schema: expression.schema,
        table: expression.table,
        name: expression.name,
        columns: expression.columns.map(({ name }) => name),
        isConcurrent: false,
      };
    case 'create-foreign-key':
      return { ...origin, kind: 'delete-foreign-key', key: expression.key };
    case 'create-constraint':
      return { ...expression, kind: 'delete-constraint' };
    case 'create-schema':
      return { ...origin, kind: 'delete-schema', name: expression.name };
    case 'create-sequence':
      return { ...expression, kind: 'delete-sequence' };
    case 'insert':
      return {
        ...origin,
        kind: 'delete-rows',
        schema: expression.schema,
        table: expression.table,
        rows: expression.rows,
      };
    case 'unknown':
      return expression;
    default:
      return undefined;
  }
}
