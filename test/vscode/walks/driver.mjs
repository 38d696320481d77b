// The hands and eyes of a person in one window: what every walk is written in.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';

/** How long a step waits for what it is to see; the machine may be busy with other suites. */
export const WAIT_MS = 90_000;

/** Whether the picture of a step is taken by itself. */
const PICTURED = { picture: true };

/**
 * `kind` names the walk; `migrations` is the folder of its files; `tell` hears of each step that went well.
 *
 * A key that is pressed while focus still moves is lost, and so is what is typed then. Nothing here presses a key once and
 * hopes: each press is repeated until what it brings is there.
 */
export function driver({ kind, page, folder, migrations = 'migrations', shots, tell }) {
  page.setDefaultTimeout(WAIT_MS);
  let number = 0;
  const shot = (name) =>
    page.screenshot({ path: path.join(shots, `${kind}-${String(++number).padStart(2, '0')}-${name}.png`) });

  const step = async (name, work, { picture } = PICTURED) => {
    const file = name.replace(/\W+/g, '-');
    try {
      await work();
      tell(name);
      if (picture) await shot(file);
    } catch (error) {
      await shot(`FAIL-${file}`).catch(() => undefined);
      throw new Error(`${name}: ${error.message}`, { cause: error });
    }
  };

  /** Does something again until what it brings is there. */
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

  /** Waits for a condition that no element shows. */
  const eventually = async (what, condition) => {
    for (const deadline = Date.now() + WAIT_MS; !(await condition()); ) {
      assert.ok(Date.now() < deadline, typeof what === 'string' ? what : await what());
      await page.waitForTimeout(100);
    }
  };

  const directory = path.join(folder, migrations);
  // Not asked for one by one: the editor may take one away meanwhile.
  const files = () =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
      .sort();
  /** Every migration file, byte for byte. */
  const contents = () =>
    Object.fromEntries(files().map((name) => [name, readFileSync(path.join(directory, name), 'base64')]));
  const text = (name) => readFileSync(path.join(directory, name), 'utf8');

  const row = (words) => page.locator('.part.sidebar .monaco-list-row').filter({ hasText: words });
  /** A migration's steps stand in the view of changes, too. */
  const migration = (words) =>
    page.getByRole('tree', { name: 'Migrations' }).getByRole('treeitem').filter({ hasText: words });
  const toast = (words) => page.locator('.notifications-toasts .notification-list-item').filter({ hasText: words });
  const notice = (words) => page.locator('.notification-list-item').filter({ hasText: words }).first();
  const dialog = (words) => page.locator('.monaco-dialog-box').filter({ hasText: words });
  const quickInput = page.locator('.quick-input-widget');
  const inputBox = quickInput.locator('.quick-input-box input').first();
  const choice = (words) => page.locator('.quick-input-list .monaco-list-row').filter({ hasText: words }).first();
  const tab = (name) => page.locator(`.tab.active[data-resource-name="${name}"]`);

  /** Accepts what the quick input shows, until `gone` is not shown any more. */
  const accept = (gone) =>
    until(
      async () => {
        // A press that is not answered in time may have been heard.
        if (await gone.isVisible()) await inputBox.press('Enter', { timeout: 5_000 }).catch(() => undefined);
      },
      // Long: a second press would answer what is asked next.
      () => gone.waitFor({ state: 'hidden', timeout: 15_000 }),
    );

  /** Runs a command by its title in the palette. */
  const command = async (title, category = 'Lockstep: ') => {
    const item = choice(`${category}${title}`);
    await until(
      async () => {
        await page.keyboard.press('Escape');
        await page.keyboard.press('F1');
        await inputBox.waitFor({ timeout: 5_000 });
        await inputBox.fill(`>${category}${title}`, { timeout: 2_000 });
      },
      () => item.waitFor({ timeout: 5_000 }),
      // Commands that need trust are offered once a window knows of it.
      12,
    );
    await accept(item);
  };

  /** Waits until an input box asks; longer than a key's effect takes, since asking again would answer what comes late. */
  const asked = (question) => quickInput.getByText(question).first().waitFor({ timeout: 25_000 });

  /** Answers an input box. */
  const answer = async (question, words) => {
    const asked = quickInput.getByText(question).first();
    await asked.waitFor();
    await until(
      () => inputBox.fill(words, { timeout: 2_000 }),
      async () => assert.equal(await inputBox.inputValue(), words),
    );
    await accept(asked);
  };

  /** Picks an item of a quick pick by what it says, with the keyboard. */
  const pick = async (words) => {
    const item = choice(words);
    await item.waitFor();
    await until(
      async () => {
        for (let moves = 0; moves < 40 && !(await isFocused(item)); moves++)
          await inputBox.press('ArrowDown', { timeout: 2_000 });
      },
      async () => assert.ok(await isFocused(item)),
    );
    await accept(item);
  };
  const isFocused = async (item) => /\bfocused\b/.test((await item.getAttribute('class', { timeout: 2_000 })) ?? '');

  /** A notification, also where its toast has gone by now: they stay in the notification center. */
  const said = async (words) => {
    const found = notice(words);
    for (let attempt = 1; ; attempt++) {
      try {
        await found.waitFor({ timeout: attempt === 1 ? 8_000 : 5_000 });
        return found;
      } catch (error) {
        if (attempt === 8) throw error;
        await command('Notifications: Show Notifications', '');
      }
    }
  };

  /** Clicks a button of a notification. */
  const clickNotice = (words, button) =>
    until(
      async () => {
        await (await said(words)).hover({ timeout: 4_000 });
        await notice(words).getByRole('button', { name: button }).click({ timeout: 4_000 });
      },
      () => Promise.resolve(),
    );

  /** Picks an item of a row's context menu, until what it brings is there. */
  const fromMenu = (item, words, brings) =>
    until(async () => {
      const entry = page.locator('.monaco-menu .action-label').filter({ hasText: words }).first();
      await page.keyboard.press('Escape');
      await item.first().click({ button: 'right', timeout: 5_000 });
      await entry.waitFor({ timeout: 5_000 });
      // A menu that has just opened may take the click for the end of the one that opened it.
      await page.waitForTimeout(300);
      await entry.click({ timeout: 5_000 });
    }, brings);

  /** Goes on with a change, step by step, until its row says `end`. */
  const continueUntil = async (change, end) => {
    const said = async () => (await change.textContent()) ?? '';
    await until(
      async () => {
        const before = await said();
        if (end.test(before)) return;
        await command('Continue Change…');
        for (let looks = 0; looks < 80 && (await said()) === before; looks++) await page.waitForTimeout(100);
      },
      async () => assert.match(await said(), end),
      // One for each step that is left, and some that come while the one before still runs.
      14,
    );
  };

  /** A rendered page: the one that was opened first, or last. */
  const rendered = (which) => page.frameLocator('iframe.webview.ready')[which]();
  /** What it shows. */
  const webview = (which = 'first') => rendered(which).frameLocator('#active-frame');
  const webviewFrame = async (which = 'first') =>
    await (await rendered(which).locator('#active-frame').elementHandle()).contentFrame();

  /** Presses a button of the dialog that stands, until it is gone. */
  const pressDialog = (button) => {
    const shown = page.locator('.monaco-dialog-box .monaco-button').filter({ hasText: button }).first();
    return until(
      () => shown.click({ timeout: 5_000 }),
      () => shown.waitFor({ state: 'hidden', timeout: 5_000 }),
    );
  };

  const clearNotices = () => command('Notifications: Clear All Notifications', '');

  /** Opens a file of the folder by its name, and by its path where several have that name. */
  const openFile = async (name) => {
    const folder = name.includes('/') ? path.basename(path.dirname(name)) : '';
    // What Enter takes: the list of the files opened last stands there until the typed name is looked for.
    const item = page
      .locator('.quick-input-list .monaco-list-row.focused')
      .filter({ hasText: path.basename(name) })
      .filter({ hasText: folder });
    await until(
      async () => {
        await page.keyboard.press('Escape');
        await page.keyboard.press('ControlOrMeta+P');
        await inputBox.waitFor({ timeout: 5_000 });
        await inputBox.fill(name, { timeout: 2_000 });
        await item.waitFor({ timeout: 5_000 });
        await accept(item);
      },
      async () => {
        await tab(path.basename(name)).waitFor({ timeout: 15_000 });
        await page.locator('.monaco-breadcrumbs').filter({ hasText: folder }).first().waitFor({ timeout: 15_000 });
      },
    );
  };

  /** Puts the cursor into a line and column, both from 1, by the keyboard. */
  const goTo = (line, column) =>
    until(
      async () => {
        await page.keyboard.press('Escape');
        await page.keyboard.press('Control+G');
        await inputBox.waitFor({ timeout: 5_000 });
        await inputBox.fill(`:${line}:${column}`, { timeout: 2_000 });
        await inputBox.press('Enter', { timeout: 2_000 });
        await quickInput.waitFor({ state: 'hidden', timeout: 3_000 });
      },
      async () =>
        assert.match(
          (await page.locator('[id="status.editor.selection"]').textContent({ timeout: 3_000 })) ?? '',
          new RegExp(`Ln ${line}, Col ${column}\\b`),
        ),
    );

  /** Puts other words in the place of a line of the open file, and saves it. */
  const replaceLine = (name, line, words) =>
    until(
      async () => {
        await goTo(line, 1);
        await page.keyboard.press('End');
        await page.keyboard.press('Shift+Home');
        await page.keyboard.insertText(words);
        await page.keyboard.press('Escape');
        await page.keyboard.press('Control+S');
      },
      async () => {
        for (let looks = 0; looks < 40 && text(name).split('\n')[line - 1]?.trim() !== words; looks++)
          await page.waitForTimeout(100);
        assert.equal(text(name).split('\n')[line - 1]?.trim(), words);
      },
    );

  /** The quick fixes where the cursor is. */
  const fixItem = (words) => page.locator('.action-widget .monaco-list-row.action').filter({ hasText: words }).first();
  const fixMenu = (words, times) =>
    until(
      async () => {
        await page.keyboard.press('Escape');
        await page.keyboard.press('Control+.');
      },
      () => fixItem(words).waitFor({ timeout: 4_000 }),
      times,
    );

  /** Picks a quick fix where the cursor is by the keyboard, until what it brings is there. */
  const takeFix = (words, brings) =>
    until(
      async () => {
        await fixMenu(words, 3);
        for (let moves = 0; moves < 20 && !(await isFocused(fixItem(words))); moves++)
          await page.keyboard.press('ArrowDown');
        await page.keyboard.press('Enter');
      },
      brings,
      4,
    );

  /** Checks what the sidebar shows by axe-core; `where` is a selector. */
  const hasNoViolation = async (where = '.part.sidebar .pane-body', frame = page) => {
    // As an expression: the workbench's policy takes no script of another's.
    await frame.evaluate(axe.source);
    // A page of a webview is transparent, and what is seen behind it is the editor's own colour, of which axe knows nothing.
    if (frame !== page)
      await frame.evaluate(() => {
        globalThis.document.body.style.backgroundColor = 'var(--vscode-editor-background)';
      });
    const found = await frame.evaluate(async (selector) => {
      // The rows, labels and icons are ours; the frame around them is the workbench's.
      const { violations } = await globalThis.axe.run(selector, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa'] });
      return violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
    }, where);
    assert.deepEqual(found, []);
  };

  const openWindow = (origin) =>
    until(
      () => page.goto(`${origin}/?folder=${encodeURIComponent(folder)}`, { waitUntil: 'domcontentloaded' }),
      () => page.waitForSelector('.monaco-workbench .part.activitybar'),
      2,
    );

  const openSidebar = async (shows) => {
    // A click on what is open closes it.
    const title = page.locator('.part.sidebar .composite.title').filter({ hasText: 'Lockstep' });
    await until(
      async () => {
        if (!(await title.isVisible()))
          await page.locator('.activitybar').getByRole('tab', { name: 'Lockstep' }).click({ timeout: 10_000 });
      },
      () => row(shows).first().waitFor({ timeout: 10_000 }),
    );
  };

  /** Shows the hover of the last place where the open file has these words, until it says what it should. */
  const hoverOf = (words, says) =>
    until(
      async () => {
        // A mouse that is there already does not come.
        await page.mouse.move(900, 600);
        await page
          .locator('.monaco-editor .view-line span span')
          .filter({ hasText: words })
          .last()
          .hover({ timeout: 5_000 });
      },
      () =>
        page
          .locator('.monaco-hover:not(.hidden) .hover-contents')
          .filter({ hasText: says })
          .first()
          .waitFor({ timeout: 5_000 }),
    );

  /** Connects by the row that says that nothing is, until a migration shows what the database has. */
  const reconnect = () => {
    const lost = row(/Connection.*not connected/).first();
    return until(
      async () => {
        if (await lost.isVisible()) await lost.click({ timeout: 5_000 });
      },
      () => row(/0001_init.*applied/).waitFor({ timeout: 15_000 }),
    );
  };

  return {
    kind,
    page,
    folder,
    directory,
    step,
    shot,
    until,
    eventually,
    files,
    contents,
    text,
    row,
    migration,
    toast,
    notice,
    said,
    clickNotice,
    fromMenu,
    continueUntil,
    webview,
    webviewFrame,
    pressDialog,
    clearNotices,
    dialog,
    quickInput,
    inputBox,
    choice,
    pick,
    tab,
    command,
    asked,
    answer,
    accept,
    openFile,
    goTo,
    replaceLine,
    fixItem,
    fixMenu,
    takeFix,
    hasNoViolation,
    openWindow,
    openSidebar,
    reconnect,
    hoverOf,
  };
}
