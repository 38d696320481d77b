import { objectKey } from '../names.ts';
import type { Definition, Relation } from '../schema.ts';
import type { Draft } from './draft.ts';

/** What names a relation, or a column of it, is not what its statement says any more: the database follows the new name. */
export function forgetReaders(draft: Draft, key: string): void {
  for (const { relation } of draft.dependantsOf(key)) {
    const { definition: _, ...view } = relation;
    // Only a view has a definition, and may do without one.
    if (relation.definition !== undefined) draft.putRelation(view as Relation);
  }
}

/** The same of the relation's own triggers, policies and rules. */
export function forgetParts(draft: Draft, relation: Relation): void {
  draft.changeRelation(objectKey(relation.schema, relation.name), ({ policyDefinitions: _, ...rest }) => ({
    ...rest,
    triggers: rest.triggers.map(withoutDefinition),
    ...(rest.ruleActions === undefined ? {} : { ruleActions: rest.ruleActions.map(withoutDefinition) }),
  }));
}

function withoutDefinition<Part extends { readonly definition?: Definition }>(part: Part): Part {
  const { definition: _, ...rest } = part;
  // The definition is the only member that goes, and every part may do without one.
  return rest as Part;
}
