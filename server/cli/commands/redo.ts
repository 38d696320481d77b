import { planRedo, redoMigrations } from '../../application/use-cases/redo-migrations.ts';
import type { Agreement } from '../../application/use-cases/run-migrations.ts';
import { doneEvent } from '../../runner/runner.ts';
import { declined, demandAnswer } from '../answers.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { refusalError } from '../refusal-error.ts';
import type { Session } from '../session.ts';
import { eventWriter, exitOf, notStarted, withLosses } from './run.ts';

/** `redo [--steps N] [--dry-run] [--yes]`: down and up again, while a migration is being written. */
export async function redo(session: Session): Promise<number> {
  const { arguments: words, terminal } = session;
  const format = words.choice('format', ['text', 'json']);
  const steps = words.count('steps') ?? 1;
  if (steps === 0) throw new UsageError('--steps takes a number of migrations above 0: correct it');
  const isDryRun = words.flag('dry-run');
  const context = session.on(await session.openOne());
  if (!isDryRun) demandAnswer(session, 'redo changes the database', ', or --dry-run to see what would run');
  if (isDryRun) {
    const planned = await planRedo(context, { steps }, terminal.signal);
    if (planned.kind === 'refused') throw refusalError(planned.reason);
    if (planned.kind === 'not-started') return notStarted(session, planned);
    const { ids, losses } = planned;
    terminal.write(
      format === 'json'
        ? `${JSON.stringify({ ...doneEvent('down', { notRun: ids }), dryRun: true, losses })}\n`
        : ids.length === 0
          ? 'Nothing to do.\n'
          : `To revert and apply again:\n${withLosses(ids, losses)}\n`,
    );
    return EXIT.done;
  }
  const agree: Agreement = async ({ database, ids, losses }) => {
    if (ids.length === 0) return 'as-shown';
    terminal.writeError(`To revert and apply again on ${database}:\n${withLosses(ids, losses)}\n`);
    return words.flag('yes') || (await terminal.confirm('Redo?')) ? 'as-shown' : 'no';
  };
  const ended = await redoMigrations(
    context,
    { steps },
    {
      onEvent: eventWriter(session),
      agree,
      signal: terminal.signal,
    },
  );
  switch (ended.kind) {
    case 'refused':
      throw refusalError(ended.reason);
    case 'not-started':
      return notStarted(session, ended);
    case 'declined':
      return declined(session);
    case 'redone':
      return exitOf(session, ended.applied ?? ended.reverted, format === 'json');
  }
}
