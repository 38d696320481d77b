import { beforeAll, describe, expect, test } from 'vitest';
import { type Engines, loadEngines } from '../../server/host/load-engines.ts';
import { openExample } from '../support/rule-check.ts';

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

const BEFORE = `CREATE TABLE users (id bigint PRIMARY KEY, name text, nick text);
CREATE TABLE teams (id bigint PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, by_id bigint, team_id bigint);`;

/** Up halves of a whole plan. */
async function filesOf(sql: string, settings?: string): Promise<readonly string[]> {
  const example = await openExample(
    engines,
    { dialect: 'postgresql', version: '17', before: [BEFORE], sql },
    undefined,
    settings,
  );
  const [fix] = example.project.fixWhole(example.path, new Date(0));
  if (fix?.kind !== 'fix') throw new Error(JSON.stringify(fix));
  return fix.proposal.files.flatMap((file) =>
    file.action === 'create' && file.path.endsWith('.up.sql') ? [file.text.replaceAll(/^--.*\n/gm, '')] : [],
  );
}

function key(table: string, column: string, parent: string): string {
  return `ALTER TABLE ${table} ADD CONSTRAINT ${table}_${column} FOREIGN KEY (${column}) REFERENCES ${parent} (id);`;
}

describe('steps share a file', () => {
  test('which lock the same two tables, and checks of them, in a transaction', async () => {
    const files = await filesOf([key('orders', 'user_id', 'users'), key('orders', 'by_id', 'users')].join('\n'));
    expect(files.map((text) => text.match(/DO|ADD CONSTRAINT \w+|VALIDATE CONSTRAINT \w+/g))).toEqual([
      ['ADD CONSTRAINT orders_user_id', 'ADD CONSTRAINT orders_by_id'],
      ['VALIDATE CONSTRAINT orders_user_id', 'VALIDATE CONSTRAINT orders_by_id'],
    ]);
  });

  test('which lock different tables for a moment, or check them, statement by statement', async () => {
    const sql = [key('orders', 'user_id', 'users'), key('orders', 'team_id', 'teams'), key('users', 'id', 'teams')];
    const files = await filesOf([...sql, 'CREATE INDEX orders_by ON orders (by_id);'].join('\n'));
    expect(files.map((text) => text.match(/DO|ADD CONSTRAINT \w+|VALIDATE CONSTRAINT \w+|INDEX \w+ \w+/g))).toEqual([
      // Before the deploy that the others wait for.
      ['INDEX CONCURRENTLY orders_by'],
      ['DO', 'ADD CONSTRAINT orders_user_id', 'DO', 'ADD CONSTRAINT orders_team_id', 'DO', 'ADD CONSTRAINT users_id'],
      ['VALIDATE CONSTRAINT orders_user_id', 'VALIDATE CONSTRAINT orders_team_id', 'VALIDATE CONSTRAINT users_id'],
    ]);
    const apart = await filesOf(sql.join('\n'), JSON.stringify({ fix: { files: 'one-each' } }));
    expect(apart).toHaveLength(6);
  });

  test('which lock one table that is in use, and new ones', async () => {
    const files = await filesOf(
      [
        'ALTER TABLE users ADD COLUMN bio text;',
        'CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint, team_id bigint);',
        'CREATE TABLE marks (id bigint PRIMARY KEY, user_id bigint, team_id bigint);',
        'ALTER TABLE teams ADD COLUMN bio text;',
        ...['notes', 'marks'].flatMap((table) => [key(table, 'user_id', 'users'), key(table, 'team_id', 'teams')]),
      ].join('\n'),
    );
    const adding = files.filter((text) => text.includes('ADD CONSTRAINT'));
    expect(adding.map((text) => text.match(/REFERENCES \w+/g))).toEqual([
      // Those that point at the other table stay in the migration's own file, which holds it.
      ['REFERENCES teams', 'REFERENCES teams'],
    ]);
  });

  test('with what is read again after a way back in front of the first lock', async () => {
    const files = await filesOf(
      'ALTER TABLE users ALTER COLUMN name SET NOT NULL;\nALTER TABLE users ALTER COLUMN nick SET NOT NULL;',
    );
    expect(files.at(-1)?.match(/VALIDATE|SET NOT NULL|DROP CONSTRAINT/g)).toEqual([
      'VALIDATE',
      'VALIDATE',
      'SET NOT NULL',
      'DROP CONSTRAINT',
      'SET NOT NULL',
      'DROP CONSTRAINT',
    ]);
  });
});
