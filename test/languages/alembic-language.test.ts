import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../server/engines/engine.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import { alembicLanguage, executeCalls } from '../../server/languages/alembic/alembic-language.ts';
import { scriptIn } from '../../server/languages/alembic/script.ts';
import { tokensOf } from '../../server/languages/python/tokens.ts';
import { placeOf, toldBy } from '../support/told-statements.ts';

let engine: Engine;
beforeAll(async () => {
  engine = (await loadEngines()).postgresql;
});

function script(up: string, rest = ''): string {
  return `"""a"""\nfrom alembic import op\nimport sqlalchemy as sa\n\nrevision = 'a1'\ndown_revision: str = 'a0'\n${rest}\n\ndef upgrade() -> None:\n    ${up.replaceAll('\n', '\n    ')}\n\n\ndef downgrade():\n    op.execute("DROP TABLE d")\n`;
}

const DOWN = 'DROP TABLE d | drop-table certain';
const MADE = 'the text of this statement is put together when it runs';

describe('a script of Alembic', () => {
  test.each<[string, readonly string[]]>([
    ['op.execute("DROP TABLE a")', ['DROP TABLE a | drop-table certain']],
    [
      "op.execute('DROP ' 'TABLE a'\n    '; DROP TABLE b')",
      ['DROP TABLE a', 'DROP TABLE b'].map((each) => `${each} | drop-table certain`),
    ],
    [
      'op.execute("""DROP TABLE a""" + r"; DROP TABLE b")',
      ['DROP TABLE a', 'DROP TABLE b'].map((each) => `${each} | drop-table certain`),
    ],
    ['op.execute(sqltext=sa.text("DROP TABLE a"))', ['DROP TABLE a | drop-table certain']],
    ['op.execute(textwrap.dedent("DROP TABLE a"))', ['DROP TABLE a | drop-table certain']],
    ['op.execute(("DROP "\n  "TABLE a"))', ['DROP TABLE a | drop-table certain']],
    ['op.execute(DROP)', ['DROP TABLE c | drop-table certain']],
    ['op.get_bind().execute(sa.text("DROP TABLE a"))', ['DROP TABLE a | drop-table certain']],
    [
      'conn = op.get_bind()\nconn.execute(sa.text("DROP TABLE a"))\nconn.exec_driver_sql("DROP TABLE b")',
      ['DROP TABLE a', 'DROP TABLE b'].map((each) => `${each} | drop-table certain`),
    ],
    ['# op.execute("DROP TABLE a")\ns = "op.execute(1)"\npass', []],
    ['if sa.inspect(op.get_bind()).has_table("a"):\n    op.execute("DROP TABLE a")', ['DROP TABLE a | drop-table may']],
    ['for x in y:\n    op.execute("DROP TABLE a")', ['DROP TABLE a | drop-table may']],
    [
      'with op.get_context().autocommit_block():\n    op.execute("DROP TABLE a")',
      ['DROP TABLE a | drop-table certain'],
    ],
    ['with contextlib.suppress(Exception):\n    op.execute("DROP TABLE a")', ['DROP TABLE a | drop-table may']],
    ['op.execute("DROP TABLE a") if x else None', ['DROP TABLE a | drop-table may']],
    ['if x:\n    return\nop.execute("DROP TABLE a")', ['DROP TABLE a | drop-table may']],
    ['op.execute(f"DROP TABLE {a}")', [`op.execute(f"DROP TABLE {a}") | opaque Not analysed: ${MADE}.`]],
    ['op.execute("DROP TABLE %s" % a)', [`op.execute("DROP TABLE %s" % a) | opaque Not analysed: ${MADE}.`]],
    [
      'op.execute("DROP TABLE {}".format(a))',
      [`op.execute("DROP TABLE {}".format(a)) | opaque Not analysed: ${MADE}.`],
    ],
    [
      "op.execute('UPDATE a SET b = :c')",
      ["op.execute('UPDATE a SET b = :c') | opaque Not analysed: SQLAlchemy takes :c in this text for a parameter."],
    ],
    ["op.execute('UPDATE a SET b = c::int')", ['UPDATE a SET b = c::int | update-rows certain']],
    ["op.execute(r'UPDATE a SET b = c\\:\\:int')", ['UPDATE a SET b = c::int | update-rows certain']],
    [
      "op.add_column('a', sa.Column('b', sa.Text()))",
      [
        "op.add_column('a', sa.Column('b', sa.Text())) | opaque Not analysed: op.add_column is a call of Alembic, which makes its SQL when it runs.",
      ],
    ],
    [
      "with op.batch_alter_table('a') as batch_op:\n    batch_op.drop_column('b')",
      [
        "batch_op.drop_column('b') | opaque Not analysed: batch_op.drop_column is a call of Alembic, which makes its SQL when it runs.",
      ],
    ],
    ['seed(op)', ['op | opaque Not analysed: what is done with op here is not in this call.']],
    ['helper("a")', ['helper("a") | opaque Not analysed: what helper does is not in this half.']],
    [
      'kind.create(op.get_bind())',
      ['op.get_bind() | opaque Not analysed: what is done with the connection is not in this call.'],
    ],
  ])('%s', (up, statements) => {
    const rest = 'DROP = "DROP TABLE c"\n\ndef helper(name):\n    op.drop_table(name)\n';
    expect(toldBy(alembicLanguage, engine, script(up, rest))).toEqual([...statements, DOWN]);
  });

  test('is read with the words where they stand, escapes, tabs and line ends of Windows and all', () => {
    const text = script('op.execute(\n"CREATE TABLE \\x61b (\\\n"\n\'id int)\')')
      .replaceAll('\n', '\r\n')
      .replaceAll('    ', '\t');
    expect(placeOf(alembicLanguage, engine, text, 'id')).toBe('id');
    expect(placeOf(alembicLanguage, engine, text, 'ab')).toBe('\\x61b');
    expect(scriptIn(text)).toMatchObject({ revision: 'a1', after: ['a0'] });
  });

  test('names what it comes after: nothing, one, several', () => {
    const named = (words: string): readonly string[] => scriptIn(`revision = "a"\ndown_revision = ${words}\n`).after;
    expect([named('None'), named("'b'"), named('("b",\n  "c")'), named("['b', 'c']")]).toEqual([
      [],
      ['b'],
      ['b', 'c'],
      ['b', 'c'],
    ]);
    expect(scriptIn("revision = 'a'\ndepends_on = ('b', 'c')\n").dependsOn).toEqual(['b', 'c']);
  });

  test('is cut anywhere without an error', () => {
    const text = script('op.execute(f"a {b}" + rb\'\'\'c\'\'\', sa.text("\\N{BULLET}"))\nif x: op.execute("d")\n@x');
    for (let end = 0; end <= text.length; end++) {
      const part = text.slice(0, end);
      for (const token of tokensOf(part)) expect(token.end).toBeLessThanOrEqual(end);
      for (const { span } of alembicLanguage.split(engine, part, { start: 0, end }))
        expect(span.end).toBeLessThanOrEqual(end);
    }
  });

  test('that is written is read back as the same statements', () => {
    const sql = `CREATE TABLE a (b text DEFAULT $x$"""\\$x$, c text DEFAULT ':d "');\n`;
    const more = "ALTER TABLE a ADD c int;\nALTER TABLE a ADD d text DEFAULT E'\\\\';\nUPDATE a SET c = d::int;\n";
    const written = (text: string): readonly string[] =>
      toldBy(alembicLanguage, engine, script(executeCalls(text, 'one').trim())).map(
        (line) => line.split(' | ')[0] ?? '',
      );
    expect(written(sql)).toEqual([sql.trim().replace(/;$/, ''), 'DROP TABLE d']);
    expect(written(more)).toEqual([
      'ALTER TABLE a ADD c int',
      "ALTER TABLE a ADD d text DEFAULT E'\\\\'",
      'UPDATE a SET c = d::int',
      'DROP TABLE d',
    ]);
  });

  test('loses a statement with its call, where something is left', () => {
    const text = script('op.execute("DROP TABLE a")\nop.execute("DROP TABLE b; DROP TABLE c")');
    const removed = alembicLanguage.split(engine, text, { start: 0, end: text.length }).map((statement) => {
      const span = alembicLanguage.removal(text, statement);
      return span === undefined ? undefined : text.slice(span.start, span.end);
    });
    expect(removed).toEqual(['    op.execute("DROP TABLE a")\n', undefined, undefined, undefined]);
  });
});
