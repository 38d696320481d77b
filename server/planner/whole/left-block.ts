import { isTableAction } from '../../model/operation.ts';
import type { PlanContext } from '../plan.ts';
import type { Unit } from './unit.ts';
import { BLOCK } from './unit-words.ts';

/** Rules that object to what shares a transaction, and to nothing in a file of its own. */
export const ABOUT_SHARING: ReadonlySet<string> = new Set([
  'several-tables-locked',
  'work-under-lock',
  'validate-in-same-transaction',
  'separate-alters',
  'drop-locks-parent',
]);

/** Rules that object to a statement that changes many rows. */
const ABOUT_ROWS: ReadonlySet<string> = new Set(['unbatched-update', 'work-under-lock']);

/** Whether what is said about it is that many rows change in one statement, and nothing else but where it stands. */
export function ofRows({ objections, operations }: Unit): boolean {
  return (
    !operations.some(isTableAction) &&
    objections.some(({ code }) => ABOUT_ROWS.has(code)) &&
    objections.every(({ code }) => ABOUT_ROWS.has(code) || ABOUT_SHARING.has(code))
  );
}

/** Why a block is left to its author; undefined for anything else, and for one that is only to stand elsewhere. */
export function leftBlock(unit: Unit, { engine }: Pick<PlanContext, 'engine'>): string | undefined {
  if (
    !BLOCK.test(unit.text) ||
    !engine.product.capabilities.commitsInBlocks ||
    unit.objections.every(({ code }) => ABOUT_SHARING.has(code))
  )
    return undefined;
  return ofRows(unit)
    ? 'A block is one statement, and its transaction ends with it: write what changes rows as a statement of its own, which is then done in batches; a loop needs a COMMIT after each of its batches and a file outside a transaction.'
    : 'A block is one statement, so that its parts cannot run apart: write each of them as a statement of its own, with IF EXISTS or IF NOT EXISTS in place of what the block asks.';
}
