// Five thousand migrations in the tree: how soon they are there, and whether a person gets about in them.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** Longest time that the list may take to show what changed, on a machine that does other things too. */
const SHOWN_MS = 15_000;

export async function manyWalk(walk) {
  const { page, step, until, command, migration, folder } = walk;
  const tree = page.getByRole('tree', { name: 'Migrations' });
  const timed = async (what, work) => {
    const started = Date.now();
    await work();
    const took = Date.now() - started;
    console.log(`     many: ${what} after ${took} ms`);
    assert.ok(took < SHOWN_MS, `${what}: ${took} ms`);
  };
  const label = async () => {
    const focused = await tree.getAttribute('aria-activedescendant');
    return focused === null ? '' : ((await page.locator(`[id="${focused}"]`).getAttribute('aria-label')) ?? '');
  };
  /** Moves until the row that has the focus says so. */
  const goes = (key, words) =>
    until(
      () => tree.press(key, { timeout: 3_000 }),
      async () => {
        for (let looks = 0; looks < 20 && !words.test(await label()); looks++) await page.waitForTimeout(50);
        assert.match(await label(), words);
      },
    );
  await step('the newest of five thousand is seen when the list opens', async () => {
    await until(
      () => page.locator('.activitybar').getByRole('tab', { name: 'Lockstep' }).click(),
      () => migration('5000_table_5000').waitFor({ timeout: 20_000 }),
    );
  });
  await step('connected, they have their states', async () => {
    await command('Connect…');
    await walk.pick('app.db');
    await timed('states of 5,000 are shown', () => migration(/5000_table_5000.*pending/).waitFor());
    await walk
      .row(/Migrations.*4990 applied|Migrations.*10 pending|10 pending/)
      .first()
      .waitFor();
  });
  await step('the list is walked by the keyboard from end to end', async () => {
    await until(
      () => command('Focus on Migrations View'),
      () => tree.press('End', { timeout: 5_000 }),
    );
    await timed('the first row', () => goes('Home', /0001_table_1\b/));
    await timed('the last row', () => goes('End', /5000_table_5000/));
    await timed('a page up', () => goes('PageUp', /49\d\d_table/));
  });
  await step('one is found by its name', async () => {
    await until(
      async () => {
        await tree.press('Control+Alt+F', { timeout: 3_000 });
        await page.locator('.monaco-tree-type-filter input').first().fill('2500_table', { timeout: 3_000 });
      },
      () => migration('2500_table_2500').waitFor({ timeout: 8_000 }),
    );
    await walk.shot('found');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
  });
  await step('the filter leaves ten that are pending', async () => {
    await timed('pending alone', async () => {
      await command('Show Pending Only');
      await migration('4991_table_4991').waitFor();
    });
    assert.equal(await migration(/_table_/).count(), 10);
    await command('Show All Migrations');
    await migration(/4990_table_4990|5000_table_5000|0001_table_1\b/)
      .first()
      .waitFor();
  });
  await step('a new one is there at once', async () => {
    await command('Show Pending Only');
    await timed('a new file', async () => {
      writeFileSync(path.join(folder, 'migrations/5001_more.up.sql'), 'CREATE TABLE more (id INTEGER PRIMARY KEY);\n');
      await migration(/5001_more.*pending/).waitFor();
    });
  });
  await step('the next one is applied', () =>
    timed('one applied', async () => {
      await command('Apply Next');
      await migration('4991_table_4991').waitFor({ state: 'detached' });
    }),
  );
  await step('the sidebar has no accessibility violation', () => walk.hasNoViolation());
}
