import { beforeAll, describe, expect, test } from 'vitest';
import type { WholeFix } from '../../server/analysis/fix-whole.ts';
import { findingFixes, wholeFixes } from '../../server/application/use-cases/fix-migration.ts';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { openExample, type OpenedExample, writeFiles } from '../support/rule-check.ts';
import { withSaidValues } from '../support/said-values.ts';

const USERS = `CREATE TABLE users (id bigint PRIMARY KEY, email text, name text, age int);
CREATE INDEX users_name ON users (name);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id), total numeric(10,2) NOT NULL DEFAULT 0);`;

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

async function fixed(
  sql: string,
  before = USERS,
): Promise<{ readonly example: OpenedExample; readonly fix: WholeFix }> {
  const example = await openExample(engines, { dialect: 'postgresql', version: '17', before: [before], sql });
  const [fix] = example.project.fixWhole(example.path, new Date('2026-01-02T03:04:05Z'));
  if (fix === undefined) throw new Error('no finding');
  if (fix.kind === 'fix') await writeFiles(example, withSaidValues(fix.proposal).files);
  return { example, fix };
}

/** The up halves after the first migration, comments and settings left out. */
function sqlOf({ project }: OpenedExample): readonly string[] {
  return project.migrations.migrations
    .slice(1)
    .map(({ upPath }) => (project.textOf(upPath) ?? '').replaceAll(/^--.*\n/gm, '').trim());
}

