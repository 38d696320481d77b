import { findRelation } from '../../model/lookup.ts';
import { changeIdOf, slugOf } from '../names.ts';
import type { ChangeRequest, PlanContext, PlanResult, Recipe } from '../plan.ts';
import type { Step } from '../step.ts';
import { DETACH_CONCURRENTLY_SINCE, hasDefaultPartition } from './attach-partition.ts';
import { tableTarget } from '../parts/table-target.ts';

/** DETACH PARTITION in a migration of its own, CONCURRENTLY. */
export const detachPartition: Recipe = {
  name: 'detach-partition',
  title: 'Detach a partition',
  plans: { postgresql: plan, sqlite: 'SQLite has no partitioned tables.' },
};

function plan({ operation }: ChangeRequest, context: PlanContext): PlanResult {
  if (operation.kind !== 'detach-partition')
    return { kind: 'refused', reason: 'This is not the detaching of a partition.' };
  const parent = tableTarget(context, operation.relation);
  const part = tableTarget(context, operation.action.partition);
  if (context.target.version < DETACH_CONCURRENTLY_SINCE)
    return {
      kind: 'refused',
      reason: `PostgreSQL ${context.target.version} has no DETACH PARTITION CONCURRENTLY: run this under a short lock_timeout.`,
    };
  if (hasDefaultPartition(context, parent))
    return {
      kind: 'refused',
      reason: `${parent.shown} has a default partition, with which there is no CONCURRENTLY: run this under a short lock_timeout.`,
    };
  const { partition } = operation.action;
  const before = new Set(part.relation?.constraints.map((constraint) => constraint.name) ?? []);
  const concurrently = { ...operation, action: { ...operation.action, mode: 'concurrently' as const } };
  const after = findRelation(
    context.engine.fold(context.schema, [concurrently], { fileIndex: -1 }, context.target),
    partition,
  );
  const left =
    part.relation?.detailsKnown === true
      ? after?.constraints.find((constraint) => constraint.kind === 'check' && !before.has(constraint.name))
      : undefined;
  const steps: Step[] = [
    {
      phase: 'contract',
      title: `Detach ${part.shown} from ${parent.shown}`,
      slug: slugOf('detach', part.name),
      up: `${parent.alter} DETACH PARTITION ${part.sql} CONCURRENTLY;`,
      irreversible: `attach ${part.shown} again by a new migration, which gets steps of its own.`,
      transaction: 'none',
      requires: [
        {
          kind: 'deploy',
          description: `version that does not look for the rows of ${part.shown} in ${parent.shown}`,
        },
      ],
      notes: [
        'Runs outside a transaction, and reads and writes go on. If it is cancelled half-way, end it by DETACH PARTITION ... FINALIZE.',
      ],
    },
  ];
  if (left !== undefined) {
    steps.push({
      phase: 'contract',
      title: `Drop the check that ${part.shown} was left with`,
      slug: slugOf('drop', left.name),
      up: `${part.alter} DROP CONSTRAINT IF EXISTS ${context.engine.quoteName(left.name)};`,
      irreversible: 'the check has to be written anew by a new migration.',
      transaction: 'one',
      requires: [],
      notes: ['DETACH CONCURRENTLY leaves the bound behind as a CHECK.'],
    });
  }
  return {
    kind: 'planned',
    plan: { id: changeIdOf('detach', part.name), title: `Detach ${part.shown} from ${parent.shown}`, steps },
  };
}
