import { PRODUCTS } from '../../engines/products.ts';
import type { Connection } from '../../drivers/driver.ts';
import { FILL_SETTINGS } from '../../model/fill-notice.ts';
import type { FolderProject } from '../../application/folder-project.ts';
import { runMigrations } from '../../application/use-cases/run-migrations.ts';
import { changeRunbook } from '../../application/change-runbook.ts';
import {
  changeInHand,
  checkChangeParity,
  confirmDeploys,
  parityLines,
  type ChangeResult,
} from '../../runner/change-actions.ts';
import { readChangeRecords, recordMet } from '../../runner/change-records.ts';
import type { MigrationStatus, RunEvent } from '../../runner/report.ts';
import { readStatus } from '../../runner/status.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { refusalError } from '../refusal-error.ts';
import { json } from '../reporters/lint-formats.ts';
import { eventText } from '../reporters/run-event.ts';
import type { Session } from '../session.ts';
import { exitOf } from './run.ts';

const MS_PER_SECOND = 1_000;
const ACTIONS = ['list', 'show', 'confirm-deploy', 'check-parity', 'backfill', 'runbook'] as const;

/** `change list | show ID | confirm-deploy ID [--by NAME] | check-parity ID | backfill ID [--batch N] [--pause MS] | runbook ID` */
export async function change(session: Session): Promise<number> {
  const { arguments: words, terminal, machine } = session;
  const format = words.choice('format', ['text', 'json']);
  const [given, id] = words.positionals;
  const action = ACTIONS.find((candidate) => candidate === given);
  const project = await session.openOne();
  if (action === undefined)
    throw new UsageError(
      'change takes list, show ID, confirm-deploy ID, check-parity ID, backfill ID or runbook ID: name one',
    );
  // A runbook is about files; a database that is named says how far the change is.
  await using connection =
    action === 'runbook'
      ? await session.connectIfPossible(project)
      : await session.connect(project, { readOnly: action === 'list' || action === 'show' });
  const report = await readStatus(project, connection, project.settings.database.environment ?? null);
  if (action === 'list') {
    terminal.write(
      format === 'json'
        ? json({ schemaVersion: 1, changes: report.changes })
        : report.changes.length === 0
          ? 'No changes.\n'
          : report.changes
              .map((each) => `${each.id}: ${each.phase}, ${Math.round(each.progress * 100)} % (${each.title})\n`)
              .join(''),
    );
    return EXIT.done;
  }
  const found = report.changes.find((each) => each.id === id);
  if (id === undefined || found === undefined)
    throw new UsageError(`there is no change "${id ?? ''}": see "lockstep change list"`);
  const inHand = changeInHand(project, report, id);
  const { steps } = inHand;
  if (action === 'runbook') {
    const text = changeRunbook(project, inHand);
    terminal.write(format === 'json' ? json({ schemaVersion: 1, change: id, runbook: text }) : text);
    return EXIT.done;
  }
  if (connection === undefined) throw new Error('only a runbook is written without a database');
  if (action === 'confirm-deploy') {
    const by = personOf(session);
    const confirmed = accepted(await confirmDeploys(connection, inHand, machine.clock, by));
    terminal.write(
      format === 'json'
        ? json({ schemaVersion: 1, change: id, confirmed, by })
        : confirmed.map((description) => `Confirmed by ${by} on ${connection.label}: ${description}\n`).join(''),
    );
    return EXIT.done;
  }
  if (action === 'check-parity') {
    const outcome = accepted(
      await checkChangeParity(connection, inHand, machine.clock, personOf(session), terminal.signal),
    );
    terminal.write(
      format === 'json'
        ? json({ schemaVersion: 1, change: id, ...outcome })
        : parityLines(outcome)
            .map((line) => `${line}\n`)
            .join(''),
    );
    if (!outcome.agrees)
      terminal.writeError(
        `lockstep: old and new differ, so the contract step of ${id} is not let through: run the change's backfill again, or look who writes past the trigger\n`,
      );
    return outcome.agrees ? EXIT.done : EXIT.findings;
  }
  if (action === 'backfill') return await backfill(session, project, connection, id, steps);
  const records = (await readChangeRecords(connection)).filter((record) => record.change === id);
  terminal.write(
    format === 'json'
      ? json({ schemaVersion: 1, change: found, steps, records })
      : [
          `${found.title} (${found.id}): ${found.phase}`,
          ...steps.map((step) => `  ${step.state.padEnd(10)} ${step.phase ?? ''}  ${step.id}`),
          ...records.map(
            (record) => `  met: ${record.requirement} ${record.description} (${record.metBy}, ${record.metAt})`,
          ),
          ...(found.next === null ? [] : [`Next: ${found.next.message}`]),
          '',
        ].join('\n'),
  );
  return EXIT.done;
}

function personOf(session: Session): string {
  return (
    session.arguments.text('by') ??
    session.terminal.environment['USER'] ??
    session.terminal.environment['USERNAME'] ??
    'unknown'
  );
}

/** What was done. Errors: throws `UsageError` with the reason where nothing was. */
function accepted<Value>(result: ChangeResult<Value>): Value {
  if (result.kind === 'refused') throw new UsageError(result.message);
  return result.value;
}

/** Runs the change's steps up to its last backfill, with the batch size and pause that were asked for. */
async function backfill(
  session: Session,
  project: FolderProject,
  connection: Connection,
  id: string,
  steps: readonly MigrationStatus[],
): Promise<number> {
  const { terminal, machine, arguments: words } = session;
  const format = words.choice('format', ['text', 'json']);
  const last = steps.findLast((step) => step.phase === 'migrate');
  if (last === undefined) throw new UsageError(`${id} has no migrate step, so there is nothing to fill`);
  const batch = words.count('batch');
  const pause = words.count('pause');
  if (batch === 0) throw new UsageError('--batch takes a number of rows above 0: correct it');
  if (last.state === 'applied' || last.state === 'drifted') {
    await recordMet(connection, {
      change: id,
      requirement: 'backfill',
      description: '',
      metAt: machine.clock.now().toISOString(),
      metBy: personOf(session),
    });
    terminal.write(
      format === 'json'
        ? json({ schemaVersion: 1, change: id, applied: [], stopped: null, failed: null })
        : `The backfill of ${id} has finished already.\n`,
    );
    return EXIT.done;
  }
  const sessionSettings = PRODUCTS[connection.dialect].capabilities.commitsInBlocks
    ? {
        ...(batch === undefined ? {} : { [FILL_SETTINGS.rows]: String(batch) }),
        ...(pause === undefined ? {} : { [FILL_SETTINGS.pause]: String(pause / MS_PER_SECOND) }),
      }
    : {};
  const onEvent = (event: RunEvent): void => {
    if (format === 'text' && (event.event === 'backfill' || event.event === 'waiting' || event.event === 'retry'))
      terminal.write(eventText(event, session.colors));
  };
  const ran = await runMigrations(
    session.on(project),
    { direction: 'up', extent: { kind: 'to', id: last.id }, sessionSettings },
    { onEvent, signal: terminal.signal },
  );
  if (ran.kind === 'refused') throw refusalError(ran.reason);
  if (ran.kind !== 'ended') throw new Error('nobody was asked whether to run');
  const { done } = ran;
  terminal.write(
    format === 'json'
      ? json({ schemaVersion: 1, change: id, applied: done.applied, stopped: done.stopped, failed: done.failed })
      : done.applied.map((applied) => `${applied} applied\n`).join(''),
  );
  return exitOf(session, done, true);
}
