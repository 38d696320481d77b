import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { catalogText } from '../support/catalog-text.ts';
import { startPostgres, whyNoServer, type PostgresServer } from '../support/postgres.ts';
import { openExample, writeFiles } from '../support/rule-check.ts';
import { expectSameEnd } from './support/same-end.ts';

/** How many random migrations are tried; `LOCKSTEP_RANDOM=5000` asks for more, `LOCKSTEP_SEED` for others. */
const COUNT = Number(process.env['LOCKSTEP_RANDOM'] ?? '60');
const SEED = Number(process.env['LOCKSTEP_SEED'] ?? '7');
const MAJOR = 17;

const BEFORE = `CREATE TYPE mood AS ENUM ('ok', 'bad');
CREATE TABLE teams (id bigint PRIMARY KEY, title text);
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text, nick text, age int, score int NOT NULL DEFAULT 0, mood mood NOT NULL DEFAULT 'ok', team_id bigint);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL CONSTRAINT orders_user REFERENCES users (id), total numeric(10,2) NOT NULL DEFAULT 0, note varchar(50), state text NOT NULL DEFAULT 'new');
CREATE TABLE trail (order_id bigint, what text);
CREATE INDEX users_nick ON users (nick);
CREATE INDEX orders_state ON orders (state);
ALTER TABLE orders ADD CONSTRAINT orders_total CHECK (total >= 0);
CREATE VIEW names AS SELECT id, name FROM users;
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO trail VALUES (NEW.id, NEW.state); RETURN NEW; END $$;
CREATE TRIGGER noted AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION noted();
ALTER TABLE teams ENABLE ROW LEVEL SECURITY;
CREATE POLICY teams_all ON teams USING (title IS NULL OR title <> '');`;

/** Statements that a random migration is made of; those of one group come together. */
const PARTS: readonly string[] = [
  'ALTER TABLE users ADD COLUMN status text NOT NULL',
  "ALTER TABLE users ADD COLUMN level text;UPDATE users SET level = 'x';ALTER TABLE users ALTER level SET NOT NULL",
  'ALTER TABLE orders ADD COLUMN paid boolean NOT NULL DEFAULT false;ALTER TABLE orders ALTER paid DROP DEFAULT',
  'ALTER TABLE users ALTER name SET NOT NULL',
  'CREATE INDEX users_age ON users (age)',
  'CREATE UNIQUE INDEX users_email ON users (email, id)',
  'DROP INDEX users_nick',
  'ALTER TABLE users DROP COLUMN nick',
  'ALTER TABLE users DROP COLUMN age',
  'ALTER TABLE users ALTER age TYPE bigint',
  'ALTER TABLE users ALTER score TYPE bigint',
  'ALTER TABLE orders ALTER total TYPE numeric(12,4)',
  'ALTER TABLE orders ALTER note TYPE text',
  'ALTER TABLE orders ALTER state TYPE varchar(40)',
  'ALTER TABLE orders RENAME COLUMN state TO phase',
  'ALTER TABLE users RENAME COLUMN nick TO handle',
  'ALTER TABLE orders RENAME COLUMN note TO remark',
  'ALTER TABLE users ADD CONSTRAINT users_team FOREIGN KEY (team_id) REFERENCES teams (id)',
  'ALTER TABLE orders DROP CONSTRAINT orders_user;ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE',
  'ALTER TABLE users ADD CONSTRAINT users_age_ok CHECK (age > 0)',
  'ALTER TABLE users ADD CONSTRAINT users_once UNIQUE (email)',
  'ALTER TABLE orders DROP CONSTRAINT orders_total',
  'DROP VIEW names',
  'CREATE OR REPLACE VIEW names AS SELECT id, name FROM users WHERE id > 0',
  'DROP TABLE trail',
  'CREATE TABLE tags (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id))',
  'DROP POLICY teams_all ON teams;CREATE POLICY teams_all ON teams USING (true)',
  'UPDATE users SET nick = email WHERE nick IS NULL',
  'DELETE FROM trail WHERE order_id IS NULL',
  'ALTER TABLE users ALTER mood DROP DEFAULT',
  'ALTER TABLE users ALTER email DROP NOT NULL',
  "CREATE TYPE mood_new AS ENUM ('ok', 'bad', 'so');ALTER TABLE users ALTER mood DROP DEFAULT;ALTER TABLE users ALTER mood TYPE mood_new USING mood::text::mood_new;ALTER TABLE users ALTER mood SET DEFAULT 'ok';DROP TYPE mood;ALTER TYPE mood_new RENAME TO mood",
  "COMMENT ON COLUMN users.name IS 'x'",
  'ALTER TABLE teams DROP COLUMN title',
  'ALTER TABLE teams ALTER title SET NOT NULL',
];

/** A linear congruential generator: the same migrations in every run of one seed. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomMigrations(): readonly string[] {
  const random = generator(SEED);
  return Array.from({ length: COUNT }, () => {
    const parts = new Set(Array.from({ length: 1 + random(4) }, () => PARTS[random(PARTS.length)] ?? ''));
    return `${[...parts].flatMap((part) => part.split(';')).join(';\n')};`;
  });
}

const reason = whyNoServer(MAJOR);
describe.skipIf(reason !== undefined && process.env['CI'] === undefined)(
  `random migrations on PostgreSQL ${MAJOR}${reason === undefined ? '' : ` (${reason})`}`,
  () => {
    let server: PostgresServer;
    let dialects: Engines;
    const tally = { planned: 0, refused: 0, clean: 0, invalid: 0 };
    beforeAll(async () => {
      dialects = await loadEngines();
      server = await startPostgres(MAJOR);
    });
    afterAll(async () => {
      await server.stop();
      console.log(
        `${COUNT} random migrations (seed ${SEED}): ${tally.planned} planned and in the direct form's catalog, ${tally.refused} refused with a reason, ${tally.clean} without a finding, ${tally.invalid} that the server refuses as they are.`,
      );
    });

    test.for(randomMigrations().map((sql, number) => ({ number, sql })))('migration $number', async ({ sql }) => {
      const direct = await server.connect(await server.createDatabase());
      try {
        await direct.query(BEFORE);
        const isValid = await direct.query(sql).then(
          () => true,
          () => false,
        );
        if (!isValid) {
          tally.invalid++;
          return;
        }
        expect((await catalogText(direct)).length).toBeGreaterThan(0);
      } finally {
        await direct.end();
      }
      const example = await openExample(dialects, {
        dialect: 'postgresql',
        version: String(MAJOR),
        before: [BEFORE],
        sql,
      });
      const [fix] = example.project.fixWhole(example.path, new Date('2026-01-02T03:04:05Z'));
      if (fix === undefined) tally.clean++;
      else if (fix.kind === 'fix') {
        await writeFiles(example, fix.proposal.files);
        await expectSameEnd(server, example, { before: BEFORE, sql }).catch((cause: unknown) => {
          throw new Error(sql, { cause });
        });
        tally.planned++;
      } else {
        expect(
          [...fix.left.map((one) => one.reason), fix.kind === 'refused' ? fix.reason : ''].join('').length,
          sql,
        ).toBeGreaterThan(10);
        tally.refused++;
      }
    });
  },
);
