// A stranger's path in a repository of another tool, without a file of ours: see, fix as its files, apply, revert; on PostgreSQL.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { STRANGER_PROJECTS, strangerFiles } from '../../support/stranger-projects.ts';
import { enterUrl } from './enter-url.mjs';

/** Tools that keep a checksum of the whole text. */
const WHOLE_TEXT = ['prisma', 'flyway'];
const VALUE = 'Value of users.status';

export async function strangerWalk(walk, url, { kind }) {
  const { page, step, until, command, migration, row, dialog, folder, files } = walk;
  const known = STRANGER_PROJECTS.find(({ tool }) => tool === kind);
  const base = path.relative(folder, walk.directory);
  const first = Object.keys(strangerFiles(known)).find(
    (name) => name.startsWith(base) && /_users\b.*(?<!down)\.sql$/.test(name),
  );
  const { default: pg } = await import('pg');
  const client = new pg.Client(url);
  await client.connect();
  const change = row(/users-status.*(ready to apply|waits for|compared|done)/).first();
  try {
    await step('opened without a configuration, its finding is seen', async () => {
      await walk.openFile(known.newest);
      await page.waitForSelector('.monaco-editor .squiggly-error', { state: 'attached' });
      await walk.openSidebar(/status/);
      assert.ok(!files().includes('lockstep.jsonc'));
    });
    await step('it is made safe as files of the tool', async () => {
      const before = files();
      await walk.openFile(known.newest);
      await walk.goTo(1, 30);
      await walk.takeFix('Split into expand and contract', () => walk.asked(VALUE));
      await walk.answer(VALUE, "'active'");
      await walk.said(/files written/);
      const written = files().filter((name) => !before.includes(name));
      assert.ok(written.length > 1, written.join(' '));
      for (const name of written) assert.match(`${base}/${name}`, known.written);
    });
    await step('connected, its migrations are pending', async () => {
      await walk.clearNotices();
      await command('Connect…');
      // The database of the team's own file is offered, and is not the one that is meant.
      await walk.choice('DATABASE_URL').waitFor();
      await walk.pick(/Enter|another/i);
      await enterUrl(walk, url, 'staging');
      await row(/users.*pending/)
        .first()
        .waitFor();
      await row(/History/)
        .filter({ hasText: known.history.split('.').at(-1) })
        .waitFor();
    });
    await step('they are applied up to the deploy, which is confirmed', async () => {
      await command('Apply All');
      await walk.said(/needs a deploy first/);
      await change.filter({ hasText: 'waits for a deploy' }).waitFor();
      await client.query("INSERT INTO users (email) VALUES ('ann@example.com'), ('bob@example.com')");
      await walk.clickNotice(/needs a deploy first/, 'Confirm Deploy…');
      await dialog('Is this deployed everywhere').waitFor();
      await walk.pressDialog('Every Instance Runs It');
      await change.filter({ hasText: 'ready to apply' }).waitFor();
    });
    await step('the change is done, in the history of the tool', async () => {
      await walk.continueUntil(change, /done/);
      const [query, proof] = known.risk.proof;
      assert.deepEqual((await client.query(query)).rows, [proof]);
      assert.deepEqual((await client.query('SELECT to_regclass($1) IS NOT NULL AS there', [known.history])).rows, [
        { there: true },
      ]);
    });
    await step('the newest is reverted', async () => {
      await walk.clearNotices();
      await until(
        () => command('Revert Last…'),
        () => dialog(/Revert 1 migration/).waitFor({ timeout: 8_000 }),
      );
      await walk.pressDialog('Revert 1 Migration');
      await change.filter({ hasText: 'ready to apply' }).waitFor();
      await migration(/pending/)
        .first()
        .waitFor();
    });
    if (WHOLE_TEXT.includes(kind))
      await step('the formatter asks before it touches what is applied', async () => {
        const text = () => readFileSync(path.join(folder, first), 'utf8');
        const before = text();
        await walk.openFile(first);
        await until(
          () => command('Format Document', ''),
          () => walk.notice(/keeps a checksum of its whole text/).waitFor({ timeout: 8_000 }),
        );
        await walk.shot('asked');
        await walk.clearNotices();
        assert.equal(await page.locator('.tab.active.dirty').count(), 0);
        assert.equal(text(), before);
        assert.equal(await migration(/edited/).count(), 0);
      });
  } finally {
    await client.end();
  }
}
