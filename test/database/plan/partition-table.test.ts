import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openConnection } from '../../../server/drivers/connect.ts';
import { parseDatabaseUrl } from '../../../server/drivers/target.ts';
import { loadEngines, type Engines } from '../../../server/host/load-engines.ts';
import type { MigrationFile } from '../../../server/model/migration.ts';
import { wishOf } from '../../../server/planner/wishes.ts';
import { connectOptions } from '../../../server/application/connect-options.ts';
import { readDatabaseFacts } from '../../../server/application/database-facts.ts';
import { catalogText } from '../../support/catalog-text.ts';
import { MAJORS, startPostgres, type PostgresServer } from '../../support/postgres.ts';
import { openExample, type OpenedExample, writeFiles } from '../../support/rule-check.ts';
import { withSaidValues } from '../../support/said-values.ts';

const BEFORE = `CREATE TABLE users (id int PRIMARY KEY);
INSERT INTO users SELECT generate_series(1, 10);
CREATE TABLE events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at date NOT NULL, user_id int REFERENCES users ON DELETE CASCADE, note text, size int GENERATED ALWAYS AS (length(note)) STORED);
CREATE INDEX events_user ON events (user_id);`;
const ROWS =
  "INSERT INTO events (at, user_id, note) SELECT date '2026-01-01' + n % 300, n % 10 + 1, 'n' || n FROM generate_series(1, 1000) n";
/** One row for each partition. */
const LATER =
  "INSERT INTO events (at, user_id, note) VALUES ('2026-12-31', 1, 'old'), ('2027-01-01', 2, 'first'), ('2027-02-28', 3, 'second'), ('2031-01-01', 4, 'far')";

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

/** One half of each step, as the runner sends it. */
async function runAll(
  client: pg.Client,
  example: OpenedExample,
  steps: readonly MigrationFile[],
  direction: 'up' | 'down',
): Promise<void> {
  for (const step of steps) {
    const path = (direction === 'up' ? step.upPath : step.downPath) ?? '';
    const text = example.project.textOf(path) ?? '';
    const section = example.project.layoutOf(path).sections.find((candidate) => candidate.direction === direction);
    if (section === undefined) throw new Error(`no ${direction} half in ${path}`);
    if (section.transaction === 'one') await client.query('BEGIN');
    for (const statement of example.project.engine.split(text, section.span)) await client.query(statement.text);
    if (section.transaction === 'one') await client.query('COMMIT');
  }
}

/** The steps for `BEFORE`, each month a partition. */
async function planEvents(
  major: number,
): Promise<{ readonly example: OpenedExample; readonly steps: readonly MigrationFile[] }> {
  const example = await openExample(engines, { dialect: 'postgresql', version: String(major), sql: BEFORE });
  const known = new Set(example.project.migrations.migrations.map((migration) => migration.id));
  const wish = wishOf('partition-table');
  const planned =
    wish === undefined
      ? undefined
      : example.project.planWish(wish, ['events.at', '2027-01-01,2027-02-01,2027-03-01'], new Date(0));
  if (planned?.kind !== 'planned') throw new Error(planned?.reason ?? 'no such wish');
  await writeFiles(example, withSaidValues(planned.change).files);
  return { example, steps: example.project.migrations.migrations.filter((migration) => !known.has(migration.id)) };
}

async function numbers(client: pg.Client, sql: string): Promise<readonly number[]> {
  const { rows } = await client.query<{ number: string }>(sql);
  return rows.map((row) => Number(row.number));
}

