import { beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import type { Range } from '../../server/core/line-index.ts';
import type { FolderProject } from '../../server/application/folder-project.ts';
import { openProjects } from '../../server/application/open-project.ts';
import { MemoryFiles } from '../support/memory-files.ts';

const ROOT = '/work/app';
const NOW = new Date('2026-01-02T03:04:05Z');
let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

/** Opens the only project of some files; names are relative to the root. */
async function open(
  files: Readonly<Record<string, string>>,
): Promise<{ readonly project: FolderProject; readonly memory: MemoryFiles }> {
  const memory = new MemoryFiles(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`${ROOT}/${name}`, text])),
  );
  const { projects } = await openProjects({ root: ROOT, files: memory, engines });
  const project = projects[0];
  if (project === undefined || projects.length !== 1) throw new Error(`expected one project, found ${projects.length}`);
  return { project, memory };
}

/** `code@line:from-to` of each finding. */
function findings(project: FolderProject, path: string): readonly string[] {
  return project
    .lint(path)
    .findings.map(
      (finding) =>
        `${finding.code}@${finding.range.start.line}:${finding.range.start.character}-${finding.range.end.character}`,
    );
}

const USERS = 'CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);\n';
const REQUIRED = 'ALTER TABLE users ADD COLUMN status text NOT NULL;\n';

describe('lint', () => {
  test("the contract's own example", async () => {
    const { project } = await open({
      'migrations/0001_users.up.sql': USERS,
      'migrations/0002_status.up.sql': REQUIRED,
    });
    const report = project.lint('migrations/0002_status.up.sql');
    expect(report).toMatchObject({
      path: 'migrations/0002_status.up.sql',
      tool: 'sql-pairs',
      dialect: 'postgresql',
      phase: null,
      problems: [],
    });
    expect(report.findings[0]).toMatchObject({
      code: 'required-column',
      severity: 'error',
      relation: 'public.users',
      statement: 0,
      docs: 'RULES.md#required-column',
      message:
        'Adding NOT NULL column "status" without a default fails on a table with rows and breaks inserts of the running version.',
      range: { start: { line: 0, character: 29 }, end: { line: 0, character: 49 } },
      fixes: [{ title: 'Split into expand and contract', kind: 'change', safety: 'review' }],
    });
    expect(report.findings).toHaveLength(1);
  });

  test('a table of the same migration is no hazard', async () => {
    const { project } = await open({ 'migrations/0001_users.up.sql': USERS + REQUIRED });
    expect(findings(project, 'migrations/0001_users.up.sql')).toEqual([]);
  });

  test('ranges count UTF-16 units behind an emoji and a byte-order mark', async () => {
    const { project } = await open({
      'migrations/0001_users.up.sql': USERS,
      'migrations/0002_status.up.sql': `\uFEFF/* 😀 */ ${REQUIRED}`,
    });
    expect(findings(project, 'migrations/0002_status.up.sql')).toEqual(['required-column@0:39-59']);
  });

  test('a syntax error leaves the rest linted', async () => {
    const { project } = await open({
      'migrations/0001_users.up.sql': USERS,
      'migrations/0002_status.up.sql': `ALTER TABEL users;\n${REQUIRED}`,
    });
    expect(findings(project, 'migrations/0002_status.up.sql')).toEqual(['required-column@1:29-49']);
    expect(project.lint('migrations/0002_status.up.sql').problems).toMatchObject([
      { kind: 'syntax', range: { start: { line: 0 } } },
    ]);
  });

  test("an editor's text counts in place of the file's, and the file's comes back", async () => {
    const { project } = await open({
      'migrations/0001_users.up.sql': USERS,
      'migrations/0002_status.up.sql': REQUIRED,
    });
    project.setText('migrations/0002_status.up.sql', 'ALTER TABLE users ADD COLUMN status text;\n');
    expect(findings(project, 'migrations/0002_status.up.sql')).toEqual([]);
    project.setText('migrations/0002_status.up.sql', undefined);
    expect(findings(project, 'migrations/0002_status.up.sql')).toEqual(['required-column@0:29-49']);
  });

  test('an edit in an earlier migration changes what a later one is told', async () => {
    const { project } = await open({
      'migrations/0001_users.up.sql': USERS,
      'migrations/0002_type.up.sql': 'ALTER TABLE users ALTER COLUMN email TYPE varchar;\n',
    });
    expect(findings(project, 'migrations/0002_type.up.sql')).toEqual([]);
    project.setText('migrations/0001_users.up.sql', USERS.replace('email text', 'email json'));
    expect(findings(project, 'migrations/0002_type.up.sql')).toEqual(['blocking-alter@0:18-49']);
  });

  test('what the connected database has is not objected to; a table it lacks is new', async () => {
    const { project } = await open({
      'migrations/0001_users.up.sql': USERS,
      'migrations/0002_status.up.sql': REQUIRED,
    });
    project.setDatabase({ applied: new Set(), version: 17 });
    expect(findings(project, 'migrations/0002_status.up.sql')).toEqual([]);
    project.setDatabase({ applied: new Set(['0001_users']), version: 17 });
    expect(findings(project, 'migrations/0002_status.up.sql')).toEqual(['required-column@0:29-49']);
    project.setDatabase({ applied: new Set(['0001_users', '0002_status']), version: 17 });
    expect(findings(project, 'migrations/0002_status.up.sql')).toEqual([]);
  });
});

