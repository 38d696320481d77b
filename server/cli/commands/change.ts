import { readDirectives } from '../../model/directives.ts';
import type { Connection } from '../../drivers/driver.ts';
import type { Settings } from '../../engine/settings.ts';
import type { FolderProject } from '../../project/folder-project.ts';
import { readChangeRecords, recordMet } from '../../runner/change-records.ts';
import { compareSides, type ParityResult } from '../../runner/parity.ts';
import type { MigrationStatus } from '../../runner/report.ts';
import { run } from '../../runner/run.ts';
import { readStatus } from '../../runner/status.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { json } from '../reporters/lint-formats.ts';
import type { Session } from '../session.ts';

const MS_PER_SECOND = 1_000;
const ACTIONS = ['list', 'show', 'confirm-deploy', 'check-parity', 'backfill'] as const;

/** `change list | show ID | confirm-deploy ID [--by NAME] | check-parity ID | backfill ID [--batch N] [--pause MS]` */
export async function change(session: Session): Promise<number> {
  const { arguments: words, terminal, machine } = session;
  const format = words.choice('format', ['text', 'json']);
  const [given, id] = words.positionals;
  const action = ACTIONS.find((candidate) => candidate === given);
  const { project, settings } = await session.openOne();
  if (action === undefined) throw new UsageError('change takes list, show ID, confirm-deploy ID, check-parity ID or backfill ID: name one');
  await using connection = await session.connect(settings, project, { readOnly: action === 'list' || action === 'show' });
  const report = await readStatus(project, connection, settings.database.environment ?? null);
  if (action === 'list') {
    terminal.write(format === 'json' ? json({ schemaVersion: 1, changes: report.changes })
      : report.changes.length === 0 ? 'No changes.\n' : report.changes.map((each) => `${each.id}: ${each.phase}, ${Math.round(each.progress * 100)} % (${each.title})\n`).join(''));
    return EXIT.done;
  }
  const found = report.changes.find((each) => each.id === id);
  if (id === undefined || found === undefined) throw new UsageError(`there is no change "${id ?? ''}": see "lockstep change list"`);
  const steps = report.migrations.filter((migration) => migration.change === id);
  const requirements = steps.flatMap((step) => step.paths.slice(0, 1).flatMap((path) => readDirectives(project.textOf(path) ?? '').requires));
  if (action === 'confirm-deploy') {
    const deploys = requirements.flatMap((requirement) => (requirement.kind === 'deploy' ? [requirement.description] : []));
    if (deploys.length === 0) throw new UsageError(`no step of ${id} waits for a deploy: nothing is to be confirmed`);
    const by = personOf(session);
    for (const description of deploys) await recordMet(connection, { change: id, requirement: 'deploy', description, metAt: machine.clock.now().toISOString(), metBy: by });
    terminal.write(format === 'json' ? json({ schemaVersion: 1, change: id, confirmed: deploys, by }) : deploys.map((description) => `Confirmed by ${by} on ${connection.label}: ${description}\n`).join(''));
    return EXIT.done;
  }
  if (action === 'check-parity') return await checkParity(session, project, connection, id, steps);
  if (action === 'backfill') return await backfill(session, project, settings, connection, id, steps);
  const records = (await readChangeRecords(connection)).filter((record) => record.change === id);
  terminal.write(format === 'json' ? json({ schemaVersion: 1, change: found, steps, records })
    : [`${found.title} (${found.id}): ${found.phase}`, ...steps.map((step) => `  ${step.state.padEnd(10)} ${step.phase ?? ''}  ${step.id}`), ...records.map((record) => `  met: ${record.requirement} ${record.description} (${record.metBy}, ${record.metAt})`), ''].join('\n'));
  return EXIT.done;
}

function personOf(session: Session): string {
  return session.arguments.text('by') ?? session.terminal.environment['USER'] ?? session.terminal.environment['USERNAME'] ?? 'unknown';
}

