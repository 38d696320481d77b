import type { Phase, Step } from '../step.ts';
import { conflicts, type Touches } from './touches.ts';

/** One step of a unit, with what it touches where every unit is done in full before the next one begins. */
export interface UnitStep {
  readonly unit: number;
  readonly step: Step;
  readonly touches: Touches;
  /** The table that it is to share a file for, where the migration is split by tables. */
  readonly table?: string;
  /** It changes many rows in one statement, as it is written. */
  readonly changesRows?: boolean;
  /** There is no safe way: a finding objects to it, or would where a version is deployed before it. */
  readonly refused?: 'always' | 'behind a deploy';
}

const PHASES: readonly Phase[] = ['expand', 'migrate', 'contract'];

/**
 * The steps of all units in one order: expand before migrate before contract wherever that changes nothing, and each step
 * after those that it depends on. A step that has to wait for a later phase belongs to that phase.
 */
export function scheduled(steps: readonly UnitStep[]): readonly UnitStep[] {
  const waitsFor = steps.map((step, index) =>
    steps.flatMap((earlier, position) =>
      position < index && (earlier.unit === step.unit || conflicts(earlier.touches, step.touches)) ? [position] : [],
    ),
  );
  const places = steps.map(
    ({ unit, step }, index) =>
      steps.slice(0, index).filter((earlier) => earlier.unit === unit && earlier.step.phase === step.phase).length,
  );
  const done = new Set<number>();
  const order: UnitStep[] = [];
  // Steps of one phase that do the same for several units stand together, so that they may share a file.
  const isBefore = (left: number, right: number): boolean => {
    const [one, other] = [rank(steps[left]), rank(steps[right])];
    if (one !== other) return one < other;
    // What waits for no version comes before what does, and so for none.
    if (!order.some(waits) && waits(steps[left]) !== waits(steps[right])) return waits(steps[right]);
    const last = order.at(-1);
    // A constraint that takes the place of another one comes right after it, so that one transaction may hold both.
    if (takesPlace(last, steps[left]) !== takesPlace(last, steps[right])) return takesPlace(last, steps[left]);
    const kind = last === undefined ? undefined : kindOf(last.step);
    const isOfKind = (index: number): boolean => steps[index] !== undefined && kindOf(steps[index].step) === kind;
    if (isOfKind(left) !== isOfKind(right)) return isOfKind(left);
    const table = last?.table;
    const isOfTable = (index: number): boolean => table !== undefined && steps[index]?.table === table;
    if (isOfTable(left) !== isOfTable(right)) return isOfTable(left);
    return (places[left] ?? 0) < (places[right] ?? 0);
  };
  let phase = 0;
  while (order.length < steps.length) {
    const free = steps.flatMap((_, index) =>
      !done.has(index) && (waitsFor[index] ?? []).every((earlier) => done.has(earlier)) ? [index] : [],
    );
    // What comes first in the migration is always free, so that this ends.
    const next = free.reduce((best, index) => (isBefore(index, best) ? index : best), free[0] ?? 0);
    const picked = steps[next];
    if (picked === undefined) break;
    done.add(next);
    phase = Math.max(phase, rank(picked));
    const label = PHASES[phase] ?? 'contract';
    order.push(label === picked.step.phase ? picked : { ...picked, step: { ...picked.step, phase: label } });
  }
  return order;
}

/** What steps have in common that may share a file: how they run, and for how long they lock. */
function kindOf({ transaction, up }: Step): string {
  return transaction === 'none' || VALIDATES.test(up) ? 'beside' : ADDS_LATE.test(up) ? 'late' : 'moment';
}

const VALIDATES = /^ALTER TABLE [^;]* VALIDATE CONSTRAINT [^;]*;$/;
const ADDS_LATE = /^ALTER TABLE [^;]* ADD CONSTRAINT [^;]* NOT VALID;$/;

const DROPS = /^(ALTER TABLE [^;]*?) DROP CONSTRAINT (?:IF EXISTS )?("(?:[^"]|"")+"|[^\s;]+)/i;
const ADDS = /^(ALTER TABLE [^;]*?) ADD CONSTRAINT ("(?:[^"]|"")+"|[^\s;]+)/i;

/** Whether a step adds a constraint under the name of the one that the step before drops. */
function takesPlace(before: UnitStep | undefined, step: UnitStep | undefined): boolean {
  const [dropped, added] = [DROPS.exec(before?.step.up ?? ''), ADDS.exec(step?.step.up ?? '')];
  const plain = (match: RegExpExecArray): string => match.slice(1).join(' ').replaceAll('"', '');
  return dropped !== null && added !== null && plain(dropped) === plain(added);
}

function waits(step: UnitStep | undefined): boolean {
  return step?.step.requires.some(({ kind }) => kind === 'deploy') === true;
}

function rank(step: UnitStep | undefined): number {
  return step === undefined ? PHASES.length : PHASES.indexOf(step.step.phase);
}
