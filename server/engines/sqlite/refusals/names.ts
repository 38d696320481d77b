import type { Span } from '../../../core/span.ts';
import { findRelation, sameName } from '../../../model/lookup.ts';
import type { Operation } from '../../../model/operation.ts';
import type { Schema } from '../../../model/schema.ts';
import { SQLITE } from '../product.ts';
import type { SqliteRefusal } from './sqlite-refusal.ts';

/** A column that a statement names and none of its tables has. What stays in the database and is not looked at, as views are, is left out. */
export function refusedNames(operation: Operation, schema: Schema): SqliteRefusal | undefined {
  const query = 'query' in operation ? operation.query : undefined;
  for (const need of query?.needs ?? []) {
    if (need.quoted !== undefined || !isMissing(need, schema)) continue;
    const names = [...new Set(need.among.map((relation) => relation.name))];
    return {
      span: operation.span,
      when: 'always',
      message:
        names.length > 1
          ? `None of ${names.join(', ')} has a column ${need.name}.`
          : `${names[0] ?? ''} has no column ${need.name}.`,
    };
  }
  return undefined;
}

/** Names in double quotes that no column has, so that they are texts, or refused. */
export function quotedTexts(operation: Operation, schema: Schema): readonly Span[] {
  const query = 'query' in operation ? operation.query : undefined;
  return (query?.needs ?? []).flatMap((need) =>
    need.quoted !== undefined && isMissing(need, schema) ? [need.quoted] : [],
  );
}

interface Need {
  readonly name: string;
  readonly among: readonly { readonly schema?: string; readonly name: string }[];
}

function isMissing({ name, among }: Need, schema: Schema): boolean {
  return among.every((table) => {
    const relation = findRelation(schema, table);
    return (
      relation?.columnsKnown === true &&
      relation.virtualModule === undefined &&
      !relation.columns.some((column) => sameName(SQLITE, column.name, name))
    );
  });
}
