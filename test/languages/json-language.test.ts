import { beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../server/analysis/settings.ts';
import { FolderProject } from '../../server/application/folder-project.ts';
import { LineIndex, type Range } from '../../server/core/line-index.ts';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { formatDocument } from '../../server/lsp/formatting.ts';
import { hover } from '../../server/lsp/hover.ts';
import { RULES } from '../../server/rules/index.ts';
import { fileFormat, slugOf } from '../../server/tools/blocks/file-format.ts';
import { wholeFile } from '../../server/tools/blocks/whole-file.ts';
import { FileTree } from '../../server/tools/file-tree.ts';
import type { Format } from '../../server/tools/format.ts';
import { sqlPairs } from '../../server/tools/sql-pairs.ts';
import { MemoryFiles } from '../support/memory-files.ts';
import { jsonLanguage } from './json-language.ts';

const ROOT = '/app';
const FOLDER = 'migrations';
const NAME = /^(\d+)_(.+)\.(up|down)\.json$/;
const FIRST = '["CREATE TABLE \\"users\\" (id bigint PRIMARY KEY, age int, email text NOT NULL);"]';

/** Pairs of JSON documents. */
const jsonPairs: Format = {
  ...fileFormat({
    folder: FOLDER,
    keyWord: 'number',
    read: (file) => {
      const [, number, name, half] = NAME.exec(file) ?? [];
      return number === undefined || name === undefined
        ? undefined
        : { key: number, id: `${number}_${name}`, name, half: half === 'down' ? 'down' : 'up' };
    },
    layout: (path, text) => wholeFile(text, path.endsWith('.down.json') ? 'down' : 'up', { transaction: 'one' }),
    numbering: { kind: 'sequence', digits: 4 },
    numberOf: (id) => /^\d+/.exec(id)?.[0],
    write: (number, step) => {
      const id = `${number}_${slugOf(step)}`;
      return {
        id,
        files: [{ name: `${id}.up.json`, half: 'up', text: `${jsonLanguage.step(step.up, step.transaction)}\n` }],
      };
    },
  }),
  languageOf: () => jsonLanguage,
};

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

/** A project of two migrations, of which the second has this text. */
async function opened(text: string): Promise<{ readonly project: FolderProject; readonly path: string }> {
  const path = `${FOLDER}/0002_next.up.json`;
  const memory = new MemoryFiles({ [`${ROOT}/${FOLDER}/0001_users.up.json`]: FIRST, [`${ROOT}/${path}`]: text });
  const project = new FolderProject({
    root: ROOT,
    project: { ...(await sqlPairs.at(new FileTree(memory, ROOT), FOLDER)), format: jsonPairs },
    engine: engines.postgresql,
    target: { version: 17, timeZone: 'unknown' },
    settings: DEFAULT_SETTINGS,
    rules: RULES,
    files: memory,
  });
  await project.refresh();
  return { project, path };
}

/** The part of a text that a range names. */
function at(text: string, range: Range | undefined): string | undefined {
  const lines = new LineIndex(text);
  return range === undefined ? undefined : text.slice(lines.offset(range.start), lines.offset(range.end));
}

/** Places of a rule's findings, as they are written in the document. */
async function reported(text: string, code: string): Promise<readonly (string | undefined)[]> {
  const { project, path } = await opened(text);
  return project
    .lint(path)
    .findings.filter((finding) => finding.code === code)
    .map((finding) => at(text, finding.range));
}

describe('lint of SQL in strings', () => {
  test('a finding is where the words are written, escapes before it or not', async () => {
    expect(await reported('["CREATE INDEX a ON users (email)"]', 'blocking-index')).toEqual([
      'CREATE INDEX a ON users (email)',
    ]);
    const text = '[\n  "SELECT \'\\u00e9\\n\\t\';\\nALTER TABLE users\\n  ALTER COLUMN age TYPE bigint;"\n]';
    expect(await reported(text, 'blocking-alter')).toEqual(['ALTER COLUMN age TYPE bigint']);
  });

  test('a span with an escape in it takes in the whole escape', async () => {
    expect(await reported('["CREATE INDEX a\\n ON \\"users\\" (email)"]', 'blocking-index')).toEqual([
      'CREATE INDEX a\\n ON \\"users\\" (email)',
    ]);
    const { project, path } = await opened('["ALTER TABLE \\"users\\" DROP COLUMN \\"email\\""]');
    const [finding] = project.lint(path).findings.filter(({ code }) => code === 'drop-before-contract');
    expect(at(project.textOf(path) ?? '', finding?.range)).toContain('\\"email\\"');
  });

  test('what earlier strings and documents make is known', async () => {
    const { project, path } = await opened('["ALTER TABLE users ADD COLUMN a int;", "CREATE INDEX i ON users (a)"]');
    expect(
      project
        .schema()
        .relations.get('public\u0000users')
        ?.columns.map(({ name }) => name),
    ).toEqual(['id', 'age', 'email', 'a']);
    expect(project.lint(path).findings.map(({ statement, code }) => `${statement} ${code}`)).toContain(
      '1 blocking-index',
    );
  });

  test('what cannot be read is shown at its place', async () => {
    const text = '["SELECT 1;\\n SELEC 2;"]';
    const { project, path } = await opened(text);
    const [problem] = project.lint(path).problems;
    expect(problem?.kind).toBe('syntax');
    expect(at(text, problem?.range)).toBe('SELEC');
  });
});

describe('hover on SQL in strings', () => {
  test('finds the name under the cursor after an escape', async () => {
    const text = '["ALTER TABLE\\n\\t\\"users\\" ALTER COLUMN age TYPE bigint, ADD COLUMN note text"]';
    const { project, path } = await opened(text);
    const lines = new LineIndex(text);
    const onTable = hover({ project, path }, lines.position(text.indexOf('sers')));
    expect(at(text, onTable?.range)).toBe('\\"users\\"');
    const onType = hover({ project, path }, lines.position(text.indexOf('igint')));
    expect(at(text, onType?.range)).toBe('bigint');
    const onAction = hover({ project, path }, lines.position(text.indexOf('DD COLUMN')));
    expect(at(text, onAction?.range)).toBe('ADD COLUMN note text');
    expect(hover({ project, path }, lines.position(0))).toBeNull();
  });
});

describe('fixes of SQL in strings', () => {
  /** The document after the first edit of a rule, or why there is none. */
  async function fixed(text: string, code: string): Promise<string | undefined> {
    const { project, path } = await opened(text);
    const { fixes, skipped } = project.fixes(path, new Date('2026-01-02T03:04:05Z'), (each) => each.code === code);
    const edited = fixes.find((fix) => fix.kind === 'edit')?.files.find((file) => file.path === path);
    return edited?.action === 'edit' ? edited.text : skipped[0]?.reason;
  }

  test('an edit lands at its place', async () => {
    expect(await fixed('["SELECT \'\\n\';\\nALTER TABLE users ADD COLUMN body json"]', 'json-column')).toBe(
      '["SELECT \'\\n\';\\nALTER TABLE users ADD COLUMN body jsonb"]',
    );
  });

  test('an edit of what is written with an escape is refused', async () => {
    expect(await fixed('["ALTER TABLE users ADD COLUMN body js\\u006fn"]', 'json-column')).toMatch(/write it by hand/);
  });

  test('a change takes the statement out, and is written in the same language', async () => {
    const text = '["SELECT 1", "ALTER TABLE users ALTER COLUMN age TYPE bigint;"]';
    const { project, path } = await opened(text);
    const { fixes } = project.fixes(path, new Date('2026-01-02T03:04:05Z'), (each) => each.code === 'blocking-alter');
    const files = fixes.find((fix) => fix.kind === 'change')?.files ?? [];
    expect(files.map((file) => (file.action === 'edit' ? file.text : file.path))).toEqual([
      '["SELECT 1", ""]',
      ...files.slice(1).map((file) => file.path),
    ]);
    expect(files.length).toBeGreaterThan(2);
    for (const file of files.slice(1))
      expect(file.action === 'create' ? JSON.parse(file.text) : undefined).toEqual([expect.stringMatching(/users/)]);
  });

  test('formatting changes what is a slice of the document, and leaves the rest', async () => {
    const text = '["SELECT   id  FROM users", "SELECT\\n  id"]';
    const { project, path } = await opened(text);
    const result = await formatDocument({ project, path } as Parameters<typeof formatDocument>[0], {
      tabSize: 2,
      insertSpaces: true,
    });
    expect('edits' in result ? result.edits.map(({ newText }) => newText) : result).toEqual([
      'SELECT\\n  id\\nFROM\\n  users',
    ]);
  });
});
