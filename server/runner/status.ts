import { ENGINE_TITLES } from '../model/engine-id.ts';
import { assertNever } from '../core/assert-never.ts';
import { SCHEMA_VERSION } from '../core/schema-version.ts';
import type { AppliedMigration, OpenHistory } from '../tools/history.ts';
import { DatabaseError, type Connection } from '../drivers/driver.ts';
import type { MigrationFile } from '../model/migration.ts';
import { namingBlockers } from './blocked.ts';
import { historyWords } from './failure.ts';
import { firstUnmet, readChangeRecords, type ChangeRecord } from './change-records.ts';
import { directivesOf, directivesOfId } from './directives-of.ts';
import { failedEarlier, whyIrreversible } from './plan-run.ts';
import { wayOutOfFailed } from './run-words.ts';
import type { ChangeNext, ChangeStatus, MigrationState, MigrationStatus, StatusReport } from './report.ts';
import { otherHistories } from './other-histories.ts';
import { RunMarks, type RunMark } from './run-marks.ts';
import type { RunnerProject } from './runner.ts';

/**
 * State of every migration, of the folder and of the history, in the tool's order; rows without a file come where their
 * ids sort.
 *
 * Without a connection every state is `unknown`. Errors: rejects with `DatabaseError`.
 */
export async function readStatus(
  project: RunnerProject,
  connection: Connection | undefined,
  environment: string | null,
  onWait?: (blockers: readonly string[]) => void,
): Promise<StatusReport> {
  if (connection !== undefined && connection.dialect !== project.engine.id) {
    throw new DatabaseError({
      kind: 'wrong-kind',
      message: `The migrations in ${project.folder} are written for ${ENGINE_TITLES[project.engine.id]}, and ${connection.label} is ${ENGINE_TITLES[connection.dialect]}: connect to a database of that kind, or set "dialect" in lockstep.jsonc.`,
    });
  }
  const facts = connection === undefined ? undefined : await readingFacts(project, connection, onWait);
  const { history, applied, marks, records } = facts ?? { applied: [], marks: [] };
  const rows = new Map(withoutMarked(applied, marks).map((row) => [row.id, row]));
  const newestApplied = project.migrations.migrations.findLastIndex(
    (migration) => migration.kind !== 'repeatable' && rows.has(migration.id),
  );
  const floor = baselineOf(project, applied);
  const migrations: MigrationStatus[] = project.migrations.migrations.map((migration, index) =>
    statusOf(
      project,
      migration,
      rows.get(migration.id),
      connection !== undefined,
      index < newestApplied,
      connection === undefined ? undefined : baselineNote(project, migration, applied, floor),
      marks.filter((mark) => mark.id === migration.id),
    ),
  );
  const known = new Set(project.migrations.migrations.map((migration) => migration.id));
  for (const row of [...applied].sort((left, right) => project.format.compareIds(left.id, right.id)))
    if (!known.has(row.id) && row.isBaseline !== true) insertMissing(project, migrations, row);
  const count = (state: MigrationState): number => migrations.filter((migration) => migration.state === state).length;
  return {
    schemaVersion: SCHEMA_VERSION,
    tool: project.tool.id,
    folder: project.folder,
    database:
      connection === undefined
        ? null
        : { kind: connection.dialect, label: connection.label, version: connection.version, environment },
    history: history === undefined ? null : { table: history.table, exists: history.exists },
    counts: {
      applied: count('applied'),
      pending: count('pending'),
      outOfOrder: count('out-of-order'),
      drifted: count('drifted'),
      missing: count('missing'),
      failed: count('failed'),
      unknown: count('unknown'),
    },
    migrations,
    changes: changesOf(project, migrations, records),
    problems: [...project.migrations.problems, ...(facts?.others ?? [])],
  };
}

interface Facts {
  readonly history: OpenHistory;
  readonly applied: readonly AppliedMigration[];
  readonly marks: readonly RunMark[];
  readonly records: readonly ChangeRecord[];
  /** What the database has in place of the history. */
  readonly others: StatusReport['problems'];
}

/** What the database knows, read in one transaction. `onWait` hears who holds it up. */
function readingFacts(
  project: RunnerProject,
  connection: Connection,
  onWait: ((blockers: readonly string[]) => void) | undefined,
): Promise<Facts> {
  return connection
    .reading(() =>
      namingBlockers(connection, `The history ${project.history.table}`, () => readFacts(project, connection), onWait),
    )
    .catch((cause: unknown) => {
      if (!(cause instanceof DatabaseError) || cause.failure.sqlstate !== '42501') throw cause;
      const message = historyWords(`The history ${project.history.table} cannot be read`, 'SELECT', cause.failure);
      throw new DatabaseError({ ...cause.failure, message }, { cause });
    });
}