describe('allow', () => {
  test.each([
    ['above', `-- lockstep: allow required-column because the table is empty\n${REQUIRED}`, []],
    ['behind', `${REQUIRED.trimEnd()} -- lockstep: allow required-column because the table is empty\n`, []],
    ['for the file', `${REQUIRED}-- lockstep: allow-file required-column because the table is empty\n`, []],
    ['without a reason', `-- lockstep: allow required-column\n${REQUIRED}`, ['allow-without-reason@0:0-34']],
    [
      'of another rule',
      `-- lockstep: allow blocking-index because\n${REQUIRED}`,
      ['allow-without-reason@0:0-41', 'required-column@1:29-49'],
    ],
    [
      'that does nothing',
      '-- lockstep: allow required-column because of nothing\nSELECT 1;\n',
      ['unused-allow@0:0-53'],
    ],
    [
      'of what cannot be read, where all was read',
      '-- lockstep: allow not-analysed because it only grants\nSELECT 1;\n',
      ['unused-allow@0:0-54'],
    ],
    [
      'of no rule',
      `-- lockstep: allow no-such-rule because I say so\n${REQUIRED}`,
      ['unknown-allow@0:19-31', 'required-column@1:29-49'],
    ],
  ])('%s', async (_name, text, expected) => {
    const { project } = await open({ 'migrations/0001_users.up.sql': USERS, 'migrations/0002_status.up.sql': text });
    expect(findings(project, 'migrations/0002_status.up.sql')).toEqual(expected);
  });

  test('what cannot be read may be passed over', async () => {
    const dynamic = "DO $$ BEGIN EXECUTE current_setting('app.grants'); END $$;\n";
    const path = 'migrations/0001_grants.up.sql';
    const { project } = await open({ [path]: dynamic });
    expect(project.lint(path).problems).toEqual([expect.objectContaining({ kind: 'not-analysed' })]);
    project.setText(path, `-- lockstep: allow not-analysed because it only grants\n${dynamic}`);
    expect(project.lint(path)).toMatchObject({ findings: [], problems: [] });
  });

  test('a syntax error is not passed over', async () => {
    const { project } = await open({
      'migrations/0001_users.up.sql': '-- lockstep: allow not-analysed because I say so\nCREATE TABEL users;\n',
    });
    expect(project.lint('migrations/0001_users.up.sql')).toMatchObject({
      findings: [expect.objectContaining({ code: 'unused-allow' })],
      problems: [expect.objectContaining({ kind: 'syntax' })],
    });
  });
});

