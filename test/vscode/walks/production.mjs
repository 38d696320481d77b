// A database that is called production: what runs is shown before it is asked for, and no value of a row is told.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { enterUrl } from './enter-url.mjs';

/** Of a person, in a row: it may stand nowhere. */
const SECRET = 'someone@example.org';

export async function productionWalk(walk, url, { logs }) {
  const { page, step, until, command, migration, row, dialog, folder } = walk;
  const { default: pg } = await import('pg');
  const client = new pg.Client(url);
  await client.connect();
  const name = new URL(url).pathname.slice(1);
  const isThere = async (what) =>
    (await client.query('SELECT to_regclass($1) IS NOT NULL AS there', [what])).rows[0].there;
  const add = async (id, sql) => {
    writeFileSync(path.join(folder, `migrations/${id}.up.sql`), sql);
    await migration(new RegExp(`${id}.*pending`)).waitFor();
  };
  const askedToType = async (id) => {
    await until(
      () => command('Apply Next'),
      () => dialog(/Apply 1 migration on PRODUCTION/).waitFor({ timeout: 8_000 }),
    );
    await dialog(id).waitFor();
  };
  const typeName = async (words) => {
    await walk.quickInput.getByText(`Type ${name} to go on`).first().waitFor();
    await until(
      () => walk.inputBox.fill(words, { timeout: 2_000 }),
      async () => assert.equal(await walk.inputBox.inputValue(), words),
    );
  };
  try {
    await client.query('INSERT INTO users (id, email) SELECT i, $1 FROM generate_series(1, 2) i', [SECRET]);
    await step('connected to production', async () => {
      await walk.openSidebar('0001_init');
      await command('Connect…');
      await enterUrl(walk, url, 'production');
      await row(/0001_init.*applied/).waitFor();
      await row(/Environment.*production/).waitFor();
    });
    await step('a command for several migrations does nothing unless it is given on one of them', async () => {
      await add('0002_bulk', 'CREATE TABLE bulk (id bigint PRIMARY KEY);\n');
      await until(
        () => command('Apply All'),
        () => walk.said(/PRODUCTION, where several migrations run only by a command on one of them/),
      );
      await walk.shot('bulk-refused');
      assert.equal(await isThere('bulk'), false);
      rmSync(path.join(folder, 'migrations/0002_bulk.up.sql'));
      await walk.clearNotices();
    });
    await step('what runs, its locks and its errors are shown before it is asked for', async () => {
      await add(
        '0003_note',
        'CREATE INDEX users_email_plain ON users (email);\nCREATE TABLE notes (id bigint PRIMARY KEY);\n',
      );
      await askedToType('0003_note');
      const asked = (await dialog('PRODUCTION').textContent()) ?? '';
      assert.match(asked, /SHARE on (public\.)?users|writes wait/);
      assert.match(asked, /Error: /);
      await walk.tab('What runs.sql').waitFor();
      await page.locator('.monaco-editor .view-line').filter({ hasText: 'CREATE TABLE notes' }).first().waitFor();
    });
    await step('another name than its own runs nothing', async () => {
      await walk.pressDialog('Type the Name…');
      await typeName('staging');
      await walk.quickInput.getByText(`This is not ${name}`).first().waitFor();
      await walk.inputBox.press('Enter');
      await walk.shot('wrong-name');
      assert.ok(await walk.inputBox.isVisible());
      await until(
        () => page.keyboard.press('Escape'),
        () => walk.quickInput.waitFor({ state: 'hidden', timeout: 3_000 }),
      );
      assert.equal(await isThere('notes'), false);
    });
    await step('its own name runs it', async () => {
      await askedToType('0003_note');
      await walk.pressDialog('Type the Name…');
      await typeName(name);
      await walk.accept(walk.quickInput.getByText(`Type ${name} to go on`).first());
      await migration(/0003_note.*applied/).waitFor();
      assert.equal(await isThere('notes'), true);
    });
    await step('a failure tells the column, and no value of a row', async () => {
      await walk.clearNotices();
      await add('0004_unique', 'CREATE UNIQUE INDEX users_email ON users (email);\n');
      await askedToType('0004_unique');
      await walk.pressDialog('Type the Name…');
      await typeName(name);
      await walk.accept(walk.quickInput.getByText(`Type ${name} to go on`).first());
      const failure = await walk.said(/0004_unique failed/);
      assert.match((await failure.textContent()) ?? '', /email/);
      await migration(/0004_unique.*failed/).waitFor();
      const shown = () => page.locator('body').innerHTML();
      assert.ok(!(await shown()).includes(SECRET), 'a value of a row is shown');
      await walk.clickNotice(/0004_unique failed/, 'Show What Was Left');
      await walk.webview().getByRole('heading', { name: '0004_unique failed' }).waitFor();
      assert.ok(!((await walk.webview().locator('body').textContent()) ?? '').includes(SECRET), 'a page tells a value');
      await walk.hasNoViolation('body', await walk.webviewFrame());
      for (const name of readdirSync(logs, { recursive: true }).filter((each) => each.endsWith('.log')))
        assert.ok(!readFileSync(path.join(logs, name), 'utf8').includes(SECRET), `${name} has a value of a row`);
    });
    await step('the sidebar has no accessibility violation', () => walk.hasNoViolation());
  } finally {
    await client.end();
  }
}
