import { type ExpressionTree, walkExpression } from '../../../model/expression.ts';
import { findFunction } from '../../../model/lookup.ts';
import { isVolatile } from '../effects/volatility.ts';
import { BASE_TYPES, CASTS, UNSTEADY_CASTS, UNSTEADY_INPUT, UNSTEADY_OUTPUT } from './cast-data.ts';
import { expressionType, formsFor, MIXED, type TypeScope } from './expression-type.ts';
import { NEVER_IMMUTABLE, UNSTEADY_OPERATORS } from './function-data.ts';
import type { ValueType } from './value-type.ts';
import type { FunctionObject, Schema } from '../../../model/schema.ts';

const TEXTS = new Set(['text', 'varchar', 'bpchar']);

/**
 * What in an expression is surely not immutable, as words that "is not immutable" can follow; undefined where nothing is.
 *
 * An index, its predicate, a generated column and a partition key take immutable expressions only.
 */
export function unsteadyPart(
  tree: ExpressionTree,
  scope: TypeScope & { readonly schema: Schema },
  version: number,
): string | undefined {
  for (const node of walkExpression(tree)) {
    const part = unsteadyNode(node, scope, version);
    if (part !== undefined) return part;
  }
  return undefined;
}

/** A body of SQL is put in place of the call before the server looks at what is in it: one expression, without a table. */
function mayBePutInPlace(
  { language, body }: FunctionObject['overloads'][number],
  scope: TypeScope & { readonly schema: Schema },
  version: number,
): boolean {
  if (language.toLowerCase() !== 'sql') return false;
  if (body === undefined) return true;
  const [only, ...others] = body;
  if (only?.kind !== 'select-rows' || others.length > 0) return only?.kind === 'opaque';
  if (only.query.reads.length > 0) return false;
  // What the arguments are is not looked at.
  const inner = { ...scope, typeOf: () => undefined };
  return only.query.tree?.targets.every(({ value }) => unsteadyPart(value, inner, version) === undefined) ?? true;
}

/** Whether a function without a form for a date takes one as timestamptz, the type that the server prefers of those that it becomes. */
function turnsDay(node: Extract<ExpressionTree, { readonly kind: 'call' }>, scope: TypeScope): boolean {
  // A type's name with an argument is a cast.
  if (BASE_TYPES.has(node.name)) return false;
  const forms = (MIXED.get(node.name) ?? []).filter((form) => form.types.length === node.operands.length);
  if (forms.length === 0) return false;
  const given = node.operands.map((operand) => expressionType(operand, scope));
  if (given.some((type) => type === undefined || type.isArray || type.enum !== undefined)) return false;
  const isDay = (place: number): boolean => given[place]?.name === 'date';
  const isRest = (place: number): boolean => given[place]?.name === 'unknown' || TEXTS.has(given[place]?.name ?? '');
  if (!given.some((_, place) => isDay(place)) || !given.every((_, place) => isDay(place) || isRest(place)))
    return false;
  return (
    !forms.some((form) => form.types.some((type, place) => isDay(place) && type === 'date')) &&
    forms.some((form) => form.types.every((type, place) => (isDay(place) ? type === 'timestamptz' : type === 'text')))
  );
}

function unsteadyNode(
  node: ExpressionTree,
  scope: TypeScope & { readonly schema: Schema },
  version: number,
): string | undefined {
  switch (node.kind) {
    case 'keyword':
      return node.name === 'default' || node.name === 'other' ? undefined : node.name;
    case 'call': {
      const own = findFunction(scope.schema, node);
      if (own !== undefined)
        return own.overloads.every(
          (overload) => overload.volatility !== 'immutable' && !mayBePutInPlace(overload, scope, version),
        )
          ? `${node.name}()`
          : undefined;
      if (node.schema !== undefined) return undefined;
      if (NEVER_IMMUTABLE.has(node.name) || isVolatile(node, scope.schema, version) === true) return `${node.name}()`;
      const forms = formsFor(node, scope);
      if (forms.length === 0 && turnsDay(node, scope))
        return `${node.name}() of a date, which becomes a timestamptz for it,`;
      return forms.length > 0 && forms.every((form) => !form.isImmutable) ? `${node.name}()` : undefined;
    }
    case 'cast': {
      const [operand] = node.operands;
      // A literal is read once, when the statement is.
      if (operand.kind === 'literal') return undefined;
      const from = expressionType(operand, scope);
      const to = expressionType(node, scope);
      return from !== undefined && to !== undefined && isUnsteadyCast(from, to, version)
        ? `the cast to ${node.type.display}`
        : undefined;
    }
    case 'operator': {
      if (node.operands.length !== 2) return undefined;
      const [left, right] = node.operands.map((operand) => expressionType(operand, scope));
      if (left === undefined || right === undefined || left.isArray || right.isArray) return undefined;
      if (UNSTEADY_OPERATORS.has(`${node.name} ${left.name} ${right.name}`)) return `the operator ${node.name}`;
      const isJoined =
        node.name === '||' && ((TEXTS.has(left.name) && isPlain(right)) || (TEXTS.has(right.name) && isPlain(left)));
      return isJoined ? 'the operator || with a value whose text form depends on settings' : undefined;
    }
    default:
      return undefined;
  }
}

/** What joins to a text by its text form: the server puts the cast in place of the operator, so that this form decides. */
function isPlain(type: ValueType): boolean {
  return type.enum !== undefined || UNSTEADY_OUTPUT.has(type.name);
}

function isUnsteadyCast(from: ValueType, to: ValueType, version: number): boolean {
  if (from.name === 'unknown' || (from.name === to.name && from.isArray === to.isArray)) return false;
  if (from.isArray !== to.isArray) return from.isArray ? TEXTS.has(to.name) : TEXTS.has(from.name);
  if (from.isArray) return false;
  if (from.enum !== undefined) return TEXTS.has(to.name);
  if (to.enum !== undefined) return TEXTS.has(from.name);
  const pair = `${from.name}>${to.name}`;
  if (CASTS.has(pair)) return UNSTEADY_CASTS.has(pair);
  // By way of the text form: `interval` is turned into text immutably below 18.
  if (TEXTS.has(to.name)) return UNSTEADY_OUTPUT.has(from.name) && !(from.name === 'interval' && version < 18);
  return TEXTS.has(from.name) && UNSTEADY_INPUT.has(to.name);
}
