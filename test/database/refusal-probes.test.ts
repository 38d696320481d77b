import type { Client } from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engines } from '../../server/host/load-engines.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import { MAJORS, type PostgresServer, startPostgres, whyNoServer } from '../support/postgres.ts';
import { openExample } from '../support/rule-check.ts';
import { ACCEPTED } from './refusal-probes/accepted.ts';
import { CLINIC_PROBES } from './refusal-probes/clinic.ts';
import { CLINIC, CLINIC_14, CLINIC_15 } from './refusal-probes/clinic-setup.ts';
import { DEPOT_PROBES } from './refusal-probes/depot.ts';
import { DEPOT } from './refusal-probes/depot-setup.ts';
import { FESTIVAL_PROBES } from './refusal-probes/festival.ts';
import { FESTIVAL } from './refusal-probes/festival-setup.ts';
import { GARDEN_PROBES } from './refusal-probes/garden.ts';
import { GARDEN } from './refusal-probes/garden-setup.ts';
import { GUILD_PROBES } from './refusal-probes/guild.ts';
import { GUILD, GUILD_14, GUILD_15 } from './refusal-probes/guild-setup.ts';
import { HARBOR_PROBES } from './refusal-probes/harbor.ts';
import { HARBOR } from './refusal-probes/harbor-setup.ts';
import { LIBRARY_PROBES } from './refusal-probes/library.ts';
import { LIBRARY, LIBRARY_14, LIBRARY_15 } from './refusal-probes/library-setup.ts';
import { MARKET_PROBES } from './refusal-probes/market.ts';
import { MARKET } from './refusal-probes/market-setup.ts';
import { ORCHESTRA_PROBES } from './refusal-probes/orchestra.ts';
import { ORCHESTRA } from './refusal-probes/orchestra-setup.ts';
import { RAILWAY_PROBES } from './refusal-probes/railway.ts';
import { RAILWAY, RAILWAY_14, RAILWAY_15 } from './refusal-probes/railway-setup.ts';
import { REFUSED, VERSIONED } from './refusal-probes/refused.ts';
import { SETUP, SETUP_14, SETUP_15 } from './refusal-probes/setup.ts';

const START_MS = 600_000;

/** Findings that say that the server will not run a statement. */
const REFUSALS = new Set([
  'statement-not-supported',
  'concurrently-in-transaction',
  'new-enum-value-used',
  'transaction-control-inside',
]);

/** Statements over one schema; whether one is refused is the server's word alone, on each major. */
interface ProbeSet {
  readonly name: string;
  /** Of a hundred refused statements, how many lint says at least; raised with what it learns, never lowered. */
  readonly leastSaidPercent: number;
  setupOf(major: number): string;
  readonly probes: readonly (readonly [kind: string, sql: string])[];
}

function byKind(kinds: Readonly<Record<string, readonly string[]>>): readonly (readonly [kind: string, sql: string])[] {
  return Object.entries(kinds).flatMap(([kind, statements]) => statements.map((sql) => [kind, sql] as const));
}

const SETS: readonly ProbeSet[] = [
  {
    name: 'shop',
    leastSaidPercent: 95,
    setupOf: (major) => `${SETUP}${major >= 14 ? SETUP_14 : ''}${major >= 15 ? SETUP_15 : ''}`,
    probes: [...byKind(REFUSED), ...byKind(ACCEPTED), ...VERSIONED.map((sql) => ['version', sql] as const)],
  },
  {
    name: 'clinic',
    leastSaidPercent: 87,
    setupOf: (major) => `${CLINIC}${major >= 14 ? CLINIC_14 : ''}${major >= 15 ? CLINIC_15 : ''}`,
    probes: byKind(CLINIC_PROBES),
  },
  {
    name: 'library',
    leastSaidPercent: 91,
    setupOf: (major) => `${LIBRARY}${major >= 14 ? LIBRARY_14 : ''}${major >= 15 ? LIBRARY_15 : ''}`,
    probes: byKind(LIBRARY_PROBES),
  },
  { name: 'depot', leastSaidPercent: 97, setupOf: () => DEPOT, probes: byKind(DEPOT_PROBES) },
  { name: 'festival', leastSaidPercent: 88, setupOf: () => FESTIVAL, probes: byKind(FESTIVAL_PROBES) },
  { name: 'orchestra', leastSaidPercent: 90, setupOf: () => ORCHESTRA, probes: byKind(ORCHESTRA_PROBES) },
  { name: 'harbor', leastSaidPercent: 93, setupOf: () => HARBOR, probes: byKind(HARBOR_PROBES) },
  {
    name: 'guild',
    leastSaidPercent: 91,
    setupOf: (major) => `${GUILD}${major >= 14 ? GUILD_14 : ''}${major >= 15 ? GUILD_15 : ''}`,
    probes: byKind(GUILD_PROBES),
  },
  { name: 'market', leastSaidPercent: 94, setupOf: () => MARKET, probes: byKind(MARKET_PROBES) },
  { name: 'garden', leastSaidPercent: 92, setupOf: () => GARDEN, probes: byKind(GARDEN_PROBES) },
  {
    name: 'railway',
    leastSaidPercent: 92,
    setupOf: (major) => `${RAILWAY}${major >= 14 ? RAILWAY_14 : ''}${major >= 15 ? RAILWAY_15 : ''}`,
    probes: byKind(RAILWAY_PROBES),
  },
];

