import type { ExpressionTree } from './expression.ts';

/** A value, or that it is not known. Truth is 1 and 0. */
export type Value = string | number | null | undefined;

/**
 * Whether a CHECK is surely false for a row of which some values are known: NULL lets a row pass.
 *
 * Only what a database compares without converting anything is worked out: numbers with numbers, texts with texts.
 */
export function isSurelyFalse(tree: ExpressionTree, given: (column: string) => Value): boolean {
  return evaluate(tree, given) === 0;
}

/** What an expression is for a row of which some values are known. */
export function evaluate(tree: ExpressionTree, given: (column: string) => Value): Value {
  const of = (operand: ExpressionTree | undefined): Value =>
    operand === undefined ? undefined : evaluate(operand, given);
  switch (tree.kind) {
    case 'literal':
      return literal(tree.value);
    case 'column':
      return given(tree.path.at(-1) ?? '');
    case 'null-test': {
      const value = of(tree.operands[0]);
      return value === undefined ? undefined : truth((value === null) !== tree.negated);
    }
    case 'boolean': {
      const values = tree.operands.map((operand) => truthOf(of(operand)));
      if (tree.operator === 'not') return values[0] === undefined || values[0] === null ? values[0] : 1 - values[0];
      const decisive = tree.operator === 'and' ? 0 : 1;
      if (values.includes(decisive)) return decisive;
      if (values.includes(undefined)) return undefined;
      return values.includes(null) ? null : 1 - decisive;
    }
    case 'operator':
      return operate(tree.name, tree.operands.map(of));
    case 'call': {
      const [value] = tree.operands.map(of);
      return tree.name === 'length' && tree.operands.length === 1 && (value === null || typeof value === 'string')
        ? value === null
          ? null
          : [...value].length
        : undefined;
    }
    default:
      return undefined;
  }
}

/** A literal as a value; a blob, which the tree holds as it is written, and a number that no double holds, are not known. */
export function literal(value: string | number | boolean | null): Value {
  if (typeof value === 'boolean') return truth(value);
  return typeof value === 'string' && (/^x'/i.test(value) || /^\d+$/.test(value)) ? undefined : value;
}

function truth(value: boolean): 0 | 1 {
  return value ? 1 : 0;
}

function truthOf(value: Value): 0 | 1 | null | undefined {
  if (value === null) return null;
  return typeof value === 'number' ? truth(value !== 0) : undefined;
}

function operate(name: string, values: readonly Value[]): Value {
  const operator = name.toUpperCase();
  if (values.includes(undefined) && operator !== 'IN') return undefined;
  const [left, right, last] = values;
  switch (operator) {
    case '=':
    case '<>':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compare(operator, left, right);
    case 'BETWEEN': {
      const both = [compare('>=', left, right), compare('<=', left, last)];
      if (both.includes(0)) return 0;
      return both.includes(undefined) ? undefined : both.includes(null) ? null : 1;
    }
    case 'IN': {
      const found = values.slice(1).map((value) => compare('=', left, value));
      if (found.includes(1)) return 1;
      return found.includes(undefined) ? undefined : found.includes(null) ? null : 0;
    }
    case '~':
      return matches(left, right);
    case 'LIKE':
      return isLike(left, right);
    default:
      return undefined;
  }
}

/** LIKE, where it is the same whether or not it tells capitals apart, which databases do otherwise. */
function isLike(text: Value, pattern: Value): Value {
  if (text === null || pattern === null) return null;
  if (typeof text !== 'string' || typeof pattern !== 'string' || !/^[ -~]*$/.test(text + pattern)) return undefined;
  if (pattern.includes('\\')) return undefined;
  const source = pattern
    .replaceAll(/[^\w\s%]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  const [exact, folded] = ['s', 'si'].map((flags) => new RegExp(`^${source}$`, flags).test(text));
  return exact === folded && exact !== undefined ? truth(exact) : undefined;
}

/** A pattern of the few signs that mean the same wherever patterns are written. */
const PLAIN_PATTERN = /^\^?(?:[A-Za-z\d _@-]|\\d|\[\^?[A-Za-z\d _-]+\]|\{\d+(?:,\d*)?\}|[+*?])*\$?$/;

function matches(text: Value, pattern: Value): Value {
  if (text === null || pattern === null) return null;
  if (typeof text !== 'string' || typeof pattern !== 'string' || !PLAIN_PATTERN.test(pattern)) return undefined;
  // Letters beyond those of ASCII are sorted by a collation.
  if (!/^[ -~]*$/.test(text)) return undefined;
  try {
    return truth(new RegExp(pattern).test(text));
  } catch {
    // The pattern is none here.
    return undefined;
  }
}

function compare(name: string, left: Value, right: Value): 0 | 1 | null | undefined {
  if (left === undefined || right === undefined) return undefined;
  if (left === null || right === null) return null;
  if (typeof left !== typeof right) return undefined;
  // Texts that differ in case or in blanks at their end may be the same under a collation; their order is one of bytes.
  if (typeof left === 'string' && typeof right === 'string') {
    const fold = (text: string): string => text.trimEnd().toLowerCase();
    if (name !== '=' && name !== '<>') return undefined;
    if (left !== right && fold(left) === fold(right)) return undefined;
    return truth((left === right) === (name === '='));
  }
  switch (name) {
    case '=':
      return truth(left === right);
    case '<>':
      return truth(left !== right);
    case '<':
      return truth(left < right);
    case '<=':
      return truth(left <= right);
    case '>':
      return truth(left > right);
    default:
      return truth(left >= right);
  }
}
