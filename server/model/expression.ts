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
  | {
      readonly kind: 'literal';
      readonly value: string | number | boolean | null;
      /** B'101' or X'1F', whose value is `b101` or `x1F`. */
      readonly isBits?: true;
    }
  | { readonly kind: 'keyword'; readonly name: string }
  | {
      readonly kind: 'call';
      readonly schema?: string;
      readonly name: string;
      readonly operands: readonly ExpressionTree[];
      /** Number of arguments, which `operands` begins with, where they are plain ones; absent where some have names or are VARIADIC. */
      readonly arity?: number;
      /** Names of the arguments, which `operands` begins with, where some have one: `f(1, b => 2)`. */
      readonly argumentNames?: readonly (string | undefined)[];
      /** count(*) */
      readonly star?: true;
      /** It has an OVER. */
      readonly over?: true;
      readonly filter?: ExpressionTree;
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
      /** What it stands for: one value, EXISTS, an array, or the other side of IN, ANY and ALL. */
      readonly form?: 'scalar' | 'exists' | 'array' | 'compared';
      readonly query?: QueryTree;
    }
  | {
      readonly kind: 'other';
      readonly operands: readonly ExpressionTree[];
      /** CASE, whose parts are in `operands` too. */
      readonly case?: {
        readonly subject?: ExpressionTree;
        readonly arms: readonly { readonly when: ExpressionTree; readonly then: ExpressionTree }[];
        readonly otherwise?: ExpressionTree;
      };
    };

/**
 * A query in no dialect's syntax, as far as its names and types are looked at: what its parts are and what they see.
 *
 * Beside `Query`, which says what a query touches. Parts that no field stands for make it `isPartial`.
 */
export interface QueryTree {
  /** Common table expressions in order; one that changes rows has no query here. */
  readonly with: readonly CommonTable[];
  /** UNION, INTERSECT or EXCEPT of two queries; then only `orderBy` and `limit` are its own. */
  readonly set?: { readonly operator: string; readonly left: QueryTree; readonly right: QueryTree };
  readonly values?: readonly (readonly ExpressionTree[])[];
  readonly from: readonly FromItem[];
  readonly targets: readonly Target[];
  readonly where?: ExpressionTree;
  readonly groupBy: readonly ExpressionTree[];
  readonly having?: ExpressionTree;
  readonly orderBy: readonly ExpressionTree[];
  readonly limit?: ExpressionTree;
  readonly distinct?: 'all' | 'on';
  readonly locksRows?: true;
  /** It has grouping sets, named windows or the like, which are not looked at. */
  readonly isPartial?: true;
}

export interface CommonTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly recursive: boolean;
  /** It changes rows and has no RETURNING, so that nothing can read from it. */
  readonly isSilent?: true;
  readonly query?: QueryTree;
}

/** One output column: its name where it is written, and its value; a star is a column whose path ends in `*`. */
export interface Target {
  readonly name?: string;
  readonly value: ExpressionTree;
}

/** Something in FROM. `columns` are names that an alias gives its columns, in order. */
export type FromItem =
  | {
      readonly kind: 'relation';
      readonly relation: { readonly schema?: string; readonly name: string };
      readonly alias?: string;
      readonly columns: readonly string[];
    }
  | {
      readonly kind: 'query';
      readonly query: QueryTree;
      readonly lateral: boolean;
      readonly alias?: string;
      readonly columns: readonly string[];
    }
  | {
      readonly kind: 'join';
      readonly left: FromItem;
      readonly right: FromItem;
      readonly on?: ExpressionTree;
      readonly using?: readonly string[];
      readonly natural: boolean;
      readonly alias?: string;
    }
  /** A function, a table sample, JSON_TABLE: what its columns are is not looked at. */
  | { readonly kind: 'other'; readonly alias?: string; readonly operands: readonly ExpressionTree[] };

/** The tree and everything below it, parents first. */
export function* walkExpression(tree: ExpressionTree): IterableIterator<ExpressionTree> {
  yield tree;
  if ('operands' in tree) for (const operand of tree.operands) yield* walkExpression(operand);
}

/** The same, with what stands in its subqueries. */
export function* walkWithQueries(tree: ExpressionTree): IterableIterator<ExpressionTree> {
  for (const part of walkExpression(tree)) {
    yield part;
    if (part.kind === 'subquery' && part.query !== undefined) yield* walkQuery(part.query);
  }
}

function* walkQuery(query: QueryTree): IterableIterator<ExpressionTree> {
  const { targets, where, groupBy, having, orderBy, limit, values, set, from } = query;
  const trees = [
    ...targets.map(({ value }) => value),
    ...groupBy,
    ...orderBy,
    ...(values ?? []).flat(),
    where,
    having,
    limit,
  ];
  for (const tree of trees) if (tree !== undefined) yield* walkWithQueries(tree);
  for (const item of from) yield* walkFrom(item);
  for (const inner of [set?.left, set?.right, ...query.with.map((each) => each.query)])
    if (inner !== undefined) yield* walkQuery(inner);
}

function* walkFrom(item: FromItem): IterableIterator<ExpressionTree> {
  if (item.kind === 'query') yield* walkQuery(item.query);
  if (item.kind === 'other') for (const operand of item.operands) yield* walkWithQueries(operand);
  if (item.kind !== 'join') return;
  yield* walkFrom(item.left);
  yield* walkFrom(item.right);
  if (item.on !== undefined) yield* walkWithQueries(item.on);
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
