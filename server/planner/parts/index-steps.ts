import type { Step } from '../step.ts';

/** What the reader must know of a concurrent build. */
export const CONCURRENT_NOTES: readonly string[] = [
  'Runs outside a transaction, and reads and writes go on. If it fails half-way, an invalid index of this name is left:',
  'drop it by DROP INDEX CONCURRENTLY, then run this again.',
];

/** The step that builds an index while writes go on. `create` and `drop` are whole statements. */
export function concurrentIndexStep(title: string, slug: string, create: string, drop: string): Step {
  return {
    phase: 'expand',
    title,
    slug,
    up: create,
    down: drop,
    transaction: 'none',
    requires: [],
    notes: CONCURRENT_NOTES,
  };
}

/** Said of a constraint that takes over an index of an earlier file: the way back of the one is none of the other. */
export const INDEX_GOES_NOTE =
  'Going back drops the index with it: revert the step that built it too before this one is applied again.';
