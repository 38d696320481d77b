import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../server/engines/engine.ts';
import { createPostgresEngine } from '../../../server/engines/postgresql/engine.ts';
import type { Effect } from '../../../server/model/effect.ts';

let engine: Engine;

beforeAll(async () => {
  engine = await createPostgresEngine(
    readFileSync(createRequire(import.meta.url).resolve('libpg-query/wasm/libpg-query.wasm')),
  );
});

/** Effects of the last statement, on a schema folded from those before it; what the text does not create is unknown. */
function effectsOf(text: string, timeZone = 'unknown'): readonly Effect[] {
  const target = { version: 17, timeZone };
  const statements = engine
    .split(text, { start: 0, end: text.length })
    .map((statement) => engine.parse(statement.text).operations);
  let schema = engine.emptySchema(false);
  for (const operations of statements.slice(0, -1)) schema = engine.fold(schema, operations, { fileIndex: 0 }, target);
  return engine.effects(statements.at(-1) ?? [], schema, target);
}

function summary(effects: readonly Effect[]): readonly string[] {
  return effects.map(
    (effect) =>
      `${effect.schema}.${effect.relation} ${effect.lock}${effect.rewrite ? ' rewrite' : ''}${effect.scan ? ' scan' : ''} ${effect.certainty}`,
  );
}

describe('what the schema does not know', () => {
  test.each([
    [
      'the old type of a column',
      'ALTER TABLE t ALTER COLUMN a TYPE bigint',
      ['public.t AccessExclusiveLock rewrite scan may'],
    ],
    [
      'whether a CHECK rules out nulls',
      'ALTER TABLE t ALTER COLUMN a SET NOT NULL',
      ['public.t AccessExclusiveLock scan may'],
    ],
    [
      'whether a function is volatile',
      'CREATE TABLE t (a int); ALTER TABLE t ADD COLUMN b int DEFAULT mine()',
      ['public.t AccessExclusiveLock rewrite scan may'],
    ],
    ['whether the table exists', 'ALTER TABLE IF EXISTS t ADD COLUMN a int', ['public.t AccessExclusiveLock may']],
    [
      'the time zone of the session',
      'CREATE TABLE t (a timestamp); ALTER TABLE t ALTER COLUMN a TYPE timestamptz',
      ['public.t AccessExclusiveLock rewrite scan may'],
    ],
  ])('%s: it may happen', (_name, text, expected) => {
    const effects = effectsOf(text);
    expect(summary(effects)).toEqual(expected);
  });

  test('the sentence says "if"', () => {
    expect(effectsOf('ALTER TABLE t ALTER COLUMN a TYPE bigint')[0]?.why).toMatch(/ if /);
  });

  test('a new foreign key locks both unknown tables for certain', () => {
    expect(summary(effectsOf('ALTER TABLE a.t ADD CONSTRAINT f FOREIGN KEY (u) REFERENCES b.u (id)'))).toEqual([
      'a.t ShareRowExclusiveLock scan certain',
      'b.u ShareRowExclusiveLock scan certain',
    ]);
  });
});

describe('settings', () => {
  test('SET TIME ZONE in the file decides a change to timestamptz', () => {
    expect(
      summary(
        effectsOf("CREATE TABLE t (a timestamp); SET timezone = 'UTC'; ALTER TABLE t ALTER COLUMN a TYPE timestamptz"),
      ),
    ).toEqual(['public.t AccessExclusiveLock certain']);
  });

  test('the configured time zone decides where the file is silent', () => {
    expect(
      summary(effectsOf('CREATE TABLE t (a timestamp); ALTER TABLE t ALTER COLUMN a TYPE timestamptz', 'Etc/UTC')),
    ).toEqual(['public.t AccessExclusiveLock certain']);
  });

  test('the search path decides which table is meant', () => {
    expect(
      summary(
        effectsOf(
          'CREATE SCHEMA s; CREATE TABLE s.t (a int); SET search_path = s, public; ALTER TABLE t ADD COLUMN b int',
        ),
      ),
    ).toEqual(['s.t AccessExclusiveLock certain']);
  });
});

describe('one entry for each relation', () => {
  test('two actions of one ALTER give the stronger lock and both scans', () => {
    expect(
      summary(
        effectsOf(
          'CREATE TABLE t (a int); ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID, VALIDATE CONSTRAINT c',
        ),
      ),
    ).toEqual(['public.t AccessExclusiveLock scan certain']);
  });

  test('a condition in a DO block says may', () => {
    const effects = effectsOf(
      'CREATE TABLE t (a int); DO $$ BEGIN IF true THEN ALTER TABLE t ADD COLUMN b int; END IF; END $$',
    );
    expect(summary(effects)).toEqual(['public.t AccessExclusiveLock may']);
  });

  test('a table made by the same statement is not listed', () => {
    expect(effectsOf('CREATE TABLE t (id int PRIMARY KEY, parent int REFERENCES t (id))')).toEqual([]);
  });
});
