import type { Expression } from '../../model/expression.ts';
import { renameInExpression, renameInList } from '../../model/fold/expression-rename.ts';
import type { Constraint, Index } from '../../model/schema.ts';
import type { PlanContext } from '../plan.ts';

/** A name that no column has, put in place of the new one until the dialect's own quoting writes that. */
const PLACE = 'lockstep_place_of_the_column';

/** The expression with one column in place of another, written as the dialect must write it: reserved words in quotes. */
function expressionOver(context: PlanContext, expression: Expression, from: string, to: string): Expression {
  const { text } = renameInExpression(expression, from, PLACE);
  return {
    ...renameInExpression(expression, from, to),
    text: text.replaceAll(PLACE, () => context.engine.quoteName(to)),
  };
}

/** The index with one column in place of another wherever it names it. */
export function indexOver(context: PlanContext, index: Index, from: string, to: string): Index {
  return {
    ...index,
    include: renameInList(index.include, from, to),
    elements: index.elements.map((element) => ({
      ...element,
      ...(element.column === from ? { column: to } : {}),
      ...(element.expression === undefined
        ? {}
        : { expression: expressionOver(context, element.expression, from, to) }),
    })),
    ...(index.where === undefined ? {} : { where: expressionOver(context, index.where, from, to) }),
  };
}

/** The constraint of a table with one column of the table in place of another. */
export function constraintOver(context: PlanContext, constraint: Constraint, from: string, to: string): Constraint {
  const columns = renameInList(constraint.columns, from, to);
  return constraint.kind === 'check' && constraint.expression !== undefined
    ? { ...constraint, columns, expression: expressionOver(context, constraint.expression, from, to) }
    : { ...constraint, columns };
}
