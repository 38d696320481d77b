import { beforeAll, expect, test } from 'vitest';
import { findingFixes, wholeFixes } from '../../server/application/use-cases/fix-migration.ts';
import { type Engines, loadEngines } from '../../server/host/load-engines.ts';
import { openExample } from '../support/rule-check.ts';

const NOW = new Date('2026-01-02T03:04:05Z');

/** Nothing here has a name that the language does not ask for. */
const UNNAMED = `CREATE TABLE users (id INTEGER PRIMARY KEY, a INTEGER UNIQUE, b INTEGER CHECK (b > 0), c INTEGER, CHECK (b < c), UNIQUE (b, c));
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id), a INTEGER, b INTEGER, FOREIGN KEY (a) REFERENCES users (a), FOREIGN KEY (b, a) REFERENCES users (b, c), CHECK (a <> b));
`;

/** Changes of all that depends on them, of which each engine refuses some. */
const CHANGES: readonly string[] = [
  'ALTER TABLE users DROP COLUMN a;',
  'ALTER TABLE users DROP COLUMN b;',
  'ALTER TABLE users DROP COLUMN c;',
  'ALTER TABLE orders DROP COLUMN user_id;',
  'ALTER TABLE orders DROP COLUMN a;',
  'ALTER TABLE users RENAME COLUMN a TO d;',
  'ALTER TABLE users RENAME COLUMN b TO d;',
  'ALTER TABLE orders RENAME COLUMN user_id TO owner;',
  'ALTER TABLE users RENAME TO people;',
  'ALTER TABLE orders RENAME TO sales;',
  'DROP TABLE users;',
  'DROP TABLE orders;',
  'ALTER TABLE users ADD COLUMN d INTEGER CHECK (d > 0);',
  'ALTER TABLE users ADD COLUMN d INTEGER UNIQUE;',
  'ALTER TABLE orders ADD COLUMN d INTEGER REFERENCES users;',
  'ALTER TABLE orders ADD COLUMN d INTEGER NOT NULL REFERENCES users (id);',
  'INSERT INTO users (id, a, b, c) VALUES (1, 1, 0, 1);',
  'INSERT INTO users (id, a, b, c) VALUES (1, 1, 1, 1), (2, 1, 1, 1);',
  'UPDATE users SET b = 0;',
  'DELETE FROM users;',
  'CREATE INDEX ON users (a);',
  'ALTER TABLE users ADD CHECK (a > 0);',
  'ALTER TABLE users ADD UNIQUE (c);',
  'ALTER TABLE orders ADD FOREIGN KEY (b) REFERENCES users (id);',
  'ALTER TABLE users ALTER COLUMN a TYPE bigint;',
  'ALTER TABLE users ALTER COLUMN b TYPE text;',
  'ALTER TABLE users ALTER COLUMN c SET NOT NULL;',
  'ALTER TABLE users DROP CONSTRAINT users_a_key;',
  'ALTER TABLE users DROP CONSTRAINT users_pkey CASCADE;',
  'CREATE TABLE users_new (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, c INTEGER);\nINSERT INTO users_new SELECT id, a, b, c FROM users;\nDROP TABLE users;\nALTER TABLE users_new RENAME TO users;',
];

/** A name that is not there: empty quotes, or two spaces where it would stand. */
const NO_NAME = /""|``|\(\)\s+names|\bundefined\b|\S {2,}\S/;

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

test.each(['postgresql', 'sqlite'] as const)(
  'no sentence about %s quotes a name that is not there',
  async (dialect) => {
    const wrong: string[] = [];
    let sentences = 0;
    for (const sql of CHANGES) {
      const { project, path } = await openExample(engines, { dialect, before: [UNNAMED], sql: `${sql}\n` });
      const explained = project.explain(path);
      const said = [
        ...project.lint(path).findings.map(({ message }) => message),
        ...project.lint(path).problems.map(({ message }) => message),
        ...[
          findingFixes(project, path, NOW, { atLine: undefined, rules: new Set() }),
          wholeFixes(project, path, NOW),
        ].flatMap(({ fixes, notFixed }) => [
          ...fixes.flatMap((fix) => [fix.title, ...fix.steps.map((step) => step.title)]),
          ...notFixed.flatMap((why) => ('reason' in why ? [why.reason] : 'message' in why ? [why.message] : [])),
        ]),
        ...(JSON.stringify(explained).match(/"why":"(?:[^"\\]|\\.)*"/g) ?? []).map(
          (text) => (JSON.parse(`{${text}}`) as { readonly why: string }).why,
        ),
      ];
      sentences += said.length;
      wrong.push(...said.filter((each) => NO_NAME.test(each)).map((each) => `${sql}\n  ${each}`));
    }
    expect(sentences).toBeGreaterThan(50);
    expect(wrong).toEqual([]);
  },
);

test('a constraint without a name is told by its columns', async () => {
  const { project, path } = await openExample(engines, {
    dialect: 'sqlite',
    before: [UNNAMED],
    sql: 'ALTER TABLE orders DROP COLUMN b;\n',
  });
  const { notFixed } = findingFixes(project, path, NOW, { atLine: undefined, rules: new Set() });
  expect(JSON.stringify(notFixed)).toContain('The constraint over ');
});
