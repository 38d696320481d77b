// What a team does with databases that it shares: environments, dry runs, redo, backups, the log, other histories.
import assert from 'node:assert/strict';
import path from 'node:path';

export async function teamWalk(walk) {
  const { page, step, until, command, migration, row, dialog, folder } = walk;
  const { default: Database } = await import('better-sqlite3');
  const on = (work) => {
    const file = new Database(path.join(folder, 'app.db'));
    try {
      return work(file);
    } finally {
      file.close();
    }
  };
  const isThere = (name) =>
    on((file) => file.prepare('SELECT name FROM sqlite_schema WHERE name = ?').all(name).length > 0);
  const asks = (name, words) =>
    until(
      () => command(name),
      () => dialog(words).waitFor({ timeout: 8_000 }),
    );
  const shows = (words) => page.locator('.monaco-editor .view-line').filter({ hasText: words }).first().waitFor();
  await step('an environment of the configuration is connected to, and drawn as what it is', async () => {
    await walk.openSidebar('0001_init');
    await command('Connect…');
    await walk.choice(/production.*is asked for/).waitFor();
    await walk.shot('offered');
    await walk.pick('staging: app.db');
    await migration(/0001_init.*applied/).waitFor();
    await row(/Environment.*staging/).waitFor();
  });
  await step('what is due is tried in a transaction, and rolled back', async () => {
    await asks('Dry Run with Locks…', 'Run what is due and roll it back');
    await walk.pressDialog('Try It');
    await walk.tab('Dry run with locks.txt').waitFor();
    await shows('and rolled back');
    await shows('migrations/0002_notes.up.sql:1');
    assert.equal(isThere('notes'), false);
  });
  await step('the last one is done again, after a look at what that destroys', async () => {
    await until(
      () => command('Apply Next'),
      () => migration(/0002_notes.*applied/).waitFor({ timeout: 8_000 }),
    );
    await asks('Redo Last…', 'Revert 0002_notes and apply it again');
    await dialog(/table notes/).waitFor();
    await walk.shot('redo-asked');
    await walk.pressDialog('Redo');
    await walk.said(/reverted and applied again: 0002_notes/);
    assert.equal(isThere('notes'), true);
  });
  await step('the log of the database says who did what', async () => {
    await command('Show the Log of the Database');
    await walk.tab('Log of the database.txt').waitFor();
    await shows('apply 0002_notes: done');
    await shows('revert 0002_notes: done');
  });
  await step('a backup is restored, and what was there is kept', async () => {
    await walk.clearNotices();
    await until(
      () => command('Restore a Backup…'),
      () =>
        walk.quickInput
          .getByText('The newest comes first')
          .or(walk.choice(/app\.db\.backup-/))
          .first()
          .waitFor({ timeout: 8_000 }),
    );
    // The oldest of them is from before the second migration.
    await page.keyboard.press('End');
    await until(
      () => walk.inputBox.press('Enter', { timeout: 2_000 }),
      () => dialog(/Restore app\.db\.backup-/).waitFor({ timeout: 5_000 }),
    );
    await walk.pressDialog('Restore');
    await walk.said(/restored\. What was there is kept as app\.db\.backup-/);
  });
  await step("another tool's history is taken over", async () => {
    await walk.clearNotices();
    on((file) =>
      file.exec(
        "DELETE FROM lockstep_history WHERE id = '0002_notes'; CREATE TABLE schema_migrations (version uint64, dirty bool); INSERT INTO schema_migrations VALUES (2, 0); CREATE TABLE IF NOT EXISTS notes (id INTEGER)",
      ),
    );
    await command('Refresh');
    await migration(/0002_notes.*pending/).waitFor();
    await command("Take Over Another Tool's History…");
    await until(
      () => walk.inputBox.fill('golang', { timeout: 2_000 }),
      () => walk.choice('golang-migrate').waitFor({ timeout: 5_000 }),
    );
    await walk.pick('golang-migrate');
    await dialog(/Mark 1 as applied in this project's history/).waitFor();
    await walk.pressDialog('Mark as Applied');
    await migration(/0002_notes.*applied/).waitFor();
  });
  await step('the sidebar has no accessibility violation', () => walk.hasNoViolation());
}
