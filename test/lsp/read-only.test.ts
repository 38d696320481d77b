import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  INIT_REQUEST,
  NEW_REQUEST,
  type InitResult,
  type NewResult,
  type Outcome,
} from '../../server/protocol/requests.ts';
import { startLsp } from '../support/lsp-client.ts';
import { makeReadOnly } from '../support/read-only.ts';

const FILES = {
  'migrations/0001_users.up.sql': 'CREATE TABLE users (id bigint PRIMARY KEY);\n',
  'migrations/0001_users.down.sql': 'DROP TABLE users;\n',
};

test('a new migration in a read-only folder is refused in a sentence, and works once the folder takes writes', async () => {
  await using client = await startLsp({ 'lockstep.jsonc': '{ "dialect": "postgresql" }', ...FILES });
  const migrations = path.join(client.folder, 'migrations');
  const make = (): Promise<Outcome<NewResult>> =>
    client.request(NEW_REQUEST.method, { folder: client.folderUri, project: 'migrations', name: 'more users' });
  {
    using _readOnly = makeReadOnly(migrations);
    const refused = await make();
    expect(refused).toMatchObject({ ok: false });
    expect(!refused.ok && refused.message).toMatch(
      /^The files could not be written, and everything is as it was: .*0002_more_users\.up\.sql" may not be used by this user: correct its permissions, or those of its folder \((EPERM|EACCES)\)\.$/,
    );
    expect(readdirSync(migrations)).toHaveLength(2);
  }
  expect(await make()).toMatchObject({ ok: true });
  expect(client.errors()).toBe('');
});

test('a first configuration in a read-only folder is refused in a sentence', async () => {
  await using client = await startLsp(FILES);
  using _readOnly = makeReadOnly(client.folder);
  const refused = await client.request<Outcome<InitResult>>(INIT_REQUEST.method, {
    folder: client.folderUri,
    write: true,
  });
  expect(!refused.ok && refused.message).toMatch(
    /^The file could not be written: .*lockstep\.jsonc" may not be used by this user: .* \((EPERM|EACCES)\)\.$/,
  );
  expect(readdirSync(client.folder)).toEqual(['migrations']);
  expect(client.errors()).toBe('');
});
