// A person's paths with keyboard and mouse through the installed .vsix, a screenshot at each step in dist/test/shots/.
//   node test/vscode/run-ui.ts [WALK...]     all of them without words; LOCKSTEP_WALKS=1 walks one at a time
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root, startHost } from './host.mjs';
import { badStateWalk } from './walks/bad-state.mjs';
import { driver } from './walks/driver.mjs';
import { dbmateWalk } from './walks/dbmate.mjs';
import { driftWalk } from './walks/drift.mjs';
import { filmWalk } from './walks/film.mjs';
import { firstLoop } from './walks/first-loop.mjs';
import { countMouse, keyboardWalk } from './walks/keyboard.mjs';
import { printCoverage } from './walks/lines.mjs';
import { manyWalk } from './walks/many.mjs';
import { productionWalk } from './walks/production.mjs';
import { startWalk } from './walks/start.mjs';
import { strangerWalk } from './walks/stranger.mjs';
import { teamWalk } from './walks/team.mjs';
import { valuesWalk } from './walks/values.mjs';
import { waitingWalk } from './walks/waiting.mjs';

const DARK = 'Default Dark Modern';
const LIGHT = 'Default Light Modern';
const CONTRAST = 'Default High Contrast';
const CONTRAST_LIGHT = 'Default High Contrast Light';

/** Each walk with its theme and the project that it begins with; the longest come first. */
const WALKS = {
  postgresql: { theme: LIGHT, make: makePostgresSample, walk: firstLoop },
  sqlite: { theme: DARK, make: makeSample, walk: firstLoop },
  waiting: { theme: LIGHT, make: makeSampleWithoutFinding, walk: waitingWalk },
  dbmate: { theme: CONTRAST_LIGHT, make: makeDbmate, walk: dbmateWalk, isRestricted: true },
  values: { theme: CONTRAST, make: makeFill, walk: valuesWalk },
  drift: { theme: DARK, make: makeDrift, walk: driftWalk },
  production: { theme: LIGHT, make: makeSampleWithoutFinding, walk: productionWalk },
  team: { theme: DARK, make: makeTeam, walk: teamWalk },
  start: { theme: CONTRAST, make: makeOpenedSample, walk: startWalk },
  keyboard: { theme: CONTRAST, make: makeSample, walk: keyboardWalk, prepare: countMouse },
  'bad-state': { theme: DARK, make: makeSample, walk: badStateWalk },
  many: { theme: LIGHT, make: makeMany, walk: manyWalk },
  prisma: { theme: DARK, make: makeStranger, walk: strangerWalk },
  flyway: { theme: LIGHT, make: makeStranger, walk: strangerWalk },
  film: { theme: DARK, make: makeOpenedSample, walk: filmWalk, isOnRequest: true },
  'golang-migrate': { theme: CONTRAST_LIGHT, make: makeStranger, walk: strangerWalk },
};

/** Where a walk's files are, in place of `migrations`. */
const FOLDERS = {
  dbmate: 'db/migrations',
  prisma: 'prisma/migrations',
  flyway: 'src/main/resources/db/migration',
  'golang-migrate': 'db/migrations',
};

/** So that a folder is not trusted until a person says so. */
const TRUST = { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never' };

const SQLITE =
  '{ "dialect": "sqlite", "database": { "url": "sqlite:app.db" }, "migrations": [{ "folder": "migrations" }] }\n';

/** Migrations in the list of `many`. */
const MANY = 5_000;

/** Of each migration of dbmate its file, and both halves. */
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

/** Two browsers have a focus each; while one walk waits for its database, the other one has the processors. */
const AT_ONCE = Number(process.env.LOCKSTEP_WALKS ?? 2);

const shots = path.join(root, 'dist/test/shots');
const chosen = process.argv.slice(2);
const kinds = Object.keys(WALKS).filter((kind) =>
  chosen.length === 0 ? WALKS[kind].isOnRequest !== true : chosen.includes(kind),
);
assert.ok(kinds.length > 0, `no such walk: ${chosen.join(' ')}; there are ${Object.keys(WALKS).join(', ')}`);
// What a run before has left would be taken for this one's.
if (chosen.length === 0) rmSync(shots, { recursive: true, force: true });
mkdirSync(shots, { recursive: true });
const vsix = process.env.LOCKSTEP_VSIX ?? path.join(root, 'dist/lockstep-linux-x64.vsix');
const passed = new Set();
let failed = 0;

/** Walks that failed beside another one: they go once more, alone, and only then it counts. */
const again = [];

let server;
const left = [...kinds];
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let kind = left.shift(); kind !== undefined; kind = left.shift()) {
      const error = await timed(kind);
      if (error === undefined) continue;
      again.push(kind);
      console.log(`once ${kind}: ${error}`);
    }
  }),
);
for (const kind of again) {
  const error = await timed(kind);
  if (error === undefined) continue;
  failed++;
  console.log(`FAIL ${kind}: ${error}`);
}
await (await server)?.stop();
for (const lack of printCoverage(passed, kinds)) {
  failed++;
  console.log(`FAIL ${lack}`);
}
if (again.length > 0) console.log(`Walked twice: ${again.join(', ')}`);
console.log(`${passed.size} passed, ${failed} failed`);
process.exit(failed > 0 || passed.size === 0 ? 1 : 0);

