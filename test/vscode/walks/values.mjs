// Values of rows that exist: the person's own is used, one is asked for, and where none is given the step is held.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { enterUrl } from './enter-url.mjs';

const STATUS = '0002_status.up.sql';
const TIER = 'Value of users.tier';

export async function valuesWalk(walk, url) {
  const { page, step, files, text, command, migration, row, dialog, folder } = walk;
  const { default: pg } = await import('pg');
  const client = new pg.Client(url);
  await client.connect();
  const column = async (name) => {
    const { rows } = await client.query(
      `SELECT is_nullable, (SELECT string_agg(DISTINCT to_jsonb(users) ->> $1, ' ') FROM users) AS held
         FROM information_schema.columns WHERE table_name = 'users' AND column_name = $1`,
      [name],
    );
    return rows[0];
  };
  const changeOf = (name) => row(new RegExp(`users-${name}.*(ready to apply|waits for|compared|done)`)).first();
  try {
    await client.query(
      "INSERT INTO users (id, email) SELECT i, 'user' || i || '@example.org' FROM generate_series(1, 30) i",
    );
    await step('add, fill and require is one migration with its findings', async () => {
      await walk.openFile(STATUS);
      await page.waitForSelector('.monaco-editor .squiggly-error', { state: 'attached' });
      await walk.goTo(3, 35);
    });
    await step('one action makes it safe with the value that the person wrote', async () => {
      await walk.takeFix(/^Make this migration safe$/, () => walk.said(/files written/));
      const written = files().map((name) => text(name));
      assert.ok(written.some((sql) => /SET status = 'active' WHERE/.test(sql)));
      assert.ok(!written.some((sql) => sql.includes('lockstep_value')));
      assert.equal(text(STATUS), 'ALTER TABLE users ADD COLUMN status text;\n');
    });
    await step('its first part is applied, and the fill waits for its deploy', async () => {
      await walk.clearNotices();
      await command('Connect…');
      await enterUrl(walk, url, 'staging');
      await walk.openSidebar(/0001_init.*applied/);
      await command('Apply All');
      await walk.said(/Applied 0002_status.*needs a deploy first/);
      await changeOf('status').filter({ hasText: 'waits for a deploy' }).waitFor();
      assert.deepEqual(await column('status'), { is_nullable: 'YES', held: null });
    });
    await step('the deploy is confirmed', async () => {
      await walk.clickNotice(/needs a deploy first/, 'Confirm Deploy…');
      await dialog('version that writes users.status in every INSERT').waitFor();
      await walk.shot('deploy');
      await walk.pressDialog('Every Instance Runs It');
      await changeOf('status').filter({ hasText: 'ready to apply' }).waitFor();
    });
    await step('the rest is applied step by step', async () => {
      await command('Continue Change…');
      await migration(/fill_users_status.*applied/).waitFor();
      assert.deepEqual(await column('status'), { is_nullable: 'YES', held: 'active' });
      await walk.shot('filled');
      await walk.continueUntil(changeOf('status'), /done/);
      assert.deepEqual(await column('status'), { is_nullable: 'NO', held: 'active' });
    });
    await step('a value that nobody wrote is asked for', async () => {
      await walk.clearNotices();
      for (const [half, sql] of [
        ['up', 'ALTER TABLE users ADD COLUMN tier text NOT NULL;\n'],
        ['down', 'ALTER TABLE users DROP COLUMN tier;\n'],
      ])
        writeFileSync(path.join(folder, `migrations/0050_tier.${half}.sql`), sql);
      await migration(/0050_tier.*pending/).waitFor();
      await walk.openFile('0050_tier.up.sql');
      await page.waitForSelector('.monaco-editor .squiggly-error', { state: 'attached' });
      await walk.goTo(1, 30);
      await walk.takeFix('Split into expand and contract', () => walk.asked(TIER));
      await walk.quickInput.getByText('Left empty, the step is held').first().waitFor();
    });
    const fill = () => files().find((name) => /fill_users_tier\.up\.sql$/.test(name)) ?? '';
    await step('without one the step is held by a finding', async () => {
      await walk.answer(TIER, '');
      await walk.said(/files written/);
      assert.match(text(fill()), /lockstep_value\('users\.tier'\)/);
      await walk.openFile(fill());
      await page.waitForSelector('.monaco-editor .squiggly-error', { state: 'attached' });
      const place = text(fill())
        .split('\n')
        .findIndex((line) => line.includes('lockstep_value('));
      await walk.goTo(place + 1, 30);
      await walk.until(
        () => page.keyboard.press('F8'),
        () =>
          page
            .locator('.monaco-editor .marker-widget')
            .filter({ hasText: /value of users\.tier/i })
            .waitFor({ timeout: 4_000 }),
      );
      await walk.shot('finding');
      await page.keyboard.press('Escape');
    });
    await step('and no database runs it', async () => {
      await walk.clearNotices();
      await walk.openSidebar('0001_init');
      await walk.continueUntil(changeOf('tier'), /waits for a deploy/);
      await walk.until(
        () => command('Continue Change…'),
        () => dialog('Is this deployed everywhere').waitFor({ timeout: 8_000 }),
      );
      await walk.pressDialog('Every Instance Runs It');
      await changeOf('tier').filter({ hasText: 'ready to apply' }).waitFor();
      await walk.until(
        () => command('Continue Change…'),
        () => dialog(/Apply with 2 errors on/).waitFor({ timeout: 8_000 }),
      );
      await dialog('The value of users.tier for the rows that exist is still to be written here').waitFor();
      await walk.shot('asked');
      // Whoever goes on all the same is told what it waits for, and nothing is sent.
      await walk.pressDialog('Apply Anyway');
      await walk.said(/fill_users_tier is not run yet: it waits for the value of users\.tier/);
      assert.deepEqual(await column('tier'), { is_nullable: 'YES', held: null });
    });
    await step('the stop leads to where the value is to be written', async () => {
      await walk.clickNotice(/waits for the value of users\.tier/, 'Write the Value');
      await walk.tab(fill()).waitFor();
      const line = text(fill())
        .split('\n')
        .findIndex((each) => !each.trim().startsWith('--') && each.includes('lockstep_value('));
      await walk.eventually('the cursor is at the value', async () =>
        new RegExp(`Ln ${line + 1}\\b`).test(
          (await page.locator('[id="status.editor.selection"]').textContent({ timeout: 3_000 })) ?? '',
        ),
      );
    });
    await step('once it is written there, the step runs', async () => {
      await page.keyboard.press('Escape');
      await walk.clearNotices();
      await walk.openFile(fill());
      for (const [index, line] of text(fill()).split('\n').entries())
        if (!line.trim().startsWith('--') && line.includes('lockstep_value('))
          await walk.replaceLine(fill(), index + 1, line.trim().replace("lockstep_value('users.tier')", "'basic'"));
      await walk.eventually(
        'no finding is left',
        async () => (await page.locator('.monaco-editor .squiggly-error').count()) === 0,
      );
      await walk.continueUntil(changeOf('tier'), /done/);
      assert.deepEqual(await column('tier'), { is_nullable: 'NO', held: 'basic' });
    });
  } finally {
    await client.end();
  }
}
