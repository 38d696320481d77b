import { expect, test } from 'vitest';
import type { CompletionItem, FoldingRange, Location } from 'vscode-languageserver/node';
import { startLsp, type LspClient } from '../support/lsp-client.ts';

const FIRST = 'migrations/0001_users.up.sql';
const SECOND = 'migrations/0002_orders.up.sql';
const THIRD = 'migrations/0003_more.up.sql';
const MORE = 'ALTER TABLE orders\n  ADD COLUMN note text;\nUPDATE users u SET email = lower(u.email) WHERE id > 0;\n';

async function open(third = MORE): Promise<LspClient> {
  const client = await startLsp({
    'lockstep.jsonc': '{ "dialect": "postgresql" }',
    [FIRST]: "CREATE TYPE mood AS ENUM ('ok');\nCREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);\n",
    [SECOND]: 'CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));\n',
    [THIRD]: third,
  });
  client.open(THIRD, third);
  await client.diagnostics(THIRD);
  return client;
}

function labels(client: LspClient, line: number, character: number): Promise<readonly string[]> {
  return client
    .request<readonly CompletionItem[]>('textDocument/completion', {
      textDocument: { uri: client.uri(THIRD) },
      position: { line, character },
    })
    .then((items) => items.map((item) => item.label));
}

test('definition goes to the statement that made a table; references are all that name it', async () => {
  await using client = await open();
  const at = { textDocument: { uri: client.uri(THIRD) }, position: { line: 0, character: 14 } };
  expect(await client.request<Location>('textDocument/definition', at)).toMatchObject({
    uri: client.uri(SECOND),
    range: { start: { line: 0, character: 0 } },
  });
  const users = { ...at, position: { line: 2, character: 9 }, context: { includeDeclaration: true } };
  const found = await client.request<readonly Location[]>('textDocument/references', users);
  expect(found.map(({ uri, range }) => [uri.split('/').at(-1), range.start.line])).toEqual([
    ['0001_users.up.sql', 1],
    ['0002_orders.up.sql', 0],
    ['0003_more.up.sql', 2],
  ]);
});

test('a column leads to the statement that added it', async () => {
  await using client = await open('ALTER TABLE users ALTER COLUMN email TYPE varchar(20);\n');
  expect(
    await client.request<Location>('textDocument/definition', {
      textDocument: { uri: client.uri(THIRD) },
      position: { line: 0, character: 33 },
    }),
  ).toMatchObject({ uri: client.uri(FIRST), range: { start: { line: 1 } } });
});

test('references of a column are the places that name it, not all of its table', async () => {
  const third =
    "UPDATE users u SET email = lower(u.email) WHERE u.id > 0 AND u.email <> 'email';\nUPDATE orders SET id = 1 -- users.email\n;\nALTER TABLE users ALTER COLUMN email TYPE varchar(20);\n";
  await using client = await open(third);
  const at = { textDocument: { uri: client.uri(THIRD) }, position: { line: 3, character: 33 } };
  const found = await client.request<readonly Location[]>('textDocument/references', {
    ...at,
    context: { includeDeclaration: true },
  });
  expect(
    found.map(({ uri, range }) => [
      uri.split('/').at(-1),
      range.start.line,
      range.start.character,
      range.end.character,
    ]),
  ).toEqual([
    ['0001_users.up.sql', 1, 43, 48],
    ['0003_more.up.sql', 0, 19, 24],
    ['0003_more.up.sql', 0, 35, 40],
    ['0003_more.up.sql', 0, 63, 68],
    ['0003_more.up.sql', 3, 31, 36],
  ]);
});

test('a type and a function lead to what made them, and to all that names them', async () => {
  const third =
    'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;\nALTER TABLE users ADD COLUMN m mood;\nDROP FUNCTION f();\n';
  await using client = await open(third);
  const ask = <Result>(method: string, line: number, character: number): Promise<Result> =>
    client.request<Result>(method, {
      textDocument: { uri: client.uri(THIRD) },
      position: { line, character },
      context: { includeDeclaration: true },
    });
  expect(await ask<Location>('textDocument/definition', 1, 32)).toMatchObject({
    uri: client.uri(FIRST),
    range: { start: { line: 0 } },
  });
  const types = await ask<readonly Location[]>('textDocument/references', 1, 32);
  expect(types.map(({ uri, range }) => [uri.split('/').at(-1), range.start.line])).toEqual([
    ['0001_users.up.sql', 0],
    ['0003_more.up.sql', 1],
  ]);
  expect(await ask<Location>('textDocument/definition', 2, 14)).toMatchObject({ range: { start: { line: 0 } } });
  const functions = await ask<readonly Location[]>('textDocument/references', 2, 14);
  expect(functions.map(({ range }) => range.start.line)).toEqual([0, 2]);
});

test('completion knows tables, types and columns as they are there, and nothing of later migrations', async () => {
  await using client = await open('UPDATE users SET \n');
  expect(await labels(client, 0, 17)).toEqual(expect.arrayContaining(['id', 'email', 'users', 'orders', 'mood']));
  expect(await labels(client, 0, 17)).not.toContain('user_id');
});

test('after a table or its alias and a dot come its columns alone', async () => {
  await using client = await open('SELECT o. FROM orders o WHERE orders.id > 1;\n');
  expect(await labels(client, 0, 9)).toEqual(['id', 'user_id']);
  expect(await labels(client, 0, 37)).toEqual(['id', 'user_id']);
});

test('a directive is completed, a comment is not', async () => {
  await using client = await open('-- lockstep: \n-- lockstep: allow \n-- words \nSELECT 1;\n');
  expect(await labels(client, 0, 13)).toContain('requires');
  expect(await labels(client, 1, 19)).toContain('required-column');
  expect(await labels(client, 2, 9)).toEqual([]);
});

test('statements of several lines fold', async () => {
  await using client = await open();
  const ranges = await client.request<readonly FoldingRange[]>('textDocument/foldingRange', {
    textDocument: { uri: client.uri(THIRD) },
  });
  expect(ranges.map((range) => [range.startLine, range.endLine])).toEqual([[0, 1]]);
});

test('a half folds at the line of its marker', async () => {
  const file = 'db/migrations/20260101000000_a.sql';
  const text =
    '-- migrate:up\nCREATE TABLE a (id int);\nCREATE TABLE b (id int);\n\n-- migrate:down\nDROP TABLE b;\nDROP TABLE a;\n';
  await using client = await startLsp({ 'lockstep.jsonc': '{ "dialect": "postgresql" }', [file]: text });
  client.open(file, text);
  await client.diagnostics(file);
  const ranges = await client.request<readonly FoldingRange[]>('textDocument/foldingRange', {
    textDocument: { uri: client.uri(file) },
  });
  expect(ranges.map((range) => [range.startLine, range.endLine])).toEqual([
    [0, 3],
    [4, 6],
  ]);
});
