import type { Client } from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engines } from '../../server/host/load-engines.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import { MAJORS, type PostgresServer, startPostgres, whyNoServer } from '../support/postgres.ts';
import { openExample } from '../support/rule-check.ts';
import { ACCEPTED } from './refusal-probes/accepted.ts';
import { REFUSED, VERSIONED } from './refusal-probes/refused.ts';
import { SETUP, SETUP_14, SETUP_15 } from './refusal-probes/setup.ts';

const START_MS = 240_000;

/** Of a hundred refused statements, how many lint says at least; raised with what it learns, never lowered. */
const LEAST_SAID_PERCENT = 85;

/** Findings that say that the server will not run a statement. */
const REFUSALS = new Set([
  'statement-not-supported',
  'concurrently-in-transaction',
  'new-enum-value-used',
  'transaction-control-inside',
]);

/** Probes by kind. Whether a statement is refused is the server's word alone, on each major. */
const PROBES: readonly (readonly [kind: string, sql: string])[] = [
  ...[REFUSED, ACCEPTED].flatMap((byKind) =>
    Object.entries(byKind).flatMap(([kind, statements]) => statements.map((sql) => [kind, sql] as const)),
  ),
  ...VERSIONED.map((sql) => ['version', sql] as const),
];

function setupOf(major: number): string {
  return `${SETUP}${major >= 14 ? SETUP_14 : ''}${major >= 15 ? SETUP_15 : ''}`;
}

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
    let dialects: Engines;
    beforeAll(async () => {
      dialects = await loadEngines();
    });

    /** What lint says against a statement after the setup. */
    async function said(): Promise<(sql: string) => string | undefined> {
      const { project, path } = await openExample(dialects, {
        dialect: 'postgresql',
        version: String(major),
        before: [setupOf(major)],
        sql: 'SELECT 1;',
      });
      return (sql) => {
        project.setText(path, `${sql};\n`);
        const report = project.lint(path);
        return (
          report.findings.find((finding) => REFUSALS.has(finding.code))?.message ??
          report.problems.find((problem) => problem.kind !== 'not-analysed')?.message
        );
      };
    }

    test(
      'lint says most, and says it of none that is taken',
      async () => {
        const saidOf = await said();
        const server: PostgresServer = await startPostgres(major);
        try {
          const client = await server.connect(await server.createDatabase());
          await client.query(setupOf(major));
          const counts = new Map<string, Count>();
          const total: Count = { refused: 0, said: 0, accepted: 0, false: 0 };
          const silent: string[] = [];
          const wrong: string[] = [];
          for (const [kind, sql] of PROBES) {
            const answer = await answerOf(client, sql);
            const words = saidOf(sql);
            const count = counts.get(kind) ?? { refused: 0, said: 0, accepted: 0, false: 0 };
            counts.set(kind, count);
            for (const each of [count, total]) {
              if (answer === undefined) each.accepted++;
              else each.refused++;
              if (words !== undefined && answer !== undefined) each.said++;
              if (words !== undefined && answer === undefined) each.false++;
            }
            if (words === undefined && answer !== undefined) silent.push(`${kind}: ${sql}\n    ${answer}`);
            if (words !== undefined && answer === undefined) wrong.push(`${sql}\n  engine: ${words}`);
          }
          await client.end();
          counts.set('all', total);
          console.log(`PostgreSQL ${major}\n${table(counts)}`);
          if (process.env['LOCKSTEP_SILENT'] !== undefined) console.log(silent.join('\n'));
          expect(wrong).toEqual([]);
          expect(total.refused).toBeGreaterThanOrEqual(250);
          expect(total.accepted).toBeGreaterThanOrEqual(250);
          expect((100 * total.said) / total.refused).toBeGreaterThanOrEqual(LEAST_SAID_PERCENT);
        } finally {
          await server.stop();
        }
      },
      START_MS,
    );
  },
);