/** Compares what the change's steps say is to be compared; that old and new agree is recorded, so that the contract may run. */
async function checkParity(session: Session, project: FolderProject, connection: Connection, id: string, steps: readonly MigrationStatus[]): Promise<number> {
  const { terminal, machine } = session;
  const checks = steps.flatMap((step) => step.paths.slice(0, 1).flatMap((path) => readDirectives(project.textOf(path) ?? '').parity ?? []));
  if (checks.length === 0) throw new UsageError(`no step of ${id} says what is to be compared: write "-- lockstep: parity TABLE old (EXPRESSION) new (EXPRESSION)" into the step that requires it`);
  const open = steps.find((step) => step.phase !== 'contract' && step.state !== 'applied' && step.state !== 'drifted');
  if (open !== undefined) throw new UsageError(`${open.id} is not applied yet, so old and new cannot agree: run "lockstep apply" first`);
  const results: ParityResult[] = [];
  for (const check of checks) results.push(await compareSides(connection, check, terminal.signal));
  const agrees = terminal.signal?.aborted !== true && results.every((result) => result.differing === 0 && result.ranges.every((range) => range.oldChecksum === range.newChecksum));
  if (agrees) await recordMet(connection, { change: id, requirement: 'parity', description: '', metAt: machine.clock.now().toISOString(), metBy: personOf(session) });
  terminal.write(session.arguments.choice('format', ['text', 'json']) === 'json' ? json({ schemaVersion: 1, change: id, agrees, checks: results })
    : results.map((result) => `${result.table}: ${result.rows} rows compared, ${result.differing === 0 ? 'all agree' : `${result.differing} differ${placesOf(result)}`}\n`).join(''));
  if (!agrees) terminal.writeError(`lockstep: old and new differ, so the contract step of ${id} is not let through: run the change's backfill again, or look who writes past the trigger\n`);
  return agrees ? EXIT.done : EXIT.findings;
}

/** In which rows, counted in the order of the key: their keys are row values and are not printed. */
function placesOf(result: ParityResult): string {
  if (result.ranges.length < 2) return '';
  return ` (${result.ranges.filter((range) => range.differing > 0).map((range) => `${range.differing} in rows ${range.firstRow}-${range.firstRow + range.rows - 1}`).join(', ')})`;
}

/** Runs the change's steps up to its last backfill, with the batch size and pause that were asked for. */
async function backfill(session: Session, project: FolderProject, settings: Settings, connection: Connection, id: string, steps: readonly MigrationStatus[]): Promise<number> {
  const { terminal, machine, arguments: words } = session;
  const format = words.choice('format', ['text', 'json']);
  const last = steps.findLast((step) => step.phase === 'migrate');
  if (last === undefined) throw new UsageError(`${id} has no migrate step, so there is nothing to fill`);
  const batch = words.count('batch');
  const pause = words.count('pause');
  if (batch === 0) throw new UsageError('--batch takes a number of rows above 0: correct it');
  if (last.state === 'applied' || last.state === 'drifted') {
    await recordMet(connection, { change: id, requirement: 'backfill', description: '', metAt: machine.clock.now().toISOString(), metBy: personOf(session) });
    terminal.write(format === 'json' ? json({ schemaVersion: 1, change: id, applied: [], stopped: null, failed: null }) : `The backfill of ${id} has finished already.\n`);
    return EXIT.done;
  }
  if (connection.dialect === 'postgresql') {
    if (batch !== undefined) await connection.query("SELECT set_config('lockstep.batch_rows', $1, false)", [String(batch)]);
    if (pause !== undefined) await connection.query("SELECT set_config('lockstep.pause_seconds', $1, false)", [String(pause / MS_PER_SECOND)]);
  }
  const done = await run({
    project, connection, direction: 'up', extent: { kind: 'to', id: last.id }, settings: session.runSettings(settings), clock: machine.clock, onEvent: () => undefined,
    ...(terminal.signal === undefined ? {} : { signal: terminal.signal }),
  });
  terminal.write(format === 'json' ? json({ schemaVersion: 1, change: id, applied: done.applied, stopped: done.stopped, failed: done.failed })
    : done.applied.map((applied) => `${applied} applied\n`).join(''));
  if (done.failed !== null) {
    terminal.writeError(`lockstep: ${done.failed.id === '' ? '' : `${done.failed.id} failed: `}${done.failed.message}\n`);
    return EXIT.failed;
  }
  if (done.stopped === null) return EXIT.done;
  terminal.writeError(`lockstep: ${done.stopped.message}\n`);
  return EXIT.stopped;
}