async function readFacts(project: RunnerProject, connection: Connection): Promise<Facts> {
  const history = await project.history.open(connection);
  return {
    history,
    others: history.exists ? [] : await otherHistories(project, connection),
    applied: await history.read(project),
    marks: await (await RunMarks.open(connection, history.table)).read(),
    records: await readChangeRecords(connection),
  };
}

function statusOf(
  project: RunnerProject,
  migration: MigrationFile,
  row: AppliedMigration | undefined,
  isConnected: boolean,
  isLate: boolean,
  passedOver: string | undefined,
  marks: readonly RunMark[],
): MigrationStatus {
  const directives = directivesOf(project, migration);
  const mark = marks.find((each) => tells(each, row));
  const { state, note } =
    mark !== undefined
      ? { state: 'failed' as const, note: noteOf(mark) }
      : row === undefined && passedOver !== undefined
        ? { state: 'baseline' as const, note: passedOver }
        : stateOf(project, migration, row, isConnected, isLate);
  return {
    id: migration.id,
    name: migration.name,
    paths: [...new Set([migration.upPath, ...(migration.downPath === undefined ? [] : [migration.downPath])])],
    state,
    note,
    appliedAt: row?.appliedAt?.toISOString() ?? null,
    reversible: whyIrreversible(project, migration) === undefined,
    phase: directives.change?.phase ?? null,
    change: directives.change?.id ?? null,
    ...(mark === undefined ? {} : { goesOnBy: mark.direction === 'up' ? 'apply' : 'revert' }),
  };
}

/**
 * Whether a mark tells of a half that goes on: one of a migration that the history has whole, or has no more, is what a
 * program beside us left when it did the rest.
 */
function tells(mark: RunMark, row: AppliedMigration | undefined): boolean {
  return (mark.direction === 'up') === (row === undefined || row.failed === true);
}

/**
 * The rows as they will be when what a mark tells of has come to its end. A history of one number is at the migration before
 * the one that is taken back while that goes on, and calls it half done, which it is not; before the first one it has none.
 */
function withoutMarked(applied: readonly AppliedMigration[], marks: readonly RunMark[]): readonly AppliedMigration[] {
  const ids = new Set(applied.map((row) => row.id));
  const half = applied.find((row) => row.failed === true);
  const back = marks.filter((mark) => mark.direction === 'down' && (!ids.has(mark.id) || mark.id === half?.id));
  if (back.length === 0 || half === undefined) return applied;
  const { failed: _failed, ...whole } = half;
  const gone = back.filter((mark) => mark.id !== half.id);
  return [...applied.map((row) => (row === half ? whole : row)), ...gone.map(({ id }) => ({ id }))];
}

/** What a mark says of a half that was begun and did not end. */
function noteOf(mark: RunMark): string {
  const what = mark.direction === 'up' ? 'Applying' : 'Reverting';
  const command = mark.direction === 'up' ? 'lockstep apply' : 'lockstep revert';
  const parts = `${mark.done} ${mark.done === 1 ? 'part' : 'parts'} of it ${mark.done === 1 ? 'is' : 'are'} done`;
  return `${what} it was begun and did not end: ${parts}${mark.hasBegun ? ', and the end of the next one is not known' : ''}. "${command}" goes on from there.`;
}

function stateOf(
  project: RunnerProject,
  migration: MigrationFile,
  row: AppliedMigration | undefined,
  isConnected: boolean,
  isLate: boolean,
): { readonly state: MigrationState; readonly note: string | null } {
  const { history } = project;
  const { title } = project.tool;
  if (!isConnected) return { state: 'unknown', note: null };
  if (row === undefined) {
    if (!isLate || migration.kind === 'repeatable') return { state: 'pending', note: null };
    const fate = {
      runs: 'runs it all the same, after newer ones',
      refused: 'refuses to run it',
      'never-runs': 'silently never runs it',
    }[history.lateArrival];
    return { state: 'out-of-order', note: `Older than the newest applied migration: ${title} ${fate}.` };
  }
  if (row.failed === true)
    return { state: 'failed', note: `Failed half-way. ${wayOutOfFailed(failedEarlier(project, migration.id))}` };
  const checksums = history.checksums(migration, project);
  if (checksums.length > 0 && row.checksum !== undefined && !checksums.includes(row.checksum)) {
    if (migration.kind === 'repeatable')
      return { state: 'repeatable-outdated', note: 'Its text has changed since it ran: the next apply runs it again.' };
    return {
      state: 'drifted',
      note: 'The file was edited after it was applied: undo the edit and write a new migration instead.',
    };
  }
  return { state: 'applied', note: null };
}

