import { lockWords } from '../../model/effect.ts';
import type { ExplainedTransaction, HeldAtEnd } from '../../analysis/report.ts';

/** What each transaction of a run holds when it ends, for people: the strongest lock of each relation, and who took it. Empty where nothing is. */
export function heldText(transactions: readonly ExplainedTransaction[]): string {
  return transactions
    .filter(({ heldAtEnd }) => heldAtEnd.length > 0)
    .map(
      ({ migrations, heldAtEnd }) =>
        `Until the end of ${migrations.length === 1 ? 'its transaction' : 'their one transaction'}, ${migrations.join(', ')} ${migrations.length === 1 ? 'holds' : 'hold'}:\n${strongest(
          heldAtEnd,
        )
          .map(
            ({ relation, relationKind, lock, certainty, migration }) =>
              `  ${lockWords(lock)} on ${relationKind} ${relation}${certainty === 'may' ? ' (may)' : ''}${migrations.length === 1 ? '' : `, taken by ${migration}`}\n`,
          )
          .join('')}`,
    )
    .join('');
}

/** Of several locks of one relation the one that keeps most others out. */
function strongest(locks: readonly HeldAtEnd[]): readonly HeldAtEnd[] {
  const found = new Map<string, HeldAtEnd>();
  for (const held of locks) {
    const known = found.get(held.relation);
    if (known === undefined || held.blocks.length > known.blocks.length) found.set(held.relation, held);
  }
  return [...found.values()];
}
