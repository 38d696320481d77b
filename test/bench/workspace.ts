// A workspace of 10,000 migrations: folding all of them, edits in the newest and in an old one, and the server's memory.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadEngines } from '../../server/host/load-engines.ts';
import { nodeFiles } from '../../server/host/node-files.ts';
import { openProjects } from '../../server/application/open-project.ts';
import { ServerDriver } from './driver.ts';
import { migrationFolder } from './inputs.ts';
import { ms, percentile, table } from './measure.ts';
import { TOOLS } from './tools.ts';

const MIGRATIONS = 10_000;
const LATER = 1_000;
const EDITS = 40;

/** Markdown: one row a measure. */
export async function workspace(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-bench-'));
  try {
    mkdirSync(path.join(folder, 'migrations'));
    writeFileSync(path.join(folder, 'lockstep.jsonc'), '{ "dialect": "postgresql" }');
    const ups: { readonly name: string; readonly text: string }[] = [];
    for (const [name, text] of migrationFolder(MIGRATIONS)) {
      writeFileSync(path.join(folder, 'migrations', name), text);
      if (name.endsWith('.up.sql')) ups.push({ name: `migrations/${name}`, text });
    }
    const newest = ups.at(-1);
    // The one that makes a table with 1,000 migrations behind it.
    const old = ups
      .filter(({ text }) => text.startsWith('CREATE TABLE'))
      .findLast((_, index) => index * 3 <= MIGRATIONS - LATER);
    if (newest === undefined || old === undefined) throw new Error('the folder is empty');
    return table(
      ['', 'measured', 'aim'],
      [...(await inProcess(folder, newest, old)), ...(await overStdio(folder, newest))],
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Named {
  readonly name: string;
  readonly text: string;
}

async function inProcess(folder: string, newest: Named, old: Named): Promise<readonly (readonly string[])[]> {
  const engines = await loadEngines();
  const started = performance.now();
  const {
    projects: [project],
  } = await openProjects({ root: folder, files: nodeFiles, engines });
  if (project === undefined) throw new Error('no project was found');
  const read = performance.now();
  project.lint(newest.name);
  const folded = performance.now();
  const edit = (file: Named, letter: number): void =>
    project.setText(
      file.name,
      `${file.text}-- ${letter}\n${letter % 2 === 0 ? '' : 'CREATE TABLE bench_extra (id bigint PRIMARY KEY);\n'}`,
    );
  const times = (file: Named): readonly number[] =>
    Array.from({ length: EDITS }, (_, index) => {
      edit(file, index);
      const start = performance.now();
      project.lint(newest.name);
      return performance.now() - start;
    });
  const inNewest = times(newest);
  const inOld = times(old);
  return [
    ['10,000 migrations: list and read the files, ms', ms(read - started), ''],
    ['fold all, to the first findings of the newest, ms', ms(folded - read), '3,000'],
    ['edit in the newest to its findings, p95, ms', ms(percentile(inNewest, 0.95)), ''],
    ['edit in the 1,000th from the end to the findings of the newest, p95, ms', ms(percentile(inOld, 0.95)), '50'],
  ];
}

async function overStdio(folder: string, newest: Named): Promise<readonly (readonly string[])[]> {
  const [ours] = TOOLS;
  if (ours === undefined) throw new Error('no tool is known');
  const started = performance.now();
  await using driver = await ServerDriver.start(ours.server, folder);
  await driver.open(newest.name, newest.text);
  const opened = performance.now() - started;
  const taken: number[] = [];
  for (let stroke = 0; stroke < EDITS; stroke++) {
    const start = performance.now();
    await driver.change(newest.name, stroke + 2, 0, 0, stroke % 2, stroke % 2 === 0 ? ' ' : '');
    taken.push(performance.now() - start);
  }
  return [
    ['server: start of the process to the findings of the newest, ms', ms(opened), ''],
    ['server: keystroke in the newest, p95, ms', ms(percentile(taken, 0.95)), '10'],
    ['server: peak memory, MB', driver.peakMemory().toFixed(0), '250'],
  ];
}
