import type { Span } from '../core/span.ts';

/**
 * A column type in canonical spelling.
 *
 * PostgreSQL: `name` is the internal catalog name (`int4`, `varchar`, `timestamptz`, `bpchar`, `numeric`); `schema` only
 * where the text names one other than `pg_catalog`; `modifiers` as written (`numeric(10,2)` is `[10, 2]`, absent is `[]`;
 * interval fields as words). SQLite: `name` is the declared text, upper or lower case as written, without modifiers.
 * `display` is the SQL spelling for people (`character varying(20)`). `span` is relative to the statement's start.
 */
export interface TypeName {
  readonly schema?: string;
  readonly name: string;
  readonly modifiers: readonly (number | string)[];
  /** 0 for a scalar; PostgreSQL does not tell `int[]` and `int[][]` apart, so 1 is the greatest value it folds to. */
  readonly arrayDimensions: number;
  readonly display: string;
  readonly span?: Span;
}

/** Whether two types are the same in the catalog. */
export function sameType(left: TypeName, right: TypeName): boolean {
  return (
    left.name === right.name &&
    left.schema === right.schema &&
    left.arrayDimensions === right.arrayDimensions &&
    left.modifiers.length === right.modifiers.length &&
    left.modifiers.every((modifier, index) => modifier === right.modifiers[index])
  );
}
