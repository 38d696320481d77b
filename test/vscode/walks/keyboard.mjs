// Find, fix, undo, connect, apply, confirm a deploy and revert without a mouse.
import assert from 'node:assert/strict';

const STATUS = '0002_user_status.up.sql';
const VALUE = 'Value of users.status';

/** Has a window count what a mouse does in it; before it is opened. */
export async function countMouse(page) {
  await page.addInitScript(() => {
    globalThis.mouseEvents = 0;
    for (const name of ['mousedown', 'pointerdown', 'wheel'])
      globalThis.addEventListener(name, () => globalThis.mouseEvents++, { capture: true });
  });
}

export async function keyboardWalk(walk) {
  const { page, step, until, files, contents, migration, row, command, dialog } = walk;
  const before = contents();
  await step('the finding is gone to by F8', async () => {
    await walk.openFile(STATUS);
    await page.waitForSelector('.monaco-editor .squiggly-error', { state: 'attached' });
    await walk.goTo(1, 1);
    await until(
      () => page.keyboard.press('F8'),
      () => page.locator('.monaco-editor .marker-widget').filter({ hasText: 'status' }).waitFor({ timeout: 4_000 }),
    );
    await walk.shot('marker');
    await page.keyboard.press('Escape');
  });
  const landFix = async () => {
    await walk.takeFix('Split into expand and contract', () => walk.asked(VALUE));
    await walk.answer(VALUE, "'active'");
    await walk.said(/files written/);
    assert.ok(!files().includes(STATUS), files().join(' '));
    await walk.clearNotices();
  };
  await step('it is fixed', landFix);
  await step('the fix is undone', async () => {
    await command('Undo Last Fix…');
    await walk.said('files are as before');
    assert.deepEqual(contents(), before);
    await walk.clearNotices();
  });
  await step('it is fixed again', async () => {
    await walk.openFile(STATUS);
    await page.waitForSelector('.monaco-editor .squiggly-error', { state: 'attached' });
    await until(
      () => page.keyboard.press('F8'),
      () => page.locator('.monaco-editor .marker-widget').filter({ hasText: 'status' }).waitFor({ timeout: 4_000 }),
    );
    await landFix();
  });
  await step('the database is picked', async () => {
    await command('Connect…');
    await walk.pick('app.db');
  });
  await step('the tree is read row by row, each with its state in words', async () => {
    await until(
      () => command('Focus on Migrations View'),
      () => migration('0001_init').waitFor({ timeout: 10_000 }),
    );
    await row(/0001_init.*applied/).waitFor();
    const tree = page.getByRole('tree', { name: 'Migrations' });
    const heard = new Set();
    for (let moves = 0; moves < 12; moves++) {
      await tree.press(moves === 0 ? 'Home' : 'ArrowDown');
      const focused = await tree.getAttribute('aria-activedescendant');
      const label = focused === null ? null : await page.locator(`[id="${focused}"]`).getAttribute('aria-label');
      if (label !== null) heard.add(label);
    }
    for (const name of ['0001_init', ...pendingNames(files())])
      assert.ok(
        [...heard].some((label) => label.includes(name) && /applied|pending/.test(label)),
        `${name} in ${[...heard].join(' | ')}`,
      );
  });
  const change = row(/users-status.*(ready to apply|waits for|compared|done)/).first();
  await step('one is applied, and the rest up to the deploy', async () => {
    const [first] = pendingNames(files());
    await command('Apply Next');
    await migration(new RegExp(`${first}.*applied`)).waitFor();
    await command('Apply All');
    await change.filter({ hasText: 'waits for a deploy' }).waitFor();
    await walk.said(/needs a deploy first/);
  });
  /** Moves to a button of a dialog and presses it. */
  const press = (shown, button) =>
    until(
      async () => {
        for (let moves = 0; moves < 8; moves++) {
          const focused = await page.evaluate(() => globalThis.document.activeElement?.textContent ?? '');
          if (focused.includes(button)) break;
          await page.keyboard.press('Tab');
        }
        await page.keyboard.press('Enter');
      },
      () => shown.waitFor({ state: 'hidden', timeout: 5_000 }),
    );
  await step('the deploy is confirmed', async () => {
    const shown = dialog('Is this deployed everywhere');
    await until(
      () => command('Continue Change…'),
      () => shown.waitFor({ timeout: 8_000 }),
    );
    await walk.shot('dialog');
    await press(shown, 'Every Instance Runs It');
    await change.filter({ hasText: 'ready to apply' }).waitFor();
  });
  await step('the change is done', () => walk.continueUntil(change, /done/));
  await step('the last one is reverted', async () => {
    const shown = dialog('Revert');
    await until(
      () => command('Revert Last…'),
      () => shown.waitFor({ timeout: 8_000 }),
    );
    await press(shown, 'Revert 1 Migration');
    await change.filter({ hasText: 'ready to apply' }).waitFor();
  });
  await step('no mouse was used', async () => {
    assert.equal(await page.evaluate(() => globalThis.mouseEvents), 0);
  });
  await step('the sidebar has no accessibility violation', () => walk.hasNoViolation());
}

function pendingNames(files) {
  return [...new Set(files.map((name) => name.replace(/\.(up|down)\.sql$/, '')))].filter(
    (name) => name !== '0001_init',
  );
}
