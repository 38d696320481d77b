import { expect, test } from 'vitest';
import { choicesOf, connectsByItself } from '../../client/connections/choices.ts';
import {
  databasesInPasswordFile,
  databasesInVariables,
  shownUrl,
  variableIn,
} from '../../server/protocol/found-databases.ts';
import { SavedConnections } from '../../client/connections/saved-connections.ts';

const ENV = `# local
export DATABASE_URL="postgres://me:hunter2@db.example/app?sslmode=require"
OTHER = sqlite:app.db # the small one
PUT_TOGETHER=postgres://\${USER}:x@h/app
NAME=postgres
PORT=5432
`;

test('databases of an environment file are found, and shown without user and password', () => {
  const found = databasesInVariables('.env', ENV);
  expect(found.map(({ label, from }) => [label, from])).toEqual([
    ['postgres://db.example/app', 'DATABASE_URL in .env'],
    ['sqlite:app.db', 'OTHER in .env'],
  ]);
  expect(variableIn(ENV, 'DATABASE_URL')).toBe('postgres://me:hunter2@db.example/app?sslmode=require');
  expect(variableIn(ENV, 'GONE')).toBeUndefined();
  expect(shownUrl('postgres://me:pa/ss@h/app')).toBeUndefined();
});

test('databases of the password file are offered without their password; rows for any database are not', () => {
  const text = '# c\nh:5433:app:me:hunter2\n*:*:*:me:x\nh:*:b\\:c:o\\\\e:y\n/tmp:5432:app:me:z\n';
  expect(databasesInPasswordFile(text).map(({ url, label }) => [url, label])).toEqual([
    ['postgres://me@h:5433/app', 'postgres://h:5433/app'],
    ['postgres://o%5Ce@h/b%3Ac', 'postgres://h/b%3Ac'],
  ]);
  expect(JSON.stringify(databasesInPasswordFile(text))).not.toContain('hunter2');
});

test('what the configuration names comes first, then those of before, then those that are found; an unset variable is said', () => {
  const [found, other] = databasesInVariables('.env', `OTHER=sqlite:b.db\nAPP_URL=sqlite:a.db\n`);
  const saved = [
    { url: '', environment: null },
    { url: 'postgres://me:hunter2@h/app', environment: 'production', label: 'h/app', name: 'the live one' },
    { url: '', environment: 'development', label: 'b.db', variable: { file: '.env', name: 'OTHER' } },
  ] as const;
  const items = choicesOf({
    configured: null,
    unset: 'APP_URL',
    saved,
    found: [found, other].filter((each) => each !== undefined),
  });
  expect(items.map(({ label, description }) => [label.replace(/^\$\(\w+\) /, ''), description])).toEqual([
    ['the live one', 'production'],
    ['b.db', 'development'],
    ['sqlite:a.db', ''],
    ['APP_URL is not set', ''],
    ['Another Database…', ''],
  ]);
  const shown = items.map(({ label, description, detail }) => label + description + detail).join();
  expect(shown).not.toContain('hunter2');
  const configured = choicesOf({
    configured: { label: 'app.db', environment: 'staging' },
    unset: null,
    saved: [],
    found: [],
  });
  expect(configured.map(({ choice }) => choice.kind)).toEqual(['configured', 'enter']);
});

test('several connections are kept, the newest first, with what a person said of them', async () => {
  const secrets = new Map([['lockstep.connection file:///app', '{"url":"sqlite:old.db","environment":null}']]);
  const saved = new SavedConnections({
    get: (key) => Promise.resolve(secrets.get(key)),
    store: (key, value) => Promise.resolve(void secrets.set(key, value)),
    delete: (key) => Promise.resolve(void secrets.delete(key)),
  });
  const urls = async (): Promise<readonly string[]> => (await saved.all('file:///app')).map(({ url }) => url);
  // What an earlier version kept is still there.
  expect(await urls()).toEqual(['sqlite:old.db']);
  const first = { url: 'sqlite:a.db', environment: 'development' } as const;
  await saved.save('file:///app', first);
  await saved.change('file:///app', first, { name: 'mine', reconnects: true, isLeft: true });
  expect(connectsByItself((await saved.all('file:///app'))[0])).toBe(false);
  await saved.save('file:///app', { url: 'sqlite:b.db', environment: 'production', reconnects: true });
  expect(connectsByItself((await saved.all('file:///app'))[0])).toBe(false);
  expect(await urls()).toEqual(['sqlite:b.db', 'sqlite:a.db', 'sqlite:old.db']);
  await saved.save('file:///app', first);
  expect((await saved.all('file:///app'))[0]).toEqual({ ...first, name: 'mine', reconnects: true });
  expect(connectsByItself((await saved.all('file:///app'))[0])).toBe(true);
  await saved.forget('file:///app', { url: 'sqlite:old.db', environment: null });
  expect(await urls()).toEqual(['sqlite:a.db', 'sqlite:b.db']);
  expect(await saved.all('file:///other')).toEqual([]);
});
