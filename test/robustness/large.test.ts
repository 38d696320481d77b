import { describe, expect, test } from 'vitest';
import { openText, PATH } from './project.ts';
import { cpuMs } from '../support/cpu-time.ts';
import { startLsp } from '../support/lsp-client.ts';

const MILLION = 1_000_000;
/** A look at a text that is not analysed, or whose rows are only counted, must not be felt. */
const QUICK_MS = 400;
/** The same of another process on a machine that may be busy: what grows faster than the text takes minutes. */
const ANSWER_MS = 5000;

/** Computing time of an edit with the lint and explanation behind it, best of three, and what is said. */
async function look(
  dialect: 'postgresql' | 'sqlite',
  text: string,
  settings: object = {},
): Promise<{ readonly ms: number; readonly messages: readonly string[]; readonly length: number }> {
  const project = await openText(dialect, {}, settings);
  let ms = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && ms > QUICK_MS; attempt++) {
    const shown = `${' '.repeat(attempt)}${text}`;
    const started = cpuMs();
    project.setText(PATH, shown);
    project.lint(PATH);
    project.explain(PATH);
    ms = Math.min(ms, cpuMs() - started);
  }
  const { problems } = project.lint(PATH);
  return {
    ms,
    messages: problems.map((problem) => problem.message),
    length: Math.max(0, ...problems.map((problem) => problem.message.length)),
  };
}

const repeat = (part: string, count: number): string => part.repeat(count);

describe.each(['postgresql', 'sqlite'] as const)('%s', (dialect) => {
  test.each<readonly [string, string, RegExp]>([
    ['a million parentheses', `SELECT ${repeat('(', MILLION / 2)}1${repeat(')', MILLION / 2)};`, /nested too deeply/],
    [
      'a million open parentheses',
      `SELECT ${repeat('(', MILLION)}`,
      /never closed|nested too deeply|syntax error|incomplete/i,
    ],
    ['a million open comments', `SELECT 1 ${repeat('/*', MILLION / 2)}`, /never closed/],
    ['a long chain of operators', `SELECT ${repeat('1 + ', 50_000)}1;`, /nested too deeply|^$/],
    ['subqueries in each other', `SELECT ${repeat('(SELECT ', 5000)}1${repeat(')', 5000)};`, /nested too deeply/],
    ['a million quotes', repeat("'", MILLION + 1), /never closed|syntax error|too large/i],
    ['a million brackets', repeat('[', MILLION), /syntax error|never closed|too large/i],
    ['one line of a million characters', `SELECT '${repeat('x', MILLION)}';`, /too large|^$/],
  ])('%s: a sentence at once', async (_name, text, expected) => {
    const { ms, messages, length } = await look(dialect, text);
    expect(messages[0] ?? '').toMatch(expected);
    expect(length).toBeLessThan(400);
    expect(ms).toBeLessThan(QUICK_MS);
  });

  test('an INSERT of 5 MB is read, and its rows are counted', async () => {
    const text = `INSERT INTO orders (id, total) VALUES ${repeat("(1, 'it''s (not) a row, /* -- */ '),\n", 160_000)}(2, 3);`;
    expect(text.length).toBeGreaterThan(5 * MILLION);
    const { ms, messages } = await look(dialect, text);
    expect(ms).toBeLessThan(QUICK_MS);
    expect(messages).toEqual([]);
    const project = await openText(dialect, { [PATH]: text });
    const operation = project.analysed(PATH).statements[0]?.body.operations[0];
    expect(operation).toMatchObject({
      kind: 'insert-rows',
      rowCount: 160_001,
      span: { start: 0, end: text.length - 1 },
    });
  });

  test('20,000 columns that are added to one table cost for each about what 2,000 cost', async () => {
    const columns = (count: number): string =>
      `CREATE TABLE wide (id int);\n${Array.from({ length: count }, (_, index) => `ALTER TABLE wide ADD COLUMN c${index} int;\n`).join('')}`;
    const each = async (count: number): Promise<number> => {
      const project = await openText(dialect);
      project.setText(PATH, columns(count));
      const started = cpuMs();
      const { findings } = project.lint(PATH);
      const took = cpuMs() - started;
      // No server takes so many, and it is said.
      expect(findings.some((finding) => finding.message.includes('A table has at most'))).toBe(count > 2000);
      return took / count;
    };
    await each(1000);
    const few = await each(1500);
    expect((await each(20_000)) / few).toBeLessThan(4);
  });

  test('a file above the limit is not analysed, says what to do, and its neighbours go on', async () => {
    const line = 'ALTER TABLE users ADD COLUMN a int;\n';
    const { ms, messages } = await look(dialect, `-- lockstep: change big phase expand\n${repeat(line, 560_000)}`);
    expect(ms).toBeLessThan(QUICK_MS);
    expect(messages).toEqual([
      'Not analysed: too large to analyse: the file has 20,160,037 characters, and the limit is 6,000,000. Split it, or raise "limits": { "fileCharacters": 21000000 } in lockstep.jsonc.',
    ]);
    const small = await look(dialect, repeat(line, 3), { limits: { fileCharacters: 100 } });
    expect(small.messages[0]).toMatch(/the file has 108 characters, and the limit is 100\. Split it/);
    expect((await look(dialect, repeat(line, 2), { limits: { fileCharacters: 100 } })).messages).toEqual([]);
  });
});

