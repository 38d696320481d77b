import { describe, expect, test } from 'vitest';
import { sipHash } from '../../server/tools/blocks/sip-hash.ts';
import { Headers } from '../../server/tools/headers.ts';
import { runProject, type RunProject } from '../support/run-project.ts';
import { projectFiles, TOOL_CASES } from '../support/tool-cases.ts';

const URL = 'sqlite:app.db';

async function open(id: string, more: Readonly<Record<string, string>> = {}): Promise<RunProject> {
  return runProject({ ...projectFiles(id), 'lockstep.jsonc': '{ "dialect": "sqlite" }', ...more });
}

function problems({ project }: RunProject): readonly string[] {
  return project.migrations.problems.map((problem) => problem.message);
}

describe('sums and journals that do not agree', () => {
  test('atlas.sum after an edit, and a folder without one', async () => {
    using running = await open('atlas', { 'db/sql/20240101000000_users.sql': 'CREATE TABLE users (id int);\n' });
    expect(problems(running)).toEqual([expect.stringContaining('atlas.sum does not verify')]);
  });

  test("graphile-migrate's chain after an edit", async () => {
    const path = 'migrations/committed/000002-nick.sql';
    const text = (projectFiles('graphile-migrate')[path] ?? '').replace('nick text', 'nick int');
    using running = await open('graphile-migrate', { [path]: text, 'lockstep.jsonc': '{}' });
    expect(problems(running)).toEqual([expect.stringContaining('000002: its sum does not verify')]);
  });

  test("Drizzle's journal: a file that it does not name, a tag without a file, a time that goes back, no JSON", async () => {
    const path = 'drizzle/meta/_journal.json';
    const journal = projectFiles('drizzle')[path] ?? '';
    using more = await open('drizzle', { 'drizzle/0003_more.sql': 'SELECT 1;\n' });
    expect(problems(more)).toEqual([expect.stringContaining('0003_more is not run: the journal does not name it')]);
    using other = await open('drizzle', { [path]: journal.replace('0002_index', '0002_gone') });
    expect(problems(other)).toEqual([
      expect.stringContaining('0002_index is not run'),
      expect.stringContaining('names 0002_gone, and there is no such file'),
    ]);
    using back = await open('drizzle', { [path]: journal.replace('1704067200002', '1604067200002') });
    expect(problems(back)).toEqual([expect.stringContaining('Drizzle passes it over without a word')]);
    using cut = await open('drizzle', { [path]: journal.slice(0, journal.length / 2) });
    expect(problems(cut)).toEqual([expect.stringContaining('cannot be read')]);
  });

  test("SipHash is the paper's: its test vector, with two and four rounds", () => {
    const bytes = Uint8Array.from({ length: 15 }, (_, index) => index);
    expect(sipHash(bytes, [2, 4], [0x0706050403020100n, 0x0f0e0d0c0b0a0908n])).toBe(0xa129ca6149be45e5n);
  });
});

test.each(TOOL_CASES.filter((tool) => tool.id !== 'efcore'))(
  '$id: files cut anywhere are read without an error, and keep to their text',
  async (tool) => {
    using running = await runProject(projectFiles(tool.id));
    const { project } = running;
    for (const { upPath } of project.migrations.migrations) {
      const text = project.textOf(upPath) ?? '';
      for (let end = 0; end <= text.length; end += 3) {
        const { sections, problems: found } = new Headers(project.format, upPath, text.slice(0, end), 'postgresql')
          .layout;
        for (const span of [...sections.map((section) => section.span), ...found.map((problem) => problem.span)]) {
          expect(span.start).toBeGreaterThanOrEqual(0);
          expect(span.end).toBeLessThanOrEqual(end);
          expect(span.start).toBeLessThanOrEqual(span.end);
        }
      }
    }
  },
);

test('a migration whose name is SQL is a name and nothing else', async () => {
  const name = "2024-01-04-000000_'; DROP TABLE users; --";
  using running = await open('diesel', {
    [`migrations/${name}/up.sql`]: 'CREATE TABLE later (id int);\n',
    [`migrations/${name}/down.sql`]: 'DROP TABLE later;\n',
  });
  expect((await running.run(URL)).applied.at(-1)).toBe(name);
  expect((await running.states(URL)).at(-1)).toBe(`${name}: applied`);
  await using connection = await running.connect(URL);
  expect(await connection.query('SELECT count(*) AS found FROM users')).toEqual([{ found: 0 }]);
  using pairs = await open('sql-pairs', {
    "migrations/12_'; DROP TABLE users; --.up.sql": 'CREATE TABLE later (id int);\n',
  });
  expect((await pairs.run(URL)).applied.at(-1)).toBe("12_'; DROP TABLE users; --");
});

test('names that sort otherwise as texts than as numbers: the tool that sorts texts is said to do so', async () => {
  using texts = await open('rambler', {
    'migrations/9_a.sql': '-- rambler up\nSELECT 1;\n',
    'migrations/10_b.sql': '-- rambler up\nSELECT 1;\n',
  });
  expect(problems(texts)).toEqual([expect.stringContaining('names are sorted as texts')]);
  using numbers = await open('golang-migrate');
  expect(numbers.project.migrations.migrations.map((migration) => migration.id)).toEqual([
    '2_users',
    '10_nick',
    '11_index',
  ]);
});

test('goose: a function without StatementBegin is cut at its first semicolon, and that is said', async () => {
  using running = await runProject({
    'migrations/00001_f.sql':
      '-- +goose Up\nCREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN 1;\nEND $$;\n\n-- +goose Down\nDROP FUNCTION f();\n',
  });
  expect(running.project.lint('migrations/00001_f.sql').problems.map((problem) => problem.message)).toEqual([
    expect.stringContaining('goose cuts this statement in parts'),
  ]);
});

test('tern: a gap in the numbers is refused', async () => {
  using running = await runProject({ ...projectFiles('tern'), 'migrations/005_gap.sql': 'SELECT 1;\n' });
  expect(problems(running)).toEqual([expect.stringContaining('number 4 is missing')]);
});
