import type { PlanContext } from '../plan.ts';
import { slugOf } from '../names.ts';
import type { Step } from '../step.ts';
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
  const add = `${only} ADD ${added.text} NOT VALID;`;
  const drop = `${only} DROP CONSTRAINT ${name};`;
  return [
    {
      phase: 'expand',
      title: `Add ${words.what} ${added.name} for new rows`,
      slug: slugOf('add', added.name),
      up: add,
      down: drop,
      transaction: 'one',
      requires: [],
      notes: [words.note],
    },
    {
      phase: 'contract',
      title: `Check old rows against ${added.name}`,
      slug: slugOf('validate', added.name),
      up: `${only} VALIDATE CONSTRAINT ${name};`,
      down: `${drop}\n${add}`,
      transaction: 'one',
      requires: [],
      notes: [
        'Reads every row, while reads and writes go on. It fails if an old row breaks the constraint: mend the rows, then run it again.',
      ],
    },
  ];
}
