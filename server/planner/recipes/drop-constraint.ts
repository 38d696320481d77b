import { constraintTitle } from '../../model/constraint-title.ts';
import { foreignKeysTo, indexesOf, relationKeyOf } from '../../model/lookup.ts';
import { displayName } from '../../model/names.ts';
import { changeIdOf, slugOf } from '../names.ts';
import type { ChangeRequest, PlanContext, PlanResult, Recipe } from '../plan.ts';
import { constraintSql } from '../parts/constraint-sql.ts';
import { tableTarget } from '../parts/table-target.ts';

/** DROP CONSTRAINT of a key that ON CONFLICT may name: when no running version relies on it. */
export const dropConstraint: Recipe = {
  name: 'drop-constraint',
  title: 'Drop a constraint',
  plans: { postgresql: plan, sqlite: plan },
};

function plan({ operation }: ChangeRequest, context: PlanContext): PlanResult {
  if (operation.kind !== 'drop-constraint') return { kind: 'refused', reason: 'This is not the drop of a constraint.' };
  const { constraint: name, cascade, ifExists } = operation.action;
  const table = tableTarget(context, operation.relation);
  if (cascade)
    return {
      kind: 'refused',
      reason:
        'CASCADE drops the foreign keys that need this constraint: drop them by statements of their own first, then this without CASCADE.',
    };
  const constraint = table.relation?.constraints.find((candidate) => candidate.name === name);
  const key = relationKeyOf(context.schema, operation.relation);
  const pointing =
    constraint === undefined
      ? undefined
      : foreignKeysTo(context.schema, key).find(({ constraint: other }) => {
          const columns = other.references?.columns ?? [];
          return columns.length === 0
            ? constraint.kind === 'primary-key'
            : columns.length === constraint.columns.length &&
                columns.every((column) => constraint.columns.includes(column));
        });
  if (pointing !== undefined)
    return {
      kind: 'refused',
      reason: `The foreign key ${constraintTitle(pointing.constraint)} of ${displayName({ name: pointing.relation.name })} needs this constraint: drop or change that first.`,
    };
  const quoted = context.engine.quoteName(name);
  const index = indexesOf(context.schema, key).find((candidate) => candidate.constraint === name);
  const isPlain =
    index === undefined ||
    (index.include.length === 0 &&
      !index.nullsNotDistinct &&
      index.tablespace === undefined &&
      index.storageParameters === undefined);
  const sql =
    constraint === undefined || !isPlain || !context.engine.product.capabilities.altersInPlace
      ? undefined
      : constraintSql(context, constraint);
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf('drop', name),
      title: `Drop ${name} of ${table.shown}`,
      steps: [
        {
          phase: 'contract',
          title: `Drop ${name} of ${table.shown}`,
          slug: slugOf('drop', name),
          up: `${table.alter} DROP CONSTRAINT ${ifExists ? 'IF EXISTS ' : ''}${quoted};`,
          ...(sql === undefined
            ? { irreversible: 'the constraint has to be written anew by a new migration.' }
            : {
                down: `-- lockstep: allow blocking-alter because going back reads every row while nobody else may use the table, and fails where a row breaks it\n${table.alter} ADD ${sql};`,
              }),
          transaction: 'one',
          requires: [{ kind: 'deploy', description: `version without INSERT ... ON CONFLICT that relies on ${name}` }],
          notes: [],
        },
      ],
    },
  };
}
