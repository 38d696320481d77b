import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../server/engines/engine.ts';
import {
  analyseDocument,
  foldDocument,
  problemsOf,
  readDocument,
  type AnalysedStatement,
} from '../../server/analysis/analyse.ts';
import { explainStatements } from '../../server/analysis/explain.ts';
import { findRelation } from '../../server/model/lookup.ts';
import { loadPostgres } from '../database/support/lock-comparison.ts';
import { objectKey } from '../../server/model/names.ts';
import { sqlLanguage } from '../../server/languages/sql/sql-language.ts';
import { readDirectives } from '../../server/model/directives.ts';

let engine: Engine;

beforeAll(async () => {
  engine = await loadPostgres();
});

const TARGET = { version: 17, timeZone: 'unknown' };
const TABLES = 'CREATE TABLE users (id int PRIMARY KEY, age int);\nCREATE TABLE orders (id int);\n';

function read(text: string): ReturnType<typeof readDocument> {
  return readDocument(
    engine,
    sqlLanguage,
    text,
    [{ direction: 'up', span: { start: 0, end: text.length }, transaction: 'one' }],
    readDirectives(text).allows,
  );
}

/** The last statement of a script. */
function last(text: string): AnalysedStatement {
  const statement = analyseDocument(
    engine,
    read(TABLES + text),
    engine.emptySchema(false),
    undefined,
    { fileIndex: 0 },
    TARGET,
  ).at(-1);
  if (statement === undefined) throw new Error('no statement');
  return statement;
}

function effects(statement: AnalysedStatement): readonly string[] {
  return statement.effects.map((effect) => `${effect.relation} ${effect.lock} ${effect.certainty}`);
}

function messages(statement: AnalysedStatement): readonly string[] {
  return problemsOf(statement).map((problem) => problem.message);
}

const FILL =
  "CREATE FUNCTION fill() RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE users SET age = 1; IF now() > '2030-01-01' THEN TRUNCATE orders; END IF; END $$;\n";