for (const major of MAJORS) {
  describe(`PostgreSQL ${major}`, () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres(major);
    });
    afterAll(async () => {
      await server.stop();
    });

    test('a table that no migration made, read from the catalog', async () => {
      const example = await openExample(engines, { dialect: 'postgresql', version: String(major), sql: 'SELECT 1;' });
      const client = await server.connect(await server.createDatabase());
      const target = parseDatabaseUrl(server.urlOf(client.database ?? ''), '/');
      if ('problem' in target) throw new Error(target.problem);
      await using connection = await openConnection(target, connectOptions(example.project.engine, { readOnly: true }));
      try {
        await client.query(`${BEFORE}
CREATE INDEX events_low ON events ((lower(note) || 'x') DESC) WHERE size > 3 AND note <> 'y';
ALTER TABLE events ADD CONSTRAINT small CHECK (size < 9 AND note NOT LIKE 'z%');
CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := upper(NEW.note); RETURN NEW; END $$;
CREATE TRIGGER "Shout it" BEFORE INSERT OR UPDATE OF note ON events FOR EACH ROW WHEN (NEW.note IS NOT NULL) EXECUTE FUNCTION shout('a', 'it''s');`);
        await client.query(ROWS);
        const original = await catalogText(client);
        const known = new Set(example.project.migrations.migrations.map((migration) => migration.id));
        example.project.setDatabase(await readDatabaseFacts(example.project, connection));
        const wish = wishOf('partition-table');
        const planned =
          wish === undefined
            ? undefined
            : example.project.planWish(wish, ['events.at', '2027-01-01,2028-01-01'], new Date(0));
        if (planned?.kind !== 'planned') throw new Error(planned?.reason ?? 'no such wish');
        await writeFiles(example, withSaidValues(planned.change).files);
        expect(
          planned.change.files.flatMap((file) =>
            [...example.project.lint(file.path).findings, ...example.project.lint(file.path).problems].map(
              (finding) => `${file.path}: ${finding.message}`,
            ),
          ),
        ).toEqual([]);
        const steps = example.project.migrations.migrations.filter((migration) => !known.has(migration.id));
        await runAll(client, example, steps, 'up');
        await client.query(LATER);
        expect((await client.query('SELECT note FROM events WHERE id > 1000 ORDER BY id')).rows).toEqual([
          { note: 'OLD' },
          { note: 'FIRST' },
          { note: 'SECOND' },
          { note: 'FAR' },
        ]);
        await runAll(client, example, [...steps].reverse(), 'down');
        expect(await catalogText(client)).toBe(original);
      } finally {
        await client.end();
      }
    });

    test('a transaction that wrote the table which is pointed at goes on', async () => {
      const { example, steps } = await planEvents(major);
      const database = await server.createDatabase();
      const client = await server.connect(database);
      const writer = await server.connect(database);
      try {
        await client.query(BEFORE);
        const swap = steps.findIndex((step) => step.id.endsWith('_swap_events'));
        await runAll(client, example, steps.slice(0, swap), 'up');
        await writer.query('BEGIN');
        await writer.query('UPDATE users SET id = id WHERE id = 1');
        const swapped = runAll(client, example, steps.slice(swap, swap + 1), 'up');
        // The swap waits for the writer, which needs the other table now.
        const watcher = await server.connect(database);
        for (let waiting = 0; waiting === 0; )
          [waiting = 0] = await numbers(
            watcher,
            "SELECT count(*) AS number FROM pg_locks WHERE NOT granted AND locktype = 'relation'",
          );
        await watcher.end();
        await writer.query("INSERT INTO events (at, user_id) VALUES ('2026-05-05', 1)");
        await writer.query('COMMIT');
        await swapped;
        expect(await numbers(client, 'SELECT count(*) AS number FROM events_p0')).toEqual([1]);
      } finally {
        await Promise.all([client.end(), writer.end()]);
      }
    });

    test('prepared statements of sessions that are open go on, there and back', async () => {
      const { example, steps } = await planEvents(major);
      const database = await server.createDatabase();
      const client = await server.connect(database);
      const app = await server.connect(database);
      try {
        await client.query(
          `${BEFORE}\nALTER TABLE events ADD COLUMN gone int;\nALTER TABLE events DROP COLUMN gone;\nALTER TABLE events ADD COLUMN last text DEFAULT 'z';`,
        );
        const use = async (turn: number): Promise<void> => {
          const { rows } = await app.query<{ id: string }>({
            name: 'put',
            text: 'INSERT INTO events (at, user_id, note) VALUES ($1, $2, $3) RETURNING *',
            values: ['2026-03-03', 1, `n${turn}`],
          });
          expect(
            (await app.query({ name: 'get', text: 'SELECT * FROM events WHERE id = $1', values: [rows[0]?.id] })).rows,
          ).toEqual([expect.objectContaining({ note: `n${turn}`, last: 'z' })]);
          expect(
            (
              await app.query({
                name: 'change',
                text: 'UPDATE events SET note = note WHERE id = $1',
                values: [rows[0]?.id],
              })
            ).rowCount,
          ).toBe(1);
        };
        // From the sixth time on a plan is kept.
        for (let turn = 0; turn < 7; turn++) await use(turn);
        for (const [turn, step] of steps.entries()) {
          await runAll(client, example, [step], 'up');
          await use(100 + turn);
        }
        for (const [turn, step] of [...steps].reverse().entries()) {
          await runAll(client, example, [step], 'down');
          await use(200 + turn);
        }
        expect(await numbers(client, 'SELECT count(*) AS number FROM events')).toEqual([7 + 2 * steps.length]);
      } finally {
        await Promise.all([client.end(), app.end()]);
      }
    });

    test('rows go where they belong, and come back all of them', async () => {
      const { example, steps } = await planEvents(major);
      const client = await server.connect(await server.createDatabase());
      try {
        await client.query(BEFORE);
        await client.query(ROWS);
        const [file] = await numbers(client, "SELECT pg_relation_filenode('events') AS number");
        await runAll(client, example, steps, 'up');

        expect(await numbers(client, "SELECT pg_relation_filenode('events_p0') AS number")).toEqual([file]);
        await client.query(LATER);
        expect(
          (
            await client.query(
              'SELECT tableoid::regclass::text AS part, note, id::int, size FROM events WHERE id > 1000 ORDER BY id',
            )
          ).rows,
        ).toEqual([
          { part: 'events_p0', note: 'old', id: 1001, size: 3 },
          { part: 'events_p1', note: 'first', id: 1002, size: 5 },
          { part: 'events_p2', note: 'second', id: 1003, size: 6 },
          { part: 'events_default', note: 'far', id: 1004, size: 3 },
        ]);
        await expect(client.query("INSERT INTO events (at, user_id) VALUES ('2027-01-05', 11)")).rejects.toThrow(
          'events_user_id_fkey',
        );
        await client.query('DELETE FROM users WHERE id = 2');
        expect(await numbers(client, 'SELECT count(*) AS number FROM events WHERE user_id = 2')).toEqual([0]);

        const before = (await client.query('SELECT id, at, user_id, note, size FROM events ORDER BY id')).rows;
        expect(before.length).toBe(903);
        await runAll(client, example, [...steps].reverse(), 'down');
        expect((await client.query('SELECT id, at, user_id, note, size FROM events ORDER BY id')).rows).toEqual(before);
        expect(await numbers(client, "SELECT pg_relation_filenode('events') AS number")).toEqual([file]);
        expect(
          await numbers(client, "INSERT INTO events (at, user_id) VALUES ('2029-01-01', 1) RETURNING id AS number"),
        ).toEqual([1006]);
        await expect(
          client.query('INSERT INTO events (id, at) OVERRIDING SYSTEM VALUE VALUES (1004, now())'),
        ).rejects.toThrow('events_pkey');
      } finally {
        await client.end();
      }
    });
  });
}
