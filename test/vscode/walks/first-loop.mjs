// A person's first loop with keyboard and mouse on the sample project: see, fix, undo, connect, apply, go on.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { enterUrl } from './enter-url.mjs';

/** On SQLite, or on PostgreSQL where `url` names a server. */
export async function firstLoop(walk, url) {
  const { page, folder, step, shot, until, eventually, files, contents, row, migration, toast, dialog } = walk;
  const { command, answer, quickInput, inputBox } = walk;
  const isServer = !url.startsWith('sqlite:');
  await step('squiggle', async () => {
    const item = page.locator('.explorer-folders-view .monaco-list-row');
    await until(
      () => item.filter({ hasText: 'migrations' }).click(),
      () => item.filter({ hasText: '0002_user_status.up.sql' }).waitFor({ timeout: 4_000 }),
    );
    await until(
      () => item.filter({ hasText: '0002_user_status.up.sql' }).dblclick({ timeout: 5_000 }),
      () => page.waitForSelector('.monaco-editor .squiggly-error', { state: 'attached', timeout: 30_000 }),
    );
  });
  await step('hover', () => walk.hoverOf('status', /add column/));
  const fixMenu = async (text) => {
    await until(
      async () => {
        await page.keyboard.press('Escape');
        await page
          .locator('.monaco-editor .view-line')
          .filter({ hasText: 'ALTER' })
          .first()
          .click({ position: { x: 330, y: 8 }, timeout: 5_000 });
        await page.keyboard.press('Control+.');
      },
      () => walk.fixItem(text).waitFor({ timeout: 4_000 }),
    );
    return walk.fixItem(text);
  };
  await step('quick fix menu', async () => {
    await fixMenu('Split into expand and contract');
  });
  const isFixed = () => !files().includes('0002_user_status.up.sql') && files().length > 6;
  /** Takes the fix and answers what old rows get. A menu closes by itself when the editor asks for fixes again. */
  const landFix = async () => {
    await until(
      async () => {
        await fixMenu('Split into expand and contract');
        await page.keyboard.press('Enter');
      },
      () => walk.asked('Value of users.status'),
    );
    await answer('Value of users.status', "'active'");
    await eventually(() => files().join(' '), isFixed);
  };
  const before = contents();
  await step('preview of the files', async () => {
    // A menu closes by itself when the editor asks for fixes again, also under the mouse.
    await until(
      async () => (await fixMenu('look at the files first')).click({ timeout: 5_000 }),
      () => walk.choice('Write these').waitFor({ timeout: 20_000 }),
    );
    // The page of all phases stands beside the list, which keeps the keyboard.
    await page.waitForSelector('.tab[data-resource-name="Planned steps.md"]');
    const overview = walk.webview();
    await overview.getByRole('heading', { name: 'Deploy: version that writes users.status' }).waitFor();
    await overview
      .getByText(/ACCESS EXCLUSIVE on public.users: reads and writes wait|write lock on/)
      .first()
      .waitFor();
    await walk.hasNoViolation('body', await walk.webviewFrame());
    await page
      .locator('.quick-input-list')
      .getByText(/deploy version that writes users.status/)
      .first()
      .waitFor();
    await until(
      () => inputBox.press('ArrowDown', { timeout: 2_000 }),
      () => page.waitForSelector('.tab[data-resource-name="Planned step.sql"]', { timeout: 5_000 }),
    );
    assert.deepEqual(contents(), before);
  });
  await step('preview left', async () => {
    await until(
      () => page.keyboard.press('Escape'),
      () => quickInput.waitFor({ state: 'hidden', timeout: 5_000 }),
    );
    for (const name of ['Planned step.sql', 'Planned steps.md'])
      await page.waitForSelector(`.tab[data-resource-name="${name}"]`, { state: 'detached' });
    assert.deepEqual(contents(), before);
  });
  await step('quick fix by Enter writes files and says which', async () => {
    await landFix();
    await walk.said(/steps, \d+ files written.*between steps .* deploy: /);
    assert.equal(await page.locator('.notification-list-item').filter({ hasText: 'command not found' }).count(), 0);
    await page.waitForSelector('.tab.active[data-resource-name^="0002_"], .tab.active[data-resource-name^="0003_"]');
  });
  await step('compare shows before and after', async () => {
    await walk.clickNotice(/files written/, 'Compare');
    await page.waitForSelector('.multiDiffEditor, .multi-diff-root-floating-menu, .monaco-component.multiDiffEditor');
  });
  await step('undo restores every byte', async () => {
    await command('Undo Last Fix…');
    await walk.said('files are as before');
    assert.deepEqual(contents(), before);
    await page.waitForSelector('.tab.active[data-resource-name="0002_user_status.up.sql"]');
    await page.waitForSelector('.monaco-editor .squiggly-error', { state: 'attached' });
  });
  await step('undo from the message', async () => {
    await landFix();
    await walk.clickNotice(/files written/, 'Undo');
    await walk.said('files are as before');
    assert.deepEqual(contents(), before);
    await page.waitForSelector('.monaco-editor .squiggly-error', { state: 'attached' });
  });
  await step('quick fix again', async () => {
    await landFix();
    await walk.said(/files written/);
    await walk.clearNotices();
  });
  await step('tree before connecting', async () => {
    await walk.openSidebar('0001_init');
    await row(/Connection.*not connected/).waitFor();
  });
  await step('connected and pending', async () => {
    await command('Connect…');
    if (isServer) {
      await enterUrl(walk, url, 'staging');
    } else await walk.pick('app.db');
    await row(/0001_init.*applied/).waitFor();
    await row(/pending/)
      .first()
      .waitFor();
  });
  await step('the files have their state in the Explorer, a migration its commands', async () => {
    const explorer = page.locator('.activitybar').getByRole('tab', { name: /^Explorer/ });
    await until(
      () => explorer.click({ timeout: 5_000 }),
      () => page.locator('.explorer-folders-view').waitFor({ timeout: 5_000 }),
    );
    const label = page
      .locator('.explorer-folders-view .monaco-list-row')
      .filter({ hasText: '0001_init.up.sql' })
      .locator('.monaco-icon-label');
    await label.waitFor();
    const badge = () => label.evaluate((element) => getComputedStyle(element, '::after').content);
    await eventually(badge, async () => (await badge()).includes('✓'));
    await page
      .locator('.codelens-decoration')
      .filter({ hasText: /Apply.*Dry Run/ })
      .first()
      .waitFor();
    await walk.openSidebar('0001_init');
  });
  await step('the states are read at 190 pixels', async () => {
    const sidebar = page.locator('.part.sidebar');
    const drag = async (to) => {
      const { x, y, width, height } = await sidebar.boundingBox();
      await page.mouse.move(x + width, y + height - 40);
      await page.mouse.down();
      await page.mouse.move(x + to, y + height - 40, { steps: 4 });
      await page.mouse.up();
    };
    const { width } = await sidebar.boundingBox();
    await until(
      () => drag(190),
      async () => assert.ok((await sidebar.boundingBox()).width < 200),
    );
    const words = migration('0001_init').locator('.label-description');
    const [shown, container] = [await words.boundingBox(), await sidebar.boundingBox()];
    assert.ok(shown.x + 20 < container.x + container.width, 'the state is cut off');
    await shot('narrow');
    await drag(width);
  });
  await step('the sidebar has no accessibility violation', () => walk.hasNoViolation());
  await step('pending alone, and all again', async () => {
    await command('Show Pending Only');
    await migration('0001_init').waitFor({ state: 'detached' });
    await migration(/pending/)
      .first()
      .waitFor();
    await command('Show All Migrations');
    await migration('0001_init').waitFor();
  });
  const firstPending = (
    await migration(/^\d+_.*pending/)
      .first()
      .locator('.label-name')
      .first()
      .textContent()
  )?.trim();
  await step('applied', async () => {
    await command('Apply Next');
    await migration(new RegExp(`${firstPending}.*applied`)).waitFor();
  });
  await step('sql of the next', async () => {
    await command('Dry Run');
    await page.waitForSelector('.tab.active[data-resource-name="Dry run.sql"]');
  });
  await step('revert is confirmed', async () => {
    await command('Revert Last…');
    await dialog(firstPending).waitFor();
  });
  await step('reverted and pending again', async () => {
    await walk.pressDialog('Revert 1 Migration');
    await migration(new RegExp(`${firstPending}.*pending`)).waitFor();
  });
  const change = row(/users-status.*(ready to apply|waits for|compared|done)/).first();
  await step('change in flight', async () => {
    await change.filter({ hasText: 'ready to apply' }).waitFor();
  });
  await step('apply all stops before the deploy', async () => {
    await command('Apply All');
    await change.filter({ hasText: 'waits for a deploy' }).waitFor();
    const stop = toast(/needs a deploy first/);
    await stop.waitFor();
    assert.ok(!/lockstep change/.test(await stop.first().textContent()));
    for (const name of ['Confirm Deploy…', 'Runbook', 'What Is This?'])
      await stop.getByRole('button', { name }).waitFor({ state: 'attached' });
    await row(/Needs attention.*stopped/).waitFor();
  });
  await step('the stop says what it is about', async () => {
    await walk.clickNotice(/needs a deploy first/, 'What Is This?');
    await page.locator('.tab.active').filter({ hasText: 'Why a change waits.md' }).waitFor();
    await command('View: Close Editor', '');
    await command('Apply All');
    await walk.said(/needs a deploy first/);
  });
  await step('the stop confirms the deploy', async () => {
    await walk.clickNotice(/needs a deploy first/, 'Confirm Deploy…');
    await dialog('Is this deployed everywhere').waitFor();
    await page.keyboard.press('Escape');
  });
  await step('continue asks for the deploy', () =>
    walk.fromMenu(change, 'Continue Change', () => dialog('Is this deployed everywhere').waitFor({ timeout: 5_000 })),
  );
  await step('deploy confirmed', async () => {
    await walk.pressDialog('Every Instance Runs It');
    await change.filter({ hasText: 'ready to apply' }).waitFor();
  });
  await step('runbook', async () => {
    await command('Show Runbook');
    await page.locator('.tab.active').filter({ hasText: 'users-status-runbook.md' }).waitFor();
    await walk.webview().getByRole('heading', { name: 'Runbook: users-status' }).waitFor();
    await walk.hasNoViolation('body', await walk.webviewFrame());
  });
  // What the runbook's steps say: one command does the rest of them.
  await step('change done', async () => {
    await walk.continueUntil(change, /done/);
    // The page that stands open says so, too.
    const states = walk.webview().locator('td');
    await states
      .filter({ hasText: /^pending$/ })
      .first()
      .waitFor({ state: 'detached' });
    assert.ok((await states.filter({ hasText: /^applied$/ }).count()) >= 3);
  });
  await step('an error is asked about before it is applied', async () => {
    writeFileSync(
      path.join(folder, 'migrations/0009_code.up.sql'),
      "INSERT INTO users (id, email, status) VALUES (9, 'a', 'b'), (10, 'c', 'd');\nALTER TABLE users ADD COLUMN code TEXT NOT NULL;\n",
    );
    await migration(/0009_code.*pending/).waitFor();
    await command('Apply Next');
    await dialog(/Apply with \d errors? on/).waitFor();
  });
  await step('a failure says what leads on', async () => {
    await walk.pressDialog('Apply Anyway');
    await toast(/0009_code failed/).waitFor();
    await toast(/0009_code failed/)
      .getByRole('button', { name: 'Try Again' })
      .waitFor({ state: 'attached' });
  });
  await step('what a failure left is shown, and it is tried again', async () => {
    await walk.clickNotice(/0009_code failed/, 'Show What Was Left');
    await page.locator('.tab.active').filter({ hasText: 'What was left.md' }).waitFor();
    await walk.webview('last').getByRole('heading', { name: '0009_code failed' }).waitFor();
    await walk.hasNoViolation('body', await walk.webviewFrame('last'));
    await walk.shot('left');
    await command('View: Close Editor', '');
    await walk.fromMenu(migration(/0009_code.*failed/), 'Show Last Run', () =>
      walk.notice(/0009_code failed/).waitFor({ timeout: 5_000 }),
    );
    await walk.clickNotice(/0009_code failed/, 'Try Again');
    // What is wrong with it is asked about each time.
    await dialog(/Apply with \d errors? on/).waitFor();
    await walk.pressDialog('Apply Anyway');
    await walk.said(/0009_code failed/);
  });
  await step('a failure stays in the tree, also after a reload', async () => {
    await page.reload({ waitUntil: 'domcontentloaded' });
    await migration(/0009_code.*failed/).waitFor();
  });
  await step('the failed statement is opened from the tree', async () => {
    await walk.fromMenu(migration(/0009_code.*failed/), 'Show Last Run', () =>
      walk.notice(/0009_code failed/).waitFor({ timeout: 5_000 }),
    );
    await walk.clickNotice(/0009_code failed/, 'Show Statement');
    await page.waitForSelector('.tab.active[data-resource-name="0009_code.up.sql"]');
    assert.match(await page.locator('[id="status.editor.selection"]').textContent(), /Ln 2/);
    rmSync(path.join(folder, 'migrations/0009_code.up.sql'));
    // The watcher of a window that has just opened may miss it.
    await until(
      () => command('Refresh'),
      () => migration('0009_code').waitFor({ state: 'detached', timeout: 8_000 }),
    );
  });
  // A reloaded window is not connected: nothing connects by itself unless a person allows it.
  await step('connected again by one click after the reload', async () => {
    await walk.reconnect();
    await walk.said(/connected to/);
  });
  await step('connected by itself after the next reload, since it was allowed', async () => {
    await walk.clickNotice(/connected to/, 'Always When This Folder Opens');
    await page.waitForTimeout(500);
    await page.reload({ waitUntil: 'domcontentloaded' });
    await row(/0001_init.*applied/).waitFor();
  });
  if (isServer) await renameInPhases(walk, url);
  else await refusedChange(walk);
}

