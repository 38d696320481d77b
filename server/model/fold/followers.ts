import type { SchemaView } from '../lookup.ts';
import { objectKey } from '../names.ts';
import type { FunctionObject, Relation } from '../schema.ts';
import type { Draft } from './draft.ts';
import { readRelations } from './views.ts';

/** Whether what goes or changes is meant by who reads these columns of a relation, and was made in this file. */
export type Meant = (key: string, columns: readonly string[], fileIndex: number) => boolean;

/** Policies whose subqueries read what is meant. */
export function readingPolicies(
  schema: SchemaView,
  meant: Meant,
): readonly { readonly relation: Relation; readonly policy: string }[] {
  const found: { readonly relation: Relation; readonly policy: string }[] = [];
  for (const relation of schema.relations.values())
    for (const [policy, { reads, fileIndex }] of Object.entries(relation.policyReads ?? {}))
      if (relation.policies.includes(policy) && reads.some((read) => meant(read.key, read.columns, fileIndex)))
        found.push({ relation, policy });
  return found;
}

/** Functions whose bodies the server follows, and which read what is meant. */
export function readingFunctions(
  schema: SchemaView,
  meant: Meant,
): readonly { readonly object: FunctionObject; readonly overload: FunctionObject['overloads'][number] }[] {
  const found: { readonly object: FunctionObject; readonly overload: FunctionObject['overloads'][number] }[] = [];
  for (const object of schema.functions.values())
    for (const overload of object.overloads)
      if (
        overload.followed === true &&
        (overload.body ?? []).some(
          (operation) =>
            'query' in operation &&
            operation.query !== undefined &&
            readRelations(schema, operation.query).some((read) =>
              meant(read.key, read.columns === 'unknown' ? [] : read.columns, overload.origin.fileIndex),
            ),
        )
      )
        found.push({ object, overload });
  return found;
}

/** What goes with what is meant by CASCADE. */
export function dropFollowers(draft: Draft, meant: Meant): void {
  for (const { relation, policy } of readingPolicies(draft, meant))
    draft.changeRelation(objectKey(relation.schema, relation.name), (current) => ({
      ...current,
      policies: current.policies.filter((other) => other !== policy),
    }));
  for (const { object, overload } of readingFunctions(draft, meant)) {
    const key = objectKey(object.schema, object.name);
    const overloads = draft.functions.get(key)?.overloads.filter((other) => other !== overload) ?? [];
    if (overloads.length === 0) draft.removeFunction(key);
    else draft.putFunction({ ...object, overloads });
  }
}
