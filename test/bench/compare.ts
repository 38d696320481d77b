// Runs Lockstep, squawk and Postgres Language Server over the labelled corpus and prints what each finds, misses and objects to wrongly.
//   node test/bench/compare.ts [--list]
// Style and hygiene rules of every tool are left out (names, types, timeouts, IF EXISTS): the corpus labels hazards only.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { readCorpus, type CorpusCase } from './corpus.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const root = path.resolve(import.meta.dirname, '../..');
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Rules about style and hygiene, in the words of squawk and Postgres Language Server. */
const HYGIENE =
  /^(?:prefer-|require-.*timeout|require-table-schema|identifier-too-long)|(?:prefer[A-Z]|[Tt]imeout|Robust|multipleAlterTable)/;

/** The corpus's words for what happens. */
const KINDS: Readonly<Record<string, string>> = {
  compatibility: 'the running version breaks',
  data: 'data is lost or goes wrong',
  error: 'the server refuses it',
  lock: 'others wait for a lock that is kept',
  rewrite: 'a table or index is written anew',
  rows: 'many rows are locked',
  scan: 'a table is read whole under a lock',
};

/** Codes that a tool reports for each case, by the case's name. */
type Reports = ReadonlyMap<string, readonly string[]>;

interface Contestant {
  readonly name: string;
  readonly version: string;
  readonly reports: Reports;
}

/** Standard output of a program that exits with a number above 0 where it finds something. */
async function outputOf(file: string, words: readonly string[], folder: string): Promise<string> {
  try {
    return (await run(file, [...words], { cwd: folder, maxBuffer: MOST_OUTPUT_BYTES })).stdout;
  } catch (error) {
    // A failed child's error carries what it wrote.
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
    if (stdout === undefined || stdout === '')
      throw new Error(`${path.basename(file)} failed: ${stderr ?? ''}`, { cause: error });
    return stdout;
  }
}

function fileNameOf(each: CorpusCase): string {
  return `${each.name.replace('/', '--')}.sql`;
}

/** Each case a folder of migrations of its own, linted by the command line in one run; errors and warnings count. */
async function lockstep(cases: readonly CorpusCase[], scratch: string): Promise<Contestant> {
  const folder = path.join(scratch, 'lockstep');
  const migrations = cases.map((each) => {
    const name = each.name.replace('/', '--');
    mkdirSync(path.join(folder, name), { recursive: true });
    for (const [index, sql] of [...each.earlier, each.sql].entries()) {
      // An earlier migration is on its own wherever that matters; only the last one is judged.
      const isConcurrent = index < each.earlier.length ? /\bconcurrently\b/i.test(sql) : !each.inTransaction;
      writeFileSync(
        path.join(folder, name, `${String(index + 1).padStart(4, '0')}_step.up.sql`),
        `${isConcurrent ? '-- lockstep: no-transaction\n' : ''}${sql}\n`,
      );
    }
    return { folder: name, serverVersion: String(each.version), dialect: 'postgresql' };
  });
  writeFileSync(path.join(folder, 'lockstep.jsonc'), JSON.stringify({ migrations }));
  const output = await outputOf(
    process.execPath,
    [path.join(root, 'server/cli/main.ts'), 'lint', '--format', 'json', '--fail-on', 'never'],
    folder,
  );
  // The command line's own contract.
  const report = JSON.parse(output) as {
    readonly files: readonly {
      readonly path: string;
      readonly findings: readonly { readonly code: string; readonly severity: string }[];
    }[];
  };
  const reports = new Map<string, readonly string[]>();
  for (const each of cases) {
    const last = `${each.name.replace('/', '--')}/${String(each.earlier.length + 1).padStart(4, '0')}_step.up.sql`;
    reports.set(
      each.name,
      report.files
        .find((file) => file.path === last)
        ?.findings.filter((finding) => finding.severity === 'error' || finding.severity === 'warning')
        .map((finding) => finding.code) ?? [],
    );
  }
  return { name: 'Lockstep', version: versionOf(path.join(root, 'package.json')), reports };
}

/** Each case a file; told of the transaction and the version that the case has. */
async function squawk(cases: readonly CorpusCase[], scratch: string): Promise<Contestant> {
  const folder = path.join(scratch, 'squawk');
  mkdirSync(folder);
  const program = path.join(
    path.dirname(require.resolve(`@squawk-cli/${process.platform}-${process.arch}/package.json`)),
    `bin/squawk${process.platform === 'win32' ? '.exe' : ''}`,
  );
  const reports = new Map<string, string[]>(cases.map((each) => [each.name, []]));
  const groups = Map.groupBy(cases, (each) => `${each.version} ${each.inTransaction}`);
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    for (const each of group) writeFileSync(path.join(folder, fileNameOf(each)), `${each.sql}\n`);
    const output = await outputOf(
      program,
      [
        '--reporter',
        'json',
        `--pg-version=${first.version}.0`,
        ...(first.inTransaction ? ['--assume-in-transaction'] : []),
        ...group.map(fileNameOf),
      ],
      folder,
    );
    // squawk's JSON reporter: one entry a finding.
    for (const finding of JSON.parse(output) as readonly { readonly file: string; readonly rule_name: string }[]) {
      const each = group.find((candidate) => fileNameOf(candidate) === path.basename(finding.file));
      if (each !== undefined) reports.get(each.name)?.push(finding.rule_name);
    }
  }
  return { name: 'squawk', version: versionOf(require.resolve('squawk-cli/package.json')), reports };
}

