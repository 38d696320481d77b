import { beforeAll, expect, test } from 'vitest';
import { openProjects } from '../../../server/application/open-project.ts';
import { LineIndex } from '../../../server/core/line-index.ts';
import type { EngineId } from '../../../server/model/engine-id.ts';
import { loadEngines, type Engines } from '../../../server/host/load-engines.ts';
import { MemoryFiles } from '../../support/memory-files.ts';
import { openExample } from '../../support/rule-check.ts';

const TABLES = 'CREATE TABLE users (id bigint PRIMARY KEY, name text, age int);';

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

/** `code: marked text` of each finding, and each problem. */
async function said(sql: string, dialect: EngineId = 'postgresql', before = [TABLES]): Promise<readonly string[]> {
  const { project, path, text } = await openExample(engines, { dialect, before, sql });
  const lines = new LineIndex(text);
  const { findings, problems } = project.lint(path);
  return [
    ...findings.map(
      ({ code, range }) => `${code}: ${text.slice(lines.offset(range.start), lines.offset(range.end)).split('\n')[0]}`,
    ),
    ...problems.map(({ kind, message }) => `${kind}: ${message}`),
  ];
}

test.each([
  ['${schema}.users', '${schema}'],
  ['{{ .schema }}.users', '{{ .schema }}'],
  ['{{schema}}.users', '{{schema}}'],
  ['<%= schema %>.users', '<%= schema %>'],
  ['$(schema).users', '$(schema)'],
  ['%schema%.users', '%schema%'],
  ['__schema__.users', '__schema__'],
  ['__SCHEMA__.users', '__SCHEMA__'],
  ['__prefix__users', '__prefix__'],
  ['__TABLE_PREFIX__users', '__TABLE_PREFIX__'],
  ['app.__prefix__users', '__prefix__'],
  ['${prefix}users', '${prefix}'],
])('a statement about %s is read, and the places in it are exact', async (table, written) => {
  expect(await said(`ALTER TABLE ${table} ADD COLUMN x int, ALTER COLUMN age SET NOT NULL;`)).toEqual([
    `placeholder: ${written}`,
    'required-column: age',
  ]);
});

test.each([
  ['a number', 'SELECT * FROM users LIMIT ${most};'],
  ['a value', "INSERT INTO users VALUES (1, 'x', ${age});"],
  ['a part of a string', "UPDATE users SET name = 'x-${name}' WHERE id = ${id};"],
  ['a default', 'ALTER TABLE users ADD COLUMN x int DEFAULT ${least};'],
  ['a type', 'ALTER TABLE users ADD COLUMN x ${type};'],
])('%s that is replaced makes no false alarm', async (_title, sql) => {
  const codes = (await said(sql)).map((line) => line.split(':')[0]);
  expect(codes.filter((code) => code !== 'placeholder')).toEqual([]);
});

test('a placeholder for more than a name is told, and the statements beside it are read', async () => {
  expect(await said('${grants};\nCREATE INDEX users_age ON users (age);')).toEqual([
    'blocking-index: CREATE INDEX users_age ON users (age)',
    'not-analysed: Not analysed: what stands for ${grants} is not known.',
  ]);
});

test('a name that is replaced in part is told as it is written, in either case', async () => {
  const { project, path } = await openExample(engines, {
    dialect: 'postgresql',
    sql: 'ALTER TABLE %prefix%Users ADD COLUMN x int;\nCREATE INDEX ON ${a}_${b} (y);\nALTER TABLE app_%prefix%USERS ALTER age SET NOT NULL;',
  });
  expect(project.explain(path).statements.map(({ effects }) => effects[0]?.relation)).toEqual([
    'public."%prefix%users"',
    'public."${a}_${b}"',
    'public."app_%prefix%users"',
  ]);
  expect(await said('CREATE TABLE %prefix%Users (id INTEGER);\nDROP TABLE %prefix%users;', 'sqlite')).toEqual([
    'placeholder: %prefix%',
  ]);
});

test('a placeholder in a body of a function is one', async () => {
  expect(
    await said(
      'CREATE FUNCTION age() RETURNS void LANGUAGE sql AS $$ UPDATE ${schema}.users SET age = 1 $$;\nSELECT age();',
    ),
  ).toContain('placeholder: ${schema}');
});

