import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { Connection } from '../../../server/drivers/driver.ts';

/**
 * What happens at a call that a run makes on its connection: the session's process is killed before it, so that it is never
 * sent, or after it was answered; `alone` leaves the run to say what it knows, `whole` ends the run with it, as when its own
 * process is killed.
 */
export interface Interruption {
  /** 0-based, counted from the moment at which the lock is held. */
  readonly call: number;
  readonly place: 'before' | 'after';
  readonly dies: 'alone' | 'whole';
}

/** What a run whose process is killed ends in: nothing that it could catch and tell. */
export class ProcessEnded extends Error {
  constructor() {
    super('the process was killed');
    this.name = 'ProcessEnded';
  }
}

/** Calls that reach the database. */
const CALLS: ReadonlySet<string> = new Set([
  'query',
  'execute',
  'begin',
  'beginWork',
  'commit',
  'endWork',
  'executeAll',
  'rollback',
  'resetSession',
  'regainRole',
  'setLockTimeout',
]);

/** A real connection that is interrupted once. */
export function interrupted(connection: Connection, interruption: Interruption): Connection {
  let isLocked = false;
  let isEnded = false;
  let calls = 0;
  const strike = async (): Promise<void> => {
    await killChildren();
    if (interruption.dies === 'whole') isEnded = true;
  };
  const watched = new Proxy(connection, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      // What answers at once is asked of this process alone.
      if (key === 'transactionState') return member.bind(target);
      return (...parameters: unknown[]) => call(target, key, member, parameters);
    },
  });
  async function call(
    target: Connection,
    name: string | symbol,
    member: unknown,
    parameters: unknown[],
  ): Promise<unknown> {
    // Every member of a connection that is a function is one of the interface's.
    const real = (): Promise<unknown> => (member as (...all: unknown[]) => Promise<unknown>).apply(target, parameters);
    if (isEnded) throw new ProcessEnded();
    if (name === 'lockMigrations') {
      const lock = await real();
      isLocked = true;
      return lock;
    }
    const isHere = isLocked && CALLS.has(String(name)) && calls++ === interruption.call;
    if (isHere && interruption.place === 'before') {
      await strike();
      if (isEnded) throw new ProcessEnded();
    }
    const answer = await real();
    if (isHere && interruption.place === 'after') {
      await strike();
      if (isEnded) throw new ProcessEnded();
    }
    return answer;
  }
  return watched;
}

/** Processes that this one has started, in which SQLite's sessions live. */
function children(): readonly number[] {
  const tasks = `/proc/${process.pid}/task`;
  return readdirSync(tasks).flatMap((task) =>
    readFileSync(`${tasks}/${task}/children`, 'utf8')
      .split(' ')
      .filter((text) => text !== '')
      .map(Number),
  );
}

/** Whether this platform tells which processes this one has started. */
export function canKillChildren(): boolean {
  return process.platform === 'linux';
}

async function killChildren(): Promise<void> {
  const found = children();
  for (const pid of found) process.kill(pid, 'SIGKILL');
  while (children().some((pid) => found.includes(pid))) await setTimeout(2);
}
