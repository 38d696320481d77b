import type { FolderProject } from '../../application/folder-project.ts';
import {
  checkParity,
  confirmDeploy,
  fillChange,
  listChanges,
  runbookOf,
  showChange,
} from '../../application/use-cases/follow-change.ts';

import { assertNever } from '../../core/assert-never.ts';
import { parityLines } from '../../runner/change-actions.ts';
import type { RunEvent } from '../../runner/report.ts';
import { accepted } from '../answers.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { json } from '../reporters/lint-formats.ts';
import { eventText } from '../reporters/run-event.ts';
import type { Session } from '../session.ts';
import { exitOf } from './run.ts';

const ACTIONS = ['list', 'show', 'confirm-deploy', 'check-parity', 'backfill', 'runbook'] as const;

/** `change list | show ID | confirm-deploy ID [--by NAME] | check-parity ID | backfill ID [--batch N] [--pause MS] | runbook ID` */
export async function change(session: Session): Promise<number> {
  const { arguments: words, terminal } = session;
  const isJson = words.choice('format', ['text', 'json']) === 'json';
  const [given, id = ''] = words.positionals;
  const action = ACTIONS.find((candidate) => candidate === given);
  const project = await session.openOne();
  switch (action) {
    case undefined:
      throw new UsageError(
        'change takes list, show ID, confirm-deploy ID, check-parity ID, backfill ID or runbook ID: name one',
      );
    case 'list': {
      const changes = accepted(await listChanges(session.on(project)));
      terminal.write(
        isJson
          ? json({ schemaVersion: 1, changes })
          : changes.length === 0
            ? 'No changes.\n'
            : changes
                .map((each) => `${each.id}: ${each.phase}, ${Math.round(each.progress * 100)} % (${each.title})\n`)
                .join(''),
      );
      return EXIT.done;
    }
    case 'show': {
      const { change: found, steps, records } = accepted(await showChange(session.on(project), id));
      terminal.write(
        isJson
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
    case 'runbook': {
      // A runbook is about files; a database that is named says how far the change is.
      const text = accepted(await runbookOf(session.onIfNamed(project), id));
      terminal.write(isJson ? json({ schemaVersion: 1, change: id, runbook: text }) : text);
      return EXIT.done;
    }
    case 'confirm-deploy': {
      const by = personOf(session);
      const { database, deploys } = accepted(await confirmDeploy(session.on(project), { change: id, by }));
      terminal.write(
        isJson
          ? json({ schemaVersion: 1, change: id, confirmed: deploys, by })
          : deploys.map((description) => `Confirmed by ${by} on ${database}: ${description}\n`).join(''),
      );
      return EXIT.done;
    }
    case 'check-parity': {
      const outcome = accepted(
        await checkParity(session.on(project), { change: id, by: personOf(session) }, terminal.signal),
      );
      terminal.write(
        isJson
          ? json({ schemaVersion: 1, change: id, ...outcome })
          : parityLines(outcome)
              .map((line) => `${line}\n`)
              .join(''),
      );
      if (outcome.agrees) return EXIT.done;
      terminal.writeError(
        `lockstep: old and new differ, so the contract step of ${id} is not let through: run the change's backfill again, or look who writes past the trigger\n`,
      );
      return EXIT.findings;
    }
    case 'backfill':
      return backfill(session, project, id);
    default:
      return assertNever(action);
  }
}

function personOf(session: Session): string {
  return (
    session.arguments.text('by') ??
    session.terminal.environment['USER'] ??
    session.terminal.environment['USERNAME'] ??
    'unknown'
  );
}

/** What was done. Errors: throws the reason where nothing was. */
/** `backfill CHANGE`: `change backfill CHANGE`. One that was stopped, or was ended, goes on where its rows still need it, with `--resume` or without. */
export async function backfillChange(session: Session): Promise<number> {
  const [id, more] = session.arguments.positionals;
  if (id === undefined || more !== undefined)
    throw new UsageError('backfill takes the id of one change: see "lockstep change list"');
  return backfill(session, await session.openOne(), id);
}

/** Runs the change's steps up to its last backfill, with the batch size and pause that were asked for. */
async function backfill(session: Session, project: FolderProject, id: string): Promise<number> {
  const { terminal, arguments: words } = session;
  const isJson = words.choice('format', ['text', 'json']) === 'json';
  const batch = words.count('batch');
  if (batch === 0) throw new UsageError('--batch takes a number of rows above 0: correct it');
  const onEvent = (event: RunEvent): void => {
    if (!isJson && (event.event === 'backfill' || event.event === 'waiting' || event.event === 'retry'))
      terminal.write(eventText(event, session.colors));
  };
  const filled = accepted(
    await fillChange(
      session.on(project),
      {
        change: id,
        by: personOf(session),
        batch,
        pauseMs: words.count('pause'),
        maxLagSeconds: words.count('max-lag'),
      },
      { onEvent, signal: terminal.signal },
    ),
  );
  if (filled.kind === 'had-finished') {
    terminal.write(
      isJson
        ? json({ schemaVersion: 1, change: id, applied: [], stopped: null, failed: null })
        : `The backfill of ${id} has finished already.\n`,
    );
    return EXIT.done;
  }
  const { done } = filled;
  terminal.write(
    isJson
      ? json({ schemaVersion: 1, change: id, applied: done.applied, stopped: done.stopped, failed: done.failed })
      : done.applied.map((applied) => `${applied} applied\n`).join(''),
  );
  return exitOf(session, done, true);
}
