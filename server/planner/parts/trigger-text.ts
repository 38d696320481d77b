import { referencedColumns } from '../../model/expression.ts';
import type { Relation, Trigger } from '../../model/schema.ts';
import type { PlanContext } from '../plan.ts';
import type { TableTarget } from './table-target.ts';

/** A trigger that is to be made anew under the same name of its table. SQL statements. */
export interface TriggerText {
  readonly create: string;
  readonly drop: string;
}

/** The triggers of a table as they were written; a text names one that cannot be written again. */
export function triggerTexts(
  context: PlanContext,
  table: TableTarget,
  relation: Relation,
): readonly TriggerText[] | string {
  const texts: TriggerText[] = [];
  for (const trigger of relation.triggers) {
    if (trigger.sql === undefined || !isCurrent(context, relation, trigger, trigger.sql))
      return `The text of the trigger "${trigger.name}" of ${table.shown} is not known as it is now: drop it by a statement of its own first, and make it anew behind the change.`;
    if (!trigger.enabled)
      return `The trigger "${trigger.name}" of ${table.shown} is disabled: enable or drop it first.`;
    if (trigger.forEachRow && /\breferencing\b/i.test(trigger.sql))
      return `The trigger "${trigger.name}" of ${table.shown} reads the changed rows as a table for each row, which a partition cannot: make it FOR EACH STATEMENT first.`;
    texts.push({
      create: `${trigger.sql};`,
      drop: `DROP TRIGGER ${context.engine.quoteName(trigger.name)} ON ${table.sql};`,
    });
  }
  return texts;
}

/** Whether the text still means the trigger: no name in it has changed since. */
function isCurrent(context: PlanContext, relation: Relation, trigger: Trigger, sql: string): boolean {
  const written = context.engine.parse(sql).operations[0];
  if (written?.kind !== 'create-trigger' || written.name !== trigger.name || written.relation.name !== relation.name)
    return false;
  const isColumn = (name: string): boolean => relation.columns.some((column) => column.name === name);
  return (
    written.updateColumns.join() === trigger.updateColumns.join() &&
    (written.when === undefined || referencedColumns(written.when.tree).every(isColumn)) &&
    written.function?.name === trigger.function?.split('.').at(-1)
  );
}
