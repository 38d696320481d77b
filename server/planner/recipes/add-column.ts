import { isTableAction } from '../../model/operation.ts';
import { changeIdOf, slugOf } from '../names.ts';
import { type ChangeRequest, type PlanContext, planBy, type PlanResult, type Recipe } from '../plan.ts';
import { domainInTheWay } from '../parts/column-users.ts';
import { generatedColumn } from './generated-column.ts';
import { inlineConstraintSteps, plainDefinition } from '../parts/inline-constraints.ts';
import { numberedColumn } from '../parts/numbered-column.ts';
import { requiredColumn } from './required-column.ts';
import { tableTarget } from '../parts/table-target.ts';
import { volatileDefault } from './volatile-default.ts';

/** ADD COLUMN in whatever form reads or rewrites the table: the column alone first, then what was written behind it. */
export const addColumn: Recipe = {
  name: 'add-column',
  title: 'Add a column',
  plans: { postgresql: plan, sqlite: plan },
};

function plan(request: ChangeRequest, context: PlanContext): PlanResult {
  const { operation } = request;
  if (operation.kind !== 'add-column') return { kind: 'refused', reason: 'This is not the addition of a column.' };
  const { column } = operation.action;
  const table = tableTarget(context, operation.relation);
  if (column.generated !== undefined) return planBy(generatedColumn, request, context);
  const domain = domainInTheWay(context, column.name, column.type);
  if (domain !== undefined) return { kind: 'refused', reason: domain };
  if (column.serial !== undefined || column.identity !== undefined) return numberedColumn(context, table, column);
  const isNull =
    column.default === undefined || (column.default.tree.kind === 'literal' && column.default.tree.value === null);
  if (column.notNull !== undefined && isNull) return planBy(requiredColumn, request, context);
  const alone = `${table.alter} ADD COLUMN ${plainDefinition(context.statementText, column, 'stays')}`;
  const after = context.engine.fold(
    context.schema,
    context.engine.parse(alone).operations,
    { fileIndex: -1 },
    context.target,
  );
  if (column.constraints.length === 0) return planBy(volatileDefault, request, context);
  const constraints = inlineConstraintSteps(
    { ...context, running: context.running ?? context.schema, schema: after },
    { ...table, relation: tableTarget({ ...context, schema: after }, operation.relation).relation },
    context.statementText,
    column,
  );
  if (typeof constraints === 'string') return { kind: 'refused', reason: constraints };
  const parsed = context.engine.parse(alone).operations.find(isTableAction);
  const isVolatile =
    parsed !== undefined &&
    context.engine.effects([parsed], context.schema, context.target).some((effect) => effect.rewrite);
  const first =
    isVolatile && parsed !== undefined
      ? planBy(volatileDefault, { recipe: 'volatile-default', operation: parsed }, { ...context, statementText: alone })
      : undefined;
  if (first?.kind === 'refused') return first;
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf(table.name, column.name),
      title: `Add ${table.shown}.${column.name}`,
      steps: [
        ...(first?.plan.steps ?? [
          {
            phase: 'expand' as const,
            title: `Add ${table.shown}.${column.name}`,
            slug: slugOf('add', table.name, column.name),
            up: `${alone};`,
            down: `${table.alter} DROP COLUMN ${context.engine.quoteName(column.name)};`,
            transaction: 'one' as const,
            requires: [],
            notes: ['What was written behind the column follows as steps of its own.'],
          },
        ]),
        ...constraints,
      ],
    },
  };
}