describe('a statement of a DO block that makes what is not there', () => {
  const KEY = 'ALTER TABLE orders ADD CONSTRAINT orders_key FOREIGN KEY (id) REFERENCES users (id)';
  const LOCKS = (certainty: string): readonly string[] => [
    `orders ShareRowExclusiveLock ${certainty}`,
    `users ShareRowExclusiveLock ${certainty}`,
  ];

  test.each<[name: string, block: string]>([
    ['an error that says that it is there', `BEGIN ${KEY}; EXCEPTION WHEN duplicate_object THEN null; END`],
    [
      'a condition that asks for it',
      `BEGIN IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'orders_key') THEN ${KEY}; END IF; END`,
    ],
  ])('is certain where the schema lacks it: %s', (_, block) =>
    expect(effects(last(`DO $$ ${block} $$;`)).toSorted()).toEqual(LOCKS('certain')),
  );

  test.each<[name: string, sql: string]>([
    ['any error', `DO $$ BEGIN ${KEY}; EXCEPTION WHEN others THEN null; END $$;`],
    [
      'an error and another',
      `DO $$ BEGIN ${KEY}; EXCEPTION WHEN duplicate_object OR foreign_key_violation THEN null; END $$;`,
    ],
    [
      'a handler that does something',
      `DO $$ BEGIN ${KEY}; EXCEPTION WHEN duplicate_object THEN DELETE FROM users WHERE id < 0; END $$;`,
    ],
    [
      'statements before it, which may fail',
      `DO $$ BEGIN CREATE TYPE mood AS ENUM ('ok'); ${KEY}; EXCEPTION WHEN duplicate_object THEN null; END $$;`,
    ],
    [
      'a condition that asks for something else',
      `DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'other') THEN ${KEY}; END IF; END $$;`,
    ],
    [
      'a condition on rows',
      `DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM users WHERE name = 'orders_key') THEN ${KEY}; END IF; END $$;`,
    ],
    [
      'a condition and another',
      `DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'orders_key') AND now() > '2030-01-01' THEN ${KEY}; END IF; END $$;`,
    ],
    [
      'a condition in a condition',
      `DO $$ BEGIN IF now() > '2030-01-01' THEN IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'orders_key') THEN ${KEY}; END IF; END IF; END $$;`,
    ],
    [
      'a RETURN before it',
      `DO $$ BEGIN IF now() > '2030-01-01' THEN RETURN; END IF; IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'orders_key') THEN ${KEY}; END IF; END $$;`,
    ],
    [
      'a table of which nothing is known',
      `DO $$ BEGIN DROP TABLE orders; EXCEPTION WHEN others THEN null; END $$;\nDO $$ BEGIN ${KEY}; EXCEPTION WHEN duplicate_object THEN null; END $$;`,
    ],
    [
      'a function that may be called',
      `CREATE FUNCTION keyed() RETURNS void LANGUAGE plpgsql AS $f$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'orders_key') THEN ${KEY}; END IF; END $f$;\nSELECT keyed() FROM orders WHERE id = 1;`,
    ],
  ])('may happen: %s', (_, sql) =>
    expect(
      effects(last(sql))
        .filter((effect) => /ShareRowExclusive/.test(effect))
        .toSorted(),
    ).toEqual(LOCKS('may')),
  );

  const DROP = 'ALTER TABLE orders DROP CONSTRAINT orders_key';
  const asked = (condition: string, drop = DROP): string =>
    `ALTER TABLE orders ADD CONSTRAINT orders_key FOREIGN KEY (id) REFERENCES users;\nDO $$ BEGIN IF ${condition} THEN ${drop}; END IF; END $$;`;
  const constraints = (sql: string): readonly string[] =>
    findRelation(last(sql).after, { name: 'orders' })?.constraints.map(({ name }) => name) ?? [];

  test.each<[name: string, condition: string]>([
    ['by its name', "EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'orders_key')"],
    [
      'by its name and its table',
      "EXISTS (SELECT FROM pg_catalog.pg_constraint AS c WHERE c.conname = 'orders_key' AND c.conrelid = 'public.orders'::regclass)",
    ],
    [
      'by the standard views',
      "EXISTS (SELECT 1 FROM information_schema.table_constraints WHERE constraint_name = 'orders_key' AND table_schema = 'public' AND table_name = 'orders')",
    ],
  ])('a constraint that goes where it is there is gone: %s', (_, condition) =>
    expect(constraints(asked(condition))).toEqual([]),
  );

  test.each<[name: string, sql: string]>([
    ['another name', asked("EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'other')")],
    ['what it does', asked("EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'orders_key' AND confdeltype = 'c')")],
    ['that it is not there', asked("NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'orders_key')")],
    [
      'another thing too',
      asked("EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'orders_key') AND now() > '2030-01-01'"),
    ],
    [
      'something else before',
      asked("now() > '2030-01-01' THEN NULL; ELSIF EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'orders_key')"),
    ],
    [
      'something around it',
      asked(
        "now() > '2030-01-01' THEN IF EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'orders_key')",
        `${DROP}; END IF`,
      ),
    ],
  ])('it may be there still where a block asks for %s', (_, sql) => expect(constraints(sql)).toEqual(['orders_key']));

  test('changes nothing where it is there', () => {
    const statement = last(`${KEY};\nDO $$ BEGIN ${KEY}; EXCEPTION WHEN duplicate_object THEN null; END $$;`);
    expect(statement.after).toBe(statement.before);
  });
});

