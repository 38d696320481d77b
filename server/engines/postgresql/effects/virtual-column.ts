import { type ExpressionTree, walkExpression } from '../../../model/expression.ts';
import { findFunction, findType } from '../../../model/lookup.ts';
import type { ColumnDefinition } from '../../../model/operation.ts';
import type { Schema } from '../../../model/schema.ts';

/** First PostgreSQL major with virtual generated columns. Source: PostgreSQL 18 release notes. */
export const VIRTUAL_SINCE = 18;

/** A function or type in a generated column that is not built in, by name. Source: PostgreSQL 18 manual, "Generated Columns". */
export function ownWord(schema: Schema, { type, generated }: ColumnDefinition): string | undefined {
  const isOwnType = (candidate: { readonly schema?: string; readonly name: string } | undefined): boolean =>
    candidate !== undefined && (candidate.schema !== undefined || findType(schema, candidate) !== undefined);
  if (type !== undefined && isOwnType(type)) return type.name;
  const isOwn = (node: ExpressionTree): string | undefined => {
    if (
      node.kind === 'call' &&
      ((node.schema !== undefined && node.schema !== 'pg_catalog') || findFunction(schema, node) !== undefined)
    )
      return node.name;
    return node.kind === 'cast' && isOwnType(node.type) ? node.type.name : undefined;
  };
  return generated === undefined
    ? undefined
    : [...walkExpression(generated.expression.tree)].map(isOwn).find((name) => name !== undefined);
}
