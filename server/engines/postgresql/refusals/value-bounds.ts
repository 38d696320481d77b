import type { ExpressionTree } from '../../../model/expression.ts';
import type { TypeName } from '../../../model/type-name.ts';

/** The greatest value of each type of whole numbers; the least one is one further from zero. */
const GREATEST: Readonly<Record<string, bigint>> = { int2: 32_767n, int4: 2_147_483_647n, int8: 2n ** 63n - 1n };

/**
 * Why a literal is too long, too short or too great for a column of a type.
 *
 * Source: PostgreSQL manual, "Numeric Types", "Character Types" and "Bit String Types".
 */
export function outOfBounds(tree: ExpressionTree, name: string, type: TypeName | undefined): string | undefined {
  if (type === undefined || type.schema !== undefined || type.arrayDimensions > 0 || tree.kind !== 'literal')
    return undefined;
  switch (type.name) {
    case 'varchar':
    case 'bpchar':
      return tree.isBits === true ? undefined : tooLong(tree.value, name, type);
    case 'bit':
    case 'varbit':
      return wrongBits(bitsOf(tree), name, type);
    case 'int2':
    case 'int4':
    case 'int8':
    case 'numeric':
      return tree.isBits === true ? undefined : tooGreat(tree.value, name, type);
    default:
      return undefined;
  }
}

type Literal = Extract<ExpressionTree, { readonly kind: 'literal' }>;

/** Spaces beyond the length are cut off without a word. */
function tooLong(value: Literal['value'], name: string, type: TypeName): string | undefined {
  const most = Number(type.modifiers[0]);
  if (!Number.isInteger(most) || most < 1 || typeof value !== 'string') return undefined;
  const length = [...value.trimEnd()].length;
  return length > most
    ? `"${name}" is ${type.display}, and this text has ${length} characters: PostgreSQL refuses what is longer.`
    : undefined;
}

/** How many bits a literal has; undefined where it is none of bits. */
function bitsOf({ value, isBits }: Literal): number | undefined {
  if (typeof value !== 'string') return undefined;
  if (isBits !== true) return /^[01]+$/.test(value) ? value.length : undefined;
  return (value.length - 1) * (value.startsWith('x') ? 4 : 1);
}

function wrongBits(bits: number | undefined, name: string, type: TypeName): string | undefined {
  const wanted = type.modifiers.length > 0 ? Number(type.modifiers[0]) : type.name === 'bit' ? 1 : Number.NaN;
  if (bits === undefined || !Number.isInteger(wanted)) return undefined;
  if (type.name === 'bit')
    return bits === wanted
      ? undefined
      : `"${name}" is ${type.display}, and this has ${bits} bits: PostgreSQL takes just as many without a cast.`;
  return bits > wanted ? `"${name}" is ${type.display}, and this has ${bits} bits.` : undefined;
}

function tooGreat(value: Literal['value'], name: string, type: TypeName): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !/^-?\d+(?:\.\d+)?$/.test(text)) return undefined;
  const says = `"${name}" is ${type.display}, into which ${text} does not fit.`;
  const greatest = GREATEST[type.name];
  if (greatest !== undefined) {
    if (text.includes('.')) return undefined;
    const whole = BigInt(text);
    return whole > greatest || whole < -greatest - 1n ? says : undefined;
  }
  const [precision, scale = 0] = type.modifiers.map(Number);
  if (precision === undefined || !Number.isInteger(precision) || !Number.isInteger(scale) || scale < 0)
    return undefined;
  // Digits before the point; what is rounded up to one more is not looked at.
  const digits = (text.replace('-', '').split('.')[0] ?? '').replace(/^0+/, '').length;
  return digits > precision - scale ? says : undefined;
}
