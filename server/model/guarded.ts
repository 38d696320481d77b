import { findIndex, findRelation, findType } from './lookup.ts';
import type { GuardedObject } from './operation.ts';
import type { SchemaView } from './lookup.ts';

/** Whether what a guarded statement makes is there; of what belongs to a table that is not known, nobody knows. */
export function guardedState(schema: SchemaView, object: GuardedObject): 'there' | 'lacking' | 'unknown' {
  switch (object.kind) {
    case 'relation':
      return stateOf(findRelation(schema, object) !== undefined);
    case 'index':
      return stateOf(findIndex(schema, object) !== undefined);
    case 'type':
      return stateOf(findType(schema, object) !== undefined);
    case 'schema':
      return stateOf(schema.schemas.has(object.name));
    default: {
      const relation = object.relation === undefined ? undefined : findRelation(schema, object.relation);
      if (relation === undefined) return 'unknown';
      const isThere =
        object.kind === 'policy'
          ? relation.policies.includes(object.name)
          : (object.kind === 'column'
              ? relation.columns
              : object.kind === 'trigger'
                ? relation.triggers
                : relation.constraints
            ).some((part) => part.name === object.name);
      return isThere || (object.kind === 'column' ? relation.columnsKnown : relation.detailsKnown)
        ? stateOf(isThere)
        : 'unknown';
    }
  }
}

function stateOf(isThere: boolean): 'there' | 'lacking' {
  return isThere ? 'there' : 'lacking';
}
