import type { IndexElement } from '../../../model/operation.ts';
import type { Refusal } from '../../engine.ts';
import { hasOperator } from '../types/analysis.ts';
import { INDEXED } from '../types/function-data.ts';
import { WITHOUT_LIKENESS } from '../types/own-extensions.ts';
import type { ExpressionScope } from './expressions.ts';
import { indexedType } from './index-methods.ts';

/** Operators that stay themselves when their sides change places. Those that stand in neither list are left to the server. */
const SYMMETRIC: ReadonlySet<string> = new Set(['=', '<>', '!=', '&&', '-|-', '~=']);
/** Operators that another one answers to when their sides change places, for every type that has them. */
const ONE_SIDED: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '<<', '>>', '@>', '<@']);

/**
 * An operator of an exclusion constraint that the type of its column does not have, or that the index method cannot use.
 *
 * Source: PostgreSQL manual, CREATE TABLE, EXCLUDE: the operators must be commutative, and of the method's operator class.
 */
export function unservedOperator(
  element: IndexElement,
  method: string,
  scope: ExpressionScope,
  span: Refusal['span'],
): Refusal | undefined {
  const { operator } = element;
  if (operator === undefined || (!SYMMETRIC.has(operator) && !ONE_SIDED.has(operator))) return undefined;
  const { schema, version } = scope;
  if (
    (schema.extensions ?? []).some((name) => !WITHOUT_LIKENESS.has(name)) ||
    [...(schema.others ?? [])].some((other) => other.startsWith('operator') || other.startsWith('cast '))
  )
    return undefined;
  const type = indexedType(element, scope);
  if (type === undefined || type.name === 'unknown') return undefined;
  const what = element.column === undefined ? 'The expression' : `"${element.column}"`;
  const named = `${type.name}${type.isArray ? '[]' : ''}`;
  if (hasOperator(operator, version, type) === false)
    return { span, message: `${what} is ${named}, for which PostgreSQL has no operator ${operator}.` };
  if (ONE_SIDED.has(operator))
    return {
      span,
      message: `EXCLUDE takes only operators whose sides may change places, and ${operator} of "${named}" is none.`,
    };
  const isEqualityAlone = (method === 'btree' || method === 'hash') && element.operatorClass === undefined;
  return isEqualityAlone && operator !== '=' && INDEXED[method]?.split(' ').includes(type.name) === true
    ? { span, message: `An index of the method ${method} answers no ${operator}, which EXCLUDE needs of it.` }
    : undefined;
}
