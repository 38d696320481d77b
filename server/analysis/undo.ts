import { isTableAction, type Operation, type TableActionDetail } from '../model/operation.ts';

/**
 * Whether `down` takes back what `up` did and nothing else, judged by the names in both: the drop of an added column, the
 * old nullability of a column made required.
 */
export function undoes(down: Operation, up: Operation): boolean {
  if (up.kind === 'create-index')
    return down.kind === 'drop-index' && down.objects.length === 1 && down.objects[0]?.name === up.name;
  return (
    isTableAction(up) &&
    isTableAction(down) &&
    up.relation.name === down.relation.name &&
    undoesAction(down.action, up.action)
  );
}

function undoesAction(down: TableActionDetail, up: TableActionDetail): boolean {
  switch (up.kind) {
    case 'add-column':
      return down.kind === 'drop-column' && down.column === up.column.name;
    case 'set-not-null':
      return down.kind === 'drop-not-null' && down.column === up.column;
    case 'drop-not-null':
      return down.kind === 'set-not-null' && down.column === up.column;
    case 'set-default':
      return (down.kind === 'drop-default' || down.kind === 'set-default') && down.column === up.column;
    case 'alter-type':
      return down.kind === 'alter-type' && down.column === up.column;
    case 'add-constraint':
      return (
        down.kind === 'drop-constraint' && (up.constraint.name === undefined || down.constraint === up.constraint.name)
      );
    case 'drop-constraint':
      return down.kind === 'add-constraint' && down.constraint.name === up.constraint;
    case 'drop-column':
      return down.kind === 'add-column' && down.column.name === up.column;
    case 'rename-column':
      return down.kind === 'rename-column' && down.column === up.newName;
    case 'rename-table':
      return down.kind === 'rename-table';
    default:
      return false;
  }
}
