import type { Expr, LikeOperator, Operator, Select, Type, TypeSize, UnaryOperator } from 'sqlite3-parser';
import type { Span } from '../../core/span.ts';
import type { Expression, ExpressionTree } from '../../model/expression.ts';
import type { TypeName } from '../../model/type-name.ts';
import { lowerName } from './lower-name.ts';
import { lowerQuery } from './lower-query.ts';
import { nodeSpan } from './syntax.ts';

const OPERATORS: Readonly<Record<Exclude<Operator, 'And' | 'Or'>, string>> = {
  Add: '+',
  ArrowRight: '->',
  ArrowRightShift: '->>',
  BitwiseAnd: '&',
  BitwiseOr: '|',
  Concat: '||',
  Equals: '=',
  Divide: '/',
  Greater: '>',
  GreaterEquals: '>=',
  Is: 'IS',
  IsNot: 'IS NOT',
  LeftShift: '<<',
  Less: '<',
  LessEquals: '<=',
  Modulus: '%',
  Multiply: '*',
  NotEquals: '<>',
  RightShift: '>>',
  Subtract: '-',
};

const UNARY_OPERATORS: Readonly<Record<Exclude<UnaryOperator, 'Not'>, string>> = {
  BitwiseNot: '~',
  Negative: '-',
  Positive: '+',
};

const LIKE_OPERATORS: Readonly<Record<LikeOperator, string>> = {
  Glob: 'GLOB',
  Like: 'LIKE',
  Match: 'MATCH',
  Regexp: 'REGEXP',
};

/** An expression of a statement; `span` where the parser's own range is not the expression's. */
export function lowerExpression(text: string, expression: Expr, span: Span = nodeSpan(expression)): Expression {
  return { text: text.slice(span.start, span.end), span, tree: lowerTree(text, expression) };
}

/** Declared type of a column or cast. `GENERATED ALWAYS` behind a type belongs to the grammar of types, not to the type. */
export function lowerType(type: Type): TypeName | undefined {
  const name = type.name.replace(/\s*\bgenerated\s+always$/i, '');
  if (name === '') return undefined;
  const modifiers = type.size === undefined ? [] : lowerModifiers(type.size);
  const start = type.span.offset;
  const end = name === type.name ? start + type.span.length : start + name.length;
  return {
    name,
    modifiers,
    arrayDimensions: 0,
    display: modifiers.length === 0 ? name : `${name}(${modifiers.join(',')})`,
    span: { start, end },
  };
}

function lowerModifiers(size: TypeSize): readonly (number | string)[] {
  const parts = size.type === 'MaxSizeTypeSize' ? [size.size] : [size.size1, size.size2];
  return parts.map(modifier);
}

function modifier(part: Expr): number | string {
  switch (part.type) {
    case 'NumericLiteral':
      return numberValue(part.value);
    case 'UnaryExpr': {
      const inner = modifier(part.expr);
      return part.op === 'Negative' && typeof inner === 'number' ? -inner : inner;
    }
    case 'Id':
      return part.name;
    default:
      return '';
  }
}

/** A literal as a number where a double holds it, as text where it does not. */
function numberValue(text: string): number | string {
  const plain = text.replaceAll('_', '');
  const value = Number(plain);
  if (Number.isNaN(value) || (/^[0-9]+$|^0x/i.test(plain) && !Number.isSafeInteger(value))) return plain;
  return value;
}

function trees(text: string, expressions: readonly Expr[] | undefined): readonly ExpressionTree[] {
  return (expressions ?? []).map((expression) => lowerTree(text, expression));
}

function subquery(text: string, select: Select): ExpressionTree {
  const query = lowerQuery(text, select, nodeSpan(select));
  // Columns and functions inside count as parts, so that whoever looks for a column finds it.
  const operands: ExpressionTree[] = query.columns.map((column) => ({
    kind: 'column',
    path: column.qualifier === undefined ? [column.name] : [column.qualifier, column.name],
  }));
  for (const called of query.functions) operands.push({ kind: 'call', name: called.name, operands: [] });
  return { kind: 'subquery', relations: query.reads.map((read) => read.relation), operands };
}

function negated(not: boolean, tree: ExpressionTree): ExpressionTree {
  return not ? { kind: 'boolean', operator: 'not', operands: [tree] } : tree;
}

