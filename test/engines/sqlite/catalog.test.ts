import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSqliteCatalog } from '../../../server/drivers/sqlite-catalog.ts';
import type { Expression } from '../../../server/model/expression.ts';
import type { IndexElement } from '../../../server/model/operation.ts';
import type { Schema } from '../../../server/model/schema.ts';
import { catalogOf, errorOf, foldScript, openMemory } from './database.ts';

function textOf(expression: Expression | undefined): string | undefined {
  return expression?.text.replaceAll(/["\s]/g, '');
}

function elementOf(element: IndexElement): unknown {
  return { ...element, expression: textOf(element.expression) };
}

/** What a schema says, without who made it, where it stood in the text and how names were quoted. */
function facts(schema: Schema): unknown {
  const sorted = (values: readonly unknown[]): readonly string[] => values.map((value) => JSON.stringify(value)).sort();
  return {
    relations: sorted(
      [...schema.relations.values()]
        .filter((relation) => relation.schema === 'main')
        .map((relation) => ({
          name: relation.name,
          kind: relation.kind,
          strict: relation.strict,
          withoutRowid: relation.withoutRowid,
          // Known: SQLite renames in a view's text, and so its columns too; the fold leaves them as they were.
          columns:
            relation.kind === 'view'
              ? relation.columns.length
              : relation.columns.map((column) => ({
                  name: column.name,
                  type: column.type?.display,
                  notNull: column.notNull,
                  default: textOf(column.default),
                  generated: textOf(column.generated?.expression),
                  stored: column.generated?.stored,
                  collation: column.collation,
                  autoincrement: column.autoincrement,
                })),
          constraints: sorted(
            relation.constraints.map((constraint) => ({
              kind: constraint.kind,
              name: constraint.name,
              columns: constraint.columns,
              expression: textOf(constraint.expression),
              inlineOf: constraint.inlineOf,
              onConflict: constraint.onConflict,
              elements: constraint.elements?.map(elementOf),
              references: constraint.references,
              deferrable: constraint.deferrable,
            })),
          ),
          triggers: sorted(
            relation.triggers.map((trigger) => ({
              name: trigger.name,
              timing: trigger.timing,
              events: trigger.events,
              updateColumns: trigger.updateColumns,
            })),
          ),
          // A view over a table that was dropped stays, and means the next one of the name.
          reads: sorted(relation.dependsOn.map((read) => read.key).filter((read) => schema.relations.has(read))),
        })),
    ),
    indexes: sorted(
      [...schema.indexes.values()]
        .filter((index) => index.schema === 'main')
        .map((index) => ({
          name: index.constraint === undefined ? index.name : '',
          relationKey: index.relationKey,
          unique: index.unique,
          elements: index.elements.map(elementOf),
          where: textOf(index.where),
        })),
    ),
  };
}

const NAMES = ['users', 'Posts', 'tags'];
const COLUMNS = ['id', 'name', 'Age', 'extra'];
const name = fc.constantFrom(...NAMES);
const column = fc.constantFrom(...COLUMNS);
const spelt = (names: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(names, fc.constantFrom('plain', 'upper', 'quoted'))
    .map(([text, way]) => (way === 'upper' ? text.toUpperCase() : way === 'quoted' ? `"${text}"` : text));
const suffix = fc.constantFrom(
  '',
  ' NOT NULL DEFAULT 1',
  ' DEFAULT (1)',
  ' UNIQUE',
  ' CHECK (Age > 0)',
  ' COLLATE NOCASE',
  ' REFERENCES users (id)',
  ' REFERENCES Posts (id) ON DELETE CASCADE',
  ' NOT NULL',
  ' AS (id)',
  ' AS (id) STORED',
);
const type = fc.constantFrom('', ' TEXT', ' INTEGER', ' VARCHAR(10)', ' INT');
const definition = fc.tuple(type, suffix).map((parts) => parts.join(''));
const tableEnd = fc.constantFrom(
  '',
  ', UNIQUE (name)',
  ', CONSTRAINT c CHECK (name <> Age)',
  ', FOREIGN KEY (Age) REFERENCES tags (id)',
  ', PRIMARY KEY (name, Age)',
  ', UNIQUE (name COLLATE NOCASE, Age DESC)',
);
const key = fc.constantFrom(
  'id INTEGER PRIMARY KEY',
  'id INTEGER PRIMARY KEY AUTOINCREMENT',
  'id INT',
  'id TEXT UNIQUE',
  'id INTEGER PRIMARY KEY DESC',
);

const creation = fc
  .tuple(name, key, definition, definition, tableEnd)
  .map(([table, id, first, second, end]) => `CREATE TABLE ${table} (${id}, name${first}, Age${second}${end})`);

const statement = fc.oneof(
  { weight: 3, arbitrary: creation },
  {
    weight: 3,
    arbitrary: fc.tuple(spelt(name), definition).map(([table, rest]) => `ALTER TABLE ${table} ADD COLUMN extra${rest}`),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(spelt(name), spelt(column))
      .map(([table, dropped]) => `ALTER TABLE ${table} DROP COLUMN ${dropped}`),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(spelt(name), spelt(column), column)
      .map(([table, from, to]) => `ALTER TABLE ${table} RENAME COLUMN ${from} TO ${to}2`),
  },
  { weight: 2, arbitrary: fc.tuple(spelt(name), name).map(([from, to]) => `ALTER TABLE ${from} RENAME TO ${to}`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(spelt(name), spelt(column), fc.constantFrom('SET', 'DROP'))
      .map(([table, changed, way]) => `ALTER TABLE ${table} ALTER COLUMN ${changed} ${way} NOT NULL`),
  },
  { weight: 2, arbitrary: spelt(name).map((table) => `ALTER TABLE ${table} ADD CONSTRAINT added CHECK (id > 0)`) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(spelt(name), fc.constantFrom('added', 'C'))
      .map(([table, constraint]) => `ALTER TABLE ${table} DROP CONSTRAINT ${constraint}`),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom('', 'UNIQUE '),
        fc.nat(3),
        spelt(name),
        spelt(column),
        fc.constantFrom('', ' DESC', ' COLLATE NOCASE'),
        fc.constantFrom('', ' WHERE id > 1'),
      )
      .map(
        ([unique, number, table, on, order, where]) =>
          `CREATE ${unique}INDEX i${number} ON ${table} (${on}${order}, lower(name))${where}`,
      ),
  },
  { weight: 1, arbitrary: fc.nat(3).map((number) => `DROP INDEX I${number}`) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(2), name).map(([number, table]) => `CREATE VIEW v${number} AS SELECT id FROM ${table}`),
  },
  { weight: 1, arbitrary: fc.nat(2).map((number) => `DROP VIEW V${number}`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.nat(2), name)
      .map(
        ([number, table]) =>
          `CREATE TRIGGER r${number} AFTER UPDATE OF name ON ${table} BEGIN UPDATE ${table} SET name = 1 WHERE id = NEW.id; END`,
      ),
  },
  { weight: 1, arbitrary: fc.nat(2).map((number) => `DROP TRIGGER R${number}`) },
  { weight: 1, arbitrary: spelt(name).map((table) => `DROP TABLE ${table}`) },
);

describe('catalog', () => {
  test('says the same as the fold of the statements that made it', async () => {
    let applied = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(creation, { minLength: 2, maxLength: 4 }),
        fc.array(statement, { maxLength: 30, size: 'max' }),
        async (first, others) => {
          const history = [...first, ...others];
          const database = openMemory();
          try {
            // SQLite takes a view before its table, which the fold cannot tie to a table that comes later.
            const isReadable = (sql: string): boolean =>
              !sql.startsWith('CREATE VIEW') ||
              errorOf(database, `SELECT * FROM ${sql.split(' ').at(-1) ?? ''}`) === undefined;
            const done = history.filter((sql) => isReadable(sql) && errorOf(database, sql) === undefined);
            applied += done.length;
            expect(facts(foldScript(done.map((sql) => `${sql};`).join('\n')))).toEqual(
              facts(await catalogOf(database)),
            );
          } finally {
            database.close();
          }
        },
      ),
      { numRuns: 150, seed: 3 },
    );
    expect(applied).toBeGreaterThan(800);
  });

  test('knows texts, sizes, views over views and virtual tables', async () => {
    const database = openMemory();
    try {
      database.exec(`CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT); CREATE TABLE w (a PRIMARY KEY) WITHOUT ROWID; CREATE VIRTUAL TABLE f USING fts5 (title, body);
        CREATE VIEW v AS SELECT a AS x, upper(b) FROM t; CREATE VIEW u AS SELECT x FROM v; CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END;
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO t SELECT i, 'some text' FROM n;`);
      const schema = await catalogOf(database);
      const relation = (table: string): ReturnType<typeof schema.relations.get> =>
        schema.relations.get(`main\u0000${table}`);
      expect(schema.isComplete).toBe(true);
      expect(relation('t')).toMatchObject({
        sql: 'CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)',
        size: { rows: 1000 },
        triggers: [{ name: 'r', sql: 'CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END' }],
      });
      expect(relation('t')?.size?.bytes).toBeGreaterThan(10_000);
      expect(relation('w')?.size).toBeUndefined();
      expect(relation('f')).toMatchObject({ virtualModule: 'fts5', columns: [{ name: 'title' }, { name: 'body' }] });
      expect(relation('v')?.columns.map((own) => own.name)).toEqual(['x', 'upper(b)']);
      expect(relation('u')?.dependsOn).toMatchObject([{ key: 'main\u0000v' }]);
      database.exec('CREATE INDEX i ON w (a); INSERT INTO w VALUES (1), (2); ANALYZE');
      expect((await catalogOf(database)).relations.get('main\u0000w')?.size).toMatchObject({ rows: 2 });
    } finally {
      database.close();
    }
  });

  test('keeps what the parser cannot read as far as SQLite tells', async () => {
    const database = openMemory();
    try {
      database.exec(
        'CREATE TABLE t (a TEXT NOT NULL, b); CREATE TABLE gone (a); CREATE VIEW v AS SELECT a FROM gone; DROP TABLE gone;',
      );
      const schema = await catalogOf(database);
      expect(schema.relations.get('main\u0000v')).toMatchObject({ kind: 'view', name: 'v' });
      const unread = await readSqliteCatalog(
        async (sql) => database.prepare<unknown[], Record<string, unknown>>(sql).all(),
        () => ({ operations: [] }),
        3054,
      );
      expect(unread.relations.get('main\u0000t')).toMatchObject({
        columns: [{ name: 'a', notNull: true }, { name: 'b' }],
        columnsKnown: true,
        detailsKnown: false,
      });
    } finally {
      database.close();
    }
  });
});