describe('what cannot be read', () => {
  test('in a called function is said once, however often it stands there', () => {
    const statement = last(
      "CREATE FUNCTION run(command text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN IF command = '' THEN EXECUTE command; ELSE EXECUTE command || ''; END IF; END $$;\nSELECT run('x');",
    );
    expect(messages(statement)).toEqual([
      'Not analysed: in run: dynamic SQL: the text given to EXECUTE is only known when it runs.',
    ]);
  });

  const DYNAMIC = "DO $$ BEGIN EXECUTE current_setting('app.grants'); END $$;";
  const isKnown = (text: string): boolean =>
    foldDocument(engine, read(text), engine.emptySchema(true), { fileIndex: 0 }, TARGET).isComplete;

  test('may have changed anything, unless somebody says that it has not', () => {
    const allow = '-- lockstep: allow not-analysed because it only grants\n';
    expect(
      [
        TABLES,
        `${TABLES}${DYNAMIC}`,
        `${TABLES}${allow}${DYNAMIC}`,
        `${TABLES}${allow}SELECT grants();`,
        `${TABLES}${allow}CALL grants();`,
        `${TABLES}${allow}${DYNAMIC}\n${DYNAMIC}`,
      ].map(isKnown),
    ).toEqual([true, false, true, true, true, false]);
  });

  test('is read when the line goes', () => {
    const before = analyseDocument(
      engine,
      read(`-- lockstep: allow not-analysed because it only grants\n${DYNAMIC}`),
      engine.emptySchema(true),
      undefined,
      { fileIndex: 0 },
      TARGET,
    );
    expect(before.map(messages)).toEqual([[]]);
    const after = analyseDocument(
      engine,
      read(DYNAMIC),
      engine.emptySchema(true),
      undefined,
      { fileIndex: 0 },
      TARGET,
      before,
    );
    expect(after.map(messages)).toEqual([[expect.stringContaining('dynamic SQL')]]);
  });
});

describe('a function that a migration made', () => {
  test('does what its body does, where it is called', () => {
    const statement = last(`${FILL}SELECT fill();`);
    expect(effects(statement)).toEqual(['users RowExclusiveLock certain', 'orders AccessExclusiveLock may']);
    expect(messages(statement)).toEqual([]);
  });

  test('only may do so where it is called for each row, or not at all', () => {
    expect(effects(last(`${FILL}SELECT fill() FROM orders WHERE id = 1;`))).toEqual([
      'users RowExclusiveLock may',
      'orders AccessExclusiveLock may',
    ]);
    expect(
      effects(
        last(
          'CREATE FUNCTION age() RETURNS int LANGUAGE sql STABLE AS $$ SELECT max(age) FROM users $$;\nSELECT age();',
        ),
      ),
    ).toEqual([]);
  });

  test('changes the schema: what it makes is there afterwards', () => {
    const text = `${TABLES}CREATE PROCEDURE grow() LANGUAGE plpgsql AS $$ BEGIN ALTER TABLE users ADD COLUMN nick text; CREATE TABLE made (a int); END $$;\nCALL grow();\n`;
    const after = foldDocument(engine, read(text), engine.emptySchema(true), { fileIndex: 0 }, TARGET);
    expect(findRelation(after, { name: 'users' })?.columns.map((column) => column.name)).toEqual(['id', 'age', 'nick']);
    expect(findRelation(after, { name: 'made' })).toBeDefined();
  });

  test('is followed into the functions that it calls, and not for ever', () => {
    expect(
      effects(
        last(
          `${FILL}CREATE FUNCTION outer_one() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM fill(); END $$;\nSELECT outer_one();`,
        ),
      ),
    ).toEqual(['users RowExclusiveLock certain', 'orders AccessExclusiveLock may']);
    const endless = last(
      'CREATE FUNCTION again() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM again(); END $$;\nSELECT again();',
    );
    expect(messages(endless)).toEqual(['Not analysed: what again does is not followed further.']);
  });

  test('is replaced with its definition', () => {
    expect(
      effects(
        last(
          `${FILL}CREATE OR REPLACE FUNCTION fill() RETURNS void LANGUAGE sql AS $$ DELETE FROM orders $$;\nSELECT fill();`,
        ),
      ),
    ).toEqual(['orders RowExclusiveLock certain']);
  });

  test('says what of its body is not known', () => {
    expect(
      messages(
        last(
          "CREATE FUNCTION dyn(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'DROP TABLE ' || t; END $$;\nSELECT dyn('users');",
        ),
      )[0],
    ).toMatch(/^Not analysed: in dyn: /);
  });

  test('counts as the calling action of a statement in an explanation', () => {
    const text = `${TABLES}${FILL}DO $$ BEGIN PERFORM fill(); INSERT INTO orders VALUES (1); END $$;`;
    const statements = analyseDocument(
      engine,
      read(text),
      engine.emptySchema(true),
      undefined,
      { fileIndex: 0 },
      TARGET,
    );
    const [explained] = explainStatements(
      { engine, target: TARGET, settings: {}, holders: [] },
      text,
      statements,
    ).slice(-1);
    expect(
      explained?.operations.map((operation) => [operation.kind, operation.effects.map((effect) => effect.relation)]),
    ).toEqual([
      ['select-rows', ['public.users', 'public.orders']],
      ['insert-rows', ['public.orders']],
    ]);
    expect(explained?.analysed).toBe(true);
  });
});

