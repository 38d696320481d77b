import { constraintTitle } from '../../model/constraint-title.ts';
import { childrenOf, dependantsOf, foreignKeysTo, relationKeyOf } from '../../model/lookup.ts';
import { displayName } from '../../model/names.ts';
import { changeIdOf, slugOf } from '../names.ts';
import type { ChangeRequest, PlanContext, PlanResult, Recipe } from '../plan.ts';
import type { Requirement, Step } from '../step.ts';
import { constraintSql } from '../parts/constraint-sql.ts';
import { tableTarget } from '../parts/table-target.ts';

/** DROP TABLE: its foreign keys first, one by one, then the table, when no running version names it. */
export const dropTable: Recipe = {
  name: 'drop-table',
  title: 'Drop a table',
  plans: { postgresql: plan, sqlite: plan },
};

function plan({ operation }: ChangeRequest, context: PlanContext): PlanResult {
  const object =
    operation.kind === 'drop-table' || operation.kind === 'drop-view' || operation.kind === 'drop-materialized-view'
      ? operation.objects[0]
      : undefined;
  if (object === undefined || !('objects' in operation) || !('cascade' in operation))
    return { kind: 'refused', reason: 'This is not the drop of a table or view.' };
  if (operation.objects.length > 1)
    return {
      kind: 'refused',
      reason: 'This drops several objects: write a statement for each, so that each waits for its own deploy.',
    };
  if (operation.cascade === true)
    return {
      kind: 'refused',
      reason:
        'CASCADE drops whatever depends on it: drop that by statements of its own first, then drop this without CASCADE.',
    };
  const table = tableTarget(context, object);
  const { relation } = table;
  const { quoteName } = context.engine;
  const key = relationKeyOf(context.schema, object);
  const reader = dependantsOf(context.schema, key)[0]?.relation;
  const referencing = foreignKeysTo(context.schema, key).find((candidate) => candidate.relationKey !== key);
  const child = childrenOf(context.schema, key)[0]?.relation;
  const user =
    reader !== undefined
      ? `the view ${displayName({ name: reader.name })} reads it`
      : referencing !== undefined
        ? `the foreign key ${constraintTitle(referencing.constraint)} of ${displayName({ name: referencing.relation.name })} points at it`
        : child !== undefined &&
            context.engine.product.capabilities.hasPartitions &&
            relation?.kind !== 'partitioned-table'
          ? `${displayName({ name: child.name })} inherits from it`
          : undefined;
  if (user !== undefined)
    return {
      kind: 'refused',
      reason: `${table.shown} cannot be dropped by itself, because ${user}: change that first.`,
    };
  const words = { 'drop-table': 'TABLE', 'drop-view': 'VIEW', 'drop-materialized-view': 'MATERIALIZED VIEW' }[
    operation.kind as 'drop-table' | 'drop-view' | 'drop-materialized-view'
  ];
  const deploy: Requirement = { kind: 'deploy', description: `version that no longer uses ${table.shown}` };
  const keys =
    words === 'TABLE' && context.engine.product.capabilities.altersInPlace
      ? (relation?.constraints ?? []).filter(
          (constraint) => constraint.kind === 'foreign-key' && constraint.isLocal && constraint.references?.key !== key,
        )
      : [];
  const steps = keys.map((constraint, index): Step => {
    const sql = constraintSql(context, constraint);
    return {
      phase: 'contract',
      title: `Drop foreign key ${constraint.name}`,
      slug: slugOf('drop', constraint.name),
      up: `${table.alter} DROP CONSTRAINT ${quoteName(constraint.name)};`,
      ...(sql === undefined
        ? { irreversible: 'write the foreign key anew by a new migration.' }
        : {
            down: `-- lockstep: allow blocking-alter because going back reads every row while writes of both tables wait\n${table.alter} ADD ${sql};`,
          }),
      transaction: 'one',
      requires: index === 0 ? [deploy] : [],
      notes: [
        `Takes ACCESS EXCLUSIVE on ${constraint.references?.name ?? 'the other table'} too for a moment, so that each foreign key goes in a transaction of its own.`,
      ],
    };
  });
  const loss =
    words === 'TABLE'
      ? `the rows of ${table.shown} are gone: restore them from a backup.`
      : `write ${table.shown} anew by a new migration.`;
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf('drop', table.name),
      title: `Drop ${table.shown}`,
      steps: [
        ...steps,
        {
          phase: 'contract',
          title: `Drop ${table.shown}`,
          slug: slugOf('drop', table.name),
          up: `DROP ${words} ${operation.ifExists === true ? 'IF EXISTS ' : ''}${table.sql};`,
          irreversible: loss,
          transaction: 'one',
          requires: steps.length === 0 ? [deploy] : [],
          notes: words === 'TABLE' ? ['The rows go with the table: keep a copy if anyone may ask for them.'] : [],
        },
      ],
    },
  };
}
