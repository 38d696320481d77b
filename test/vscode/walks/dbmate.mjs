// A folder of dbmate: nothing is written in Restricted Mode; once it is trusted, fixes land and are undone from any cursor.
import assert from 'node:assert/strict';
import { enterUrl } from './enter-url.mjs';

const NEWEST = '20260201000000_many_things.sql';
const VALUE = 'Value of users.status';
const OTHER_VALUE = 'Value of users.name';

export async function dbmateWalk(walk, url) {
  const { page, step, until, eventually, files, contents, command, migration, row, dialog } = walk;
  const { default: pg } = await import('pg');
  const client = new pg.Client(url);
  await client.connect();
  const before = contents();
  const open = async () => {
    await walk.openFile(NEWEST);
    await page.waitForSelector('.monaco-editor .squiggly-error', { state: 'attached' });
  };
  const answerBoth = async () => {
    await walk.answer(VALUE, "'active'");
    await walk.asked(OTHER_VALUE);
    await walk.answer(OTHER_VALUE, "'unknown'");
  };
  const undo = async () => {
    await walk.clearNotices();
    await command('Undo Last Fix…');
    await walk.said('files are as before');
    assert.deepEqual(contents(), before);
    await walk.clearNotices();
  };
  try {
    await step('findings in Restricted Mode', open);
    await step('nothing is written and nothing is run in Restricted Mode', async () => {
      await walk.goTo(3, 5);
      await walk.fixMenu(/safe|Split|not trusted|Allow/);
      await page.keyboard.press('Enter');
      await page.waitForTimeout(1_000);
      await page.keyboard.press('Escape');
      assert.deepEqual(contents(), before);
      const listed = page.locator('.quick-input-list .monaco-list-row');
      await until(
        async () => {
          await page.keyboard.press('Escape');
          await page.keyboard.press('F1');
          await walk.inputBox.fill('>Lockstep: ', { timeout: 5_000 });
        },
        () => listed.filter({ hasText: 'Lockstep: Refresh' }).first().waitFor({ timeout: 5_000 }),
      );
      for (const title of ['Apply All', 'Connect', 'Undo Last Fix', 'New Migration', 'Start a Change'])
        assert.equal(await listed.filter({ hasText: `Lockstep: ${title}` }).count(), 0, title);
      await page.keyboard.press('Escape');
    });
    await step('the tree leads to trust', async () => {
      await walk.openSidebar(/many_things/);
      const trust = page
        .locator('.workspace-trust-editor')
        .getByRole('button', { name: /^Trust/ })
        .first();
      await until(
        () =>
          row(/not trusted/)
            .first()
            .click({ timeout: 5_000 }),
        () => trust.waitFor({ timeout: 5_000 }),
      );
      await walk.shot('trust');
      await until(
        () => trust.click({ timeout: 5_000 }),
        () => row(/not trusted/).waitFor({ state: 'detached', timeout: 8_000 }),
      );
    });
    await step('a half is folded', async () => {
      await open();
      const lines = page.locator('.monaco-editor .view-line');
      await lines.filter({ hasText: 'CREATE INDEX users_email' }).waitFor();
      await command('Fold All', '');
      await lines.filter({ hasText: 'CREATE INDEX users_email' }).waitFor({ state: 'detached' });
      await lines.filter({ hasText: 'migrate:up' }).waitFor();
      await walk.shot('folded');
      await command('Unfold All', '');
      await lines.filter({ hasText: 'CREATE INDEX users_email' }).waitFor();
    });
    await step('one finding is fixed and undone', async () => {
      await open();
      await walk.goTo(2, 16);
      await walk.takeFix(/CONCURRENTLY$/, () => walk.said(/files written/));
      assert.ok(files().length > 2, files().join(' '));
      assert.equal(await walk.notice('command not found').count(), 0);
      await undo();
    });
    for (const [name, line, column] of [
      ['first', 2, 1],
      ['third', 4, 30],
      ['last', 6, 50],
    ])
      await step(`five findings are fixed as one change from the ${name} of them, and undone`, async () => {
        await open();
        await walk.goTo(line, column);
        await walk.takeFix(/^Make this migration safe$/, () => walk.asked(VALUE));
        await answerBoth();
        await walk.said(/files written/);
        // Its first step is opened.
        await eventually('the first step', async () =>
          files().includes((await page.locator('.tab.active').getAttribute('data-resource-name')) ?? ''),
        );
        await walk.shot(`written-${name}`);
        await undo();
      });
    await step('fixed again, it is applied up to its deploys as dbmate has it', async () => {
      await open();
      await walk.goTo(4, 30);
      await walk.takeFix(/^Make this migration safe$/, () => walk.asked(VALUE));
      await answerBoth();
      await walk.said(/files written/);
      await walk.clearNotices();
      await command('Connect…');
      await enterUrl(walk, url, 'staging');
      await migration(/pending.*20260101000000/).waitFor();
      await command('Apply Next');
      await migration(/applied.*20260101000000/).waitFor();
      await client.query(
        "INSERT INTO users (id, email, name) SELECT i, 'u' || i, 'n' || i FROM generate_series(1, 20) i",
      );
      await command('Apply All');
      await walk.said(/needs a deploy first/);
      assert.ok((await client.query('SELECT version FROM schema_migrations')).rows.length > 1);
    });
    await step('each deploy is confirmed until all is applied', async () => {
      // Rows below the end of the list are not there to be counted.
      const done = row(/Migrations.*\b0 pending/);
      await until(
        async () => {
          if (await done.isVisible()) return;
          await walk.clearNotices();
          await command('Continue Change…');
          const asked = dialog('Is this deployed everywhere');
          await asked.waitFor({ timeout: 3_000 }).catch(() => undefined);
          if (await asked.isVisible()) await walk.pressDialog('Every Instance Runs It');
          else if (await walk.quickInput.isVisible()) await walk.inputBox.press('Enter', { timeout: 2_000 });
        },
        () => done.waitFor({ timeout: 2_000 }),
        24,
      );
      const { rows } = await client.query(
        "SELECT is_nullable FROM information_schema.columns WHERE table_name = 'users' AND column_name IN ('status', 'name')",
      );
      assert.deepEqual(
        rows.map((each) => each.is_nullable),
        ['NO', 'NO'],
      );
    });
    await step('the newest is reverted', async () => {
      await until(
        () => command('Revert Last…'),
        () => dialog(/Revert 1 migration/).waitFor({ timeout: 8_000 }),
      );
      await walk.pressDialog('Revert 1 Migration');
      await row(/Migrations.*\b1 pending/).waitFor();
    });
    await step('the sidebar has no accessibility violation', () => walk.hasNoViolation());
  } finally {
    await client.end();
  }
}