describe('a whole migration', () => {
  test('is named after what one recipe does, and after the migration where several do', async () => {
    const changes = async (sql: string): Promise<readonly string[]> => {
      const { example } = await fixed(sql);
      const texts = example.project.migrations.migrations.map(({ upPath }) => example.project.textOf(upPath) ?? '');
      return [...new Set(texts.flatMap((text) => /^-- lockstep: change (\S+)/m.exec(text)?.[1] ?? []))];
    };
    const filled =
      "ALTER TABLE users ADD COLUMN state text;\nUPDATE users SET state = 'a';\nALTER TABLE users ALTER state SET NOT NULL;";
    expect(await changes(filled)).toEqual(['users-state']);
    expect(await changes(`${filled}\nALTER TABLE users DROP COLUMN age;`)).toEqual([expect.stringMatching(/^\d/)]);
  });

  test('gives each step a file of its own where the settings say so', async () => {
    const sql = 'ALTER TABLE users ADD COLUMN a text NOT NULL, ADD COLUMN b text NOT NULL;';
    const filesOf = async (settings?: string): Promise<number> => {
      const example = await openExample(
        engines,
        { dialect: 'postgresql', version: '17', before: [USERS], sql },
        undefined,
        settings,
      );
      const [fix] = example.project.fixWhole(example.path, new Date('2026-01-02T03:04:05Z'));
      return fix?.kind === 'fix' ? fix.proposal.steps.length : 0;
    };
    const few = await filesOf();
    expect(few).toBeGreaterThan(0);
    expect(await filesOf('{ "fix": { "files": "one-each" } }')).toBeGreaterThan(few);
  });

  test('says of each step whom it keeps waiting', async () => {
    const { fix } = await fixed(
      'CREATE INDEX users_age ON users (age);\nALTER TABLE orders ADD COLUMN state text NOT NULL;',
    );
    expect(fix.kind === 'fix' ? fix.proposal.steps.map(({ title, locks }) => [title, ...locks]) : fix).toEqual([
      ['Build index users_age'],
      [
        'Add orders.state, nullable',
        { relation: 'public.orders', lock: 'AccessExclusiveLock', blocks: ['reads', 'writes', 'ddl'] },
      ],
      ['Fill orders.state in old rows'],
      [
        expect.stringContaining('orders.state'),
        { relation: 'public.orders', lock: 'AccessExclusiveLock', blocks: ['reads', 'writes', 'ddl'] },
      ],
      [expect.stringContaining('orders.state')],
      [
        expect.stringContaining('orders.state'),
        { relation: 'public.orders', lock: 'AccessExclusiveLock', blocks: ['reads', 'writes', 'ddl'] },
      ],
    ]);
  });

  test('is split into a migration for each table where the transaction locks several, wherever their statements stand', async () => {
    const users = 'ALTER TABLE users ADD COLUMN a int;';
    const orders = 'ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders ADD COLUMN b int;';
    const { example } = await fixed(`${users} ${orders} ALTER TABLE users ADD COLUMN b int;`);
    expect(sqlOf(example).map((sql) => sql.split(/;\s*/).slice(0, -1))).toEqual([
      ['ALTER TABLE users ADD COLUMN a int', 'ALTER TABLE users ADD COLUMN b int'],
      ['ALTER TABLE orders ADD COLUMN a int', 'ALTER TABLE orders ADD COLUMN b int'],
    ]);
  });

  test('keeps the order of what needs each other when it is split by tables, and says where that cannot be', async () => {
    const { example } = await fixed(
      'ALTER TABLE users ADD COLUMN code int;\nALTER TABLE orders ADD COLUMN code int;\nALTER TABLE users ADD CONSTRAINT users_code UNIQUE (code);\nALTER TABLE orders ADD FOREIGN KEY (code) REFERENCES users (code) NOT VALID;',
    );
    const order = sqlOf(example).join('\n');
    expect(order.indexOf('users_code')).toBeLessThan(order.indexOf('FOREIGN KEY'));
    const { project, path } = await openExample(engines, {
      dialect: 'postgresql',
      before: [USERS],
      sql: 'ALTER TABLE users ADD COLUMN a int;\nALTER TABLE orders ADD COLUMN a int;\nSET search_path = x;\nALTER TABLE orders ADD COLUMN b int;',
    });
    const { fixes, skipped } = project.fixes(path, new Date(0), ({ code }) => code === 'several-tables-locked');
    expect(fixes).toEqual([]);
    expect(skipped.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^Its steps would not be clean: .*several-tables-locked: This waits for .* on orders/),
    ]);
  });

  test('takes a statement out with its semicolon, whatever stands between them', async () => {
    const kept = 'ALTER TABLE users ADD COLUMN note text';
    for (const between of [' -- why; so\n', '\n', ' /* why; */ -- so\n\n  ']) {
      const { example } = await fixed(`${kept};\nALTER TABLE users ADD COLUMN code text NOT NULL${between};\n`);
      expect(sqlOf(example)[0], between).toBe(`${kept};`);
    }
    // Whether the comment ends there is for the database to say.
    const { example } = await fixed(`${kept};\nALTER TABLE users ADD COLUMN code text NOT NULL /* a /* b */ ; c */;\n`);
    expect(sqlOf(example)[0]).toContain('/* a /* b */ ; c */;');
  });

  test('says of a generated column what comes of it instead, and of a migration that the database has that it stays', async () => {
    const { example, fix } = await fixed(
      'ALTER TABLE users ADD COLUMN low text GENERATED ALWAYS AS (lower(name)) STORED;',
    );
    expect(fix).toMatchObject({
      kind: 'nothing',
      left: [{ reason: expect.stringContaining('"fix --statement" makes "low" a plain column') as string }],
    });
    const applied = new Set(example.project.migrations.migrations.map(({ id }) => id));
    example.project.setDatabase({ applied, version: 17 });
    for (const { fixes, notFixed } of [
      wholeFixes(example.project, example.path, new Date(0)),
      findingFixes(example.project, example.path, new Date(0), { atLine: undefined, rules: new Set() }),
    ])
      expect({ fixes, notFixed }).toEqual({ fixes: [], notFixed: [{ code: 'applied', id: '0002_example' }] });
  });

  test('is not made of a migration of which a part was done by hand: what is there is named', async () => {
    const sql = 'ALTER TABLE users ADD COLUMN code text;\nALTER TABLE users ALTER COLUMN code SET NOT NULL;';
    const done = { dialect: 'postgresql', before: [USERS], sql: 'ALTER TABLE users ADD COLUMN code text;' } as const;
    const catalog = (await openExample(engines, done)).project.schema();
    const half = await openExample(engines, { dialect: 'postgresql', version: '17', before: [USERS], sql });
    half.project.setDatabase({ applied: new Set(['0001_before']), catalog, version: 17 });
    const [fix] = half.project.fixWhole(half.path, new Date(0));
    expect(fix).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('users has a column "code" already') as string,
    });
  });

  test.each([
    [
      'what the tool runs in a transaction, and what it cannot',
      'CREATE INDEX CONCURRENTLY users_age ON users (age);\nALTER TABLE users ADD CONSTRAINT users_old CHECK (age > 0);',
      [
        'CREATE INDEX CONCURRENTLY users_age ON users (age);',
        'ALTER TABLE users ADD CONSTRAINT users_old CHECK (age > 0) NOT VALID;',
        'ALTER TABLE users VALIDATE CONSTRAINT users_old;',
      ],
    ],
    [
      'what it runs outside of one',
      '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY users_age ON users (age);\nVACUUM users;\nALTER TABLE users ADD CONSTRAINT users_old CHECK (age > 0);',
      [
        'CREATE INDEX CONCURRENTLY users_age ON users (age);\nVACUUM users;',
        'ALTER TABLE users ADD CONSTRAINT users_old CHECK (age > 0) NOT VALID;',
        'ALTER TABLE users VALIDATE CONSTRAINT users_old;',
      ],
    ],
  ])('of one file has %s apart', async (_name, sql, files) => {
    const { example } = await fixed(sql);
    expect(sqlOf(example)).toEqual(files);
  });

  test('is not made where the file itself ends the transaction, which comes first', async () => {
    const { fix } = await fixed(
      'BEGIN;\nALTER TABLE users ADD CONSTRAINT users_old CHECK (age > 0);\nCOMMIT;\nCREATE INDEX CONCURRENTLY users_age ON users (age);',
    );
    expect(fix.kind).not.toBe('fix');
    expect(JSON.stringify(fix)).toContain('Leave BEGIN and COMMIT out');
  });

  test('has what nothing can be done about as it is, and says what to do', async () => {
    const loop = 'DO $$ BEGIN LOOP UPDATE users SET age = 0 WHERE age IS NULL; EXIT WHEN NOT FOUND; END LOOP; END $$;';
    const { example, fix } = await fixed(`${loop}\nCREATE INDEX orders_total ON orders (total);`);
    expect(fix).toMatchObject({
      kind: 'fix',
      left: [
        { code: 'unbatched-update', reason: expect.stringContaining('COMMIT after each of its batches') as string },
      ],
    });
    expect(sqlOf(example)).toEqual([loop, 'CREATE INDEX CONCURRENTLY orders_total ON orders (total);']);
    const alone = await fixed(loop);
    expect(alone.fix).toMatchObject({
      kind: 'nothing',
      left: [{ reason: expect.stringContaining('as a statement of its own') as string }],
    });
  });

  test('empties a table by deleting its rows only where all is known that this sets off', async () => {
    const emptied = async (before: string): Promise<string> => {
      const { fix } = await fixed('TRUNCATE people;', before);
      return fix.kind === 'fix' ? fix.proposal.files.map(({ text }) => text).join('') : JSON.stringify(fix);
    };
    expect(await emptied('CREATE TABLE people (id bigint PRIMARY KEY);')).toContain('DELETE FROM');
    expect(await emptied('CREATE TABLE others (id bigint PRIMARY KEY);')).toContain('is in no migration');
  });

  test('asks for the value of empty rows that an UPDATE leaves as they are', async () => {
    for (const [set, isAsked] of [
      ['age = age', true],
      ['age = NULL', true],
      ['age = 7', false],
    ] as const) {
      const { fix } = await fixed(
        `UPDATE users SET ${set} WHERE age IS NULL;\nALTER TABLE users ALTER COLUMN age SET NOT NULL;`,
      );
      expect(fix.kind === 'fix' && fix.proposal.values.length > 0, set).toBe(isAsked);
    }
  });

  test('says once what several statements have in common', async () => {
    const { fix } = await fixed(
      'CREATE TEMPORARY TABLE old AS SELECT id FROM users;\nALTER TABLE users ADD COLUMN a int;\nUPDATE orders SET total = 0 WHERE user_id IN (SELECT id FROM old);\nUPDATE orders SET total = 1 WHERE user_id IN (SELECT id FROM old);',
    );
    expect(fix.left.map(({ code }) => code)).toEqual([...new Set(fix.left.map(({ code }) => code))]);
    expect(fix.left[0]?.reason).toContain('The temporary table old is there for this migration only');
  });

  test('of 238 statements stays a few files, each of which holds every statement of its kind', async () => {
    const count = 119;
    const { example } = await fixed(
      Array.from({ length: count }, (_, index) =>
        index % 2 === 0
          ? `ALTER TABLE users ADD COLUMN c${index} int;\nCREATE INDEX i${index} ON users (age, (age + ${index}));`
          : `CREATE TABLE t${index} (id bigint PRIMARY KEY);\nUPDATE users SET c${index - 1} = ${index};`,
      ).join('\n'),
    );
    const all = sqlOf(example);
    expect(all.length).toBeLessThan(70);
    const text = all.join('\n');
    for (let index = 0; index < count; index++)
      expect(text).toContain(index % 2 === 0 ? `CREATE INDEX CONCURRENTLY i${index} ` : `CREATE TABLE t${index} `);
  });

  test('is offered beside a finding about what the schema becomes, which its steps end in too', async () => {
    const { fix } = await fixed(
      'CREATE INDEX users_name_too ON users (name);\nALTER TABLE users ADD COLUMN a text NOT NULL;',
    );
    expect(fix.kind).toBe('fix');
  });

  test('leaves an index out that another one covers, with what takes it back, and says so', async () => {
    const alone = await fixed('CREATE INDEX users_name_too ON users (name);');
    expect(alone.fix).toMatchObject({
      kind: 'fix',
      leftOut: ['public\0users_name_too'],
      proposal: { title: 'Leave out users_name_too, which another index covers', steps: [] },
    });
    expect(sqlOf(alone.example)).toEqual([]);
    const { example, fix } = await fixed(
      'CREATE UNIQUE INDEX users_email ON users (email);\nCREATE INDEX users_email_too ON users (email);\nALTER TABLE users ADD COLUMN a text;',
    );
    expect(fix).toMatchObject({ proposal: { title: expect.stringContaining('without users_email_too') } });
    expect(sqlOf(example).join()).not.toContain('users_email_too');
    const { fix: used } = await fixed('CREATE INDEX i ON users (name);\nDROP INDEX i;');
    expect(used).not.toMatchObject({ leftOut: ['public\0i'] });
  });

  test('takes a constraint out of a block that minds nothing, which goes on where it may be there', async () => {
    const block =
      'DO $$ BEGIN\n ALTER TABLE orders ADD CONSTRAINT orders_more CHECK (total > 0);\nEXCEPTION\n WHEN duplicate_object THEN null;\nEND $$;';
    const { example } = await fixed(block);
    expect(sqlOf(example)).toEqual([
      'ALTER TABLE orders ADD CONSTRAINT orders_more CHECK (total > 0) NOT VALID;',
      'ALTER TABLE orders VALIDATE CONSTRAINT orders_more;',
    ]);
    const unsure = `${USERS}\nDO $$ BEGIN IF current_user = 'x' THEN ALTER TABLE orders ADD CONSTRAINT orders_other CHECK (total > 1); END IF; END $$;`;
    const { example: other } = await fixed(block, unsure);
    expect(sqlOf(other)).toEqual([
      'DO $guard$ BEGIN\n  ALTER TABLE orders ADD CONSTRAINT orders_more CHECK (total > 0) NOT VALID;\nEXCEPTION WHEN duplicate_object THEN NULL;\nEND $guard$;',
      'ALTER TABLE orders VALIDATE CONSTRAINT orders_more;',
    ]);
  });

  test('gives a constraint its index in the file that builds it, or builds it again on the way back', async () => {
    const { example } = await fixed('ALTER TABLE users ADD CONSTRAINT users_name_key UNIQUE (name);');
    const [migration, ...others] = example.project.migrations.migrations.slice(1);
    expect(others).toEqual([]);
    expect(sqlOf(example).join()).toMatch(
      /^DROP INDEX CONCURRENTLY IF EXISTS users_name_key;\nCREATE UNIQUE INDEX CONCURRENTLY users_name_key .*;\nALTER TABLE users ADD CONSTRAINT users_name_key UNIQUE USING INDEX users_name_key;$/,
    );
    expect(example.project.textOf(migration?.downPath ?? '')).toMatch(
      /ALTER TABLE users DROP CONSTRAINT users_name_key;\nDROP INDEX CONCURRENTLY IF EXISTS users_name_key;/,
    );
    // Key columns are required between the two.
    const key = await fixed(
      'ALTER TABLE logs ADD CONSTRAINT logs_pkey PRIMARY KEY (code);',
      'CREATE TABLE logs (code text);',
    );
    const paths = key.example.project.migrations.migrations.map(({ downPath }) => downPath ?? '');
    const down =
      paths
        .map((path) => key.example.project.textOf(path) ?? '')
        .find((text) => text.includes('RENAME TO logs_pkey')) ?? '';
    expect(down.replaceAll(/^--.*\n/gm, '').trim()).toBe(
      [
        'DROP INDEX CONCURRENTLY IF EXISTS "logs_pkey_again";',
        'CREATE UNIQUE INDEX CONCURRENTLY "logs_pkey_again" ON logs (code);',
        'ALTER TABLE logs DROP CONSTRAINT IF EXISTS logs_pkey;',
        'ALTER INDEX "logs_pkey_again" RENAME TO logs_pkey;',
      ].join('\n'),
    );
  });

  test('writes names as the database keeps them, in the steps too', async () => {
    const long = `users_${'x'.repeat(60)}`;
    const { example, fix } = await fixed(
      `CREATE INDEX ${long} ON users (email);\nALTER TABLE users ADD CONSTRAINT "${long}_check" CHECK (age > 0);`,
    );
    expect(fix.kind).toBe('fix');
    const sql = sqlOf(example).join('\n');
    expect(sql).not.toContain(long);
    expect(sql).toContain(`CONCURRENTLY ${long.slice(0, 63)} ON`);
    // What is not written is not changed.
    const { project, path } = await openExample(engines, {
      dialect: 'postgresql',
      version: '17',
      before: [USERS],
      sql: `CREATE INDEX ${long} ON users (email);`,
    });
    project.fixWhole(path, new Date('2026-01-02T03:04:05Z'));
    expect(project.textOf(path)).toContain(long);
  });

  test('leaves what reads a temporary table of the migration beside it', async () => {
    const { fix } = await fixed(
      'CREATE TEMP TABLE gone AS SELECT id FROM users;\nUPDATE users SET name = email FROM gone WHERE gone.id = users.id;\nALTER TABLE orders ADD COLUMN note text NOT NULL;',
    );
    expect(fix.left.map(({ reason }) => reason).join()).toContain(
      'The temporary table gone is there for this migration only',
    );
    expect(fix.kind).not.toBe('fix');
  });

  test('takes nothing back of a NOT NULL that was there', async () => {
    const { example } = await fixed(
      'UPDATE orders SET total = 0 WHERE total < 0;\nALTER TABLE orders ALTER COLUMN total SET NOT NULL;',
    );
    const downs = example.project.migrations.migrations.map(
      ({ downPath }) => example.project.textOf(downPath ?? '') ?? '',
    );
    expect(downs.join('\n')).not.toContain('DROP NOT NULL');
  });

  test('drops an index before the column that it is over, once', async () => {
    const { example } = await fixed('DROP INDEX users_name;\nALTER TABLE users DROP COLUMN name;');
    expect(sqlOf(example)).toEqual(['DROP INDEX CONCURRENTLY users_name;', 'ALTER TABLE users DROP COLUMN name;']);
  });

  test('drops a foreign key before the table that it points at', async () => {
    const { example } = await fixed('ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey;\nDROP TABLE users;');
    expect(sqlOf(example).join('\n')).toMatch(/DROP CONSTRAINT orders_user_id_fkey;[\s\S]*DROP TABLE users;/);
  });

  test('keeps a number as the default that it was', async () => {
    const { example } = await fixed('ALTER TABLE orders ALTER COLUMN total TYPE numeric(12,4);');
    const all = sqlOf(example).join('\n');
    expect(all).toContain('SET DEFAULT 0;');
    expect(all).not.toContain('CAST(0');
  });

  test('takes the default around a change of type for a part of it', async () => {
    const { example } = await fixed(
      "ALTER TABLE orders ALTER total DROP DEFAULT, ALTER total TYPE text USING total::text, ALTER total SET DEFAULT 'none';",
    );
    const all = sqlOf(example).join('\n');
    expect(all).toContain("SET DEFAULT 'none';");
    expect(all).not.toContain('ALTER COLUMN total DROP DEFAULT');
    expect(all).not.toContain('ALTER total DROP DEFAULT');
  });

  test('leaves information alone: a serial key stays one', async () => {
    const example = await openExample(engines, {
      dialect: 'postgresql',
      version: '17',
      before: [USERS],
      sql: 'CREATE TABLE notes (id serial PRIMARY KEY, user_id bigint);\nCREATE INDEX users_age ON users (age);',
    });
    const [fix] = example.project.fixWhole(example.path, new Date(0));
    if (fix?.kind !== 'fix') throw new Error(JSON.stringify(fix));
    await writeFiles(example, withSaidValues(fix.proposal).files);
    expect(sqlOf(example)[0]).toBe('CREATE TABLE notes (id serial PRIMARY KEY, user_id bigint);');
  });

  test('builds several indexes in one file that can be run again', async () => {
    const { example } = await fixed('CREATE INDEX a ON users (age);\nCREATE INDEX b ON orders (user_id);');
    expect(sqlOf(example)).toEqual([
      'DROP INDEX CONCURRENTLY IF EXISTS a;\nCREATE INDEX CONCURRENTLY a ON users (age);\nDROP INDEX CONCURRENTLY IF EXISTS b;\nCREATE INDEX CONCURRENTLY b ON orders (user_id);',
    ]);
  });

  test('changes rows in batches with the condition that was written', async () => {
    const { example } = await fixed('UPDATE users u SET name = u.email WHERE u.name IS NULL AND u.age > 3;');
    expect(sqlOf(example)[0]).toContain(
      'UPDATE users u SET name = u.email WHERE u.id > lockstep_done AND u.id <= lockstep_upto AND (u.name IS NULL AND u.age > 3);',
    );
  });

  test.each([
    [
      'a value that depends on itself',
      'UPDATE users SET age = age + 1 WHERE age > 3;',
      'SELECT users.id FROM users WHERE age > 3;',
      'UPDATE users SET age = age + 1 FROM lockstep_kept WHERE users.id = lockstep_kept.lockstep_key_1 AND (age > 3);',
    ],
    [
      'a condition over the table itself',
      'DELETE FROM users WHERE id NOT IN (SELECT min(id) FROM users GROUP BY email);',
      'SELECT users.id FROM users WHERE id NOT IN (SELECT min(id) FROM users GROUP BY email);',
      'DELETE FROM users USING lockstep_kept WHERE users.id = lockstep_kept.lockstep_key_1;',
    ],
    [
      'WITH, and values of other rows',
      'WITH best AS (SELECT email, max(age) AS age FROM users GROUP BY email) UPDATE users u SET age = best.age FROM best WHERE best.email = u.email;',
      'WITH best AS (SELECT email, max(age) AS age FROM users GROUP BY email) SELECT DISTINCT ON (u.id) u.id, best.age FROM users u, best WHERE best.email = u.email;',
      'UPDATE users u SET age = lockstep_kept.lockstep_value_1 FROM lockstep_kept WHERE u.id = lockstep_kept.lockstep_key_1;',
    ],
  ])('finds the rows before the first of them changes: %s', async (_name, sql, found, changed) => {
    const { example } = await fixed(sql);
    const [keep, change, drop] = sqlOf(example);
    expect(keep).toContain(found);
    expect(change).toContain(changed);
    expect(drop).toMatch(/^DROP TABLE users_to_(?:update|delete);$/);
  });

  test.each([
    [
      'a value of the row itself and of others',
      'UPDATE users SET age = users.age + o.age FROM (SELECT max(age) AS age FROM users) o;',
      'may change before its batch comes',
    ],
    [
      'several columns of one query',
      'UPDATE users SET (name, age) = (o.name, o.age) FROM (SELECT max(name) AS name, max(age) AS age FROM users) o WHERE id > 3;',
      'a value of its own',
    ],
    [
      'a WITH that changes rows',
      'WITH gone AS (DELETE FROM orders RETURNING user_id) DELETE FROM users WHERE id IN (SELECT user_id FROM gone);',
      'changes rows in its WITH',
    ],
  ])('says why rows are not changed in batches: %s', async (_name, sql, word) => {
    const { fix } = await fixed(sql);
    expect(fix.kind).toBe('nothing');
    expect(fix.left.map(({ reason }) => reason).join()).toContain(word);
  });

  test('asks whether a drop and an addition are a rename', async () => {
    const { fix } = await fixed('ALTER TABLE users DROP COLUMN name;\nALTER TABLE users ADD COLUMN title text;');
    expect(fix.left[0]?.code).toBe('column-replaced');
  });

  test('takes nothing that the database refuses for a plan', async () => {
    const { fix } = await fixed('ALTER TABLE orders ALTER total TYPE boolean USING total <> 0;');
    expect(fix.kind).not.toBe('fix');
    expect(fix.left[0]?.reason).toContain('refuses');
  });

  test('waits for a later migration that works with the same column', async () => {
    const example = await openExample(engines, {
      dialect: 'postgresql',
      version: '17',
      before: [USERS],
      sql: 'ALTER TABLE users ADD COLUMN status text NOT NULL;',
    });
    await writeFiles(example, [
      { path: 'migrations/0009_later.up.sql', action: 'create', text: "UPDATE users SET status = 'x' WHERE id = 1;\n" },
    ]);
    const [fix] = example.project.fixWhole(example.path, new Date(0));
    expect(fix?.kind === 'refused' ? fix.reason : '').toContain('0009_later');
  });

  const NOTES = `CREATE TABLE notes (id bigint PRIMARY KEY, owner text NOT NULL);
CREATE TABLE audit (note_id bigint, who text);
CREATE FUNCTION audit_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit VALUES (NEW.id, NEW.owner); RETURN NEW; END $$;
CREATE TRIGGER audit_note AFTER INSERT OR UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION audit_note();`;

  test('writes a trigger function again with the new name, where the column gets it', async () => {
    const { example } = await fixed('ALTER TABLE notes RENAME COLUMN owner TO author;', NOTES);
    const swap = sqlOf(example).find((sql) => sql.includes('RENAME COLUMN owner TO author'));
    expect(swap).toContain('INSERT INTO audit VALUES (NEW.id, NEW.author)');
  });

  test.each([
    ['drops what a trigger function reads', 'ALTER TABLE notes DROP COLUMN owner;', NOTES],
    ['drops a table that a function writes', 'DROP TABLE audit;', NOTES],
    [
      'renames what a function of its own statements names',
      'ALTER TABLE notes RENAME COLUMN owner TO author;',
      `${NOTES}\nCREATE FUNCTION mine(name text) RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM notes WHERE owner = name $$;`,
    ],
  ])('is not offered where it %s: the function is to be replaced first', async (_name, sql, before) => {
    const { fix } = await fixed(sql, before);
    expect(fix.kind).not.toBe('fix');
    const reasons = [...fix.left.map(({ reason }) => reason), fix.kind === 'refused' ? fix.reason : ''].join(' ');
    expect(reasons).toMatch(/audit_note|mine/);
    expect(reasons).toMatch(/[Rr]eplace/);
  });
});

