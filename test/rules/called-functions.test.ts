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
});
