import type { ConstraintDefinition } from '../../model/operation.ts';
import type { ChangeRequest, PlanContext, PlanResult, Recipe } from '../plan.ts';
import type { Step } from '../step.ts';
import { changeIdOf, slugOf } from '../names.ts';
import { storageSql } from '../parts/index-sql.ts';
import { concurrentIndexStep, INDEX_GOES_NOTE } from '../parts/index-steps.ts';
import { newConstraint, type NewConstraint } from '../parts/new-constraint.ts';
import { afterDeploy, keyOfConstraint, meetsNotNull, meetsUnique } from '../parts/running-version.ts';
import { planRebuild } from './rebuild-table.ts';
import { requireSteps } from '../parts/require-steps.ts';
import { tableTarget, type TableTarget } from '../parts/table-target.ts';

/** ADD UNIQUE: the index is built while writes go on, then becomes the constraint's. */
export const addUnique: Recipe = {
  name: 'add-unique',
  title: 'Add a unique constraint',
  plans: { postgresql: planUnique, sqlite: planRebuild },
};

function planUnique(request: ChangeRequest, context: PlanContext): PlanResult {
  const added = newConstraint(request, context, 'unique');
  if (added === undefined)
    return {
      kind: 'refused',
      reason: 'The name of this constraint cannot be told: write ADD CONSTRAINT name UNIQUE (...)',
    };
  return keyPlan(context, tableTarget(context, added.operation.relation), added, 'UNIQUE');
}

/** ADD PRIMARY KEY: key columns are required first, the index is built while writes go on, then becomes the key's. */
export const addPrimaryKey: Recipe = {
  name: 'add-primary-key',
  title: 'Add a primary key',
  plans: { postgresql: planPrimaryKey, sqlite: planRebuild },
};

function planPrimaryKey(request: ChangeRequest, context: PlanContext): PlanResult {
  const added = newConstraint(request, context, 'primary-key');
  if (added === undefined)
    return {
      kind: 'refused',
      reason: 'The name of this key cannot be told: write ADD CONSTRAINT name PRIMARY KEY (...)',
    };
  return keyPlan(context, tableTarget(context, added.operation.relation), added, 'PRIMARY KEY');
}

function keyPlan(
  context: PlanContext,
  table: TableTarget,
  added: NewConstraint,
  words: 'UNIQUE' | 'PRIMARY KEY',
): PlanResult {
  const { definition } = added;
  if (definition.usingIndex !== undefined)
    return {
      kind: 'refused',
      reason: 'This constraint takes over an index already: make its columns NOT NULL first, as set-not-null shows.',
    };
  if (table.relation?.kind === 'partitioned-table')
    return {
      kind: 'refused',
      reason: `${table.shown} is partitioned, where an index cannot be built CONCURRENTLY: build unique indexes on the partitions first.`,
    };
  if (definition.period === true)
    return {
      kind: 'refused',
      reason: 'A constraint WITHOUT OVERLAPS cannot take over an index that was built before: plan a window for it.',
    };
  const { quoteName } = context.engine;
  const name = quoteName(added.name);
  const schema = added.operation.relation.schema === undefined ? '' : `${quoteName(added.operation.relation.schema)}.`;
  const optional =
    words === 'PRIMARY KEY'
      ? definition.columns.filter(
          (column) => table.relation?.columns.find((candidate) => candidate.name === column)?.notNull !== true,
        )
      : [];
  const { relation } = added.operation;
  const shown = definition.columns.join(', ');
  // One version does both: it gives each row a key, and one that no other row has.
  const given = optional.filter((column) => !meetsNotNull(context, relation, column));
  const isUnique = meetsUnique(context, relation, keyOfConstraint(definition));
  const deploys = [
    ...given.map((column) => `gives ${table.shown}.${column} in every INSERT`),
    ...(isUnique ? [] : [`writes no two rows of ${table.shown} with the same ${shown}`]),
  ];
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf(added.name),
      title: `Add ${words === 'UNIQUE' ? 'unique constraint' : 'primary key'} ${added.name}`,
      steps: [
        ...afterDeploy(
          [
            concurrentIndexStep(
              `Build unique index ${added.name}`,
              slugOf('build', added.name),
              `CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${table.sql} (${definition.columns.map(quoteName).join(', ')})${indexOptions(context, definition)};`,
              `DROP INDEX CONCURRENTLY IF EXISTS ${schema}${name};`,
            ),
          ],
          isUnique,
          `version that ${deploys.join(', and that ')}`,
        ),
        ...optional.flatMap((column) =>
          requireSteps(
            context,
            table,
            column,
            isUnique && given.includes(column)
              ? [{ kind: 'deploy', description: `version that gives ${table.shown}.${column} in every INSERT` }]
              : [],
          ).map(
            (step, index): Step =>
              index === 0
                ? {
                    ...step,
                    notes: [
                      ...step.notes,
                      `Rows without a value fail the next step: give each a ${column} of its own first.`,
                    ],
                  }
                : step,
          ),
        ),
        {
          phase: 'contract',
          title: `Add ${added.name} over its index`,
          slug: slugOf('add', added.name),
          up: `${table.alter} ADD CONSTRAINT ${name} ${words} USING INDEX ${name}${deferrable(definition)};`,
          down: `${table.alter} DROP CONSTRAINT ${name};`,
          transaction: 'one',
          requires: [],
          notes: ['The index is there, so this only touches the catalog.', INDEX_GOES_NOTE],
        },
      ],
    },
  };
}

function indexOptions(context: PlanContext, definition: ConstraintDefinition): string {
  const { quoteName } = context.engine;
  const include =
    definition.include === undefined || definition.include.length === 0
      ? ''
      : ` INCLUDE (${definition.include.map(quoteName).join(', ')})`;
  const nulls = definition.nullsNotDistinct === true ? ' NULLS NOT DISTINCT' : '';
  return `${include}${nulls}${storageSql(context, definition.storageParameters)}`;
}

function deferrable(definition: ConstraintDefinition): string {
  if (definition.deferrable !== true) return '';
  return definition.initiallyDeferred === true ? ' DEFERRABLE INITIALLY DEFERRED' : ' DEFERRABLE';
}
