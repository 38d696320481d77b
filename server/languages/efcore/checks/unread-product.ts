import type { Remark } from '../../language.ts';
import type { Call } from '../../csharp/call.ts';
import { annotationsOf, BoundArguments } from '../parameters.ts';
import { isCreated, textOf } from '../sqlite-rebuild-plan.ts';
import { callsIn, type Check } from './check.ts';

/**
 * What the rules over SQL say of operations whose danger is in the program that runs beside them, and not in what a database
 * makes of them: for products that no engine reads. `missing-down` and the checks beside this one hold there as they are.
 */
export const unreadProduct: Check = ({ migration, text, document }) => {
  if (document.product === undefined) return [];
  const calls = callsIn(migration.up);
  const isContract = /\/\/\s*lockstep:\s*change\s+\S+\s+phase\s+contract\b/.test(text);
  return calls.flatMap((call): readonly Remark[] => {
    const bound = new BoundArguments(call);
    const table = bound.get(call.method.endsWith('Table') ? 'name' : 'table');
    if (isCreated(table, calls)) return [];
    const remark = about(call, bound);
    const from = textOf(bound.get('name')) ?? 'it';
    const to = textOf(bound.get('newName'));
    const shownTable = textOf(table) ?? 'the table';
    switch (call.method) {
      case 'DropColumn':
        return isContract
          ? []
          : remark(
              'drop-before-contract',
              `Dropping column "${from}" of ${shownTable} breaks every query of the running version that names it and its values are gone: deploy a version without it first, then drop it as a contract step.`,
            );
      case 'DropTable':
        return isContract
          ? []
          : remark(
              'drop-before-contract',
              `Dropping table ${from} breaks every query of the running version that names it and its rows are gone: deploy a version without it first, then drop it as a contract step.`,
            );
      case 'RenameColumn':
        return to === undefined
          ? []
          : remark(
              'rename-in-use',
              `Renaming column "${from}" of ${shownTable} breaks every query of the running version at once: add "${to}", keep both in step, and drop "${from}" when nobody uses it.`,
            );
      case 'RenameTable':
        return to === undefined || to === from
          ? []
          : remark(
              'rename-in-use',
              `Renaming ${from} breaks every query of the running version at once: keep both names in step until nobody uses the old one.`,
            );
      case 'AddColumn':
        return isFilledByNothing(call, bound, document.product)
          ? remark(
              'required-column',
              `Adding the required column "${from}" without a default fails when ${shownTable} has rows: add it nullable, fill it, and make it required later.`,
            )
          : [];
      default:
        return [];
    }
  });
};

function about(call: Call, bound: BoundArguments): (code: string, message: string) => readonly Remark[] {
  const span = bound.get('name')?.span ?? call.nameSpan;
  return (code, message) => [{ code, span, from: call.span, message }];
}

/** A column that a row must have and that nothing gives old rows; MySQL gives them a zero or an empty text of its own. */
function isFilledByNothing(call: Call, bound: BoundArguments, product: string | undefined): boolean {
  return (
    product !== 'MySQL' &&
    bound.isTrue('nullable') === false &&
    bound.isTrue('rowVersion') === false &&
    ['defaultValue', 'defaultValueSql', 'computedColumnSql'].every((name) => bound.get(name) === undefined) &&
    !/^(?:rowversion|timestamp)$/i.test(textOf(bound.get('type')) ?? '') &&
    [...annotationsOf(call).keys()].length === 0
  );
}
