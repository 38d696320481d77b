import { equal } from 'node:assert/strict';
import type pg from 'pg';

import { catalogText } from '../../support/catalog-text.ts';
import type { OpenedExample } from '../../support/rule-check.ts';
import type { WholeCase } from '../../support/whole/whole-case.ts';
import type { Bench } from './bench.ts';
import { fillRows } from './fill-rows.ts';
import { notYetWritten, tableWriters, type TableWriter } from './table-writers.ts';

/** Rows that write all columns, and those without a default twice: a default that is unique is taken once. */
const PROBE_ROWS = [500, 501, 503];

/** A catalog without the places of columns: a column that takes another's place stands last. */
function unplaced(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/,"position":"\d+"/, ''))
    .sort()
    .join('\n');
}

/** The direct form without the indexes that a plan leaves out; keys as the schema has them. */
export function withoutIndexes(sql: string, keys: readonly string[]): string {
  const drops = keys.map(
    (key) =>
      `DROP INDEX IF EXISTS ${key
        .split('\0')
        .map((part) => `"${part}"`)
        .join('.')};`,
  );
  return [sql, ...drops].join('\n');
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
  const statements = example.project.engine.split(text, section.span).map((statement) => statement.text);
  if (section.transaction === 'one') await client.query('BEGIN');
  for (const statement of statements)
    await client.query(statement).catch((cause: unknown) => {
      throw new Error(`${path}: ${statement.slice(0, 200)}: ${cause instanceof Error ? cause.message : String(cause)}`);
    });
  if (section.transaction === 'one') await client.query('COMMIT');
  return statements.length;
}

async function write(client: pg.Client, writers: readonly TableWriter[], row: number, when: string): Promise<void> {
  for (const { table, sql } of writers)
    for (const statement of sql(row))
      await client.query(statement).catch((cause: unknown) => {
        throw new Error(`${when}: ${table}: ${cause instanceof Error ? cause.message : String(cause)}`);
      });
}

async function using(client: pg.Client, sql: string, when: string): Promise<void> {
  await client.query(sql).catch((cause: unknown) => {
    throw new Error(`${sql} ${when}: ${cause instanceof Error ? cause.message : String(cause)}`);
  });
}

/**
 * Those of the writers whose writes a database takes as it is, each by itself and one beside the other, since what one writes
 * may set off a trigger that writes for another: of a schema from elsewhere, what may stand in a column is not known.
 */
async function taken(client: pg.Client, writers: readonly TableWriter[]): Promise<readonly TableWriter[]> {
  let kept = writers;
  for (const isTogether of [false, true]) {
    const passed: TableWriter[] = [];
    await client.query('BEGIN');
    for (const writer of kept) {
      await client.query('SAVEPOINT probe');
      const isTaken = await PROBE_ROWS.reduce(
        (before, row) => before.then(() => write(client, [writer], row, 'probe')),
        Promise.resolve(),
      ).then(
        () => true,
        () => false,
      );
      if (isTaken) passed.push(writer);
      if (!isTaken || !isTogether) await client.query('ROLLBACK TO probe');
    }
    await client.query('ROLLBACK');
    kept = passed;
  }
  return kept;
}

/**
 * Runs every file on rows with both versions of an application beside it, and back; the catalogs are those of the direct
 * form and of before. Between several deploys writes a version that knows the tables as they are then.
 */