/** The newest migration that stands for all before it: one that was marked, or the newest baseline of a database without a history. */
function baselineOf(project: RunnerProject, applied: readonly AppliedMigration[]): string | undefined {
  const marked = applied.filter((row) => row.isBaseline === true).map((row) => row.id);
  const own = project.migrations.migrations.filter(
    (migration) =>
      migration.kind === 'baseline' && (applied.length === 0 || applied.some((row) => row.id === migration.id)),
  );
  return [...marked, ...own.map((migration) => migration.id)].toSorted(project.format.compareIds).at(-1);
}

/** Why a migration without a row is passed over; undefined where it is not. */
function baselineNote(
  project: RunnerProject,
  migration: MigrationFile,
  applied: readonly AppliedMigration[],
  floor: string | undefined,
): string | undefined {
  if (migration.kind === 'repeatable' || migration.id === floor) return undefined;
  if (migration.kind === 'baseline')
    return applied.length > 0 || floor !== undefined ? 'Not run: the database has a history without it.' : undefined;
  return floor !== undefined && project.format.compareIds(migration.id, floor) <= 0
    ? `Not run: the baseline ${floor} stands for it.`
    : undefined;
}

function insertMissing(project: RunnerProject, migrations: MigrationStatus[], row: AppliedMigration): void {
  const status: MigrationStatus = {
    id: row.id,
    name: row.name ?? row.id,
    paths: [],
    state: 'missing',
    appliedAt: row.appliedAt?.toISOString() ?? null,
    reversible: false,
    phase: null,
    change: null,
    note: 'Applied, but there is no file: another branch made it, or it was deleted.',
  };
  const next = migrations.findIndex((migration) => project.format.compareIds(migration.id, row.id) > 0);
  if (next < 0) migrations.push(status);
  else migrations.splice(next, 0, status);
}

function changesOf(
  project: RunnerProject,
  migrations: readonly MigrationStatus[],
  records: readonly ChangeRecord[] | undefined,
): readonly ChangeStatus[] {
  const byChange = new Map<string, MigrationStatus[]>();
  for (const migration of migrations)
    if (migration.change !== null)
      byChange.set(migration.change, [...(byChange.get(migration.change) ?? []), migration]);
  return [...byChange].map(([id, steps]): ChangeStatus => {
    const isDone = (step: MigrationStatus): boolean => step.state === 'applied' || step.state === 'drifted';
    const firstOpen = steps.find((step) => !isDone(step));
    const started = steps.some(isDone);
    const phase =
      firstOpen === undefined
        ? 'contracted'
        : !started || firstOpen.phase === 'expand'
          ? 'planned'
          : firstOpen.phase === 'contract'
            ? 'ready-to-contract'
            : steps.some((step) => step.phase === 'migrate' && isDone(step))
              ? 'migrating'
              : 'expanded';
    const first = steps[0];
    const title = first === undefined ? undefined : directivesOfId(project, first.id).title;
    return {
      id,
      title: title ?? id,
      phase,
      progress: Math.round((steps.filter(isDone).length / steps.length) * 100) / 100,
      next: firstOpen === undefined || records === undefined ? null : nextOf(project, firstOpen, records),
    };
  });
}

/** What the first step that is not applied waits for, or that it can be applied. */
function nextOf(project: RunnerProject, step: MigrationStatus, records: readonly ChangeRecord[]): ChangeNext {
  const directives = directivesOfId(project, step.id);
  const unmet = firstUnmet(directives, records);
  switch (unmet?.kind) {
    case undefined:
      return { action: 'apply', migration: step.id, message: `${step.id} can be applied.`, deploy: null };
    case 'deploy':
      return {
        action: 'confirm-deploy',
        migration: step.id,
        message: `${step.id} waits for a deploy: ${unmet.description}`,
        deploy: unmet.description,
      };
    case 'parity':
      return {
        action: 'check-parity',
        migration: step.id,
        message: `${step.id} waits until old and new have been compared.`,
        deploy: null,
      };
    case 'backfill':
      return {
        action: 'backfill',
        migration: step.id,
        message: `${step.id} waits until the backfill has finished.`,
        deploy: null,
      };
    default:
      return assertNever(unmet);
  }
}
