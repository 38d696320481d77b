// The first minutes of a newcomer: the sample project as the extension leaves it.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export async function startWalk(walk) {
  const { page, step, until, command, row, folder } = walk;
  await step('the sample shows what to do first beside its squiggle', async () => {
    await page.waitForSelector('.tab[data-resource-name="0002_user_status.up.sql"]');
    await page.locator('.tab').filter({ hasText: 'Preview README.md' }).waitFor();
    await page.waitForSelector('.monaco-editor .squiggly-error', { state: 'attached' });
    await page.locator('.codelens-decoration').filter({ hasText: 'Make Safe' }).first().waitFor();
    await page
      .frameLocator('iframe.webview.ready')
      .frameLocator('#active-frame')
      .getByRole('heading', { name: 'A small project to try Lockstep on' })
      .waitFor();
    await walk.hasNoViolation('body', await walk.webviewFrame());
  });
  await step('make safe opens the fixes', async () => {
    await until(
      () => page.locator('.codelens-decoration a').filter({ hasText: 'Make Safe' }).first().click({ timeout: 5_000 }),
      () => walk.fixItem('Split into expand and contract').waitFor({ timeout: 8_000 }),
    );
    await page.keyboard.press('Escape');
  });
  await step('the walkthrough shows a picture for each step', async () => {
    // It shows pictures where it is wide enough.
    await command('View: Close All Editors', '');
    await page.setViewportSize({ width: 1700, height: 900 });
    await command('Welcome: Open Walkthrough', '');
    await until(
      () => walk.inputBox.fill('Get Started with Lockstep', { timeout: 4_000 }),
      () => walk.choice('Get Started with Lockstep').waitFor({ timeout: 4_000 }),
    );
    await walk.accept(walk.choice('Get Started with Lockstep'));
    const steps = page.locator('.gettingStartedContainer .step-list-container .getting-started-step');
    await steps.first().waitFor();
    for (let index = 0; index < (await steps.count()); index++) {
      const title = (await steps.nth(index).locator('.step-title').textContent())?.trim();
      await until(
        () => steps.nth(index).click({ timeout: 4_000 }),
        async () => {
          const image = page.locator('.gettingStartedContainer .getting-started-media img').first();
          await image.waitFor({ timeout: 4_000 });
          assert.ok(
            await image.evaluate((element) => element.complete && element.naturalWidth > 400),
            `${title} has no picture`,
          );
        },
      );
      await walk.shot(`walkthrough-${index + 1}`);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await command('View: Close Editor', '');
  });
  await step('a migration says beside its language what it is, its directives are coloured', async () => {
    await walk.openFile('0002_user_status.up.sql');
    await until(
      () => page.locator('[id="status.languageStatus"]').click({ timeout: 5_000 }),
      () =>
        page
          .locator('.hover-language-status')
          .filter({ hasText: /SQL file pairs: (pending|not connected)/ })
          .waitFor({ timeout: 5_000 }),
    );
    await walk.shot('language-status');
    await page.keyboard.press('Escape');
    const name = '0003_more.up.sql';
    writeFileSync(
      path.join(folder, 'migrations', name),
      '-- lockstep: allow required-column because nobody writes here\n-- an ordinary comment\nSELECT 1;\n',
    );
    await walk.openFile(name);
    // Of one comment other parts have colours of their own.
    const coloursOf = async (words) =>
      new Set(
        await page
          .locator('.monaco-editor .view-line')
          .filter({ hasText: words })
          .first()
          .locator('span span')
          .evaluateAll((spans) => spans.map((span) => getComputedStyle(span).color)),
      ).size;
    await walk.eventually('the directive has colours of its own', async () => (await coloursOf('lockstep:')) > 1);
    assert.equal(await coloursOf('ordinary'), 1);
  });
  await step('lockstep.jsonc is completed by its schema', async () => {
    await walk.openFile('lockstep.jsonc');
    await walk.goTo(1, 2);
    await page.keyboard.press('End');
    await until(
      async () => {
        await page.keyboard.press('Escape');
        await page.keyboard.press('Control+Space');
      },
      () =>
        page
          .locator('.suggest-widget.visible .monaco-list-row')
          .filter({ hasText: /startAfter|database|fix/ })
          .first()
          .waitFor({ timeout: 4_000 }),
    );
    await page.keyboard.press('Escape');
    await command('View: Revert and Close Editor', '');
  });
  await step('tables are completed, and lead to what made them', async () => {
    const name = '0003_more.up.sql';
    writeFileSync(path.join(folder, 'migrations', name), 'SELECT email FROM users;\nSELECT email FROM \n');
    await walk.openFile(name);
    await walk.goTo(2, 19);
    await until(
      async () => {
        await page.keyboard.press('Escape');
        await page.keyboard.press('Control+Space');
      },
      () =>
        page
          .locator('.suggest-widget.visible .monaco-list-row')
          .filter({ hasText: 'users' })
          .first()
          .waitFor({ timeout: 4_000 }),
    );
    await page.keyboard.press('Escape');
    await walk.goTo(1, 20);
    await until(
      () => page.keyboard.press('F12'),
      () => walk.tab('0001_init.up.sql').waitFor({ timeout: 5_000 }),
    );
  });
  await step('what refers to a table is found across migrations', async () => {
    await walk.goTo(1, 16);
    await until(
      () => page.keyboard.press('Shift+F12'),
      () =>
        page
          .locator('.peekview-widget .ref-tree .monaco-list-row')
          .filter({ hasText: '0003_more.up.sql' })
          .first()
          .waitFor({ timeout: 5_000 }),
    );
    await walk.shot('references');
    await page.keyboard.press('Escape');
  });
  await step('the list of problems knows a migration that no editor shows', async () => {
    await command('View: Close All Editors', '');
    writeFileSync(
      path.join(folder, 'migrations/0003_more.up.sql'),
      'ALTER TABLE users ADD COLUMN code TEXT NOT NULL;\n',
    );
    const panel = page.locator('.markers-panel .monaco-list-row');
    await until(
      () => command('View: Focus Problems', '').catch(() => command('Problems: Focus on Problems View', '')),
      () => panel.filter({ hasText: '0003_more.up.sql' }).first().waitFor({ timeout: 10_000 }),
    );
    await panel.filter({ hasText: '0002_user_status.up.sql' }).first().waitFor();
    await panel
      .filter({ hasText: /Adding NOT NULL column "code"/ })
      .first()
      .waitFor();
  });
  await step('a variable that is not set is explained', async () => {
    const file = path.join(folder, 'lockstep.jsonc');
    const before = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      '{ "dialect": "sqlite", "database": { "env": "LOCKSTEP_WALK_URL" }, "migrations": [{ "folder": "migrations" }] }\n',
    );
    await until(
      async () => {
        await page.keyboard.press('Escape');
        await command('Connect…');
        await walk.choice('LOCKSTEP_WALK_URL').waitFor({ timeout: 4_000 });
      },
      () => Promise.resolve(),
    );
    await walk.pick('LOCKSTEP_WALK_URL');
    await walk.dialog('this editor was started without it').waitFor();
    await walk.shot('unset-variable');
    await page.keyboard.press('Escape');
    writeFileSync(file, before);
  });
  await step('the sample is connected with its data, the .env file is offered', async () => {
    writeFileSync(path.join(folder, '.env'), 'DATABASE_URL=postgres://me@localhost:1/app\n');
    await until(
      async () => {
        await page.keyboard.press('Escape');
        await command('Connect…');
      },
      async () => {
        await walk.choice('DATABASE_URL').waitFor({ timeout: 5_000 });
        await walk.choice('app.db').waitFor({ timeout: 5_000 });
      },
    );
    await walk.shot('choice-of-databases');
    await walk.pick('app.db');
    await walk.openSidebar(/0001_init.*applied/);
    await row(/0002_user_status.*pending.*1 error/).waitFor();
    await page
      .locator('.codelens-decoration')
      .filter({ hasText: 'Apply' })
      .first()
      .waitFor({ state: 'attached' })
      .catch(() => undefined);
  });
  await step('the sidebar has no accessibility violation', () => walk.hasNoViolation());
}
