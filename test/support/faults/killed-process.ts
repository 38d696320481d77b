import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { RunEvent } from '../../../server/runner/report.ts';
import { bundleForNode } from '../bundle.ts';
import type { VictimRun } from './victim.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** The process that runs migrations, bundled from the sources as they are; the folder goes when it is disposed of. */
export interface Victims extends Disposable {
  /**
   * Starts it, and kills it `delayMs` after it has printed `lines` events, or lets it end where it prints fewer. Gives the
   * events of each run as far as they were printed.
   */
  kill(runs: readonly VictimRun[], lines: number, delayMs: number): Promise<KilledRuns>;
}

export interface KilledRuns {
  readonly wasKilled: boolean;
  readonly events: readonly (readonly RunEvent[])[];
}

/** Bundles it for one test file. */
export async function buildVictims(): Promise<Victims> {
  const folder = path.join(root, 'dist/test', `victim-${process.pid}`);
  const victim = await bundleForNode('victim', path.join(import.meta.dirname, 'victim.ts'), folder);
  return {
    kill: (runs, lines, delayMs) => killOnce(victim, runs, lines, delayMs),
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function killOnce(file: string, runs: readonly VictimRun[], lines: number, delayMs: number): Promise<KilledRuns> {
  const child = spawn(process.execPath, [file, JSON.stringify(runs)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (_code, signal) => resolve(signal));
  });
  const events: RunEvent[][] = runs.map(() => []);
  let seen = 0;
  let rest = '';
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      if (part === 'ready') {
        child.stdin.write('go\n');
        if (lines === 0) void setTimeout(delayMs).then(kill);
        continue;
      }
      // Only the process itself writes here.
      const { lane, event } = JSON.parse(part) as { readonly lane: number; readonly event: RunEvent };
      events[lane]?.push(event);
      if (++seen === lines) void setTimeout(delayMs).then(kill);
    }
  });
  return { wasKilled: (await ended) === 'SIGKILL', events };
}