/** Meaning of an expression in no dialect's syntax. */
export function lowerTree(text: string, expression: Expr): ExpressionTree {
  switch (expression.type) {
    case 'NumericLiteral':
      return { kind: 'literal', value: numberValue(expression.value) };
    case 'StringLiteral':
      return { kind: 'literal', value: expression.value };
    case 'BlobLiteral':
      return { kind: 'literal', value: text.slice(nodeSpan(expression).start, nodeSpan(expression).end) };
    case 'NullLiteral':
      return { kind: 'literal', value: null };
    case 'KeywordLiteral':
      return { kind: 'keyword', name: expression.value.toLowerCase() };
    case 'CurrentDateLiteral':
      return { kind: 'keyword', name: 'current_date' };
    case 'CurrentTimeLiteral':
      return { kind: 'keyword', name: 'current_time' };
    case 'CurrentTimestampLiteral':
      return { kind: 'keyword', name: 'current_timestamp' };
    case 'Id':
      return /^(true|false)$/i.test(text.slice(nodeSpan(expression).start, nodeSpan(expression).end))
        ? { kind: 'literal', value: expression.name.toLowerCase() === 'true' }
        : { kind: 'column', path: [expression.name] };
    case 'NameExpr':
      return { kind: 'column', path: [expression.name.text] };
    case 'QualifiedExpr':
      return {
        kind: 'column',
        path: [
          ...(expression.schema === undefined ? [] : [expression.schema.text]),
          expression.table.text,
          expression.column.text,
        ],
      };
    case 'ParenthesizedExpr': {
      const [first, ...others] = expression.exprs;
      if (first !== undefined && others.length === 0) return lowerTree(text, first);
      return { kind: 'other', operands: trees(text, expression.exprs) };
    }
    case 'UnaryExpr': {
      const operand = lowerTree(text, expression.expr);
      if (expression.op === 'Not') return { kind: 'boolean', operator: 'not', operands: [operand] };
      if (expression.op !== 'BitwiseNot' && operand.kind === 'literal' && typeof operand.value === 'number')
        return { kind: 'literal', value: expression.op === 'Negative' ? -operand.value : operand.value };
      return { kind: 'operator', name: UNARY_OPERATORS[expression.op], operands: [operand] };
    }
    case 'BinaryExpr':
      return lowerBinary(text, expression.op, expression.left, expression.right);
    case 'IsNullExpr':
      return { kind: 'null-test', negated: false, operands: [lowerTree(text, expression.expr)] };
    case 'NotNullExpr':
      return { kind: 'null-test', negated: true, operands: [lowerTree(text, expression.expr)] };
    case 'LikeExpr':
      return negated(expression.not, {
        kind: 'operator',
        name: LIKE_OPERATORS[expression.op],
        operands: trees(text, [
          expression.lhs,
          expression.rhs,
          ...(expression.escape === undefined ? [] : [expression.escape]),
        ]),
      });
    case 'BetweenExpr':
      return negated(expression.not, {
        kind: 'operator',
        name: 'BETWEEN',
        operands: trees(text, [expression.lhs, expression.start, expression.end]),
      });
    case 'InListExpr':
      return negated(expression.not, {
        kind: 'operator',
        name: 'IN',
        operands: trees(text, [expression.lhs, ...(expression.rhs ?? [])]),
      });
    case 'InSelectExpr':
      return negated(expression.not, {
        kind: 'operator',
        name: 'IN',
        operands: [lowerTree(text, expression.lhs), subquery(text, expression.rhs)],
      });
    case 'InTableExpr':
      return negated(expression.not, {
        kind: 'operator',
        name: 'IN',
        operands: [
          lowerTree(text, expression.lhs),
          {
            kind: 'subquery',
            relations: expression.args === undefined ? [lowerName(expression.rhs)] : [],
            operands: trees(text, expression.args),
          },
        ],
      });
    case 'CastExpr': {
      const operand = lowerTree(text, expression.expr);
      const type = expression.typeName === undefined ? undefined : lowerType(expression.typeName);
      return type === undefined ? { kind: 'other', operands: [operand] } : { kind: 'cast', type, operands: [operand] };
    }
    case 'CollateExpr':
      return { kind: 'collate', collation: expression.collation, operands: [lowerTree(text, expression.expr)] };
    case 'FunctionCallExpr': {
      const order =
        expression.orderBy === undefined
          ? []
          : expression.orderBy.type === 'SortListFunctionCallOrder'
            ? expression.orderBy.columns.map((column) => column.expr)
            : [expression.orderBy.expr];
      const filter = expression.filterOver?.filterClause;
      return {
        kind: 'call',
        name: expression.name.name.toLowerCase(),
        operands: trees(text, [...(expression.args ?? []), ...order, ...(filter === undefined ? [] : [filter])]),
      };
    }
    case 'FunctionCallStarExpr':
      return {
        kind: 'call',
        name: expression.name.name.toLowerCase(),
        operands: trees(
          text,
          expression.filterOver?.filterClause === undefined ? [] : [expression.filterOver.filterClause],
        ),
      };
    case 'CaseExpr':
      return {
        kind: 'other',
        operands: trees(text, [
          ...(expression.base === undefined ? [] : [expression.base]),
          ...expression.whenThenPairs.flatMap((pair) => [pair.when, pair.then]),
          ...(expression.elseExpr === undefined ? [] : [expression.elseExpr]),
        ]),
      };
    case 'ExistsExpr':
    case 'SubqueryExpr':
      return subquery(text, expression.select);
    case 'RaiseExpr':
      return {
        kind: 'call',
        name: 'raise',
        operands: trees(text, expression.message === undefined ? [] : [expression.message]),
      };
    case 'VariableExpr':
      return { kind: 'other', operands: [] };
  }
}

function lowerBinary(text: string, operator: Operator, left: Expr, right: Expr): ExpressionTree {
  if (operator === 'And' || operator === 'Or') return lowerChain(text, operator, left, right);
  const operand = lowerTree(text, left);
  if ((operator === 'Is' || operator === 'IsNot') && right.type === 'NullLiteral')
    return { kind: 'null-test', negated: operator === 'IsNot', operands: [operand] };
  return { kind: 'operator', name: OPERATORS[operator], operands: [operand, lowerTree(text, right)] };
}

/** `a AND b AND c` as one node, without recursion along the chain, which may be long. */
function lowerChain(text: string, operator: 'And' | 'Or', left: Expr, right: Expr): ExpressionTree {
  const reversed: Expr[] = [right];
  let rest = left;
  while (rest.type === 'BinaryExpr' && rest.op === operator) {
    reversed.push(rest.right);
    rest = rest.left;
  }
  reversed.push(rest);
  return { kind: 'boolean', operator: operator === 'And' ? 'and' : 'or', operands: trees(text, reversed.reverse()) };
}