describe('a value for the rows that exist', () => {
  const opened = (sql: string, before = USERS): Promise<OpenedExample> =>
    openExample(engines, { dialect: 'postgresql', version: '17', before: [before], sql });
  const texts = (files: readonly { readonly text: string }[]): string => files.map(({ text }) => text).join('\n');
  const required = 'ALTER TABLE users ADD COLUMN status text NOT NULL;';

  test('is never made up: the step holds a place that no database takes, and says what it is for', async () => {
    const example = await opened(required);
    const [fix] = example.project.fixWhole(example.path, new Date(0));
    if (fix?.kind !== 'fix') throw new Error(JSON.stringify(fix));
    expect(fix.proposal.values).toEqual([{ name: 'users.status', type: 'text', suggestion: "''" }]);
    expect(texts(fix.proposal.files)).toContain("SET status = lockstep_value('users.status')");
    await writeFiles(example, fix.proposal.files);
    const codes = example.project.migrations.migrations.flatMap(({ upPath }) =>
      example.project.lint(upPath).findings.map(({ code }) => code),
    );
    expect(codes.filter((code) => code !== 'foreign-key-without-index')).toEqual(['missing-value', 'missing-value']);
  });

  test.for([
    ['as it was given, in the whole plan', 'users.status'],
    ['by the column alone', 'status'],
  ] as const)('stands in the step %s', async ([, name]) => {
    const example = await opened(required);
    const values = new Map([[name, "coalesce(name, 'new')"]]);
    const [fix] = example.project.fixWhole(example.path, new Date(0), undefined, values);
    if (fix?.kind !== 'fix') throw new Error(JSON.stringify(fix));
    expect(fix.proposal.values).toEqual([]);
    expect(texts(fix.proposal.files)).toContain("SET status = coalesce(name, 'new') WHERE");
    const { fixes } = example.project.fixes(example.path, new Date(0), undefined, values);
    expect(texts(fixes[0]?.files ?? [])).toContain("SET status = coalesce(name, 'new') WHERE");
  });

  test.for([
    [
      "the migration's own UPDATE",
      "ALTER TABLE users ADD COLUMN status text;\nUPDATE users SET status = 'a';\nALTER TABLE users ALTER status SET NOT NULL;",
    ],
    [
      "the column's own default",
      "ALTER TABLE users ALTER name SET DEFAULT 'x';\nALTER TABLE users ALTER name SET NOT NULL;",
    ],
  ] as const)('is not asked for beside %s', async ([, sql]) => {
    const example = await opened(sql);
    const [fix] = example.project.fixWhole(example.path, new Date(0));
    if (fix?.kind !== 'fix') throw new Error(JSON.stringify(fix));
    expect(fix.proposal.values).toEqual([]);
  });

  test.for([
    ['a foreign key', 'ALTER TABLE users ADD COLUMN boss bigint NOT NULL REFERENCES users (id);'],
    ['a unique column', 'ALTER TABLE users ADD COLUMN code text NOT NULL UNIQUE;'],
    ['a type that tells none', 'ALTER TABLE users ADD COLUMN place point NOT NULL;'],
  ] as const)('has no suggestion for %s', async ([, sql]) => {
    const example = await opened(sql);
    const [fix] = example.project.fixWhole(example.path, new Date(0));
    if (fix?.kind !== 'fix') throw new Error(JSON.stringify(fix));
    expect(fix.proposal.values.map(({ suggestion }) => suggestion)).toEqual([undefined]);
  });
});

