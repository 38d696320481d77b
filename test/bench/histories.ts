// Makes every migration of the histories that some npm packages ship safe as a whole, and prints how many are silent then.
//   npm run histories -- [PACKAGE...] [--every=N] [--minutes=N] [--server[=13,17]] [--verbose]
// --every=3 takes each third migration, --minutes=20 ends after that time and says how much was not measured; --server runs
// each migration as it is written and each plan, with an old and a new version of an application writing beside it, on
// PostgreSQL 13 and 17, compares their catalogs, and takes the plan back; --verbose names each migration that is not silent.
import { loadEngines } from '../../server/host/load-engines.ts';
import { wholeFixes } from '../../server/application/use-cases/fix-migration.ts';
import { withoutIndexes } from '../database/support/same-end.ts';
import { openExample, writeFiles, type OpenedExample } from '../support/rule-check.ts';
import { withSaidValues } from '../support/said-values.ts';
import { openHistoryServer, type Verdict } from './history-server.ts';
import { migrationsOf, SHIPPED_HISTORIES, type ShippedHistory, type ShippedMigration } from './shipped-histories.ts';

const NOW = new Date('2026-01-02T03:04:05Z');
/** Single fixes, one after another, of a migration that has no whole plan: no file takes more. */
const MOST_ROUNDS = 50;
const DEFAULT_MINUTES = 60;
const DEFAULT_SERVERS = '13,17';
/** Of the one that is linted as which version. */
const LINTED_MAJOR = 17;

interface Outcome {
  readonly kind: 'without findings' | 'silent' | 'with findings';
  /** Of those with findings: why. */
  readonly reasons: readonly string[];
  readonly files: number;
  /** A plan was written, so that its end can be compared. */
  readonly planned?: { readonly leftOut: readonly string[]; readonly isPart: boolean };
}

function complaintsOf({ project }: OpenedExample): readonly string[] {
  return project.migrations.migrations
    .slice(1)
    .flatMap(({ upPath }) => project.lint(upPath).findings)
    .filter(({ severity }) => severity !== 'info')
    .map(({ code, message }) => `${code}: ${message}`);
}

/** What `fix PATH --write` leaves of a migration. */
async function outcomeOf(example: OpenedExample): Promise<Outcome> {
  if (complaintsOf(example).length === 0) return { kind: 'without findings', reasons: [], files: 1 };
  const [fix] = example.project.fixWhole(example.path, NOW);
  if (fix?.kind === 'fix') await writeFiles(example, withSaidValues(fix.proposal).files);
  else
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const [next] = wholeFixes(example.project, example.path, NOW).fixes;
      if (next === undefined) break;
      await writeFiles(example, withSaidValues(next).files);
      if (!example.project.migrations.migrations.some(({ upPath }) => upPath === example.path)) break;
    }
  const rest = complaintsOf(example);
  const said = [
    ...(fix?.kind === 'refused' ? [`refused: ${fix.reason}`] : []),
    ...(fix?.left ?? []).map(({ code, reason }) => `${code}: ${reason}`),
  ];
  return {
    kind: rest.length === 0 ? 'silent' : 'with findings',
    reasons: rest.length === 0 ? [] : said.length > 0 ? said : rest,
    files: example.project.migrations.migrations.length - 1,
    ...(fix?.kind === 'fix' ? { planned: { leftOut: fix.leftOut, isPart: fix.left.length > 0 } } : {}),
  };
}

const options = process.argv.slice(2);
const optionOf = (name: string): string | undefined =>
  options.find((option) => option.startsWith(`--${name}=`))?.slice(name.length + 3);
const every = Number(optionOf('every') ?? '1');
const ends = Date.now() + Number(optionOf('minutes') ?? DEFAULT_MINUTES) * 60_000;
const wanted = options.filter((option) => !option.startsWith('--'));
const majors =
  options.includes('--server') || optionOf('server') !== undefined
    ? (optionOf('server') ?? DEFAULT_SERVERS).split(',').map(Number)
    : [];
const engines = await loadEngines();
const engine = engines.postgresql;
const statementsOf = (sql: string): readonly string[] =>
  engine.split(sql, { start: 0, end: sql.length }).map(({ text }) => text);
