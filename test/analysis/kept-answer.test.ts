import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FolderProject } from '../../server/application/folder-project.ts';
import {
  analyseDocument,
  type AnalysedStatement,
  readDocument,
  type ReadDocument,
} from '../../server/analysis/analyse.ts';
import type { Engine } from '../../server/engines/engine.ts';
import { sqlLanguage } from '../../server/languages/sql/sql-language.ts';
import { openProjects } from '../../server/application/open-project.ts';
import { PersistentMap } from '../../server/core/persistent-map.ts';
import { sameValue } from '../../server/core/same-value.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import type { EngineId } from '../../server/model/engine-id.ts';
import { KeptFold } from '../../server/model/fold/kept-fold.ts';
import { KeptAnswer } from '../../server/model/kept-answer.ts';
import { findRelation } from '../../server/model/lookup.ts';
import { EFFORT, SEED } from '../robustness/texts.ts';
import type { Schema } from '../../server/model/schema.ts';
import { MemoryFiles } from '../support/memory-files.ts';

/** Statements that stand in each other's way: whether one is refused, and what it locks, depends on those above it. */
const POSTGRES = [
  'CREATE TABLE a (id bigint PRIMARY KEY, n int, s text);',
  'CREATE TABLE b (id bigint PRIMARY KEY, a_id bigint REFERENCES a (id), n int);',
  'CREATE TABLE p (id int, at date) PARTITION BY RANGE (at);',
  "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
  'CREATE TABLE h () INHERITS (a);',
  'CREATE TABLE copied AS SELECT id, s FROM a;',
  'CREATE TEMPORARY TABLE a (id int);',
  'CREATE SCHEMA other CREATE TABLE a (id int);',
  'SET search_path = other, public;',
  "SET TIME ZONE 'UTC';",
  'RESET ALL;',
  'BEGIN;',
  'ROLLBACK;',
  'COMMIT;',
  'CREATE EXTENSION citext;',
  "CREATE TYPE mood AS ENUM ('sad', 'ok');",
  "ALTER TYPE mood ADD VALUE 'happy';",
  'ALTER TABLE a ADD COLUMN m mood;',
  'ALTER TABLE a ADD COLUMN n2 int NOT NULL DEFAULT 1;',
  'ALTER TABLE a DROP COLUMN n;',
  'ALTER TABLE a RENAME COLUMN n TO n2;',
  'ALTER TABLE a ALTER COLUMN n TYPE bigint;',
  'ALTER TABLE a ALTER COLUMN n SET NOT NULL;',
  "ALTER TABLE a ALTER COLUMN n SET DEFAULT 'x';",
  'ALTER TABLE a ADD CONSTRAINT a_n CHECK (n > 0) NOT VALID;',
  'ALTER TABLE a VALIDATE CONSTRAINT a_n;',
  'ALTER TABLE a DROP CONSTRAINT a_n;',
  'ALTER TABLE b ADD CONSTRAINT b_a FOREIGN KEY (n) REFERENCES a (n);',
  'ALTER TABLE a RENAME TO c;',
  'ALTER TABLE a SET SCHEMA other;',
  'ALTER TABLE a ENABLE ROW LEVEL SECURITY;',
  'CREATE UNIQUE INDEX a_key ON a (n);',
  'CREATE INDEX CONCURRENTLY p_at ON p (at);',
  'DROP INDEX a_key;',
  'CREATE VIEW v AS SELECT id, n FROM a;',
  'CREATE OR REPLACE VIEW v AS SELECT id, n, s FROM a;',
  'CREATE MATERIALIZED VIEW mv AS SELECT id, count(*) FROM v GROUP BY id;',
  'REFRESH MATERIALIZED VIEW CONCURRENTLY mv;',
  'DROP VIEW v CASCADE;',
  'DROP TABLE a;',
  'DROP TABLE b CASCADE;',
  'DROP TYPE mood;',
  'CREATE SEQUENCE s OWNED BY a.n;',
  "INSERT INTO a (id, n) VALUES (1, 'x');",
  'INSERT INTO a (id, n2) VALUES (1, 2);',
  'INSERT INTO a (id) VALUES (1) ON CONFLICT (n) DO NOTHING;',
  'UPDATE a SET n = n2 WHERE id IN (SELECT a_id FROM b);',
  'DELETE FROM a USING b WHERE a.id = b.n;',
  'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.n := 1; RETURN NEW; END $$;',
  'CREATE FUNCTION g(x int) RETURNS int LANGUAGE sql AS $$ SELECT n FROM a WHERE id = x $$;',
  'CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f();',
  'DROP FUNCTION f();',
  'SELECT g(1);',
  'DO $$ BEGIN ALTER TABLE a ADD COLUMN d int; IF true THEN DROP TABLE b; END IF; END $$;',
  'CREATE PUBLICATION pub FOR TABLE a;',
  'DROP PUBLICATION pub;',
  'TRUNCATE a;',
  'VACUUM FULL a;',
  'LOCK TABLE a;',
  'GRANT SELECT ON a TO PUBLIC;',
];

