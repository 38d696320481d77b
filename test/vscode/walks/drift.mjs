// A migration that was edited after it was applied: every way that leads out of it, and who may make one.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const INIT = '0001_init.up.sql';
const EDIT = 'CREATE TABLE users (id INTEGER PRIMARY KEY, mail TEXT NOT NULL);';

export async function driftWalk(walk) {
  const { page, step, until, eventually, text, command, migration, row, dialog, folder } = walk;
  const original = text(INIT);
  const applied = () => migration(/0001_init.*applied/).waitFor();
  const edited = () => migration(/0001_init.*edited/).first();
  const edit = async () => {
    await walk.openFile(INIT);
    await walk.replaceLine(INIT, 1, EDIT);
    await edited().waitFor();
  };
  await step('connected', async () => {
    await walk.openSidebar('0001_init');
    await command('Connect…');
    await walk.pick('app.db');
    await applied();
  });
  await step('white space and comments are no edit in our own format, and the formatter asks nothing', async () => {
    await walk.openFile(INIT);
    await until(
      async () => {
        await command('Format Document', '');
        await page.keyboard.press('Control+S');
      },
      async () => {
        for (let looks = 0; looks < 40 && text(INIT) === original; looks++) await page.waitForTimeout(100);
        assert.notEqual(text(INIT), original);
      },
    );
    await command('Refresh');
    await applied();
    assert.equal(await row(/edited/).count(), 0);
    assert.equal(await walk.notice('checksum').count(), 0);
    writeFileSync(path.join(folder, 'migrations', INIT), original);
  });
  await step('an edit is seen in the tree, at its line and above it', async () => {
    await edit();
    await row(/Needs attention.*1 drifted/).waitFor();
    await page.waitForSelector('.monaco-editor .squiggly-error', { state: 'attached' });
    await page.locator('.codelens-decoration').filter({ hasText: 'Undo the Edit' }).first().waitFor();
  });
  await step('apply all does not run over it', async () => {
    await until(
      () => command('Apply All'),
      () => dialog('Apply despite an edited migration').waitFor({ timeout: 8_000 }),
    );
    await walk.shot('asked');
    await walk.pressDialog('Cancel');
    await migration(/0002_notes.*pending/).waitFor();
  });
  await step('it is compared with what was applied', async () => {
    await walk.fromMenu(edited(), 'Compare with What Was Applied', () =>
      page.locator('.tab.active').filter({ hasText: 'applied ↔ now' }).waitFor({ timeout: 8_000 }),
    );
    await page.locator('.monaco-diff-editor').first().waitFor();
    await page.locator('.monaco-diff-editor .view-line').filter({ hasText: 'mail TEXT' }).first().waitFor();
  });
  await step('the edit is undone, byte for byte', async () => {
    await walk.fromMenu(edited(), 'Undo the Edit', () => applied());
    assert.equal(text(INIT), original);
  });
  await step('the finding leads to the same by the keyboard', async () => {
    await edit();
    await walk.goTo(1, 3);
    for (const title of ['Compare with What Was Applied', 'Accept the New Text…']) await walk.fixMenu(title);
    assert.equal(await walk.fixItem('Make this migration safe').count(), 0);
    await walk.shot('actions');
    await walk.takeFix('Undo the Edit', applied);
    assert.equal(text(INIT), original);
  });
  await step('the new text is accepted with a reason', async () => {
    await edit();
    await walk.fromMenu(edited(), 'Accept the New Text', () =>
      walk.quickInput.getByText('Why is it right all the same').first().waitFor({ timeout: 5_000 }),
    );
    await walk.answer('Why is it right all the same', 'the column was renamed by hand');
    await walk.said('takes the new text of 0001_init');
    await applied();
    assert.match(text(INIT), /-- Edited after it was applied: the column was renamed by hand\n$/);
  });
  await step('it is forgotten, and marked again, without running', async () => {
    await walk.clearNotices();
    await walk.fromMenu(migration('0001_init'), 'Mark as Not Applied', () =>
      dialog('Mark 0001_init as not applied?').waitFor({ timeout: 5_000 }),
    );
    await walk.pressDialog('Mark as Not Applied');
    await migration(/0001_init.*pending/).waitFor();
    await walk.shot('forgotten');
    await walk.fromMenu(migration('0001_init'), /^Mark as Applied…$/, () =>
      dialog('Mark 0001_init as applied?').waitFor({ timeout: 5_000 }),
    );
    await walk.pressDialog('Mark as Applied');
    await applied();
    // What is above its file follows.
    await page
      .locator('.codelens-decoration')
      .filter({ hasText: /^\W*Revert/ })
      .first()
      .waitFor();
  });
  await step('one whose file is gone is forgotten', async () => {
    await walk.clearNotices();
    await command('Apply All');
    await migration(/0002_notes.*applied/).waitFor();
    for (const half of ['up', 'down']) rmSync(path.join(folder, `migrations/0002_notes.${half}.sql`));
    await until(
      () => command('Refresh'),
      () => migration(/0002_notes.*no file/).waitFor({ timeout: 5_000 }),
    );
    await walk.shot('no-file');
    await walk.fromMenu(migration('0002_notes'), 'Mark as Not Applied', () =>
      dialog('Mark 0002_notes as not applied?').waitFor({ timeout: 5_000 }),
    );
    await walk.pressDialog('Mark as Not Applied');
    await migration('0002_notes').waitFor({ state: 'detached' });
    await eventually('nothing needs attention', async () => (await row(/Needs attention.*nothing/).count()) > 0);
  });
  await step('the sidebar has no accessibility violation', () => walk.hasNoViolation());
}
