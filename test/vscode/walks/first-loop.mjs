// A person's first loop with keyboard and mouse on the sample project and on one of dbmate: see, fix, undo, connect, apply, go on.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import axe from 'axe-core';
import { root, startHost } from '../host.mjs';

const shots = path.join(root, 'dist/test/shots');
const vsix = process.env.LOCKSTEP_VSIX ?? path.join(root, 'dist/lockstep-linux-x64.vsix');
/** As in the other walks: a busy machine takes 45 s to reload a window. */
const WAIT_MS = 90_000;
let failed = 0;
const passed = new Set();

/** A folder of dbmate, whose newest migration has a finding in each statement. */
const DBMATE = [
  [
    '20260101000000_create_users.sql',
    'CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);',
    'DROP TABLE users;',
  ],
  [
    '20260201000000_many_things.sql',
    [
      'CREATE INDEX users_email ON users (email);',
      'CREATE INDEX users_name ON users (name);',
      'ALTER TABLE users ADD COLUMN status text NOT NULL;',
      "ALTER TABLE users ADD CONSTRAINT users_name_check CHECK (name <> '');",
      'ALTER TABLE users ALTER COLUMN name SET NOT NULL;',
    ].join('\n'),
    '',
  ],
];

/** The walk of one kind (`sqlite`, `postgresql`, `dbmate`): names of its steps that went well, as `kind: step`, and how many did not. */
export async function firstLoop(kind, theme) {
  failed = 0;
  passed.clear();
  await walk(kind, theme);
  return { passed: [...passed], failed };
}

