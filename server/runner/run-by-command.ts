import type { Clock, CommandEnd, Commands } from '../core/ports.ts';
import { withoutSecrets } from '../core/redact.ts';
import { type Connection, DatabaseError, type DatabaseTarget } from '../drivers/driver.ts';
import type { Applier, HeldLock } from '../tools/applier.ts';
import type { RunEvent, RunFailure, StatusReport } from './report.ts';
import { doneEvent, type DoneEvent, type RunnerProject } from './runner.ts';
import { readStatus } from './status.ts';

type CommandApplier = Extract<Applier, { readonly kind: 'command' }>;

/** A tool's own command, and what runs it. */
export interface CommandToRun {
  readonly applier: CommandApplier & Required<Pick<CommandApplier, 'run'>>;
  readonly commands: Commands;
}

export interface CommandRun extends CommandToRun {
  readonly project: RunnerProject & { readonly root: string };
  /** Reads the history before and after; the command opens its own. */
  readonly connection: Connection;
  readonly database: DatabaseTarget;
  readonly direction: 'up' | 'down';
  /** What a person was shown, in the order of the run. */
  readonly ids: readonly string[];
  /** What a person agreed to; where it is not the same, nothing is run. */
  readonly expectedIds?: readonly string[];
  /** How long another run's lock is waited for. */
  readonly migrationLockTimeoutMs: number;
  readonly clock: Clock;
  readonly onEvent: (event: RunEvent) => void;
  readonly signal?: AbortSignal;
}

/** Lines of a command that are kept to say what stood against it. */
const MOST_KEPT_LINES = 200;

/** Runs a tool's own command and reads the history again: that, and not what the command says, is what was done. */
export async function runByCommand(run: CommandRun): Promise<DoneEvent> {
  const { project, connection, direction, ids, applier, onEvent } = run;
  const done = (more: Partial<DoneEvent>): DoneEvent => {
    const event = doneEvent(direction, more);
    onEvent(event);
    return event;
  };
  const { expectedIds } = run;
  if (expectedIds !== undefined && expectedIds.join('\n') !== ids.join('\n'))
    return done({
      refusal: 'request',
      failed: failure('', 'Another run was here meanwhile, and something else is due now: look again, then start it.'),
      notRun: ids,
    });
  onEvent({ event: 'start', direction, ids, database: connection.label });
  if (ids.length === 0) return done({});
  const held = await lockHeld(run);
  if (held !== undefined)
    return done({
      refusal: 'locked',
      failed: failure(
        '',
        `${project.tool.title}'s own lock is held, ${held.what}: another run goes on, or one that was ended left it, which its next run would wait for without an end. Nothing was done: where no run goes on, take it away by '${held.release}', then run again.`,
      ),
      notRun: ids,
    });
  const before = await readStatus(project, connection, null);
  const started = run.clock.now().getTime();
  const printed: string[] = [];
  const onLine = (text: string): void => {
    const line = withoutSecrets(text, run.database.secrets);
    printed.push(line);
    if (printed.length > MOST_KEPT_LINES) printed.shift();
    onEvent({ event: 'output', line });
  };
  let ended: CommandEnd = { kind: 'ended', code: 0 };
  const target = targetOf(before, direction, ids);
  for (const line of applier.run({ direction, target, ids, root: project.root, database: run.database })) {
    ended = await run.commands.run(line, onLine, run.signal);
    // What comes after it builds on it.
    if (ended.kind !== 'ended' || ended.code !== 0) break;
  }
  const isWell = ended.kind === 'ended' && ended.code === 0;
  const why =
    ended.kind === 'cancelled'
      ? 'It was cancelled.'
      : isWell
        ? `"${applier.apply}" ended without an error.`
        : (applier.explain?.(ended.kind === 'missing' ? 'missing' : printed) ??
          (ended.kind === 'missing' ? `"${applier.apply}" is not on this machine.` : printed.slice(-3).join(' ')));
  const after = await readStatus(project, connection, null).catch((cause: unknown) => {
    if (cause instanceof DatabaseError) return cause;
    throw cause;
  });
  // The server goes on with what a command that was ended sent last, and holds the history as long.
  if (after instanceof DatabaseError) {
    const [first = '', ...others] = ids;
    const message = `${why} What is applied is not known, since the history could not be read: ${after.message} Look at the status once that has ended.`;
    return done({ failed: { ...failure(first, message), outcome: 'unknown' }, notRun: others });
  }
  const isThere = (id: string): boolean =>
    after.migrations.some((each) => each.id === id && each.state !== 'pending' && each.state !== 'out-of-order');
  const did = ids.filter((id) => isThere(id) === (direction === 'up'));
  const executionMs = run.clock.now().getTime() - started;
  for (const id of did) onEvent({ event: direction === 'up' ? 'applied' : 'reverted', id, executionMs });
  const rest = ids.filter((id) => !did.includes(id));
  if (isWell && rest.length === 0) return done({ applied: did });
  const [first, ...others] = rest;
  const history =
    first === undefined
      ? 'The history has all of it.'
      : `The history says that ${first} is ${direction === 'up' ? 'not applied' : 'still applied'}.`;
  const isNothing = ended.kind === 'missing';
  const left = isWell || isNothing ? undefined : await applier.heldLock?.(connection);
  const stays =
    left === undefined
      ? ''
      : ` ${project.tool.title}'s own lock is still held, ${left.what}: where no other run goes on, take it away by '${left.release}' before the next one.`;
  return done({
    applied: did,
    failed: {
      ...failure(first ?? ids.at(-1) ?? '', `${why} ${history}${stays}`),
      outcome: isNothing ? 'not-done' : first === undefined ? 'done' : 'unknown',
      rolledBack: isNothing,
    },
    notRun: others,
  });
}

const POLL_MS = 200;

/** Waits for the command's own lock, as for a run of ours: what is held still in the end; undefined where it is free. */
async function lockHeld(run: CommandRun): Promise<HeldLock | undefined> {
  const { applier, connection, project, clock, signal } = run;
  const deadline = clock.now().getTime() + run.migrationLockTimeoutMs;
  let hasTold = false;
  for (;;) {
    const held = await applier.heldLock?.(connection);
    if (held === undefined || clock.now().getTime() >= deadline || signal?.aborted === true) return held;
    if (!hasTold)
      run.onEvent({
        event: 'waiting',
        id: null,
        reason: `${project.tool.title}'s own lock is held, ${held.what}`,
        blockers: [],
      });
    hasTold = true;
    // Whoever is cancelled looks a last time.
    await clock.sleep(POLL_MS, signal).catch(() => undefined);
  }
}

function failure(id: string, message: string): RunFailure {
  return {
    id,
    statement: null,
    message,
    sqlstate: null,
    path: null,
    position: null,
    excerpt: null,
    rolledBack: false,
    outcome: 'not-done',
  };
}

/** The last migration that is applied when all of a run is done. */
function targetOf(status: StatusReport, direction: 'up' | 'down', ids: readonly string[]): string | undefined {
  if (direction === 'up') return ids.at(-1);
  const reverted = new Set(ids);
  return status.migrations.findLast(
    ({ id, state }) => !reverted.has(id) && state !== 'pending' && state !== 'out-of-order',
  )?.id;
}
