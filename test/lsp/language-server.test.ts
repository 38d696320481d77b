import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { CodeAction, DocumentSymbol, Hover, TextEdit, WorkspaceEdit } from 'vscode-languageserver/node';
import { nodeFiles } from '../../server/host/node-files.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import { openProjects } from '../../server/application/open-project.ts';
import { FIX_REQUEST, TRUST_GRANTED, type FixResult, type Outcome } from '../../server/protocol/requests.ts';
import { places, startLsp, type LspClient } from '../support/lsp-client.ts';

const USERS = 'CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);\n';
const REQUIRED = 'ALTER TABLE users ADD COLUMN status text NOT NULL;\n';
const UP = 'migrations/0002_status.up.sql';

function open(second = REQUIRED, more: Readonly<Record<string, string>> = {}): Promise<LspClient> {
  return startLsp({
    'lockstep.jsonc': '{ "dialect": "postgresql" }',
    'migrations/0001_users.up.sql': USERS,
    'migrations/0001_users.down.sql': 'DROP TABLE users;\n',
    [UP]: second,
    'migrations/0002_status.down.sql': 'ALTER TABLE users DROP COLUMN status;\n',
    ...more,
  });
}

test('a finding is pushed on open with its range, code, link and severity', async () => {
  await using client = await open();
  client.open(UP, REQUIRED);
  const diagnostics = await client.diagnostics(UP);
  expect(places(diagnostics)).toEqual(['required-column@0:29-49']);
  expect(diagnostics[0]).toMatchObject({ severity: 1, source: 'lockstep' });
  expect(diagnostics[0]?.codeDescription?.href).toMatch(/^https:\/\/www\.postgresql\.org\/docs\//);
  expect(client.errors()).toBe('');
});

test.each([
  ['an emoji before it counts two units', `/* 😀 */ ${REQUIRED}`, 'required-column@0:38-58'],
  ['CRLF', `-- first\r\n\r\n${REQUIRED.trimEnd()}\r\n`, 'required-column@2:29-49'],
  ['a byte-order mark', `\uFEFF${REQUIRED}`, 'required-column@0:30-50'],
  ['a syntax error in the middle leaves the rest linted', `ALTER TABEL x;\n${REQUIRED}`, 'required-column@1:29-49'],
  ['NUL in a comment', `-- \0\n${REQUIRED}`, 'required-column@1:29-49'],
])('exact range: %s', async (_name, text, place) => {
  await using client = await open();
  client.open(UP, text);
  expect(places(await client.diagnostics(UP))).toContain(place);
});

test.each([
  ['an empty file', ''],
  ['a lone byte-order mark', '\uFEFF'],
  ['an unterminated text', "SELECT 'a"],
  ['an open comment', '/* '],
  ['an open dollar quote', 'SELECT $$a'],
])('%s is answered and the server goes on', async (_name, text) => {
  await using client = await open();
  client.open(UP, text);
  await client.diagnostics(UP);
  client.change(UP, 2, [{ text: REQUIRED }]);
  expect(places(await client.diagnostics(UP, (sent) => sent.version === 2))).toEqual(['required-column@0:29-49']);
  expect(client.errors()).toBe('');
});

test('bytes that are no UTF-8 are said, although the editor shows replacement characters, until the file is saved', async () => {
  await using client = await open(REQUIRED, { 'migrations/0003_text.up.sql': '' });
  const name = 'migrations/0003_text.up.sql';
  const file = path.join(client.folder, name);
  const changed = (): void =>
    client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: client.uri(name), type: 2 }] });
  writeFileSync(file, Buffer.from("UPDATE users SET email = 'caf\xe9' WHERE id = 1;\n", 'latin1'));
  changed();
  const held = "UPDATE users SET email = 'caf\uFFFD' WHERE id = 1;\n";
  client.open(name, held);
  const isSaid = (sent: { readonly diagnostics: readonly unknown[] }): boolean =>
    JSON.stringify(sent.diagnostics).includes('no UTF-8');
  expect(places(await client.diagnostics(name, isSaid))).toContain('syntax@0:29-30');
  writeFileSync(file, held);
  changed();
  await client.diagnostics(name, (sent) => !isSaid(sent));
});

