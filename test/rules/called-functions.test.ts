import { beforeAll, describe, expect, test } from 'vitest';
import { type Engines, loadEngines } from '../../server/host/load-engines.ts';
import { openExample } from '../support/rule-check.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY, email text, age int);';
const BODY = 'BEGIN ALTER TABLE users DROP COLUMN email; CREATE INDEX users_age ON users (age); END';
const FUNCTION = `CREATE FUNCTION upgrade() RETURNS void LANGUAGE plpgsql AS $$ ${BODY} $$;`;

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

describe('rules look at what a called function of the history does', () => {
  test.each([
    ['SELECT', [TABLE, FUNCTION], 'SELECT upgrade();'],
    ['PERFORM', [TABLE, FUNCTION], 'DO $$ BEGIN PERFORM upgrade(); END $$;'],
    ['CALL', [TABLE, `CREATE PROCEDURE upgrade() LANGUAGE plpgsql AS $$ ${BODY} $$;`], 'CALL upgrade();'],
    ['one of the same file', [TABLE], `${FUNCTION}\nSELECT upgrade();`],
    [
      'one that another calls',
      [TABLE, FUNCTION, 'CREATE FUNCTION all_of_it() RETURNS void LANGUAGE sql AS $$ SELECT upgrade() $$;'],
      'SELECT all_of_it();',
    ],
  ])('%s', async (_, before, sql) => {
    const { project, path } = await openExample(engines, { dialect: 'postgresql', before, sql });
    const codes = project.lint(path).findings.map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining(['drop-before-contract', 'blocking-index']));
  });

  test('one that only reads says nothing', async () => {
    const { project, path } = await openExample(engines, {
      dialect: 'postgresql',
      before: [TABLE, 'CREATE FUNCTION counted() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM users $$;'],
      sql: 'SELECT counted();',
    });
    expect(project.lint(path).findings).toEqual([]);
  });

  test('a loop after ALTER TABLE works under its lock', async () => {
    const { project, path } = await openExample(engines, {
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users ADD COLUMN nick text;\nDO $$ DECLARE r record; BEGIN FOR r IN SELECT id FROM users LOOP UPDATE users SET age = 1 WHERE id = r.id; END LOOP; END $$;',
    });
    expect(project.lint(path).findings.map(({ code }) => code)).toContain('work-under-lock');
  });

  // Seen in unleash-server, whose migration gives eighty permissions by one function: 143 errors in one file.
  const GRANT = `CREATE TABLE roles (id bigint PRIMARY KEY, name text);
    CREATE TABLE places (name text);
    CREATE TABLE grants (role bigint, permission text, place text);
    CREATE FUNCTION give(wanted text, who text) RETURNS void LANGUAGE plpgsql AS $$ DECLARE found bigint; BEGIN
      found := (SELECT r.id FROM roles r WHERE r.name = who);
      IF NOT EXISTS (SELECT 1 FROM grants WHERE role = found AND permission = wanted) THEN
        INSERT INTO grants (role, permission) VALUES (found, wanted);
      END IF;
    END $$;
    CREATE FUNCTION give_everywhere(wanted text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO grants (permission, place) SELECT wanted, p.name FROM places p; END $$;`;

  test.each([
    ['a value that a condition gives is no work', "SELECT give('a', 'x');\nSELECT give('b', 'x');", []],
    ['nor is one that a subquery gives', "SELECT (SELECT id FROM roles WHERE name = 'x');", []],
    [
      'one call reads a table',
      "SELECT give_everywhere('a');",
      [
        'This INSERT of what it reads from places runs while the transaction holds ACCESS EXCLUSIVE on users, so that reads and writes of users wait until it is done: move it to a migration of its own.',
      ],
    ],
    [
      'three calls are told once',
      "SELECT give_everywhere('a');\nSELECT give_everywhere('b');\nSELECT give_everywhere('c');",
      [
        'This INSERT of what it reads from places runs while the transaction holds ACCESS EXCLUSIVE on users, so that reads and writes of users wait until it is done: move it to a migration of its own. 2 more calls do the same after it.',
      ],
    ],
  ])('%s', async (_, calls, expected) => {
    const { project, path } = await openExample(engines, {
      dialect: 'postgresql',
      before: [TABLE, GRANT],
      sql: `ALTER TABLE users ADD COLUMN nick text;\n${calls}`,
    });
    const findings = project.lint(path).findings.filter(({ code }) => code === 'work-under-lock');
    expect(findings.map(({ message }) => message)).toEqual(expected);
  });
});
