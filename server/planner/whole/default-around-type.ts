import { isTableAction, type TableActionDetail } from '../../model/operation.ts';
import type { Schema } from '../../model/schema.ts';
import { planChange } from '../plan-change.ts';
import type { PlanContext } from '../plan.ts';
import type { Step } from '../step.ts';
import { droppedDefault } from './dropped-default.ts';
import type { Unit } from './unit.ts';

/** A change of type with the default that goes before it and comes after it: one change for the column. */
export interface TypeWithDefault {
  /** `part`: it is done by the change of the type. */
  readonly role: 'type' | 'part';
  /** What drops the old default, if anything does. */
  readonly drop?: Unit;
  /** SQL of the default afterwards; null for none, absent where it stays. */
  readonly newDefault?: string | null;
}

/**
 * DROP DEFAULT before, and SET DEFAULT after, a change of the column's type that has steps: a default of the old type would
 * not do for the new one, so that this is how people and generators write it.
 */
export function defaultsAround(units: readonly Unit[]): ReadonlyMap<Unit, TypeWithDefault> {
  const found = new Map<Unit, TypeWithDefault>();
  for (const [index, unit] of units.entries()) {
    const action = onlyAction(unit);
    if (action?.action.kind !== 'alter-type' || !unit.objections.some(({ recipe }) => recipe === 'alter-type'))
      continue;
    const { column } = action.action;
    const isOwn = (other: Unit, kind: TableActionDetail['kind']): boolean => {
      const found = onlyAction(other);
      return (
        found?.action.kind === kind &&
        'column' in found.action &&
        found.action.column === column &&
        found.relation.name === action.relation.name
      );
    };
    const drop = units.slice(0, index).findLast((other) => isOwn(other, 'drop-default'));
    const set = units.slice(index + 1).find((other) => isOwn(other, 'set-default'));
    if (drop === undefined && set === undefined) continue;
    const value = set === undefined ? undefined : onlyAction(set)?.action;
    const newDefault = value?.kind === 'set-default' ? value.default.text : null;
    found.set(unit, { role: 'type', newDefault, ...(drop === undefined ? {} : { drop }) });
    for (const part of [drop, set]) if (part !== undefined) found.set(part, { role: 'part' });
  }
  return found;
}

function onlyAction({
  operations,
}: Unit): Extract<Unit['operations'][number], { readonly action: TableActionDetail }> | undefined {
  const [operation] = operations;
  return operations.length === 1 && operation !== undefined && isTableAction(operation) ? operation : undefined;
}

/** The steps of the change; none for its parts. A text says why there are none. */
export function typedSteps(
  unit: Unit,
  { role, drop, newDefault }: TypeWithDefault,
  { engine, target }: Pick<PlanContext, 'engine' | 'target'>,
): readonly Step[] | string {
  if (role === 'part') return [];
  const action = onlyAction(unit);
  if (action === undefined) return "This is not the change of a column's type.";
  // The old default stays until the new column takes the old one's place.
  const schema: Schema = drop === undefined ? unit.before : withDefaultOf(unit, drop);
  const context: PlanContext = { engine, target, schema, statementText: unit.text };
  const planned = planChange(
    { recipe: 'alter-type', operation: action, ...(newDefault === undefined ? {} : { newDefault }) },
    context,
  );
  if (planned.kind === 'refused') return planned.reason;
  const dropping = drop === undefined || newDefault !== null ? undefined : onlyAction(drop);
  const asked =
    dropping === undefined || drop === undefined
      ? undefined
      : droppedDefault(dropping, drop.text, { ...context, schema: drop.before, statementText: drop.text });
  if (asked === undefined) return planned.plan.steps;
  // Without a default nobody may leave the column out: that is asked of the version that knows both types.
  const at = planned.plan.steps.findIndex(({ requires }) => requires.some(({ kind }) => kind === 'deploy'));
  const first = planned.plan.steps.findIndex(({ phase }) => phase === 'contract');
  return planned.plan.steps.map((step, index) =>
    index === (at < 0 ? first : at) ? { ...step, requires: [...asked.requires, ...step.requires] } : step,
  );
}

/** The schema before the change of type, the column with the default that it had before the drop. */
function withDefaultOf(unit: Unit, drop: Unit): Schema {
  const action = onlyAction(unit);
  if (action?.action.kind !== 'alter-type') return unit.before;
  const { column } = action.action;
  for (const [key, relation] of unit.before.relations.entries()) {
    if (relation.name !== action.relation.name) continue;
    const old = drop.before.relations.get(key)?.columns.find(({ name }) => name === column)?.default;
    if (old === undefined) return unit.before;
    const columns = relation.columns.map((each) => (each.name === column ? { ...each, default: old } : each));
    return { ...unit.before, relations: unit.before.relations.set(key, { ...relation, columns }) };
  }
  return unit.before;
}