describe('the triggers of a table', () => {
  const LOG =
    'CREATE TABLE log (id int);\nCREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (1); RETURN NEW; END $$;\n';
  const each = (more: string): string =>
    `${LOG}CREATE TRIGGER t AFTER INSERT OR UPDATE OF age ON users FOR EACH ROW ${more} EXECUTE FUNCTION note();\n`;

  test.each([
    ['INSERT INTO users VALUES (1, 2);', '', ['users RowExclusiveLock certain', 'log RowExclusiveLock certain']],
    [
      'INSERT INTO users SELECT id, id FROM orders;',
      '',
      ['users RowExclusiveLock certain', 'log RowExclusiveLock may'],
    ],
    ['UPDATE users SET id = 1;', '', ['users RowExclusiveLock certain']],
    ['UPDATE users SET age = 1;', 'WHEN (new.age > 5)', ['users RowExclusiveLock certain', 'log RowExclusiveLock may']],
    ['ALTER TABLE users DISABLE TRIGGER t;\nINSERT INTO users VALUES (1, 2);', '', ['users RowExclusiveLock certain']],
  ])('%s fires them %s', (text, when, expected) => {
    expect(effects(last(each(when) + text))).toEqual(expected);
  });

  test('a trigger whose function nothing made is said to be not known', () => {
    expect(
      messages(
        last(
          'CREATE TRIGGER t AFTER INSERT ON users EXECUTE FUNCTION audit.log_it();\nINSERT INTO users VALUES (1, 2);',
        ),
      ),
    ).toEqual(['Not analysed: what the trigger function audit.log_it does is not in any migration.']);
  });
});