const SQLITE = [
  'CREATE TABLE a (id INTEGER PRIMARY KEY, n INT, s TEXT);',
  'CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INT REFERENCES a (id));',
  'ALTER TABLE a ADD COLUMN m INT;',
  'ALTER TABLE a ADD COLUMN u INT NOT NULL;',
  'ALTER TABLE a ADD COLUMN t TEXT DEFAULT CURRENT_TIMESTAMP;',
  'ALTER TABLE a DROP COLUMN n;',
  'ALTER TABLE a RENAME COLUMN n TO m;',
  'ALTER TABLE a RENAME TO c;',
  'CREATE INDEX a_n ON a (n);',
  'DROP INDEX a_n;',
  'CREATE VIEW v AS SELECT n FROM a;',
  'DROP VIEW v;',
  'DROP TABLE a;',
  'CREATE TRIGGER t AFTER UPDATE ON b BEGIN UPDATE a SET n = 1; END;',
  'INSERT INTO a (id, n) VALUES (1, 2);',
  'PRAGMA foreign_keys = off;',
  'BEGIN;',
  'COMMIT;',
];

const PATH = 'migrations/0002_edited.up.sql';
const engines = loadEngines();

async function open(dialect: EngineId, text: string): Promise<FolderProject> {
  const { projects } = await openProjects({
    root: '/app',
    files: new MemoryFiles({
      '/app/lockstep.jsonc': JSON.stringify({ dialect, preset: 'all' }),
      '/app/migrations/0001_tables.up.sql': 'CREATE TABLE a (id bigint PRIMARY KEY, n int, s text);\n',
      [`/app/${PATH}`]: text,
    }),
    engines: await engines,
  });
  const [project] = projects;
  if (project === undefined) throw new Error('no project was found');
  return project;
}

const said = (project: FolderProject): unknown => ({ lint: project.lint(PATH), explained: project.explain(PATH) });

test.each([
  ['postgresql', POSTGRES, 40],
  ['sqlite', SQLITE, 15],
] as const)(
  'what is said after edits in %s is what is said of the text opened anew',
  async (dialect, pool, numRuns) => {
    const line = fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...pool) },
      { weight: 1, arbitrary: fc.constant('') },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 6, maxLength: 20 }),
        fc.array(
          fc.record({ at: fc.nat({ max: 19 }), line, isInserted: fc.boolean(), versionsBack: fc.nat({ max: 3 }) }),
          { minLength: 1, maxLength: 6 },
        ),
        async (first, edits) => {
          let lines = [...first];
          const versions = [lines];
          const edited = await open(dialect, lines.join('\n'));
          said(edited);
          for (const edit of edits) {
            // What was typed is taken back, too: answers of versions before the last one are kept.
            const back = edit.isInserted ? undefined : versions.at(-1 - edit.versionsBack);
            lines = [...(back ?? lines)];
            if (back === undefined || edit.versionsBack === 0)
              lines.splice(edit.at % lines.length, edit.isInserted ? 0 : 1, edit.line);
            versions.push(lines);
            edited.setText(PATH, lines.join('\n'));
            said(edited);
          }
          expect(said(edited)).toEqual(said(await open(dialect, lines.join('\n'))));
        },
      ),
      { numRuns: numRuns * EFFORT, seed: SEED },
    );
  },
);

/** Everything in a schema, as plain data. */
function contents({ relations, indexes, sequences, types, functions, schemas, dropped, ...rest }: Schema): unknown {
  const { links, transactions, ...others } = rest;
  const plain = (map: PersistentMap<NonNullable<unknown>>): unknown => Object.fromEntries(map.entries());
  return {
    ...others,
    maps: [relations, indexes, sequences, types, functions, schemas, dropped].map(plain),
    links: links === undefined ? undefined : [links.incoming, links.constraintNames, links.foldedNames].map(plain),
    keys: [links?.temporaryKeys, links?.ruledKeys],
    transactions: transactions?.length,
  };
}

test('what a statement made is made again as the statement itself would', async () => {
  const { postgresql: engine } = await engines;
  const target = { version: engine.defaultVersion, timeZone: 'unknown' };
  const parsed = new Map(POSTGRES.map((sql) => [sql, engine.parse(sql).operations]));
  const first = [...POSTGRES.slice(0, 3), 'CREATE SCHEMA other CREATE TABLE a (id int);'];
  const start = first.reduce(
    (schema, sql) => engine.fold(schema, engine.parse(sql).operations, { fileIndex: 0 }, target),
    engine.emptySchema(true),
  );
  let folded = 0;
  let asked = 0;
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...POSTGRES), { minLength: 4, maxLength: 12 }),
      fc.array(fc.tuple(fc.nat({ max: 3 }), fc.constantFrom(...POSTGRES)), { minLength: 6, maxLength: 12 }),
      (statements, edits) => {
        const lines = [...statements];
        const kept = new Map<string, KeptFold>();
        for (const [at, line] of edits) {
          lines[at] = line;
          let schema = start;
          let plain = start;
          for (const [place, sql] of lines.entries()) {
            const operations = parsed.get(sql) ?? [];
            const before = schema;
            asked++;
            const made = KeptFold.of(kept.get(`${place} ${sql}`), before, (like) => {
              folded++;
              return engine.fold(before, operations, { fileIndex: 1 }, target, like);
            });
            kept.set(`${place} ${sql}`, made.kept);
            schema = made.after;
            plain = engine.fold(plain, operations, { fileIndex: 1 }, target);
          }
          expect(contents(schema)).toEqual(contents(plain));
        }
      },
    ),
    { numRuns: 150 * EFFORT, seed: SEED },
  );
  // What stands above the edit is the same, and most of what stands below it is made again.
  expect(folded).toBeLessThan(asked * 0.7);
});

