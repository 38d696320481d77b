import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { CodeLens, InlayHint } from 'vscode-languageserver/node';
import { startLsp, type LspClient, type StartOptions } from '../support/lsp-client.ts';

const FIRST =
  'CREATE TABLE users (id int PRIMARY KEY, age int);\nCREATE TABLE orders (id int PRIMARY KEY, user_id int);\n';
const FIRST_NAME = 'migrations/0001_first.up.sql';
const NAME = 'migrations/0002_next.up.sql';
const EVERYTHING = { start: { line: 0, character: 0 }, end: { line: 1000, character: 0 } };
const WAIT_MS = 15_000;

function start(
  text: string,
  options: StartOptions = {},
  more: Readonly<Record<string, string>> = {},
): Promise<LspClient> {
  return startLsp(
    {
      'lockstep.jsonc': '{ "dialect": "postgresql", "serverVersion": 17 }',
      [FIRST_NAME]: FIRST,
      [NAME]: text,
      ...more,
    },
    options,
  );
}

async function open(client: LspClient, text: string): Promise<void> {
  client.open(NAME, text);
  await client.diagnostics(NAME);
}

/** `line: title` of each code lens. */
async function lenses(client: LspClient, name = NAME): Promise<readonly string[]> {
  const found = await client.request<CodeLens[]>('textDocument/codeLens', { textDocument: { uri: client.uri(name) } });
  return found.map((lens) => `${lens.range.start.line}: ${lens.command?.title}`);
}

