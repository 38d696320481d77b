// One table of two checkouts, measured in turn: node test/bench/before-after.ts BEFORE [AFTER] [--rounds=5]
// Both are built first (`npm run build`). Only the built programs are started, so that any two versions can be compared.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ServerDriver } from './driver.ts';
import { migrationFolder, twoMigrations } from './inputs.ts';
import { ms, percentile, table } from './measure.ts';

const KEYSTROKES = 200;
const WARM_UP = 40;
const SIZES = [10, 200, 1_000] as const;
const MANY = 1_000;
const WORKSPACE = 10_000;
/** Kernel's clock ticks in a second, which Linux fixes for programs. */
const TICKS = 100;
const REFUSALS = 'statement-not-supported';
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const EARLIER = 'migrations/0001_tables.up.sql';
const FILE = 'migrations/0002_changes.up.sql';

interface Checkout {
  readonly root: string;
  readonly codes: readonly string[];
}

/** Milliseconds that passed, and that the program computed. */
interface Taken {
  readonly wall: number;
  readonly cpu: number;
}

/** What the keys do: put a letter in and take it out again, or change it to one that was not there lately. */
type Typed = 'taken-back' | 'other';

/** Which rules run: none, those that both versions have, or what each recommends. */
type RuleSet = 'none' | 'shared' | 'own';

function checkout(root: string): Checkout {
  const schema = readFileSync(path.join(root, 'media/lockstep.schema.json'), 'utf8');
  // The keys of the rules' settings, wherever the schema of that version has them.
  const found = new Set<string>();
  JSON.parse(schema, (key, value: unknown) => {
    if (key === 'rules' && typeof value === 'object' && value !== null && 'properties' in value)
      for (const code of Object.keys(value.properties ?? {})) found.add(code);
    return value;
  });
  if (found.size === 0) throw new Error(`${root} lists no rules`);
  return { root, codes: [...found] };
}

/** Text of `lockstep.jsonc` for a version. */
function settings(own: Checkout, both: readonly string[], set: RuleSet): string {
  const off = set === 'none' ? own.codes : set === 'shared' ? own.codes.filter((code) => !both.includes(code)) : [];
  return JSON.stringify({ dialect: 'postgresql', rules: Object.fromEntries(off.map((code) => [code, 'off'])) });
}