export async function expectSameEnd(
  { direct, migrator, old, now, empty }: Bench,
  example: OpenedExample,
  each: Pick<WholeCase, 'before'> & {
    /** The direct form; without one the end is what the steps leave. */
    readonly sql: string | undefined;
    /** What must go on working before each step and at the end. */
    readonly use?: string | undefined;
    /** The direct form has run already, on a bench that was empty. */
    readonly hasRun?: boolean;
    /** Only what the schema takes before and after is written: it is not one that was made for this. */
    readonly isFromElsewhere?: boolean;
    /** Without rows, and without an application that writes some: the direct form fails where there are any. */
    readonly isEmpty?: boolean;
  },
): Promise<{
  readonly isReversible: boolean;
  /** How many tables the old version writes. */
  readonly written: number;
}> {
  if (each.hasRun !== true) {
    await empty();
    await direct.query(each.before);
    if (each.sql !== undefined) await direct.query(each.sql);
  }
  await migrator.query(each.before);
  const original = unplaced(await catalogText(migrator));
  const isEmpty = each.isEmpty === true;
  if (!isEmpty) await fillRows(migrator);
  const known = async (client: pg.Client, writers: readonly TableWriter[]): Promise<readonly TableWriter[]> =>
    isEmpty ? [] : each.isFromElsewhere === true ? taken(client, writers) : writers;
  if (each.isFromElsewhere === true && !isEmpty) await fillRows(direct);
  const oldWriters = await known(migrator, await tableWriters(migrator));
  // While both types of a column are there, the new version writes what both can hold.
  const newWriters = await known(direct, await tableWriters(direct, migrator));
  // What was a partition is written through its table, also by the version between.
  const partitions = await notYetWritten(migrator);
  const written = oldWriters.length;
  const migrations = example.project.migrations.migrations.slice(1);
  const deploys = migrations.flatMap((migration, index) =>
    example.project.directivesOf(migration.upPath).requires.some(({ kind }) => kind === 'deploy') ? [index] : [],
  );
  const [first = migrations.length, last = first] = [deploys[0], deploys.at(-1)];
  let row = 1_000;
  for (const [index, migration] of migrations.entries()) {
    if (each.use !== undefined) await using(now, each.use, `before ${migration.id}`);
    if (index <= first) await write(old, oldWriters, row++, `old version before ${migration.id}`);
    if (index >= first && index <= last && first < last)
      await write(
        now,
        (await known(migrator, await tableWriters(migrator))).filter(({ table }) => !partitions.has(table)),
        row++,
        `version between before ${migration.id}`,
      );
    if (index >= last && each.sql !== undefined)
      await write(now, newWriters, row++, `new version before ${migration.id}`);
    await runHalf(migrator, example, migration.upPath, 'up');
  }
  await write(now, each.sql === undefined ? await tableWriters(migrator) : newWriters, row++, 'new version at the end');
  if (each.use !== undefined) await using(now, each.use, 'at the end');
  if (each.sql !== undefined) equal(unplaced(await catalogText(migrator)), unplaced(await catalogText(direct)));
  const way = [...migrations].reverse();
  const irreversible = way.findIndex(
    (migration) =>
      migration.downPath === undefined || example.project.directivesOf(migration.downPath).irreversible !== undefined,
  );
  if (irreversible >= 0) return { isReversible: false, written };
  // What the new version left empty, or wrote without a key, stands in the way back to what was required: that is said when it runs.
  const isBack = await way
    .reduce(
      (before, { downPath }) => before.then(() => runHalf(migrator, example, downPath ?? '', 'down')),
      Promise.resolve(0),
    )
    .then(
      () => true,
      (cause: unknown) => {
        if (cause instanceof Error && /contains null values|violates foreign key constraint/.test(cause.message))
          return false;
        throw cause;
      },
    );
  if (!isBack) return { isReversible: false, written };
  const isWhole = way.every(
    ({ downPath }) => !(example.project.textOf(downPath ?? '') ?? '').includes('allow down-leaves-differences'),
  );
  if (isWhole) {
    equal(unplaced(await catalogText(migrator)), original);
    // What was taken back in full can be applied again.
    for (const { upPath } of migrations) await runHalf(migrator, example, upPath, 'up');
    if (each.sql !== undefined) equal(unplaced(await catalogText(migrator)), unplaced(await catalogText(direct)));
  }
  return { isReversible: isWhole, written };
}
