// What a file costs that gives one table a column with each statement, more of them than any server takes.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadEngines } from '../../server/host/load-engines.ts';
import { openProjects } from '../../server/application/open-project.ts';
import { cpuMs } from '../support/cpu-time.ts';
import { MemoryFiles } from '../support/memory-files.ts';
import { ms, table } from './measure.ts';

const COUNTS = [1_000, 5_000, 20_000];
const FILE = 'migrations/0001_columns.up.sql';
const MEGABYTE = 1024 * 1024;

/** Bytes that are held once the collector has been. */
function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  return process.memoryUsage().heapUsed;
}

/** Markdown: one row for each number of statements. */
export async function oneTable(): Promise<string> {
  const engines = await loadEngines();
  const rows: (readonly string[])[] = [];
  for (const count of COUNTS) {
    const columns = Array.from({ length: count }, (_, index) => `ALTER TABLE wide ADD COLUMN c${index} int;\n`);
    const files = new MemoryFiles({
      '/bench/lockstep.jsonc': '{ "dialect": "postgresql" }',
      [`/bench/${FILE}`]: `CREATE TABLE wide (id bigint PRIMARY KEY);\n${columns.join('')}`,
    });
    const before = heapAfterCollection();
    const start = cpuMs();
    const { projects } = await openProjects({ root: '/bench', files, engines });
    projects[0]?.lint(FILE);
    const took = cpuMs() - start;
    const held = (heapAfterCollection() - before) / MEGABYTE;
    // What is measured must still be there.
    if (projects[0]?.textOf(FILE) === undefined) throw new Error('no project was found');
    rows.push([String(count), ms(took), ms((1_000 * took) / count), held.toFixed(0)]);
  }
  return `Computing time to open and lint a file of so many \`ALTER TABLE wide ADD COLUMN\`:\n\n${table(
    ['statements', 'ms', 'ms for each 1,000', 'heap held, MB'],
    rows,
  )}\n`;
}
