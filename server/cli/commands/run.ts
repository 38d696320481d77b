import { repeated } from '../../core/redact.ts';
import {
  hasBundles,
  planMigrations,
  runMigrations,
  type Agreement,
  type NotStarted,
  type PlannedRun,
  type RunWish,
} from '../../application/use-cases/run-migrations.ts';
import { applyScript, planScript, readScript } from '../../application/use-cases/apply-script.ts';
import { tryMigrations } from '../../application/use-cases/try-migrations.ts';
import type { FolderProject } from '../../application/folder-project.ts';
import { SCHEMA_VERSION } from '../../core/schema-version.ts';
import { assertNever } from '../../core/assert-never.ts';
import { RUN_CONCERNS, type RunEvent } from '../../runner/report.ts';
import { doneEvent, type DoneEvent, type RunExtent } from '../../runner/runner.ts';
import { PROTECTED } from '../../model/environment.ts';
import { triedText } from '../../runner/try-run.ts';
import { noRunWords } from '../../runner/run-words.ts';
import type { Phase } from '../../planner/step.ts';
import type { Arguments } from '../arguments.ts';
import type { Bundle } from '../../tools/applier.ts';
import { declined, demandAnswer } from '../answers.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { asReason, refusalError } from '../refusal-error.ts';
import { heldText } from '../reporters/held-text.ts';
import { eventText } from '../reporters/run-event.ts';
import { resolve, type Session } from '../session.ts';

/** `apply [--to ID | --next | --all] [--phase P] [--dry-run] [--yes]` */
export async function apply(session: Session): Promise<number> {
  const words = session.arguments;
  only(words, ['to', 'next', 'all', 'script']);
  const script = words.text('script');
  if (script !== undefined) return runScriptFile(session, 'up', script);
  const to = words.text('to');
  return runCommand(
    session,
    'up',
    to !== undefined ? { kind: 'to', id: to } : words.flag('next') ? { kind: 'next' } : { kind: 'all' },
    phaseOf(words),
  );
}

/** `revert [--to ID | --last | --steps N] [--dry-run] [--yes]` */
export async function revert(session: Session): Promise<number> {
  const words = session.arguments;
  only(words, ['to', 'last', 'steps', 'script']);
  const script = words.text('script');
  if (script !== undefined) return runScriptFile(session, 'down', script);
  const to = words.text('to');
  const steps = words.count('steps');
  if (steps === 0) throw new UsageError('--steps takes a number of migrations above 0: correct it');
  return runCommand(
    session,
    'down',
    to !== undefined
      ? { kind: 'to', id: to }
      : steps !== undefined
        ? { kind: 'steps', count: steps }
        : { kind: 'next' },
    undefined,
  );
}

function only(words: Arguments, names: readonly string[]): void {
  const given = names.filter((name) => words.text(name) !== undefined || words.flag(name));
  if (given.length > 1)
    throw new UsageError(`${given.map((name) => `--${name}`).join(' and ')} exclude each other: give one`);
  if (words.positionals.length > 0)
    throw new UsageError(`${repeated(words.positionals[0] ?? '')} is not expected here: name a migration by --to`);
}

function phaseOf(words: Arguments): Phase | undefined {
  const phases = ['expand', 'migrate', 'contract'] as const;
  return words.text('phase') === undefined ? undefined : words.choice('phase', phases);
}

async function runCommand(
  session: Session,
  direction: 'up' | 'down',
  extent: RunExtent,
  phase: Phase | undefined,
): Promise<number> {
  const { terminal, arguments: words } = session;
  const format = words.choice('format', ['text', 'json']);
  const isDryRun = words.flag('dry-run');
  const despite = words.list('despite').map((word) => {
    const concern = RUN_CONCERNS.find((candidate) => candidate === word);
    if (concern === undefined)
      throw new UsageError(`--despite takes ${RUN_CONCERNS.join(', ')}, not ${repeated(word)}: correct it`);
    return concern;
  });
  const interrupted =
    words.text('interrupted') === undefined ? undefined : words.choice('interrupted', ['again', 'done']);
  const project = await session.openOne();
  if (words.flag('locks') && !isDryRun)
    throw new UsageError('--locks tells what a dry run really locks: add --dry-run');
  demandAnswerToRun(session, direction);
  const expected = words.text('expect');
  const bundle = await bundleOf(session, project);
  const wish: RunWish = { direction, extent, phase, despite, ...(bundle === undefined ? {} : { bundle }) };
  if (words.flag('locks')) return tryOut(session, project, wish);
  if (isDryRun) return dryRun(session, project, wish);
  const { onEvent, agree } = hooksOf(session, direction);
  const ran = await runMigrations(
    session.on(project),
    {
      ...wish,
      ...(interrupted === undefined ? {} : { interrupted }),
      ...(expected === undefined ? {} : { expectedDigest: expected }),
    },
    { onEvent, agree, signal: terminal.signal },
  );
  switch (ran.kind) {
    case 'refused':
      throw refusalError(ran.reason);
    case 'not-started':
      return notStarted(session, ran);
    case 'declined':
      return declined(session);
    case 'ended':
      return exitOf(session, ran.done, format === 'json');
    default:
      return assertNever(ran);
  }
}

