import { expect, test } from 'vitest';
import { offerWords } from '../../client/commands/init-words.ts';
import type { InitResult } from '../../server/protocol/requests.ts';

const FOLDER = {
  folder: 'db/migrations',
  tool: 'dbmate',
  dialect: 'postgresql',
  serverVersion: null,
  migrations: 40,
  startAfter: '20240101_users',
  accepted: 'committed',
} as const;
const PLAN: InitResult = {
  kind: 'planned',
  path: '/work/app/lockstep.jsonc',
  text: '{}',
  isWritten: false,
  folders: [FOLDER],
  database: null,
};

test('the past is named that would be accepted', () => {
  expect(offerWords(PLAN)).toBe(
    'Many of these findings are about migrations that ran long ago. Write lockstep.jsonc, so that what is up to 20240101_users in db/migrations is history and is not linted?',
  );
});

test('nothing is offered where there is a configuration, or no past', () => {
  expect(offerWords({ kind: 'configured', path: '/work/app/lockstep.jsonc' })).toBeUndefined();
  expect(offerWords({ ...PLAN, folders: [{ ...FOLDER, startAfter: null, accepted: null }] })).toBeUndefined();
});
