import type { ExpressionTree } from '../../../model/expression.ts';
import { findFunction, type SchemaView } from '../../../model/lookup.ts';
import { MIXED_FORMS, RESULTS } from './function-data.ts';
import { baseType, UNKNOWN, type ValueType, valueType } from './value-type.ts';

/** Where an expression stands: what its columns are. */
export interface TypeScope {
  readonly schema: SchemaView;
  /** The type of a column by its name, or the last part of it; undefined where it is not known. */
  typeOf(column: string): ValueType | undefined;
}

/** One form of a function some of whose forms are immutable. */
export interface MixedForm {
  readonly types: readonly string[];
  readonly result: string;
  readonly isImmutable: boolean;
}

/** Forms of the functions of `MIXED_FORMS` by their name. */
export const MIXED: ReadonlyMap<string, readonly MixedForm[]> = readForms();

function readForms(): ReadonlyMap<string, readonly MixedForm[]> {
  const forms = new Map<string, MixedForm[]>();
  for (const line of MIXED_FORMS) {
    const match = /^(\w+)\(([^)]*)\)(\S+) ([is])$/.exec(line);
    if (match === null) continue;
    const [, name = '', types = '', result = '', volatility] = match;
    const form = { types: types === '' ? [] : types.split(' '), result, isImmutable: volatility === 'i' };
    forms.set(name, [...(forms.get(name) ?? []), form]);
  }
  return forms;
}

/** Functions by name, with the one type that they give. */
const RESULT_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(RESULTS).flatMap(([type, names]) => names.split(' ').map((name) => [name, type] as const)),
);

const KEYWORDS: Readonly<Record<string, string>> = {
  current_date: 'date',
  current_time: 'timetz',
  current_timestamp: 'timestamptz',
  localtime: 'time',
  localtimestamp: 'timestamp',
  current_user: 'name',
  session_user: 'name',
  user: 'name',
  current_role: 'name',
  current_catalog: 'name',
  current_schema: 'name',
};

const COMPARISONS =
  /^(?:=|<>|!=|<|>|<=|>=|in|not in|(?:not )?(?:i?like|similar to)|is .*|~\*?|!~\*?|.* (?:any|all)|between.*|not between.*)$/;
const TEXTS = new Set(['text', 'varchar', 'bpchar']);
/** Types with arithmetic of their own, in the order in which one becomes the other. */
const NUMBERS = ['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'];

/** The type of an expression's value; undefined where it is not known for certain. */
export function expressionType(tree: ExpressionTree, scope: TypeScope): ValueType | undefined {
  switch (tree.kind) {
    case 'literal':
      return tree.isBits === true ? baseType('bit') : literalType(tree.value);
    case 'keyword':
      return KEYWORDS[tree.name] === undefined ? undefined : baseType(KEYWORDS[tree.name] ?? '');
    case 'column':
      return scope.typeOf(tree.path.at(-1) ?? '');
    case 'cast':
      return valueType(scope.schema, tree.type);
    case 'collate':
      return expressionType(tree.operands[0], scope);
    case 'null-test':
    case 'boolean':
      return baseType('bool');
    case 'call':
      return callType(tree, scope);
    case 'operator':
      return operatorType(tree.name, tree.operands, scope);
    default:
      return undefined;
  }
}

function literalType(value: string | number | boolean | null): ValueType {
  if (typeof value === 'boolean') return baseType('bool');
  if (typeof value !== 'number') return UNKNOWN;
  if (!Number.isInteger(value)) return baseType('numeric');
  return baseType(Math.abs(value) < 2 ** 31 ? 'int4' : 'int8');
}

function callType(tree: Extract<ExpressionTree, { readonly kind: 'call' }>, scope: TypeScope): ValueType | undefined {
  const own = findFunction(scope.schema, tree);
  if (own !== undefined) {
    const results = new Set(own.overloads.map((overload) => overload.returns?.display));
    return results.size === 1 ? valueType(scope.schema, own.overloads[0]?.returns) : undefined;
  }
  if (tree.schema !== undefined) return undefined;
  const result = RESULT_OF.get(tree.name);
  if (result !== undefined) return baseType(result);
  const forms = formsFor(tree, scope);
  const types = new Set(forms.map((form) => form.result));
  const [type] = types;
  return types.size === 1 && type !== undefined && !type.startsWith('any') && !type.startsWith('_')
    ? baseType(type)
    : undefined;
}

/** Forms of a mixed function that take just what a call gives; none where one of its arguments is not known. */
export function formsFor(
  tree: Extract<ExpressionTree, { readonly kind: 'call' }>,
  scope: TypeScope,
): readonly MixedForm[] {
  const forms = (MIXED.get(tree.name) ?? []).filter((form) => form.types.length === tree.operands.length);
  if (forms.length === 0) return [];
  const given = tree.operands.map((operand) => expressionType(operand, scope));
  if (given.some((type) => type === undefined || type.isArray || type.enum !== undefined)) return [];
  if (given.every((type) => type?.name === 'unknown')) return [];
  return forms.filter((form) =>
    form.types.every((type, place) => {
      const name = given[place]?.name ?? '';
      return name === 'unknown' || name === type || (TEXTS.has(name) && type === 'text');
    }),
  );
}

function operatorType(name: string, operands: readonly ExpressionTree[], scope: TypeScope): ValueType | undefined {
  if (COMPARISONS.test(name)) return baseType('bool');
  const [left, right] = operands.map((operand) => expressionType(operand, scope));
  if (operands.length !== 2 || left === undefined || right === undefined || left.isArray || right.isArray)
    return undefined;
  if (name === '->>' || name === '#>>') return baseType('text');
  if (name === '->' || name === '#>') return left.name === 'json' || left.name === 'jsonb' ? left : undefined;
  if (name === '||') return TEXTS.has(left.name) || TEXTS.has(right.name) ? baseType('text') : undefined;
  if (!/^[-+*/%]$/.test(name)) return undefined;
  const [first, second] = [NUMBERS.indexOf(left.name), NUMBERS.indexOf(right.name)];
  // Two floats of different width give the wider one; a numeric and a float give float8.
  if (first < 0 || second < 0) return undefined;
  const wider = Math.max(first, second);
  return baseType(wider === 4 && first !== second ? 'float8' : (NUMBERS[wider] ?? ''));
}
