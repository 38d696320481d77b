import { expect, test } from 'vitest';
import { LatestAnswer } from '../../client/tree/latest-answer.ts';
import {
  CHANGE_REQUEST,
  CONNECT_REQUEST,
  DISCONNECT_REQUEST,
  MARK_REQUEST,
  NEW_REQUEST,
  RUN_REQUEST,
  STATUS_CHANGED,
  STATUS_REQUEST,
  type ProjectStatus,
} from '../../server/protocol/requests.ts';
import { startLsp } from '../support/lsp-client.ts';

const FILES = {
  'lockstep.jsonc': '{ "dialect": "sqlite", "database": { "url": "sqlite:app.db" } }',
  'migrations/0001_users.up.sql': 'CREATE TABLE users (id INTEGER PRIMARY KEY);\n',
  'migrations/0001_users.down.sql': 'DROP TABLE users;\n',
};

test('after each request that changes what status says, the status is asked once, and is new when the answer is in', async () => {
  await using client = await startLsp(FILES);
  const { folderUri: folder } = client;
  let asked = 0;
  let states: readonly string[] = [];
  // As the editor's client does: the server says that the status has changed, and it is asked for again.
  const status = new LatestAnswer(
    () => {
      asked++;
      return client.request<readonly ProjectStatus[]>(STATUS_REQUEST.method, { folder });
    },
    async ([project]) => {
      states = project?.status.migrations.map(({ id, state }) => `${id} ${state}`) ?? [];
    },
  );
  client.on(STATUS_CHANGED.method, () => void status.ask());
  await status.ask();
  const after = async (
    method: string,
    params: object,
  ): Promise<{ readonly asked: number; readonly states: unknown }> => {
    await status.settled();
    asked = 0;
    await client.request(method, { folder, project: 'migrations', ...params });
    await status.settled();
    return { asked, states };
  };
  const run = { extent: { kind: 'all' }, dryRun: false, token: 't', expectedIds: null };
  expect(await after(CONNECT_REQUEST.method, { url: '', environment: null })).toEqual({
    asked: 1,
    states: ['0001_users unknown'],
  });
  expect(await after(RUN_REQUEST.method, { ...run, direction: 'up' })).toEqual({
    asked: 1,
    states: ['0001_users applied'],
  });
  expect(await after(MARK_REQUEST.method, { id: '0001_users', mark: 'not-applied' })).toEqual({
    asked: 1,
    states: ['0001_users pending'],
  });
  // What is refused or fails asks no more than once either.
  expect(await after(RUN_REQUEST.method, { ...run, direction: 'up' })).toEqual({
    asked: 1,
    states: ['0001_users pending'],
  });
  expect((await after(CHANGE_REQUEST.method, { change: 'none', action: 'check-parity', by: 'me' })).asked).toBe(1);
  expect(await after(NEW_REQUEST.method, { name: 'more' })).toEqual({
    asked: 1,
    states: ['0001_users pending', '0002_more pending'],
  });
  expect((await after(DISCONNECT_REQUEST.method, {})).asked).toBe(1);
  expect(client.errors()).toBe('');
});
