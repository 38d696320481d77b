import { beforeAll, expect, test } from 'vitest';
import type { Engines } from '../../../server/host/load-engines.ts';
import { loadEngines } from '../../../server/host/load-engines.ts';
import { openExample } from '../../support/rule-check.ts';
import { errorOf, openMemory } from './database.ts';
import { PROBES } from './refusal-probes/probes.ts';
import { ROWS, SETUP } from './refusal-probes/setup.ts';

/** Findings that say that SQLite will not run a statement. */
const REFUSALS = new Set(['statement-not-supported', 'sqlite-rename-refused', 'transaction-control-inside']);

/** Findings that say that it may not: with some rows, or as it is compiled. */
const DOUBTS = new Set(['required-column', 'sqlite-double-quoted-text']);

/** Of a hundred refused statements, how many lint says at least; raised with what it learns, never lowered. */
const LEAST_SAID_PERCENT = 90;

/** Whether SQLite refuses a statement for what no migration can know: a table that none made, a function or collation of a program's own. */
function isOutsideHistory(answer: string): boolean {
  return /^no such (?:table|view): (?:main\.)?(?:nobody|missing)|^no such (?:function|collation sequence|table): (?:nothing_such|german|missing|missing_table_function|generate_series)$|^unknown database other/.test(
    answer,
  );
}

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

test('of the probes that SQLite refuses lint says most, and says it of none that is taken', async () => {
  const database = openMemory(true);
  expect(errorOf(database, SETUP + ROWS)).toBeUndefined();
  const { project, path } = await openExample(engines, {
    dialect: 'sqlite',
    version: '3.54',
    before: [SETUP],
    sql: 'SELECT 1;',
  });
  const rows: string[] = [];
  const silent: string[] = [];
  const wrong: string[] = [];
  let outside = 0;
  const total = { refused: 0, said: 0, accepted: 0, false: 0 };
  for (const [kind, statements] of Object.entries(PROBES)) {
    const count = { refused: 0, said: 0, accepted: 0, false: 0 };
    for (const sql of statements) {
      database.exec('BEGIN');
      const answer = errorOf(database, sql);
      if (database.inTransaction) database.exec('ROLLBACK');
      project.setText(path, `${sql};\n`);
      const report = project.lint(path);
      const isDoubted = report.findings.some((finding) => DOUBTS.has(finding.code));
      const words =
        report.findings.find((finding) => REFUSALS.has(finding.code))?.message ??
        report.problems.find((problem) => problem.kind !== 'not-analysed')?.message;
      if (answer === undefined) {
        count.accepted++;
        if (words !== undefined) {
          count.false++;
          wrong.push(`${sql}\n  lint: ${words}`);
        }
      } else {
        if (words === undefined && isOutsideHistory(answer)) {
          outside++;
          continue;
        }
        count.refused++;
        if (words !== undefined || isDoubted) count.said++;
        else silent.push(`${kind}: ${sql}\n    ${answer}`);
      }
    }
    for (const key of ['refused', 'said', 'accepted', 'false'] as const) total[key] += count[key];
    rows.push(line(kind, count));
  }
  database.close();
  const percent = (100 * total.said) / total.refused;
  console.log(
    [
      `${'kind'.padEnd(30)}  refused   said  accepted  false`,
      ...rows,
      line(`all (${percent.toFixed(1)} %)`, total),
      `${outside} more are refused for what no migration made`,
    ].join('\n'),
  );
  if (process.env['LOCKSTEP_SILENT'] !== undefined) console.log(silent.join('\n'));
  expect(wrong).toEqual([]);
  expect(total.refused).toBeGreaterThanOrEqual(150);
  expect(total.accepted).toBeGreaterThanOrEqual(150);
  expect(percent).toBeGreaterThanOrEqual(LEAST_SAID_PERCENT);
});

function line(
  kind: string,
  count: { readonly refused: number; readonly said: number; readonly accepted: number; readonly false: number },
): string {
  return [
    kind.padEnd(30),
    String(count.refused).padStart(8),
    String(count.said).padStart(6),
    String(count.accepted).padStart(9),
    String(count.false).padStart(6),
  ].join(' ');
}