/** Each case a file, checked by the command line with the rules that are on by default and with all of them. */
async function languageServer(cases: readonly CorpusCase[], scratch: string): Promise<Contestant> {
  const folder = path.join(scratch, 'postgres-language-server');
  mkdirSync(folder);
  const platform =
    process.platform === 'darwin' ? 'apple-darwin' : process.platform === 'win32' ? 'windows-msvc' : 'linux-gnu';
  const packageName = `@postgres-language-server/cli-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-${platform}`;
  const program = path.join(
    path.dirname(require.resolve(`${packageName}/package.json`)),
    `postgres-language-server${process.platform === 'win32' ? '.exe' : ''}`,
  );
  for (const each of cases) writeFileSync(path.join(folder, fileNameOf(each)), `${each.sql}\n`);
  writeFileSync(
    path.join(folder, 'postgres-language-server.jsonc'),
    JSON.stringify({ linter: { enabled: true, rules: { all: true } } }),
  );
  const output = await outputOf(program, ['check', '--reporter=gitlab', '--max-diagnostics=100000', '.'], folder);
  const reports = new Map<string, string[]>(cases.map((each) => [each.name, []]));
  // GitLab's code quality format.
  for (const finding of JSON.parse(output.slice(output.indexOf('['), output.lastIndexOf(']') + 1)) as readonly {
    readonly check_name?: string;
    readonly location: { readonly path: string };
  }[]) {
    const each = cases.find((candidate) => fileNameOf(candidate) === path.basename(finding.location.path));
    if (each !== undefined && finding.check_name !== undefined) reports.get(each.name)?.push(finding.check_name);
  }
  return {
    name: 'Postgres Language Server',
    version: versionOf(require.resolve('@postgres-language-server/cli/package.json')),
    reports,
  };
}

function versionOf(file: string): string {
  // Every package has one.
  return (require(file) as { readonly version: string }).version;
}

function table(cases: readonly CorpusCase[], contestants: readonly Contestant[]): string {
  const hazards = cases.filter((each) => each.isHazard);
  const safe = cases.filter((each) => !each.isHazard);
  const objects = (contestant: Contestant, each: CorpusCase): boolean =>
    (contestant.reports.get(each.name) ?? []).some((code) => !HYGIENE.test(code));
  const rows = contestants.map((contestant) => {
    const found = hazards.filter((each) => objects(contestant, each)).length;
    return `| ${contestant.name} ${contestant.version} | ${found} | ${hazards.length - found} | ${safe.filter((each) => objects(contestant, each)).length} |`;
  });
  const kinds = [...Map.groupBy(hazards, (each) => each.kind)].sort(([left], [right]) => (left < right ? -1 : 1));
  const byKind = kinds.map(
    ([kind, group]) =>
      `| ${KINDS[kind] ?? kind} | ${group.length} | ${contestants.map((contestant) => group.filter((each) => objects(contestant, each)).length).join(' | ')} |`,
  );
  const details = process.argv.includes('--list')
    ? contestants.flatMap((contestant) => [
        '',
        `${contestant.name}:`,
        ...hazards.filter((each) => !objects(contestant, each)).map((each) => `  missed ${each.name}: ${each.reason}`),
        ...safe
          .filter((each) => objects(contestant, each))
          .map(
            (each) =>
              `  false  ${each.name}: ${(contestant.reports.get(each.name) ?? []).filter((code) => !HYGIENE.test(code)).join(', ')}`,
          ),
      ])
    : [];
  return [
    `${hazards.length} hazards and ${safe.length} safe look-alikes.`,
    '',
    '| tool | hazards found | missed | safe ones objected to |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    `| hazards found, by what happens | of | ${contestants.map((contestant) => contestant.name).join(' | ')} |`,
    `| --- | --- |${contestants.map(() => ' --- |').join('')}`,
    ...byKind,
    ...details,
    '',
  ].join('\n');
}

const scratch = mkdtempSync(path.join(tmpdir(), 'lockstep-compare-'));
try {
  const cases = readCorpus();
  console.log(
    table(cases, [await lockstep(cases, scratch), await squawk(cases, scratch), await languageServer(cases, scratch)]),
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
