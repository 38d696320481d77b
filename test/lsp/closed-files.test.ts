import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CONNECT_REQUEST, MARK_REQUEST, STATUS_REQUEST } from '../../server/protocol/requests.ts';
import { places, startLsp, type LspClient, type StartOptions } from '../support/lsp-client.ts';

const USERS = 'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL);\n';
const REQUIRED = 'ALTER TABLE users ADD COLUMN status TEXT NOT NULL;\n';
const FIRST = 'migrations/0001_users.up.sql';
const UP = 'migrations/0002_status.up.sql';
const LATER = 'migrations/0003_code.up.sql';
const CODE = 'ALTER TABLE users ADD COLUMN code TEXT NOT NULL;\n';

function start(configuration: string, options: StartOptions = {}): Promise<LspClient> {
  return startLsp(
    {
      'lockstep.jsonc': configuration,
      [FIRST]: USERS,
      'migrations/0001_users.down.sql': 'DROP TABLE users;\n',
      [UP]: REQUIRED,
      'migrations/0002_status.down.sql': 'ALTER TABLE users DROP COLUMN status;\n',
      [LATER]: CODE,
      'migrations/0003_code.down.sql': 'ALTER TABLE users DROP COLUMN code;\n',
    },
    options,
  );
}

/** All diagnostics that come of a file, in their order. */
function sentOf(client: LspClient, name: string): readonly (readonly string[])[] {
  const sent: (readonly string[])[] = [];
  client.onDiagnostics((params) => {
    if (params.uri === client.uri(name)) sent.push(places(params.diagnostics));
  });
  return sent;
}

const changed = (client: LspClient, name: string, type: 1 | 2 | 3): void =>
  client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: client.uri(name), type }] });

test('migrations that no editor holds are linted, what comes before startAfter is not', async () => {
  await using client = await start('{ "dialect": "sqlite", "startAfter": "0002_status" }');
  const past = sentOf(client, UP);
  expect(places(await client.diagnostics(LATER))).toEqual(['required-column@0:29-47']);
  expect(past).toEqual([]);
  expect(client.errors()).toBe('');
});

test('a file that changes or goes on disk changes or goes in the list of problems, one that comes is in it', async () => {
  await using client = await start('{ "dialect": "sqlite" }');
  await client.diagnostics(LATER, (sent) => sent.diagnostics.length === 1);
  writeFileSync(path.join(client.folder, LATER), `-- first\n${CODE}`);
  changed(client, LATER, 2);
  await client.diagnostics(LATER, (sent) => places(sent.diagnostics).join() === 'required-column@1:29-47');
  const added = 'migrations/0004_more.up.sql';
  writeFileSync(path.join(client.folder, added), CODE.replace('code', 'more'));
  changed(client, added, 1);
  await client.diagnostics(added, (sent) =>
    places(sent.diagnostics).some((place) => place.startsWith('required-column')),
  );
  rmSync(path.join(client.folder, LATER));
  changed(client, LATER, 3);
  await client.diagnostics(LATER, (sent) => sent.diagnostics.length === 0);
  rmSync(path.join(client.folder, added));
  changed(client, added, 3);
  await client.diagnostics(added, (sent) => sent.diagnostics.length === 0);
});

test('an edit in an open migration is seen in a later one that is closed, and an editor that closes leaves its findings', async () => {
  await using client = await start('{ "dialect": "sqlite" }');
  await client.diagnostics(LATER, (sent) => sent.diagnostics.length === 1);
  client.open(UP, REQUIRED);
  await client.diagnostics(UP, (sent) => sent.version === 1);
  client.change(UP, 2, [{ text: `${REQUIRED}ALTER TABLE users ADD COLUMN code TEXT;\n` }]);
  // The column is there already now.
  await client.diagnostics(LATER, (sent) => JSON.stringify(sent.diagnostics).includes('statement-not-supported'));
  client.notify('textDocument/didClose', { textDocument: { uri: client.uri(UP) } });
  await client.diagnostics(LATER, (sent) => places(sent.diagnostics).join() === 'required-column@0:29-47');
  expect(places(await client.diagnostics(UP))).toEqual(['required-column@0:29-49']);
});

test('an open migration is its editor’s: what the disk holds is not said of it', async () => {
  await using client = await start('{ "dialect": "sqlite" }');
  client.open(LATER, '-- nothing yet\n');
  const sent = sentOf(client, LATER);
  await client.diagnostics(UP, (each) => each.diagnostics.length === 1);
  expect(sent.flat()).toEqual([]);
});

test('openFilesOnly lints what is open alone, and takes the rest away when it is switched to', async () => {
  const settings: Record<string, unknown> = { diagnosticMode: 'workspace' };
  await using client = await start('{ "dialect": "sqlite" }', {
    workspace: { configuration: true },
    answers: { 'workspace/configuration': () => [settings] },
  });
  await client.diagnostics(LATER, (sent) => sent.diagnostics.length === 1);
  settings['diagnosticMode'] = 'openFilesOnly';
  client.notify('workspace/didChangeConfiguration', { settings: {} });
  await client.diagnostics(LATER, (sent) => sent.diagnostics.length === 0);
  client.open(UP, REQUIRED);
  await client.diagnostics(UP, (sent) => sent.diagnostics.length === 1);
  client.notify('textDocument/didClose', { textDocument: { uri: client.uri(UP) } });
  await client.diagnostics(UP, (sent) => sent.diagnostics.length === 0);
});

test('what is applied is past: its findings go, and its edit is told without an editor', async () => {
  await using client = await start('{ "dialect": "sqlite" }');
  await client.diagnostics(UP, (sent) => sent.diagnostics.length === 1);
  // An SQLite database that holds nothing yet.
  writeFileSync(path.join(client.folder, 'app.db'), '');
  const connected = await client.request<{ readonly ok: boolean }>(CONNECT_REQUEST.method, {
    folder: client.folderUri,
    url: `sqlite:${path.join(client.folder, 'app.db')}`,
    environment: 'development',
  });
  expect(connected.ok).toBe(true);
  for (const id of ['0001_users', '0002_status'])
    await client.request(MARK_REQUEST.method, {
      folder: client.folderUri,
      project: 'migrations',
      id,
      mark: 'applied',
    });
  // As an editor asks once it is told that the status has changed.
  await client.request(STATUS_REQUEST.method, { folder: client.folderUri });
  await client.diagnostics(UP, (sent) => sent.diagnostics.length === 0);
  writeFileSync(path.join(client.folder, UP), 'ALTER TABLE users ADD COLUMN other TEXT;\n');
  changed(client, UP, 2);
  await client.diagnostics(UP, (sent) => JSON.stringify(sent.diagnostics).includes('edited-after-apply'));
});

test('a thousand migrations are linted behind a request that a person waits for', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 1_200 }, (_, index) => [
      `migrations/${String(index + 1).padStart(4, '0')}_t.up.sql`,
      `CREATE TABLE t${index} (id INTEGER PRIMARY KEY);\nALTER TABLE t${Math.max(0, index - 1)} ADD COLUMN c TEXT NOT NULL;\n`,
    ]),
  );
  await using client = await startLsp({ 'lockstep.jsonc': '{ "dialect": "sqlite" }', ...files });
  const newest = 'migrations/1200_t.up.sql';
  await client.diagnostics(newest);
  const started = performance.now();
  await client.request('textDocument/documentSymbol', { textDocument: { uri: client.uri(newest) } });
  // The walk is far from its end: about 1 ms a file.
  expect(performance.now() - started).toBeLessThan(1_000);
  await client.diagnostics('migrations/0300_t.up.sql');
  expect(client.errors()).toBe('');
});
