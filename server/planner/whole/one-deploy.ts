import type { Requirement, Step } from '../step.ts';
import type { UnitStep } from './schedule.ts';
import { conflicts } from './touches.ts';

/** What a version may be to use; a list of rows of the steps' own is nothing to it. */
const ADDS = /\bADD\s+COLUMN\b|\bCREATE\s+TABLE\b(?![^;]*\bWITH\s+NO\s+DATA;)/i;
const DEPLOY_NOTE = /^Deploy next\b/;

/**
 * The steps with as few deploys as they can do with: what several units ask of the next version is asked once, before the
 * first step that needs any of it, provided that all that the units add for that version is there by then.
 */
export function withFewDeploys(written: readonly UnitStep[]): readonly Step[] {
  const order = withFillsBehind(written);
  const steps: Step[] = order.map(({ step }) => ({
    ...step,
    notes: step.notes.filter((note) => !DEPLOY_NOTE.test(note)),
  }));
  let barrier: { readonly at: number; readonly asked: string[]; readonly units: Set<number> } | undefined;
  const barriers: Exclude<typeof barrier, undefined>[] = [];
  for (const [index, { unit, step, touches }] of order.entries()) {
    const deploys = step.requires.flatMap((requirement) =>
      requirement.kind === 'deploy' ? [requirement.description] : [],
    );
    if (deploys.length === 0) continue;
    const at = barrier?.at ?? -1;
    // What the version is to use must be there when it is deployed.
    const isReady = order
      .slice(at, index)
      .every((other) => other.unit !== unit && !(ADDS.test(other.step.up) && conflicts(other.touches, touches)));
    if (barrier === undefined || !isReady) {
      barrier = { at: index, asked: [], units: new Set() };
      barriers.push(barrier);
    }
    barrier.units.add(unit);
    barrier.asked.push(...deploys.filter((description) => barrier?.asked.includes(description) === false));
    steps[index] = { ...(steps[index] ?? step), requires: step.requires.filter(({ kind }) => kind !== 'deploy') };
  }
  for (const { at, asked } of barriers) {
    const step = steps[at];
    if (step === undefined) continue;
    const deploy: Requirement = { kind: 'deploy', description: oneVersion(asked) };
    steps[at] = { ...step, requires: [deploy, ...step.requires] };
    const last = steps[at - 1];
    if (last !== undefined)
      steps[at - 1] = { ...last, notes: [...last.notes, `Deploy next: a ${deploy.description}.`] };
  }
  return steps;
}

/** A step that a batch by batch change of rows is made of. */
const FILLS = /\$backfill\$/;
const KEEPS_ROWS = /\bUNIQUE\b|\bADD\s+CONSTRAINT\b/i;

/**
 * The steps with what a key or a constraint asks of the next version asked before the rows are filled, deleted or made unique
 * that it is built over: what the running version writes after that would stand in its way.
 */
function withFillsBehind(order: readonly UnitStep[]): readonly UnitStep[] {
  const steps = [...order];
  for (const [index, { step, touches }] of order.entries()) {
    const deploys = step.requires.filter(({ kind }) => kind === 'deploy');
    if (deploys.length === 0 || !KEEPS_ROWS.test(step.up)) continue;
    const filling = fillsBefore(order, index);
    const first = order.findIndex((other) => filling.has(other.unit));
    // What the version is to use must be there when it is deployed.
    const isReady = order
      .slice(Math.max(first, 0), index)
      .every((other) => filling.has(other.unit) || !ADDS.test(other.step.up) || !conflicts(other.touches, touches));
    if (first < 0 || !isReady) continue;
    const [fill, key] = [steps[first], steps[index]];
    if (fill === undefined || key === undefined) continue;
    const asked = new Set(fill.step.requires.map(({ kind, ...other }) => JSON.stringify([kind, other])));
    const more = deploys.filter(({ kind, ...other }) => !asked.has(JSON.stringify([kind, other])));
    steps[first] = { ...fill, step: { ...fill.step, requires: [...fill.step.requires, ...more] } };
    steps[index] = {
      ...key,
      step: { ...key.step, requires: key.step.requires.filter(({ kind }) => kind !== 'deploy') },
    };
  }
  return steps;
}

/**
 * Units before a step whose changes of rows it is built over, and those that make way for them: what points at rows that
 * are deleted goes first.
 */
function fillsBefore(order: readonly UnitStep[], index: number): ReadonlySet<number> {
  const units = new Set<number>();
  const reached = order.slice(index, index + 1);
  for (const other of order.slice(0, index).reverse()) {
    const fills = FILLS.test(other.step.up) || other.changesRows === true;
    if (other.unit === order[index]?.unit || !fills) continue;
    if (!reached.some(({ touches }) => conflicts(other.touches, touches))) continue;
    units.add(other.unit);
    reached.push(other);
  }
  return units;
}

const VERSION = /^version that /;

/** What one version must do to meet all that is asked. */
function oneVersion(asked: readonly string[]): string {
  // What another one asks for in more words is asked for already.
  const longest = asked.filter((one) => !asked.some((other) => other !== one && other.startsWith(one)));
  const [first = '', ...others] = longest;
  if (others.length === 0) return first;
  return longest.every((description) => VERSION.test(description))
    ? `version that ${longest.map((description) => description.replace(VERSION, '')).join(', and that ')}`
    : longest.join('; ');
}
