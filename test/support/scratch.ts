import { chmodSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import path from 'node:path';

/** Linux's file system in memory: a database is made there in a tenth of the time that a disk takes. */
const MEMORY = '/dev/shm';
/** Bytes that must be free there: what the servers of two test files hold, several times over. */
const LEAST_FREE = 6 * 2 ** 30;
const NAME = /^lockstep-test-(\d+)-/;

function isRoomy(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= LEAST_FREE;
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** What runs that were killed left behind would stay in memory until the machine is started again. */
function clearLeftovers(): void {
  for (const name of readdirSync(MEMORY)) {
    const pid = NAME.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(path.join(MEMORY, name), { recursive: true, force: true });
  }
}

let folder: string | undefined;

/** Vitest's global set-up: where there is room, temporary folders of the tests and of all that they start lie in memory. */
export function setup(): void {
  if (process.env['TMPDIR'] !== undefined || !isRoomy()) return;
  clearLeftovers();
  folder = mkdtempSync(path.join(MEMORY, `lockstep-test-${process.pid}-`));
  // Servers run as another user and look for their own folders below it.
  chmodSync(folder, 0o755);
  process.env['TMPDIR'] = folder;
}

export function teardown(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}