describe('fixes', () => {
  test('a required column becomes files behind the newest, and the statement leaves its file', async () => {
    const { project } = await open({
      'migrations/0001_users.up.sql': USERS,
      'migrations/0002_status.up.sql': `ALTER TABLE users ADD COLUMN nick text;\n${REQUIRED}`,
      'migrations/0002_status.down.sql': 'ALTER TABLE users DROP COLUMN status;\nALTER TABLE users DROP COLUMN nick;\n',
    });
    const { fixes, skipped } = project.fixes('migrations/0002_status.up.sql', NOW);
    expect(skipped).toEqual([]);
    const files = new Map(fixes[0]?.files.map((file) => [file.path, file]));
    expect(files.get('migrations/0002_status.up.sql')).toMatchObject({
      action: 'edit',
      text: 'ALTER TABLE users ADD COLUMN nick text;\n',
    });
    expect(files.get('migrations/0002_status.down.sql')).toMatchObject({
      action: 'edit',
      text: 'ALTER TABLE users DROP COLUMN nick;\n',
    });
    const created = [...files.values()].filter((file) => file.action === 'create').map((file) => file.path);
    expect(created.length).toBeGreaterThanOrEqual(6);
    expect(created.every((path) => /^migrations\/00(0[3-9]|1\d)_[a-z0-9_]+\.(up|down)\.sql$/.test(path))).toBe(true);
    expect(fixes[0]?.steps.map((step) => step.phase)).toEqual(
      expect.arrayContaining(['expand', 'migrate', 'contract']),
    );
  });

  test('a migration that is left empty goes, and the steps are silent', async () => {
    const { project, memory } = await open({
      'migrations/0001_users.up.sql': USERS,
      'migrations/0002_status.up.sql': REQUIRED,
      'migrations/0002_status.down.sql': 'ALTER TABLE users DROP COLUMN status;\n',
    });
    const isFirstLine = ({ range }: { readonly range: Range }): boolean => range.start.line === 0;
    const values = new Map([['users.status', "'active'"]]);
    const { fixes } = project.fixes('migrations/0002_status.up.sql', NOW, isFirstLine, values);
    for (const file of fixes[0]?.files ?? []) {
      if (file.action === 'delete') await memory.remove(`${ROOT}/${file.path}`);
      else if (file.action === 'create') await memory.create(`${ROOT}/${file.path}`, file.text);
      else await memory.replace(`${ROOT}/${file.path}`, file.text);
    }
    await project.refresh();
    expect(memory.files.has(`${ROOT}/migrations/0002_status.up.sql`)).toBe(false);
    expect(memory.files.has(`${ROOT}/migrations/0002_status.down.sql`)).toBe(false);
    const reports = project.migrations.migrations
      .flatMap((migration) => [migration.upPath, migration.downPath ?? migration.upPath])
      .map((path) => project.lint(path));
    expect(reports.flatMap((report) => [...report.findings, ...report.problems])).toEqual([]);
    expect(reports.length).toBeGreaterThan(4);
  });

  test('a statement that a later one needs stays, with the reason', async () => {
    const { project } = await open({
      'migrations/0001_users.up.sql': USERS,
      'migrations/0002_status.up.sql': REQUIRED,
      'migrations/0003_check.up.sql': "ALTER TABLE users ADD CONSTRAINT known CHECK (status <> '') NOT VALID;\n",
    });
    const { fixes, skipped } = project.fixes('migrations/0002_status.up.sql', NOW);
    expect(fixes).toEqual([]);
    expect(skipped[0]?.reason).toContain('0003');
  });

  test('an applied migration is never touched', async () => {
    const { project } = await open({
      'migrations/0001_users.up.sql': USERS,
      'migrations/0002_status.up.sql': REQUIRED,
    });
    project.setDatabase({ applied: new Set(['0001_users', '0002_status']), version: 17 });
    expect(project.fixes('migrations/0002_status.up.sql', NOW)).toEqual({ fixes: [], skipped: [] });
  });
});

