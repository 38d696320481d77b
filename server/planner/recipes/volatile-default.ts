import type { ChangeRequest, PlanContext, PlanResult, Recipe } from '../plan.ts';
import { changeIdOf, slugOf } from '../names.ts';
import { backfillStep } from '../parts/backfill.ts';
import { requireSteps } from '../parts/require-steps.ts';
import { tableTarget } from '../parts/table-target.ts';

/** ADD COLUMN with a default that differs from row to row: new rows get it at once, old ones in batches. */
export const volatileDefault: Recipe = {
  name: 'volatile-default',
  title: 'Add a column with a computed default',
  plans: { postgresql: plan, sqlite: plan },
};

function plan({ operation }: ChangeRequest, context: PlanContext): PlanResult {
  if (operation.kind !== 'add-column' || operation.action.column.default === undefined)
    return { kind: 'refused', reason: 'This is not the addition of a column with a default.' };
  const { column } = operation.action;
  if (column.constraints.length > 0) {
    return {
      kind: 'refused',
      reason: `Column "${column.name}" carries a constraint of its own: add that by a statement of its own first, so that it becomes steps too.`,
    };
  }
  const table = tableTarget(context, operation.relation);
  const quoted = context.engine.quoteName(column.name);
  const value = column.default?.text ?? 'NULL';
  const type = column.type;
  if (type?.span === undefined) return { kind: 'refused', reason: 'The type of this column cannot be told.' };
  const written = context.statementText.slice(type.span.start, type.span.end);
  const collation = column.collation === undefined ? '' : ` COLLATE ${context.engine.quoteName(column.collation)}`;
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf(table.name, column.name),
      title: `Add ${table.shown}.${column.name} with a computed default`,
      steps: [
        {
          phase: 'expand',
          title: `Add ${table.shown}.${column.name} with its default for new rows`,
          slug: slugOf('add', table.name, column.name),
          up: `${table.alter} ADD COLUMN ${quoted} ${written}${collation};\n${table.alter} ALTER COLUMN ${quoted} SET DEFAULT ${value};`,
          down: `${table.alter} DROP COLUMN ${quoted};`,
          transaction: 'one',
          requires: [],
          notes: [
            'Rows written from here on get the default, by whatever version; old rows stay empty until the next step.',
          ],
        },
        backfillStep(context, {
          table,
          column: column.name,
          assignment: `${quoted} = ${value}`,
          predicate: `${quoted} IS NULL`,
          requires: [],
          notes: [],
        }),
        ...(column.notNull === undefined ? [] : requireSteps(context, table, column.name, [])),
      ],
    },
  };
}
