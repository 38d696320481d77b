// Makes every migration of the histories that some npm packages ship safe as a whole, and prints how many are silent then.
//   npm run histories -- [PACKAGE...] [--every=N] [--server]
// --every=3 takes each third migration; --server runs the plans on PostgreSQL 17 and compares the catalogs with the direct form's.
// Packages are fetched by `npm pack` once and kept under dist/test/histories. It takes half an hour, so that CI does not run it.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { loadEngines } from '../../server/host/load-engines.ts';
import { wholeFixes } from '../../server/application/use-cases/fix-migration.ts';
import { openBench } from '../database/support/bench.ts';
import { expectSameCatalog, withoutIndexes } from '../database/support/same-end.ts';
import { startPostgres } from '../support/postgres.ts';
import { openExample, writeFiles, type OpenedExample } from '../support/rule-check.ts';
import { withSaidValues } from '../support/said-values.ts';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');
const NOW = new Date('2026-01-02T03:04:05Z');
/** Single fixes, one after another, of a migration that has no whole plan: no file takes more. */
const MOST_ROUNDS = 50;

/** Where a package keeps its migrations, and how the SQL stands in them. */
interface Shipped {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  readonly form: 'sql' | 'prisma' | 'typeorm' | 'db-migrate';
}

const PACKAGES: readonly Shipped[] = [
  { name: '@paperclipai/db', version: '2026.824.1', folder: 'dist/migrations', form: 'sql' },
  { name: '@danielcok17/prisma-db', version: '1.20.36', folder: 'prisma/migrations', form: 'prisma' },
  { name: '@dxheroes/local-mcp-database', version: '0.7.2', folder: 'prisma/migrations', form: 'prisma' },
  { name: 'flowise', version: '3.1.2', folder: 'dist/database/migrations/postgres', form: 'typeorm' },
  { name: 'unleash-server', version: '7.5.1', folder: 'dist/migrations', form: 'db-migrate' },
];

interface Migration {
  readonly name: string;
  readonly sql: string;
}

async function fetched({ name, version }: Shipped): Promise<string> {
  const home = path.join(root, 'dist/test/histories', `${name.replaceAll(/[^\w.-]+/g, '-')}-${version}`);
  const unpacked = path.join(home, 'package');
  if (existsSync(unpacked)) return unpacked;
  mkdirSync(home, { recursive: true });
  const { stdout } = await run('npm', ['pack', `${name}@${version}`, '--pack-destination', home, '--ignore-scripts'], {
    cwd: home,
  });
  await run('tar', ['-xzf', path.join(home, stdout.trim().split('\n').at(-1) ?? ''), '-C', home]);
  return unpacked;
}