/** Processor time of a running process in milliseconds: of all its threads, which the kernel counts in nanoseconds. */
function cpuOf(pid: number): number {
  let taken = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`))
    taken += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  return taken / 1_000_000;
}

/** The same of all children that have ended, in clock ticks. */
function cpuOfEnded(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return ((Number(fields[13]) + Number(fields[14])) * 1_000) / TICKS;
}

async function withFolder<Result>(
  files: Iterable<readonly [string, string]>,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-bench-'));
  try {
    mkdirSync(path.join(folder, 'migrations'));
    for (const [name, text] of files) writeFileSync(path.join(folder, name), text);
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function serverOf({ root }: Checkout): readonly [string, ...string[]] {
  // With the flag that the extension starts it with.
  return [process.execPath, '--max-semi-space-size=8', path.join(root, 'dist/server.cjs'), '--stdio'];
}

/** Start to the first diagnostics, and a keystroke, in a file of so many statements. */
async function typing(
  own: Checkout,
  config: string,
  size: number,
  typed: Typed = 'taken-back',
): Promise<readonly [start: Taken, stroke: Taken]> {
  const [earlier, text] = twoMigrations(size);
  return withFolder(
    [
      ['lockstep.jsonc', config],
      [EARLIER, earlier],
      [FILE, text],
    ],
    async (folder) => {
      const started = performance.now();
      await using driver = await ServerDriver.start(serverOf(own), folder);
      await driver.open(FILE, text);
      const start = { wall: performance.now() - started, cpu: cpuOf(driver.pid) };
      const lines = text.split('\n');
      const places = lines.flatMap((line, index) => (line.includes(' ADD COLUMN ') ? [index] : []));
      const line = places[Math.floor(places.length / 2)] ?? 0;
      const character = (lines[line] ?? '').indexOf(' ADD COLUMN ') + ' ADD COLUMN '.length + 1;
      const taken: number[] = [];
      let cpu = 0;
      for (let stroke = 0; stroke < WARM_UP + KEYSTROKES; stroke++) {
        if (stroke === WARM_UP) cpu = cpuOf(driver.pid);
        const began = performance.now();
        const [length, letter] =
          typed === 'other'
            ? ([stroke === 0 ? 0 : 1, LETTERS[stroke % LETTERS.length] ?? ''] as const)
            : stroke % 2 === 0
              ? ([0, 'x'] as const)
              : ([1, ''] as const);
        await driver.change(FILE, stroke + 2, line, character, length, letter);
        if (stroke >= WARM_UP) taken.push(performance.now() - began);
      }
      return [start, { wall: percentile(taken, 0.5), cpu: (cpuOf(driver.pid) - cpu) / KEYSTROKES }];
    },
  );
}

/** `lint` of a whole folder by the command line. */
function linting(own: Checkout, config: string): Promise<Taken> {
  const files = [...migrationFolder(MANY)].map(([name, text]) => [`migrations/${name}`, text] as const);
  return withFolder([['lockstep.jsonc', config], ...files], async (folder) => {
    const cpu = cpuOfEnded();
    const started = performance.now();
    await new Promise<void>((resolve, reject) => {
      spawn(process.execPath, [path.join(own.root, 'dist/cli.cjs'), 'lint', '--format', 'json'], {
        cwd: folder,
        stdio: 'ignore',
      })
        .once('error', reject)
        .once('exit', () => resolve());
    });
    return { wall: performance.now() - started, cpu: cpuOfEnded() - cpu };
  });
}

/** Start to the findings of the newest of many migrations, and a keystroke in it. */
function manyMigrations(own: Checkout, config: string): Promise<readonly [start: Taken, stroke: Taken]> {
  const files = [...migrationFolder(WORKSPACE)].map(([name, text]) => [`migrations/${name}`, text] as const);
  return withFolder([['lockstep.jsonc', config], ...files], async (folder) => {
    const [name, text] = files.findLast(([file]) => file.endsWith('.up.sql')) ?? ['', ''];
    const started = performance.now();
    await using driver = await ServerDriver.start(serverOf(own), folder);
    await driver.open(name, text);
    const start = { wall: performance.now() - started, cpu: cpuOf(driver.pid) };
    const before = cpuOf(driver.pid);
    const taken: number[] = [];
    for (let stroke = 0; stroke < KEYSTROKES; stroke++) {
      const began = performance.now();
      await driver.change(name, stroke + 2, 0, 0, stroke % 2, stroke % 2 === 0 ? ' ' : '');
      taken.push(performance.now() - began);
    }
    return [start, { wall: percentile(taken, 0.5), cpu: (cpuOf(driver.pid) - before) / KEYSTROKES }];
  });
}

const words = process.argv.slice(2);
const [before, after = path.resolve(import.meta.dirname, '../..')] = words.filter((word) => !word.startsWith('--'));
const rounds = Number(words.find((word) => word.startsWith('--rounds='))?.slice('--rounds='.length) ?? 5);
if (before === undefined) {
  console.error('node test/bench/before-after.ts BEFORE [AFTER] [--rounds=5]: name the checkout to compare with');
  process.exit(2);
}
const sides = [checkout(path.resolve(before)), checkout(path.resolve(after))] as const;
const both = sides[0].codes.filter((code) => sides[1].codes.includes(code));
const rows = new Map<string, readonly [Taken[], Taken[]]>();
for (let round = 0; round < rounds; round++) {
  for (const side of [0, 1] as const) {
    const own = sides[side];
    const add = (row: string, taken: Taken): void => {
      const known = rows.get(row) ?? [[], []];
      rows.set(row, known);
      known[side].push(taken);
    };
    for (const [set, title] of [
      ['none', 'no rule'],
      ['shared', `the ${both.length} rules of both`],
      ['own', 'recommended rules of each'],
    ] as const) {
      const config = settings(own, both, set);
      for (const size of set === 'shared' ? SIZES : [1_000]) {
        const [start, stroke] = await typing(own, config, size);
        if (size === 10) add('start to the first diagnostics', start);
        add(`keystroke, file of ${size.toLocaleString('en')}, ${title}`, stroke);
      }
    }
    const shared = settings(own, both, 'shared');
    add(
      `keystroke that was not there before, file of 10, the ${both.length} rules of both`,
      (await typing(own, shared, 10, 'other'))[1],
    );
    // The rule that has learned most since: hundreds of things that servers refuse, of which the older version knows few.
    const others = settings(
      own,
      both.filter((code) => code !== REFUSALS),
      'shared',
    );
    add(
      `keystroke that was not there before, file of 10, these without ${REFUSALS}`,
      (await typing(own, others, 10, 'other'))[1],
    );
    add(
      `lint of ${MANY.toLocaleString('en')} migrations, the ${both.length} rules of both`,
      await linting(own, shared),
    );
    const [start, stroke] = await manyMigrations(own, shared);
    add(`${WORKSPACE.toLocaleString('en')} migrations: start to the findings of the newest`, start);
    add(`${WORKSPACE.toLocaleString('en')} migrations: keystroke in the newest`, stroke);
  }
  console.error(`round ${round + 1} of ${rounds}`);
}
const middle = (taken: readonly Taken[], of: keyof Taken): number =>
  percentile(
    taken.map((each) => each[of]),
    0.5,
  );
console.log(
  table(
    ['', 'before, ms', 'after, ms', 'ratio', 'before, ms of processor', 'after', 'ratio'],
    [...rows].map(([row, [old, now]]) => [
      row,
      ...(['wall', 'cpu'] as const).flatMap((of) => [
        ms(middle(old, of)),
        ms(middle(now, of)),
        (middle(now, of) / middle(old, of)).toFixed(2),
      ]),
    ]),
  ),
);
