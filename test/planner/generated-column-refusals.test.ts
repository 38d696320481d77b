import { beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { wishOf } from '../../server/planner/wishes.ts';
import { openExample } from '../support/rule-check.ts';

const USERS = 'CREATE TABLE users (id bigint PRIMARY KEY, name text, email text UNIQUE);';

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

/** Columns that no trigger can compute. */
const NOT_COMPUTED: readonly {
  readonly name: string;
  readonly before: string;
  readonly wish: readonly string[];
  readonly reason: string;
}[] = [
  {
    name: 'an expression that differs each time',
    before: USERS,
    wish: ['users.token', 'text', 'name || random()'],
    reason: 'use a DEFAULT',
  },
  {
    name: 'a column that is not there',
    before: USERS,
    wish: ['users.token', 'text', 'nick'],
    reason: 'no column "nick"',
  },
  {
    name: 'a column computed from itself',
    before: USERS,
    wish: ['users.name', 'text', 'lower(name)'],
    reason: 'from itself',
  },
  {
    name: 'a column of another type',
    before: USERS,
    wish: ['users.name', 'varchar(20)', 'lower(email)'],
    reason: 'is text, not character varying(20)',
  },
  {
    name: 'a column that is generated',
    before: 'CREATE TABLE users (id int, twice int GENERATED ALWAYS AS (id * 2) STORED);',
    wish: ['users.twice', 'int', 'id * 3'],
    reason: 'generated already',
  },
  {
    name: 'a partition key',
    before: 'CREATE TABLE users (id int, at int) PARTITION BY RANGE (at);',
    wish: ['users.at', 'int', 'id * 3'],
    reason: 'partition key',
  },
  {
    name: 'a view',
    before: `${USERS}\nCREATE VIEW names AS SELECT name FROM users;`,
    wish: ['names.low', 'text', 'lower(name)'],
    reason: 'is no table',
  },
];

describe('a computed column without safe steps is refused', () => {
  test.each(NOT_COMPUTED)('$name', async ({ before, wish: values, reason }) => {
    const example = await openExample(engines, { dialect: 'postgresql', sql: before });
    const wish = wishOf('generated-column');
    expect(wish === undefined ? undefined : example.project.planWish(wish, values, new Date(0))).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining(reason),
    });
  });

  test.each([
    ['17', 'lower(name)', []],
    ['18', 'lower(name)', ['VIRTUAL touches no row']],
    ['18', 'mine(name)', ['not mine']],
  ])('whether VIRTUAL would do on %s for %s', async (version, expression, told) => {
    const example = await openExample(engines, {
      dialect: 'postgresql',
      version,
      sql: `${USERS}\nCREATE FUNCTION mine(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';`,
    });
    const wish = wishOf('generated-column');
    const planned =
      wish === undefined ? undefined : example.project.planWish(wish, ['users.low', 'text', expression], new Date(0));
    const text = planned?.kind === 'planned' ? (planned.change.files[0]?.text ?? '') : '';
    expect(text).toContain('is a plain column that the trigger users_low_generated keeps, not GENERATED');
    expect(text.includes('VIRTUAL')).toBe(told.length > 0);
    for (const part of told) expect(text).toContain(part);
  });
});