test('an incremental edit is linted, and the finding goes and comes back', async () => {
  await using client = await open();
  client.open(UP, REQUIRED);
  await client.diagnostics(UP, (sent) => sent.diagnostics.length === 1);
  client.change(UP, 2, [{ range: { start: { line: 0, character: 40 }, end: { line: 0, character: 49 } }, text: '' }]);
  expect(await client.diagnostics(UP, (sent) => sent.version === 2)).toEqual([]);
  client.change(UP, 3, [
    { range: { start: { line: 0, character: 40 }, end: { line: 0, character: 40 } }, text: ' NOT NULL' },
  ]);
  expect(await client.diagnostics(UP, (sent) => sent.version === 3)).toHaveLength(1);
});

test('a fix is files of one edit, each named by its step; after an edit it is refused', async () => {
  await using client = await open();
  client.open(UP, REQUIRED);
  const diagnostics = await client.diagnostics(UP);
  const actions = await client.actions(UP, diagnostics);
  expect(actions.map((action) => action.title)).toEqual([
    'Split into expand and contract',
    'Allow required-column here, because…',
  ]);
  const [plain] = actions;
  const resolved = await client.request<CodeAction>('codeAction/resolve', plain);
  expect(resolved.edit).toEqual(plain?.edit);
  const changes = resolved.edit?.documentChanges ?? [];
  const created = changes.flatMap((change) =>
    'kind' in change && change.kind === 'create' ? [path.basename(change.uri)] : [],
  );
  expect(created.length).toBeGreaterThan(1);
  expect(created.every((name) => /^0\d{3}_\w+\.(up|down)\.sql$/.test(name))).toBe(true);
  const labels = Object.keys(resolved.edit?.changeAnnotations ?? {});
  expect(labels[0]).toBe('The unsafe statement leaves its file');
  expect(labels[1]).toMatch(/^expand: /);
  client.change(UP, 2, [
    { range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, text: '-- later\n' },
  ]);
  await client.diagnostics(UP, (sent) => sent.version === 2);
  await expect(client.request('codeAction/resolve', plain)).rejects.toThrow(
    'The file has changed since this fix was offered',
  );
});

test('a client that applies fixes gets commands that stand for themselves, and their files on request', async () => {
  await using client = await startLsp(
    { 'lockstep.jsonc': '{ "dialect": "postgresql" }', 'migrations/0001_users.up.sql': USERS, [UP]: REQUIRED },
    { initializationOptions: { appliesFixes: true, isTrusted: true } },
  );
  client.open(UP, REQUIRED);
  const actions = await client.actions(UP, await client.diagnostics(UP));
  expect(actions.map(({ title, command, edit }) => [title, command?.command, edit])).toEqual([
    ['Split into expand and contract', 'lockstep.applyFix', undefined],
    ['Split into expand and contract: look at the files first…', 'lockstep.previewFix', undefined],
    ['Make this migration safe', 'lockstep.applyFix', undefined],
    ['Make this migration safe: look at the files first…', 'lockstep.previewFix', undefined],
    ['Allow required-column here, because…', 'lockstep.allowHere', undefined],
  ]);
  const reference: unknown = actions[0]?.command?.arguments?.[0];
  const fix = await client.request<Outcome<FixResult>>(FIX_REQUEST.method, reference);
  if (!fix.ok) throw new Error(fix.message);
  expect([...new Set(fix.value.steps.map((step) => step.phase))]).toEqual(['expand', 'migrate', 'contract']);
  expect(fix.value.steps.flatMap((step) => step.deploys)).not.toEqual([]);
  expect(fix.value.files.filter((file) => file.action === 'delete').map((file) => file.path)).toEqual([UP]);
  expect(fix.value.values).toEqual([{ name: 'users.status', type: 'text', suggestion: "''" }]);
  const withValue = (sql: string): Promise<Outcome<FixResult>> =>
    client.request<Outcome<FixResult>>(FIX_REQUEST.method, { ...Object(reference), values: { 'users.status': sql } });
  const said = await withValue("'active'");
  if (!said.ok) throw new Error(said.message);
  expect(said.value.values).toEqual([]);
  expect(said.value.files.map((file) => file.text).join('')).toContain("SET status = 'active'");
  expect(await withValue('active)')).toMatchObject({ ok: false, message: expect.stringContaining('single quotes') });
  client.change(UP, 2, [
    { range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, text: '-- later\n' },
  ]);
  await client.diagnostics(UP, (sent) => sent.version === 2);
  expect(await client.request(FIX_REQUEST.method, reference)).toMatchObject({
    ok: false,
    message: expect.stringMatching(/has changed/) as string,
  });
});