/** Makes the project, walks the path on it and counts its steps. */
async function walk(kind, theme) {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-ui-'));
  const closing = [() => rmSync(folder, { recursive: true, force: true })];
  let host;
  try {
    const url = await makeProject(kind, folder, closing);
    const trust = { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never' };
    host = await startHost({
      folder,
      extensions: [vsix],
      settings: { 'workbench.colorTheme': theme, ...(kind === 'dbmate' ? trust : {}) },
      isRestricted: kind === 'dbmate',
    });
    closing.unshift(() => host.stop());
    await steps(kind, host, folder, url);
    assert.deepEqual([...host.refused], [], 'a host other than loopback was asked');
  } catch (error) {
    failed++;
    console.log(
      `FAIL ${kind}: ${String(error.stack ?? error)
        .split('\n')
        .slice(0, 8)
        .join('\n')}`,
    );
  } finally {
    for (const close of closing) await close();
  }
}

/** The sample project, for PostgreSQL with the same migrations; the first one is applied. The database's URL. */
async function makeProject(kind, folder, closing) {
  if (kind === 'dbmate') {
    mkdirSync(path.join(folder, 'db/migrations'), { recursive: true });
    writeFileSync(path.join(folder, 'lockstep.jsonc'), '{ "dialect": "postgresql" }\n');
    for (const [name, up, down] of DBMATE)
      writeFileSync(path.join(folder, 'db/migrations', name), `-- migrate:up\n${up}\n\n-- migrate:down\n${down}\n`);
    return '';
  }
  cpSync(path.join(root, 'media/sample'), folder, { recursive: true });
  const first = readFileSync(path.join(folder, 'migrations/0001_init.up.sql'), 'utf8');
  let url = `sqlite:${path.join(folder, 'app.db')}`;
  if (kind === 'postgresql') {
    writeFileSync(
      path.join(folder, 'lockstep.jsonc'),
      '{ "dialect": "postgresql", "migrations": [{ "folder": "migrations" }] }\n',
    );
    assert.match(first, /INTEGER PRIMARY KEY/);
    const { startPostgres } = await import('../../support/postgres.ts');
    const server = await startPostgres(17);
    closing.unshift(() => server.stop());
    url = server.url;
  }
  const { spawnSync } = await import('node:child_process');
  const applied = spawnSync(
    process.execPath,
    [path.join(root, 'dist/cli.cjs'), 'apply', '--next', '--yes', '--database', url],
    { cwd: folder, encoding: 'utf8' },
  );
  assert.equal(applied.status, 0, applied.stderr);
  return url;
}

async function steps(kind, host, folder, url) {
  const { page } = host;
  page.setDefaultTimeout(WAIT_MS);
  let number = 0;
  const shot = (name) =>
    page.screenshot({ path: path.join(shots, `${kind}-${String(++number).padStart(2, '0')}-${name}.png`) });
  const step = async (name, work) => {
    try {
      await work();
      passed.add(`${kind}: ${name}`);
      console.log(`ok   ${kind}: ${name}`);
      await shot(name.replace(/\W+/g, '-'));
    } catch (error) {
      await shot(`FAIL-${name.replace(/\W+/g, '-')}`);
      throw new Error(`${name}: ${error.message}`, { cause: error });
    }
  };
  /**
   * A key pressed while focus is still moving is lost, so it is pressed again until what it brings is there. What the
   * keys bring on the way (the palette, before a title is typed into it) can be lost in the same manner.
   */
  const until = async (act, wait, times = 6) => {
    for (let attempt = 1; ; attempt++) {
      try {
        await act();
        return await wait();
      } catch (error) {
        if (attempt === times) throw error;
      }
    }
  };
  const files = () => readdirSync(path.join(folder, 'migrations')).sort();
  const row = (text) => page.locator('.part.sidebar .monaco-list-row').filter({ hasText: text });
  /** A migration's steps stand in the view of changes, too. */
  const migration = (text) =>
    page.getByRole('tree', { name: 'Migrations' }).getByRole('treeitem').filter({ hasText: text });
  const command = async (title, category = 'Lockstep: ') => {
    const item = page
      .locator('.quick-input-list .monaco-list-row')
      .filter({ hasText: `${category}${title}` })
      .first();
    await until(
      async () => {
        await page.keyboard.press('Escape');
        await page.keyboard.press('F1');
        await page.waitForSelector('.quick-input-widget input', { timeout: 5_000 });
        await page.keyboard.type(`${category}${title}`);
      },
      () => item.waitFor({ timeout: 5_000 }),
    );
    await accept(item);
  };

  const quickInput = page.locator('.quick-input-widget');
  const input = quickInput.locator('.quick-input-box input').first();
  /** Presses Enter in the quick input until `gone` is not shown any more. */
  const accept = (gone) =>
    until(
      () => input.press('Enter', { timeout: 2_000 }),
      () => gone.waitFor({ state: 'hidden', timeout: 5_000 }),
    );
  /** Answers an input box. */
  const answer = async (question, words) => {
    const asked = quickInput.getByText(question).first();
    await asked.waitFor();
    await until(
      () => input.fill(words, { timeout: 2_000 }),
      async () => assert.equal(await input.inputValue(), words),
    );
    await accept(asked);
  };

  await page.goto(`${host.origin}/?folder=${encodeURIComponent(folder)}`, { waitUntil: 'domcontentloaded' });
  await page.waitForSelector('.monaco-workbench .part.activitybar');
  if (kind === 'dbmate') return dbmateSteps({ step, until, page, folder });
  await step('squiggle', async () => {
    const item = page.locator('.explorer-folders-view .monaco-list-row');
    await until(
      () => item.filter({ hasText: 'migrations' }).click(),
      () => item.filter({ hasText: '0002_user_status.up.sql' }).waitFor({ timeout: 4_000 }),
    );
    await item.filter({ hasText: '0002_user_status.up.sql' }).dblclick();
    await page.waitForSelector('.monaco-editor .squiggly-error', { state: 'attached' });
  });
  await step('hover', async () => {
    const token = page.locator('.monaco-editor .view-line span span').filter({ hasText: 'status' }).last();
    await until(
      async () => {
        await page.mouse.move(900, 600);
        await token.hover();
      },
      () =>
        page
          .locator('.monaco-hover:not(.hidden) .hover-contents')
          .filter({ hasText: /add column/ })
          .first()
          .waitFor({ timeout: 5_000 }),
    );
  });
  await step('quick fix menu', async () => {
    await page.keyboard.press('Escape');
    await page
      .locator('.monaco-editor .view-line')
      .filter({ hasText: 'ALTER' })
      .first()
      .click({ position: { x: 330, y: 8 } });
    await until(
      () => page.keyboard.press('Control+.'),
      () =>
        page
          .locator('.action-widget .monaco-list-row.action')
          .filter({ hasText: 'Split into expand and contract' })
          .first()
          .waitFor({ timeout: 4_000 }),
    );
  });
  const fixMenu = async (text) => {
    const item = page.locator('.action-widget .monaco-list-row.action').filter({ hasText: text }).first();
    await until(
      async () => {
        await page.keyboard.press('Escape');
        await page
          .locator('.monaco-editor .view-line')
          .filter({ hasText: 'ALTER' })
          .first()
          .click({ position: { x: 330, y: 8 } });
        await page.keyboard.press('Control+.');
      },
      () => item.waitFor({ timeout: 4_000 }),
    );
    return item;
  };
  const contents = () =>
    Object.fromEntries(files().map((name) => [name, readFileSync(path.join(folder, 'migrations', name), 'base64')]));
  const toast = (text) => page.locator('.notifications-toasts .notification-list-item').filter({ hasText: text });
  const isFixed = () => !files().includes('0002_user_status.up.sql') && files().length > 6;
  const eventually = async (what, condition) => {
    for (const deadline = Date.now() + WAIT_MS; !condition(); ) {
      assert.ok(Date.now() < deadline, `${what}: ${files().join(' ')}`);
      await page.waitForTimeout(100);
    }
  };
  /** Takes the fix and answers what old rows get. A menu closes by itself when the editor asks for fixes again. */
  const landFix = async () => {
    await until(
      async () => {
        await fixMenu('Split into expand and contract');
        await page.keyboard.press('Enter');
      },
      () => quickInput.getByText('Value of users.status').first().waitFor({ timeout: 8_000 }),
    );
    await answer('Value of users.status', "'active'");
    await eventually('the files', isFixed);
  };
  const before = contents();
  await step('preview of the files', async () => {
    await page.keyboard.press('Escape');
    await (await fixMenu('look at the files first')).click();
    await page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'Write these' }).waitFor();
    // The page of all phases stands beside the list, which keeps the keyboard.
    await page.waitForSelector('.tab[data-resource-name="Planned steps.md"]');
    const overview = page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    await overview.getByRole('heading', { name: 'Deploy: version that writes users.status' }).waitFor();
    await overview
      .getByText(/ACCESS EXCLUSIVE on public.users: reads and writes wait|write lock on/)
      .first()
      .waitFor();
    await page
      .locator('.quick-input-list')
      .getByText(/deploy version that writes users.status/)
      .first()
      .waitFor();
    await until(
      () => input.press('ArrowDown', { timeout: 2_000 }),
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
    await toast(/steps, \d+ files written.*deploy .* between/).waitFor();
    assert.equal(await page.locator('.notification-list-item').filter({ hasText: 'command not found' }).count(), 0);
    await page.waitForSelector('.tab.active[data-resource-name^="0002_"], .tab.active[data-resource-name^="0003_"]');
  });
  await step('compare shows before and after', async () => {
    await toast(/files written/)
      .getByRole('button', { name: 'Compare' })
      .click();
    await page.waitForSelector('.multiDiffEditor, .multi-diff-root-floating-menu, .monaco-component.multiDiffEditor');
  });
  await step('undo restores every byte', async () => {
    await command('Undo Last Fix…');
    await toast('files are as before').waitFor();
    assert.deepEqual(contents(), before);
    await page.waitForSelector('.tab.active[data-resource-name="0002_user_status.up.sql"]');
    await page.waitForSelector('.monaco-editor .squiggly-error', { state: 'attached' });
  });
  await step('undo from the message', async () => {
    await landFix();
    await toast(/files written/)
      .getByRole('button', { name: 'Undo' })
      .click();
    await toast('files are as before').waitFor();
    assert.deepEqual(contents(), before);
    await page.waitForSelector('.monaco-editor .squiggly-error', { state: 'attached' });
  });
  await step('quick fix again', async () => {
    await landFix();
    await toast(/files written/).waitFor();
    await command('Notifications: Clear All Notifications', '');
  });
  await step('tree before connecting', async () => {
    await page.locator('.activitybar').getByRole('tab', { name: 'Lockstep' }).click();
    await row('0001_init').waitFor();
    await row(/Connection.*not connected/).waitFor();
  });
  await step('connected and pending', async () => {
    await command('Connect…');
    if (kind === 'postgresql') {
      await answer('URL of the database', url);
      await answer('empty where none is needed', '');
      const environment = quickInput.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'staging' });
      await environment.waitFor();
      await accept(environment);
    } else {
      const database = quickInput.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'app.db' }).first();
      await database.waitFor();
      await accept(database);
    }
    await row(/0001_init.*applied/).waitFor();
    await row(/pending/)
      .first()
      .waitFor();
  });
  await step('the files have their state in the Explorer, a migration its commands', async () => {
    await page
      .locator('.activitybar')
      .getByRole('tab', { name: /^Explorer/ })
      .click();
    const label = page
      .locator('.explorer-folders-view .monaco-list-row')
      .filter({ hasText: '0001_init.up.sql' })
      .locator('.monaco-icon-label');
    await label.waitFor();
    const badge = () => label.evaluate((element) => getComputedStyle(element, '::after').content);
    for (const deadline = Date.now() + WAIT_MS; !(await badge()).includes('✓'); ) {
      assert.ok(Date.now() < deadline, await badge());
      await page.waitForTimeout(100);
    }
    await page
      .locator('.codelens-decoration')
      .filter({ hasText: /Apply.*Dry Run/ })
      .first()
      .waitFor();
    await page.locator('.activitybar').getByRole('tab', { name: 'Lockstep' }).click();
    await row('0001_init').waitFor();
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
  await step('the sidebar has no accessibility violation', async () => {
    // As an expression: the workbench's policy takes no script of another's.
    await page.evaluate(axe.source);
    const found = await page.evaluate(async () => {
      // The rows, labels and icons are ours; the frame around them is the workbench's.
      const { violations } = await globalThis.axe.run('.part.sidebar .pane-body', {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa'],
      });
      return violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
    });
    assert.deepEqual(found, []);
  });
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
    await page.locator('.monaco-dialog-box').filter({ hasText: firstPending }).waitFor();
  });
  await step('reverted and pending again', async () => {
    await page.locator('.monaco-dialog-box .monaco-button').filter({ hasText: 'Revert 1 Migration' }).click();
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
  await step('the stop confirms the deploy', async () => {
    await toast(/needs a deploy first/).hover();
    await toast(/needs a deploy first/)
      .getByRole('button', { name: 'Confirm Deploy…' })
      .click();
    await page.locator('.monaco-dialog-box').filter({ hasText: 'Is this deployed everywhere' }).waitFor();
    await page.keyboard.press('Escape');
  });
  await step('continue asks for the deploy', async () => {
    const item = page.locator('.monaco-menu .action-label').filter({ hasText: 'Continue Change' }).first();
    // A menu that has just opened may take the click for the end of the one that opened it.
    await until(
      async () => {
        await page.keyboard.press('Escape');
        await change.click({ button: 'right' });
        await item.waitFor({ timeout: 5_000 });
        await page.waitForTimeout(300);
        await item.click();
      },
      () =>
        page
          .locator('.monaco-dialog-box')
          .filter({ hasText: 'Is this deployed everywhere' })
          .waitFor({ timeout: 5_000 }),
    );
  });
  await step('deploy confirmed', async () => {
    await page.locator('.monaco-dialog-box .monaco-button').filter({ hasText: 'Every Instance Runs It' }).click();
    await change.filter({ hasText: 'ready to apply' }).waitFor();
  });
  await step('runbook', async () => {
    await command('Show Runbook');
    await page.locator('.tab.active').filter({ hasText: 'users-status-runbook.md' }).waitFor();
  });
  await step('change done', async () => {
    // What the runbook's steps say: one command does the rest of them.
    await until(
      () => command('Continue Change…'),
      () => change.filter({ hasText: 'done' }).waitFor({ timeout: 8_000 }),
      // One for each step that is left, and some that come while the one before still runs.
      12,
    );
  });
  await step('an error is asked about before it is applied', async () => {
    writeFileSync(
      path.join(folder, 'migrations/0009_code.up.sql'),
      "INSERT INTO users (id, email, status) VALUES (9, 'a', 'b'), (10, 'c', 'd');\nALTER TABLE users ADD COLUMN code TEXT NOT NULL;\n",
    );
    await migration(/0009_code.*pending/).waitFor();
    await command('Apply Next');
    await page
      .locator('.monaco-dialog-box')
      .filter({ hasText: /Apply with \d errors? on/ })
      .waitFor();
  });
  await step('a failure says what leads on', async () => {
    await page.locator('.monaco-dialog-box .monaco-button').filter({ hasText: 'Apply Anyway' }).click();
    await toast(/0009_code failed/).waitFor();
    await toast(/0009_code failed/)
      .getByRole('button', { name: 'Try Again' })
      .waitFor({ state: 'attached' });
  });
  await step('a failure stays in the tree, also after a reload', async () => {
    await page.reload({ waitUntil: 'domcontentloaded' });
    await migration(/0009_code.*failed/).waitFor();
  });
  await step('the failed statement is opened from the tree', async () => {
    const item = page.locator('.monaco-menu .action-label').filter({ hasText: 'Show Last Run' }).first();
    await until(
      async () => {
        await page.keyboard.press('Escape');
        await migration(/0009_code.*failed/).click({ button: 'right' });
        await item.waitFor({ timeout: 5_000 });
        await page.waitForTimeout(300);
        await item.click();
      },
      () => toast(/0009_code failed/).waitFor({ timeout: 5_000 }),
    );
    await toast(/0009_code failed/).hover();
    await toast(/0009_code failed/)
      .getByRole('button', { name: 'Show Statement' })
      .click();
    await page.waitForSelector('.tab.active[data-resource-name="0009_code.up.sql"]');
    assert.match(await page.locator('[id="status.editor.selection"]').textContent(), /Ln 2/);
    rmSync(path.join(folder, 'migrations/0009_code.up.sql'));
    await migration('0009_code').waitFor({ state: 'detached' });
  });
  // A reloaded window is not connected: nothing connects by itself unless a person allows it.
  await step('connected again by one click after the reload', async () => {
    await row(/Connection.*not connected/).click();
    await row(/0001_init.*applied/).waitFor();
    await toast(/connected to/).waitFor();
  });
  await step('connected by itself after the next reload, since it was allowed', async () => {
    await toast(/connected to/).hover();
    await toast(/connected to/)
      .getByRole('button', { name: 'Always When This Folder Opens' })
      .click();
    await page.waitForTimeout(500);
    await page.reload({ waitUntil: 'domcontentloaded' });
    await row(/0001_init.*applied/).waitFor();
  });
  if (kind === 'postgresql') await renameInPhases({ step, command, answer, until, files, row, page, url });
  else await refusedChange({ step, command, answer, page });
}

/** In Restricted Mode nothing is written, and no command that writes or connects is offered. */
async function dbmateSteps({ step, until, page, folder }) {
  const contents = () =>
    Object.fromEntries(
      readdirSync(path.join(folder, 'db/migrations')).map((name) => [
        name,
        readFileSync(path.join(folder, 'db/migrations', name), 'base64'),
      ]),
    );
  const before = contents();
  const fixMenu = async (line, text) => {
    const item = page.locator('.action-widget .monaco-list-row.action').filter({ hasText: text }).first();
    await until(
      async () => {
        await page.keyboard.press('Escape');
        await page
          .locator('.monaco-editor .view-line')
          .filter({ hasText: line })
          .first()
          .click({ position: { x: 20, y: 8 } });
        await page.keyboard.press('Control+.');
      },
      () => item.waitFor({ timeout: 4_000 }),
    );
  };
  await step('findings in Restricted Mode', async () => {
    const item = (text) => page.locator('.explorer-folders-view .monaco-list-row').filter({ hasText: text });
    await until(
      () => item(/^db/).first().click(),
      () => item('20260201000000_many_things.sql').waitFor({ timeout: 4_000 }),
    );
    await item('20260201000000_many_things.sql').dblclick();
    await page.waitForSelector('.monaco-editor .squiggly-error', { state: 'attached' });
  });
  await step('nothing is written and nothing is run in Restricted Mode', async () => {
    await fixMenu('CREATE INDEX users_name', /safe|Split|not trusted|Allow/);
    await page.keyboard.press('Enter');
    await page.waitForTimeout(1_500);
    await page.keyboard.press('Escape');
    assert.deepEqual(contents(), before);
    await page.keyboard.press('F1');
    await page.waitForSelector('.quick-input-widget input');
    await page.keyboard.type('Lockstep: ');
    const listed = page.locator('.quick-input-list .monaco-list-row');
    await listed.filter({ hasText: 'Lockstep: Refresh' }).first().waitFor();
    for (const title of ['Apply All', 'Connect', 'Undo Last Fix', 'New Migration', 'Start a Change'])
      assert.equal(await listed.filter({ hasText: `Lockstep: ${title}` }).count(), 0, title);
    await page.keyboard.press('Escape');
  });
}

/** Answers the questions of Start a Change up to its preview. */
async function askForRename({ command, answer, page }, newName) {
  const pick = async (text) => {
    await page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text }).first().click();
  };
  await command('Start a Change…');
  await pick('Rename a column');
  await pick('users');
  await pick('email');
  await answer('New name', newName);
}

