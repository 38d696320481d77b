import { objectKey } from '../../../model/names.ts';
import type { Relation, Schema } from '../../../model/schema.ts';

/** Whether something else is done than the statement says: by a trigger or rule INSTEAD, or by a rule of which nothing is known. */
export function isDiverted(relation: Relation, event: string): boolean {
  const { ruleActions = [] } = relation;
  return (
    relation.triggers.some((trigger) => trigger.timing === 'instead-of' && trigger.events.includes(event)) ||
    ruleActions.some((action) => action.instead && action.event === event) ||
    relation.rules.some((rule) => rule !== '_RETURN' && !ruleActions.some((action) => action.name === rule))
  );
}

/** Key of a relation, and behind it those that a view without rules or triggers in its place hands the rows on to. */
export function writtenThrough(schema: Schema, relation: Relation, event: string): readonly string[] {
  const keys: string[] = [];
  for (
    let current: Relation | undefined = relation, key: string | undefined = objectKey(relation.schema, relation.name);
    key !== undefined && !keys.includes(key);
  ) {
    keys.push(key);
    key = current?.kind === 'view' && !isDiverted(current, event) ? current.dependsOn[0]?.key : undefined;
    current = key === undefined ? undefined : schema.relations.get(key);
  }
  return keys;
}
