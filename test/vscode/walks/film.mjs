// The first two minutes of a newcomer with the sample, as a strip of pictures: README's and the walkthrough's come from here.

const STATUS = '0002_user_status.up.sql';
const VALUE = 'Value of users.status';

/** Width and height at which the words of a picture are read in a page that shows it half as large. */
const SIZE = { width: 1_280, height: 720 };

export async function filmWalk(walk) {
  const { page, step, row, command } = walk;
  const opened = Date.now();
  await page.setViewportSize(SIZE);
  const frame = async (name) => {
    // What has just come may still be moving in.
    await page.waitForTimeout(400);
    await walk.shot(name);
    console.log(`     film: ${name} after ${Math.round((Date.now() - opened) / 1_000)} s`);
  };
  await step(
    'a squiggle beside what to do first',
    async () => {
      // Also the start of the window.
      await page.waitForSelector('.monaco-editor .squiggly-error', { state: 'attached', timeout: 180_000 });
      await walk.webview().getByRole('heading', { name: 'A small project to try Lockstep on' }).waitFor();
      await page.locator('.codelens-decoration').filter({ hasText: 'Make Safe' }).first().waitFor();
      await frame('sample');
    },
    { picture: false },
  );
  await step(
    'what it does to those who are connected',
    async () => {
      await page
        .locator('.tab')
        .filter({ hasText: 'Preview README.md' })
        .getByRole('button', { name: /Close/ })
        .click();
      await walk.openFile(STATUS);
      await walk.hoverOf('status', /add column/);
      await frame('hover');
      await page.mouse.move(900, 600);
    },
    { picture: false },
  );
  await step(
    'the safe way is chosen',
    async () => {
      await walk.goTo(2, 40);
      await walk.fixMenu('Split into expand and contract');
      await frame('fix');
      await walk.takeFix('Split into expand and contract', () => walk.asked(VALUE));
      await walk.answer(VALUE, "'active'");
      await walk.said(/files written/);
      await frame('written');
    },
    { picture: false },
  );
  await step(
    'a database is connected',
    async () => {
      await walk.clearNotices();
      await command('Connect…');
      await walk.pick('app.db');
      await walk.openSidebar(/0001_init.*applied/);
      await row(/pending/)
        .first()
        .waitFor();
      await frame('connect');
    },
    { picture: false },
  );
  await step(
    'it runs up to the deploy',
    async () => {
      await command('Apply All');
      await walk.said(/needs a deploy first/);
      await row(/users-status.*waits for a deploy/)
        .first()
        .waitFor();
      await walk.notice(/needs a deploy first/).hover();
      await frame('apply');
    },
    { picture: false },
  );
}
