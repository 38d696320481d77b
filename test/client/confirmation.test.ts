import { describe, expect, test } from 'vitest';
import { confirmationOf, wrongName } from '../../client/commands/confirmation.ts';

const STAGING = { label: 'me@db.example:5432/app', environment: 'staging' };
const PRODUCTION = { label: 'me@db.example:5432/app', environment: 'production' };

describe('before migrations run', () => {
  test('applying asks nothing outside production', () => {
    expect(confirmationOf('up', ['0001_a'], STAGING)).toEqual({
      revert: null,
      findings: null,
      production: null,
    });
    expect(confirmationOf('up', ['0001_a'], null)).toEqual({
      revert: null,
      findings: null,
      production: null,
    });
  });

  test('a revert always names the database, the migrations in order, and what is lost', () => {
    expect(confirmationOf('down', ['0002_b', '0001_a'], STAGING).revert).toEqual({
      question: 'Revert 2 migrations on me@db.example:5432/app?',
      detail: 'In this order:\n0002_b\n0001_a\n\nWhat a down half destroys is gone.',
      button: 'Revert 2 Migrations',
    });
    expect(confirmationOf('down', ['0001_a'], STAGING).revert?.button).toBe('Revert 1 Migration');
    expect(confirmationOf('down', ['0001_a'], STAGING).production).toBeNull();
  });

  test('a revert lists what each way back destroys, below it', () => {
    const checks = [
      { id: '0002_b', errors: [], warnings: 0, locks: [], losses: ['destroys column nick of users with its values'] },
      { id: '0001_a', errors: [], warnings: 0, locks: [], losses: ['destroys table users with its rows'] },
    ];
    expect(confirmationOf('down', ['0002_b', '0001_a'], STAGING, checks).revert?.detail).toBe(
      'In this order:\n0002_b\n  ✗ destroys column nick of users with its values\n0001_a\n  ✗ destroys table users with its rows\n\nWhat a down half destroys is gone.',
    );
  });

  test("on production the database's name is typed, in both directions", () => {
    expect(confirmationOf('up', ['0001_a'], PRODUCTION)).toMatchObject({
      revert: null,
      production: { title: 'Apply 1 migration on PRODUCTION: 0001_a', prompt: 'Type app to go on', name: 'app' },
    });
    expect(confirmationOf('down', ['0001_a'], PRODUCTION)).toMatchObject({
      revert: { button: 'Revert 1 Migration' },
      production: { title: 'Revert 1 migration on PRODUCTION: 0001_a' },
    });
  });

  const CHECK = {
    id: '0001_a',
    errors: [{ code: 'required-column', message: 'It fails.', position: { line: 0, character: 0 } }],
    warnings: 2,
    locks: ['ACCESS EXCLUSIVE on users · rewrites'],
    losses: [],
  };

  test('errors are asked about before they are applied, warnings are not, and a revert is not judged', () => {
    expect(confirmationOf('up', ['0001_a'], STAGING, [CHECK]).findings).toEqual({
      question: 'Apply with 1 error on me@db.example:5432/app?',
      detail: '0001_a: It fails.',
      button: 'Apply Anyway',
    });
    // The same at two places is said once.
    const twice = confirmationOf('up', ['0001_a'], STAGING, [{ ...CHECK, errors: [...CHECK.errors, ...CHECK.errors] }]);
    expect(twice.findings).toMatchObject({
      question: 'Apply with 2 errors on me@db.example:5432/app?',
      detail: '0001_a: It fails.',
    });
    expect(confirmationOf('up', ['0001_a'], STAGING, [{ ...CHECK, errors: [] }]).findings).toBeNull();
    expect(confirmationOf('down', ['0001_a'], STAGING, [CHECK]).findings).toBeNull();
  });

  test('production is told what each migration locks and what is found in it', () => {
    expect(confirmationOf('up', ['0001_a', '0002_b'], PRODUCTION, [CHECK]).production).toMatchObject({
      question: 'Apply 2 migrations on PRODUCTION (me@db.example:5432/app)?',
      detail:
        '0001_a\n  ACCESS EXCLUSIVE on users · rewrites\n  Error: It fails.\n  2 warnings\n\n0002_b: its file is not read',
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
