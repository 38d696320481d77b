import { beforeAll, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { readCorpus, type CorpusCase } from '../bench/corpus.ts';
import { openExample } from '../support/rule-check.ts';

const CASES = readCorpus();
const MARKER = '-- lockstep: no-transaction\n';
/** Statements that a DO block or a transaction does not take, or that end it. */
const ALONE =
  /concurrently|^begin|^commit|vacuum|create database|drop database|reindex (?:schema|database|system)|^cluster;|\$\$/im;

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

interface Variant {
  readonly before: readonly string[];
  readonly sql: string;
  readonly isAlone: boolean;
}

/** Errors and warnings of a case in another form. */
async function complaints(each: CorpusCase, { before, sql, isAlone }: Variant): Promise<readonly string[]> {
  const opened = await openExample(engines, {
    dialect: 'postgresql',
    version: String(each.version),
    before: before.map((text) => (/\bconcurrently\b/i.test(text) ? `${MARKER}${text}` : text)),
    sql: `${isAlone ? MARKER : ''}${sql}`,
  });
  return opened.project
    .lint(opened.path)
    .findings.filter((finding) => finding.severity === 'error' || finding.severity === 'warning')
    .map((finding) => finding.code);
}

/** Names of the cases that another form makes lint judge otherwise than their label. */
async function misjudged(
  cases: readonly CorpusCase[],
  variant: (each: CorpusCase) => Variant,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const each of cases) {
    const found = await complaints(each, variant(each));
    if (found.length > 0 !== each.isHazard) wrong.push(`${each.name}: ${found.join(', ')}`);
  }
  return wrong;
}

const IN_TRANSACTION = CASES.filter((each) => each.inTransaction && !ALONE.test(each.sql));

/** As a block has it: PL/pgSQL takes no query whose result goes nowhere. */
function inBlock(sql: string): string {
  return sql.replaceAll(/^select\b/gim, 'PERFORM');
}

test('each case is judged the same in a DO block', async () => {
  expect(IN_TRANSACTION.length).toBeGreaterThan(150);
  expect(
    await misjudged(IN_TRANSACTION, (each) => ({
      before: each.earlier,
      sql: `DO $block$ BEGIN\n${inBlock(each.sql)}\nEND $block$;`,
      isAlone: false,
    })),
  ).toEqual([]);
});

/** What is only said where it is certain: that two tables are locked, and that the server refuses a statement. */
const UNCERTAIN = ['rows-and-transactions/two-tables', 'rows-and-transactions/value-of-always'];

test('each case is judged the same under a condition in a DO block', async () => {
  const wrong = await misjudged(IN_TRANSACTION, (each) => ({
    before: each.earlier,
    sql: `DO $block$ BEGIN\nIF NOT EXISTS (SELECT FROM pg_class WHERE relname = 'sentinel') THEN\n${inBlock(each.sql)}\nEND IF;\nEND $block$;`,
    isAlone: false,
  }));
  expect(wrong.map((line) => line.split(':')[0])).toEqual(UNCERTAIN);
});

test('each case is judged the same between BEGIN and COMMIT', async () => {
  expect(
    await misjudged(IN_TRANSACTION, (each) => ({
      before: each.earlier,
      sql: `BEGIN;\n${each.sql}\nCOMMIT;`,
      isAlone: true,
    })),
  ).toEqual([]);
});

test('each case is judged the same with comments, quotes and schemas', async () => {
  const written = (sql: string): string =>
    `-- a note; with a semicolon\n/* drop it; */ ${sql.replaceAll(/\b(ALTER TABLE(?: IF EXISTS)?(?: ONLY)? |UPDATE |DELETE FROM |INSERT INTO |REFERENCES |\bON(?: ONLY)? )(users|orders|events|teams|items)\b(?!\.)/g, '$1"public"."$2"')}`;
  expect(
    await misjudged(CASES, (each) => ({ before: each.earlier, sql: written(each.sql), isAlone: !each.inTransaction })),
  ).toEqual([]);
});

test("what is done to tables of the same migration is no lock, scan or rewrite of anyone's", async () => {
  const cases = CASES.filter((each) => each.isHazard && ['lock', 'rewrite', 'rows', 'scan'].includes(each.kind));
  const wrong: string[] = [];
  for (const each of cases) {
    const sql = [...each.earlier, each.sql].join('\n');
    const found = await complaints(each, {
      before: [],
      sql,
      isAlone: /\bconcurrently\b/i.test(sql) || !each.inTransaction,
    });
    if (found.length > 0) wrong.push(`${each.name}: ${found.join(', ')}`);
  }
  expect(wrong).toEqual([]);
});