const servers = await Promise.all(majors.map((major) => openHistoryServer(major, statementsOf)));
const reasons = new Map<string, string[]>();
const total = { migrations: 0, found: 0, silent: 0, filesAfter: 0, notMeasured: 0, refused: 0, withoutRows: 0 };

/** Lints and fixes one migration after those before it, and runs what comes of it. */
async function measure(
  name: string,
  before: readonly ShippedMigration[],
  migration: ShippedMigration,
  isComparable: boolean,
): Promise<void> {
  const example = await openExample(engines, {
    dialect: 'postgresql',
    version: String(LINTED_MAJOR),
    before: [before.map(({ sql }) => sql).join('\n') || '-- nothing before'],
    sql: migration.sql,
  });
  const outcome = await outcomeOf(example);
  total.migrations++;
  if (outcome.kind === 'without findings') return;
  total.found++;
  total.filesAfter += outcome.files;
  if (outcome.kind === 'silent') total.silent++;
  else if (options.includes('--verbose')) console.log(`${name} ${migration.name}:\n  ${outcome.reasons.join('\n  ')}`);
  for (const kind of new Set(outcome.reasons.map(kindOf)))
    reasons.set(kind, [...(reasons.get(kind) ?? []), `${name} ${migration.name}`]);
  if (outcome.planned === undefined) return;
  if (!isComparable) total.withoutRows++;
  else
    for (const server of servers)
      await server.compare(example, migration.name, {
        sql: withoutIndexes(migration.sql, outcome.planned.leftOut),
        isPart: outcome.planned.isPart,
      });
}

/** A reason without the names in it. */
function kindOf(reason: string): string {
  return reason.replaceAll(/"[^"]*"|\b\w+[._]\w+\b|\d+/g, '*').slice(0, 160);
}

/** What the servers do with a migration after those before it, the worst of all; without a server it is taken to run. */
async function verdictOf(migration: ShippedMigration): Promise<Verdict> {
  let worst: Verdict = { kind: 'runs' };
  for (const server of servers) {
    const verdict = await server.tryOut(migration.sql);
    if (verdict.kind === 'refused') return verdict;
    if (verdict.kind !== 'runs') worst = verdict;
  }
  return worst;
}

async function measureHistory({ name, setup }: ShippedHistory, history: readonly ShippedMigration[]): Promise<void> {
  const was = { ...total };
  const before: ShippedMigration[] = [];
  for (const server of servers) await server.begin(setup);
  for (const [index, migration] of history.entries()) {
    if (Date.now() > ends) {
      total.notMeasured += history.length - index;
      break;
    }
    const verdict = await verdictOf(migration);
    if (verdict.kind === 'refused') {
      total.refused++;
      console.log(`  ${migration.name} is left out, the server refuses it as it is: ${verdict.message}`);
      continue;
    }
    if (index % every === 0) await measure(name, before, migration, verdict.kind === 'runs');
    for (const server of servers) await server.apply(migration.sql);
    before.push(migration);
  }
  console.log(
    `${name}: ${total.found - was.found} migrations with findings of ${total.migrations - was.migrations}, ${total.silent - was.silent} silent after one action, ${total.filesAfter - was.filesAfter} files after`,
  );
}

for (const shipped of SHIPPED_HISTORIES.filter(({ name }) => wanted.length === 0 || wanted.includes(name)))
  await measureHistory(shipped, await migrationsOf(shipped));
console.log(
  `${total.found} migrations with findings of ${total.migrations}: ${total.silent} silent after one action (${Math.round((100 * total.silent) / Math.max(1, total.found))} %); ${total.found} files before, ${total.filesAfter} after; ${total.refused} left out, ${total.notMeasured} not measured.` +
    (servers.length === 0
      ? ''
      : ` ${total.withoutRows} planned, but not run: they need rows that only an installation has.`),
);
for (const server of servers) console.log(server.summary());
for (const [kind, names] of [...reasons].sort(([, one], [, other]) => other.length - one.length))
  console.log(`${names.length}x ${kind} (${names[0] ?? ''})`);
for (const server of servers) await server.end();
