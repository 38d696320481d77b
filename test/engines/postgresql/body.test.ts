import { describe, expect, test } from 'vitest';
import { postgresFront } from '../../support/postgres-engine.ts';

const dialect = await postgresFront();

/** `kind`, `?` where it may not run, and the text that the operation's range covers in the file. */
function inside(sql: string): string[] {
  const [operation] = dialect.parse(sql).operations;
  const operations = operation?.kind === 'create-function' ? operation.body : dialect.parse(sql).operations;
  return operations.map(
    (one) => `${one.kind}${one.certainty === 'may' ? '?' : ''} [${sql.slice(one.span.start, one.span.end)}]`,
  );
}

describe('PL/pgSQL', () => {
  test.each<[name: string, sql: string, expected: readonly string[]]>([
    [
      'statements in order',
      'DO $$ BEGIN DROP TABLE a; DROP TABLE b; END $$',
      ['drop-table [DROP TABLE a]', 'drop-table [DROP TABLE b]'],
    ],
    ['behind an emoji', 'DO $x$ /* 😀 */ BEGIN -- é\n DROP TABLE "😀a"; END $x$', ['drop-table [DROP TABLE "😀a"]']],
    [
      'IF',
      'DO $$ BEGIN IF a THEN DROP TABLE b; ELSIF c THEN DROP TABLE d; ELSE DROP TABLE e; END IF; DROP TABLE f; END $$',
      [
        'drop-table? [DROP TABLE b]',
        'drop-table? [DROP TABLE d]',
        'drop-table? [DROP TABLE e]',
        'drop-table [DROP TABLE f]',
      ],
    ],
    [
      'a CASE in a condition',
      'DO $$ BEGIN IF CASE WHEN a THEN b ELSE c END THEN DROP TABLE d; END IF; END $$',
      ['drop-table? [DROP TABLE d]'],
    ],
    [
      'CASE',
      'DO $$ BEGIN CASE a WHEN 1 THEN DROP TABLE b; WHEN 2 THEN NULL; ELSE DROP TABLE c; END CASE; DROP TABLE d; END $$',
      ['drop-table? [DROP TABLE b]', 'drop-table? [DROP TABLE c]', 'drop-table [DROP TABLE d]'],
    ],
    [
      'LOOP',
      'DO $$ BEGIN <<l>> LOOP EXIT WHEN a; DROP TABLE b; END LOOP l; DROP TABLE c; END $$',
      ['drop-table? [DROP TABLE b]', 'drop-table [DROP TABLE c]'],
    ],
    [
      'FOR and WHILE',
      'DO $$ DECLARE i int; r record; BEGIN FOR i IN 1..3 LOOP DROP TABLE a; END LOOP; FOR r IN SELECT * FROM t LOOP DELETE FROM u; END LOOP; WHILE true LOOP DROP TABLE b; END LOOP; END $$',
      [
        'drop-table? [DROP TABLE a]',
        'select-rows [SELECT * FROM t]',
        'delete-rows? [DELETE FROM u]',
        'drop-table? [DROP TABLE b]',
      ],
    ],
    [
      'an exception handler takes back what came before it',
      "DO $$ BEGIN CREATE TYPE t AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN DROP TABLE x; END $$",
      ["create-type? [CREATE TYPE t AS ENUM ('a')]", 'drop-table? [DROP TABLE x]'],
    ],
    [
      'a RETURN under a condition',
      'DO $$ BEGIN IF a THEN RETURN; END IF; DROP TABLE b; END $$',
      ['drop-table? [DROP TABLE b]'],
    ],
    [
      'inner blocks',
      'DO $$ BEGIN DECLARE x int := 1; BEGIN DROP TABLE a; END; DROP TABLE b; END $$',
      ['drop-table [DROP TABLE a]', 'drop-table [DROP TABLE b]'],
    ],
    [
      'INTO is a variable, not a table',
      'DO $$ DECLARE x int; y record; BEGIN SELECT a, b INTO STRICT x, y.z FROM t; INSERT INTO t (a) VALUES (1) RETURNING id INTO x; END $$',
      [
        'select-rows [SELECT a, b INTO STRICT x, y.z FROM t]',
        'insert-rows [INSERT INTO t (a) VALUES (1) RETURNING id]',
      ],
    ],
    ['PERFORM', "DO $$ BEGIN PERFORM pg_notify('a', 'b'); END $$", ["select-rows [PERFORM pg_notify('a', 'b')]"]],
    [
      'EXECUTE of a constant',
      "DO $$ BEGIN EXECUTE 'ALTER TABLE t ADD a text DEFAULT ''x'''; EXECUTE 'DROP ' || 'TABLE b'; EXECUTE $q$DROP TABLE c; DROP TABLE d$q$; EXECUTE format('DROP TABLE e') USING 1; END $$",
      [
        "add-column [ADD a text DEFAULT ''x'']",
        "drop-table [DROP ' || 'TABLE b]",
        'drop-table [DROP TABLE c]',
        'drop-table [DROP TABLE d]',
        'drop-table [DROP TABLE e]',
      ],
    ],
    [
      'dynamic EXECUTE',
      "DO $$ BEGIN EXECUTE format('DROP TABLE %I', a); EXECUTE 'DROP TABLE ' || a; END $$",
      ["opaque [EXECUTE format('DROP TABLE %I', a)]", "opaque [EXECUTE 'DROP TABLE ' || a]"],
    ],
    [
      'a body in quotes',
      "DO 'BEGIN ALTER TABLE t ADD a text DEFAULT ''x''; DROP TABLE b; END'",
      ["add-column [ADD a text DEFAULT ''x'']", 'drop-table [DROP TABLE b]'],
    ],
    [
      'an escaped body',
      "DO E'BEGIN\\n DROP TABLE a; \\x44ROP TABLE b; END'",
      ['drop-table [DROP TABLE a]', 'drop-table [\\x44ROP TABLE b]'],
    ],
    [
      'assignments',
      "DO $$ DECLARE a int; BEGIN a := 1; a = nextval('s'); a[1] := 2; b.c := (SELECT max(x) FROM t); END $$",
      ["select-rows [nextval('s')]", 'select-rows [(SELECT max(x) FROM t)]'],
    ],
    [
      'RAISE and friends touch nothing',
      "DO $$ BEGIN RAISE NOTICE '%', f(); NULL; GET DIAGNOSTICS a = ROW_COUNT; DROP TABLE a; END $$",
      ['drop-table [DROP TABLE a]'],
    ],
    [
      'cursors',
      'DO $$ DECLARE c refcursor; BEGIN OPEN c FOR SELECT * FROM t; FETCH c INTO r; CLOSE c; END $$',
      ['select-rows [SELECT * FROM t]'],
    ],
    ['other languages', 'DO LANGUAGE plpython3u $$ x $$', ['opaque [ x ]']],
    [
      'a function of PL/pgSQL',
      'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (NEW.id); RETURN NEW; END $$',
      ['insert-rows [INSERT INTO log VALUES (NEW.id)]'],
    ],
    [
      'a function of SQL',
      'CREATE FUNCTION f() RETURNS int AS $$ DELETE FROM a; SELECT 1; $$ LANGUAGE sql',
      ['delete-rows [DELETE FROM a]', 'select-rows [SELECT 1]'],
    ],
    [
      'BEGIN ATOMIC',
      'CREATE PROCEDURE f() BEGIN ATOMIC DELETE FROM a; UPDATE b SET c = CASE WHEN d THEN 1 END; END',
      ['delete-rows [DELETE FROM a]', 'update-rows [UPDATE b SET c = CASE WHEN d THEN 1 END]'],
    ],
    [
      'RETURN QUERY',
      "CREATE FUNCTION f() RETURNS SETOF t LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY SELECT * FROM t; RETURN QUERY EXECUTE 'SELECT 1'; END $$",
      ['select-rows [SELECT * FROM t]', 'select-rows [SELECT 1]'],
    ],
    ['a C function', "CREATE FUNCTION f() RETURNS int AS 'lib', 'sym' LANGUAGE c", []],
  ])('%s', (_, sql, expected) => expect(inside(sql)).toEqual(expected));

  test('what is not known is said once for a block that runs, and not for a function that does not', () => {
    const block = 'DO $$ BEGIN EXECUTE a; END $$';
    expect(dialect.parse(block).problems).toEqual([
      {
        kind: 'not-analysed',
        message: 'Not analysed: dynamic SQL: the text given to EXECUTE is only known when it runs.',
        span: { start: 12, end: 21 },
      },
    ]);
    expect(
      dialect.parse(`CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE a; END $$`).problems,
    ).toEqual([]);
  });

  test('a function keeps its volatility, arguments and result', () => {
    expect(
      dialect.parse(
        'CREATE OR REPLACE FUNCTION s.f(a int, OUT b text, VARIADIC c text[]) RETURNS record LANGUAGE SQL STABLE AS $$ SELECT 1 $$',
      ).operations,
    ).toMatchObject([
      {
        name: { schema: 's', name: 'f' },
        orReplace: true,
        volatility: 'stable',
        argumentTypes: [{ name: 'int4' }, { name: 'text', arrayDimensions: 1 }],
        returns: { name: 'record' },
        language: 'sql',
      },
    ]);
  });
});
