import { moveHistory, planOtherHistory, type OtherHistoryWish } from '../../application/use-cases/other-history.ts';
import { SCHEMA_VERSION } from '../../core/schema-version.ts';
import { accepted, declined, demandAnswer } from '../answers.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { json } from '../reporters/lint-formats.ts';
import type { Session } from '../session.ts';
import { listed } from './baseline.ts';

/** `take-over TOOL`: what another tool's history has counts as applied in this project's. */
export async function takeOver(session: Session): Promise<number> {
  return move(session, 'take-over');
}

/** `hand-back TOOL`: what is applied here counts as applied in another tool's history. */
export async function handBack(session: Session): Promise<number> {
  return move(session, 'hand-back');
}

async function move(session: Session, direction: OtherHistoryWish['direction']): Promise<number> {
  const { arguments: words, terminal } = session;
  const format = words.choice('format', ['text', 'json']);
  const [tool, more] = words.positionals;
  if (tool === undefined || more !== undefined)
    throw new UsageError(`${direction} takes the id of one tool, such as flyway: see the tools of lockstep.jsonc`);
  const isDryRun = words.flag('dry-run');
  const context = session.on(await session.openOne());
  if (!isDryRun) demandAnswer(session, `${direction} changes a history`, ', or --dry-run to see what would be marked');
  const wish = { tool, direction };
  const isDespite = words.text('despite') !== undefined && words.choice('despite', ['missing']) === 'missing';
  let why: string | undefined;
  const answer = isDryRun
    ? await planOtherHistory(context, wish)
    : await moveHistory(context, wish, async ({ database, tool: title, ids, unmatched }) => {
        if (unmatched.length > 0 && !isDespite) {
          why = unmatchedWords(direction, title, unmatched);
          return false;
        }
        if (words.flag('yes') || ids.length === 0) return true;
        terminal.writeError(`To mark as applied on ${database}, none of which runs:\n${listed(ids)}\n`);
        return terminal.confirm('Mark them?');
      });
  const shown = accepted(answer);
  if (shown === undefined) {
    if (why === undefined) return declined(session);
    terminal.writeError(`lockstep: ${why}\n`);
    return EXIT.stopped;
  }
  const where = direction === 'take-over' ? "this project's history" : `the history of ${shown.tool}`;
  terminal.write(
    format === 'json'
      ? json({ schemaVersion: SCHEMA_VERSION, ...shown, dryRun: isDryRun })
      : shown.ids.length === 0
        ? `Nothing to mark: ${where} has all of them.\n`
        : `${isDryRun ? 'Would mark' : 'Marked'} as applied in ${where} on ${shown.database}, and ran nothing:\n${listed(shown.ids)}\n`,
  );
  if (isDryRun && shown.unmatched.length > 0) {
    terminal.writeError(`lockstep: ${unmatchedWords(direction, shown.tool, shown.unmatched)}\n`);
    return EXIT.stopped;
  }
  return EXIT.done;
}

function unmatchedWords(direction: OtherHistoryWish['direction'], tool: string, ids: readonly string[]): string {
  return direction === 'take-over'
    ? `${tool} has applied ${ids.join(', ')}, and no migration here is for that: bring their files, or add --despite missing`
    : `${tool} would not find ${ids.join(', ')} in this folder: bring them into its form, or add --despite missing`;
}
