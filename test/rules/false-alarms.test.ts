import { beforeAll, expect, test } from 'vitest';
import type { EngineId } from '../../server/model/engine-id.ts';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { openExample } from '../support/rule-check.ts';

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

interface Case {
  readonly before: readonly string[];
  readonly sql: string;
  readonly dialect?: EngineId;
}

async function open({ before, sql, dialect = 'postgresql' }: Case): ReturnType<typeof openExample> {
  return openExample(engines, { dialect, before, sql });
}

/** `code severity` of each finding, and the kinds of the problems. */
async function said(each: Case): Promise<readonly string[]> {
  const { project, path } = await open(each);
  const { findings, problems } = project.lint(path);
  return [
    ...findings.map(({ code, severity }) => `${code} ${severity}`),
    ...problems.map(({ kind, message }) => `${kind}: ${message}`),
  ];
}

/** `relation lock certainty` of each effect of the last statement, the certainty of its scan behind it where that is another. */
async function locks(each: Case): Promise<readonly string[]> {
  const { project, path } = await open(each);
  const effects = project.explain(path).statements.at(-1)?.effects ?? [];
  return effects.map(
    ({ relation, lock, scan, certainty, scanCertainty }) =>
      `${relation} ${lock}${scan ? ' scan' : ''} ${certainty}${scanCertainty === undefined ? '' : ', the lock certain'}`,
  );
}

const TABLES =
  'CREATE TABLE users (id bigint PRIMARY KEY, name text, age int);\nCREATE TABLE orders (id bigserial PRIMARY KEY, user_id bigint REFERENCES users (id) ON DELETE CASCADE);';
const TRIGGER =
  "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := 'x'; RETURN NEW; END $$;\nCREATE TRIGGER touched BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch();";

test('a constraint whose column the same statement drops gives its name away', async () => {
  const before = ['CREATE TABLE t (a int, b int, CONSTRAINT c CHECK (a < b));'];
  const codes = await said({ before, sql: 'ALTER TABLE t DROP COLUMN b, ADD CONSTRAINT c CHECK (a > 0);' });
  expect(codes).not.toContain('statement-not-supported error');
  expect(await said({ before, sql: 'ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0);' })).toContain(
    'statement-not-supported error',
  );
});

test('what another rule would say of a refused statement, and an allow line for it, is not asked for', async () => {
  expect(
    await said({
      before: [TABLES],
      sql: '-- lockstep: allow blocking-alter because it is small\nALTER TABLE users ADD COLUMN name text;',
    }),
  ).toEqual(['statement-not-supported error']);
  expect(
    (
      await said({
        before: [TABLES],
        sql: '-- lockstep: allow blocking-alter because it is small\nALTER TABEL users ADD COLUMN name text;',
      })
    ).filter((line) => line.startsWith('unused-allow')),
  ).toEqual([]);
});

test('a drop of what is gone is said once, as refused', async () => {
  expect(await said({ before: [TABLES], sql: 'ALTER TABLE users DROP COLUMN nick;' })).toEqual([
    'statement-not-supported error',
  ]);
  expect(await said({ before: [TABLES, 'DROP TABLE orders;'], sql: 'DROP TABLE orders;' })).toEqual([
    'statement-not-supported error',
  ]);
});

test('a new name for a column that is gone is said once, as refused', async () => {
  for (const dialect of ['postgresql', 'sqlite'] as const)
    expect(
      await said({
        dialect,
        before: ['CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);'],
        sql: 'ALTER TABLE users RENAME COLUMN nick TO title;',
      }),
    ).toEqual(['statement-not-supported error']);
  expect(await said({ before: [TABLES], sql: 'ALTER TABLE users RENAME COLUMN name TO title;' })).toEqual([
    'rename-in-use error',
  ]);
});

test('a function of triggers breaks no query', async () => {
  const { project, path } = await open({ before: [TABLES, TRIGGER], sql: 'DROP FUNCTION touch() CASCADE;' });
  const { findings } = project.lint(path);
  expect(findings.map(({ code }) => code)).toEqual(['cascading-drop', 'dropped-object']);
  expect(findings[1]?.message).toContain('ends what its triggers do for rows that the running version writes');
  expect(
    await said({ before: [TABLES, TRIGGER], sql: 'DROP TRIGGER touched ON users;\nDROP FUNCTION touch() CASCADE;' }),
  ).toEqual(['dropped-object warning']);
});

test('triggers that the same transaction switches on again are no error', async () => {
  const sql = (between: string): string =>
    `ALTER TABLE users DISABLE TRIGGER ALL;\n${between}\nALTER TABLE users ENABLE TRIGGER ALL;`;
  const rows = "UPDATE users SET name = 'x' WHERE id = 1;";
  expect(await said({ before: [TABLES], sql: sql(rows) })).toEqual(['disabled-trigger info']);
  expect(await said({ before: [TABLES], sql: sql('ALTER TABLE users ADD COLUMN nick text;') })).toEqual([]);
  expect(await said({ before: [TABLES], sql: `-- lockstep: no-transaction\n${sql(rows)}` })).toEqual([
    'disabled-trigger error',
  ]);
});

