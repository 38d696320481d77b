import type { Span } from '../core/span.ts';
import type { ObjectName } from './names.ts';
import type { TypeName } from './type-name.ts';

/**
 * An SQL expression, as far as effects and rules need it: its text, and a tree in no dialect's syntax.
 *
 * `span` is relative to the statement's start.
 */
export interface Expression {
  readonly text: string;
  readonly span: Span;
  readonly tree: ExpressionTree;
}

/** Meaning of an expression; what no variant covers is `other`, with its parts. */
export type ExpressionTree =
  | { readonly kind: 'column'; readonly path: readonly string[] }
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'keyword'; readonly name: string }
  | {
      readonly kind: 'call';
      readonly schema?: string;
      readonly name: string;
      readonly operands: readonly ExpressionTree[];
    }
  | { readonly kind: 'operator'; readonly name: string; readonly operands: readonly ExpressionTree[] }
  | { readonly kind: 'cast'; readonly type: TypeName; readonly operands: readonly [ExpressionTree] }
  | { readonly kind: 'collate'; readonly collation: string; readonly operands: readonly [ExpressionTree] }
  | { readonly kind: 'null-test'; readonly negated: boolean; readonly operands: readonly [ExpressionTree] }
  | { readonly kind: 'boolean'; readonly operator: 'and' | 'or' | 'not'; readonly operands: readonly ExpressionTree[] }
  | {
      readonly kind: 'subquery';
      readonly relations: readonly ObjectName[];
      readonly operands: readonly ExpressionTree[];
    }
  | { readonly kind: 'other'; readonly operands: readonly ExpressionTree[] };

/** The tree and everything below it, parents first. */
export function* walkExpression(tree: ExpressionTree): IterableIterator<ExpressionTree> {
  yield tree;
  if ('operands' in tree) for (const operand of tree.operands) yield* walkExpression(operand);
}

/** Last parts of all column references, without duplicates. */
export function referencedColumns(tree: ExpressionTree): readonly string[] {
  const names = new Set<string>();
  for (const node of walkExpression(tree)) {
    const last = node.kind === 'column' ? node.path.at(-1) : undefined;
    if (last !== undefined) names.add(last);
  }
  return [...names];
}

/** The text of an expression without parentheses around the whole of it: two spellings of one expression become one. */
export function withoutParentheses(text: string): string {
  let inner = text.trim();
  while (inner.startsWith('(') && closingOf(inner) === inner.length - 1) inner = inner.slice(1, -1).trim();
  return inner;
}

/** Where the parenthesis that a text begins with is closed, quoted text left out. */
function closingOf(text: string): number {
  let depth = 0;
  let quote = '';
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? '';
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === "'" || character === '"') quote = character;
    else if (character === '(') depth++;
    else if (character === ')' && --depth === 0) return index;
  }
  return -1;
}
