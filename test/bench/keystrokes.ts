// Opening and typing in one file over the language server protocol, beside other language servers in the same run.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ServerDriver } from './driver.ts';
import { twoMigrations } from './inputs.ts';
import { ms, percentile, ratio, table } from './measure.ts';
import { TOOLS, type Tool } from './tools.ts';

const SIZES = [10, 200, 1_000] as const;
const KEYSTROKES = 200;
/** The first keystrokes meet code that is not compiled yet: typed, not counted. */
const WARM_UP = 40;
const STARTS = 5;
const EARLIER = 'migrations/0001_tables.up.sql';
const FILE = 'migrations/0002_changes.up.sql';

interface Row {
  readonly findings: number;
  readonly opened: number;
  readonly p50: number;
  readonly p95: number;
  readonly memory: number;
}

function scratch([earlier, text]: readonly [string, string]): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-bench-'));
  mkdirSync(path.join(folder, 'migrations'));
  writeFileSync(path.join(folder, 'lockstep.jsonc'), '{ "dialect": "postgresql" }');
  writeFileSync(path.join(folder, EARLIER), earlier);
  writeFileSync(path.join(folder, FILE), text);
  return folder;
}

async function typing(tool: Tool, size: number): Promise<Row> {
  const texts = twoMigrations(size);
  const [, text] = texts;
  const folder = scratch(texts);
  try {
    await using driver = await ServerDriver.start(tool.server, folder);
    const started = performance.now();
    const findings = await driver.open(FILE, text);
    const opened = performance.now() - started;
    // Typed within the name of a new column in the middle of the file.
    const lines = text.split('\n');
    const places = lines.flatMap((candidate, index) =>
      candidate.startsWith('ALTER TABLE') && candidate.includes(' ADD COLUMN ') ? [index] : [],
    );
    const line = places[Math.floor(places.length / 2)];
    if (line === undefined) throw new Error('the file adds no column');
    const character = (lines[line] ?? '').indexOf(' ADD COLUMN ') + ' ADD COLUMN '.length + 1;
    const taken: number[] = [];
    for (let stroke = 0; stroke < WARM_UP + KEYSTROKES; stroke++) {
      const start = performance.now();
      // One letter typed, the next time taken back.
      const [length, letter] = stroke % 2 === 0 ? ([0, 'x'] as const) : ([1, ''] as const);
      await driver.change(FILE, stroke + 2, line, character, length, letter);
      if (stroke >= WARM_UP) taken.push(performance.now() - start);
    }
    return { findings, opened, p50: percentile(taken, 0.5), p95: percentile(taken, 0.95), memory: driver.peakMemory() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** From the start of the process to the diagnostics of a file that is opened at once. */
async function coldStart(tool: Tool): Promise<number> {
  const texts = twoMigrations(10);
  const folder = scratch(texts);
  try {
    const taken: number[] = [];
    for (let start = 0; start < STARTS; start++) {
      const started = performance.now();
      await using driver = await ServerDriver.start(tool.server, folder);
      await driver.open(FILE, texts[1]);
      taken.push(performance.now() - started);
    }
    return percentile(taken, 0.5);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Markdown: one table a measure, ratios against Lockstep. */
export async function keystrokes(): Promise<string> {
  const starts = new Map<string, number>();
  for (const tool of TOOLS) starts.set(tool.name, await coldStart(tool));
  const ours = starts.get('Lockstep') ?? Number.NaN;
  const parts = [
    '### Start of the process to the first diagnostics',
    '',
    table(
      ['', 'ms', 'ratio'],
      TOOLS.map((tool) => [
        tool.name,
        ms(starts.get(tool.name) ?? Number.NaN),
        ratio(ours, starts.get(tool.name) ?? Number.NaN),
      ]),
    ),
    '',
  ];
  for (const size of SIZES) {
    const rows = new Map<string, Row>();
    for (const tool of TOOLS) rows.set(tool.name, await typing(tool, size));
    const first = rows.get('Lockstep');
    if (first === undefined) throw new Error('Lockstep was not measured');
    parts.push(
      `### One file of ${size.toLocaleString('en')} statements`,
      '',
      table(
        ['', 'findings', 'open, ms', 'keystroke p50, ms', 'keystroke p95, ms', 'ratio of p95', 'peak memory, MB'],
        [...rows].map(([name, row]) => [
          name,
          String(row.findings),
          ms(row.opened),
          ms(row.p50),
          ms(row.p95),
          ratio(first.p95, row.p95),
          row.memory.toFixed(0),
        ]),
      ),
      '',
    );
  }
  return parts.join('\n');
}
