import { markBaseline, planBaseline, type PlannedBaseline } from '../../application/use-cases/baseline.ts';
import { markHistory } from '../../application/use-cases/repair-history.ts';
import { SCHEMA_VERSION } from '../../core/schema-version.ts';
import type { HistoryMark } from '../../runner/mark-migration.ts';
import { accepted, declined, demandAnswer } from '../answers.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { json } from '../reporters/lint-formats.ts';
import type { Session } from '../session.ts';

/** Tables that are named in a sentence, at the most. */
const MOST_NAMES = 5;

/** `baseline [--to ID] [--despite lacking] [--dry-run] [--yes]`: what the database has already counts as applied. */
export async function baseline(session: Session): Promise<number> {
  const { arguments: words, terminal } = session;
  const format = words.choice('format', ['text', 'json']);
  const to = words.text('to');
  const isDryRun = words.flag('dry-run');
  const isDespite = words.text('despite') !== undefined && words.choice('despite', ['lacking']) === 'lacking';
  const project = await session.openOne();
  if (!isDryRun) demandAnswer(session, 'baseline changes the history', ', or --dry-run to see what would be marked');
  const context = session.on(project);
  const wish = to === undefined ? {} : { to };
  let why: string | undefined;
  const agree = async (shown: PlannedBaseline): Promise<boolean> => {
    why = isDespite ? undefined : lackingWords(shown);
    if (why !== undefined) return false;
    if (words.flag('yes') || shown.ids.length === 0) return true;
    terminal.writeError(`To mark as applied on ${shown.database}, none of which runs:\n${listed(shown.ids)}\n`);
    return terminal.confirm('Mark them?');
  };
  const value = accepted(await (isDryRun ? planBaseline(context, wish) : markBaseline(context, wish, agree)));
  if (value === undefined) {
    if (why === undefined) return declined(session);
    terminal.writeError(`lockstep: ${why}\n`);
    return EXIT.stopped;
  }
  const warning = isDryRun ? lackingWords(value) : undefined;
  terminal.write(
    format === 'json'
      ? json({ schemaVersion: SCHEMA_VERSION, ...value, dryRun: isDryRun })
      : value.ids.length === 0
        ? 'Nothing to mark: the history has all of them.\n'
        : `${isDryRun ? 'Would mark' : 'Marked'} as applied on ${value.database}, and ran nothing:\n${listed(value.ids)}\n`,
  );
  if (warning !== undefined) terminal.writeError(`lockstep: ${warning}\n`);
  return warning === undefined || isDespite ? EXIT.done : EXIT.stopped;
}

/** What a mark of one migration does and says. */
interface OneMark {
  readonly command: string;
  readonly mark: HistoryMark;
  readonly question: (id: string) => string;
  readonly done: (id: string) => string;
}

const MARK: OneMark = {
  command: 'mark',
  mark: 'applied',
  question: (id) => `${id} counts as applied from then on, and does not run: the database must have it. Mark it?`,
  done: (id) => `${id} counts as applied: it did not run.`,
};
const UNMARK: OneMark = {
  command: 'unmark',
  mark: 'not-applied',
  question: (id) => `${id} counts as pending from then on, and its down half does not run. Unmark it?`,
  done: (id) => `${id} counts as not applied: its down half did not run.`,
};

async function markOne(session: Session, one: OneMark): Promise<number> {
  const { arguments: words, terminal } = session;
  const format = words.choice('format', ['text', 'json']);
  const [id, more] = words.positionals;
  if (id === undefined || more !== undefined)
    throw new UsageError(`${one.command} takes the id of one migration: see "lockstep status" for the ids`);
  const project = await session.openOne();
  demandAnswer(session, `${one.command} changes the history`);
  const context = session.on(project);
  if (!words.flag('yes') && !(await terminal.confirm(one.question(id)))) return declined(session);
  accepted(await markHistory(context, { id, mark: one.mark }));
  terminal.write(format === 'json' ? json({ schemaVersion: SCHEMA_VERSION, id }) : `${one.done(id)}\n`);
  return EXIT.done;
}

/** `mark ID [--yes]`: the history takes one migration for applied, whose up half does not run. */
export async function mark(session: Session): Promise<number> {
  return markOne(session, MARK);
}

/** `unmark ID [--yes]`: the history forgets a migration, whose down half does not run. */
export async function unmark(session: Session): Promise<number> {
  return markOne(session, UNMARK);
}

/** Why the database does not look like one that has these migrations; undefined where it does. */
function lackingWords({ database, lacking }: PlannedBaseline): string | undefined {
  if (lacking.length === 0) return undefined;
  const names = lacking.slice(0, MOST_NAMES).join(', ');
  const more = lacking.length > MOST_NAMES ? ` and ${lacking.length - MOST_NAMES} more` : '';
  return `${database} has no table ${names}${more}, which these migrations make: name the newest migration that it has by --to, or add --despite lacking`;
}

/** Ids of migrations, a line each. */
export function listed(ids: readonly string[]): string {
  return ids.map((id) => `  ${id}`).join('\n');
}