describe('the rules of a table or view', () => {
  const LOG =
    'CREATE TABLE log (id int);\nCREATE TABLE far (id int);\nCREATE VIEW seen AS SELECT id, age FROM users;\nCREATE VIEW above AS SELECT id, age FROM seen;\n';
  const ALSO =
    'CREATE RULE too AS ON INSERT TO users DO ALSO INSERT INTO log VALUES (new.id);\nCREATE RULE far AS ON INSERT TO log DO ALSO (DELETE FROM far WHERE id = new.id; UPDATE orders SET id = 1);\n';
  const INSTEAD = 'CREATE RULE instead AS ON UPDATE TO seen DO INSTEAD UPDATE log SET id = new.id;\n';

  test.each([
    [
      'INSERT INTO users VALUES (1, 2);',
      ALSO,
      [
        'users RowExclusiveLock certain',
        'log RowExclusiveLock may',
        'far RowExclusiveLock may',
        'orders RowExclusiveLock may',
      ],
    ],
    ['UPDATE users SET age = 1;', ALSO, ['users RowExclusiveLock certain']],
    ['DROP RULE too ON users;\nINSERT INTO users VALUES (1, 2);', ALSO, ['users RowExclusiveLock certain']],
    [
      'ALTER RULE too ON users RENAME TO two;\nINSERT INTO above VALUES (1, 2);',
      ALSO,
      [
        'above RowExclusiveLock certain',
        'seen RowExclusiveLock certain',
        'users RowExclusiveLock certain',
        'log RowExclusiveLock may',
        'far RowExclusiveLock may',
        'orders RowExclusiveLock may',
      ],
    ],
    [
      'UPDATE above SET age = 1;',
      INSTEAD,
      ['above RowExclusiveLock certain', 'seen RowExclusiveLock certain', 'log RowExclusiveLock may'],
    ],
    [
      'DELETE FROM above;',
      INSTEAD,
      ['above RowExclusiveLock certain', 'seen RowExclusiveLock certain', 'users RowExclusiveLock certain'],
    ],
    [
      'CREATE OR REPLACE RULE instead AS ON UPDATE TO seen DO INSTEAD NOTHING;\nUPDATE seen SET age = 1;',
      INSTEAD,
      ['seen RowExclusiveLock certain'],
    ],
    [
      'INSERT INTO log VALUES (1);',
      'CREATE RULE one AS ON INSERT TO log DO ALSO INSERT INTO far VALUES (1);\nCREATE RULE two AS ON INSERT TO far DO ALSO INSERT INTO log VALUES (1);\n',
      ['log RowExclusiveLock certain', 'far RowExclusiveLock may'],
    ],
  ])('%s behind %s', (text, rules, expected) => {
    expect(effects(last(LOG + rules + text))).toEqual(expected);
  });

  test('a rule that no migration made is said to be not known', () => {
    const statement = last(LOG);
    const users = findRelation(statement.after, { name: 'users' });
    if (users === undefined) throw new Error('no users');
    const schema = {
      ...statement.after,
      relations: statement.after.relations.set(objectKey('public', 'users'), { ...users, rules: ['audit'] }),
    };
    expect(
      engine.resolveCalls(engine.parse('DELETE FROM above'), schema)?.problems.map((problem) => problem.message),
    ).toEqual(['Not analysed: what the rule audit of users does is not in any migration.']);
    expect(engine.resolveCalls(engine.parse('SELECT 1 FROM above'), schema)).toBeUndefined();
  });
});

describe('the body of a new SQL function', () => {
  const MAKE = "CREATE FUNCTION fill() RETURNS void LANGUAGE sql AS 'INSERT INTO users VALUES (1, 2)';";

  test.each([
    [MAKE, ['users RowExclusiveLock certain']],
    [`SET check_function_bodies = false;\n${MAKE}`, []],
    [`SET check_function_bodies = off;\nSET check_function_bodies = on;\n${MAKE}`, ['users RowExclusiveLock certain']],
    [MAKE.replace('sql', 'plpgsql').replace("'INSERT", "'BEGIN INSERT").replace(")'", "); END'"), []],
  ])('%s', (text, expected) => {
    expect(effects(last(text))).toEqual(expected);
  });
});

describe('a call of which nothing is known', () => {
  test.each([
    [
      'a function that no migration made',
      "SELECT refresh_everything('users', 'age');",
      'Not analysed: what the function refresh_everything does is not in any migration.',
    ],
    [
      'one of another schema',
      'SELECT jobs.plan(1);',
      'Not analysed: what the function jobs.plan does is not in any migration.',
    ],
    ['a procedure', 'CALL nightly();', 'Not analysed: what the procedure nightly does is not in this statement.'],
    [
      'a function in C',
      "CREATE FUNCTION native() RETURNS int LANGUAGE c AS 'lib', 'native';\nSELECT native();",
      'Not analysed: what native does is not in any migration.',
    ],
  ])('%s is said to be not analysed', (_name, text, message) => {
    const statement = last(text);
    expect(messages(statement)).toEqual([message]);
  });

  test.each([
    "SELECT setval('s', 1);",
    "SELECT pg_catalog.set_config('search_path', '', false);",
    'SELECT now(), gen_random_uuid();',
    "SELECT coalesce(NULL, lower('A'));",
    'SELECT my_own(age) FROM users;',
    'SELECT count(*) FROM users;',
    'SELECT pg_sleep(1);',
  ])('%s is not', (text) => {
    expect(messages(last(text))).toEqual([]);
  });
});
