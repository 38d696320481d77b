import type { PartitionBound, PartitionKey } from '../../model/operation.ts';
import type { PlanContext } from '../plan.ts';

/** A partition's bound as conditions on its rows. SQL, already quoted. */
export interface BoundConditions {
  /** True for every row that belongs into the partition, and not null for any. */
  readonly inside: string;
  /** True for every row that does not. */
  readonly outside: string;
}

/** The conditions of a bound on a key of one column; a text says why there are none. */
export function boundConditions(
  context: PlanContext,
  key: PartitionKey | undefined,
  bound: PartitionBound,
): BoundConditions | string {
  const [element, ...more] = key?.elements ?? [];
  if (element?.column === undefined || more.length > 0)
    return 'The partition key is not one plain column, so no CHECK can be written here that proves the bound: write one by hand, validate it, then attach.';
  const column = context.engine.quoteName(element.column);
  switch (bound.kind) {
    case 'range': {
      const match = /\bfrom\s*\(([^]*)\)\s*to\s*\(([^]*)\)\s*$/i.exec(bound.text);
      const [from, to] = [match?.[1]?.trim(), match?.[2]?.trim()];
      if (from === undefined || to === undefined)
        return 'The bound of this partition could not be read: write a CHECK for it by hand, validate it, then attach.';
      const lower = /^minvalue$/i.test(from) ? undefined : from;
      const upper = /^maxvalue$/i.test(to) ? undefined : to;
      return {
        inside: [
          `${column} IS NOT NULL`,
          ...(lower === undefined ? [] : [`${column} >= ${lower}`]),
          ...(upper === undefined ? [] : [`${column} < ${upper}`]),
        ].join(' AND '),
        outside: [
          `${column} IS NULL`,
          ...(lower === undefined ? [] : [`${column} < ${lower}`]),
          ...(upper === undefined ? [] : [`${column} >= ${upper}`]),
        ].join(' OR '),
      };
    }
    case 'list': {
      const values = /\bin\s*\(([^]*)\)\s*$/i.exec(bound.text)?.[1]?.trim();
      if (values === undefined || bound.values.some((value) => value.kind === 'literal' && value.value === null))
        return 'The bound of this partition takes NULL: write a CHECK for it by hand, validate it, then attach.';
      return {
        inside: `${column} IS NOT NULL AND ${column} IN (${values})`,
        outside: `${column} IS NULL OR ${column} NOT IN (${values})`,
      };
    }
    case 'hash':
      return 'No CHECK that people can read proves a hash bound, so that attaching reads the whole table: attach it before it has rows.';
    case 'default':
      return 'A default partition takes whatever no other one does: attach it before it has rows.';
  }
}
