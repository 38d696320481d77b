// `lint` of a folder of 1,000 migrations, beside the command lines of other linters in the same run.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrationFolder } from './inputs.ts';
import { ms, peakMemory, percentile, ratio, table } from './measure.ts';
import { TOOLS, type Tool } from './tools.ts';

const MIGRATIONS = 1_000;
const RUNS = 5;
/** How often the memory of a running program is read: the system keeps the peak, so only the end matters. */
const MEMORY_EVERY_MS = 10;

/** Milliseconds and megabytes of one run. */
function once(tool: Tool, folder: string): Promise<{ readonly taken: number; readonly memory: number }> {
  const [command, ...words] = tool.commandLine;
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, words, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
    let memory = 0;
    let printed = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.length;
    });
    const timer = setInterval(() => {
      memory = Math.max(memory, peakMemory(child.pid ?? 0));
    }, MEMORY_EVERY_MS);
    child.once('error', reject);
    child.once('close', () => {
      clearInterval(timer);
      if (printed === 0) reject(new Error(`${tool.name} printed nothing`));
      else resolve({ taken: performance.now() - started, memory });
    });
  });
}

/** Markdown: wall time and peak memory. */
export async function commandLine(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-bench-'));
  try {
    mkdirSync(path.join(folder, 'migrations'));
    writeFileSync(path.join(folder, 'lockstep.jsonc'), '{ "dialect": "postgresql" }');
    for (const [name, text] of migrationFolder(MIGRATIONS)) writeFileSync(path.join(folder, 'migrations', name), text);
    const rows = new Map<string, { readonly taken: number; readonly memory: number }>();
    for (const tool of TOOLS) {
      const taken: number[] = [];
      let memory = 0;
      for (let run = 0; run < RUNS; run++) {
        const result = await once(tool, folder);
        taken.push(result.taken);
        memory = Math.max(memory, result.memory);
      }
      rows.set(tool.name, { taken: percentile(taken, 0.5), memory });
    }
    const ours = rows.get('Lockstep');
    if (ours === undefined) throw new Error('Lockstep was not measured');
    return `${table(
      [
        '',
        `${MIGRATIONS.toLocaleString('en')} migrations (two files each), ms`,
        'ratio',
        'peak memory, MB',
        'ratio of memory',
      ],
      [...rows].map(([name, row]) => [
        name,
        ms(row.taken),
        ratio(ours.taken, row.taken),
        row.memory.toFixed(0),
        ratio(ours.memory, row.memory),
      ]),
    )}\n`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
