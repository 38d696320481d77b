import { trackedUserTitle } from '../../../model/fold/tracked-users.ts';
import { findRelation, findType } from '../../../model/lookup.ts';
import { objectKey } from '../../../model/names.ts';
import type { Operation } from '../../../model/operation.ts';
import { signatureTypes } from '../../../model/routine-types.ts';
import type { Relation, Schema } from '../../../model/schema.ts';
import type { Refusal } from '../../engine.ts';

/** A table or view that a policy of another table, or the body of a function that the server follows, reads. */
export function refusedFollowed(operation: Operation, schema: Schema): Refusal | undefined {
  const isDrop =
    operation.kind === 'drop-table' || operation.kind === 'drop-view' || operation.kind === 'drop-materialized-view';
  if (!isDrop || operation.cascade) return undefined;
  const dropped = operation.objects.flatMap((object) => findRelation(schema, object) ?? []);
  const keys = new Set(dropped.map((relation) => objectKey(relation.schema, relation.name)));
  for (const relation of dropped) {
    const routine = rowRoutine(relation, schema);
    if (routine !== undefined)
      return {
        span: operation.span,
        message: `The function ${routine} takes or gives rows of ${relation.name}, which goes only after that is dropped, or with it by CASCADE.`,
      };
    const user = relation.trackedBy?.find(
      ({ kind, owner, name }) =>
        (kind === 'function' && schema.functions.has(owner)) ||
        (kind === 'policy' && !keys.has(owner) && schema.relations.get(owner)?.policies.includes(name) === true),
    );
    if (user !== undefined)
      return {
        span: operation.span,
        message: `${trackedUserTitle(user)} reads ${relation.name}, which goes only after that is dropped, or with it by CASCADE.`,
      };
  }
  return undefined;
}

/** A function whose signature names a relation as the type of its rows. */
function rowRoutine(relation: Relation, schema: Schema): string | undefined {
  for (const made of schema.functions.values())
    for (const overload of made.overloads)
      for (const type of signatureTypes(overload)) {
        if (type.name !== relation.name || findType(schema, type) !== undefined) continue;
        const named = { ...(type.schema === undefined ? {} : { schema: type.schema }), name: type.name };
        if (findRelation(schema, named) === relation) return made.name;
      }
  return undefined;
}
