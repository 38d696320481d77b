import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import type { FixProposal } from '../../server/analysis/report.ts';
import { catalogText } from '../support/catalog-text.ts';
import { MAJORS, startPostgres, whyNoServer, type PostgresServer } from '../support/postgres.ts';
import { openExample, type OpenedExample, writeFiles } from '../support/rule-check.ts';
import { GENERATED_CASES } from '../support/whole/generated-cases.ts';
import { HANDWRITTEN_CASES } from '../support/whole/handwritten-cases.ts';
import type { WholeCase } from '../support/whole/whole-case.ts';
import { fillRows } from './support/fill-rows.ts';
import { tableWriters, type TableWriter } from './support/table-writers.ts';

/** The oldest server and the default one, unless `LOCKSTEP_PG` asks for others. */
const WHOLE_MAJORS =
  process.env['LOCKSTEP_PG'] === undefined ? MAJORS.filter((major) => major === 13 || major === 17) : MAJORS;
const CASES: readonly WholeCase[] = [...GENERATED_CASES, ...HANDWRITTEN_CASES];

/** What was shown of all cases on one major. */
interface Tally {
  silent: number;
  equal: number;
  reversible: number;
  refused: number;
  filesAfter: number;
  deploys: number;
}

let dialects: Engines;
beforeAll(async () => {
  dialects = await loadEngines();
});

/** A catalog without the places of columns: a column that takes another's place stands last. */
function unplaced(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/,"position":"\d+"/, ''))
    .sort()
    .join('\n');
}

async function runHalf(
  client: pg.Client,
  example: OpenedExample,
  path: string,
  direction: 'up' | 'down',
): Promise<number> {
  const text = example.project.textOf(path) ?? '';
  const section = example.project.format
    .layout(path, text, 'postgresql')
    .sections.find((each) => each.direction === direction);
  if (section === undefined) return 0;
  const statements = example.project.dialect.split(text, section.span).map((statement) => statement.text);
  if (section.transaction === 'one') await client.query('BEGIN');
  for (const statement of statements) await client.query(statement);
  if (section.transaction === 'one') await client.query('COMMIT');
  return statements.length;
}

async function write(client: pg.Client, writers: readonly TableWriter[], row: number, when: string): Promise<void> {
  for (const { table, sql } of writers)
    await client.query(sql(row)).catch((cause: unknown) => {
      throw new Error(`${when}: ${table}: ${cause instanceof Error ? cause.message : String(cause)}`);
    });
}

for (const major of WHOLE_MAJORS) {
  const reason = whyNoServer(major);
  describe.skipIf(reason !== undefined && process.env['CI'] === undefined)(
    `PostgreSQL ${major}${reason === undefined ? '' : ` (${reason})`}`,
    () => {
      let server: PostgresServer;
      const tally: Tally = { silent: 0, equal: 0, reversible: 0, refused: 0, filesAfter: 0, deploys: 0 };
      beforeAll(async () => {
        server = await startPostgres(major);
      });
      afterAll(async () => {
        await server.stop();
        console.log(
          `PostgreSQL ${major}: ${CASES.length} migrations, ${tally.silent} silent after one action, ${tally.refused} refused with a reason, ${tally.equal} in the direct form's catalog, ${tally.reversible} reversible; ${CASES.length} files before, ${tally.filesAfter} after, ${tally.deploys} deploys between.`,
        );
      });

      test.for(CASES)('$style: $name', async (each) => {
        const example = await openExample(dialects, {
          dialect: 'postgresql',
          version: String(major),
          before: [each.before],
          sql: each.sql,
        });
        const [fix] = example.project.fixWhole(example.path, new Date('2026-01-02T03:04:05Z'));
        if (each.refused !== undefined) {
          expect(
            fix?.kind === 'fix'
              ? 'a plan'
              : [fix?.kind === 'refused' ? fix.reason : '', ...(fix?.left ?? []).map((one) => one.reason)].join(' '),
          ).toContain(each.refused);
          tally.refused++;
          return;
        }
        if (fix?.kind !== 'fix') throw new Error(JSON.stringify(fix));
        await writeFiles(example, fix.proposal.files);
        const migrations = example.project.migrations.migrations.slice(1);
        const complaints = migrations.flatMap((migration) =>
          example.project
            .lint(migration.upPath)
            .findings.filter(({ severity }) => severity !== 'info')
            .map((finding) => `${migration.upPath}: ${finding.code}`),
        );
        expect(complaints.filter((complaint) => each.stays?.some((code) => complaint.endsWith(code)) !== true)).toEqual(
          [],
        );
        tally.silent++;
        tally.filesAfter += migrations.length;
        tally.deploys += deploysOf(fix.proposal);
        await expectSameEnd(server, example, each, fix.proposal, tally);
      });
    },
  );
}

function deploysOf({ steps }: FixProposal): number {
  return steps.filter(({ requires }) => requires?.some(({ kind }) => kind === 'deploy') === true).length;
}

/** Runs every file on rows with both versions of an application beside it, and back; the catalogs are those of the direct form and of before. */
async function expectSameEnd(
  server: PostgresServer,
  example: OpenedExample,
  each: WholeCase,
  proposal: FixProposal,
  tally: Tally,
): Promise<void> {
  const direct = await server.connect(await server.createDatabase());
  const client = await server.connect(await server.createDatabase());
  try {
    await direct.query(each.before);
    await direct.query(each.sql);
    await client.query(each.before);
    const original = unplaced(await catalogText(client));
    await fillRows(client);
    const [old, now] = [await tableWriters(client), await tableWriters(direct)];
    const migrations = example.project.migrations.migrations.slice(1);
    const deployAt = migrations.findIndex((migration) =>
      example.project.directivesOf(migration.upPath).requires.some(({ kind }) => kind === 'deploy'),
    );
    const deployed = deployAt < 0 ? migrations.length : deployAt;
    let row = 1_000;
    for (const [index, migration] of migrations.entries()) {
      if (index <= deployed) await write(client, old, row++, `old version before ${migration.id}`);
      if (index >= deployed) await write(client, now, row++, `new version before ${migration.id}`);
      await runHalf(client, example, migration.upPath, 'up');
    }
    await write(client, now, row++, 'new version at the end');
    expect(unplaced(await catalogText(client))).toBe(unplaced(await catalogText(direct)));
    tally.equal++;
    const way = [...migrations].reverse();
    const irreversible = way.findIndex(
      (migration) =>
        migration.downPath === undefined || example.project.directivesOf(migration.downPath).irreversible !== undefined,
    );
    expect(proposal.steps.length).toBeGreaterThan(0);
    if (irreversible >= 0) return;
    for (const migration of way) await runHalf(client, example, migration.downPath ?? '', 'down');
    expect(unplaced(await catalogText(client))).toBe(original);
    tally.reversible++;
  } finally {
    await Promise.all([direct.end(), client.end()]);
  }
}
