import { LineIndex } from '../core/line-index.ts';
import { DatabaseError } from '../drivers/driver.ts';
import { openValues } from '../model/asked-value.ts';
import type { MigrationFile } from '../model/migration.ts';
import { unmetRequirement, type ChangeRecords } from './change-records.ts';
import { directivesOf } from './directives-of.ts';
import { compareSides, type ParityResult, sidesAgree } from './parity.ts';
import type { RunStop, StatusReport } from './report.ts';
import type { RunRequest } from './runner.ts';

/** What keeps a step from running: why and what to do, and where a person is to write something first. */
export interface Unmet extends Pick<RunStop, 'place'> {
  readonly why: string;
}

/**
 * What keeps a step from running now; undefined where nothing does.
 *
 * Old and new are compared again right before the step that relies on it, however long ago they agreed.
 */
export async function unmetNow(
  request: RunRequest,
  migration: MigrationFile,
  records: ChangeRecords,
): Promise<Unmet | undefined> {
  const open = openValueOf(request, migration);
  if (open !== undefined) return open;
  const why = await unmetRequirementNow(request, migration, records);
  return why === undefined ? undefined : { why };
}

async function unmetRequirementNow(
  request: RunRequest,
  migration: MigrationFile,
  records: ChangeRecords,
): Promise<string | undefined> {
  const directives = directivesOf(request.project, migration);
  const { change, parity } = directives;
  if (change === undefined || directives.requires.length === 0) return undefined;
  const isCompared = parity !== undefined && directives.requires.some((requirement) => requirement.kind === 'parity');
  const unmet = unmetRequirement(
    isCompared
      ? { ...directives, requires: directives.requires.filter((requirement) => requirement.kind !== 'parity') }
      : directives,
    await records.read(),
  );
  if (unmet !== undefined || !isCompared) return unmet;
  request.onEvent({
    event: 'waiting',
    id: migration.id,
    reason: `old and new of ${change.id} are compared`,
    blockers: [],
  });
  let result: ParityResult;
  try {
    result = await compareSides(request.connection, parity, request.signal);
  } catch (cause) {
    if (!(cause instanceof DatabaseError)) throw cause;
    return `old and new could not be compared: ${cause.failure.message}`;
  }
  if (request.signal?.aborted === true) return 'the run was cancelled while old and new were compared';
  if (!sidesAgree(result)) {
    const { differing } = result;
    await records.forgetParity(change.id);
    return `old and new differ in ${differing} ${differing === 1 ? 'row' : 'rows'} of ${parity.table}. Find out who writes past the trigger, correct the rows, then see by "lockstep change check-parity ${change.id}" whether they agree`;
  }
  await records.meet({
    change: change.id,
    requirement: 'parity',
    description: '',
    metAt: request.clock.now().toISOString(),
    metBy: 'lockstep',
  });
  return undefined;
}

/**
 * Keeps what was met for a migration's change right, in the transaction in which the migration ends: what a revert takes
 * back is forgotten with it, and a fill has finished with its last migrate step.
 */
export async function settleRequirements(
  request: RunRequest,
  status: StatusReport,
  migration: MigrationFile,
  finished: readonly string[],
  records: ChangeRecords,
): Promise<void> {
  const own = status.migrations.find((candidate) => candidate.id === migration.id);
  if (own === undefined || own.change === null || own.phase === null) return;
  if (request.direction === 'down') return records.forget(own.change, own.phase);
  if (own.phase !== 'migrate') return;
  const isOpen = status.migrations.some(
    (step) =>
      step.change === own.change &&
      step.phase === 'migrate' &&
      step.state !== 'applied' &&
      step.state !== 'drifted' &&
      step.id !== own.id &&
      !finished.includes(step.id),
  );
  if (isOpen) return;
  await records.meet({
    change: own.change,
    requirement: 'backfill',
    description: '',
    metAt: request.clock.now().toISOString(),
    metBy: 'lockstep',
  });
}

/** The first value that is still to be written in the up half; undefined where nothing waits for one. */
function openValueOf({ project }: RunRequest, migration: MigrationFile): Unmet | undefined {
  const headers = project.headersOf(migration.upPath);
  const span = headers?.section(migration, 'up')?.span;
  if (headers === undefined || span === undefined) return undefined;
  const [open] = openValues(headers.text.slice(span.start, span.end));
  if (open === undefined) return undefined;
  return {
    why: `it waits for the value of ${open.name} that old rows get. Write it in place of lockstep_value(...) in ${migration.upPath}, then apply again`,
    place: { path: migration.upPath, position: new LineIndex(headers.text).position(span.start + open.start) },
  };
}