/** What `--bundle` names: a bundle, or the folder in which one is found or built. */
async function bundleOf(
  { arguments: words, machine, root }: Session,
  project: FolderProject,
): Promise<Bundle | undefined> {
  const given = words.text('bundle');
  if (given === undefined) return undefined;
  if (!hasBundles(project)) throw new UsageError(`${project.tool.title} has no bundles: leave --bundle out`);
  const { files } = machine;
  const absolute = resolve(root, given);
  const entries = await files.readDirectory(absolute).catch(() => undefined);
  if (entries === undefined) return { path: absolute, name: given, isThere: await files.exists(absolute) };
  const found = entries.find(({ name, kind }) => kind === 'file' && BUNDLE.test(name))?.name;
  const name = found ?? 'efbundle';
  return { path: `${absolute}/${name}`, name: `${given.replace(/\/$/, '')}/${name}`, isThere: found !== undefined };
}

/** Names that EF Core gives its bundles. */
const BUNDLE = /^efbundle(?:\.exe)?$/;

/** Whoever cannot be asked about a run has to say yes beforehand, unless nothing runs. */
function demandAnswerToRun(session: Session, direction: 'up' | 'down'): void {
  if (session.arguments.flag('dry-run')) return;
  demandAnswer(
    session,
    `${direction === 'up' ? 'apply' : 'revert'} changes the database`,
    ', or --dry-run to see what would run',
  );
}

/** What tells a run, and asks before it. */
function hooksOf(
  session: Session,
  direction: 'up' | 'down',
): { readonly onEvent: (event: RunEvent) => void; readonly agree: Agreement } {
  const { terminal, arguments: words } = session;
  const format = words.choice('format', ['text', 'json']);
  const agree: Agreement = async ({ database, environment, ids, losses }) => {
    // Whoever said yes beforehand wants what there is to do then; whoever was asked wants what was shown.
    if (words.flag('yes')) {
      // What is gone afterwards stands in the log of whoever did not look before.
      if (format === 'text' && losses.some((each) => each.losses.length > 0))
        terminal.writeError(`Reverting on ${database}:\n${withLosses(ids, losses)}\n`);
      return 'what-is-due';
    }
    if (ids.length === 0) return 'as-shown';
    terminal.writeError(
      `${direction === 'up' ? 'To apply to' : 'To revert on'} ${database}:\n${withLosses(ids, losses)}\n`,
    );
    // The name that is typed next is the answer.
    if (environment === PROTECTED) return 'as-shown';
    return (await terminal.confirm(direction === 'up' ? 'Apply?' : 'Revert?')) ? 'as-shown' : 'no';
  };
  return { onEvent: eventWriter(session), agree };
}

/** Writes what happens in a run, as lines or as JSON. */
export function eventWriter({ terminal, arguments: words, colors }: Session): (event: RunEvent) => void {
  const format = words.choice('format', ['text', 'json']);
  return (event) => terminal.write(format === 'json' ? `${JSON.stringify(event)}\n` : eventText(event, colors));
}

async function dryRun(session: Session, project: FolderProject, wish: RunWish): Promise<number> {
  const { terminal, arguments: words } = session;
  const format = words.choice('format', ['text', 'json']);
  const planned = await planMigrations(session.on(project), wish, terminal.signal);
  if (planned.kind === 'refused') throw refusalError(planned.reason);
  if (planned.kind === 'not-started') return notStarted(session, planned);
  const { ids, losses, sql, digest, notes, transactions } = planned;
  const { direction } = wish;
  terminal.write(
    format === 'json'
      ? `${JSON.stringify({ ...doneEvent(direction, { notRun: ids }), dryRun: true, ...(direction === 'down' ? { losses } : {}), sql, digest, notes, ...(transactions === undefined ? {} : { transactions }) })}\n`
      : ids.length === 0
        ? 'Nothing to do.\n'
        : `${notes.map((note) => `-- Note: ${note}\n`).join('')}${direction === 'down' ? commented(withLosses(ids, losses)) : ''}${sql}${heldText(transactions ?? []).replaceAll(/^(?=.)/gm, '-- ')}\n-- Just this is run by: lockstep ${direction === 'up' ? 'apply' : 'revert'} ... --expect ${digest}\n`,
  );
  return EXIT.done;
}

