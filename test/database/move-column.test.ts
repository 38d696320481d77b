import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { wishOf } from '../../server/planner/wishes.ts';
import { MAJORS, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { openExample, type OpenedExample, writeFiles } from '../support/rule-check.ts';

const BEFORE =
  'CREATE TABLE users (id int PRIMARY KEY, street text);\nCREATE TABLE addresses (user_id int PRIMARY KEY REFERENCES users ON UPDATE CASCADE ON DELETE CASCADE, land text);';

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

/** The steps of the move, and their up halves as statements. */
async function planned(): Promise<{
  readonly example: OpenedExample;
  readonly steps: readonly {
    readonly title: string;
    readonly text: string;
    readonly statements: readonly string[];
    readonly parity: ReturnType<OpenedExample['project']['directivesOf']>['parity'];
  }[];
}> {
  const example = await openExample(engines, { dialect: 'postgresql', sql: BEFORE });
  const wish = wishOf('move-column');
  const change =
    wish === undefined ? undefined : example.project.planWish(wish, ['users.street', 'addresses'], new Date(0));
  if (change?.kind !== 'planned') throw new Error(change?.reason ?? 'no wish');
  await writeFiles(example, change.change.files);
  const { project } = example;
  return {
    example,
    steps: change.change.steps.map((step) => {
      const path = step.files.find((file) => file.endsWith('.up.sql')) ?? '';
      const text = project.textOf(path) ?? '';
      return {
        title: step.title,
        text,
        statements: project.engine.split(text, { start: 0, end: text.length }).map((statement) => statement.text),
        parity: project.directivesOf(path).parity,
      };
    }),
  };
}

/** What both tables hold of a user, as `street of users/street of addresses`; `-` where there is no row. */
async function both(client: pg.Client, id: number): Promise<string> {
  const {
    rows: [row],
  } = await client.query<{ text: string }>(
    "SELECT coalesce(u.street, 'null') || '/' || CASE WHEN a.user_id IS NULL THEN '-' ELSE coalesce(a.street, 'null') END AS text FROM users u LEFT JOIN addresses a ON a.user_id = u.id WHERE u.id = $1",
    [id],
  );
  return row?.text ?? 'gone';
}

describe.each(MAJORS)('PostgreSQL %s: rows with and without a partner, whoever writes them', (major) => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(major);
  });
  afterAll(async () => {
    await server.stop();
  });

  test('a value without a partner stays, is counted, and goes to the row when it comes', async () => {
    const { steps } = await planned();
    const client = await server.connect(await server.createDatabase());
    try {
      await client.query(
        `${BEFORE} INSERT INTO users VALUES (1, 'one'), (2, 'two'), (3, NULL); INSERT INTO addresses VALUES (1, 'de'), (3, 'at')`,
      );
      const untilFilled = steps.findIndex((step) => step.title.startsWith('Fill')) + 1;
      for (const step of steps.slice(0, untilFilled))
        for (const statement of step.statements) await client.query(statement);
      expect([await both(client, 1), await both(client, 2), await both(client, 3)]).toEqual([
        'one/one',
        'two/-',
        'null/null',
      ]);
      const parity = steps.find((step) => step.parity !== undefined)?.parity;
      const differing = async (): Promise<number> =>
        Number(
          (
            await client.query<{ count: string }>(
              `SELECT count(*) AS count FROM ${parity?.table ?? ''} WHERE (${parity?.old ?? ''}) IS DISTINCT FROM (${parity?.new ?? ''})`,
            )
          ).rows[0]?.count,
        );
      expect(await differing()).toBe(1);
      // The old version writes rows in either order, the new one gives the value to the new place.
      await client.query("INSERT INTO users VALUES (4, 'four'); INSERT INTO addresses VALUES (4, 'fr')");
      await client.query("INSERT INTO users (id) VALUES (5); INSERT INTO addresses VALUES (5, 'fr', 'five')");
      await client.query("INSERT INTO users VALUES (6, 'six'); INSERT INTO addresses VALUES (6, 'fr', 'newer')");
      expect([await both(client, 4), await both(client, 5), await both(client, 6)]).toEqual([
        'four/four',
        'five/five',
        'newer/newer',
      ]);
      await client.query(
        "UPDATE users SET street = 'x' WHERE id = 4; UPDATE addresses SET street = 'y' WHERE user_id = 5; UPDATE users SET street = NULL WHERE id = 6; UPDATE addresses SET land = 'no street'",
      );
      expect([await both(client, 4), await both(client, 5), await both(client, 6)]).toEqual([
        'x/x',
        'y/y',
        'null/null',
      ]);
      // A key that changes takes its partner along; a row that goes elsewhere takes what is there; a row that goes leaves the value.
      await client.query('UPDATE users SET id = 40 WHERE id = 4');
      expect(await both(client, 40)).toBe('x/x');
      await client.query('UPDATE addresses SET user_id = 2 WHERE user_id = 5');
      expect([await both(client, 2), await both(client, 5)]).toEqual(['two/two', 'y/-']);
      await client.query('DELETE FROM addresses WHERE user_id = 2');
      expect(await both(client, 2)).toBe('two/-');
      expect(await differing()).toBe(2);
      // The statement that the file gives.
      const given =
        /INSERT INTO addresses .*DO NOTHING/.exec(steps[untilFilled - 1]?.text.replaceAll(/\n-- */g, ' ') ?? '')?.[0] ??
        '';
      await client.query(given);
      expect(await differing()).toBe(0);
      for (const step of steps.slice(untilFilled))
        for (const statement of step.statements) await client.query(statement);
      expect((await client.query('SELECT user_id, street FROM addresses ORDER BY 1')).rows).toEqual([
        { user_id: 1, street: 'one' },
        { user_id: 2, street: 'two' },
        { user_id: 3, street: null },
        { user_id: 5, street: 'y' },
        { user_id: 6, street: null },
        { user_id: 40, street: 'x' },
      ]);
    } finally {
      await client.end();
    }
  });

  test('a value that is being written while its partner comes is not lost', async () => {
    const { steps } = await planned();
    const client = await server.connect(await server.createDatabase());
    const writer = await server.connect(client.database);
    try {
      await client.query(`${BEFORE} INSERT INTO users VALUES (1, 'one')`);
      for (const step of steps.slice(0, 3)) for (const statement of step.statements) await client.query(statement);
      await writer.query('BEGIN');
      await writer.query("UPDATE users SET street = 'later' WHERE id = 1");
      const coming = client.query("INSERT INTO addresses VALUES (1, 'de')");
      await writer.query('SELECT pg_sleep(0.1)');
      await writer.query('COMMIT');
      await coming;
      expect(await both(client, 1)).toBe('later/later');
    } finally {
      await Promise.all([client.end(), writer.end()]);
    }
  });
});
