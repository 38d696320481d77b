import { DatabaseError, type Connection } from '../../drivers/driver.ts';
import type { MigrationFile } from '../../model/migration.ts';
import { writeMarks } from '../../runner/mark-migration.ts';
import { lockForMarks } from '../../runner/run-lock.ts';
import { RunLog } from '../../runner/run-log.ts';
import { readStatus } from '../../runner/status.ts';
import { FileTree } from '../../tools/file-tree.ts';
import type { AppliedMigration, FolderTexts, History, OpenHistory } from '../../tools/history.ts';
import { NAMED_TOOLS } from '../../tools/registry.ts';
import { readDatabaseFacts } from '../database-facts.ts';
import type { FolderProject } from '../folder-project.ts';
import { runSettingsOf } from '../run-settings.ts';
import { auditorOf } from './auditor-of.ts';
import { done, refused, type Answer, type Refused } from './answer.ts';
import { unconfirmed } from './production.ts';
import type { UseContext } from './use-context.ts';
import { databaseToChange, withDatabase } from './with-database.ts';

/** Whose history is taken over, or is given what this project's has. */
export interface OtherHistoryWish {
  /** Id of a tool. */
  readonly tool: string;
  readonly direction: 'take-over' | 'hand-back';
}

export interface PlannedHistory {
  /** Of the database, for people. */
  readonly database: string;
  /** Of the tool, for people. */
  readonly tool: string;
  /** What would be marked: in this project's history, or in the tool's. */
  readonly ids: readonly string[];
  /** What the other history has, or is to get, and no migration here, or of the tool, is for. */
  readonly unmatched: readonly string[];
}

/** The other tool's history and its own view of the folder, so that its ids are those that it would give. */
interface Other {
  readonly title: string;
  readonly history: History;
  readonly texts: FolderTexts;
}

/** What would be marked; nothing is written. */
export async function planOtherHistory(context: UseContext, wish: OtherHistoryWish): Promise<Answer<PlannedHistory>> {
  const other = await otherOf(context, wish);
  if ('kind' in other) return other;
  return withDatabase(context, { readOnly: true }, async (connection) => {
    const plan = await planned(context, connection, wish, other);
    return plan.kind === 'refused' ? plan : done(plan.value.shown);
  });
}

/**
 * Makes this project's history say what another tool's says, or the other way round; nothing runs, and the history that is read
 * stays as it is. `agree` is asked before: undefined where the answer was no.
 */
export async function moveHistory(
  context: UseContext,
  wish: OtherHistoryWish,
  agree: (shown: PlannedHistory) => Promise<boolean>,
): Promise<Answer<PlannedHistory | undefined>> {
  const { project, outside, isKept } = context;
  const wanted = databaseToChange(context);
  if ('kind' in wanted) return wanted;
  await project.refresh();
  const other = await otherOf(context, wish);
  if ('kind' in other) return other;
  return withDatabase(context, { readOnly: false }, async (connection, named) => {
    const plan = await planned(context, connection, wish, other);
    if (plan.kind === 'refused') return plan;
    const { shown } = plan.value;
    if (!(await agree(shown))) return done(undefined);
    if (shown.ids.length === 0) return done(shown);
    const refusedAs = await unconfirmed(context, connection, named);
    if (refusedAs !== undefined) return refusedAs;
    await using _lock = await lockForMarks(project, connection, runSettingsOf(project).migrationLockTimeoutMs);
    // Whoever was asked may have taken their time.
    const now = await planned(context, connection, wish, other);
    if (now.kind === 'refused') return now;
    if (now.value.shown.ids.join('\n') !== shown.ids.join('\n')) return refused({ code: 'changed-meanwhile' });
    const auditor = auditorOf(context);
    if (wish.direction === 'take-over') {
      const refusal = await writeMarks({
        project,
        connection,
        ids: shown.ids,
        mark: 'applied',
        clock: outside.clock,
        auditor,
        logged: { action: 'take-over', reason: `from the history of ${other.title}` },
      });
      if (refusal !== undefined) return refused(refusal);
    } else {
      const log = await RunLog.open(connection, auditor);
      const history = await other.history.open(connection);
      await connection.begin();
      try {
        await history.ensure();
        for (const migration of plan.value.theirs) {
          await history.mark({
            migration,
            folder: other.texts,
            direction: 'up',
            inTransaction: true,
            now: () => outside.clock.now(),
          });
          await log?.note('hand-back', migration.id, outside.clock.now(), `to the history of ${other.title}`);
        }
        await connection.commit();
      } catch (cause) {
        await connection.rollback();
        throw cause;
      }
    }
    if (isKept) project.setDatabase(await readDatabaseFacts(project, connection));
    return done(shown);
  });
}

interface Planned {
  readonly shown: PlannedHistory;
  /** For a hand-back: the tool's own migrations that its history gets. */
  readonly theirs: readonly MigrationFile[];
}

