import type { Node } from 'web-tree-sitter';
import type { ConstantOf } from './constants.ts';

/** A number that the compiler works out: whole, or a double. */
type Folded = bigint | number;

/** Constants may name constants; a circle is broken code. */
const DEEPEST = 40;

/**
 * The value of an expression of number literals, constants and operators; undefined where it has none, and for `decimal`,
 * whose digits a double does not hold.
 */
export function foldNumber(node: Node, constantOf: ConstantOf, depth = 0): Folded | undefined {
  if (depth > DEEPEST) return undefined;
  const inner = (child: Node | null | undefined): Folded | undefined =>
    child === null || child === undefined ? undefined : foldNumber(child, constantOf, depth + 1);
  switch (node.type) {
    case 'integer_literal':
    case 'real_literal': {
      const text = numberText(node.text);
      if (text === undefined || /m$/i.test(node.text)) return undefined;
      return node.type === 'integer_literal' && !isReal(node.text) ? BigInt(text) : Number(text);
    }
    case 'parenthesized_expression':
    case 'checked_expression':
      return inner(node.namedChildren.find((child) => child.type !== 'comment'));
    case 'prefix_unary_expression':
      return negated(node.children[0]?.text, inner(node.namedChildren.at(-1)));
    case 'cast_expression':
      return cast(node.childForFieldName('type')?.text ?? '', inner(node.childForFieldName('value')));
    case 'binary_expression': {
      const operator = node.childForFieldName('operator')?.text ?? '';
      return combined(operator, inner(node.childForFieldName('left')), inner(node.childForFieldName('right')));
    }
    case 'identifier':
    case 'member_access_expression':
      return LIMITS[node.text.replace(/^System\./, '')] ?? inner(constantOf(node));
    default:
      return undefined;
  }
}

/** Whether a literal without a point is none of a whole number. */
function isReal(source: string): boolean {
  return !/^0[xb]/i.test(source) && /[fFdD]$/.test(source);
}

function negated(operator: string | undefined, value: Folded | undefined): Folded | undefined {
  if (value === undefined) return undefined;
  if (operator === '-') return -value;
  if (operator === '+') return value;
  return operator === '~' && typeof value === 'bigint' ? ~value : undefined;
}

function cast(type: string, value: Folded | undefined): Folded | undefined {
  if (value === undefined) return undefined;
  if (/^(?:double|float)$/.test(type)) return Number(value);
  if (!/^(?:s?byte|u?short|u?int|u?long)$/.test(type)) return undefined;
  return typeof value === 'bigint' ? value : Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined;
}

/** As many places as can be shifted whatever the type is. */
const FEWEST_BITS = 31n;

function combined(operator: string, left: Folded | undefined, right: Folded | undefined): Folded | undefined {
  if (left === undefined || right === undefined) return undefined;
  if (typeof left === 'bigint' && typeof right === 'bigint') {
    switch (operator) {
      case '+':
        return left + right;
      case '-':
        return left - right;
      case '*':
        return left * right;
      case '/':
        return right === 0n ? undefined : left / right;
      case '%':
        return right === 0n ? undefined : left % right;
      case '<<':
        return right >= 0n && left >> (FEWEST_BITS - right) === 0n ? left << right : undefined;
      case '|':
        return left | right;
      case '&':
        return left & right;
      default:
        return undefined;
    }
  }
  const [one, other] = [Number(left), Number(right)];
  const results: Readonly<Record<string, number>> = {
    '+': one + other,
    '-': one - other,
    '*': one * other,
    '/': one / other,
  };
  const result = results[operator];
  return result !== undefined && Number.isFinite(result) ? result : undefined;
}

/** Bounds of the number types, which are constants of .NET. */
const LIMITS: Readonly<Record<string, bigint>> = Object.fromEntries(
  (
    [
      ['byte Byte', 0n, 255n],
      ['sbyte SByte', -128n, 127n],
      ['short Int16', -(2n ** 15n), 2n ** 15n - 1n],
      ['ushort UInt16', 0n, 2n ** 16n - 1n],
      ['int Int32', -(2n ** 31n), 2n ** 31n - 1n],
      ['uint UInt32', 0n, 2n ** 32n - 1n],
      ['long Int64', -(2n ** 63n), 2n ** 63n - 1n],
      ['ulong UInt64', 0n, 2n ** 64n - 1n],
    ] as const
  ).flatMap(([names, least, most]) =>
    names.split(' ').flatMap((name) => [
      [`${name}.MinValue`, least],
      [`${name}.MaxValue`, most],
    ]),
  ),
);

/** A C# number literal as SQL writes it; undefined for what has no such form. */
export function numberText(source: string): string | undefined {
  const plain = source.replaceAll('_', '');
  const based = /^(0(?:x[\da-f]+|b[01]+))[ul]*$/i.exec(plain)?.[1];
  if (based !== undefined) return String(BigInt(based));
  const digits = plain.replace(/[uUlLfFdDmM]+$/, '');
  return /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(digits) ? digits : undefined;
}