async function timed(kind) {
  const started = Date.now();
  const error = await run(kind, WALKS[kind]);
  console.log(`     ${kind}: ${Math.round((Date.now() - started) / 1_000)} s`);
  return error;
}

/** Makes the project, walks the path on it and counts its steps; what went wrong, if anything. */
async function run(kind, { theme, make, walk, prepare, isRestricted = false }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-ui-'));
  const closing = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    const url = await make(folder, kind);
    const host = await startHost({
      folder,
      extensions: [vsix],
      settings: { 'workbench.colorTheme': theme, ...(isRestricted ? TRUST : {}) },
      isRestricted,
    });
    closing.unshift(() => host.stop());
    const tell = (name) => {
      passed.add(`${kind}: ${name}`);
      console.log(`ok   ${kind}: ${name}`);
    };
    const hands = driver({ kind, page: host.page, folder, migrations: FOLDERS[kind] ?? 'migrations', shots, tell });
    await prepare?.(host.page);
    await hands.openWindow(host.origin);
    await walk(hands, url, {
      kind,
      logs: path.join(host.work, 'data/logs'),
      openPage: () => host.page.context().newPage(),
      origin: host.origin,
      shots,
    });
    assert.deepEqual([...host.refused], [], 'a host other than loopback was asked');
  } catch (error) {
    return String(error.stack ?? error)
      .split('\n')
      .slice(0, 8)
      .join('\n');
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

async function makePostgresSample(folder) {
  const url = await makePostgresProject(folder);
  applyFirst(folder, url);
  return url;
}

async function makeSampleWithoutFinding(folder) {
  const url = await makePostgresProject(folder);
  for (const half of ['up', 'down']) rmSync(path.join(folder, `migrations/0002_user_status.${half}.sql`));
  applyFirst(folder, url);
  return url;
}

async function makePostgresProject(folder) {
  cpSync(path.join(root, 'media/sample'), folder, { recursive: true });
  writeFileSync(
    path.join(folder, 'lockstep.jsonc'),
    '{ "dialect": "postgresql", "migrations": [{ "folder": "migrations" }] }\n',
  );
  assert.match(readFileSync(path.join(folder, 'migrations/0001_init.up.sql'), 'utf8'), /INTEGER PRIMARY KEY/);
  return startServer();
}

/** A database of its own on one server for all walks. */
async function startServer() {
  server ??= import('../support/postgres.ts').then(({ startPostgres }) => startPostgres(17));
  const started = await server;
  return started.urlOf(await started.createDatabase());
}

/** The sample, whose second migration adds a column, fills it with the person's own value and requires it. */
async function makeFill(folder) {
  const url = await makeSampleWithoutFinding(folder);
  const file = (half, sql) => writeFileSync(path.join(folder, `migrations/0002_status.${half}.sql`), sql);
  file(
    'up',
    "ALTER TABLE users ADD COLUMN status text;\nUPDATE users SET status = 'active';\nALTER TABLE users ALTER COLUMN status SET NOT NULL;\n",
  );
  file('down', 'ALTER TABLE users DROP COLUMN status;\n');
  return url;
}

/** A folder of dbmate, whose newest migration has a finding in each statement. */
async function makeDbmate(folder) {
  mkdirSync(path.join(folder, 'db/migrations'), { recursive: true });
  writeFileSync(path.join(folder, 'lockstep.jsonc'), '{ "dialect": "postgresql" }\n');
  for (const [name, up, down] of DBMATE)
    writeFileSync(path.join(folder, 'db/migrations', name), `-- migrate:up\n${up}\n\n-- migrate:down\n${down}\n`);
  return startServer();
}

/** An applied migration in version control, with more white space than a formatter leaves, and one that is pending. */
/** A project with environments and a log in the database. */
async function makeTeam(folder) {
  const settings = {
    dialect: 'sqlite',
    migrations: [{ folder: 'migrations' }],
    environments: { staging: { url: 'sqlite:app.db' }, production: {} },
    audit: 'database',
  };
  writeFileSync(path.join(folder, 'lockstep.jsonc'), JSON.stringify(settings));
  mkdirSync(path.join(folder, 'migrations'));
  const file = (name, sql) => writeFileSync(path.join(folder, `migrations/${name}.sql`), sql);
  file('0001_init.up', 'CREATE TABLE users (id INTEGER PRIMARY KEY);\n');
  file('0001_init.down', 'DROP TABLE users;\n');
  const url = `sqlite:${path.join(folder, 'app.db')}`;
  applyFirst(folder, url);
  file('0002_notes.up', 'CREATE TABLE notes (id INTEGER PRIMARY KEY);\n');
  file('0002_notes.down', 'DROP TABLE notes;\n');
  return url;
}

async function makeDrift(folder) {
  writeFileSync(path.join(folder, 'lockstep.jsonc'), SQLITE);
  mkdirSync(path.join(folder, 'migrations'));
  const file = (name, sql) => writeFileSync(path.join(folder, `migrations/${name}.sql`), sql);
  file('0001_init.up', 'CREATE TABLE users (id INTEGER PRIMARY KEY,   email TEXT   NOT NULL);\n');
  file('0001_init.down', 'DROP TABLE users;\n');
  const url = `sqlite:${path.join(folder, 'app.db')}`;
  applyFirst(folder, url);
  file('0002_notes.up', 'CREATE TABLE notes (id INTEGER PRIMARY KEY);\n');
  file('0002_notes.down', 'DROP TABLE notes;\n');
  for (const words of [
    ['init', '--quiet'],
    ['add', 'migrations'],
    ['-c', 'user.name=a', '-c', 'user.email=a@localhost', 'commit', '--quiet', '-m', 'first'],
  ])
    assert.equal(spawnSync('git', words, { cwd: folder }).status, 0, words.join(' '));
  return url;
}

/** Five thousand migrations, all but the last ten in the database. */
async function makeMany(folder) {
  writeFileSync(path.join(folder, 'lockstep.jsonc'), SQLITE);
  mkdirSync(path.join(folder, 'migrations'));
  for (let number = 1; number <= MANY; number++) {
    const id = String(number).padStart(4, '0');
    writeFileSync(
      path.join(folder, `migrations/${id}_table_${number}.up.sql`),
      `CREATE TABLE table_${number} (id INTEGER PRIMARY KEY);\n`,
    );
  }
  const url = `sqlite:${path.join(folder, 'app.db')}`;
  writeFileSync(path.join(folder, 'app.db'), '');
  lockstep(
    folder,
    'baseline',
    '--to',
    `${MANY - 10}_table_${MANY - 10}`,
    '--despite',
    'lacking',
    '--yes',
    '--database',
    url,
  );
  return url;
}

/** A repository of another tool with nothing of ours; its first migration has more white space than a formatter leaves. */
async function makeStranger(folder, kind) {
  const { STRANGER_PROJECTS, strangerFiles } = await import('../support/stranger-projects.ts');
  for (const [name, text] of Object.entries(strangerFiles(STRANGER_PROJECTS.find(({ tool }) => tool === kind)))) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text.replace('  email text NOT NULL', '  email    text    NOT NULL'));
  }
  return startServer();
}

/** As "Open the Sample Project" leaves it. */
async function makeOpenedSample(folder) {
  cpSync(path.join(root, 'media/sample'), folder, { recursive: true });
  cpSync(path.join(root, 'media/sample.db'), path.join(folder, 'app.db'));
  writeFileSync(path.join(folder, '.lockstep-tour'), '');
  return '';
}

function applyFirst(folder, url) {
  lockstep(folder, 'apply', '--next', '--yes', '--database', url);
}

function lockstep(folder, ...words) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(root, 'dist/cli.cjs'), ...words], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.equal(status, 0, `${words.join(' ')}: ${stdout}${stderr}`);
}