/** `--dry-run --locks`: what is due is done in a transaction that is rolled back. */
async function tryOut(session: Session, project: FolderProject, wish: RunWish): Promise<number> {
  const { terminal, arguments: words, colors } = session;
  const format = words.choice('format', ['text', 'json']);
  if (!words.flag('yes')) {
    demandAnswer(session, '--locks takes the locks that a run would take, for which others wait,');
    const question = 'The locks are really taken until it is rolled back, and others wait for them. Try it?';
    if (!(await terminal.confirm(question))) return declined(session);
  }
  const ended = await tryMigrations(session.on(project), wish, {
    onEvent: (event) => {
      if (event.event === 'waiting') terminal.writeError(eventText(event, colors));
    },
    signal: terminal.signal,
  });
  if (ended.kind === 'refused') throw refusalError(ended.reason);
  if (ended.kind === 'not-started') return notStarted(session, ended);
  const { tried } = ended;
  terminal.write(
    format === 'json'
      ? `${JSON.stringify({ schemaVersion: SCHEMA_VERSION, dryRun: true, ...tried })}\n`
      : triedText(tried),
  );
  return tried.failed !== null ? EXIT.failed : tried.notTried !== null ? EXIT.stopped : EXIT.done;
}

/** Each migration with what it destroys below it. */
export function withLosses(ids: readonly string[], all: PlannedRun['losses']): string {
  return ids
    .flatMap((id) => [`  ${id}`, ...(all.find((each) => each.id === id)?.losses ?? []).map((loss) => `      ${loss}`)])
    .join('\n');
}

function commented(text: string): string {
  return `-- To revert, in this order:\n${text.replaceAll(/^/gm, '--')}\n\n`;
}

export function notStarted({ terminal }: Session, { why }: NotStarted): number {
  terminal.writeError(`lockstep: ${noRunWords(why)}\n`);
  return why.kind === 'stopped' ? EXIT.stopped : EXIT.failed;
}

/** Exit code of a run; what kept it from its end is said on standard error where the events have not said it. */
export function exitOf({ terminal }: Session, done: DoneEvent, saysFailure: boolean): number {
  if (done.failed !== null) {
    if (saysFailure)
      terminal.writeError(
        `lockstep: ${done.failed.id === '' ? '' : `${done.failed.id} failed: `}${done.failed.message}\n`,
      );
    return done.refusal === 'locked' ? EXIT.locked : done.refusal === 'database' ? EXIT.database : EXIT.failed;
  }
  if (done.stopped !== null) {
    terminal.writeError(`lockstep: ${done.stopped.message}\n`);
    return EXIT.stopped;
  }
  return EXIT.done;
}

/** `apply --script FILE`, `revert --script FILE`: what a tool made to be run more than once, by Lockstep's own driver. */
async function runScriptFile(session: Session, direction: 'up' | 'down', path: string): Promise<number> {
  const { terminal, arguments: words } = session;
  const without = ['phase', 'interrupted', 'despite', 'bundle', 'expect'].find(
    (name) => words.text(name) !== undefined || words.list(name).length > 0,
  );
  if (without !== undefined)
    throw new UsageError(`--${without} is about migrations of a project, not about a script: leave it out`);
  demandAnswerToRun(session, direction);
  const format = words.choice('format', ['text', 'json']);
  const text = await session.fileOf(path);
  const { projects } = await session.open();
  const named = session.databaseFor(projects);
  const engine = (await session.machine.loadEngines())[named.target.dialect];
  const wish = readScript({ path, text, direction, named, engine, projects });
  if (wish.kind === 'no-script') throw new UsageError(`${path}: ${asReason(wish.why)}`);
  if (words.flag('dry-run')) {
    const planned = await planScript(session.outside(), wish, terminal.signal);
    if (planned.kind === 'refused') throw refusalError(planned.reason);
    const done = planned.refused ?? doneEvent(direction, { notRun: planned.ids });
    if (format === 'json') terminal.write(`${JSON.stringify({ ...done, dryRun: true, sql: text })}\n`);
    else if (planned.refused !== undefined) terminal.write(eventText(planned.refused, session.colors));
    else
      terminal.write(
        planned.ids.length === 0
          ? 'Nothing to do.\n'
          : `${direction === 'up' ? 'To apply' : 'To revert'}, of ${wish.script.ids.length} in ${path}:\n${withLosses(planned.ids, [])}\n`,
      );
    return exitOf(session, done, format === 'json');
  }
  const hooks = { ...hooksOf(session, direction), confirmName: session.confirmName(), signal: terminal.signal };
  const ran = await applyScript(session.outside(), wish, hooks);
  switch (ran.kind) {
    case 'refused':
      throw refusalError(ran.reason);
    case 'declined':
      return declined(session);
    case 'ended':
      return exitOf(session, ran.done, format === 'json');
    default:
      return assertNever(ran);
  }
}
