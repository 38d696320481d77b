// Runs that wait, are cancelled, meet another window and lose their window; on PostgreSQL.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { driver } from './driver.mjs';
import { enterUrl } from './enter-url.mjs';

/** Longest time that a run may take to notice that who blocked it has gone. */
const NOTICED_MS = 4_000;

export async function waitingWalk(walk, url, { openPage, origin, shots }) {
  const { step, until, eventually, migration, row, command, folder, page } = walk;
  const { default: pg } = await import('pg');
  const client = new pg.Client(url);
  await client.connect();
  const columns = async () =>
    (
      await client.query(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'users'::regclass AND attnum > 0 AND NOT attisdropped",
      )
    ).rows.map(({ attname }) => attname);
  const add = (id, sql = `ALTER TABLE users ADD COLUMN ${id.slice(5)} text;\n`) => {
    writeFileSync(path.join(folder, 'migrations', `${id}.up.sql`), sql);
    writeFileSync(
      path.join(folder, 'migrations', `${id}.down.sql`),
      `ALTER TABLE users DROP COLUMN IF EXISTS ${id.slice(5)};\n`,
    );
    return migration(new RegExp(`${id}.*pending`)).waitFor();
  };
  /** Reads the table in a transaction that stays open, as a report of the night does. */
  const block = async () => {
    const blocker = new pg.Client({ connectionString: url, application_name: 'nightly-report' });
    await blocker.connect();
    await blocker.query('BEGIN; LOCK TABLE users IN ACCESS SHARE MODE');
    const { rows } = await blocker.query('SELECT pg_backend_pid() AS pid');
    return { pid: rows[0].pid, release: () => blocker.end() };
  };
  const waits = row(/waits for/).first();
  try {
    await step('connected', async () => {
      await walk.openSidebar('0001_init');
      await command('Connect…');
      await enterUrl(walk, url, 'staging');
      await row(/0001_init.*applied/).waitFor();
    });
    await step('who holds the lock is seen while a run waits, also between its tries', async () => {
      await add('0003_note');
      const blocker = await block();
      await command('Apply Next');
      await waits.waitFor();
      for (let looks = 0; looks < 12; looks++) {
        assert.match((await waits.textContent()) ?? '', new RegExp(`waits for .*${blocker.pid}`));
        await page.waitForTimeout(250);
      }
      await walk.shot('waits');
      assert.ok(!(await columns()).includes('note'));
      await blocker.release();
      const released = Date.now();
      await eventually('the column', async () => (await columns()).includes('note'));
      const took = Date.now() - released;
      console.log(`     the run went on ${took} ms after the blocker had left`);
      assert.ok(took < NOTICED_MS, `${took} ms`);
      await migration(/0003_note.*applied/).waitFor();
    });
    await step('a run that waits is cancelled, which is no error', async () => {
      await add('0004_memo');
      const blocker = await block();
      await walk.clearNotices();
      await command('Apply Next');
      await waits.waitFor();
      await walk.clickNotice('Applying', 'Cancel');
      const notice = await walk.said(/cancelled/);
      assert.equal(await notice.locator('.codicon-error').count(), 0);
      await blocker.release();
      await migration(/0004_memo.*pending/).waitFor();
      assert.ok(!(await columns()).includes('memo'));
      assert.equal(await row(/Needs attention.*(failed|stopped)/).count(), 0);
      await walk.clearNotices();
    });
    await step('of two windows one applies, and the other says so', async () => {
      const otherPage = await openPage();
      const other = driver({ kind: `${walk.kind}-other`, page: otherPage, folder, shots, tell: () => undefined });
      await other.openWindow(origin);
      await other.openSidebar('0001_init');
      await other.command('Connect…');
      // It is the same person's, and kept.
      await other.choice('staging').waitFor();
      await other.accept(other.choice('staging'));
      await other.row(/0001_init.*applied/).waitFor();
      const blocker = await block();
      await page.bringToFront();
      await command('Apply Next');
      await waits.waitFor();
      await otherPage.bringToFront();
      // The window that only watches says that somebody works there, and of nothing that it has failed.
      await until(
        () => other.command('Refresh'),
        () => other.row(/In flight.*another run on this database/).waitFor({ timeout: 8_000 }),
      );
      assert.equal(await other.row(/Needs attention.*failed/).count(), 0);
      await other.shot('watches');
      await other.command('Apply Next');
      const refusal = await other.said(/Lockstep|another/);
      await other.shot('second-window');
      const words = (await refusal.textContent()) ?? '';
      assert.match(words, /another run|other run|holds the lock|under way/i);
      await blocker.release();
      await migration(/0004_memo.*applied/).waitFor();
      // Nobody has to ask: it looks again for as long as the run goes on.
      await other.migration(/0004_memo.*applied/).waitFor();
      await other.row(/In flight.*nothing/).waitFor();
      assert.equal((await columns()).filter((name) => name === 'memo').length, 1);
      await otherPage.close();
      await page.bringToFront();
    });
    await step('a window that is reloaded in the middle of a run says that its end was not seen', async () => {
      await add('0005_remark');
      const blocker = await block();
      await command('Apply Next');
      await waits.waitFor();
      await page.reload({ waitUntil: 'domcontentloaded' });
      await walk.openSidebar('0001_init');
      await row(/Needs attention.*|0005_remark.*(not known|failed|unknown)/)
        .first()
        .waitFor();
      await walk.shot('end-not-seen');
      await blocker.release();
      await walk.reconnect();
      // Whatever became of it, the tree says what the database has.
      await eventually('the tree as the database', async () => {
        await command('Refresh');
        const has = (await columns()).includes('remark');
        return (await migration(has ? /0005_remark.*applied/ : /0005_remark.*(pending|failed|not known)/).count()) > 0;
      });
    });
  } finally {
    await client.end();
  }
}
