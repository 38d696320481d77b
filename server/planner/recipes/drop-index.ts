import { findIndex } from '../../model/lookup.ts';
import type { Index } from '../../model/schema.ts';
import { changeIdOf, slugOf } from '../names.ts';
import type { ChangeRequest, PlanContext, PlanResult, Recipe } from '../plan.ts';
import type { Step } from '../step.ts';
import { createIndexSql } from '../parts/index-sql.ts';

/** DROP INDEX in a migration of its own, CONCURRENTLY. */
export const dropIndex: Recipe = {
  name: 'drop-index',
  title: 'Drop an index',
  plans: { postgresql: plan, sqlite: 'An index is dropped at once here: write DROP INDEX.' },
};

function plan({ operation }: ChangeRequest, context: PlanContext): PlanResult {
  const object = operation.kind === 'drop-index' ? operation.objects[0] : undefined;
  if (operation.kind !== 'drop-index' || object === undefined)
    return { kind: 'refused', reason: 'This is not DROP INDEX.' };
  if (operation.objects.length > 1 || operation.cascade) {
    return {
      kind: 'refused',
      reason: 'DROP INDEX CONCURRENTLY takes one index and no CASCADE: write a statement for each index.',
    };
  }
  const index = findIndex(context.schema, object);
  if (index?.isPartitioned === true)
    return {
      kind: 'refused',
      reason: `"${object.name}" is the index of a partitioned table, which cannot be dropped CONCURRENTLY: drop it under a short lock_timeout.`,
    };
  if (index?.parentKey !== undefined)
    return {
      kind: 'refused',
      reason: `"${object.name}" is a part of the index of a partitioned table and goes with that one only.`,
    };
  const { quoteName } = context.engine;
  const sql = `${object.schema === undefined ? '' : `${quoteName(object.schema)}.`}${quoteName(object.name)}`;
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf('drop', object.name),
      title: `Drop index ${object.name}`,
      steps: [
        {
          phase: 'contract',
          title: `Drop index ${object.name}`,
          slug: slugOf('drop', object.name),
          up: `DROP INDEX CONCURRENTLY ${operation.ifExists ? 'IF EXISTS ' : ''}${sql};`,
          ...wayBack(context, index, object.schema !== undefined),
          transaction: 'none',
          requires: [],
          notes: ['Runs outside a transaction, and reads and writes go on.'],
        },
      ],
    },
  };
}

/** The same index, built again while writes go on. */
function wayBack(
  context: PlanContext,
  index: Index | undefined,
  isQualified: boolean,
): Pick<Step, 'down' | 'irreversible'> {
  const relation = index === undefined ? undefined : context.schema.relations.get(index.relationKey);
  if (index === undefined || relation === undefined)
    return { irreversible: 'no migration here makes this index: build it again by a new migration.' };
  const { quoteName } = context.engine;
  const table = `${isQualified ? `${quoteName(relation.schema)}.` : ''}${quoteName(relation.name)}`;
  return { down: `${createIndexSql(context, index, index.name, table, { concurrently: true })};` };
}
