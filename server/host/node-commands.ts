import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Commands } from '../core/ports.ts';

/** How long a program that was asked to end may take. */
const GRACE_MS = 10_000;

const NO_PROGRAM: ReadonlySet<string> = new Set(['ENOENT', 'EACCES', 'ENOEXEC']);

/** Programs of this machine. */
export const nodeCommands: Commands = {
  run: ({ command, words, folder, environment }, onLine, signal) =>
    new Promise((resolve, reject) => {
      const isWindows = process.platform === 'win32';
      const child = spawn(command, words, {
        cwd: folder,
        env: { ...process.env, ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
        // A group of its own, so that what the program starts ends with it.
        detached: !isWindows,
      });
      const end = (name: NodeJS.Signals): void => {
        if (child.pid === undefined) return;
        try {
          if (isWindows) child.kill();
          else process.kill(-child.pid, name);
        } catch {
          // It has ended meanwhile.
        }
      };
      let forced: NodeJS.Timeout | undefined;
      const stop = (): void => {
        end('SIGINT');
        forced = setTimeout(() => end('SIGKILL'), GRACE_MS);
      };
      for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine);
      if (signal?.aborted === true) stop();
      signal?.addEventListener('abort', stop, { once: true });
      const settle = (): void => {
        clearTimeout(forced);
        signal?.removeEventListener('abort', stop);
      };
      child.once('error', (error: NodeJS.ErrnoException) => {
        settle();
        // A file that is no program of this machine is none to it.
        if (NO_PROGRAM.has(error.code ?? '')) resolve({ kind: 'missing' });
        else reject(error);
      });
      child.once('close', (code) => {
        settle();
        resolve(signal?.aborted === true ? { kind: 'cancelled' } : { kind: 'ended', code: code ?? 1 });
      });
    }),
};