/** Memory outside the heap but for arrays, which the collector may not have come to yet: the parser's own. */
function parserBytes(): number {
  const { external, arrayBuffers } = process.memoryUsage();
  return external - arrayBuffers;
}

test("the parser's memory does not grow with texts that overflow it, and it goes on reading", async () => {
  const project = await openText('postgresql');
  const deep = [
    `SELECT ${repeat('NOT ', 40_000)}true;`,
    `SELECT ${repeat('CASE WHEN true THEN ', 4000)}1${repeat(' END', 4000)};`,
    `SELECT 1 ${repeat('UNION SELECT 1 ', 8000)};`,
    `SELECT ${repeat('1 + ', 60_000)}1;`,
  ];
  const once = (round: number): void => {
    for (const text of deep) {
      project.setText(PATH, `${text}-- ${round}`);
      project.lint(PATH);
    }
    project.setText(PATH, 'ALTER TABLE users ALTER COLUMN age TYPE bigint;');
    expect(project.lint(PATH).findings.map((finding) => finding.code)).toContain('blocking-alter');
  };
  for (let round = 0; round < 3; round++) once(round);
  const before = parserBytes();
  for (let round = 3; round < 12; round++) once(round);
  expect(parserBytes() - before).toBeLessThan(20 * MILLION);
});

test('the editor stays quick with a file of 20 MB open beside another', async () => {
  const name = 'migrations/0002_next.up.sql';
  const big = 'migrations/0003_big.up.sql';
  await using client = await startLsp({
    'lockstep.jsonc': '{ "dialect": "postgresql" }',
    'migrations/0001_users.up.sql': 'CREATE TABLE users (id int);\n',
    [name]: '',
  });
  client.open(big, repeat('SELECT 1;\n', 2 * MILLION));
  const [diagnostic, ...others] = await client.diagnostics(big);
  expect(diagnostic?.message).toMatch(/^Not analysed: too large to analyse: the file has 20,000,000 characters/);
  expect(diagnostic?.range).toEqual({ start: { line: 0, character: 0 }, end: { line: 0, character: 9 } });
  expect(others).toEqual([]);
  client.open(name, 'SELECT 1;\n');
  await client.diagnostics(name);
  const started = performance.now();
  client.change(name, 2, [{ text: 'ALTER TABLE users ADD COLUMN a int NOT NULL;\n' }]);
  expect(await client.diagnostics(name, (sent) => sent.version === 2)).not.toEqual([]);
  const there = performance.now() - started;
  client.change(big, 2, [{ range: { start: { line: 5, character: 0 }, end: { line: 5, character: 0 } }, text: 'x' }]);
  const changed = performance.now();
  await client.diagnostics(big, (sent) => sent.version === 2);
  expect(there).toBeLessThan(ANSWER_MS);
  expect(performance.now() - changed).toBeLessThan(ANSWER_MS);
  // Everything else that an editor asks of the large file is answered at once, too.
  const asked = performance.now();
  const textDocument = { uri: client.uri(big) };
  await client.request('textDocument/hover', { textDocument, position: { line: 1000, character: 2 } });
  await client.request('textDocument/documentSymbol', { textDocument });
  await client.request('textDocument/codeLens', { textDocument });
  await expect(
    client.request('textDocument/formatting', { textDocument, options: { tabSize: 2, insertSpaces: true } }),
  ).rejects.toThrow('too large to analyse');
  expect(performance.now() - asked).toBeLessThan(ANSWER_MS);
  expect(client.errors()).toBe('');
}, 60_000);

test('a long INSERT is left alone by the formatter, and the statements beside it are not', async () => {
  const name = 'migrations/0001_rows.up.sql';
  const text = `select   1;\nINSERT INTO t VALUES ${repeat("(1, 'x'),\n", 100_000)}(2, 'y');\n`;
  await using client = await startLsp({ 'lockstep.jsonc': '{ "dialect": "postgresql" }', [name]: text });
  client.open(name, text);
  await client.diagnostics(name);
  const started = performance.now();
  const edits = await client.request<readonly unknown[]>('textDocument/formatting', {
    textDocument: { uri: client.uri(name) },
    options: { tabSize: 2, insertSpaces: true },
  });
  expect(edits).toHaveLength(1);
  expect(performance.now() - started).toBeLessThan(ANSWER_MS);
}, 60_000);
