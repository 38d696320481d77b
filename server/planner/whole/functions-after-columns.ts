import { rowColumnsOf } from '../../model/body-names.ts';
import type { PlanContext } from '../plan.ts';
import { inOrder } from './in-order.ts';
import type { Unit } from './unit.ts';

/**
 * The units in an order that can be done one by one: a function that is replaced before the column that it reads has its
 * name (which goes unseen inside one transaction) is replaced after that. Nothing between the two may call for it.
 */
export function functionsAfterColumns(
  units: readonly Unit[],
  context: Pick<PlanContext, 'engine' | 'target'>,
): readonly Unit[] {
  const order = [...units];
  for (const unit of units) {
    const [operation] = unit.operations;
    if (unit.operations.length !== 1 || operation?.kind !== 'create-function') continue;
    const read = rowColumnsOf(unit.text);
    const from = order.indexOf(unit);
    const to = order.findLastIndex(
      (later, index) =>
        index > from &&
        later.operations.some(
          (made) =>
            (made.kind === 'rename-column' && read.has(made.action.newName)) ||
            (made.kind === 'add-column' && read.has(made.action.column.name)),
        ) &&
        firesOn(unit, later),
    );
    if (to < 0) continue;
    order.splice(from, 1);
    order.splice(to, 0, unit);
  }
  return inOrder(units, order, context);
}

/** Whether a trigger of a table that the other unit changes runs the function. */
function firesOn({ operations: [made], before }: Unit, { operations }: Unit): boolean {
  if (made?.kind !== 'create-function') return false;
  return operations.some(
    (operation) =>
      (operation.kind === 'rename-column' || operation.kind === 'add-column') &&
      [...before.relations.values()].some(
        (relation) =>
          relation.name === operation.relation.name &&
          relation.triggers.some((trigger) => trigger.function?.split('.').at(-1) === made.name.name),
      ),
  );
}
