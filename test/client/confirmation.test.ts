import { describe, expect, test } from 'vitest';
import { confirmationOf, wrongName } from '../../client/commands/confirmation.ts';

const STAGING = { label: 'me@db.example:5432/app', environment: 'staging' };
const PRODUCTION = { label: 'me@db.example:5432/app', environment: 'production' };

describe('before migrations run', () => {
  test('applying asks nothing outside production', () => {
    expect(confirmationOf('up', ['0001_a'], STAGING)).toEqual({ revert: null, production: null });
    expect(confirmationOf('up', ['0001_a'], null)).toEqual({ revert: null, production: null });
  });

  test('a revert always names the database, the migrations in order, and what is lost', () => {
    expect(confirmationOf('down', ['0002_b', '0001_a'], STAGING).revert).toEqual({
      question: 'Revert 2 migrations on me@db.example:5432/app?',
      detail: 'In this order:\n0002_b\n0001_a\n\nData that a down half drops is gone.',
      button: 'Revert 2 Migrations',
    });
    expect(confirmationOf('down', ['0001_a'], STAGING).revert?.button).toBe('Revert 1 Migration');
    expect(confirmationOf('down', ['0001_a'], STAGING).production).toBeNull();
  });

  test("on production the database's name is typed, in both directions", () => {
    expect(confirmationOf('up', ['0001_a'], PRODUCTION)).toEqual({
      revert: null,
      production: { title: 'Apply 1 migration on PRODUCTION: 0001_a', prompt: 'Type app to go on', name: 'app' },
    });
    expect(confirmationOf('down', ['0001_a'], PRODUCTION)).toMatchObject({
      revert: { button: 'Revert 1 Migration' },
      production: { title: 'Revert 1 migration on PRODUCTION: 0001_a' },
    });
  });

  test('only the whole name confirms, and a wrong one is said while it is typed', () => {
    const { production } = confirmationOf('up', ['0001_a'], PRODUCTION);
    if (production === null) throw new Error('nothing is asked');
    expect(['', 'app'].map((typed) => wrongName(production, typed))).toEqual([undefined, undefined]);
    expect(['a', 'App', 'app ', 'apps'].map((typed) => wrongName(production, typed))).toEqual(
      Array.from({ length: 4 }, () => 'This is not app'),
    );
  });

  test.each([
    ['sqlite:data/app.db', 'app.db'],
    ['C:\\data\\app.db', 'app.db'],
    ['db.example/', 'db.example'],
    ['app', 'app'],
  ])('the name to type is never empty: %s', (label, name) => {
    expect(confirmationOf('up', ['0001_a'], { label, environment: 'production' }).production?.name).toBe(name);
  });

  test('many migrations do not fill the screen', () => {
    const ids = Array.from({ length: 40 }, (_, index) => `00${index}_x`);
    expect(confirmationOf('down', ids, PRODUCTION).revert?.detail.split('\n')).toHaveLength(19);
    expect(confirmationOf('up', ids, PRODUCTION).production?.title).toBe(
      'Apply 40 migrations on PRODUCTION: 000_x, 001_x, 002_x, and 37 more',
    );
  });
});
