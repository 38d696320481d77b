import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { MAJORS, startPostgres, whyNoServer, type PostgresServer } from '../support/postgres.ts';
import { RECIPE_CASES } from '../support/recipe-cases.ts';
import { applyFix, firstFix, openExample, type OpenedExample } from '../support/rule-check.ts';
import { DOWN_HALVES, type DownHalf } from './down-halves.ts';
import { fullCatalog } from './support/full-catalog.ts';

const CODE = 'down-leaves-differences';
/** The oldest is enough: what a catalog holds of these is the same on all of them. */
const major = MAJORS[0] ?? 17;
const reason = whyNoServer(major);

/** The catalog, but for what a down half leaves on purpose: NOT VALID, and an index that a constraint was made of. */
async function meant(client: pg.Client): Promise<string> {
  return (await fullCatalog(client))
    .filter((line) => !line.startsWith('["index","CREATE UNIQUE'))
    .map((line) =>
      line.startsWith('["constraint"') ? line.replace(/,(?:true|false),/, ',').replace(' NOT VALID', '') : line,
    )
    .join('\n');
}

describe.skipIf(reason !== undefined && process.env['CI'] === undefined)(`PostgreSQL ${major}`, () => {
  let engines: Engines;
  let server: PostgresServer;
  let client: pg.Client;
  beforeAll(async () => {
    engines = await loadEngines();
    server = await startPostgres(major);
    client = await server.connect();
    await client.query('CREATE ROLE anna; CREATE ROLE app; SET client_min_messages = error');
  });
  afterAll(async () => {
    await client.end();
    await server.stop();
  });

  /** What the catalog has that it had not, and the other way round; everything is rolled back. */
  async function left({ hidden = '', before = '', up, down }: DownHalf): Promise<readonly string[]> {
    await client.query('BEGIN');
    try {
      await client.query(hidden);
      await client.query(before);
      const original = await fullCatalog(client);
      await client.query(up);
      await client.query(down);
      const after = await fullCatalog(client);
      return [
        ...original.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
        ...after.filter((line) => !original.includes(line)).map((line) => `+ ${line}`),
      ];
    } finally {
      await client.query('ROLLBACK');
    }
  }

  /** What lint and the catalog say of a down half, whole and with each of its statements left out; undefined where it does not run. */
  async function compared(example: OpenedExample, upPath: string, downPath: string): Promise<readonly string[]> {
    const { project } = example;
    const half = (path: string, direction: 'up' | 'down'): readonly string[] => {
      const section = project.layoutOf(path).sections.find((each) => each.direction === direction);
      return section === undefined
        ? []
        : project.engine
            .split(project.textOf(path) ?? '', section.span)
            .map(({ text }) => text.replace('CONCURRENTLY', ''));
    };
    const wrong: string[] = [];
    const before = await meant(client);
    for (const sql of half(upPath, 'up')) await client.query(sql);
    const down = half(downPath, 'down');
    const written = project.textOf(downPath) ?? '';
    for (let left = -1; left < down.length; left++) {
      const kept = down.filter((_, index) => index !== left);
      if (kept.length === 0) continue;
      await client.query('SAVEPOINT half');
      const isRun = await client.query(kept.join(';')).then(
        () => true,
        () => false,
      );
      const after = isRun ? await meant(client) : '';
      await client.query('ROLLBACK TO half');
      if (!isRun) continue;
      project.setText(downPath, `${kept.join(';\n')};\n`);
      const said = project.lint(downPath).findings.filter(({ code }) => code === CODE);
      project.setText(downPath, written);
      tries++;
      if (said.length > 0 !== (after !== before)) wrong.push(`${downPath} without ${left}: ${JSON.stringify(said)}`);
    }
    return wrong;
  }

  let tries = 0;

  test('steps of plans, and each of their down halves with a statement left out', async () => {
    const wrong: string[] = [];
    // One of each few: all of them were compared once, and they are much alike.
    for (const recipe of RECIPE_CASES.filter((_, index) => index % 6 === 0)) {
      if (major < (recipe.since ?? 0)) continue;
      const example = await openExample(engines, {
        dialect: 'postgresql',
        version: String(major),
        before: [recipe.before],
        sql: `${recipe.statement};`,
      });
      const fix = firstFix(example, recipe.code);
      if (fix === undefined) throw new Error(`no fix: ${recipe.name}`);
      await applyFix(example, fix);
      await client.query('BEGIN');
      await client.query(recipe.before);
      for (const { upPath, downPath } of example.project.migrations.migrations.slice(1)) {
        // A loop that commits as it goes changes rows alone.
        if (downPath === undefined || /\bCOMMIT\b/.test(example.project.textOf(upPath) ?? '')) continue;
        wrong.push(...(await compared(example, upPath, downPath)));
      }
      await client.query('ROLLBACK');
    }
    expect(wrong).toEqual([]);
    expect(tries).toBeGreaterThan(30);
  });

  test.for(DOWN_HALVES)('$up / $down', async (half) => {
    const example = await openExample(engines, {
      dialect: 'postgresql',
      version: String(major),
      before: half.before === undefined ? [] : [half.before],
      sql: half.up,
      down: half.down,
    });
    const said = example.project.lint(example.path).findings.filter((finding) => finding.code === CODE);
    const differences = await left(half);
    expect(said.map(({ message }) => message)).toEqual(
      half.said === undefined ? [] : [`After up and down, ${half.said}.`],
    );
    expect(differences.length > 0, differences.join('\n')).toBe(half.said !== undefined || half.isMeant === true);
  });
});
