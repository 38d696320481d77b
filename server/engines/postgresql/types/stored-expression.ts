import type { ExpressionTree } from '../../../model/expression.ts';
import type { ValueType } from './value-type.ts';

/**
 * An expression as the server keeps it: with the casts that it put in when the statement was read, `CHECK (a <> 'x')` as
 * `CHECK (a <> 'x'::text)`.
 *
 * `turned` says what each operand became; of one that it does not tell, what it is of is not known any more.
 */
export function storedExpression(
  tree: ExpressionTree,
  turned: ReadonlyMap<ExpressionTree, ValueType | undefined>,
  typeOf: (column: string) => ValueType | undefined,
): ExpressionTree {
  const stored = (inner: ExpressionTree): ExpressionTree => storedExpression(inner, turned, typeOf);
  switch (tree.kind) {
    case 'operator':
    case 'call':
      return { ...tree, operands: tree.operands.map((operand) => cast(operand, stored(operand), turned, typeOf)) };
    case 'boolean':
      return { ...tree, operands: tree.operands.map(stored) };
    case 'null-test':
    case 'collate':
    case 'cast':
      return { ...tree, operands: [stored(tree.operands[0])] };
    case 'other':
    case 'subquery':
      return { kind: 'other', operands: tree.operands.map(stored) };
    default:
      return tree;
  }
}

function cast(
  operand: ExpressionTree,
  stored: ExpressionTree,
  turned: ReadonlyMap<ExpressionTree, ValueType | undefined>,
  typeOf: (column: string) => ValueType | undefined,
): ExpressionTree {
  const type = turned.get(operand);
  if (type === undefined) return { kind: 'other', operands: [stored] };
  const own = operand.kind === 'column' ? typeOf(operand.path.at(-1) ?? '') : undefined;
  // A column that stands for itself becomes one of its new type.
  if (own !== undefined && own.name === type.name && own.isArray === type.isArray && own.enum === type.enum)
    return stored;
  if (operand.kind !== 'column' && operand.kind !== 'literal') return stored;
  if (operand.kind === 'literal' && (typeof operand.value === 'boolean' || operand.isBits === true)) return stored;
  const name = type.enum?.name ?? type.name;
  return {
    kind: 'cast',
    type: {
      ...(type.enum === undefined ? {} : { schema: type.enum.schema }),
      name,
      modifiers: [],
      arrayDimensions: type.isArray ? 1 : 0,
      display: name,
    },
    operands: [stored],
  };
}
