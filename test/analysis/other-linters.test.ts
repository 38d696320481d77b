import { beforeAll, expect, test } from 'vitest';
import { OTHER_LINTER_RULES } from '../../server/analysis/other-linter-rules.ts';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { RULES } from '../../server/rules/index.ts';
import { openExample } from '../support/rule-check.ts';

const CODE = 'allow-of-another-linter';
const TABLES =
  'CREATE TABLE users (id bigint PRIMARY KEY, name text, age int);\nCREATE TABLE orders (id bigint PRIMARY KEY, u bigint);';
const DROP = 'ALTER TABLE users DROP COLUMN age;';
const RENAME = 'ALTER TABLE users RENAME COLUMN name TO nick;';
const INDEX = 'CREATE INDEX users_age ON users (age);';
const OURS = '-- lockstep: allow drop-before-contract because';

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

async function look(sql: string): Promise<{ readonly codes: readonly string[]; readonly fixed: string | undefined }> {
  const { project, path } = await openExample(engines, { dialect: 'postgresql', before: [TABLES], sql });
  const fix = project.fixes(path, new Date('2026-01-02T03:04:05Z')).fixes.find((each) => each.code === CODE);
  return { codes: project.lint(path).findings.map(({ code }) => code), fixed: fix?.files[0]?.text };
}

/** What people have in their files, what is still reported beside the comment, and what the fix makes of it. */
const CASES: readonly (readonly [title: string, sql: string, left: readonly string[], fixed: string])[] = [
  ['squawk', `-- squawk-ignore ban-drop-column\n${DROP}`, [], `${OURS} squawk was told so\n${DROP}`],
  [
    'squawk in a block comment',
    `/* squawk-ignore ban-drop-column */\n${DROP}`,
    [],
    `${OURS} squawk was told so\n${DROP}`,
  ],
  ['squawk behind a statement', `${DROP} -- squawk-ignore ban-drop-column`, [], `${DROP} ${OURS} squawk was told so`],
  [
    'squawk, other rules',
    `-- squawk-ignore ban-drop-column, prefer-robust-stmts\n${DROP}\n${RENAME}`,
    ['rename-in-use'],
    `${OURS} squawk was told so\n${DROP}\n${RENAME}`,
  ],
  [
    'squawk, a whole file',
    `-- squawk-ignore-file\n${DROP}\n${RENAME}`,
    [],
    `-- lockstep: allow-file drop-before-contract because squawk was told so\n-- lockstep: allow-file rename-in-use because squawk was told so\n${DROP}\n${RENAME}`,
  ],
  [
    'Atlas, an analyzer',
    `-- atlas:nolint destructive\n${DROP}\n${RENAME}`,
    ['rename-in-use'],
    `${OURS} Atlas was told so\n${DROP}\n${RENAME}`,
  ],
  ['Atlas, a code', `--atlas:nolint DS103\n${DROP}`, [], `${OURS} Atlas was told so\n${DROP}`],
  [
    'Atlas, a whole file',
    `-- atlas:nolint\n\n${DROP}\n${RENAME}`,
    [],
    `-- lockstep: allow-file drop-before-contract because Atlas was told so\n-- lockstep: allow-file rename-in-use because Atlas was told so\n\n${DROP}\n${RENAME}`,
  ],
  [
    'Postgres Language Server, with a reason',
    `-- pgls-ignore lint/safety/banDropColumn: nobody reads it\n${DROP}`,
    [],
    `${OURS} nobody reads it\n${DROP}`,
  ],
  [
    'Postgres Language Server, a rule by its flat name',
    `-- pgls-ignore banDropColumn: nobody reads it\n${DROP}`,
    [],
    `${OURS} nobody reads it\n${DROP}`,
  ],
  [
    'Postgres Language Server, a block whose end names the rule in another form',
    `-- pgls-ignore-start lint/banDropColumn: gone\n${DROP}\n-- pgls-ignore-end banDropColumn\n${RENAME}`,
    ['rename-in-use'],
    `${OURS} gone\n${DROP}\n${RENAME}`,
  ],
  [
    'Postgres Language Server, a whole file',
    `\n-- pgls-ignore-all lint/safety/renamingColumn\n-- pgls-ignore-all banDropColumn: gone\n${DROP}`,
    [],
    `\n-- pgls-ignore-all lint/safety/renamingColumn\n-- lockstep: allow-file drop-before-contract because gone\n${DROP}`,
  ],
  [
    'Postgres Language Server, a group of rules with a reason',
    `-- pgls-ignore lint/safety: nobody reads it\n${DROP}`,
    [],
    `${OURS} nobody reads it\n${DROP}`,
  ],
  [
    'Postgres Language Server, a group of rules in a block',
    `-- pgls-ignore-start lint/safety: gone\n${DROP}\n-- pgls-ignore-end lint/safety\n${RENAME}`,
    ['rename-in-use'],
    `${OURS} gone\n${DROP}\n${RENAME}`,
  ],
  [
    'Postgres Language Server, a group of rules for a whole file',
    `-- pgls-ignore-all lint/safety: gone\n${DROP}`,
    [],
    `-- lockstep: allow-file drop-before-contract because gone\n${DROP}`,
  ],
  [
    'Postgres Language Server, a category',
    `-- pgt-ignore lint\n${DROP}`,
    [],
    `${OURS} Postgres Language Server was told so\n${DROP}`,
  ],
  [
    'Postgres Language Server, a block',
    `-- pgt-ignore-start lint/safety/banDropColumn: gone\n${DROP}\n-- pgt-ignore-end lint/safety/banDropColumn\n${RENAME}`,
    ['rename-in-use'],
    `${OURS} gone\n${DROP}\n${RENAME}`,
  ],
  [
    'eugene',
    '-- eugene: ignore E2, E4\nALTER TABLE users ALTER COLUMN age SET NOT NULL;',
    [],
    '-- lockstep: allow required-column because eugene was told so\nALTER TABLE users ALTER COLUMN age SET NOT NULL;',
  ],
  [
    'pgfence',
    `-- pgfence-ignore: create-index-not-concurrent\n${INDEX}`,
    [],
    `-- lockstep: allow blocking-index because pgfence was told so\n${INDEX}`,
  ],
  [
    'MigrationPilot',
    `-- migrationpilot-disable MP001\n${INDEX}`,
    [],
    `-- lockstep: allow blocking-index because MigrationPilot was told so\n${INDEX}`,
  ],
  ['pgsafe', `-- pgsafe:ignore drop-column  unused since 3.1\n${DROP}`, [], `${OURS} unused since 3.1\n${DROP}`],
  [
    'diesel-guard',
    `-- safety-assured:start\n${DROP}\n-- safety-assured:end\n${RENAME}`,
    ['rename-in-use'],
    `${OURS} diesel-guard was told so\n${DROP}\n${RENAME}`,
  ],
  [
    'the word of strong_migrations',
    `-- safety_assured\n${DROP}\n${RENAME}`,
    ['rename-in-use'],
    `${OURS} strong_migrations was told so\n${DROP}\n${RENAME}`,
  ],
  [
    'the word of strong_migrations with a reason',
    `${DROP} -- safety-assured: nobody reads it\n${RENAME}`,
    ['rename-in-use'],
    `${DROP} ${OURS} nobody reads it\n${RENAME}`,
  ],
];

