import { walkExpression } from '../../model/expression.ts';
import { isTableAction, type ColumnDefinition } from '../../model/operation.ts';
import { type PlanContext, planBy } from '../plan.ts';
import type { Step } from '../step.ts';
import { addCheck } from '../recipes/add-check.ts';
import { addForeignKey } from '../recipes/add-foreign-key.ts';
import { addPrimaryKey, addUnique } from '../recipes/add-unique.ts';
import type { TableTarget } from './table-target.ts';

/** Text of a column's definition without constraints of its own, which become steps, and without NOT NULL unless it stays. */
export function plainDefinition(
  statement: string,
  column: ColumnDefinition,
  notNull: 'stays' | 'goes' = 'goes',
): string {
  const left = [
    ...(column.notNull === undefined || notNull === 'stays' ? [] : [column.notNull.span]),
    ...column.constraints.map((constraint) => constraint.span),
  ].sort((one, other) => other.start - one.start);
  let text = statement.slice(column.span.start, column.span.end);
  for (const span of left)
    text = `${text.slice(0, span.start - column.span.start).trimEnd()} ${text.slice(span.end - column.span.start).trimStart()}`;
  return text.trim();
}

/**
 * Steps that add the constraints written behind a new column, each as the statement of its own that it could be; a text
 * says which one has no steps. `context` knows the column already.
 */
export function inlineConstraintSteps(
  context: PlanContext,
  table: TableTarget,
  statement: string,
  column: ColumnDefinition,
): readonly Step[] | string {
  const { quoteName, parse } = context.engine;
  const quoted = quoteName(column.name);
  const steps: Step[] = [];
  for (const constraint of column.constraints) {
    const written = statement.slice(constraint.span.start, constraint.span.end).trim();
    const body =
      constraint.name === undefined ? written : written.replace(/^constraint\s+(?:"(?:[^"]|"")*"|[^\s"]+)\s+/i, '');
    const name = constraint.name === undefined ? '' : `CONSTRAINT ${quoteName(constraint.name)} `;
    // Of old rows each needs a value of its own before.
    const isNumbered =
      column.serial !== undefined ||
      column.identity !== undefined ||
      (column.default !== undefined && [...walkExpression(column.default.tree)].some(({ kind }) => kind === 'call'));
    const kind = constraint.kind === 'primary-key' && !isNumbered ? undefined : (constraint.kind as string);
    const text = {
      'foreign-key': `FOREIGN KEY (${quoted}) ${body}`,
      unique: body.replace(/^unique(\s+nulls\s+(?:not\s+)?distinct)?/i, (words) => `${words} (${quoted})`),
      'primary-key': body.replace(/^primary\s+key/i, (words) => `${words} (${quoted})`),
      check: body,
    }[kind ?? ''];
    const recipe = {
      'foreign-key': addForeignKey,
      unique: addUnique,
      'primary-key': addPrimaryKey,
      check: addCheck,
    }[kind ?? ''];
    if (text === undefined || recipe === undefined)
      return `Column "${column.name}" is to be a ${constraint.kind === 'primary-key' ? 'primary key' : 'key'} of its own: add the column first, fill it, then add the key by a statement of its own.`;
    const statementText = `${table.alter} ADD ${name}${text}`;
    const operation = parse(statementText).operations.find(isTableAction);
    if (operation === undefined)
      return `The constraint of column "${column.name}" could not be read as one of its own: write it as ALTER TABLE ... ADD CONSTRAINT.`;
    const planned = planBy(recipe, { recipe: recipe.name, operation }, { ...context, statementText });
    if (planned.kind === 'refused') return planned.reason;
    steps.push(...planned.plan.steps);
  }
  return steps;
}
