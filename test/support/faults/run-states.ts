import type { MigrationState } from '../../../server/runner/report.ts';
import { isDone, isUntouched, isWorkDone, type Observation } from './observe.ts';

/** What the database can have of one migration after a run ended anywhere: the table in ARCHITECTURE.md, "A run". */
export interface RunState {
  /** As in the table. */
  readonly name: string;
  /** What `status` calls it, while it is applied and while it is reverted. */
  readonly status: { readonly up: MigrationState; readonly down: MigrationState };
  /** Whether it is so; of all states exactly one is. */
  readonly holds: (seen: Observation, id: string) => boolean;
  /** What a run that ended here may have said became of the migration. */
  readonly outcomes: readonly string[];
  /** Whether a half that one transaction is around can be there. */
  readonly inTransaction: boolean;
}

/** Whether the parts that a mark names stand, and no later one, but for the next where it was begun. */
function standsAsMarked(seen: Observation, id: string): boolean {
  const mark = seen.marks.get(id);
  return (
    mark !== undefined &&
    (seen.units.get(id) ?? []).every(
      (state, index) =>
        state === 'unseen' ||
        (index < mark.done
          ? state === 'once'
          : index === mark.done && mark.hasBegun
            ? state !== 'twice'
            : state === 'none'),
    )
  );
}

/** The history as it was before the migration was run. */
function isUnwritten(seen: Observation, id: string): boolean {
  return seen.rows.has(id) === (seen.direction === 'down');
}

function isMarked(seen: Observation, id: string): boolean {
  return seen.marks.has(id) && isUnwritten(seen, id) && standsAsMarked(seen, id);
}

const FAILED = { up: 'failed', down: 'failed' } as const;

export const RUN_STATES: readonly RunState[] = [
  {
    name: 'nothing',
    status: { up: 'pending', down: 'applied' },
    holds: (seen, id) => !seen.marks.has(id) && isUntouched(seen, id),
    outcomes: ['not-done', 'unknown'],
    inTransaction: true,
  },
  {
    name: 'begun, no part',
    status: FAILED,
    holds: (seen, id) => isMarked(seen, id) && seen.marks.get(id)?.done === 0 && seen.marks.get(id)?.hasBegun === false,
    outcomes: ['not-done', 'unknown'],
    inTransaction: false,
  },
  {
    name: 'some parts',
    status: FAILED,
    holds: (seen, id) => {
      const mark = seen.marks.get(id);
      return isMarked(seen, id) && mark !== undefined && mark.done > 0 && !mark.hasBegun && !isWorkDone(seen, id);
    },
    outcomes: ['partly-done', 'unknown'],
    inTransaction: false,
  },
  {
    name: 'a part without a transaction, begun',
    status: FAILED,
    holds: (seen, id) => isMarked(seen, id) && seen.marks.get(id)?.hasBegun === true,
    outcomes: ['partly-done', 'unknown'],
    inTransaction: false,
  },
  {
    name: 'all parts, not in the history',
    status: FAILED,
    holds: (seen, id) => {
      const mark = seen.marks.get(id);
      return isMarked(seen, id) && mark !== undefined && mark.done > 0 && !mark.hasBegun && isWorkDone(seen, id);
    },
    outcomes: ['partly-done', 'unknown'],
    inTransaction: false,
  },
  {
    name: 'all',
    status: { up: 'applied', down: 'pending' },
    holds: (seen, id) => !seen.marks.has(id) && isDone(seen, id),
    outcomes: ['unknown'],
    inTransaction: true,
  },
];

/** The states that hold; one, where all is as it must be. */
export function statesOf(seen: Observation, id: string): readonly RunState[] {
  return RUN_STATES.filter((state) => state.holds(seen, id));
}
