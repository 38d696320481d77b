import { beforeAll, describe, expect, test } from 'vitest';
import { loadEngines, type Engines } from '../../server/host/load-engines.ts';
import { isColumnOfTable, nameSql, ownName, writtenColumn } from '../../server/planner/written-names.ts';
import { wishOf } from '../../server/planner/wishes.ts';
import { openExample } from '../support/rule-check.ts';

let engines: Engines;
beforeAll(async () => {
  engines = await loadEngines();
});

describe('names as a person writes them', () => {
  test.each([
    ['users.name', 'users', ['name']],
    ['public.users.first, last', 'public.users', ['first', 'last']],
    ['Us er.Näme', 'Us er', ['Näme']],
    ['"Us.er"."first, last",b', '"Us.er"', ['first, last', 'b']],
    ['users.a,"b.c"', 'users', ['a', 'b.c']],
    ['"a ""b"""."c"', '"a ""b"""', ['c']],
    ['us"er.na"me', 'us"er', ['na"me']],
    ['users."half', 'users', ['"half']],
  ])('%s', (value, table, columns) => {
    expect(isColumnOfTable(value)).toBe(true);
    expect(writtenColumn(value)).toMatchObject({ table, columns });
  });

  test.each(['users', '', '.', 'users.', 'a.b.c.d', '"a.b"', '""."b"'.replace('""', ' ')])(
    'no column of a table: %s',
    (value) => {
      expect(isColumnOfTable(value)).toBe(false);
    },
  );

  test('as SQL', () => {
    expect(nameSql('"Us.er"', engines.postgresql)).toBe('"Us.er"');
    expect(nameSql('geo."a ""b"""', engines.postgresql)).toBe('geo."a ""b"""');
    expect(nameSql('Us er', engines.postgresql)).toBe('"Us er"');
    expect(ownName('geo."Us.er"')).toBe('Us.er');
  });

  test('a change of a table and a column whose names hold dots, commas and quotes', async () => {
    const example = await openExample(engines, {
      dialect: 'postgresql',
      sql: 'CREATE TABLE "Us.er, ""x""" (id int PRIMARY KEY, "a.b, c" text);',
    });
    const wish = wishOf('rename-column');
    const planned =
      wish === undefined ? undefined : example.project.planWish(wish, ['"Us.er, ""x"""."a.b, c"', 'd.e'], new Date(0));
    expect(planned?.kind === 'planned' ? planned.change.files[0]?.text : planned).toContain(
      'ALTER TABLE "Us.er, ""x""" ADD COLUMN "d.e" text;',
    );
  });
});