/** What a server says to a statement, which leaves nothing behind; undefined where it takes it. */
async function answerOf(client: Client, sql: string): Promise<string | undefined> {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await client.query('ROLLBACK');
  }
}

function percentOf(count: Count): string {
  return ((100 * count.said) / count.refused).toFixed(1);
}

/**
 * Whether a server refuses a statement for what no migration can know: an object that none of them made, which another
 * hand may have, a role, a file of the server. Counted apart: with a connected database lint knows of it.
 */
function isOutsideHistory(answer: string): boolean {
  const made =
    /^(?:relation|type|function|procedure|schema|table|view|index|sequence|role|extension|language|tablespace|access method|collation|operator class|server|text search configuration|could not open file|foreign-data wrapper|could not connect|COPY from stdin failed)\b/;
  return (
    made.test(answer) &&
    /\b(?:missing|missing_type|missing_am|nowhere|nobody_at_all|plv8|postgis|gin_trgm_ops|b2|stdin)\b/.test(answer)
  );
}

interface Count {
  refused: number;
  said: number;
  accepted: number;
  false: number;
}

function table(counts: ReadonlyMap<string, Count>): string {
  const rows = [...counts].map(([kind, count]) =>
    [
      kind.padEnd(28),
      String(count.refused).padStart(8),
      String(count.said).padStart(6),
      String(count.accepted).padStart(9),
      String(count.false).padStart(6),
    ].join(' '),
  );
  return [`${'kind'.padEnd(28)}  refused   said  accepted  false`, ...rows].join('\n');
}

const missing = MAJORS.map(whyNoServer).filter((reason) => reason !== undefined);
if (missing.length > 0 && process.env['CI'] === undefined)
  console.log(`refusal-probes: skipped, ${missing.join('; ')}`);

describe.skipIf(missing.length > 0 && process.env['CI'] === undefined).each(MAJORS)(
  'of the probes that PostgreSQL %i refuses',
  (major) => {
    let engines: Engines;
    beforeAll(async () => {
      engines = await loadEngines();
    });

    /** What lint says against a statement after a set's setup, and what it doubts. */
    async function saidAfter(
      setup: string,
    ): Promise<(sql: string) => { readonly words: string | undefined; readonly isDoubted: boolean }> {
      const { project, path } = await openExample(engines, {
        dialect: 'postgresql',
        version: String(major),
        before: [setup],
        sql: 'SELECT 1;',
      });
      return (sql) => {
        project.setText(path, `${sql};\n`);
        const report = project.lint(path);
        const refusals = report.findings.filter((finding) => REFUSALS.has(finding.code));
        return {
          words:
            // A warning says so where it runs, and no more.
            refusals.find((finding) => finding.severity === 'error')?.message ??
            report.problems.find((problem) => problem.kind !== 'not-analysed')?.message,
          // An extension that no migration creates: a hint.
          isDoubted: refusals.some((finding) => finding.severity === 'info'),
        };
      };
    }

    test(
      'lint says most, and says it of none that is taken',
      async () => {
        const server: PostgresServer = await startPostgres(major);
        try {
          const union: Count = { refused: 0, said: 0, accepted: 0, false: 0 };
          const silent: string[] = [];
          const wrong: string[] = [];
          const short: string[] = [];
          let outside = 0;
          for (const set of SETS) {
            const saidOf = await saidAfter(set.setupOf(major));
            const client = await server.connect(await server.createDatabase());
            await client.query(set.setupOf(major));
            const counts = new Map<string, Count>();
            const total: Count = { refused: 0, said: 0, accepted: 0, false: 0 };
            for (const [kind, sql] of set.probes) {
              const answer = await answerOf(client, sql);
              const { words, isDoubted } = saidOf(sql);
              if (answer !== undefined && words === undefined && (isDoubted || isOutsideHistory(answer))) {
                outside++;
                continue;
              }
              const count = counts.get(kind) ?? { refused: 0, said: 0, accepted: 0, false: 0 };
              counts.set(kind, count);
              for (const each of [count, total, union]) {
                if (answer === undefined) each.accepted++;
                else each.refused++;
                if (words !== undefined && answer !== undefined) each.said++;
                if (words !== undefined && answer === undefined) each.false++;
              }
              if (words === undefined && answer !== undefined) silent.push(`${kind}: ${sql}\n    ${answer}`);
              if (words !== undefined && answer === undefined) wrong.push(`${sql}\n  engine: ${words}`);
            }
            await client.end();
            counts.set(`all (${percentOf(total)} %)`, total);
            if ((100 * total.said) / total.refused < set.leastSaidPercent)
              short.push(`${set.name}: ${percentOf(total)} % of ${set.leastSaidPercent} %`);
            console.log(`PostgreSQL ${major}, ${set.name}\n${table(counts)}`);
          }
          console.log(
            `PostgreSQL ${major}, all sets: ${percentOf(union)} % of ${union.refused} (${outside} more are refused for what no migration made), false ${union.false} of ${union.accepted}`,
          );
          if (process.env['LOCKSTEP_SILENT'] !== undefined) console.log(silent.join('\n'));
          expect(wrong).toEqual([]);
          expect(union.refused).toBeGreaterThanOrEqual(500);
          expect(union.accepted).toBeGreaterThanOrEqual(500);
          expect(short).toEqual([]);
        } finally {
          await server.stop();
        }
      },
      START_MS,
    );
  },
);