describe('finding projects', () => {
  test('SQLite is known by its own words', async () => {
    const { project } = await open({
      'migrations/0001_a.up.sql': 'CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT) STRICT;\n',
    });
    expect(project.engine.id).toBe('sqlite');
  });

  test('a folder of loose SQL files that is named is read in the order of its names', async () => {
    const memory = new MemoryFiles({ [`${ROOT}/sql/1.sql`]: USERS, [`${ROOT}/sql/2.sql`]: REQUIRED });
    const { projects } = await openProjects({ root: ROOT, files: memory, engines, paths: ['sql'] });
    expect(projects.map((project) => [project.tool.id, project.folder])).toEqual([['plain', 'sql']]);
    const plain = projects[0];
    if (plain === undefined) throw new Error('no project');
    expect(findings(plain, 'sql/2.sql')).toEqual(['required-column@0:29-49']);
    const { fixes } = plain.fixes('sql/2.sql', NOW);
    expect(fixes[0]?.files.map((file) => `${file.action} ${file.path}`)[0]).toBe('delete sql/2.sql');
  });

  test('steps of loose SQL files have all their headers, and a parity that the step after it can meet', async () => {
    const memory = new MemoryFiles({
      [`${ROOT}/sql/2.sql`]: USERS,
      [`${ROOT}/sql/10.sql`]: 'ALTER TABLE users RENAME COLUMN email TO mail;\n',
    });
    const { projects } = await openProjects({ root: ROOT, files: memory, engines, paths: ['sql'] });
    const [plain] = projects;
    if (plain === undefined) throw new Error('no project');
    expect(plain.migrations.migrations.map((migration) => migration.id)).toEqual(['2', '10']);
    const texts = plain.fixes('sql/10.sql', NOW).fixes.flatMap((fix) => fix.files.map((file) => file.text));
    expect(texts.some((text) => text.includes('-- lockstep: title "'))).toBe(true);
    const gated = texts.filter((text) => text.includes('requires parity'));
    expect(gated.length).toBeGreaterThan(0);
    for (const text of gated) expect(text).toMatch(/^-- lockstep: parity \S+ old \(.+\) new \(.+\)$/m);
    expect(texts.some((text) => text.includes('-- lockstep: no-transaction'))).toBe(true);
  });

  test('a file that is named finds the project around it, also from another folder', async () => {
    const memory = new MemoryFiles({
      [`${ROOT}/db/migrations/20200101000000_a.sql`]: '-- migrate:up\nSELECT 1;\n-- migrate:down\n',
    });
    const { projects } = await openProjects({
      root: ROOT,
      files: memory,
      engines,
      paths: ['db/migrations/20200101000000_a.sql'],
    });
    expect(projects.map((project) => [project.tool.id, project.folder])).toEqual([['dbmate', 'db/migrations']]);
  });

  test('a folder that is configured and holds no migration of its tool is a problem', async () => {
    const memory = new MemoryFiles({
      [`${ROOT}/lockstep.jsonc`]: '{ "migrations": [{ "folder": "db/m", "tool": "dbmate" }] }',
      [`${ROOT}/db/m/readme.txt`]: 'nothing',
    });
    const { problems } = await openProjects({ root: ROOT, files: memory, engines });
    expect(problems.map((problem) => problem.message)).toEqual([
      'The migrations folder "db/m" holds no migration of dbmate: correct its path or its tool in lockstep.jsonc.',
    ]);
  });

  test('the configuration names the folder, its tool and the version', async () => {
    const memory = new MemoryFiles({
      [`${ROOT}/lockstep.jsonc`]:
        '{ "migrations": [{ "folder": "db/m", "tool": "dbmate", "serverVersion": "15" }], "nonsense": 1 }',
      [`${ROOT}/db/m/20200101000000_a.sql`]: '-- migrate:up\nSELECT 1;\n-- migrate:down\n',
    });
    const opened = await openProjects({ root: ROOT, files: memory, engines });
    expect(opened.projects.map((project) => [project.tool.id, project.folder, project.target.version])).toEqual([
      ['dbmate', 'db/m', 15],
    ]);
    expect(opened.problems).toMatchObject([{ path: `${ROOT}/lockstep.jsonc`, range: { start: { line: 0 } } }]);
  });
});
