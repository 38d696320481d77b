import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { headsOf, inCircles, inOrder } from '../../server/tools/blocks/graph.ts';
import { tellInProcess } from '../support/in-process-cli.ts';
import { runProject, type RunProject } from '../support/run-project.ts';

const URL = 'sqlite:app.db';

function query(running: RunProject, sql: string): readonly unknown[] {
  const database = new Database(path.join(running.folder, 'app.db'));
  try {
    const statement = database.prepare(sql);
    return statement.reader ? statement.all() : [statement.run()];
  } finally {
    database.close();
  }
}

const tell = (running: RunProject, ...words: readonly string[]): ReturnType<typeof tellInProcess> =>
  tellInProcess(running.folder, [...words, '--database', URL, '--yes'], {});

/** Scripts of Alembic by revision, with what each comes after. */
function scripts(after: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return {
    'lockstep.jsonc': '{ "dialect": "sqlite" }',
    'alembic.ini': '[alembic]\nscript_location = db\n',
    ...Object.fromEntries(
      Object.entries(after).map(([id, words]) => [
        `db/versions/${id}_x.py`,
        `revision = "${id}"\ndown_revision = ${words}\n\n\ndef upgrade():\n    op.execute("CREATE TABLE ${id} (id int)")\n\n\ndef downgrade():\n    op.execute("DROP TABLE ${id}")\n`,
      ]),
    ),
  };
}

const MERGED = { m: '("c", "b")', c: '"a"', b: '"a"', a: 'None' };

describe('a graph', () => {
  test('of 20,000 in a line is put in order, and one with a circle ends', () => {
    const line = new Map(
      Array.from({ length: 20_000 }, (_, index) => [`${index}`, index === 0 ? [] : [`${index - 1}`]]),
    );
    expect(inOrder(new Map([...line].reverse()))).toEqual([...line.keys()]);
    expect(headsOf(line)).toEqual(['19999']);
    const circle = new Map([
      ['a', ['c']],
      ['b', ['a']],
      ['c', ['b']],
      ['d', []],
    ]);
    expect(inOrder(circle)).toEqual(['d', 'a', 'b', 'c']);
    expect(inCircles(circle)).not.toEqual([]);
    expect(inCircles(line)).toEqual([]);
  });
});

describe("Alembic's history keeps the newest alone", () => {
  test('over branches and what joins them, read and marked', async () => {
    using running = await runProject(scripts(MERGED));
    query(running, 'CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)');
    expect(await running.states(URL)).toEqual(['a: pending', 'b: pending', 'c: pending', 'm: pending']);
    query(running, "INSERT INTO alembic_version VALUES ('c')");
    expect(await running.states(URL)).toEqual(['a: applied', 'b: out-of-order', 'c: applied', 'm: pending']);
    const heads = (): readonly unknown[] =>
      query(running, 'SELECT version_num AS head FROM alembic_version ORDER BY 1');
    const refused = await tell(running, 'mark', 'm');
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain('m comes after b, which is not applied');
    expect(await tell(running, 'mark', 'b')).toMatchObject({ code: 0 });
    expect(heads()).toEqual([{ head: 'b' }, { head: 'c' }]);
    expect(await tell(running, 'mark', 'm')).toMatchObject({ code: 0 });
    expect(heads()).toEqual([{ head: 'm' }]);
    expect((await tell(running, 'unmark', 'a')).output).toContain('which is applied, comes after a');
    expect(await tell(running, 'unmark', 'm')).toMatchObject({ code: 0 });
    expect(heads()).toEqual([{ head: 'b' }, { head: 'c' }]);
    query(running, "INSERT INTO alembic_version VALUES ('zz')");
    expect(await running.states(URL)).toContain('zz: missing');
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['two newest', { a: 'None', b: '"a"', c: '"a"' }, 'There are 2 newest revisions, b, c'],
    ['one that is not here', { a: 'None', b: '"x"' }, 'b comes after x, which no file here has'],
    ['a circle', { a: '"b"', b: '"a"' }, 'comes after itself'],
  ])('and is told of %s', async (_name, after, message) => {
    using running = await runProject(scripts(after));
    const said = running.project.migrations.problems.map((problem) => problem.message).join('\n');
    expect(said).toContain(message);
  });
});

describe("Django's history is that of all apps", () => {
  test('of which each folder has its own, in the order of its dependencies', async () => {
    const migration = (before: string): string =>
      `from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    dependencies = [${before}]\n    operations = [migrations.RunSQL("SELECT 1", "SELECT 1")]\n`;
    using running = await runProject({
      'lockstep.jsonc': '{ "dialect": "sqlite" }',
      'manage.py': 'import django\n',
      'api/apps.py': 'class A(AppConfig):\n    name = "api"\n    label = "shop"\n',
      'api/migrations/__init__.py': '',
      'api/migrations/0002_b.py': migration('("shop", "0009_a"), ("auth", "0001_initial")'),
      'api/migrations/0009_a.py': migration(''),
    });
    query(running, 'CREATE TABLE django_migrations (id integer PRIMARY KEY, app text, name text, applied datetime)');
    query(
      running,
      "INSERT INTO django_migrations (app, name, applied) VALUES ('auth', '0001_initial', '2024-01-01 10:00:00.123456'), ('shop', '0009_a', '2024-01-01 10:00:00'), ('shop', '0000_gone', '2024-01-01 10:00:00'), ('api', '0002_b', '2024-01-01 10:00:00')",
    );
    expect(await running.states(URL)).toEqual(['0009_a: applied', '0002_b: pending', '0000_gone: missing']);
    expect(await tell(running, 'mark', '0002_b')).toMatchObject({ code: 0 });
    expect(query(running, "SELECT name FROM django_migrations WHERE app = 'shop' ORDER BY id DESC LIMIT 1")).toEqual([
      { name: '0002_b' },
    ]);
  });
});
