// What must not lose anything: a folder that takes no writes, and a window that is reloaded in the middle of a fix.
import assert from 'node:assert/strict';
import { watch } from 'node:fs';
import path from 'node:path';
import { makeReadOnly } from '../../support/read-only.ts';

const STATUS = '0002_user_status.up.sql';
const VALUE = 'Value of users.status';

export async function badStateWalk(walk) {
  const { page, step, contents, command, folder, files } = walk;
  const before = contents();
  const directory = path.join(folder, 'migrations');
  const isThere = async () => {
    await walk.openFile(STATUS);
    await page.waitForSelector('.monaco-editor .squiggly-error', { state: 'attached' });
    await walk.goTo(2, 40);
  };
  const takeFix = () => walk.takeFix('Split into expand and contract', () => walk.asked(VALUE));
  await step('a fix in a read-only folder is refused, and nothing is lost', async () => {
    await isThere();
    const readOnly = makeReadOnly(directory);
    try {
      await takeFix();
      await walk.answer(VALUE, "'active'");
      await walk.said(/could not be written, and everything is as it was/);
      assert.deepEqual(contents(), before);
    } finally {
      readOnly[Symbol.dispose]();
    }
  });
  await step('a new migration in a read-only folder is refused in a sentence', async () => {
    await walk.clearNotices();
    const readOnly = makeReadOnly(directory);
    try {
      await command('New Migration…');
      await walk.answer('What it does', 'more');
      await walk.said(/could not be written, and everything is as it was: .*may not be used by this user/);
      await walk.shot('refused');
      assert.deepEqual(contents(), before);
    } finally {
      readOnly[Symbol.dispose]();
    }
    await walk.clearNotices();
  });
  await step('a window that is reloaded while a value is asked for has written nothing', async () => {
    await isThere();
    await takeFix();
    await page.reload({ waitUntil: 'domcontentloaded' });
    await page.waitForSelector('.monaco-workbench .part.activitybar');
    await isThere();
    assert.deepEqual(contents(), before);
  });
  await step('a window that is reloaded while it writes offers to take back what it has written', async () => {
    await takeFix();
    let seen = 0;
    const reloaded = new Promise((resolve, reject) => {
      const watcher = watch(directory, () => {
        if (seen++ > 0) return;
        watcher.close();
        page.reload({ waitUntil: 'domcontentloaded' }).then(resolve, reject);
      });
    });
    await walk.inputBox.fill("'active'");
    await walk.inputBox.press('Enter').catch(() => undefined);
    await reloaded;
    await page.waitForSelector('.monaco-workbench .part.activitybar');
    const left = files();
    console.log(`     ${left.length} files when the window was reloaded, ${Object.keys(before).length} before`);
    await walk.openSidebar('0001_init');
    // Whole or in part: the old file goes last, so that nothing is lost, and one command takes all of it back.
    const cut = walk.notice('was cut short');
    await cut.waitFor({ timeout: 15_000 }).catch(() => undefined);
    if (await cut.isVisible()) await walk.clickNotice('was cut short', 'Take It Back');
    else await command('Undo Last Fix…');
    await walk.said('as before');
    assert.deepEqual(contents(), before);
  });
}