test('under a condition every table of a DROP is one that may be locked', async () => {
  expect(
    await locks({
      before: [TABLES],
      sql: 'DO $$ BEGIN IF random() > 0.5 THEN DROP TABLE users, orders CASCADE; END IF; END $$;',
    }),
  ).toEqual([
    'public.users AccessExclusiveLock may',
    'public.orders AccessExclusiveLock may',
    'public.orders_id_seq AccessExclusiveLock may',
  ]);
});

test('how much of a referenced table is read, and what no row may reach, is not certain', async () => {
  expect(
    await locks({
      before: [TABLES, 'CREATE TABLE child (user_id bigint);'],
      sql: 'ALTER TABLE child ADD FOREIGN KEY (user_id) REFERENCES users (id);',
    }),
  ).toEqual([
    'public.child ShareRowExclusiveLock scan certain',
    'public.users ShareRowExclusiveLock scan may, the lock certain',
  ]);
  expect(
    await locks({ before: [TABLES], sql: 'INSERT INTO orders (user_id) SELECT id FROM users WHERE id = 1;' }),
  ).toContain('public.orders_id_seq RowExclusiveLock may');
  expect(await locks({ before: [TABLES], sql: 'INSERT INTO orders (user_id) VALUES (1);' })).toContain(
    'public.orders_id_seq RowExclusiveLock certain',
  );
  expect(await locks({ before: [TABLES], sql: 'DELETE FROM users WHERE id = 1;' })).toEqual([
    'public.users RowExclusiveLock certain',
    'public.orders RowExclusiveLock scan may',
  ]);
});

test('a new owner of a table takes its sequences with it only where it is another one', async () => {
  const owner = (name: string): string => `ALTER TABLE orders OWNER TO ${name};`;
  const table = 'public.orders AccessExclusiveLock certain';
  expect(await locks({ before: [TABLES], sql: owner('CURRENT_USER') })).toEqual([table]);
  expect(await locks({ before: [TABLES], sql: owner('app') })).toEqual([
    table,
    'public.orders_id_seq AccessExclusiveLock may',
  ]);
  expect(await locks({ before: [TABLES, owner('app')], sql: owner('app') })).toEqual([table]);
  expect(await locks({ before: [TABLES, owner('app')], sql: owner('admin') })).toEqual([
    table,
    'public.orders_id_seq AccessExclusiveLock certain',
  ]);
  expect(await locks({ before: [TABLES, owner('app')], sql: owner('CURRENT_USER') })).toEqual([
    table,
    'public.orders_id_seq AccessExclusiveLock may',
  ]);
});

test("rows of the server's own catalog are few; a table of one's own that is named as those are is a table", async () => {
  const before = ['CREATE TABLE pg_jobs (id bigint PRIMARY KEY, state text);'];
  expect(await said({ before, sql: 'UPDATE pg_index SET indisvalid = true WHERE indrelid = 0;' })).toEqual([]);
  expect(await said({ before, sql: "UPDATE pg_jobs SET state = 'new';" })).toEqual(['unbatched-update warning']);
});

test('what an extension brings is a hint where migrations create others alone, and refused where a catalog lists all', async () => {
  const before = ['CREATE EXTENSION citext; CREATE TABLE users (id bigint PRIMARY KEY, name text);'];
  for (const sql of [
    'ALTER TABLE users ADD COLUMN extra hstore;',
    'CREATE INDEX users_name ON users USING gin (name gin_trgm_ops);',
    'SELECT gen_salt(name) FROM users WHERE id = 1;',
  ]) {
    const codes = (await said({ before, sql })).filter((each) => each.startsWith('statement-not-supported'));
    expect([sql, codes]).toEqual([sql, ['statement-not-supported info']]);
    // Nothing is said where migrations create no extension at all, or this one.
    const without = await said({ before: [before[0]?.replace('CREATE EXTENSION citext; ', '') ?? ''], sql });
    expect(without.filter((each) => each.startsWith('statement-not-supported'))).toEqual([]);
    const all = `CREATE EXTENSION hstore; CREATE EXTENSION pg_trgm; CREATE EXTENSION pgcrypto; ${before[0] ?? ''}`;
    const made = await said({ before: [all], sql });
    expect(made.filter((each) => each.startsWith('statement-not-supported'))).toEqual([]);
    const { postgresql } = engines;
    const target = { version: 17, timeZone: 'unknown' as const };
    let complete = postgresql.emptySchema(true);
    for (const statement of postgresql.split(before[0] ?? '', { start: 0, end: before[0]?.length ?? 0 }))
      complete = postgresql.fold(complete, postgresql.parse(statement.text).operations, { fileIndex: 0 }, target);
    const refusals = postgresql.parse(sql).operations.map((each) => postgresql.refusal(each, complete, target));
    expect(refusals.find((each) => each !== undefined)).toMatchObject({
      message: expect.stringMatching(/of the extension (?:hstore|pg_trgm|pgcrypto), which no migration creates/),
    });
    expect(refusals.every((each) => each?.unlessPrepared !== true)).toBe(true);
  }
});
