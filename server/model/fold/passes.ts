import { isTableAction, type Operation, type TableAction } from '../operation.ts';

/**
 * Pass in which PostgreSQL runs an action of ALTER TABLE, whatever its place in the statement: drops first, then types, new
 * columns, checks, NOT NULL, keys, and what is left.
 *
 * Source: AlterTablePass in PostgreSQL's commands/tablecmds.c; checked by test/database/fold.test.ts.
 */
function passOf({ action }: TableAction): number {
  switch (action.kind) {
    case 'drop-column':
    case 'drop-constraint':
    case 'drop-default':
    case 'drop-not-null':
    case 'drop-expression':
    case 'drop-identity':
      return 0;
    case 'alter-type':
      return 1;
    case 'add-column':
      return 2;
    case 'set-expression':
      return 3;
    case 'set-not-null':
      return 5;
    case 'set-default':
    case 'add-identity':
      return 7;
    case 'add-constraint':
      if (action.constraint.kind === 'check' || action.constraint.kind === 'not-null') return 4;
      return action.constraint.kind === 'foreign-key' ? 7 : 6;
    default:
      return 8;
  }
}

/** The operations of a statement in the order in which PostgreSQL runs them: only the actions of one ALTER TABLE move. */
export function inPassOrder(operations: readonly Operation[]): readonly Operation[] {
  if (operations.length < 2 || !operations.some(isTableAction)) return operations;
  const ordered: Operation[] = [];
  let group: TableAction[] = [];
  const flush = (): void => {
    ordered.push(...group.sort((left, right) => passOf(left) - passOf(right)));
    group = [];
  };
  for (const operation of operations) {
    const [first] = group;
    // Actions of one statement share its head, so the table's name stands at the same place.
    if (
      first !== undefined &&
      !(isTableAction(operation) && operation.relation.span.start === first.relation.span.start)
    )
      flush();
    if (isTableAction(operation)) group.push(operation);
    else ordered.push(operation);
  }
  flush();
  return ordered;
}
