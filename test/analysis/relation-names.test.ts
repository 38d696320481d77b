import { beforeAll, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { openExample } from '../support/rule-check.ts';

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

/** Relations that lint and explain name in a migration after `CREATE TABLE`, each once. */
async function relationsOf(dialect: 'postgresql' | 'sqlite', before: string, sql: string): Promise<readonly string[]> {
  const { project, path } = await openExample(engines, { dialect, before: [before], sql });
  const explained = project.explain(path).statements;
  const named = [
    ...project.lint(path).findings.map((finding) => finding.relation),
    ...explained.flatMap(({ operations, effects }) => [...operations, ...effects].map((each) => each.relation)),
  ];
  return [...new Set(named.flatMap((name) => (name === null ? [] : [name])))].sort();
}

// One dot would be another table to whoever reads it.
test('a relation is named with its schema, in quotes where it needs them, by every rule and by explain', async () => {
  expect(
    await relationsOf(
      'postgresql',
      'CREATE TABLE "My.Orders" (id bigint PRIMARY KEY, total int);',
      'ALTER TABLE "My.Orders" ALTER COLUMN total TYPE bigint;\nUPDATE "My.Orders" SET total = 1;\nCREATE INDEX ON "My.Orders" (total);',
    ),
  ).toEqual(['public."My.Orders"', 'public."My.Orders_pkey"']);
  expect(
    await relationsOf(
      'sqlite',
      'CREATE TABLE "My.Orders" (id INTEGER PRIMARY KEY, total INTEGER);',
      'UPDATE "My.Orders" SET total = 1;\nALTER TABLE "My.Orders" DROP COLUMN total;',
    ),
  ).toEqual(['main."My.Orders"']);
});
