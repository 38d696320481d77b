import type { Clock } from '../../core/ports.ts';
import type { Connection, FileProblem } from '../../drivers/driver.ts';
import type { RunEvent } from '../../runner/report.ts';
import { done, refused, type Answer } from './answer.ts';
import { unconfirmed } from './production.ts';
import type { UseContext } from './use-context.ts';
import { databaseOf, databaseToChange, withDatabase } from './with-database.ts';
import { lockForMarks } from '../../runner/run-lock.ts';
import { runSettingsOf } from '../run-settings.ts';

/** Backups of one file that are kept; the oldest goes when another one is made. */
const MOST_KEPT = 3;

/** Between a database's file and the time of its backup. */
const WORD = '.backup-';

/** A backup that lies beside a database. */
export interface FileBackup {
  /** Absolute. */
  readonly path: string;
  /** Name of the file. */
  readonly name: string;
}

/** What a run does around its work on a database that is a file. */
export interface BackupHooks {
  /** Before the first migration, under the lock of the run. */
  readonly before: () => Promise<void>;
  /** What is wrong with the file after the run that was not wrong before it: sentences; undefined where there was no backup. */
  readonly after: () => Promise<{ readonly backup: FileBackup; readonly problems: readonly string[] } | undefined>;
}

/** Whether backups are made before a run: by the setting, else everywhere but on a development database. */
export function backsUp({ project }: Pick<UseContext, 'project'>, environment: string | null): boolean {
  const { backup } = project.settings.run;
  return backup === undefined ? environment !== 'development' : backup === 'on';
}

/** The backup before a run and the checks after it; undefined on a server, which has backups of its own. */
export function backupHooks(
  context: UseContext,
  connection: Connection,
  file: string,
  onEvent: (event: RunEvent) => void,
): BackupHooks | undefined {
  const { copyInto, fileProblems } = connection;
  if (copyInto === undefined || fileProblems === undefined) return undefined;
  let made: { readonly backup: FileBackup; readonly problems: readonly FileProblem[] } | undefined;
  return {
    async before() {
      const problems = await fileProblems.call(connection);
      const backup = await makeBackup(context, connection, file);
      // There is nothing to lose in a file that holds no table yet.
      if (backup === undefined) return;
      made = { backup, problems };
      onEvent({ event: 'backup', path: backup.path });
    },
    async after() {
      if (made === undefined) return undefined;
      const { backup, problems: known } = made;
      const countOf = (key: string): number => known.find((problem) => problem.key === key)?.count ?? 0;
      const problems = (await fileProblems.call(connection))
        .filter(({ key, count }) => count > countOf(key))
        .map(({ message }) => message);
      onEvent({ event: 'checked', problems });
      return { backup, problems };
    },
  };
}

async function makeBackup(
  { outside }: UseContext,
  connection: Connection,
  file: string,
): Promise<FileBackup | undefined> {
  const all = await backupsOf(outside.files, file);
  const name = `${fileName(file)}${WORD}${stamp(outside.clock, all)}`;
  const path = `${folderOf(file)}/${name}`;
  if ((await connection.copyInto?.(path)) !== true) return undefined;
  for (const old of all.slice(0, Math.max(0, all.length + 1 - MOST_KEPT))) await outside.files.remove(old.path);
  return { path, name };
}

/** Backups beside a database, oldest first. */
export async function backupsOf(files: UseContext['outside']['files'], file: string): Promise<readonly FileBackup[]> {
  const start = `${fileName(file)}${WORD}`;
  return (await files.readDirectory(folderOf(file)))
    .filter(
      ({ kind, name }) => kind === 'file' && name.startsWith(start) && /^\d{8}T\d{9}Z$/.test(name.slice(start.length)),
    )
    .map(({ name }) => ({ name, path: `${folderOf(file)}/${name}` }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** Backups beside the project's database, oldest first; none where it is no file. */
export async function listBackups(context: UseContext): Promise<Answer<readonly FileBackup[]>> {
  const named = databaseOf(context);
  if ('kind' in named) return named;
  return withDatabase(context, { readOnly: true }, async (connection) =>
    connection.restoreFrom === undefined
      ? refused({ code: 'no-file', database: connection.label })
      : done(await backupsOf(context.outside.files, named.target.url)),
  );
}

/**
 * Makes the project's database what a backup of it was, in one go, and keeps what it is now as another backup. `agree` is asked
 * before: undefined where the answer was no.
 */
export async function restoreBackup(
  context: UseContext,
  name: string | undefined,
  agree: (backup: FileBackup) => Promise<boolean>,
): Promise<Answer<{ readonly restored: FileBackup; readonly before: FileBackup } | undefined>> {
  const wanted = databaseToChange(context);
  if ('kind' in wanted) return wanted;
  const { project, outside } = context;
  return withDatabase(context, { readOnly: false }, async (connection, named) => {
    if (connection.restoreFrom === undefined) return refused({ code: 'no-file', database: connection.label });
    const file = named.target.url;
    const backups = await backupsOf(outside.files, file);
    const backup =
      name === undefined ? backups.at(-1) : backups.find((each) => each.name === name || each.path === name);
    if (backup === undefined) return refused({ code: 'no-backup', names: backups.map((each) => each.name) });
    if (!(await agree(backup))) return done(undefined);
    const refusedAs = await unconfirmed(context, connection, named);
    if (refusedAs !== undefined) return refusedAs;
    await using _lock = await lockForMarks(project, connection, runSettingsOf(project).migrationLockTimeoutMs);
    // The one that is restored must not go with the oldest.
    const now: FileBackup = { name: `${fileName(file)}${WORD}${stamp(outside.clock, backups)}`, path: '' };
    const before = { ...now, path: `${folderOf(file)}/${now.name}` };
    await connection.copyInto?.(before.path);
    await connection.restoreFrom(backup.path);
    return done({ restored: backup, before });
  });
}

/** `20261130T155901123Z`, later than any backup that there is. */
function stamp(clock: Clock, all: readonly FileBackup[]): string {
  const at = (time: number): string => new Date(time).toISOString().replaceAll(/[-:.]/g, '');
  let time = clock.now().getTime();
  while (all.some(({ name }) => name.endsWith(at(time)))) time++;
  return at(time);
}

function fileName(path: string): string {
  return path.slice(path.search(/[^\\/]*$/));
}

function folderOf(path: string): string {
  return path.slice(0, path.search(/[\\/][^\\/]*$/));
}
