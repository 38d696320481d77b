import type pg from 'pg';
import { expect } from 'vitest';
import { catalogText } from '../../support/catalog-text.ts';
import type { PostgresServer } from '../../support/postgres.ts';
import type { OpenedExample } from '../../support/rule-check.ts';
import type { WholeCase } from '../../support/whole/whole-case.ts';
import { fillRows } from './fill-rows.ts';
import { tableWriters, type TableWriter } from './table-writers.ts';

/** A catalog without the places of columns: a column that takes another's place stands last. */
function unplaced(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/,"position":"\d+"/, ''))
    .sort()
    .join('\n');
}

async function runHalf(
  client: pg.Client,
  example: OpenedExample,
  path: string,
  direction: 'up' | 'down',
): Promise<number> {
  const text = example.project.textOf(path) ?? '';
  const section = example.project.layoutOf(path).sections.find((each) => each.direction === direction);
  if (section === undefined) return 0;
  const statements = example.project.dialect.split(text, section.span).map((statement) => statement.text);
  if (section.transaction === 'one') await client.query('BEGIN');
  for (const statement of statements) await client.query(statement);
  if (section.transaction === 'one') await client.query('COMMIT');
  return statements.length;
}

async function write(client: pg.Client, writers: readonly TableWriter[], row: number, when: string): Promise<void> {
  for (const { table, sql } of writers)
    await client.query(sql(row)).catch((cause: unknown) => {
      throw new Error(`${when}: ${table}: ${cause instanceof Error ? cause.message : String(cause)}`);
    });
}

/** Runs every file on rows with both versions of an application beside it, and back; the catalogs are those of the direct form and of before. */
export async function expectSameEnd(
  server: PostgresServer,
  example: OpenedExample,
  each: Pick<WholeCase, 'before' | 'sql'>,
): Promise<{ readonly isReversible: boolean }> {
  const direct = await server.connect(await server.createDatabase());
  const client = await server.connect(await server.createDatabase());
  try {
    await direct.query(each.before);
    await direct.query(each.sql);
    await client.query(each.before);
    const original = unplaced(await catalogText(client));
    await fillRows(client);
    const [old, now] = [await tableWriters(client), await tableWriters(direct)];
    const migrations = example.project.migrations.migrations.slice(1);
    const deployAt = migrations.findIndex((migration) =>
      example.project.directivesOf(migration.upPath).requires.some(({ kind }) => kind === 'deploy'),
    );
    const deployed = deployAt < 0 ? migrations.length : deployAt;
    let row = 1_000;
    for (const [index, migration] of migrations.entries()) {
      if (index <= deployed) await write(client, old, row++, `old version before ${migration.id}`);
      if (index >= deployed) await write(client, now, row++, `new version before ${migration.id}`);
      await runHalf(client, example, migration.upPath, 'up');
    }
    await write(client, now, row++, 'new version at the end');
    expect(unplaced(await catalogText(client))).toBe(unplaced(await catalogText(direct)));
    const way = [...migrations].reverse();
    const irreversible = way.findIndex(
      (migration) =>
        migration.downPath === undefined || example.project.directivesOf(migration.downPath).irreversible !== undefined,
    );
    if (irreversible >= 0) return { isReversible: false };
    for (const migration of way) await runHalf(client, example, migration.downPath ?? '', 'down');
    expect(unplaced(await catalogText(client))).toBe(original);
    return { isReversible: true };
  } finally {
    await Promise.all([direct.end(), client.end()]);
  }
}