/** `line:character label` of each inlay hint. */
async function hints(client: LspClient, range = EVERYTHING): Promise<readonly string[]> {
  const found = await client.request<InlayHint[]>('textDocument/inlayHint', {
    textDocument: { uri: client.uri(NAME) },
    range,
  });
  return found.map((hint) => `${hint.position.line}:${hint.position.character} ${String(hint.label)}`);
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + WAIT_MS; !(await condition()); ) {
    if (Date.now() > end) throw new Error('waited in vain');
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

/** An editor that can be asked for its settings. */
function editor(settings: Record<string, unknown>): StartOptions & { readonly refreshed: string[] } {
  const refreshed: string[] = [];
  return {
    refreshed,
    workspace: {
      configuration: true,
      didChangeConfiguration: { dynamicRegistration: true },
      codeLens: { refreshSupport: true },
      inlayHint: { refreshSupport: true },
    },
    answers: {
      'workspace/configuration': () => [{ ...settings }],
      'workspace/codeLens/refresh': () => {
        refreshed.push('lenses');
        return null;
      },
      'workspace/inlayHint/refresh': () => {
        refreshed.push('hints');
        return null;
      },
    },
  };
}

const MIXED = `ALTER TABLE users ALTER COLUMN age TYPE bigint;
CREATE TABLE logs (id int);
ALTER TABLE logs ADD COLUMN a int;
CREATE INDEX CONCURRENTLY users_age ON users (age);
INSERT INTO users VALUES (1, 2);
ALTER TABLE orders ADD CONSTRAINT u FOREIGN KEY (user_id) REFERENCES users (id);
DO $$ BEGIN EXECUTE format('DROP TABLE %I', 'x'); END $$;
`;

test('a lens stands above each statement that keeps others waiting, and above none that touches only new tables', async () => {
  await using client = await start(MIXED);
  await open(client, MIXED);
  expect(await lenses(client)).toEqual([
    '0: ACCESS EXCLUSIVE on users · rewrites',
    '3: SHARE UPDATE EXCLUSIVE on users · reads all rows',
    '5: SHARE ROW EXCLUSIVE on orders · reads all rows; SHARE ROW EXCLUSIVE on users · may read all rows',
    '6: not analysed in full',
  ]);
  expect(client.initialized.capabilities).toMatchObject({ codeLensProvider: {}, inlayHintProvider: true });
  expect(client.errors()).toBe('');
});

test('a lens of a client that can explain runs that command at the statement', async () => {
  await using client = await start(MIXED, { initializationOptions: { explainsAt: true } });
  await open(client, MIXED);
  const [lens] = await client.request<CodeLens[]>('textDocument/codeLens', { textDocument: { uri: client.uri(NAME) } });
  expect(lens?.command).toMatchObject({
    command: 'lockstep.explainAt',
    arguments: [client.uri(NAME), { line: 0, character: 0 }],
  });
});

test('hints are off by default, and stand behind each action that has a part in it', async () => {
  const text =
    'ALTER TABLE users ADD COLUMN nick text, ALTER COLUMN age TYPE bigint;\nALTER TABLE orders ADD COLUMN b int;\n';
  await using off = await start(text);
  await open(off, text);
  expect(await hints(off)).toEqual([]);
  await using on = await start(text, editor({ inlayHints: true, codeLens: false }));
  await open(on, text);
  await until(async () => (await hints(on)).length > 0);
  expect(await hints(on)).toEqual([
    '0:38 ACCESS EXCLUSIVE on users',
    '0:68 ACCESS EXCLUSIVE on users · rewrites',
    '1:36 ACCESS EXCLUSIVE on orders',
  ]);
  expect(await hints(on, { start: { line: 1, character: 0 }, end: { line: 1, character: 5 } })).toEqual([
    '1:36 ACCESS EXCLUSIVE on orders',
  ]);
  expect(await lenses(on)).toEqual([]);
});

test('a changed setting is read, and the editor asks anew', async () => {
  const settings: Record<string, unknown> = { codeLens: false };
  const options = editor(settings);
  await using client = await start(MIXED, options);
  await open(client, MIXED);
  await until(async () => (await lenses(client)).length === 0);
  settings['codeLens'] = true;
  client.notify('workspace/didChangeConfiguration', { settings: null });
  await until(async () => (await lenses(client)).length === 4);
  expect(options.refreshed).toContain('lenses');
  expect(options.refreshed).toContain('hints');
});

test('a client that cannot be asked sends its settings along', async () => {
  await using client = await start(MIXED);
  await open(client, MIXED);
  client.notify('workspace/didChangeConfiguration', { settings: { lockstep: { codeLens: false } } });
  await until(async () => (await lenses(client)).length === 0);
});

test('lenses follow the schema: an edit of an earlier file, or a change on disk, makes the editor ask anew', async () => {
  const options = editor({});
  await using client = await start(MIXED, options);
  await open(client, MIXED);
  client.open(FIRST_NAME, FIRST);
  await client.diagnostics(FIRST_NAME);
  options.refreshed.length = 0;
  client.change(FIRST_NAME, 2, [{ text: FIRST.replace('age int', 'age bigint') }]);
  await until(() => options.refreshed.includes('lenses'));
  // The column has that type already, so nothing is rewritten.
  expect((await lenses(client))[0]).toBe('0: ACCESS EXCLUSIVE on users');
  options.refreshed.length = 0;
  client.notify('textDocument/didClose', { textDocument: { uri: client.uri(FIRST_NAME) } });
  writeFileSync(path.join(client.folder, FIRST_NAME), FIRST.replace('age int', 'age text'));
  client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: client.uri(FIRST_NAME), type: 2 }] });
  await until(() => options.refreshed.includes('lenses'));
  expect((await lenses(client))[0]).toBe('0: ACCESS EXCLUSIVE on users · rewrites');
  rmSync(path.join(client.folder, FIRST_NAME));
});

test('SQLite: only what reads or writes a whole table has a line', async () => {
  const text = 'ALTER TABLE users ADD COLUMN a INT;\nCREATE INDEX users_age ON users (age);\nVACUUM;\n';
  await using client = await startLsp({
    'lockstep.jsonc': '{ "dialect": "sqlite" }',
    [FIRST_NAME]: FIRST,
    [NAME]: text,
  });
  await open(client, text);
  expect(await lenses(client)).toEqual([
    '1: write lock on users · reads all rows',
    '2: write lock on the database · rewrites',
  ]);
});
