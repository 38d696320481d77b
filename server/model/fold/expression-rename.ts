import { assertNever } from '../../core/assert-never.ts';
import type { Expression, ExpressionTree } from '../expression.ts';
import type { IndexElement } from '../operation.ts';
import type { Constraint } from '../schema.ts';

/** String constants, types behind a cast, quoted names and words of an SQL expression; the last two may be names of columns. */
const TOKEN =
  /'(?:[^']|'')*'|(?:::|\b[aA][sS]\s)\s*(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+)(?:\s*\.\s*(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+))?|"((?:[^"]|"")*)"|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)(?!\s*\()/g;

/** Whether two names are one, to SQLite in any spelling. */
function isSame(left: string | undefined, right: string, ignoresCase: boolean): boolean {
  return left === right || (ignoresCase && left?.toLowerCase() === right.toLowerCase());
}

/** The expression after a column that it names was renamed. */
export function renameInExpression(expression: Expression, from: string, to: string, ignoresCase = false): Expression {
  const written = /^[a-z_][a-z0-9_$]*$/.test(to) ? to : `"${to.replaceAll('"', '""')}"`;
  const text = expression.text.replace(TOKEN, (token: string, quoted: string | undefined, word: string | undefined) => {
    const name = quoted?.replaceAll('""', '"') ?? word?.toLowerCase();
    return isSame(name, from, ignoresCase) ? written : token;
  });
  return { ...expression, text, tree: renameInTree(expression.tree, from, to, ignoresCase) };
}

function renameInTree(tree: ExpressionTree, from: string, to: string, ignoresCase: boolean): ExpressionTree {
  if (tree.kind === 'column')
    return isSame(tree.path.at(-1), from, ignoresCase) ? { ...tree, path: [...tree.path.slice(0, -1), to] } : tree;
  if (!('operands' in tree)) return tree;
  const operands = tree.operands.map((operand) => renameInTree(operand, from, to, ignoresCase));
  // Mapping keeps the number of operands, which is all that the variants with a fixed one ask for.
  return { ...tree, operands } as ExpressionTree;
}

/** The index elements after a column was renamed. */
export function renameInElements(
  elements: readonly IndexElement[],
  from: string,
  to: string,
  ignoresCase = false,
): readonly IndexElement[] {
  return elements.map((element) => ({
    ...element,
    ...(isSame(element.column, from, ignoresCase) ? { column: to } : {}),
    ...(element.expression === undefined
      ? {}
      : { expression: renameInExpression(element.expression, from, to, ignoresCase) }),
  }));
}

/** The names with one of them replaced. */
export function renameInList(
  names: readonly string[],
  from: string,
  to: string,
  ignoresCase = false,
): readonly string[] {
  return names.some((name) => isSame(name, from, ignoresCase))
    ? names.map((name) => (isSame(name, from, ignoresCase) ? to : name))
    : names;
}

/** The constraint of a table after one of the table's columns was renamed. */
export function renameInConstraint(constraint: Constraint, from: string, to: string, ignoresCase = false): Constraint {
  if (!constraint.columns.some((name) => isSame(name, from, ignoresCase)) && constraint.expression === undefined)
    return constraint;
  const renamed = {
    columns: renameInList(constraint.columns, from, to, ignoresCase),
    ...(isSame(constraint.inlineOf, from, ignoresCase) ? { inlineOf: to } : {}),
  };
  switch (constraint.kind) {
    case 'check':
      return constraint.expression === undefined
        ? { ...constraint, ...renamed }
        : {
            ...constraint,
            ...renamed,
            expression: renameInExpression(constraint.expression, from, to, ignoresCase),
          };
    case 'unique':
    case 'primary-key':
    case 'exclusion':
      return constraint.elements === undefined
        ? { ...constraint, ...renamed }
        : { ...constraint, ...renamed, elements: renameInElements(constraint.elements, from, to, ignoresCase) };
    case 'foreign-key':
    case 'not-null':
      return { ...constraint, ...renamed };
    default:
      return assertNever(constraint);
  }
}
