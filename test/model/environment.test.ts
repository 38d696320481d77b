import { describe, expect, test } from 'vitest';
import { databaseName, environmentInComment, isNamedBy, strictest } from '../../server/model/environment.ts';

describe('what a database is for', () => {
  test.each([
    ['production', 'production'],
    ['  Production ', 'production'],
    ['environment: staging', 'staging'],
    ['Owner: payments\nenvironment = "production"; do not touch', 'production'],
    ['copy of production for tests', null],
    ['environment: productionlike', null],
    ['', null],
    [null, null],
  ])('the comment %j says %s', (comment, environment) => {
    expect(environmentInComment(comment)).toBe(environment);
  });

  test.each([
    ['*.prod.example.com/*', 'postgres://db1.prod.example.com:5432/app', true],
    ['DB1.PROD.example.com*/app', 'postgres://db1.prod.example.com:5432/app', true],
    ['*prod*', 'postgres://127.0.0.1:5432/shop_prod', true],
    ['db?/app', 'postgres://db1/app', true],
    ['db?/app', 'postgres://db12/app', false],
    ['prod', 'postgres://prod.example.com/app', false],
    ['a.b/app', 'postgres://axb/app', false],
    ['(', 'postgres://h/(', false],
  ])('the pattern %j and %j', (pattern, label, isMeant) => {
    expect(isNamedBy(pattern, label)).toBe(isMeant);
  });

  test('the most protected of what is said counts', () => {
    expect(strictest('development', null, 'production', undefined, 'staging')).toBe('production');
    expect(strictest('development', 'staging')).toBe('staging');
    expect(strictest(null, undefined, 'somewhere')).toBe(null);
  });

  test('the name that is typed is never empty', () => {
    expect(databaseName('postgres://h:5432/shop')).toBe('shop');
    expect(databaseName('postgres://h:5432/')).toBe('h:5432');
    expect(databaseName('app.db')).toBe('app.db');
  });
});
