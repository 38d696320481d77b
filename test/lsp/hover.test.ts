import { describe, expect, test } from 'vitest';
import type { Hover } from 'vscode-languageserver/node';
import { startLsp } from '../support/lsp-client.ts';

const FIRST =
  "CREATE TYPE mood AS ENUM ('sad', 'ok');\nCREATE TABLE users (id bigint PRIMARY KEY, age int, nick varchar(20) NOT NULL, CONSTRAINT adult CHECK (age > 17));\n" +
  'CREATE INDEX users_nick ON users (nick) WHERE age > 20;\nCREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));\nCREATE VIEW grown AS SELECT id FROM users;\n';
const NAME = 'migrations/0002_next.up.sql';

/** Markdown and range (`line:from-to`) of the hover at the `|` of a second migration. */
async function hoverAt(
  marked: string,
): Promise<{ readonly text: string; readonly range: string; readonly plain: string }> {
  const offset = marked.indexOf('|');
  const text = marked.replace('|', '');
  const before = text.slice(0, offset).split('\n');
  await using client = await startLsp({
    'lockstep.jsonc': '{ "dialect": "postgresql", "serverVersion": 17 }',
    'migrations/0001_first.up.sql': FIRST,
    [NAME]: text,
  });
  client.open(NAME, text);
  await client.diagnostics(NAME);
  const hover = await client.request<Hover | null>('textDocument/hover', {
    textDocument: { uri: client.uri(NAME) },
    position: { line: before.length - 1, character: before.at(-1)?.length ?? 0 },
  });
  expect(client.errors()).toBe('');
  if (hover === null) throw new Error('no hover');
  // The server answers with Markdown.
  const { value } = hover.contents as { readonly value: string };
  const { range } = hover;
  return {
    text: value,
    plain: value.replaceAll(/[`*]/g, ''),
    range: range === undefined ? '' : `${range.start.line}:${range.start.character}-${range.end.character}`,
  };
}

const SEVERAL =
  'ALTER TABLE users ADD COLUMN note text, ALTER COLUMN age TYPE bigint, ALTER COLUMN nick TYPE varchar(40);\n';

describe('hover on one action of several', () => {
  test('says what that action adds, and what the statement holds as a whole', async () => {
    const { plain, range } = await hoverAt(SEVERAL.replace('ADD COLUMN', 'ADD COL|UMN'));
    expect(range).toBe('0:18-38');
    expect(plain).toMatch(/^add column · users · PostgreSQL 17/);
    expect(plain).toMatch(
      /locks with ACCESS EXCLUSIVE, which blocks reads and writes, and it is neither rewritten nor scanned/,
    );
    expect(plain).toMatch(
      /All 3 actions run together: until the statement ends it locks public\.users with ACCESS EXCLUSIVE, rewritten, read whole/,
    );
  });

  test('the heavy one says so itself', async () => {
    const { plain, range } = await hoverAt(SEVERAL.replace('ALTER COLUMN age', 'ALTER COL|UMN age'));
    expect(range).toBe('0:40-68');
    expect(plain).toMatch(
      /^alter type · users · PostgreSQL 17\n\n- public\.users \(table\): .*rewrites it, reads all of it/,
    );
  });
});

describe('hover on a type', () => {
  test('that a column gets: the type it has now, and why the table is rewritten', async () => {
    const { plain, range } = await hoverAt('ALTER TABLE users ALTER COLUMN age TYPE big|int;\n');
    expect(range).toBe('0:40-46');
    expect(plain).toMatch(
      /^type bigint: 8 bytes, whole numbers up to 9,223,372,036,854,775,807\n\nThe column age is integer now \(4 bytes, .*\)\. Changing it to bigint rewrites the table, because each integer is converted to bigint\./,
    );
  });

  test('that is wider than the one before: the table stays', async () => {
    expect((await hoverAt('ALTER TABLE users ALTER COLUMN nick TYPE var|char(40);\n')).plain).toMatch(
      /Changing it to character varying\(40\) does not rewrite the table/,
    );
  });

  test('of a new column: its room, and what it could become later', async () => {
    const { plain } = await hoverAt('ALTER TABLE users ADD COLUMN code varchar(|8);\n');
    expect(plain).toMatch(/^type character varying\(8\): up to 8 characters/);
    expect(plain).toMatch(/to character varying\(16\): changes only the catalog/);
    expect(plain).toMatch(/to character varying\(4\): rewrites the table/);
  });

  test('that a migration made', async () => {
    expect((await hoverAt('ALTER TABLE users ADD COLUMN feels mo|od;\n')).plain).toMatch(
      /^type mood: 4 bytes, one of 2 labels/,
    );
  });
});

describe('hover on a name', () => {
  test('of a column: its definition as it is, with constraints and indexes over it', async () => {
    const { text, plain, range } = await hoverAt('ALTER TABLE users ALTER COLUMN ni|ck SET DEFAULT 1;\n');
    expect(range).toBe('0:31-35');
    expect(plain).toMatch(/^column of public\.users, made by 0001_first/);
    expect(text).toContain('nick character varying(20) NOT NULL\nINDEX users_nick: btree (nick) WHERE age > 20\n');
    expect(plain).toContain('Room of a value: up to 20 characters');
  });

  test('of a table: columns, constraints, indexes and who depends on it, as folded', async () => {
    const { text, plain, range } = await hoverAt('ALTER TABLE us|ers ADD COLUMN note text;\n');
    expect(range).toBe('0:12-17');
    expect(plain).toMatch(/^table public\.users, made by 0001_first/);
    for (const line of [
      'id bigint NOT NULL',
      'nick character varying(20) NOT NULL',
      'users_pkey: PRIMARY KEY (id)',
      'adult: CHECK (age > 17)',
      'INDEX users_nick: btree (nick) WHERE age > 20',
    ])
      expect(text).toContain(`${line}\n`);
    expect(plain).toContain('referenced by public.orders');
    expect(plain).toContain('read by public.grown');
    // The statement's own effects stay below.
    expect(plain).toMatch(/---\n\nadd column · users · PostgreSQL 17/);
  });

  test('of a table that the statement makes', async () => {
    expect((await hoverAt('CREATE TABLE lo|gs (id bigint PRIMARY KEY);\n')).plain).toMatch(
      /^table public\.logs, made by 0002_next\n/,
    );
  });

  test('of an index', async () => {
    expect((await hoverAt('DROP INDEX users_|nick;\n')).plain).toMatch(
      /^index public\.users_nick on public\.users: btree \(nick\) WHERE age > 20, made by 0001_first/,
    );
  });

  test('of a referenced table within an action', async () => {
    expect((await hoverAt('ALTER TABLE orders ADD COLUMN other bigint REFERENCES use|rs (id);\n')).plain).toMatch(
      /^table public\.users/,
    );
  });

  test('that nothing made: only the effects', async () => {
    expect((await hoverAt('ALTER TABLE ghos|ts ADD COLUMN a int;\n')).plain).toMatch(/^add column · ghosts/);
  });
});

test('with a connected SQLite file a hover and a lens tell rows and size', async () => {
  const rows =
    'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO users SELECT i, i FROM n;\n';
  const next = 'CREATE INDEX users_age ON users (age);\n';
  await using client = await startLsp({
    'lockstep.jsonc': '{ "dialect": "sqlite", "database": { "url": "sqlite:app.db" } }',
    'migrations/0001_first.up.sql': `CREATE TABLE users (id INTEGER PRIMARY KEY, age INT);\n${rows}`,
    [NAME]: next,
  });
  await client.request('lockstep/connect', { folder: client.folderUri, url: '', environment: null });
  await client.request('lockstep/run', {
    folder: client.folderUri,
    direction: 'up',
    extent: { kind: 'next' },
    dryRun: false,
    token: 't',
    expectedIds: null,
  });
  client.open(NAME, next);
  await client.diagnostics(NAME);
  const hover = await client.request<Hover>('textDocument/hover', {
    textDocument: { uri: client.uri(NAME) },
    position: { line: 0, character: 27 },
  });
  expect(JSON.stringify(hover.contents)).toMatch(
    /\*\*table\*\* `main\.users`, made by 0001_first|\*\*table\*\* `main\.users`, as the connected database has it/,
  );
  expect(JSON.stringify(hover.contents)).toMatch(/About 3,000 rows, \d+ kB\./);
  expect(JSON.stringify(hover.contents)).toMatch(
    /Reading it takes under a second by estimate: \d+ kB read at an assumed 125 MB\/s\./,
  );
  const [lens] = await client.request<{ readonly command: { readonly title: string } }[]>('textDocument/codeLens', {
    textDocument: { uri: client.uri(NAME) },
  });
  expect(lens?.command.title).toMatch(/^write lock on users · reads all rows · \d+ kB, under a second$/);
  expect(client.errors()).toBe('');
}, 60_000);
