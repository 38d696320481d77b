import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../server/engines/engine.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import type { Language } from '../../server/languages/language.ts';
import { kyselyLanguage, sqlTags } from '../../server/languages/kysely/kysely-language.ts';
import { addSqlCalls, mikroOrmLanguage } from '../../server/languages/mikro-orm/mikro-orm-language.ts';
import { queryInterfaceCalls, sequelizeLanguage } from '../../server/languages/sequelize/sequelize-language.ts';

let engine: Engine;
beforeAll(async () => {
  engine = (await loadEngines()).postgresql;
});

/** Each statement of a document: its text, and how sure it is that it runs, or why it is not read. */
function told(language: Language, text: string): readonly string[] {
  return language.split(engine, text, { start: 0, end: text.length }).map((statement) => {
    const { operations, problems } = language.read(engine, statement);
    const [operation] = operations;
    const certainty = operation === undefined || operation.kind === 'opaque' ? '' : (operation.certainty ?? 'certain');
    return `${statement.text} | ${certainty}${problems.map(({ message }) => message).join()}`;
  });
}

function expectTold(language: Language, text: string, expected: readonly string[]): void {
  const found = told(language, text);
  expect(found).toHaveLength(expected.length);
  for (const [index, words] of expected.entries()) expect(found[index]).toContain(words);
}

const TEXTS = "CREATE TABLE a (b text DEFAULT '`${x}\\');\nDROP TABLE c;\n";
const TOLD = ["CREATE TABLE a (b text DEFAULT '`${x}\\') | certain", 'DROP TABLE c | certain'];

describe('a migration of Kysely', () => {
  const up = (body: string): string => `export async function up(db: Kysely<any>): Promise<void> {\n  ${body}\n}\n`;

  test.each<[string, readonly string[]]>([
    ['await sql`DROP TABLE a`.execute(db);', ['DROP TABLE a | certain']],
    ['await sql<{ n: number }>`DROP TABLE a`.execute(db);', ['DROP TABLE a | certain']],
    ["await sql.raw('DROP TABLE a').execute(db);", ['DROP TABLE a | certain']],
    ['if (db.x) await sql`DROP TABLE a`.execute(db);', ['Not analysed: db.x', 'DROP TABLE a | may']],
    ['await sql`DROP TABLE ${sql.table(name)}`.execute(db);', ['is put together when it runs']],
    ['await sql.raw(text).execute(db);', ['is put together when it runs']],
    [
      "await db.schema.createTable('a').addColumn('b', 'text', (c) => c.defaultTo(sql`now()`)).execute();",
      ['db.schema.createTable is a call of Kysely, which makes its SQL when it runs'],
    ],
    ["const rows = await db.selectFrom('a').selectAll().execute();", []],
  ])('%s', (body, expected) => expectTold(kyselyLanguage, up(body), expected));

  test('what is written is read again as it was meant', () => {
    expect(told(kyselyLanguage, up(sqlTags(TEXTS)))).toEqual(TOLD);
  });
});

describe('a migration of MikroORM', () => {
  const up = (body: string): string =>
    `export class Migration20240101000000 extends Migration {\n  override async up(): Promise<void> {\n    ${body}\n  }\n}\n`;

  test.each<[string, readonly string[]]>([
    ['this.addSql(`DROP TABLE a`);', ['DROP TABLE a | certain']],
    ["await this.execute('DROP TABLE a');", ['DROP TABLE a | certain']],
    ['if (await this.isThere()) this.addSql(`DROP TABLE a`);', ['DROP TABLE a | may']],
    ['this.addSql(`DROP TABLE ${name}`);', ['is put together when it runs']],
    ["this.addSql(this.getKnex().schema.dropTable('a').toQuery());", ['is put together when it runs']],
  ])('%s', (body, expected) => expectTold(mikroOrmLanguage, up(body), expected));

  test('what is written is read again as it was meant', () => {
    expect(told(mikroOrmLanguage, up(addSqlCalls(TEXTS)))).toEqual(TOLD);
  });
});

describe('a migration of Sequelize', () => {
  const up = (body: string): string =>
    `module.exports = { async up(queryInterface, Sequelize) {\n  ${body}\n}, async down() {} };\n`;

  test.each<[string, readonly string[]]>([
    ["await queryInterface.sequelize.query('DROP TABLE a');", ['DROP TABLE a | certain']],
    [
      "await queryInterface.sequelize.transaction(async (t) => { await queryInterface.sequelize.query('DROP TABLE a', { transaction: t }); });",
      ['DROP TABLE a | certain'],
    ],
    [
      "await queryInterface.sequelize.query('DELETE FROM a WHERE id = :id', { replacements: { id: 1 } });",
      ['the values of this query are put into it when it runs'],
    ],
    ["if (x) { await queryInterface.sequelize.query('DROP TABLE a'); }", ['DROP TABLE a | may']],
    [
      "await queryInterface.addColumn('a', 'b', Sequelize.TEXT);",
      ['queryInterface.addColumn is a call of Sequelize, which makes its SQL when it runs'],
    ],
    ["const found = await queryInterface.describeTable('a');", []],
  ])('%s', (body, expected) => expectTold(sequelizeLanguage, up(body), expected));

  test('what is written is read again as it was meant', () => {
    expect(told(sequelizeLanguage, up(queryInterfaceCalls(TEXTS, '  ', '')))).toEqual(TOLD);
  });
});