test.each(CASES)(
  '%s: the comment allows the rules that it means, and becomes our line',
  async (_title, sql, left, fixed) => {
    const before = await look(sql);
    expect(before.codes.filter((code) => code !== CODE)).toEqual(left);
    expect(before.codes).toContain(CODE);
    expect(before.fixed).toBe(fixed);
    // Nothing comes back, and no line is one too many.
    expect((await look(fixed)).codes).toEqual(left);
  },
);

test.each([
  ['a rule that is none of ours', `-- squawk-ignore prefer-robust-stmts\n${DROP}`],
  ['a rule that nobody has', `-- squawk-ignore no-such-rule\n${DROP}`],
  ['a word that only looks like it', `-- squawk-ignored ban-drop-column\n${DROP}`],
  ['a comment about a whole file that does not begin it', `SELECT 1;\n-- pgls-ignore-all banDropColumn\n${DROP}`],
  ['a block that never ends', `-- safety-assured:start\n${DROP}`],
])('%s allows nothing, and nothing is said of it', async (_title, sql) => {
  expect((await look(sql)).codes).toEqual(['drop-before-contract']);
});

test('a comment that allows what is not there is silent', async () => {
  expect((await look(`-- squawk-ignore ban-drop-column\nALTER TABLE users ADD COLUMN nick text;`)).codes).toEqual([]);
});

test('what the rules of other linters stand for are rules of ours', () => {
  const known = new Set(RULES.map(({ code }) => code));
  const named = Object.values(OTHER_LINTER_RULES).flatMap((table) => Object.values(table).flat());
  expect(named.filter((code) => !known.has(code))).toEqual([]);
});
