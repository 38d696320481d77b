import { POSTGRESQL } from '../../server/engines/postgresql/product.ts';
import { postgresFold } from '../../server/engines/postgresql/fold.ts';
import { beforeAll, describe, expect, test } from 'vitest';
import type { PostgresFront } from '../../server/engines/postgresql/front.ts';
import { emptySchema, foldStatement } from '../../server/model/fold/fold.ts';
import {
  childrenOf,
  dependantsOf,
  findIndex,
  findRelation,
  findSequence,
  findType,
  foreignKeysTo,
  indexesOf,
  partitionsOf,
  relationKeyOf,
} from '../../server/model/lookup.ts';
import { objectKey } from '../../server/model/names.ts';
import type { Schema } from '../../server/model/schema.ts';
import { postgresFront } from '../support/postgres-engine.ts';

let front: PostgresFront;
beforeAll(async () => {
  front = await postgresFront();
});

/** Folds statements of one file, from an empty database unless another schema is given. */
function fold(
  statements: readonly string[],
  options: { readonly schema?: Schema; readonly version?: number; readonly file?: number } = {},
): Schema {
  let schema = options.schema ?? emptySchema(POSTGRESQL, true);
  for (const statement of statements)
    schema = foldStatement(
      postgresFold,
      schema,
      front.parse(statement).operations,
      { migration: 'm', fileIndex: options.file ?? 0 },
      options.version ?? 17,
    );
  return schema;
}

function columnsOf(schema: Schema, name: string): readonly string[] | undefined {
  return findRelation(schema, { name })?.columns.map((column) => column.name);
}

describe('folding', () => {
  test('a refused statement gives back the very schema', () => {
    const before = fold(['CREATE TABLE t (id int)']);
    for (const statement of [
      'CREATE TABLE t (x int)',
      'ALTER TABLE t DROP COLUMN missing',
      'ALTER TABLE t ADD COLUMN a int, DROP COLUMN missing',
      'DROP TABLE missing',
      'SELECT 1',
      'CREATE TABLE IF NOT EXISTS t (y int)',
    ]) {
      expect(fold([statement], { schema: before })).toBe(before);
    }
  });

  test('the schema before a statement stays as it was', () => {
    const before = fold(['CREATE TABLE t (id int)']);
    fold(['ALTER TABLE t ADD COLUMN a int', 'DROP TABLE t'], { schema: before });
    expect(columnsOf(before, 't')).toEqual(['id']);
  });

  test('a table that nobody made is unknown, not empty', () => {
    const schema = fold(['ALTER TABLE users ADD COLUMN a int'], { schema: emptySchema(POSTGRESQL, false) });
    expect(findRelation(schema, { name: 'users' })).toMatchObject({
      columnsKnown: false,
      detailsKnown: false,
      columns: [{ name: 'a' }],
    });
  });

  test('a table that was dropped is gone where the rest is unknown', () => {
    const schema = fold(['DROP TABLE users'], { schema: emptySchema(POSTGRESQL, false) });
    expect(schema.dropped.has(objectKey('public', 'users'))).toBe(true);
    expect(fold(['ALTER TABLE users ADD COLUMN a int'], { schema })).toBe(schema);
  });

  test('what may have happened ends what is known', () => {
    const before = fold(['CREATE TABLE t (id int, a int)']);
    const schema = fold(
      ["DO $$ BEGIN IF current_user = 'x' THEN ALTER TABLE t ADD COLUMN b int; CREATE TABLE u (x int); END IF; END $$"],
      { schema: before },
    );
    expect(findRelation(schema, { name: 't' })).toMatchObject({ columnsKnown: false, detailsKnown: false });
    expect(findRelation(schema, { name: 'u' })).toMatchObject({ columnsKnown: false, columns: [] });
  });

  test('dynamic SQL makes a complete schema incomplete', () => {
    expect(fold(["DO $$ BEGIN EXECUTE current_setting('x'); END $$"]).isComplete).toBe(false);
  });

  test('temporary tables and open transactions end with their file', () => {
    const first = fold(['CREATE TEMP TABLE t (id int)', 'BEGIN', 'CREATE TABLE u (id int)']);
    expect(findRelation(first, { name: 't' })?.schema).toBe('pg_temp');
    const second = fold(['CREATE TABLE v (id int)', 'ROLLBACK'], { schema: first, file: 1 });
    expect(findRelation(second, { name: 't' })).toBeUndefined();
    expect(columnsOf(second, 'u')).toEqual(['id']);
  });

  test('an invalid NOT NULL constraint does not make the column required', () => {
    const schema = fold(['CREATE TABLE t (a int)', 'ALTER TABLE t ADD NOT NULL a NOT VALID'], { version: 18 });
    expect(findRelation(schema, { name: 't' })).toMatchObject({
      columns: [{ notNull: false }],
      constraints: [{ kind: 'not-null', name: 't_a_not_null', validated: false }],
    });
    expect(
      findRelation(fold(['ALTER TABLE t ALTER COLUMN a SET NOT NULL'], { schema, version: 18 }), { name: 't' }),
    ).toMatchObject({ columns: [{ notNull: true }], constraints: [{ validated: true }] });
  });

  test('expressions follow a renamed column', () => {
    const schema = fold([
      `CREATE TABLE t (a int, b text DEFAULT 'a', CHECK (a > 0 AND b <> 'a'))`,
      'CREATE INDEX i ON t (lower(b)) WHERE a > 1',
      'ALTER TABLE t RENAME COLUMN a TO "A x"',
    ]);
    const table = findRelation(schema, { name: 't' });
    expect(table?.constraints[0]?.expression?.text).toBe(`"A x" > 0 AND b <> 'a'`);
    expect(table?.constraints[0]?.columns).toEqual(['A x', 'b']);
    expect(findIndex(schema, { name: 'i' })?.where).toMatchObject({
      text: '"A x" > 1',
      tree: {
        operands: [
          { kind: 'column', path: ['A x'] },
          { kind: 'literal', value: 1 },
        ],
      },
    });
  });
});

