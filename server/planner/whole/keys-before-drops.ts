import { findRelation } from '../../model/lookup.ts';
import { objectKey } from '../../model/names.ts';
import type { PlanContext } from '../plan.ts';
import { inOrder } from './in-order.ts';
import type { Unit } from './unit.ts';

/**
 * The units in an order in which a unique constraint goes after the key over the same columns that takes its place: in one
 * transaction nobody misses it, and between two files writers would find neither.
 */
export function keysBeforeDrops(
  units: readonly Unit[],
  context: Pick<PlanContext, 'engine' | 'target'>,
): readonly Unit[] {
  const order = [...units];
  for (const unit of units) {
    const dropped = droppedKey(unit);
    if (dropped === undefined) continue;
    const from = order.indexOf(unit);
    const to = order.findLastIndex((later, index) => index > from && takesItsPlace(later, dropped));
    if (to < 0) continue;
    order.splice(from, 1);
    order.splice(to, 0, unit);
  }
  return inOrder(units, order, context);
}

interface Key {
  readonly table: string;
  readonly name: string;
  readonly columns: ReadonlySet<string>;
}

function droppedKey({ operations: [operation, ...others], before }: Unit): Key | undefined {
  if (operation?.kind !== 'drop-constraint' || others.length > 0) return undefined;
  const relation = findRelation(before, operation.relation);
  const constraint = relation?.constraints.find(({ name }) => name === operation.action.constraint);
  return relation === undefined || constraint?.kind !== 'unique'
    ? undefined
    : {
        table: objectKey(relation.schema, relation.name),
        name: constraint.name,
        columns: new Set(constraint.columns),
      };
}

function takesItsPlace({ operations: [operation, ...others], before }: Unit, key: Key): boolean {
  if (operation?.kind !== 'add-constraint' || others.length > 0) return false;
  const { constraint } = operation.action;
  const relation = findRelation(before, operation.relation);
  return (
    (constraint.kind === 'unique' || constraint.kind === 'primary-key') &&
    constraint.name !== key.name &&
    constraint.columns.length === key.columns.size &&
    constraint.columns.every((column) => key.columns.has(column)) &&
    relation !== undefined &&
    objectKey(relation.schema, relation.name) === key.table
  );
}
