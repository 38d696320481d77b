import { type ExpressionTree, walkExpression } from './expression.ts';
import { findFunction, findType } from './lookup.ts';
import type { ColumnDefinition } from './operation.ts';
import type { Product } from './product.ts';
import type { Schema } from './schema.ts';

/** Whether a version computes a generated column when it is read in place of storing it. */
export function canBeVirtual({ capabilities }: Product, version: number): boolean {
  const { virtualInsteadSince } = capabilities;
  return virtualInsteadSince !== undefined && version >= virtualInsteadSince;
}

/** A function or type in a generated column that is not built in, by name: a virtual one may hold none. Source: PostgreSQL 18 manual, "Generated Columns". */
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
