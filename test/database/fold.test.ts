import { POSTGRESQL } from '../../server/engines/postgresql/product.ts';
import { postgresFold } from '../../server/engines/postgresql/fold.ts';
import { postgresRefusal } from '../../server/engines/postgresql/refusal.ts';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveCalls } from '../../server/engines/postgresql/calls.ts';
import type { PostgresFront } from '../../server/engines/postgresql/front.ts';
import { readPostgresCatalog } from '../../server/drivers/postgres-catalog.ts';
import { emptySchema, foldRefusal, foldStatement } from '../../server/model/fold/fold.ts';
import type { Operation } from '../../server/model/operation.ts';
import type { Schema } from '../../server/model/schema.ts';
import { postgresFront } from '../support/postgres-engine.ts';
import { MAJORS, startPostgres, whyNoServer, type PostgresServer } from '../support/postgres.ts';
import { differences } from '../support/schema-objects.ts';
import { generatedHistory } from './fold-generated.ts';
import { HISTORIES, type History } from './fold-histories.ts';

/** Generated histories for each major; the seed is fixed so that a failure can be met again. */
const GENERATED_RUNS = Number(process.env['LOCKSTEP_FOLD_RUNS'] ?? '40');
const GENERATED_SEED = Number(process.env['LOCKSTEP_FOLD_SEED'] ?? '20240601');

let front: PostgresFront;
beforeAll(async () => {
  front = await postgresFront();
});

/** What is said against a statement; a condition in it may be what makes it run. */
function saidAgainst(
  operations: readonly Operation[],
  before: Schema,
  after: Schema,
  major: number,
): string | undefined {
  const said = operations
    .map((operation) => postgresRefusal(operation, before, major, operations)?.message)
    .find((message) => message !== undefined);
  if (said !== undefined || after !== before || operations.some((operation) => operation.certainty === 'may'))
    return said;
  return foldRefusal(postgresFold, before, operations, { fileIndex: 0 }, major)?.why;
}

/** Folds a history and applies it to a new database; what the server refuses must not change the folded schema. */
async function run(
  server: PostgresServer,
  history: History,
): Promise<{ readonly compared: number; readonly lines: readonly string[] }> {
  const client = await server.connect(await server.createDatabase());
  const lines: string[] = [];
  let schema: Schema = emptySchema(POSTGRESQL, true);
  try {
    for (const statement of history.statements) {
      const refusal = await client.query(statement).then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.message : 'refused'),
      );
      const body = front.parse(statement);
      const after = foldStatement(
        postgresFold,
        schema,
        (resolveCalls(body, schema) ?? body).operations,
        { migration: 'm', fileIndex: 0 },
        server.major,
      );
      if (refusal !== undefined && after !== schema)
        lines.push(`${statement}\n  server: ${refusal}\n  folded: changed`);
      const said = refusal === undefined ? saidAgainst(body.operations, schema, after, server.major) : undefined;
      if (said !== undefined) lines.push(`${statement}\n  server: takes it\n  said: ${said}`);
      schema = after;
    }
    const catalog = await readPostgresCatalog(
      async (sql) => (await client.query<Record<string, unknown>>(sql)).rows,
      server.major,
    );
    const found = differences(schema, catalog);
    return { compared: found.compared, lines: [...lines, ...found.lines] };
  } finally {
    await client.end();
  }
}

describe.each(MAJORS)('PostgreSQL %i', (major) => {
  const reason = whyNoServer(major);
  if (reason !== undefined) {
    test(`cannot run: ${reason}`, () => {
      expect(process.env['CI']).toBeUndefined();
    });
    return;
  }
  let server: PostgresServer;
  let compared = 0;
  let different = 0;
  beforeAll(async () => {
    server = await startPostgres(major);
  });
  afterAll(async () => {
    await server.stop();
    process.stdout.write(`PostgreSQL ${major}: objects compared ${compared}, differences ${different}\n`);
  });

  test.each(HISTORIES.filter((history) => (history.from ?? 0) <= major))('$name', async (history) => {
    const result = await run(server, history);
    compared += result.compared;
    different += result.lines.length;
    expect(result.lines.join('\n')).toBe('');
  });

  test('the SQL migrations that graphile-worker ships', async () => {
    const folder = path.resolve(import.meta.dirname, '../../node_modules/graphile-worker/sql');
    const texts = readdirSync(folder)
      .filter((file) => file.endsWith('.sql'))
      .sort()
      .map((file) =>
        readFileSync(path.join(folder, file), 'utf8').replaceAll(':GRAPHILE_WORKER_SCHEMA', 'graphile_worker'),
      );
    const statements = [
      'CREATE SCHEMA graphile_worker',
      ...texts.flatMap((text) => front.split(text, { start: 0, end: text.length }).map((statement) => statement.text)),
    ];
    expect(statements.length).toBeGreaterThan(100);
    const result = await run(server, { name: 'graphile-worker', statements });
    compared += result.compared;
    different += result.lines.length;
    expect(result.lines.join('\n')).toBe('');
  });

  test('generated histories', async () => {
    await fc.assert(
      fc.asyncProperty(generatedHistory, async (statements) => {
        const result = await run(server, { name: 'generated', statements });
        compared += result.compared;
        different += result.lines.length;
        if (result.lines.length > 0) throw new Error(result.lines.join('\n'));
      }),
      {
        numRuns: GENERATED_RUNS,
        seed: GENERATED_SEED,
        endOnFailure: process.env['LOCKSTEP_FOLD_SHRINK'] === undefined,
      },
    );
  });
});