describe('what the writes of the running version may break, as it is written', () => {
  const BEFORE = `${USERS}
CREATE DOMAIN label AS text;
CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint, title label);`;

  /** Deploys that are asked for before the step that holds a part of the statement. */
  async function deploysBefore(part: string, statement: string): Promise<readonly string[]> {
    const { example } = await fixed(`ALTER TABLE users ALTER COLUMN age TYPE bigint;\n${statement};`, BEFORE);
    const step = sqlOf(example).findIndex((sql) => sql.includes(part));
    if (step < 0) throw new Error(`no step has ${part}`);
    return example.project.migrations.migrations
      .slice(1, step + 2)
      .flatMap(({ upPath }) => example.project.directivesOf(upPath).requires)
      .flatMap((requirement) => (requirement.kind === 'deploy' ? [requirement.description] : []));
  }

  test.for([
    [
      'notes_titled',
      "ALTER TABLE notes ADD CONSTRAINT notes_titled CHECK (title <> '') NOT VALID",
      'writes no row of notes that breaks notes_titled',
    ],
    [
      'notes_user',
      'ALTER TABLE notes ADD CONSTRAINT notes_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID',
      'writes no notes.user_id without its row in users',
    ],
    [
      'label_short',
      'ALTER DOMAIN label ADD CONSTRAINT label_short CHECK (length(VALUE) < 9) NOT VALID',
      'writes no value of label that breaks label_short',
    ],
    [
      'AS RESTRICTIVE',
      'CREATE POLICY own ON notes AS RESTRICTIVE USING (user_id = 1)',
      'reads and writes only rows of notes that the policy own lets through',
    ],
  ] as const)('%s waits for a deploy beside other steps', async ([part, statement, version]) => {
    expect((await deploysBefore(part, statement)).join()).toContain(version);
  });

  test.for([
    // Widens what may be read.
    ['CREATE POLICY own', 'CREATE POLICY own ON notes USING (user_id = 1)'],
    // A column that the running version does not write.
    [
      'notes_rated',
      'ALTER TABLE notes ADD COLUMN rated int;\nALTER TABLE notes ADD CONSTRAINT notes_rated CHECK (rated > 0) NOT VALID',
    ],
  ] as const)('%s waits for none', async ([part, statement]) => {
    expect(await deploysBefore(part, statement)).toEqual([]);
  });
});
