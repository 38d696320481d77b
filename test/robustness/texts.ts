import { FAMILIES } from '../database/forms/index.ts';
import { FIXTURE } from '../database/support/locks-fixture.ts';
import { RULES } from '../../server/rules/index.ts';
import type { EngineId } from '../../server/model/engine-id.ts';
import { STATEMENTS } from '../engines/postgresql/statements.ts';
import { CORPUS } from '../engines/sqlite/corpus.ts';
import { unmark } from '../support/rule-check.ts';

/** How many times more cases are tried than by default: `LOCKSTEP_ROBUSTNESS=20` for a long run. */
export const EFFORT = Number(process.env['LOCKSTEP_ROBUSTNESS'] ?? '1');

/** Seed of the random choices, so that a failing run can be had again; a long run takes another one each time. */
export const SEED = Number(process.env['LOCKSTEP_SEED'] ?? (EFFORT > 1 ? Date.now() % 1_000_000 : 7));

/** Statements that every dialect's texts are made of: whatever the oracle probes, and every example of a rule. */
export function texts(dialect: EngineId): readonly string[] {
  const examples = RULES.flatMap((rule) => [...rule.bad, ...rule.good])
    .filter((example) => example.dialect === dialect)
    .flatMap((example) => [...(example.before ?? []), unmark(example.sql).text]);
  return dialect === 'postgresql'
    ? [
        ...FAMILIES.flatMap((family) => family.forms.map((form) => form.sql)),
        ...examples,
        ...STATEMENTS.map(([sql]) => sql),
        ...PROCEDURAL,
      ]
    : [...examples, ...CORPUS, ...LITE];
}

/** Tables that the statements are about. */
export function firstMigration(dialect: EngineId): string {
  return dialect === 'postgresql'
    ? FIXTURE.filter((part) => part.from === undefined)
        .map((part) => part.fold)
        .join('\n')
    : LITE_TABLES;
}

const LITE_TABLES = `CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INT CHECK (age > 0));
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INT REFERENCES users (id), total REAL DEFAULT 0);
CREATE INDEX orders_user ON orders (user_id) WHERE total > 0;
CREATE VIEW grown AS SELECT id FROM users WHERE age > 17;
CREATE TRIGGER touched AFTER UPDATE ON users BEGIN UPDATE orders SET total = total + 1 WHERE user_id = new.id; SELECT 1; END;
`;

/** Bodies within bodies, which are read in place. */
const PROCEDURAL = [
  'DO $$ DECLARE n int; BEGIN FOR n IN SELECT 1 LOOP UPDATE users SET age = n; EXIT WHEN n > 1; END LOOP; EXCEPTION WHEN others THEN NULL; END $$;',
  'CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $body$ BEGIN EXECUTE \'ALTER TABLE users ADD COLUMN "ü😀" int\'; END $body$;',
  'CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END;',
  'COPY users (id) FROM stdin;\n1\n2\n\\.\n',
  '\\set x 1\nSELECT :x;\n',
  "SELECT E'a\\'b', U&\"\\0041\", $tag$ x $tag$, '😀' -- 😀\n, /* /* 😀 */ */ 1;",
];

const LITE = [
  'ALTER TABLE users RENAME COLUMN name TO "näme 😀";',
  'PRAGMA foreign_keys = off;',
  'CREATE TABLE [a b] (`c` INT, "d" TEXT GENERATED ALWAYS AS (c + 1) STORED) STRICT, WITHOUT ROWID;',
  'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) INSERT INTO users SELECT i, i, i FROM n;',
  '.tables\n',
  'VACUUM; ANALYZE users; REINDEX orders_user;',
  "CREATE TRIGGER t INSTEAD OF INSERT ON grown BEGIN SELECT RAISE(ABORT, 'no'); END;",
  'BEGIN IMMEDIATE; DELETE FROM orders; COMMIT;',
  'ALTER TABLE users DROP COLUMN age; DROP TABLE IF EXISTS orders;',
];
