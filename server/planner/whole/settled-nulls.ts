import { type ExpressionTree, walkExpression } from '../../model/expression.ts';
import type { DeleteRows, UpdateRows } from '../../model/operation.ts';

/**
 * Columns whose empty rows a statement is there for: those that an UPDATE sets in every row or where they are NULL, and those
 * that a DELETE asks to be NULL. What its author leaves empty, SET NOT NULL refuses in the direct form too.
 */
export function settledNulls(operation: UpdateRows | DeleteRows): readonly string[] {
  const { where } = operation;
  if (operation.kind === 'delete-rows') return where === undefined ? [] : askedNulls(where.tree);
  const given = (operation.assignments ?? []).flatMap(({ column, value }) =>
    (value.kind === 'literal' && value.value === null) || (value.kind === 'column' && value.path.at(-1) === column)
      ? []
      : [column],
  );
  const asked = where === undefined ? given : askedNulls(where.tree);
  return given.filter((column) => asked.includes(column));
}

/** Columns that a condition asks to be NULL, in one of its parts. */
function askedNulls(tree: ExpressionTree): readonly string[] {
  return [...walkExpression(tree)].flatMap((part) => {
    const [operand] = part.kind === 'null-test' && !part.negated ? part.operands : [];
    return operand?.kind === 'column' ? operand.path.slice(-1) : [];
  });
}
