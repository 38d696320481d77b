import type { Requirement, Step } from '../step.ts';

/** A constraint that is added NOT VALID, so that it holds for new rows alone. */
export interface LateConstraint {
  /** `ALTER TABLE t`. */
  readonly alter: string;
  /** Quoted. */
  readonly name: string;
  /** The whole statement that adds it, with its semicolon. */
  readonly add: string;
}

/** What a person reads of one of the two steps. */
interface Words extends Pick<Step, 'title' | 'slug'> {
  readonly notes?: readonly string[];
  readonly requires?: readonly Requirement[];
  /** `allow` lines above the statement. */
  readonly allow?: string;
}

export const READS_EVERY_ROW = 'Reads every row, while reads and writes go on.';

/** The step that adds it, which locks for a moment and reads nothing. */
export function addedStep(phase: Step['phase'], { alter, name, add }: LateConstraint, words: Words): Step {
  return {
    phase,
    title: words.title,
    slug: words.slug,
    up: `${words.allow ?? ''}${add}`,
    down: `${alter} DROP CONSTRAINT ${name};`,
    transaction: 'one',
    requires: words.requires ?? [],
    notes: words.notes ?? [],
  };
}

/** The step that checks old rows, in a transaction of its own, so that the lock of the first is gone. */
export function checkedStep(phase: Step['phase'], { alter, name, add }: LateConstraint, words: Words): Step {
  return {
    phase,
    title: words.title,
    slug: words.slug,
    up: `${alter} VALIDATE CONSTRAINT ${name};`,
    down: `${alter} DROP CONSTRAINT ${name};\n${add}`,
    transaction: 'one',
    requires: words.requires ?? [],
    notes: words.notes ?? [READS_EVERY_ROW],
  };
}