test('what is typed and taken back is neither read, folded nor judged again', async () => {
  const { postgresql } = await engines;
  const work = { read: 0, folded: 0, effects: 0 };
  const engine: Engine = {
    ...postgresql,
    parse(...given) {
      work.read++;
      return postgresql.parse(...given);
    },
    fold(...given) {
      work.folded++;
      return postgresql.fold(...given);
    },
    effects(...given) {
      work.effects++;
      return postgresql.effects(...given);
    },
  };
  const target = { version: engine.defaultVersion, timeZone: 'unknown' };
  const before = engine.fold(engine.emptySchema(true), postgresql.parse(POSTGRES[0] ?? '').operations, OWN, target);
  let document: ReadDocument | undefined;
  let analysed: readonly AnalysedStatement[] = [];
  const take = (column: string): readonly AnalysedStatement[] => {
    const text = `ALTER TABLE a ADD COLUMN ${column} int;\nGRANT SELECT ON a TO PUBLIC;\nUPDATE a SET n = 1;`;
    const section = { span: { start: 0, end: text.length }, direction: 'up', transaction: 'one' } as const;
    document = readDocument(engine, sqlLanguage, text, [section], [], document);
    analysed = analyseDocument(engine, document, before, undefined, OWN, target, analysed);
    return analysed;
  };
  const first = take('x');
  take('xy');
  Object.assign(work, { read: 0, folded: 0, effects: 0 });
  const again = take('x');
  expect(work).toEqual({ read: 0, folded: 0, effects: 0 });
  expect(again.map(({ after, effects }) => [after, effects])).toEqual(
    first.map(({ after, effects }) => [after, effects]),
  );
  take('other');
  expect(work.read).toBe(1);
  expect(work.folded).toBeGreaterThan(0);
  expect(work.effects).toBeGreaterThan(0);
});

const OWN = { fileIndex: 1 };

describe('an answer is kept', async () => {
  const { postgresql: engine } = await engines;
  const target = { version: engine.defaultVersion, timeZone: 'unknown' };
  const migrated = (...statements: readonly string[]): Schema =>
    statements.reduce(
      (schema, sql) => engine.fold(schema, engine.parse(sql).operations, { fileIndex: 0 }, target),
      engine.emptySchema(true),
    );
  // Notes are taken the second time.
  const noted = (schema: Schema, work: () => unknown): KeptAnswer<unknown> =>
    KeptAnswer.of(
      KeptAnswer.of(undefined, engine.emptySchema(true), () => undefined),
      schema,
      work,
    );
  const ofA = (schema = migrated('CREATE TABLE a (id int)')): KeptAnswer<unknown> =>
    noted(schema, () => findRelation(schema, { name: 'a' })?.columns.length);

  test('for a schema that differs elsewhere, equal objects made anew included', () => {
    expect(ofA().isFor(migrated('CREATE TABLE a (id int)', 'CREATE TABLE b (id int)'))).toBe(true);
  });

  test('for none in which what was asked for differs, is gone or comes first', () => {
    expect(ofA().isFor(migrated('CREATE TABLE a (id int, n int)'))).toBe(false);
    expect(ofA().isFor(migrated())).toBe(false);
    expect(ofA().isFor(migrated('CREATE TABLE a (id int)', 'CREATE TEMPORARY TABLE a (id int)'))).toBe(false);
    expect(ofA(migrated()).isFor(migrated('CREATE TABLE a (id int)'))).toBe(false);
    expect(ofA().isFor(migrated('CREATE TABLE a (id int)', 'SET search_path = other'))).toBe(false);
  });

  test('for no other schema where every object was asked for, or a map that is none of the schema', () => {
    const schema = migrated('CREATE TABLE a (id int)');
    const other = migrated('CREATE TABLE a (id int)', 'CREATE TABLE b (id int)');
    expect(noted(schema, () => [...schema.relations.values()]).isFor(other)).toBe(false);
    expect(noted(schema, () => PersistentMap.from([['x', 1]]).get('x')).isFor(other)).toBe(false);
  });
});

test('values are the same by what they hold', () => {
  expect(sameValue({ a: [1, { b: 'x' }], c: undefined }, { a: [1, { b: 'x' }], c: undefined })).toBe(true);
  for (const [left, right] of [
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: 1, b: 2 }, { a: 1 }],
    [{ a: undefined }, { b: undefined }],
    [[1], { 0: 1 }],
    [new Set([1]), new Set([1])],
    [null, {}],
  ])
    expect(sameValue(left, right)).toBe(false);
});
