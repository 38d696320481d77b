import type { PlanContext } from '../plan.ts';
import { slugOf } from '../names.ts';
import type { Step } from '../step.ts';
import type { Unit } from './unit.ts';
import { sentenceName } from './unit-words.ts';
import { wayBack } from './way-back.ts';

/** A statement as it is, in a file of its own. */
export function movedStep(unit: Unit, { engine, target }: Pick<PlanContext, 'engine' | 'target'>): Step {
  const [operation] = unit.operations;
  return {
    phase: 'expand',
    title: sentenceName(unit),
    slug: slugOf(...sentenceName(unit).split(' ').slice(0, 6)),
    up: `${unit.text};`,
    ...wayBack(unit, { engine, target, schema: unit.before, statementText: unit.text }),
    transaction: operation !== undefined && engine.refusesTransaction(operation) ? 'none' : 'one',
    requires: [],
    notes: [],
  };
}