async function planned(
  { project }: UseContext,
  connection: Connection,
  { direction }: OtherHistoryWish,
  other: Other,
): Promise<Refused | { readonly kind: 'done'; readonly value: Planned }> {
  const opened = await other.history.open(connection);
  const rows = await readOther(opened, other);
  const shown = { database: connection.label, tool: other.title };
  const failed = rows.find((row) => row.failed === true);
  if (failed !== undefined) return refused({ code: 'failed-in-other', id: failed.id, tool: other.title });
  const status = await readStatus(project, connection, null);
  const stateOf = new Map(status.migrations.map(({ id, state }) => [id, state]));
  const own = project.migrations.migrations;
  const theirs = other.texts.migrations.migrations;
  if (direction === 'take-over') {
    if (!opened.exists) return refused({ code: 'no-other-history', tool: other.title, table: opened.table });
    const found = rows.map((row) => ({ row, own: counterpart(theirs.find(({ id }) => id === row.id) ?? row, own) }));
    const taken = new Set(found.flatMap((each) => (each.own === undefined ? [] : [each.own.id])));
    const unmatched = found.flatMap(({ row, own: mine }) => (mine === undefined ? [row.id] : []));
    // What is applied here already needs no mark.
    const ids = own
      .map(({ id }) => id)
      .filter((id) => taken.has(id) && ['pending', 'out-of-order'].includes(stateOf.get(id) ?? ''));
    return done({ shown: { ...shown, ids, unmatched }, theirs: [] });
  }
  if (other.history.isReadOnly === true) return refused({ code: 'other-writes-itself', tool: other.title });
  const known = new Set(rows.map((row) => row.id));
  const applied = own.filter(({ id }) => ['applied', 'drifted', 'baseline'].includes(stateOf.get(id) ?? ''));
  const matched = applied.map((mine) => ({ mine, theirs: counterpart(mine, theirs) }));
  const missing = matched.flatMap((each) =>
    each.theirs === undefined || known.has(each.theirs.id) ? [] : [each.theirs],
  );
  return done({
    shown: {
      ...shown,
      ids: missing.map(({ id }) => id),
      unmatched: matched.flatMap((each) => (each.theirs === undefined ? [each.mine.id] : [])),
    },
    theirs: missing,
  });
}

async function otherOf({ project, outside }: UseContext, { tool: id }: OtherHistoryWish): Promise<Other | Refused> {
  const tool = NAMED_TOOLS.find((each) => each.id === id);
  if (tool === undefined || tool.id === project.tool.id)
    return refused({
      code: 'no-such-tool',
      tool: id,
      tools: NAMED_TOOLS.map((each) => each.id).filter((each) => each !== project.tool.id && each !== 'plain'),
    });
  const { format, history } = await tool.at(new FileTree(outside.files, project.root), project.folder);
  return { title: tool.title, history, texts: await textsOf(project, outside, format) };
}

/** The folder as the other tool would list it: none of its migrations where it cannot read these names. */
async function textsOf(
  project: FolderProject,
  outside: UseContext['outside'],
  format: FolderProject['format'],
): Promise<FolderTexts> {
  const migrations = await format.list(outside.files, project.root);
  return { migrations, textOf: (path) => project.textOf(path) };
}

async function readOther(history: OpenHistory, other: Other): Promise<readonly AppliedMigration[]> {
  try {
    return await history.read(other.texts);
  } catch (cause) {
    if (cause instanceof DatabaseError || !(cause instanceof SyntaxError)) throw cause;
    // An id of the folder is no number, as the tool's are.
    return history.read({ migrations: { migrations: [], problems: [] }, textOf: () => undefined });
  }
}

/** The migration of one tool that is another one's: by its file, its id, its number where only one has it, or its name. */
function counterpart(
  migration: { readonly id: string; readonly name?: string; readonly upPath?: string },
  among: readonly MigrationFile[],
): MigrationFile | undefined {
  const only = (found: readonly MigrationFile[]): MigrationFile | undefined =>
    found.length === 1 ? found[0] : undefined;
  const number = numberOf(migration.id);
  return (
    among.find(({ upPath }) => migration.upPath !== undefined && upPath === migration.upPath) ??
    among.find(({ id }) => id === migration.id) ??
    (number === undefined ? undefined : only(among.filter(({ id }) => numberOf(id) === number))) ??
    (number === undefined && migration.name !== undefined && migration.name !== ''
      ? only(among.filter(({ name }) => name === migration.name))
      : undefined)
  );
}

/** `0012_users`, `V12__users`, `20240101120000` and `12` begin with a number; undefined where an id does not. */
function numberOf(id: string): bigint | undefined {
  const [, number] = /^[A-Za-z]?0*(\d+)(?!\d)/.exec(id.slice(id.lastIndexOf('/') + 1)) ?? [];
  return number === undefined ? undefined : BigInt(number);
}
