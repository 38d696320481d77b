import type { WholeCase } from './whole-case.ts';

const USERS = 'CREATE TABLE users (id bigint PRIMARY KEY, age int, nick text, rank int);';
const VIEW = `${USERS}\nCREATE VIEW ages AS SELECT id, age FROM users;`;
const TRIGGER = `${USERS}\nCREATE FUNCTION tick() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\nCREATE TRIGGER ticks BEFORE UPDATE OF age ON users FOR EACH ROW EXECUTE FUNCTION tick();`;
const POLICY = `${USERS}\nALTER TABLE users ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON users USING (nick <> 'x');`;
const FUNCTION = `${USERS}\nCREATE FUNCTION years(n bigint) RETURNS int LANGUAGE sql AS 'SELECT age FROM users WHERE id = n';`;
const RULE = `${USERS}\nCREATE RULE kept AS ON DELETE TO users DO INSTEAD UPDATE users SET nick = 'gone' WHERE id = OLD.id;`;

const CASES: readonly (readonly [name: string, before: string, sql: string])[] = [
  [
    'a view around a change of type',
    VIEW,
    'DROP VIEW ages;\nALTER TABLE users ALTER COLUMN age TYPE bigint;\nCREATE VIEW ages AS SELECT id, age FROM users;',
  ],
  [
    'a view around a rename',
    VIEW,
    'DROP VIEW ages;\nALTER TABLE users RENAME COLUMN age TO years;\nCREATE VIEW ages AS SELECT id, years FROM users;',
  ],
  [
    'a view around a drop',
    VIEW,
    'DROP VIEW ages;\nALTER TABLE users DROP COLUMN age;\nCREATE VIEW ages AS SELECT id, nick FROM users;',
  ],
  [
    'views on each other around the types of two columns',
    `${VIEW}\nCREATE VIEW ranks AS SELECT a.id, a.age, u.rank FROM ages a JOIN users u ON u.id = a.id;`,
    'DROP VIEW ranks;\nDROP VIEW ages;\nALTER TABLE users ALTER COLUMN age TYPE bigint;\nALTER TABLE users ALTER COLUMN rank TYPE bigint;\nCREATE VIEW ages AS SELECT id, age FROM users;\nCREATE VIEW ranks AS SELECT a.id, a.age, u.rank FROM ages a JOIN users u ON u.id = a.id;',
  ],
  [
    'a view around the name of its table',
    VIEW,
    'DROP VIEW ages;\nALTER TABLE users RENAME TO people;\nCREATE VIEW ages AS SELECT id, age FROM people;',
  ],
  [
    'a view around a required column, with an index',
    VIEW,
    'DROP VIEW ages;\nALTER TABLE users ADD COLUMN state text NOT NULL;\nCREATE VIEW ages AS SELECT id, age, state FROM users;\nCREATE INDEX users_state ON users (state);',
  ],
  [
    'a trigger around a change of type',
    TRIGGER,
    'DROP TRIGGER ticks ON users;\nALTER TABLE users ALTER COLUMN age TYPE bigint;\nCREATE TRIGGER ticks BEFORE UPDATE OF age ON users FOR EACH ROW EXECUTE FUNCTION tick();',
  ],
  [
    'a trigger around a rename',
    TRIGGER,
    'DROP TRIGGER ticks ON users;\nALTER TABLE users RENAME COLUMN age TO years;\nCREATE TRIGGER ticks BEFORE UPDATE OF years ON users FOR EACH ROW EXECUTE FUNCTION tick();',
  ],
  [
    'a policy around a change of type',
    POLICY,
    "DROP POLICY own ON users;\nALTER TABLE users ALTER COLUMN nick TYPE varchar(80);\nCREATE POLICY own ON users USING (nick <> 'x');",
  ],
  [
    'a policy around a rename',
    POLICY,
    "DROP POLICY own ON users;\nALTER TABLE users RENAME COLUMN nick TO handle;\nCREATE POLICY own ON users USING (handle <> 'x');",
  ],
  [
    'a function around a change of type',
    FUNCTION,
    "DROP FUNCTION years(bigint);\nALTER TABLE users ALTER COLUMN age TYPE bigint;\nCREATE FUNCTION years(n bigint) RETURNS bigint LANGUAGE sql AS 'SELECT age FROM users WHERE id = n';",
  ],
  [
    'a rule around a change of type',
    RULE,
    "DROP RULE kept ON users;\nALTER TABLE users ALTER COLUMN nick TYPE varchar(80);\nCREATE RULE kept AS ON DELETE TO users DO INSTEAD UPDATE users SET nick = 'gone' WHERE id = OLD.id;",
  ],
  [
    'an index around a change of type',
    `${USERS}\nCREATE INDEX users_age ON users (age);`,
    'DROP INDEX users_age;\nALTER TABLE users ALTER COLUMN age TYPE bigint;\nCREATE INDEX users_age ON users (age);',
  ],
];

/** What stands in the way of a change, dropped before it and made again after it. */
export const REMADE_CASES: readonly WholeCase[] = CASES.map(([name, before, sql]) => ({
  style: 'made again',
  name,
  before,
  sql,
}));
