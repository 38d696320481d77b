import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { MAJORS, startPostgres, whyNoServer, type PostgresServer } from '../support/postgres.ts';
import { openExample } from '../support/rule-check.ts';
import { DOWN_HALVES, type DownHalf } from './down-halves.ts';
import { fullCatalog } from './support/full-catalog.ts';

const CODE = 'down-leaves-differences';
/** The oldest is enough: what a catalog holds of these is the same on all of them. */
const major = MAJORS[0] ?? 17;
const reason = whyNoServer(major);

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
