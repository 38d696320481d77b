import { beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import type { Effect } from '../../server/model/effect.ts';
import { RULES } from '../../server/rules/index.ts';
import type { Rule, RuleExample } from '../../server/rules/rule.ts';
import { MAJORS, startPostgres, whyNoServer } from '../support/postgres.ts';
import { unmark } from '../support/rule-check.ts';
import { fillRows } from './support/fill-rows.ts';
import { differences, PROBE_TIME_ZONE } from './support/lock-comparison.ts';
import { LockOracle, type Measurement } from './support/lock-oracle.ts';

const RUN_MS = 600_000;
const missing = MAJORS.map(whyNoServer).filter((reason) => reason !== undefined);

interface Tally {
  compared: number;
  exact: number;
  /** Statements that the server of this major does not accept in a transaction, or at all. */
  refused: number;
  readonly wrong: string[];
}

/*
 * Every statement of every rule's examples, the harmful and the harmless, run on servers: what a rule says of a lock, a
 * rewrite or a scan rests on effects, and these are the server's.
 */
describe.skipIf(missing.length > 0 && process.env['CI'] === undefined)('the examples of the rules', () => {
  const tallies = new Map<number, Tally>();

  beforeAll(async () => {
    const engines = await loadEngines();
    const queue = [...MAJORS];
    const work = async (): Promise<void> => {
      for (let major = queue.shift(); major !== undefined; major = queue.shift())
        tallies.set(major, await runMajor(engines, major));
    };
    await Promise.all([work(), work()]);
  }, RUN_MS);

  test.each(MAJORS.map((major) => ({ major })))(
    'lock, rewrite and read on PostgreSQL $major what the rules say',
    ({ major }) => {
      const tally = tallies.get(major);
      if (tally === undefined) throw new Error('this major did not run');
      console.log(
        `PostgreSQL ${major}: ${tally.compared} statements of the rules' examples compared, ${tally.exact} exactly right, ${tally.wrong.length} wrong; ${tally.refused} not accepted or not in a transaction`,
      );
      expect(tally.wrong).toEqual([]);
      expect(tally.compared).toBeGreaterThan(200);
    },
  );
});

async function runMajor(engines: Engines, major: number): Promise<Tally> {
  const tally: Tally = { compared: 0, exact: 0, refused: 0, wrong: [] };
  const server = await startPostgres(major);
  try {
    const oracle = await LockOracle.on(server, async () => undefined);
    for (const rule of RULES) {
      for (const example of [...rule.bad, ...rule.good]) {
        if (example.dialect !== 'postgresql' || (example.version !== undefined && example.version !== String(major)))
          continue;
        await compare(engines, oracle, major, rule, example, tally);
      }
    }
    await oracle.close();
  } finally {
    await server.stop();
  }
  return tally;
}

async function compare(
  engines: Engines,
  oracle: LockOracle,
  major: number,
  rule: Rule,
  example: RuleExample,
  tally: Tally,
): Promise<void> {
  const engine = engines.postgresql;
  const target = { version: major, timeZone: PROBE_TIME_ZONE };
  let schema = engine.emptySchema(true);
  const split = (text: string): readonly string[] =>
    engine.split(text, { start: 0, end: text.length }).map((statement) => statement.text);
  const fold = (text: string, fileIndex: number): void => {
    schema = engine.fold(schema, engine.parse(text).operations, { migration: String(fileIndex), fileIndex }, target);
  };
  const before = (example.before ?? []).map(split);
  let isAccepted = true;
  await oracle.restart(async (probe) => {
    for (const sql of before.flat())
      isAccepted &&= await probe.query(sql).then(
        () => true,
        () => false,
      );
    if (isAccepted) await fillRows(probe);
  });
  if (!isAccepted) {
    tally.refused++;
    return;
  }
  for (const [index, statements] of before.entries()) for (const sql of statements) fold(sql, index);
  for (const sql of split(unmark(example.sql).text)) {
    const { operations } = engine.parse(sql);
    const effects = operations.some((operation) => operation.kind === 'transaction-control')
      ? undefined
      : engine.effects(operations, schema, target);
    const measured = effects === undefined ? undefined : await oracle.measure({ sql });
    if (
      effects !== undefined &&
      measured !== undefined &&
      measured.refused === undefined &&
      !operations.some((operation) => operation.kind === 'opaque')
    ) {
      // Which way a query reads is the planner's choice, by how many rows there are.
      const isPlanned = operations.some(
        (operation) => operation.kind === 'update-rows' || operation.kind === 'delete-rows',
      );
      const found = differences(
        seenOf(measured, oracle.emptyTables, isPlanned),
        saidOf(effects, oracle.emptyTables, isPlanned),
      );
      tally.compared++;
      if (found.length === 0) tally.exact++;
      else tally.wrong.push([`${rule.code}, ${example.title}: ${sql}`, ...found].join('\n  '));
    } else tally.refused++;
    fold(sql, before.length);
    try {
      if (effects !== undefined) await oracle.advance(sql);
    } catch {
      // An example of what the server refuses: nothing comes after it.
      return;
    }
  }
}

/** Reading an empty table cannot be seen, and a join with one reads nothing of the other side either. */
function seenOf(measured: Measurement, empty: readonly string[], isPlanned: boolean): Measurement {
  const isBlind = isPlanned || measured.seen.some((seen) => empty.includes(seen.relation));
  return {
    ...measured,
    seen: measured.seen.map((seen) => ({
      ...seen,
      relation: seen.relation.replace(/^pg_temp_\d+\./, 'pg_temp.'),
      scan: seen.scan && !isBlind,
    })),
  };
}

function saidOf(effects: readonly Effect[], empty: readonly string[], isPlanned: boolean): readonly Effect[] {
  const isBlind = isPlanned || effects.some((effect) => empty.includes(`${effect.schema}.${effect.relation}`));
  return isBlind ? effects.map((effect) => ({ ...effect, scan: false })) : effects;
}
