// A person's paths with keyboard and mouse through the installed .vsix, a screenshot at each step in dist/test/shots/.
//   node test/vscode/run-ui.ts [sqlite] [postgresql] [start] [dbmate] [keyboard] [waiting] [bad-state]
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root, startHost } from './host.mjs';
import { badStateWalk } from './walks/bad-state.mjs';
import { driver } from './walks/driver.mjs';
import { firstLoop } from './walks/first-loop.mjs';
import { countMouse, keyboardWalk } from './walks/keyboard.mjs';
import { printCoverage } from './walks/lines.mjs';
import { startWalk } from './walks/start.mjs';
import { waitingWalk } from './walks/waiting.mjs';

const DARK = 'Default Dark Modern';
const LIGHT = 'Default Light Modern';
const CONTRAST = 'Default High Contrast';
const CONTRAST_LIGHT = 'Default High Contrast Light';

/** Each walk with its theme, the project that it begins with, and what it needs besides; those without are the first loop. */
const WALKS = {
  sqlite: { theme: DARK },
  postgresql: { theme: LIGHT },
  start: { theme: CONTRAST, make: makeOpenedSample, walk: startWalk },
  dbmate: { theme: CONTRAST_LIGHT },
  keyboard: { theme: CONTRAST, make: makeSample, walk: keyboardWalk, prepare: countMouse },
  waiting: { theme: LIGHT, make: makeSampleWithoutFinding, walk: waitingWalk },
  'bad-state': { theme: DARK, make: makeSample, walk: badStateWalk },
};

const shots = path.join(root, 'dist/test/shots');
const chosen = process.argv.slice(2);
const kinds = Object.keys(WALKS).filter((kind) => chosen.length === 0 || chosen.includes(kind));
assert.ok(kinds.length > 0, `no such walk: ${chosen.join(' ')}; there are ${Object.keys(WALKS).join(', ')}`);
// What a run before has left would be taken for this one's.
if (chosen.length === 0) rmSync(shots, { recursive: true, force: true });
mkdirSync(shots, { recursive: true });
const vsix = process.env.LOCKSTEP_VSIX ?? path.join(root, 'dist/lockstep-linux-x64.vsix');
const passed = new Set();
let failed = 0;

for (const kind of kinds) {
  const started = Date.now();
  if (WALKS[kind].walk === undefined) {
    const loop = await firstLoop(kind, WALKS[kind].theme);
    for (const name of loop.passed) passed.add(name);
    failed += loop.failed;
  } else await run(kind, WALKS[kind]);
  console.log(`     ${kind}: ${Math.round((Date.now() - started) / 1_000)} s`);
}
for (const lack of printCoverage(passed, kinds)) {
  failed++;
  console.log(`FAIL ${lack}`);
}
console.log(`${passed.size} passed, ${failed} failed`);
process.exit(failed > 0 || passed.size === 0 ? 1 : 0);

/** Makes the project, walks the path on it and counts its steps. */
async function run(kind, { theme, make, walk, prepare }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-ui-'));
  const closing = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    const url = await make(folder, closing);
    const host = await startHost({
      folder,
      extensions: [vsix],
      settings: { 'workbench.colorTheme': theme },
    });
    closing.unshift(() => host.stop());
    const tell = (name) => {
      passed.add(`${kind}: ${name}`);
      console.log(`ok   ${kind}: ${name}`);
    };
    const hands = driver({ kind, page: host.page, folder, shots, tell });
    await prepare?.(host.page);
    await hands.openWindow(host.origin);
    await walk(hands, url, { openPage: () => host.page.context().newPage(), origin: host.origin, shots });
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

/** The sample project on SQLite; the first migration is applied. The database's URL, as of the others. */
async function makeSample(folder) {
  cpSync(path.join(root, 'media/sample'), folder, { recursive: true });
  const url = `sqlite:${path.join(folder, 'app.db')}`;
  applyFirst(folder, url);
  return url;
}

async function makeSampleWithoutFinding(folder, closing) {
  const url = await makePostgresProject(folder, closing);
  for (const half of ['up', 'down']) rmSync(path.join(folder, `migrations/0002_user_status.${half}.sql`));
  applyFirst(folder, url);
  return url;
}

async function makePostgresProject(folder, closing) {
  cpSync(path.join(root, 'media/sample'), folder, { recursive: true });
  writeFileSync(
    path.join(folder, 'lockstep.jsonc'),
    '{ "dialect": "postgresql", "migrations": [{ "folder": "migrations" }] }\n',
  );
  assert.match(readFileSync(path.join(folder, 'migrations/0001_init.up.sql'), 'utf8'), /INTEGER PRIMARY KEY/);
  return startServer(closing);
}

async function startServer(closing) {
  const { startPostgres } = await import('../support/postgres.ts');
  const server = await startPostgres(17);
  closing.unshift(() => server.stop());
  return server.url;
}

/** As "Open the Sample Project" leaves it. */
async function makeOpenedSample(folder) {
  cpSync(path.join(root, 'media/sample'), folder, { recursive: true });
  cpSync(path.join(root, 'media/sample.db'), path.join(folder, 'app.db'));
  writeFileSync(path.join(folder, '.lockstep-tour'), '');
  return '';
}

function applyFirst(folder, url) {
  const applied = spawnSync(
    process.execPath,
    [path.join(root, 'dist/cli.cjs'), 'apply', '--next', '--yes', '--database', url],
    { cwd: folder, encoding: 'utf8' },
  );
  assert.equal(applied.status, 0, applied.stderr);
}
