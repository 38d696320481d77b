import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { tellInProcess } from '../support/in-process-cli.ts';
import { startLsp } from '../support/lsp-client.ts';

/** What must appear nowhere: the middle of every password that is made up here. */
const CORE = 'zQ7vK2xW';
const SPECIAL = ['@', '/', '#', '%', '?', ':', '&', '+', ' ', "'", '"', ';', '\\', '[', ']', ',', '12', '$', 'é'];
const ROUNDS = 40;

/** Numbers that are the same in every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const next = random(20_261_129);
const pick = <Value>(values: readonly Value[]): Value => values[next(values.length)] as Value;
const specials = (): string => Array.from({ length: next(4) }, () => pick(SPECIAL)).join('');

/** A connection string with the password somewhere, written well or badly, on a port where nobody listens. */
function connectionString(): string {
  const secret = `${specials()}${CORE}${specials()}`;
  const encoded = encodeURIComponent(secret);
  const host = pick(['127.0.0.1:1', '127.0.0.1:1,127.0.0.1:2', '[::1]:1', '%2Fnowhere', '']);
  return pick([
    `postgres://u:${secret}@${host}/db`,
    `postgresql://u:${encoded}@${host}/db?sslmode=prefer`,
    `postgres://u@${host}/db?password=${encoded}`,
    `postgres://u@${host}/db?sslpassword=${encoded}&sslmode=${pick(['require', 'verify-full', 'none'])}`,
    `postgres://u:${secret}${host}/db`,
    `postgres:u:${secret}@${host}/db`,
    `postgres//u:${secret}@${host}/db`,
    `mysql://u:${secret}@${host}/db`,
    `u:${secret}@${host}/db`,
    `host=127.0.0.1 port=1 user=u dbname=db password='${secret.replaceAll(/['\\]/g, '\\$&')}'`,
    `host=127.0.0.1 port=1 user=u dbname=db password=${secret}`,
    `Host=127.0.0.1;Port=1;Username=u;Password=${secret};Database=db`,
    `Server=127.0.0.1;User Id=u;Password='${secret}'`,
  ]);
}

const STRINGS = Array.from({ length: ROUNDS }, connectionString);

test('no output of any command has the password of a connection string, wherever it was put', {
  timeout: 180_000,
}, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-secret-'));
  mkdirSync(path.join(folder, 'migrations'));
  writeFileSync(path.join(folder, 'migrations/0001_a.up.sql'), 'CREATE TABLE a (id int);\n');
  const settings = path.join(folder, 'lockstep.jsonc');
  const PLAIN = '{ "dialect": "postgresql", "database": { "env": "DATABASE_URL" } }';
  let output = '';
  const run = async (environment: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<number> => {
    const told = await tellInProcess(folder, words, environment);
    output = told.output;
    return told.code;
  };
  const leaks: string[] = [];
  let refusals = 0;
  for (const [index, text] of STRINGS.entries()) {
    writeFileSync(settings, PLAIN);
    const commands: readonly (readonly string[])[] = [
      ['status', '--database', text],
      ['status', `--database=${text}`, '--format', 'json', '--verbose'],
      ['verify', '--database', text, '--verbose'],
      ['apply', '--yes', '--database', text],
      ['revert', '--yes', '--database', text, '--format', 'json'],
      ['lint', '--pending', '--database', text],
      ['explain', '--database', text],
      ['fix', 'migrations', '--database', text],
      ['script', '--database', text],
      ['change', 'list', '--database', text],
      ['init', '--database', text],
      // In the wrong place.
      ['status', text],
      [text],
      ['lint', text],
      ['explain', text, '--verbose'],
      ['apply', '--yes', text],
      ['apply', '--yes', '--to', text],
      ['lint', '--rule', text],
      ['lint', '--base', text],
      ['lint', '--dialect', text],
      ['lint', '--format', text],
      ['lint', '--server-version', text],
      ['lint', '--config', text],
      ['lint', '--cwd', text],
      [`--database=${text}`, 'status'],
      ['status', `--databse=${text}`],
      ['change', 'show', text],
      ['plan', text],
      ['plan', 'rename-column', text, 'b'],
    ];
    // Each command is met by several strings, and each string by several commands.
    for (const words of commands.filter((_, at) => (at + index) % 5 === 0)) {
      if ((await run({}, ...words)) > 1) refusals++;
      if (output.includes(CORE)) leaks.push(`${words.join(' | ')}\n${output}`);
    }
    for (const words of [['status'], ['apply', '--yes', '--verbose']]) {
      await run({ DATABASE_URL: text }, ...words);
      if (output.includes(CORE)) leaks.push(`DATABASE_URL=${text} ${words.join(' ')}\n${output}`);
    }
    const quoted = JSON.stringify(text);
    const places = [
      `{ "database": { "env": ${quoted} } }`,
      `{ "database": { "url": ${quoted} } }`,
      `{ "database": ${quoted} }`,
      `{ ${quoted}: 1 }`,
      `{ "database": { ${quoted}: 1 } }`,
      `{ "migrations": ${quoted} }`,
      `{ "migrations": [{ "folder": "migrations", "tool": ${quoted} }] }`,
      `{ "migrations": [{ "folder": "migrations", "startAfter": ${quoted} }] }`,
      `{ "startAfter": ${quoted} }`,
      `{ "serverVersion": ${quoted} }`,
      `{ "dialect": ${quoted} }`,
      `{ "rules": { ${quoted}: "off" } }`,
      `{ "rules": { "required-column": { ${quoted}: 1 } } }`,
    ];
    writeFileSync(settings, places[index % places.length] ?? '');
    await run({}, 'status');
    if (output.includes(CORE)) leaks.push(`${places[index % places.length] ?? ''}\n${output}`);
  }
  rmSync(folder, { recursive: true });
  expect(leaks).toEqual([]);
  expect(refusals).toBeGreaterThan(ROUNDS);
});

test('no message of the language server has it, nor its log', { timeout: 180_000 }, async () => {
  await using client = await startLsp({
    'lockstep.jsonc': '{ "dialect": "postgresql", "database": { "env": "LOCKSTEP_NO_SUCH_VARIABLE" } }',
    'migrations/0001_a.up.sql': 'CREATE TABLE a (id int);\n',
  });
  const heard: string[] = [];
  for (const method of ['window/logMessage', 'window/showMessage', '$/logTrace', 'lockstep/statusChanged'])
    client.on(method, (params) => {
      heard.push(JSON.stringify(params));
    });
  for (const url of STRINGS) {
    const answer = await client.request('lockstep/connect', { folder: client.folderUri, url, environment: null });
    heard.push(
      JSON.stringify(answer),
      JSON.stringify(await client.request('lockstep/status', { folder: client.folderUri })),
    );
  }
  for (const url of STRINGS.slice(0, 20)) {
    writeFileSync(
      path.join(client.folder, 'lockstep.jsonc'),
      `{ "database": { "env": ${JSON.stringify(url)} }, ${JSON.stringify(url)}: 1 }`,
    );
    client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: client.uri('lockstep.jsonc'), type: 2 }] });
    heard.push(JSON.stringify(await client.diagnostics('lockstep.jsonc', (sent) => sent.diagnostics.length > 0)));
    heard.push(
      JSON.stringify(
        await client.request('lockstep/connect', { folder: client.folderUri, url: '', environment: null }),
      ),
    );
  }
  expect(heard.filter((text) => text.includes(CORE))).toEqual([]);
  expect(client.errors()).not.toContain(CORE);
  expect(heard.length).toBeGreaterThan(STRINGS.length);
});
