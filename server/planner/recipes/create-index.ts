import { findRelation, indexesOf, relationKeyOf } from '../../model/lookup.ts';
import type { CreateIndex } from '../../model/operation.ts';
import type { ChangeRequest, PlanContext, PlanResult, Recipe } from '../plan.ts';
import { changeIdOf, slugOf } from '../names.ts';
import { concurrentIndexStep } from '../parts/index-steps.ts';
import { partitionedIndexPlan } from '../parts/partitioned-index.ts';
import { afterDeploy, keyOfIndex, meetsUnique } from '../parts/running-version.ts';
import { tableTarget, type TableTarget } from '../parts/table-target.ts';

const HEAD = /^(create\s+(?:unique\s+)?index)\s+(?:concurrently\s+)?(if\s+not\s+exists\s+)?/i;

/** CREATE INDEX in a migration of its own, CONCURRENTLY. */
export const createIndex: Recipe = {
  name: 'create-index',
  title: 'Build an index',
  plans: { postgresql: plan, sqlite: plan },
};

function plan({ operation }: ChangeRequest, context: PlanContext): PlanResult {
  if (operation.kind !== 'create-index') return { kind: 'refused', reason: 'This is not CREATE INDEX.' };
  const table = tableTarget(context, operation.relation);
  if (!operation.unique) return buildPlan(operation, context, table);
  const planned = buildPlan(operation, context, table);
  if (planned.kind === 'refused') return planned;
  const steps = afterDeploy(
    planned.plan.steps,
    meetsUnique(context, operation.relation, keyOfIndex(operation)),
    `version that writes no two rows of ${table.shown} that ${operation.name ?? 'the index'} keeps apart`,
  );
  return { kind: 'planned', plan: { ...planned.plan, steps } };
}

function buildPlan(operation: CreateIndex, context: PlanContext, table: TableTarget): PlanResult {
  if (table.relation?.kind === 'partitioned-table' && !operation.only)
    return partitionedIndexPlan(context, operation, table);
  const name = operation.name ?? chosenName(operation, context);
  const head = HEAD.exec(context.statementText)?.[0];
  if (name === undefined || head === undefined)
    return { kind: 'refused', reason: 'The name of this index cannot be told: give it one.' };
  const words = head.replace(HEAD, '$1').replaceAll(/\s+/g, ' ');
  const rest = context.statementText.slice(head.length);
  const named = operation.name === undefined ? `${context.engine.quoteName(name)} ${rest}` : rest;
  if (!context.engine.product.capabilities.buildsConcurrently) return plainIndexPlan(context, table, name);
  const schema =
    operation.relation.schema === undefined ? '' : `${context.engine.quoteName(operation.relation.schema)}.`;
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf(name),
      title: `Build index ${name}`,
      steps: [
        concurrentIndexStep(
          `Build index ${name}`,
          slugOf('create', name),
          `${words} CONCURRENTLY ${named};`,
          `DROP INDEX CONCURRENTLY IF EXISTS ${schema}${context.engine.quoteName(name)};`,
        ),
      ],
    },
  };
}

/** It is built in one piece, while readers go on. */
function plainIndexPlan(context: PlanContext, { shown }: TableTarget, name: string): PlanResult {
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf(name),
      title: `Build index ${name}`,
      steps: [
        {
          phase: 'expand',
          title: `Build index ${name}`,
          slug: slugOf('create', name),
          up: `${context.statementText};`,
          down: `DROP INDEX ${context.engine.quoteName(name)};`,
          transaction: 'one',
          requires: [],
          notes: [`Reads every row of ${shown} under the database's write lock; readers go on in WAL mode.`],
        },
      ],
    },
  };
}

/** The name that the server chooses, found by folding the statement. */
function chosenName(operation: CreateIndex, context: PlanContext): string | undefined {
  const after = context.engine.fold(context.schema, [operation], { fileIndex: 0 }, context.target);
  if (findRelation(after, operation.relation) === undefined) return undefined;
  const before = new Set(
    indexesOf(context.schema, relationKeyOf(context.schema, operation.relation)).map((index) => index.name),
  );
  return indexesOf(after, relationKeyOf(after, operation.relation)).find((index) => !before.has(index.name))?.name;
}
