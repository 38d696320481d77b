import type { PlanContext } from '../plan.ts';
import type { Unit } from './unit.ts';

/** Units in another order, each with the schema that it then meets. */
export function inOrder(
  units: readonly Unit[],
  order: readonly Unit[],
  { engine, target }: Pick<PlanContext, 'engine' | 'target'>,
): readonly Unit[] {
  if (order.every((unit, index) => unit === units[index])) return units;
  let schema = units[0]?.before;
  return order.map((unit) => {
    if (schema === undefined) return unit;
    const moved = { ...unit, before: schema };
    schema = engine.fold(schema, unit.operations, { fileIndex: -1 }, target);
    return moved;
  });
}
