import type { ChangeRequest, PlanContext, PlanResult, Recipe } from '../plan.ts';
import { changeIdOf, slugOf } from '../names.ts';
import type { Requirement } from '../step.ts';
import { backfillStep } from '../parts/backfill.ts';
import { fillValue } from '../parts/fill-value.ts';
import { inlineConstraintSteps, plainDefinition } from '../parts/inline-constraints.ts';
import { rebuildSteps, requireSteps } from '../parts/require-steps.ts';
import { tableTarget } from '../parts/table-target.ts';

/** ADD COLUMN ... NOT NULL without a default: nullable first, then filled, then required. */
export const requiredColumn: Recipe = {
  name: 'required-column',
  title: 'Add a required column',
  plans: { postgresql: plan, sqlite: plan },
};

function plan({ operation }: ChangeRequest, context: PlanContext): PlanResult {
  if (operation.kind !== 'add-column') return { kind: 'refused', reason: 'This is not the addition of a column.' };
  const { column } = operation.action;
  if (column.constraints.length > 0 && !context.engine.product.capabilities.altersInPlace) {
    return {
      kind: 'refused',
      reason: `Column "${column.name}" carries a constraint of its own: add the column without it, then rebuild the table with it.`,
    };
  }
  const table = tableTarget(context, operation.relation);
  const value = fillValue(
    context,
    table,
    column,
    column.constraints.every(({ kind }) => kind === 'check' || kind === 'not-null'),
  );
  const quoted = context.engine.quoteName(column.name);
  const add = `${table.alter} ADD COLUMN ${plainDefinition(context.statementText, column)}`;
  const after = context.engine.fold(
    context.schema,
    context.engine.parse(add).operations,
    { fileIndex: -1 },
    context.target,
  );
  const constraints = inlineConstraintSteps(
    { ...context, running: context.running ?? context.schema, schema: after },
    { ...table, relation: tableTarget({ ...context, schema: after }, operation.relation).relation },
    context.statementText,
    column,
  );
  if (typeof constraints === 'string') return { kind: 'refused', reason: constraints };
  const required =
    context.target.version < context.engine.product.capabilities.setsNotNullSince
      ? rebuildSteps(table, column.name, after)
      : requireSteps(context, table, column.name, []);
  if (typeof required === 'string') return { kind: 'refused', reason: required };
  const deploy: Requirement = { kind: 'deploy', description: `version that writes ${table.shown}.${column.name}` };
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf(table.name, column.name),
      title: `Add required column ${table.shown}.${column.name}`,
      steps: [
        {
          phase: 'expand',
          title: `Add ${table.shown}.${column.name}, nullable`,
          slug: slugOf('add', table.name, column.name),
          up: `${add};`,
          down: `${table.alter} DROP COLUMN ${quoted};`,
          transaction: 'one',
          requires: [],
          notes: [
            `Deploy next: a version that writes ${table.shown}.${column.name} in every INSERT. The running version goes on without it.`,
          ],
        },
        ...constraints,
        backfillStep(context, {
          table,
          column: column.name,
          assignment: `${quoted} = ${value.sql}`,
          predicate: `${quoted} IS NULL`,
          requires: [deploy],
          notes: value.notes,
          asked: value.asked,
        }),
        ...required,
      ],
    },
  };
}
