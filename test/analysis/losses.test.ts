import { describe, expect, test } from 'vitest';
import { openProjects } from '../../server/application/open-project.ts';
import { revertLosses } from '../../server/application/use-cases/run-checks.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import { designerText, entity, migrationText, openMigrations } from '../support/ef-project.ts';
import { MemoryFiles } from '../support/memory-files.ts';

/** What the way back of the second of two migrations destroys. */
async function losses(
  dialect: 'postgresql' | 'sqlite',
  before: string,
  up: string,
  down: string,
): Promise<readonly string[]> {
  const { projects } = await openProjects({
    root: '/app',
    files: new MemoryFiles({
      '/app/migrations/0001_a.up.sql': before,
      '/app/migrations/0001_a.down.sql': 'DROP TABLE users;',
      '/app/migrations/0002_b.up.sql': up,
      '/app/migrations/0002_b.down.sql': down,
    }),
    engines: await loadEngines(),
    overrides: { dialect },
  });
  const [project] = projects;
  if (project === undefined) throw new Error('no project was found');
  return revertLosses(project, ['0002_b']).flatMap((each) => each.losses);
}

const USERS = 'CREATE TABLE users (id integer PRIMARY KEY, email text);';

describe('what a way back destroys', () => {
  test.each([
    ['a table', 'CREATE TABLE t (id integer);', 'DROP TABLE t;', ['destroys table t with its rows']],
    [
      'a column',
      'ALTER TABLE users ADD COLUMN nick text;',
      'ALTER TABLE users DROP COLUMN nick;',
      ['destroys column nick of users with its values'],
    ],
    ['rows', 'INSERT INTO users (id) VALUES (1);', 'DELETE FROM users WHERE id = 1;', ['destroys rows of users']],
    ['all rows', 'INSERT INTO users (id) VALUES (1);', 'TRUNCATE users;', ['destroys all rows of users']],
    ['nothing but an index', 'CREATE INDEX i ON users (email);', 'DROP INDEX i;', []],
    [
      'nothing but what it made itself',
      'ALTER TABLE users DROP COLUMN email;',
      'ALTER TABLE users ADD COLUMN email text; CREATE TABLE copy (id integer); DROP TABLE copy;',
      [],
    ],
    ['a schema', 'CREATE SCHEMA s;', 'DROP SCHEMA s CASCADE;', ['destroys schema s with all that is in it']],
    [
      'what nobody reads',
      'SELECT 1;',
      "DO $$ BEGIN EXECUTE 'DROP TABLE ' || current_user; END $$;",
      [expect.stringMatching(/^may destroy more: not analysed, /)],
    ],
  ])('%s', async (_name, up, down, expected) => {
    expect(await losses('postgresql', USERS, up, down)).toEqual(expected);
  });

  test('a rebuild on SQLite destroys what the new table has not', async () => {
    const rebuild =
      'CREATE TABLE n (id integer PRIMARY KEY, email text); INSERT INTO n SELECT id, email FROM users; DROP TABLE users; ALTER TABLE n RENAME TO users;';
    expect(await losses('sqlite', USERS, 'ALTER TABLE users ADD COLUMN nick text;', rebuild)).toEqual([
      'destroys column nick of users with its values',
    ]);
    expect(await losses('sqlite', USERS, 'CREATE INDEX i ON users (email);', rebuild)).toEqual([]);
  });

  test('of EF Core, from the C#', async () => {
    const [first, second] = ['20240101000000_First', '20240202000000_Second'] as const;
    const create =
      'migrationBuilder.CreateTable(name: "Users", columns: table => new { Id = table.Column<int>(type: "INTEGER", nullable: false) }, constraints: table => { table.PrimaryKey("PK", x => x.Id); });';
    const project = await openMigrations({
      [`${first}.cs`]: migrationText(first, create, 'migrationBuilder.DropTable(name: "Users");'),
      [`${first}.Designer.cs`]: designerText(first, entity('User', 'Users', [])),
      [`${second}.cs`]: migrationText(
        second,
        'migrationBuilder.AddColumn<string>(name: "Nick", table: "Users", type: "TEXT", nullable: true);',
        'migrationBuilder.DropColumn(name: "Nick", table: "Users");',
      ),
      [`${second}.Designer.cs`]: designerText(second, entity('User', 'Users', ['Nick?'])),
    });
    expect(revertLosses(project, [second, first])).toEqual([
      { id: second, losses: ['destroys column Nick of "Users" with its values'] },
      { id: first, losses: ['destroys table "Users" with its rows'] },
    ]);
  });
});