/** Answers the questions of Start a Change up to its preview. */
async function askForRename({ command, answer, pick, choice, page }, newName) {
  await command('Start a Change…');
  await pick('Rename a column');
  await choice('users').waitFor();
  const offered = await page.locator('.quick-input-list .monaco-list-row').allTextContents();
  assert.ok(!offered.some((name) => /lockstep/.test(name)), offered.join(', '));
  await pick('users');
  await pick('email');
  await answer('New name', newName);
}

/** The three phases of a rename, asked for without a migration. */
async function renameInPhases(walk, url) {
  const { step, command, until, files, row, page, dialog, inputBox } = walk;
  const { default: pg } = await import('pg');
  const client = new pg.Client(url);
  await client.connect();
  const columns = async () =>
    (
      await client.query(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'users'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY 1",
      )
    ).rows.map(({ attname }) => attname);
  const change = row(/users-email-address.*(ready to apply|waits for|compared|done)/).first();
  const before = files();
  try {
    await step('rename: steps are looked at', async () => {
      await askForRename(walk, 'address');
      await walk.choice('expand: Add users.address').waitFor();
      await until(
        () => inputBox.press('ArrowDown', { timeout: 2_000 }),
        () =>
          page
            .locator('.monaco-editor .view-line')
            .filter({ hasText: 'CREATE FUNCTION' })
            .first()
            .waitFor({ timeout: 5_000 }),
      );
      assert.deepEqual(files(), before);
    });
    await step('rename: files are written', async () => {
      await walk.pick('Write these');
      await change.filter({ hasText: 'ready to apply' }).waitFor();
      assert.ok(
        files().some((name) => name.includes('add_users_address')),
        files().join(' '),
      );
    });
    await step('rename: expanded and filled', async () => {
      await command('Apply All');
      await change.filter({ hasText: 'waits for a deploy' }).waitFor();
      // The contract is refused, and both names are there for both versions.
      await page.locator('.notifications-toasts').getByText('is not run yet').first().waitFor();
      assert.ok((await columns()).includes('address') && (await columns()).includes('email'), String(await columns()));
    });
    await step('rename: deploy asked for', async () => {
      await until(
        () => command('Continue Change…'),
        () => dialog('version that uses users.address').waitFor({ timeout: 8_000 }),
      );
    });
    await step('rename: to be compared', async () => {
      await walk.pressDialog('Every Instance Runs It');
      await change.filter({ hasText: 'to be compared' }).waitFor();
    });
    await step('rename: compared', async () => {
      await until(
        () => command('Continue Change…'),
        () => change.filter({ hasText: 'ready to apply' }).waitFor({ timeout: 8_000 }),
      );
    });
    await step('rename: runbook', async () => {
      await command('Show Runbook');
      await until(
        async () => {
          const item = page
            .locator('.quick-input-list .monaco-list-row')
            .filter({ hasText: 'users-email-address' })
            .first();
          if (await item.isVisible()) await item.click({ timeout: 5_000 });
        },
        () =>
          page.locator('.tab.active').filter({ hasText: 'users-email-address-runbook.md' }).waitFor({ timeout: 5_000 }),
      );
    });
    await step('rename: done', async () => {
      await walk.continueUntil(change, /done/);
      assert.ok((await columns()).includes('address') && !(await columns()).includes('email'), String(await columns()));
    });
  } finally {
    await client.end();
  }
}

/** What has no safe way is refused with the reason, and nothing is written. */
async function refusedChange(walk) {
  const { step, dialog } = walk;
  await step('a rename is refused with the reason', async () => {
    await askForRename(walk, 'address');
    await dialog('two names of one column cannot be kept in step').waitFor();
  });
}
