import { findFunction, findRelation } from '../../../model/lookup.ts';
import { isSystemColumn, isSystemName } from '../../../model/names.ts';
import type { Operation, Query } from '../../../model/operation.ts';
import type { Schema } from '../../../model/schema.ts';
import type { Refusal } from '../../engine.ts';
import { WITHOUT_LIKENESS } from '../types/own-extensions.ts';
import { FUNCTION_SINCE } from '../version-needs.ts';

/** A column that a query names and none of its relations has, or a name that stands twice in it. */
export function refusedNames(operation: Operation, schema: Schema, version: number): Refusal | undefined {
  // In a block, names may be its variables.
  if (operation.within !== undefined) return undefined;
  const query = 'query' in operation ? operation.query : undefined;
  if (query === undefined) return undefined;
  for (const called of query.functions) {
    const why = called.schema === undefined ? newerFunction(called.name, schema, version) : undefined;
    if (why !== undefined) return { span: operation.span, message: why };
  }
  if (query.twice !== undefined)
    return {
      span: operation.span,
      message: `"${query.twice}" stands for two things in one FROM or WITH here, which PostgreSQL refuses.`,
    };
  for (const need of query.needs ?? []) {
    const why = missingColumn(need, schema);
    if (why !== undefined) return { span: operation.span, message: why };
  }
  return undefined;
}

/** Why a server does not know a function that a newer one has; of those of its own the schema tells, or an extension may have it. */
export function newerFunction(name: string, schema: Schema, version: number): string | undefined {
  const since = FUNCTION_SINCE.get(name);
  if (since === undefined || version >= since || findFunction(schema, { name }) !== undefined) return undefined;
  return (schema.extensions ?? []).some((extension) => !WITHOUT_LIKENESS.has(extension))
    ? undefined
    : `PostgreSQL ${version} does not know ${name}(), which came with PostgreSQL ${since}.`;
}

function missingColumn(
  { name, qualifier, among }: NonNullable<Query['needs']>[number],
  schema: Schema,
): string | undefined {
  if (isSystemColumn(name) || among.some(isSystemName)) return undefined;
  const relations = among.map((relation) => findRelation(schema, relation));
  const isFound = relations.some(
    (relation) => relation?.columnsKnown !== true || relation.columns.some((column) => column.name === name),
  );
  // A function of the whole row may be written as if it were a column of it.
  if (isFound || findFunction(schema, { name }) !== undefined) return undefined;
  const names = [...new Set(relations.flatMap((relation) => relation?.name ?? []))];
  return qualifier === undefined && names.length > 1
    ? `None of ${names.join(', ')} has a column "${name}".`
    : `${names[0] ?? ''} has no column "${name}".`;
}
