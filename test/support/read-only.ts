import { spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Makes a folder that takes no new files, for root too (by chattr of e2fsprogs); ends with its undo. Errors: throws where the machine cannot. */
export function makeReadOnly(folder: string): Disposable {
  accessSync(folder, constants.W_OK);
  const immutable = (sign: '+' | '-'): void => {
    // Permissions bind everyone but root.
    if (process.getuid?.() === 0) spawnSync('/usr/bin/chattr', [`${sign}i`, folder]);
  };
  chmodSync(folder, 0o555);
  immutable('+');
  const undo = (): void => {
    immutable('-');
    chmodSync(folder, 0o755);
  };
  const probe = path.join(folder, '.probe');
  try {
    writeFileSync(probe, '');
  } catch {
    return { [Symbol.dispose]: undo };
  }
  rmSync(probe);
  undo();
  throw new Error(
    'this machine makes no folder read-only for its root: run the tests as another user, or install chattr',
  );
}