describe('looking up', () => {
  test('finds what points at a relation', () => {
    const schema = fold([
      'CREATE TABLE p (id int PRIMARY KEY) PARTITION BY LIST (id)',
      'CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)',
      'CREATE TABLE c (p int REFERENCES p, s serial)',
      'CREATE VIEW v AS SELECT id FROM p',
      'CREATE SCHEMA other',
      "CREATE TYPE other.mood AS ENUM ('x')",
    ]);
    const key = relationKeyOf(schema, { name: 'p' });
    expect(indexesOf(schema, key).map((index) => index.name)).toEqual(['p_pkey']);
    expect(partitionsOf(schema, key).map((partition) => partition.relation.name)).toEqual(['p1']);
    expect(childrenOf(schema, key)).toHaveLength(1);
    expect(foreignKeysTo(schema, key).map((found) => `${found.relation.name} ${found.constraint.name}`)).toEqual([
      'c c_p_fkey',
    ]);
    expect(dependantsOf(schema, key).map((view) => view.relation.name)).toEqual(['v']);
    expect(findSequence(schema, { name: 'c_s_seq' })?.ownedBy?.column).toBe('s');
    expect(findType(schema, { name: 'mood' })).toBeUndefined();
    expect(findType(schema, { schema: 'other', name: 'mood' })?.labels).toEqual(['x']);
  });

  test('works the links out where a schema has none', () => {
    const { links, ...plain } = fold(['CREATE TABLE a (id int PRIMARY KEY)', 'CREATE TABLE b (a int REFERENCES a)']);
    expect(links).toBeDefined();
    expect(foreignKeysTo(plain, relationKeyOf(plain, { name: 'a' }))).toHaveLength(1);
    expect(fold(['DROP TABLE a CASCADE'], { schema: plain }).relations.size).toBe(1);
  });
});

test('a publication keeps its tables through renames and drops', () => {
  const published = (statements: readonly string[]): Schema['publications'] =>
    fold(['CREATE TABLE a (id int)', 'CREATE TABLE b (id int)', 'CREATE PUBLICATION p FOR TABLE a, b', ...statements])
      .publications;
  const keys = (...names: readonly string[]): readonly string[] => names.map((name) => objectKey('public', name));
  expect(published([])).toEqual({ p: keys('a', 'b') });
  expect(published(['ALTER TABLE a RENAME TO c', 'DROP TABLE b'])).toEqual({ p: keys('c') });
  expect(published(['ALTER PUBLICATION p SET TABLE b'])).toEqual({ p: keys('b') });
  expect(
    published(['ALTER PUBLICATION p DROP TABLE b', 'CREATE TABLE d (id int)', 'ALTER PUBLICATION p ADD TABLE d']),
  ).toEqual({ p: keys('a', 'd') });
  expect(published(['DROP PUBLICATION p'])).toEqual({});
});
