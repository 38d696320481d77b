import type { FileChange } from '../../core/ports.ts';
import type { MigrationFile } from '../../model/migration.ts';
import { slugOf } from '../../planner/names.ts';
import { directivesOf } from '../../runner/directives-of.ts';
import type { StatusReport } from '../../runner/report.ts';
import { readStatus } from '../../runner/status.ts';
import { languageOf } from '../../tools/language-of.ts';
import type { FolderProject } from '../folder-project.ts';
import { writeChanges } from '../write-changes.ts';
import { done, refused, written, type Answer, type Refused } from './answer.ts';
import type { UseContext } from './use-context.ts';
import { withDatabase } from './with-database.ts';

/** Migrations that nobody has applied yet become one. */
export interface SquashWish {
  /** The oldest of them; all from it to the newest of the folder are joined. */
  readonly from: string;
  /** Of the new migration; by default the oldest one's. */
  readonly name?: string | undefined;
}

export interface PlannedSquash {
  /** What is joined, in the order in which it would have run. */
  readonly ids: readonly string[];
  readonly changes: readonly FileChange[];
}

/**
 * What a squash would write. The database that is named says that none of it is applied there; what others have is not known from
 * here, and whoever is asked is told so.
 */
export async function planSquash(context: UseContext, wish: SquashWish): Promise<Answer<PlannedSquash>> {
  await context.project.refresh();
  return withDatabase(context, { readOnly: true }, async (connection) =>
    planned(context, wish, await readStatus(context.project, connection, null)),
  );
}

/** Joins the migrations: all files are written, or none. */
export async function squash(
  context: UseContext,
  wish: SquashWish,
  agree: (shown: PlannedSquash) => Promise<boolean>,
): Promise<Answer<PlannedSquash | undefined>> {
  const { project, outside, isTrusted } = context;
  if (!isTrusted) return refused({ code: 'not-trusted' });
  const plan = await planSquash(context, wish);
  if (plan.kind === 'refused') return plan;
  if (!(await agree(plan.value))) return done(undefined);
  return written(async () => {
    await writeChanges(outside.files, project.root, plan.value.changes);
    await project.refresh();
    return plan;
  });
}

function planned(
  { project, outside }: UseContext,
  { from, name }: SquashWish,
  status: StatusReport,
): Answer<PlannedSquash> {
  const { migrations } = project.migrations;
  const start = migrations.findIndex(({ id }) => id === from);
  if (start < 0) return refused({ code: 'no-such-migration', id: from });
  const tail = migrations.slice(start).filter(({ kind }) => kind !== 'repeatable');
  const [first] = tail;
  if (first === undefined || tail.length < 2) return no(`There is nothing after ${from} that it could be joined with.`);
  for (const { id } of tail) {
    const state = status.migrations.find((each) => each.id === id)?.state;
    if (state !== 'pending' && state !== 'out-of-order')
      return no(`${id} is ${state?.replaceAll('-', ' ') ?? 'not known'} here: only what is pending can be joined.`);
  }
  const halves: { readonly up: string; readonly down: string | undefined }[] = [];
  for (const migration of tail) {
    const half = halfTexts(project, migration);
    if ('kind' in half) return half;
    halves.push(half);
  }
  const downs = halves.map(({ down }) => down);
  const down = downs.some((each) => each === undefined) ? undefined : downs.toReversed().join('\n');
  const { format, engine } = project;
  const removed = tail.flatMap((migration) => format.remove(migration, project));
  const gone = new Set(tail.map(({ id }) => id));
  const before = {
    migrations: { ...project.migrations, migrations: migrations.filter(({ id }) => !gone.has(id)) },
    textOf: (path: string) => project.textOf(path),
  };
  const steps = [
    {
      phase: 'expand' as const,
      title: '',
      slug: slugOf(name ?? first.name),
      up: `${halves.map(({ up }) => up).join('\n')}\n`,
      ...(down === undefined ? {} : { down: `${down}\n` }),
      transaction: 'one' as const,
      requires: [],
      notes: [],
    },
  ];
  const why = format.refuses?.(steps);
  if (why !== undefined) return no(why);
  const { changes } = format.write({ folder: before, steps, dialect: engine.id, now: outside.clock.now() });
  // A file that is removed and made again under its name is one that is edited.
  const joined = changes.map((change): FileChange => {
    const isThere = removed.some((each) => each.path === change.path);
    return isThere ? { path: change.path, action: 'edit', text: change.text } : change;
  });
  const all = [...joined, ...removed.filter(({ path }) => !joined.some((change) => change.path === path))];
  return done({ ids: tail.map(({ id }) => id), changes: format.settle?.(all, project) ?? all });
}

function no(reason: string): Refused {
  return refused({ code: 'squash-refused', reason });
}

/** The SQL of both halves under a comment with its id, or why they cannot stand in one migration with others. */
function halfTexts(
  project: FolderProject,
  migration: MigrationFile,
): { readonly up: string; readonly down: string | undefined } | Refused {
  const { id, upPath, downPath } = migration;
  if (languageOf(project.format, upPath).id !== 'sql')
    return no(`${id} is a program and no file of SQL: join such migrations by hand.`);
  const { change } = directivesOf(project, migration);
  if (change !== undefined)
    return no(
      `${id} is a step of the change ${change.id}, whose steps wait for deploys between them: leave them apart.`,
    );
  const textOf = (path: string | undefined, direction: 'up' | 'down'): string | Refused | undefined => {
    const headers = path === undefined ? undefined : project.headersOf(path);
    const section = headers?.section(migration, direction);
    if (headers === undefined || section === undefined) return undefined;
    if (section.transaction !== 'one')
      return no(`${id} runs outside a transaction, and what is joined runs in one: leave it apart.`);
    const text = headers.text.slice(section.span.start, section.span.end).trim();
    if (direction === 'down' && headers.directivesWithin(section.span).irreversible !== undefined) return undefined;
    return text === '' ? '' : `-- ${id}\n${/;\s*(--[^\n]*)?$/.test(text) ? text : `${text}\n;`}`;
  };
  const up = textOf(upPath, 'up');
  if (typeof up === 'object') return up;
  const down = textOf(downPath, 'down');
  if (typeof down === 'object') return down;
  return { up: up ?? '', down };
}
