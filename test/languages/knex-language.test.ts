import { beforeAll, describe, expect, test } from 'vitest';
import { inDocument } from '../../server/core/source-map.ts';
import type { Engine } from '../../server/engines/engine.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import { exportedHalves } from '../../server/languages/javascript/exported-halves.ts';
import { knexLanguage, rawCalls } from '../../server/languages/knex/knex-language.ts';

let engine: Engine;
beforeAll(async () => {
  engine = (await loadEngines()).postgresql;
});

/** Each statement of a document: its text, and how sure it is that it runs, or why it is not read. */
function told(text: string): readonly string[] {
  return knexLanguage.split(engine, text, { start: 0, end: text.length }).map((statement) => {
    const { operations, problems } = knexLanguage.read(engine, statement);
    const [operation] = operations;
    const certainty = operation === undefined || operation.kind === 'opaque' ? '' : (operation.certainty ?? 'certain');
    return `${statement.text} | ${certainty}${problems.map(({ message }) => message).join()}`;
  });
}

const up = (body: string): string => `exports.up = async function (knex) {\n  ${body}\n};\n`;

describe('a migration of Knex', () => {
  test.each([
    'exports.up = function (knex) { return knex.raw("DROP TABLE a"); };',
    'exports.up = async (knex) => { await knex.raw("DROP TABLE a"); };',
    'exports.up = (knex) => knex.raw("DROP TABLE a");',
    'exports.up = knex => knex.raw("DROP TABLE a");',
    'exports.up = async function up(knex, Promise) { await knex.raw("DROP TABLE a"); }',
    'module.exports = { up: async (knex) => { await knex.raw("DROP TABLE a"); }, down: async () => {} };',
    'module.exports = { async up(knex) { await knex.raw("DROP TABLE a"); }, async down() {} };',
    'async function up(db) { await db.raw("DROP TABLE a"); }\nmodule.exports = { up };',
    'export async function up(knex: Knex): Promise<void> { await knex.raw("DROP TABLE a"); }',
    'export const up = async (knex: Knex): Promise<void> => { await knex.raw("DROP TABLE a"); };',
    'exports.up = (knex) => knex.schema.raw(`DROP TABLE a`);',
    'exports.up = (knex) => knex.raw("DROP " + `TABLE a`);',
  ])('%s', (text) => {
    expect(told(text)).toEqual(['DROP TABLE a | certain']);
  });

  test.each<[string, readonly string[]]>([
    ['// knex.raw("DROP TABLE a")', []],
    ['if (knex.x) await knex.raw("DROP TABLE a");', ['knex.x | Not analysed: knex.x', 'DROP TABLE a | may']],
    ['if (await knex.schema.hasTable("a")) await knex.raw("DROP TABLE a");', ['DROP TABLE a | may']],
    ['await knex.raw(`DROP TABLE ${name}`);', ['the text of this query is put together when it runs']],
    ['await knex.raw("DELETE FROM a WHERE id = ?", [1]);', ['the values of this query are put into it when it runs']],
    ['await knex.raw("DELETE FROM a WHERE b ? \'c\'");', ['the values of this query are put into it when it runs']],
    [
      'await knex.schema.createTable("a", (t) => { t.increments(); }).alterTable("b", (t) => {});',
      ['knex.schema.createTable is a call of Knex, which makes its SQL when it runs'],
    ],
    ['await knex("users").where({ a: 1 }).update({ b: 2 });', ['knex is a call of Knex, which makes its SQL']],
    ['await seed(knex);', ['what is done with knex here is not in this call']],
    [
      'return knex.schema.dropTable("b").then(() => knex.raw("DROP TABLE a"));',
      ['knex.schema.dropTable is a call of Knex', 'DROP TABLE a'],
    ],
  ])('%s', (body, expected) => {
    const found = told(up(body));
    expect(found).toHaveLength(expected.length);
    for (const [index, words] of expected.entries()) expect(found[index]).toContain(words);
  });

  test('a statement is found at its place, the halves apart, and what turns the transaction off', () => {
    const text = `${up('await knex.raw("CREATE INDEX a\\n ON b (c)");')}\nexports.down = (knex) => knex.raw('DROP INDEX a');\nexports.config = { transaction: false };\n`;
    const halves = exportedHalves(text);
    expect(text.slice(halves.bare?.start, halves.bare?.end)).toBe('transaction: false');
    const [statement, ...others] = knexLanguage.split(engine, text, halves.up?.body ?? { start: 0, end: 0 });
    expect(others).toEqual([]);
    if (statement === undefined) throw new Error('no statement');
    const span = inDocument(statement, { start: 0, end: 'CREATE INDEX a'.length });
    expect(text.slice(span.start, span.end)).toBe('CREATE INDEX a');
    expect(told(text.slice(halves.down?.body.start))).toEqual([]);
  });

  test('calls that are written are read again as they were meant', () => {
    const sql = "CREATE TABLE a (b text DEFAULT '`${x}\\');\nDROP TABLE c;\n";
    expect(told(up(rawCalls(sql)))).toEqual([
      "CREATE TABLE a (b text DEFAULT '`${x}\\') | certain",
      'DROP TABLE c | certain',
    ]);
  });

  test.each([
    'exports.up',
    'exports.up = (',
    'exports.up = function (knex) {',
    'up(',
    'module.exports = { up: `${',
    '',
  ])('what is cut off is read as far as it goes: %s', (text) => {
    expect(told(text)).toEqual([]);
  });
});
