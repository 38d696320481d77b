import { beforeAll, expect, test } from 'vitest';
import { type Engines, loadEngines } from '../../../server/host/load-engines.ts';

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

/** What is said of the words of a body; the servers' own answers to the like are in test/database/refusal-probes. */
function said(sql: string): readonly string[] {
  const target = { version: 17, timeZone: 'unknown' as const };
  const { operations } = engines.postgresql.parse(sql);
  return operations.flatMap((operation) => {
    const refusal = engines.postgresql.refusal(operation, engines.postgresql.emptySchema(false), target, operations);
    return refusal === undefined ? [] : [refusal.message];
  });
}

const DO = (body: string): string => `DO $$ ${body} $$`;

test.each([
  [DO('BEGIN RETURN 1; END'), 'There is no value to RETURN here: the block gives nothing.'],
  [DO('BEGIN EXIT; END'), 'EXIT stands in a loop, unless it names the label of a block.'],
  [DO('BEGIN x := 1; END'), 'The block declares no variable "x".'],
  [DO('BEGIN FOR r IN SELECT 1 LOOP NULL; END LOOP; END'), 'The block declares no variable "r".'],
  [DO('BEGIN SELECT 1 INTO n; END'), 'The block declares no variable "n".'],
  [DO("BEGIN RAISE NOTICE '%'; END"), 'The format of RAISE has 1 place for a value, and 0 stand behind it.'],
  [DO('DECLARE n int BEGIN NULL; END'), 'The last declaration before BEGIN has no semicolon.'],
  [DO('BEGIN IF true NULL; END IF; END'), 'This condition has no THEN.'],
  [DO('BEGIN NULL;'), 'This BEGIN has no END.'],
])('%s', (sql, expected) => expect(said(sql)).toContain(expected));

test.each([
  DO('BEGIN RETURN; END'),
  DO('<<a>> BEGIN EXIT a; END'),
  DO('BEGIN FOR i IN 1..2 LOOP i := 3; CONTINUE; END LOOP; END'),
  DO('DECLARE r record; BEGIN FOR r IN SELECT 1 LOOP NULL; END LOOP; SELECT 1 INTO r; END'),
  DO("BEGIN RAISE NOTICE '%%'; RAISE NOTICE '% %', 1, 2; RAISE; END"),
  DO('BEGIN CASE WHEN true THEN NULL; END CASE; IF CASE WHEN true THEN true END THEN NULL; END IF; END'),
  DO('DECLARE BEGIN NULL; END'),
  DO('DECLARE a date := (SELECT e.begin FROM events e); b int; BEGIN b := 1; END'),
  "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.case = 1 OR NEW.end > 2 THEN RETURN NULL; END IF; RETURN NEW; END'",
  "CREATE FUNCTION f(n int) RETURNS int LANGUAGE plpgsql AS 'BEGIN n := 1; RETURN n; END'",
  "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.a := 1; RETURN NEW; END'",
])('nothing of %s', (sql) => expect(said(sql)).toEqual([]));
