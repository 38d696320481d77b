import { findRelation, sameName } from '../../model/lookup.ts';
import { objectKey } from '../../model/names.ts';
import type { PlanContext } from '../plan.ts';
import { tableTarget } from '../parts/table-target.ts';
import { inOrder } from './in-order.ts';
import type { Unit } from './unit.ts';

type Context = Pick<PlanContext, 'engine' | 'target'>;

/**
 * The units in an order in which a column of the primary key goes after the key that takes the place of its own: the old key
 * is dropped where the column was, so that the column is none of a key when it goes.
 */
export function keysBeforeColumns(units: readonly Unit[], context: Context): readonly Unit[] {
  if (!context.engine.product.capabilities.altersInPlace) return units;
  const order = [...units];
  for (const unit of units) {
    const key = droppedKey(unit, context);
    if (key === undefined) continue;
    const from = order.indexOf(unit);
    const to = order.findIndex((later, index) => index > from && addsKey(later, key.table));
    if (to < 0) continue;
    order.splice(from, 1, key.drop);
    order.splice(to + 1, 0, unit);
  }
  return order.length === units.length ? units : inOrder(units, order, context);
}

/** The drop of the primary key that a column of goes, of which nothing else needs it. */
function droppedKey(unit: Unit, context: Context): { readonly table: string; readonly drop: Unit } | undefined {
  const [operation, ...others] = unit.operations;
  if (operation?.kind !== 'drop-column' || others.length > 0) return undefined;
  const { product, quoteName } = context.engine;
  const relation = findRelation(unit.before, operation.relation);
  const key = relation?.constraints.find(
    ({ kind, columns }) =>
      kind === 'primary-key' && columns.some((column) => sameName(product, column, operation.action.column)),
  );
  if (relation === undefined || key === undefined) return undefined;
  const table = tableTarget({ ...context, schema: unit.before, statementText: unit.text }, operation.relation);
  const text = `${table.alter} DROP CONSTRAINT ${quoteName(key.name)}`;
  const { operations } = context.engine.parse(text);
  // What is said of the column holds for its key as well.
  const objections = unit.objections.map((objection) => ({
    ...objection,
    operation: operations[0] ?? operation,
    ...(objection.recipe === undefined ? {} : { recipe: 'drop-constraint' as const }),
  }));
  return {
    table: objectKey(relation.schema, relation.name),
    drop: { ...unit, text, operations, written: [], objections },
  };
}

function addsKey({ operations: [operation, ...others], before }: Unit, table: string): boolean {
  if (operation?.kind !== 'add-constraint' || others.length > 0) return false;
  const relation = findRelation(before, operation.relation);
  return (
    operation.action.constraint.kind === 'primary-key' &&
    relation !== undefined &&
    objectKey(relation.schema, relation.name) === table
  );
}