test('what is text, or SQL, is no placeholder', async () => {
  expect(await said('SELECT * FROM users AS __u__ JOIN users AS __new_users ON __u__ IS NULL;')).toEqual([]);
  expect(await said('CREATE TABLE __ef__history (id bigint PRIMARY KEY);')).toEqual([]);
  expect(await said("SELECT '__SCHEMA__' AS __x, 1 AS x__ FROM users AS __history; -- __SCHEMA__.users")).toEqual([]);
  expect(await said("SELECT '${a} {{b}} %c%', 7 %id% 2 FROM users; -- ${d}".replace('7 %id% 2', 'id % 2'))).toEqual([]);
  expect(await said("SELECT (ARRAY[1, 2])[1:id], '1'::int, name LIKE '%ada%' FROM users;")).toEqual([]);
});

test('a script for psql is told with its lines, and the rest of it is read', async () => {
  const { project, path } = await openExample(engines, {
    dialect: 'postgresql',
    before: [TABLES],
    sql: [
      '\\set ON_ERROR_STOP on',
      '\\echo begin',
      'CREATE INDEX users_age ON users (age);',
      '\\if :{?seed}',
      'COPY users (id, name) FROM stdin;',
      '1\tAda',
      '\\.',
      '\\endif',
      'ALTER TABLE users ALTER COLUMN age SET NOT NULL;',
    ].join('\n'),
  });
  const { findings, problems } = project.lint(path);
  expect(findings.map(({ code }) => code)).toEqual(['client-command', 'blocking-index', 'required-column']);
  expect(findings[0]?.message).toBe(
    'Only psql understands \\set, \\echo, \\if, COPY ... FROM stdin and 1 more (lines 1 to 2 and 4 to 8): "lockstep apply" cannot run this migration. Run it with psql, or write it in SQL alone.',
  );
  expect(problems).toEqual([]);
  // What a condition of the script decides on may not happen.
  expect(project.explain(path).statements[4]?.effects).toEqual([
    expect.objectContaining({ relation: 'public.users', lock: 'RowExclusiveLock', certainty: 'may' }),
  ]);
});

test('a variable is said to be replaced, by whoever does it', async () => {
  const { project, path } = await openExample(engines, {
    dialect: 'postgresql',
    sql: 'CREATE SCHEMA :APP_SCHEMA;\nCREATE TABLE :APP_SCHEMA.users (id bigint PRIMARY KEY);\n',
  });
  expect(project.lint(path).findings.map(({ message }) => message)).toEqual([
    ':APP_SCHEMA (lines 1 to 2) is replaced before the database gets the text, as psql does it: "lockstep apply" cannot run this migration as it is.',
  ]);
});

test('what a client does that changes more than its own settings is not analysed', async () => {
  expect((await said('\\connect other\n')).slice(1)).toEqual([
    'not-analysed: Not analysed: \\connect is a command of psql: what follows is run in another database.',
  ]);
  expect((await said('\\i more.sql\n')).slice(1)).toEqual([
    'not-analysed: Not analysed: \\i is a command of psql: another file is run here.',
  ]);
  expect(
    await said('.headers on\n.read more.sql\n', 'sqlite', ['CREATE TABLE users (id INTEGER PRIMARY KEY);']),
  ).toEqual([
    'client-command: .headers on',
    'not-analysed: ".read" is a command of the sqlite3 shell: what it does is not analysed.',
  ]);
});

test("a tool's own values are what is read, however long they are, and no place moves", async () => {
  const files = new MemoryFiles();
  files.files.set(
    '/work/app/flyway.toml',
    '[flyway]\nlocations = ["filesystem:db"]\n[flyway.placeholders]\ns = "a_schema_with_a_long_name"\n',
  );
  files.files.set(
    '/work/app/db/V1__a.sql',
    'CREATE SCHEMA ${s};\nCREATE TABLE ${s}.users (id bigint PRIMARY KEY, age int);\n',
  );
  const text = 'ALTER TABLE ${s}.users ALTER COLUMN age SET NOT NULL;\nALTER TABLE ${t} ADD COLUMN x int;\n';
  files.files.set('/work/app/db/V2__b.sql', text);
  const { projects } = await openProjects({
    root: '/work/app',
    files,
    engines: engines,
    overrides: { dialect: 'postgresql' },
  });
  const [project] = projects;
  const lines = new LineIndex(text);
  const { findings } = project?.lint('db/V2__b.sql') ?? { findings: [] };
  expect(
    findings.map(({ code, relation, range }) => [
      code,
      relation,
      text.slice(lines.offset(range.start), lines.offset(range.end)),
    ]),
  ).toEqual([
    ['required-column', 'a_schema_with_a_long_name.users', 'age'],
    ['placeholder', null, '${t}'],
  ]);
});