/** The three phases of a rename, asked for without a migration. */
async function renameInPhases({ step, command, answer, until, files, row, page, url }) {
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
      await askForRename({ command, answer, page }, 'address');
      await page
        .locator('.quick-input-list .monaco-list-row')
        .filter({ hasText: 'expand: Add users.address' })
        .waitFor();
      await page.keyboard.press('ArrowDown');
      await page.locator('.monaco-editor .view-line').filter({ hasText: 'CREATE FUNCTION' }).first().waitFor();
      assert.deepEqual(files(), before);
    });
    await step('rename: files are written', async () => {
      await page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'Write these' }).click();
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
        () =>
          page
            .locator('.monaco-dialog-box')
            .filter({ hasText: 'version that uses users.address' })
            .waitFor({ timeout: 8_000 }),
      );
    });
    await step('rename: to be compared', async () => {
      await page.locator('.monaco-dialog-box .monaco-button').filter({ hasText: 'Every Instance Runs It' }).click();
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
          if (await item.isVisible()) await item.click();
        },
        () =>
          page.locator('.tab.active').filter({ hasText: 'users-email-address-runbook.md' }).waitFor({ timeout: 5_000 }),
      );
    });
    await step('rename: done', async () => {
      await until(
        () => command('Continue Change…'),
        () => change.filter({ hasText: 'done' }).waitFor({ timeout: 12_000 }),
        // One for each step that is left, and some that come while the one before still runs.
        12,
      );
      assert.ok((await columns()).includes('address') && !(await columns()).includes('email'), String(await columns()));
    });
  } finally {
    await client.end();
  }
}

/** What has no safe way is refused with the reason, and nothing is written. */
async function refusedChange({ step, command, answer, page }) {
  await step('a rename is refused with the reason', async () => {
    await askForRename({ command, answer, page }, 'address');
    await page
      .locator('.monaco-dialog-box')
      .filter({ hasText: 'two names of one column cannot be kept in step' })
      .waitFor();
  });
}
