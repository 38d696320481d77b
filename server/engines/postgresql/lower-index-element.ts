import type { Node } from '@pgsql/types';
import type { IndexElement } from '../../model/operation.ts';
import { lowerExpression } from './lower-expression.ts';
import { argumentText, nodeAs, stringsOf } from './nodes.ts';
import type { Source } from './source.ts';

/** Words behind an element's expression in an index or partition key. */
const AFTER_EXPRESSION = ['collate', 'asc', 'desc', 'nulls', 'with', 'without'];

/** Elements of an index, exclusion constraint or partition key; `ranges` are the tokens [from, to) of each. */
export function lowerIndexElements(
  source: Source,
  nodes: readonly Node[],
  ranges: readonly (readonly [number, number])[],
): readonly IndexElement[] {
  return nodes.map((node, index) => {
    const [from, to] = ranges[index] ?? [0, 0];
    const element = nodeAs(node, 'IndexElem') ?? nodeAs(node, 'PartitionElem');
    const ordered = nodeAs(node, 'IndexElem');
    const collation = stringsOf(element?.collation).join('.');
    const operatorClass = stringsOf(element?.opclass).join('.');
    const nullsFirst =
      ordered?.nulls_ordering === 'SORTBY_NULLS_FIRST'
        ? true
        : ordered?.nulls_ordering === 'SORTBY_NULLS_LAST'
          ? false
          : undefined;
    return {
      ...(element?.name === undefined ? {} : { column: element.name }),
      ...(element?.expr === undefined
        ? {}
        : { expression: lowerExpression(source, element.expr, from, expressionEnd(source, from, to)) }),
      ...(collation === '' ? {} : { collation }),
      ...(operatorClass === '' ? {} : { operatorClass }),
      ...(ordered?.ordering === 'SORTBY_DESC' ? { descending: true } : {}),
      ...(nullsFirst === undefined ? {} : { nullsFirst }),
    };
  });
}

/** An element's expression is a call or stands in parentheses: it ends with the parenthesis, or before the words behind it. */
function expressionEnd(source: Source, from: number, to: number): number {
  const open = source.find(from, to, (token) => token.kind === 'symbol' && token.value === '(');
  return open < to ? Math.min(source.closing(open) + 1, to) : source.findWord(from, to, ...AFTER_EXPRESSION);
}

/** `WITH (name = value)` as texts; a parameter without value is `true`. */
export function storageParameters(options: readonly Node[] | undefined): Readonly<Record<string, string>> | undefined {
  if (options === undefined || options.length === 0) return undefined;
  return Object.fromEntries(
    options.map((option) => {
      const element = nodeAs(option, 'DefElem');
      const name =
        element?.defnamespace === undefined
          ? (element?.defname ?? '')
          : `${element.defnamespace}.${element.defname ?? ''}`;
      return [name, element?.arg === undefined ? 'true' : argumentText(element.arg)];
    }),
  );
}