/** SQL of the way up in a module of JavaScript: the strings that it gives to a call, as far as they are plain ones. */
function sqlOfModule(text: string, up: RegExp, call: RegExp): string | undefined {
  const start = up.exec(text)?.index;
  if (start === undefined) return undefined;
  const body = text.slice(start).split(/\n\s*(?:async )?down\(|exports\.down/)[0] ?? '';
  const statements = [...body.matchAll(call)].map((match) =>
    (match[2] ?? '')
      .replaceAll('\\`', '`')
      .replaceAll('\\n', '\n')
      .replaceAll("\\'", "'")
      .trim()
      .replace(/;?\s*$/, ';'),
  );
  const sql = statements.join('\n');
  return sql === '' || sql.includes('${') ? undefined : sql;
}

function historyOf({ form, folder }: Shipped, home: string): readonly Migration[] {
  const files = path.join(home, folder);
  return readdirSync(files)
    .sort()
    .flatMap((name): readonly Migration[] => {
      const file = path.join(files, name, ...(form === 'prisma' ? ['migration.sql'] : []));
      if (
        !existsSync(file) ||
        (form === 'sql' ? !name.endsWith('.sql') : form !== 'prisma' && !/^\d+.*\.js$/.test(name))
      )
        return [];
      const text = readFileSync(file, 'utf8');
      const sql =
        form === 'typeorm'
          ? sqlOfModule(text, /up\(/, /query\(\s*([`'"])([\s\S]*?)(?<!\\)\1/g)
          : form === 'db-migrate'
            ? sqlOfModule(text, /exports\.up|function up/, /runSql\(\s*([`'"])([\s\S]*?)(?<!\\)\1/g)
            : text.replaceAll('--> statement-breakpoint', '');
      return sql === undefined ? [] : [{ name, sql }];
    });
}

function complaintsOf(example: OpenedExample, from: number): readonly string[] {
  return example.project.migrations.migrations
    .slice(from)
    .flatMap(({ upPath }) => example.project.lint(upPath).findings)
    .filter(({ severity }) => severity !== 'info')
    .map(({ code, message }) => `${code}: ${message}`);
}

interface Outcome {
  readonly kind: 'without findings' | 'silent' | 'with findings';
  /** Of those with findings: why. */
  readonly reasons: readonly string[];
  readonly files: number;
  /** A plan was written, so that its end can be compared. */
  readonly planned?: { readonly leftOut: readonly string[] };
}

/** What `fix PATH --write` leaves of a migration. */
async function outcomeOf(example: OpenedExample, from: number): Promise<Outcome> {
  if (complaintsOf(example, from).length === 0) return { kind: 'without findings', reasons: [], files: 1 };
  const [fix] = example.project.fixWhole(example.path, NOW);
  if (fix?.kind === 'fix') await writeFiles(example, withSaidValues(fix.proposal).files);
  else
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const [next] = wholeFixes(example.project, example.path, NOW).fixes;
      if (next === undefined) break;
      await writeFiles(example, withSaidValues(next).files);
      if (!example.project.migrations.migrations.some(({ upPath }) => upPath === example.path)) break;
    }
  const rest = complaintsOf(example, from);
  const said = [
    ...(fix?.kind === 'refused' ? [`refused: ${fix.reason}`] : []),
    ...(fix?.left ?? []).map(({ code, reason }) => `${code}: ${reason}`),
  ];
  return {
    kind: rest.length === 0 ? 'silent' : 'with findings',
    reasons: rest.length === 0 ? [] : said.length > 0 ? said : rest,
    files: example.project.migrations.migrations.length - from,
    ...(fix?.kind === 'fix' ? { planned: { leftOut: fix.leftOut } } : {}),
  };
}

const options = process.argv.slice(2);
const every = Number(options.find((option) => option.startsWith('--every='))?.slice('--every='.length) ?? '1');
const wanted = options.filter((option) => !option.startsWith('--'));
const engines = await loadEngines();
const server = options.includes('--server') ? await startPostgres(17) : undefined;
const bench = server === undefined ? undefined : await openBench(server);
const reasons = new Map<string, string[]>();
const total = { found: 0, silent: 0, compared: 0, equal: 0 };
for (const shipped of PACKAGES.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const history = historyOf(shipped, await fetched(shipped));
  const tally = { without: 0, found: 0, silent: 0, files: 0 };
  for (const [index, { name, sql }] of history.entries()) {
    if (index % every !== 0) continue;
    const earlier = history.slice(0, index).map((each) => each.sql.trim().replace(/;?$/, ';'));
    const before = earlier.join('\n');
    const example = await openExample(engines, {
      dialect: 'postgresql',
      version: '17',
      before: index === 0 ? [] : [before],
      sql,
    });
    const outcome = await outcomeOf(example, index === 0 ? 0 : 1);
    if (outcome.kind === 'without findings') {
      tally.without++;
      continue;
    }
    tally.found++;
    tally.files += outcome.files;
    if (outcome.kind === 'silent') tally.silent++;
    for (const reason of outcome.reasons) {
      const kind = reason.replaceAll(/"[^"]*"|\b\w+\.\w+\b|\d+/g, '*').slice(0, 140);
      reasons.set(kind, [...(reasons.get(kind) ?? []), `${shipped.name} ${name}`]);
    }
    if (bench === undefined || outcome.planned === undefined) continue;
    await bench.empty();
    const runs = await bench.direct.query(`${before}\n${sql}`).then(
      () => true,
      () => false,
    );
    // What an extension or a helper of the package's own tool makes is not there on an empty server.
    if (!runs) continue;
    total.compared++;
    await expectSameCatalog(bench, example, {
      before,
      sql: withoutIndexes(sql, outcome.planned.leftOut),
      files: example.project.migrations.migrations.slice(index === 0 ? 0 : 1).map(({ upPath }) => upPath),
    }).then(
      () => total.equal++,
      (cause: unknown) =>
        console.log(`  ${name}: ${cause instanceof Error ? cause.message.slice(0, 400) : String(cause)}`),
    );
  }
  total.found += tally.found;
  total.silent += tally.silent;
  console.log(
    `${shipped.name} ${shipped.version}: ${tally.found} migrations with findings of ${tally.found + tally.without}, ${tally.silent} silent after one action, ${tally.files} files after`,
  );
}
console.log(
  `${total.silent} of ${total.found} silent (${Math.round((100 * total.silent) / Math.max(1, total.found))} %)` +
    (bench === undefined ? '' : `; ${total.equal} of ${total.compared} in the direct form's catalog on PostgreSQL 17`),
);
for (const [kind, names] of [...reasons].sort(([, one], [, other]) => other.length - one.length))
  console.log(`${names.length}x ${kind} (${names[0] ?? ''})`);
await bench?.end();
await server?.stop();
