import { beforeAll, describe, expect, test } from 'vitest';
import { inDocument } from '../../server/core/source-map.ts';
import type { Engine } from '../../server/engines/engine.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import { tokensOf } from '../../server/languages/javascript/tokens.ts';
import { migrationIn } from '../../server/languages/typeorm/migration-class.ts';
import { queryCalls, typeormLanguage } from '../../server/languages/typeorm/typeorm-language.ts';

let engine: Engine;
beforeAll(async () => {
  engine = (await loadEngines()).postgresql;
});

function migration(up: string, rest = ''): string {
  return `import { MigrationInterface, QueryRunner } from "typeorm";\n\nexport class A1700000000000 implements MigrationInterface {\n${rest}  public async up(queryRunner: QueryRunner): Promise<void> {\n    ${up}\n  }\n  public async down(runner: QueryRunner): Promise<void> {\n    await runner.query("DROP TABLE d");\n  }\n}\n`;
}

/** Each statement of a document: its text, the words in the document, and how sure it is that it runs. */
function told(text: string): readonly string[] {
  return typeormLanguage.split(engine, text, { start: 0, end: text.length }).map((statement) => {
    const { operations, problems } = typeormLanguage.read(engine, statement);
    const [operation] = operations;
    const certainty = operation === undefined || operation.kind === 'opaque' ? '' : (operation.certainty ?? 'certain');
    return `${statement.text} | ${operation?.kind ?? ''} ${certainty}${problems.map(({ message }) => message).join()}`;
  });
}

const DOWN = 'DROP TABLE d | drop-table certain';

describe('a migration of TypeORM', () => {
  test.each<[string, readonly string[]]>([
    ['await queryRunner.query(`DROP TABLE a`);', ['DROP TABLE a | drop-table certain']],
    [
      "await queryRunner.query('DROP TABLE a; DROP TABLE b')",
      ['DROP TABLE a | drop-table certain', 'DROP TABLE b | drop-table certain'],
    ],
    ['await queryRunner.query("DROP " + `TABLE a`, []);', ['DROP TABLE a | drop-table certain']],
    ['await queryRunner.manager.query("DROP TABLE a");', ['DROP TABLE a | drop-table certain']],
    ['// await queryRunner.query("DROP TABLE a");\n/* queryRunner.query("x") */ const s = "queryRunner.query(1)";', []],
    [
      'if (await queryRunner.hasTable("a")) await queryRunner.query("DROP TABLE a");',
      ['DROP TABLE a | drop-table may'],
    ],
    ['for (const x of [1]) { await queryRunner.query("DROP TABLE a"); }', ['DROP TABLE a | drop-table may']],
    ['if (process.env.X) { return; }\n await queryRunner.query("DROP TABLE a");', ['DROP TABLE a | drop-table may']],
    [
      'await queryRunner.query(`DROP TABLE ${name}`);',
      [
        'await queryRunner.query(`DROP TABLE ${name}`) | opaque Not analysed: the text of this query is put together when it runs.',
      ],
    ],
    [
      'await queryRunner.dropColumn("a", "b");',
      [
        'await queryRunner.dropColumn("a", "b") | opaque Not analysed: queryRunner.dropColumn is a call of TypeORM, which makes its SQL when it runs.',
      ],
    ],
    [
      'await seed(queryRunner);',
      ['queryRunner | opaque Not analysed: what is done with queryRunner here is not in this call.'],
    ],
  ])('%s', (up, statements) => {
    expect(told(migration(up))).toEqual([...statements, DOWN]);
  });

  test('is read with the words where they stand, escapes and all', () => {
    const text = migration("await queryRunner.query('CREATE TABLE \\'a\\u0062\\n(id int)');".replaceAll("\\'", ''));
    const [statement] = typeormLanguage.split(engine, text, { start: 0, end: text.length });
    if (statement === undefined) throw new Error('no statement');
    expect(statement.text).toBe('CREATE TABLE ab\n(id int)');
    const at = statement.text.indexOf('id');
    const { start, end } = inDocument(statement, { start: at, end: at + 2 });
    expect(text.slice(start, end)).toBe('id');
    expect(start).toBe(text.indexOf('id int'));
  });

  test('has a name, halves and a mark, whatever stands around them', () => {
    const text = `const pattern = /up(}/;\nclass Other {}\n${migration('const s = `${`}`}`;', "  name = 'B1700000000001'\n  transaction: boolean = false\n  helper() { this.up(1); }\n")}`;
    const read = migrationIn(text);
    expect(read.name).toBe('B1700000000001');
    expect(read.bare).toBeDefined();
    expect(text.slice(read.up?.body.start, read.up?.body.end)).toContain('const s');
    expect(read.down?.runner).toBe('runner');
    expect(migrationIn('module.exports = class C1 { async up(q) {} async down(q) {} }')).toMatchObject({
      name: 'C1',
      up: { runner: 'q' },
      down: { runner: 'q' },
    });
  });

  test('is cut anywhere without an error', () => {
    const text = migration('await queryRunner.query(`a ${b(`c`)} \\``, "d"); const r = /[/]x/;');
    for (let end = 0; end <= text.length; end++) {
      const part = text.slice(0, end);
      for (const token of tokensOf(part)) expect(token.end).toBeLessThanOrEqual(end);
      for (const { span } of typeormLanguage.split(engine, part, { start: 0, end }))
        expect(span.end).toBeLessThanOrEqual(end);
    }
  });

  test('that is written is read back as the same statements', () => {
    const sql = 'CREATE TABLE a (b text DEFAULT $x$`${1}\\$x$);\n';
    const more = "ALTER TABLE a ADD c int;\nALTER TABLE a ADD d text DEFAULT E'\\\\`';\n";
    expect(told(migration(queryCalls(sql))).map((line) => line.split(' | ')[0])).toEqual([
      sql.trim().replace(/;$/, ''),
      'DROP TABLE d',
    ]);
    expect(told(migration(queryCalls(more))).map((line) => line.split(' | ')[0])).toEqual([
      'ALTER TABLE a ADD c int',
      "ALTER TABLE a ADD d text DEFAULT E'\\\\`'",
      'DROP TABLE d',
    ]);
    expect(queryCalls(more).match(/query\(/g)).toHaveLength(2);
  });

  test('loses a statement with its call, where it is one of its own', () => {
    const text = migration(
      'await queryRunner.query("DROP TABLE a");\n    await queryRunner.query("DROP TABLE b; DROP TABLE c");',
    );
    const statements = typeormLanguage.split(engine, text, { start: 0, end: text.length });
    const removed = statements.map((statement) => {
      const span = typeormLanguage.removal(text, statement);
      return span === undefined ? undefined : text.slice(span.start, span.end);
    });
    expect(removed).toEqual([
      '    await queryRunner.query("DROP TABLE a");\n',
      undefined,
      undefined,
      '    await runner.query("DROP TABLE d");\n',
    ]);
  });
});