test('a whole migration is made safe from any of its findings, or it is said why not', async () => {
  const sql =
    "ALTER TABLE users ADD COLUMN status text;\nUPDATE users SET status = 'active';\nALTER TABLE users ALTER COLUMN status SET NOT NULL;\n";
  await using client = await startLsp(
    { 'lockstep.jsonc': '{ "dialect": "postgresql" }', 'migrations/0001_users.up.sql': USERS, [UP]: sql },
    { initializationOptions: { appliesFixes: true, isTrusted: true } },
  );
  client.open(UP, sql);
  const whole = (await client.actions(UP, await client.diagnostics(UP))).find(
    ({ title }) => title === 'Make this migration safe',
  );
  const fix = await client.request<Outcome<FixResult>>(FIX_REQUEST.method, whole?.command?.arguments?.[0]);
  if (!fix.ok) throw new Error(fix.message);
  expect(fix.value.steps.map((step) => step.phase)).toEqual(['migrate', 'contract', 'contract', 'contract']);
  expect(fix.value.steps.flatMap((step) => step.deploys)).toHaveLength(1);
  const asked = 'ALTER TABLE users DROP COLUMN email;\nALTER TABLE users ADD COLUMN mail text;\n';
  client.change(UP, 2, [{ text: asked }]);
  const refused = (await client.actions(UP, await client.diagnostics(UP, (sent) => sent.version === 2))).find(
    ({ title }) => title === 'Make this migration safe',
  );
  expect(await client.request(FIX_REQUEST.method, refused?.command?.arguments?.[0])).toMatchObject({
    ok: false,
    message: expect.stringContaining('RENAME COLUMN') as string,
  });
});

test.each([true, false])(
  'in an untrusted workspace no fix writes files until trust is given, the client applying them: %s',
  async (appliesFixes) => {
    await using client = await startLsp(
      { 'lockstep.jsonc': '{ "dialect": "postgresql" }', 'migrations/0001_users.up.sql': USERS, [UP]: REQUIRED },
      { initializationOptions: { appliesFixes, isTrusted: false } },
    );
    client.open(UP, REQUIRED);
    const diagnostics = await client.diagnostics(UP);
    const [action] = await client.actions(UP, diagnostics);
    expect(action?.edit).toBeUndefined();
    if (appliesFixes)
      expect(await client.request(FIX_REQUEST.method, action?.command?.arguments?.[0])).toMatchObject({
        ok: false,
        message: expect.stringMatching(/not trusted/) as string,
      });
    else expect(action?.disabled?.reason).toMatch(/not trusted/);
    client.notify(TRUST_GRANTED.method, {});
    const [trusted] = await client.actions(UP, diagnostics);
    if (appliesFixes)
      expect(await client.request(FIX_REQUEST.method, trusted?.command?.arguments?.[0])).toMatchObject({ ok: true });
    else expect(trusted?.edit?.documentChanges).not.toEqual([]);
  },
);

