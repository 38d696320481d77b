import { beforeAll, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { readCorpus } from '../bench/corpus.ts';
import { openExample } from '../support/rule-check.ts';

const CASES = readCorpus();

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

test('the corpus is large enough to say something', () => {
  expect(CASES.length).toBeGreaterThan(150);
  expect(new Set(CASES.map((each) => each.name)).size).toBe(CASES.length);
});

test.each(CASES)('$name', async ({ isHazard, inTransaction, version, earlier, sql }) => {
  const marker = '-- lockstep: no-transaction\n';
  const opened = await openExample(engines, {
    dialect: 'postgresql',
    version: String(version),
    before: earlier.map((text) => (/\bconcurrently\b/i.test(text) ? `${marker}${text}` : text)),
    sql: `${inTransaction ? '' : marker}${sql}`,
  });
  const findings = opened.project
    .lint(opened.path)
    .findings.filter((finding) => finding.severity === 'error' || finding.severity === 'warning')
    .map((finding) => `${finding.code}: ${finding.message}`);
  if (isHazard) expect(findings.length).toBeGreaterThan(0);
  else expect(findings).toEqual([]);
});
