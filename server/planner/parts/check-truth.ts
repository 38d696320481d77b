import { evaluate, type Value } from '../../model/constant-truth.ts';
import type { ExpressionTree } from '../../model/expression.ts';
import type { Column } from '../../model/schema.ts';

/** Whether a CHECK passes for surely every row of which `given` says the values: true or NULL. */
export function isSurelyMet(tree: ExpressionTree, given: (column: string) => Value): boolean {
  const value = evaluate(tree, given);
  return value === null || (typeof value === 'number' && value !== 0);
}

/** The parts that all have to hold. */
export function conjunctsOf(tree: ExpressionTree): readonly ExpressionTree[] {
  return tree.kind === 'boolean' && tree.operator === 'and' ? tree.operands.flatMap(conjunctsOf) : [tree];
}

/** Whether two trees say the same of a row; a column that is written with its table is the one written without. */
export function isSameTree(left: ExpressionTree, right: ExpressionTree): boolean {
  return textOf(left) === textOf(right);
}

function textOf(tree: ExpressionTree): string {
  return JSON.stringify(tree, (key, value: unknown) => {
    if (key === 'span') return undefined;
    return key === 'path' && Array.isArray(value) ? value.slice(-1) : value;
  });
}

/** `column operator constants`, which NULL passes; `in` has several. */
interface Comparison {
  /** The column, or what is worked out from it, as `textOf` has it. */
  readonly subject: string;
  readonly operator: string;
  readonly values: readonly (string | number)[];
}

/** Whether whatever passes `held` passes `wanted`: the same, or a narrower range or list of values. */
export function implies(held: ExpressionTree, wanted: ExpressionTree): boolean {
  if (isSameTree(held, wanted)) return true;
  if (wanted.kind === 'boolean' && wanted.operator === 'or' && wanted.operands.some((part) => implies(held, part)))
    return true;
  // Each value of a list that is not NULL passes an IS NOT NULL too, but NULL passes the list.
  const [one, other] = [comparisonOf(held), comparisonOf(wanted)];
  if (one === undefined || other === undefined || one.subject !== other.subject) return false;
  return one.operator === '=' || one.operator === 'in'
    ? one.values.every((value) => holds(value, other))
    : reaches(one, other);
}

const FLIPPED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '=': '=', '>=': '<=', '>': '<' };

function comparisonOf(tree: ExpressionTree): Comparison | undefined {
  if (tree.kind !== 'operator') return undefined;
  const [left, ...rest] = tree.operands;
  if (left === undefined) return undefined;
  const name = tree.name.toLowerCase();
  if (name === 'in' || name === '= any') {
    const values = rest.flatMap((operand) => (operand.kind === 'other' ? operand.operands : [operand])).map(constantOf);
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 || known.length < values.length
      ? undefined
      : { subject: textOf(left), operator: 'in', values: known };
  }
  const flipped = FLIPPED[name];
  const [right] = rest;
  if (flipped === undefined || right === undefined || rest.length > 1) return undefined;
  const [own, its] = [constantOf(left), constantOf(right)];
  if (own === undefined && its !== undefined) return { subject: textOf(left), operator: name, values: [its] };
  return own !== undefined && its === undefined
    ? { subject: textOf(right), operator: flipped, values: [own] }
    : undefined;
}

function constantOf(tree: ExpressionTree): string | number | undefined {
  if (tree.kind === 'cast') return constantOf(tree.operands[0]);
  if (tree.kind === 'operator' && tree.name === '-' && tree.operands.length === 1) {
    const [operand] = tree.operands;
    const value = operand === undefined ? undefined : constantOf(operand);
    return typeof value === 'number' ? -value : undefined;
  }
  return tree.kind === 'literal' && (typeof tree.value === 'string' || typeof tree.value === 'number')
    ? tree.value
    : undefined;
}

/** Texts are equal or not; their order is one of a collation. */
function holds(value: string | number, { operator, values }: Comparison): boolean {
  if (operator === '=' || operator === 'in') return values.includes(value);
  const [bound] = values;
  if (typeof value !== 'number' || typeof bound !== 'number') return false;
  switch (operator) {
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '>':
      return value > bound;
    default:
      return value >= bound;
  }
}

/** Whether a half-line of numbers lies within another. */
function reaches(one: Comparison, other: Comparison): boolean {
  const [from, to] = [one.values[0], other.values[0]];
  if (typeof from !== 'number' || typeof to !== 'number') return false;
  if (one.operator[0] !== other.operator[0] || other.operator === '=' || other.operator === 'in') return false;
  const isInside = one.operator.startsWith('<') ? from < to : from > to;
  return isInside || (from === to && (one.operator === other.operator || other.operator.length === 2));
}

const LENGTHS: ReadonlySet<string> = new Set(['length', 'char_length', 'character_length']);

/** Whether the types of the columns alone let no row break the check: a bound that `varchar(n)` keeps, all values of an enum. */
export function isMetByType(
  tree: ExpressionTree,
  columnOf: (name: string) => Column | undefined,
  labelsOf: (column: Column) => readonly string[] | undefined,
): boolean {
  if (tree.kind === 'null-test') {
    const [operand] = tree.operands;
    return tree.negated && operand.kind === 'column' && columnOf(operand.path.at(-1) ?? '')?.notNull === true;
  }
  const wanted = comparisonOf(tree);
  if (wanted === undefined || tree.kind !== 'operator') return false;
  const [subject] = tree.operands;
  if (subject === undefined) return false;
  if (subject.kind === 'column') {
    const column = columnOf(subject.path.at(-1) ?? '');
    const labels = column === undefined ? undefined : labelsOf(column);
    return labels !== undefined && wanted.operator === 'in' && labels.every((label) => wanted.values.includes(label));
  }
  if (subject.kind !== 'call' || !LENGTHS.has(subject.name) || subject.operands.length !== 1) return false;
  const [operand] = subject.operands;
  const type = operand?.kind === 'column' ? columnOf(operand.path.at(-1) ?? '')?.type : undefined;
  const [most] = type?.modifiers ?? [];
  return (
    type?.name === 'varchar' &&
    most !== undefined &&
    reaches({ subject: '', operator: '<=', values: [Number(most)] }, { ...wanted, subject: '' })
  );
}

const STRICT: ReadonlySet<string> = new Set([
  'lower',
  'upper',
  'length',
  'char_length',
  'abs',
  'round',
  'trim',
  'btrim',
]);

/** Whether an expression has a value in every row, given the columns that have one. */
export function isNeverNull(tree: ExpressionTree, isGiven: (column: string) => boolean): boolean {
  const all = (operands: readonly ExpressionTree[]): boolean => operands.every((one) => isNeverNull(one, isGiven));
  switch (tree.kind) {
    case 'literal':
      return tree.value !== null;
    case 'column':
      return isGiven(tree.path.at(-1) ?? '');
    case 'null-test':
      return true;
    case 'cast':
    case 'collate':
    case 'boolean':
      return all(tree.operands);
    case 'operator':
      return /^(?:[-+*/%=<>]|\|\||<=|>=|<>)$/.test(tree.name) && all(tree.operands);
    case 'call':
      if (tree.name === 'coalesce') return tree.operands.some((one) => isNeverNull(one, isGiven));
      return STRICT.has(tree.name) && all(tree.operands);
    default:
      return false;
  }
}