test('a file that a fix has just written is read with the folder as it is then', async () => {
  await using client = await startLsp({
    'migrations/0001_users.up.sql': 'CREATE TABLE users (id bigint PRIMARY KEY);\n',
    'migrations/0002_status.up.sql': 'ALTER TABLE users ADD COLUMN status text NOT NULL;\n',
  });
  client.open('migrations/0002_status.up.sql', 'ALTER TABLE users ADD COLUMN status text NOT NULL;\n');
  expect(await client.diagnostics('migrations/0002_status.up.sql')).toHaveLength(1);
  rmSync(path.join(client.folder, 'migrations/0002_status.up.sql'));
  const text =
    'CREATE TABLE log (id bigint PRIMARY KEY);\nALTER TABLE log ADD COLUMN status text NOT NULL;\nALTER TABLE users ADD COLUMN status text;\n';
  writeFileSync(path.join(client.folder, 'migrations/0003_expand.up.sql'), text);
  client.open('migrations/0003_expand.up.sql', text);
  expect(await client.diagnostics('migrations/0003_expand.up.sql')).toEqual([]);
}, 60_000);

test('allowing a finding writes a line above the statement that silences it', async () => {
  await using client = await open(`${USERS.replace('users', 'other')}  ${REQUIRED}`);
  const text = `${USERS.replace('users', 'other')}  ${REQUIRED}`;
  client.open(UP, text);
  const diagnostics = await client.diagnostics(UP);
  const allow = (await client.actions(UP, diagnostics)).find((action) => action.title.startsWith('Allow'));
  const edited = applyTo(text, allow?.edit, client.uri(UP)).replace('because \n', 'because the table is empty\n');
  expect(edited).toBe(
    `${USERS.replace('users', 'other')}  -- lockstep: allow required-column because the table is empty\n  ${REQUIRED}`,
  );
  client.change(UP, 2, [{ text: edited }]);
  expect(await client.diagnostics(UP, (sent) => sent.version === 2)).toEqual([]);
});

test('a hover says what a statement locks, in words and for a version', async () => {
  await using client = await open();
  client.open(UP, 'ALTER TABLE users ALTER COLUMN email TYPE integer USING 1;\n');
  const hover = await client.request<Hover>('textDocument/hover', {
    textDocument: { uri: client.uri(UP) },
    position: { line: 0, character: 5 },
  });
  expect(JSON.stringify(hover.contents)).toMatch(
    /PostgreSQL 1\d.*public\.users.*ACCESS EXCLUSIVE.*blocks reads and writes.*rewrites it/,
  );
});

test('formatting touches statements only: markers, directives and comments stay', async () => {
  const text =
    '-- migrate:up\n-- lockstep: allow required-column because new\nselect   1,2   from users where id=1;\n\n-- migrate:down\nselect 2;\n';
  await using client = await startLsp({
    'lockstep.jsonc': '{ "dialect": "postgresql" }',
    'db/migrations/20200101000000_a.sql': text,
  });
  const name = 'db/migrations/20200101000000_a.sql';
  client.open(name, text);
  await client.diagnostics(name);
  const params = { textDocument: { uri: client.uri(name) }, options: { tabSize: 2, insertSpaces: true } };
  const edits = await client.request<TextEdit[]>('textDocument/formatting', params);
  const formatted = applyEditsTo(text, edits);
  expect(formatted).toMatch(
    /^-- migrate:up\n-- lockstep: allow required-column because new\nselect\n {2}1,\n {2}2\nfrom\n/,
  );
  expect(formatted).toContain(';\n\n-- migrate:down\nselect\n  2;\n');
  client.change(name, 2, [{ text: text.replace('from', 'fro m') }]);
  await client.diagnostics(name, (sent) => sent.version === 2);
  await expect(client.request('textDocument/formatting', params)).rejects.toThrow('Not formatted');
});

test('the outline names sections and statements', async () => {
  await using client = await open();
  client.open(UP, REQUIRED);
  const symbols = await client.request<DocumentSymbol[]>('textDocument/documentSymbol', {
    textDocument: { uri: client.uri(UP) },
  });
  expect(symbols.map((symbol) => [symbol.name, symbol.children?.map((child) => child.detail)])).toEqual([
    ['up', ['add column · users']],
  ]);
});

