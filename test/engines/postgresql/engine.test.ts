import { expect, test } from 'vitest';
import { postgresEngine } from '../../support/postgres-engine.ts';

const engine = await postgresEngine();
const target = { version: 17, timeZone: 'UTC' };

test('a file goes from text to schema and effects', () => {
  const text =
    'CREATE TABLE public.users (id serial PRIMARY KEY, name varchar(20));\nALTER TABLE users ALTER name TYPE text, ADD age int;';
  const [create, alter] = engine.split(text, { start: 0, end: text.length });
  const before = engine.fold(
    engine.emptySchema(true),
    engine.parse(create?.text ?? '').operations,
    { fileIndex: 0 },
    target,
  );
  const operations = engine.parse(alter?.text ?? '').operations;
  const after = engine.fold(before, operations, { fileIndex: 1 }, target);
  const [relation] = [...after.relations.values()];
  expect(relation?.columns.map((column) => `${column.name} ${column.type?.display ?? ''}`)).toEqual([
    'id integer',
    'name text',
    'age integer',
  ]);
  expect(engine.effects(operations, before, target)).toMatchObject([
    { relation: 'users', lock: 'AccessExclusiveLock', rewrite: false },
  ]);
});

test('the stated default is the newest version that the parser knows', () => {
  expect(engine.defaultVersion).toBe(17);
  expect(engine.formatVersion(engine.defaultVersion)).toBe('17');
});
