import type { PlanContext } from '../plan.ts';
import { slugOf } from '../names.ts';
import type { Step } from '../step.ts';
import { addedStep, checkedStep, READS_EVERY_ROW } from './late-constraint.ts';
import type { NewConstraint } from './new-constraint.ts';
import type { TableTarget } from './table-target.ts';

/** A foreign key or check in two steps: NOT VALID, then VALIDATE in a transaction of its own. */
export function notValidSteps(
  context: PlanContext,
  table: TableTarget,
  added: NewConstraint,
  words: { readonly what: string; readonly note: string },
): readonly Step[] {
  const name = context.engine.quoteName(added.name);
  const only = added.operation.only ? `ALTER TABLE ONLY ${table.sql}` : table.alter;
  const late = { alter: only, name, add: `${only} ADD ${added.text} NOT VALID;` };
  return [
    addedStep('expand', late, {
      title: `Add ${words.what} ${added.name} for new rows`,
      slug: slugOf('add', added.name),
      notes: [words.note],
    }),
    checkedStep('contract', late, {
      title: `Check old rows against ${added.name}`,
      slug: slugOf('validate', added.name),
      notes: [`${READS_EVERY_ROW} It fails if an old row breaks the constraint: mend the rows, then run it again.`],
    }),
  ];
}