test('the editor and the command line find the same', async () => {
  const text = `${REQUIRED}CREATE INDEX i ON users (email);\nALTER TABLE users DROP COLUMN email;\nSELEC 1;\n`;
  await using client = await open(text);
  client.open(UP, text);
  const pushed = places(await client.diagnostics(UP));
  const { projects } = await openProjects({ root: client.folder, files: nodeFiles, engines: await loadEngines() });
  const report = projects[0]?.lint(UP);
  const asked = [
    ...(report?.findings.map((finding) => ({ code: finding.code, range: finding.range })) ?? []),
    ...(report?.problems.map((problem) => ({ code: problem.kind, range: problem.range })) ?? []),
  ];
  expect(pushed.length).toBeGreaterThan(3);
  expect(pushed).toEqual(
    asked.map(({ code, range }) => `${code}@${range.start.line}:${range.start.character}-${range.end.character}`),
  );
  expect(readFileSync(path.join(client.folder, UP), 'utf8')).toBe(text);
});

function applyTo(text: string, edit: WorkspaceEdit | undefined, uri: string): string {
  const change = edit?.documentChanges?.find(
    (candidate) => 'textDocument' in candidate && candidate.textDocument.uri === uri,
  );
  return change === undefined || !('edits' in change)
    ? text
    : applyEditsTo(
        text,
        change.edits.flatMap((each) => ('newText' in each ? [each] : [])),
      );
}

function applyEditsTo(text: string, edits: readonly TextEdit[]): string {
  const lines = text.split('\n');
  const offset = (position: { line: number; character: number }): number =>
    lines.slice(0, position.line).reduce((sum, line) => sum + line.length + 1, 0) + position.character;
  return edits
    .toSorted((left, right) => offset(right.range.start) - offset(left.range.start))
    .reduce(
      (result, edit) => result.slice(0, offset(edit.range.start)) + edit.newText + result.slice(offset(edit.range.end)),
      text,
    );
}

test('fix all applies every safe edit at once, only where it is asked for by name, and writes no files', async () => {
  const text =
    '-- lockstep: no-transaction\nCREATE INDEX a ON users (email);\nALTER TABLE users ADD COLUMN status text NOT NULL;\nCREATE INDEX b ON users (id);\n';
  await using client = await open(text);
  client.open(UP, text);
  await client.diagnostics(UP);
  const ask = (only: readonly string[] | undefined): Promise<readonly CodeAction[]> =>
    client.request('textDocument/codeAction', {
      textDocument: { uri: client.uri(UP) },
      range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
      context: { diagnostics: [], ...(only === undefined ? {} : { only }) },
    });
  expect((await ask(undefined)).map((action) => action.kind)).not.toContain('source.fixAll.lockstep');
  for (const kind of ['source', 'source.fixAll', 'source.fixAll.lockstep']) {
    const [action, ...more] = await ask([kind]);
    expect(more).toEqual([]);
    const changes = (action?.edit?.documentChanges ?? []) as readonly { readonly edits: readonly TextEdit[] }[];
    expect(
      changes
        .flatMap((change) => change.edits)
        .map((edit) => edit.newText)
        .join(''),
    ).toContain('CONCURRENTLY');
    expect(changes).toHaveLength(1);
  }
  expect(await ask(['source.organizeImports'])).toEqual([]);
});

test("a client that shows rules gets a link to the rule's page, and the page", async () => {
  await using client = await startLsp(
    { 'lockstep.jsonc': '{ "dialect": "postgresql" }', 'migrations/0001_users.up.sql': USERS, [UP]: REQUIRED },
    { initializationOptions: { showsRules: true } },
  );
  client.open(UP, REQUIRED);
  const [finding] = await client.diagnostics(UP, (sent) =>
    sent.diagnostics.some((diagnostic) => diagnostic.code === 'required-column'),
  );
  expect(finding?.codeDescription?.href).toBe('lockstep-rule:/required-column.md');
  expect(await client.request('lockstep/rule', { code: 'required-column' })).toMatch(
    /^# required-column\n[^]*### Reported[^]*"required-column": "off"/,
  );
  expect(await client.request('lockstep/rule', { code: 'no-such' })).toBeNull();
});
