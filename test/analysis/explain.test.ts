import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../server/engines/engine.ts';
import { explainStatements } from '../../server/analysis/explain.ts';
import { analyseDocument, readDocument } from '../../server/analysis/analyse.ts';
import type { ExplainedStatement } from '../../server/analysis/report.ts';
import { type Effect, strongerLock } from '../../server/model/effect.ts';
import type { Schema } from '../../server/model/schema.ts';
import { FAMILIES } from '../database/forms/index.ts';
import { foldFixture, loadPostgres } from '../database/support/lock-comparison.ts';
import { sqlLanguage } from '../../server/languages/sql/sql-language.ts';
import { readDirectives } from '../../server/model/directives.ts';

let engine: Engine;

beforeAll(async () => {
  engine = await loadPostgres();
});

/** The last statement of a script, explained; what comes before it is the schema. */
function explained(text: string, version = 17): ExplainedStatement {
  const sections = [{ direction: 'up' as const, span: { start: 0, end: text.length }, transaction: 'one' as const }];
  const target = { version, timeZone: 'unknown' };
  const statements = analyseDocument(
    engine,
    readDocument(engine, sqlLanguage, text, sections, readDirectives(text).allows),
    engine.emptySchema(true),
    undefined,
    { fileIndex: 0 },
    target,
  );
  const last = explainStatements({ engine, target, settings: {}, holders: [] }, text, statements).at(-1);
  if (last === undefined) throw new Error('no statement');
  return last;
}

/** `kind@from-to: relation lock rewrite scan`, for each action. */
function actions(statement: ExplainedStatement): readonly string[] {
  return statement.operations.map(
    (operation) =>
      `${operation.kind}@${operation.range.start.character}-${operation.range.end.character}: ${operation.effects
        .map(
          (effect) =>
            `${effect.relation} ${effect.lock}${effect.rewrite ? ' rewrite' : ''}${effect.scan ? ' scan' : ''}`,
        )
        .join(', ')}`,
  );
}

const USERS = 'CREATE TABLE users (id int PRIMARY KEY, age int, email text);\n';

describe('each action of a statement has its own effects', () => {
  test('a cheap action beside a heavy one', () => {
    const statement = explained(
      `${USERS}ALTER TABLE users ADD COLUMN nick text, ALTER COLUMN age TYPE bigint, ALTER COLUMN email SET STATISTICS 5;`,
    );
    expect(actions(statement)).toEqual([
      'add-column@18-38: public.users AccessExclusiveLock',
      'alter-type@40-68: public.users AccessExclusiveLock rewrite scan, public.users_pkey AccessExclusiveLock rewrite',
      'set-statistics@70-105: public.users ShareUpdateExclusiveLock',
    ]);
    expect(statement.effects.map((effect) => [effect.relation, effect.rewrite])).toEqual([
      ['public.users', true],
      ['public.users_pkey', true],
    ]);
  });

  test('an action that spares another its work still does: an index over a dropped column is not built again', () => {
    const statement = explained(
      `${USERS}CREATE INDEX users_email ON users (email);\nALTER TABLE users DROP COLUMN email, ALTER COLUMN age TYPE bigint;`,
    );
    expect(actions(statement)).toEqual([
      'drop-column@18-35: public.users AccessExclusiveLock',
      'alter-type@37-65: public.users AccessExclusiveLock rewrite scan, public.users_pkey AccessExclusiveLock rewrite',
    ]);
  });

  test('a foreign key locks the other table in its own action only', () => {
    const statement = explained(
      `${USERS}CREATE TABLE orders (id int PRIMARY KEY, user_id int);\nALTER TABLE orders ADD COLUMN note text, ADD CONSTRAINT u FOREIGN KEY (user_id) REFERENCES users (id);`,
    );
    expect(statement.operations.map((operation) => operation.effects.map((effect) => effect.relation))).toEqual([
      ['public.orders'],
      ['public.orders', 'public.users'],
    ]);
  });

  test("one operation has the statement's effects", () => {
    const statement = explained(`${USERS}ALTER TABLE users ALTER COLUMN age TYPE bigint;`);
    expect(statement.operations[0]?.effects).toEqual(statement.effects);
  });

  test('statements of a DO block are told apart', () => {
    const statement = explained(
      `${USERS}DO $$ BEGIN ALTER TABLE users ADD COLUMN a int; UPDATE users SET a = 1; END $$;`,
    );
    expect(statement.operations.map((operation) => operation.effects.map((effect) => effect.lock))).toEqual([
      ['AccessExclusiveLock'],
      ['RowExclusiveLock'],
    ]);
  });
});

/** Relation by relation: the strongest lock, and whether anything rewrites or reads it. */
function merged(effects: readonly Effect[]): readonly string[] {
  const lines = new Map<string, Pick<Effect, 'lock' | 'rewrite' | 'scan'>>();
  for (const effect of effects) {
    const key = `${effect.schema}.${effect.relation}`;
    const line = lines.get(key) ?? effect;
    lines.set(key, {
      lock: strongerLock(line.lock, effect.lock),
      rewrite: line.rewrite || effect.rewrite,
      scan: line.scan || effect.scan,
    });
  }
  return [...lines]
    .map(([key, line]) => `${key} ${line.lock}${line.rewrite ? ' rewrite' : ''}${line.scan ? ' scan' : ''}`)
    .toSorted();
}

describe("the actions' effects add up to the statement's", () => {
  const alter = /^ALTER TABLE (users|par|events|items|orders|gen|doms|metrics) (?!RENAME|SET SCHEMA|ATTACH|DETACH|\*)/;
  const forms = FAMILIES.flatMap((family) => family.forms).map((form) => form.sql);
  const singles = forms.filter((sql) => alter.test(sql));

  test.each([13, 18])('on PostgreSQL %i, for every form of the oracle and for pairs of actions', (version) => {
    const schema: Schema = foldFixture(engine, version);
    const target = { version, timeZone: 'America/New_York' };
    // Each action beside one further down the list on the same table: every kind meets several others.
    const pairs = singles.flatMap((sql, index) => {
      const table = alter.exec(sql)?.[0] ?? '';
      return [7, 31, 101].flatMap((step) => {
        const other = singles[(index + step) % singles.length] ?? '';
        return other.startsWith(table) ? [`${sql}, ${other.slice(table.length)}`] : [];
      });
    });
    let several = 0;
    for (const sql of [...forms, ...pairs]) {
      const { operations, problems } = engine.parse(sql);
      if (operations.length < 2 || problems.length > 0) continue;
      several++;
      const parts = [...engine.effectsApart(operations, schema, target).values()].flat();
      expect(merged(parts), sql).toEqual(merged(engine.effects(operations, schema, target)));
    }
    expect(several).toBeGreaterThan(200);
  });
});
