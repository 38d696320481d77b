import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../server/engines/engine.ts';
import { loadEngines } from '../../server/host/load-engines.ts';
import { djangoLanguage, irreversibleIn, runSql } from '../../server/languages/django/django-language.ts';
import { djangoMigrationIn } from '../../server/languages/django/django-migration.ts';
import { placeOf, toldBy } from '../support/told-statements.ts';

let engine: Engine;
beforeAll(async () => {
  engine = (await loadEngines()).postgresql;
});

function migration(operations: string): string {
  return `from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n    atomic = False\n    dependencies = [\n        ('auth', '0012_x'),\n        migrations.swappable_dependency(settings.AUTH_USER_MODEL),\n        ("shop", "0001_a"),\n    ]\n    operations = [\n        ${operations}\n    ]\n`;
}

const MADE = 'Not analysed: the text of this SQL is put together when it runs.';

describe('a migration of Django', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    [
      'migrations.RunSQL("DROP TABLE a; DROP TABLE b", "CREATE TABLE a (id int)"),',
      ['DROP TABLE a | drop-table certain', 'DROP TABLE b | drop-table certain'],
      ['CREATE TABLE a (id int) | create-table certain'],
    ],
    [
      'migrations.RunSQL(sql=["DROP TABLE a", ("DROP TABLE b", None)], reverse_sql=migrations.RunSQL.noop),\n migrations.RunSQL("DROP TABLE c", reverse_sql="""CREATE TABLE c (id int)"""),',
      ['DROP TABLE a', 'DROP TABLE b', 'DROP TABLE c'].map((each) => `${each} | drop-table certain`),
      ['CREATE TABLE c (id int) | create-table certain'],
    ],
    [
      'migrations.SeparateDatabaseAndState(database_operations=[RunSQL("DROP TABLE a")], state_operations=[migrations.DeleteModel("A")]),',
      ['DROP TABLE a | drop-table certain'],
      [],
    ],
    ['migrations.AlterModelOptions(name="a", options={}),', [], []],
    [
      'migrations.RemoveField(model_name="a", name="b"),',
      [
        'migrations.RemoveField(model_name="a", name="b") | opaque Not analysed: RemoveField is an operation of Django, which makes its SQL when it runs.',
      ],
      [
        'migrations.RemoveField(model_name="a", name="b") | opaque Not analysed: RemoveField is an operation of Django, which makes its SQL when it runs.',
      ],
    ],
    [
      'migrations.RunPython(fill, migrations.RunPython.noop),',
      [
        'migrations.RunPython(fill, migrations.RunPython.noop) | opaque Not analysed: RunPython runs a function of Python.',
      ],
      [],
    ],
    ['migrations.RunSQL("DROP TABLE %s" % a),', [`migrations.RunSQL("DROP TABLE %s" % a) | opaque ${MADE}`], []],
    [
      'migrations.RunSQL([("UPDATE a SET b = %s", ["c"])]),',
      [
        'migrations.RunSQL([("UPDATE a SET b = %s", ["c"])]) | opaque Not analysed: values are put into this text when it runs.',
      ],
      [],
    ],
    [
      '*more(),',
      ['* | opaque Not analysed: what stands here is no operation that can be seen before it runs.'],
      ['* | opaque Not analysed: what stands here is no operation that can be seen before it runs.'],
    ],
  ])('%s', (operations, up, down) => {
    const text = migration(operations);
    expect(toldBy(djangoLanguage, engine, text)).toEqual(up);
    expect(toldBy(djangoLanguage, engine, text, 1)).toEqual(down);
  });

  test('goes back from the last operation to the first', () => {
    const text = migration(
      'RunSQL("DROP TABLE a", "CREATE TABLE a (id int)"), RunSQL("DROP TABLE b", "CREATE TABLE b (id int)"),',
    );
    expect(toldBy(djangoLanguage, engine, text, 1).map((line) => line.slice(0, 14))).toEqual([
      'CREATE TABLE b',
      'CREATE TABLE a',
    ]);
  });

  test('says what it comes after, and that it runs outside a transaction', () => {
    const read = djangoMigrationIn(migration(''));
    expect(read.dependencies).toEqual([
      ['auth', '0012_x'],
      ['shop', '0001_a'],
    ]);
    expect(read.bare).toBeDefined();
    expect(djangoMigrationIn('class A:\n    operations = [1]\n').isMigration).toBe(false);
  });

  test('has no way back where one operation has none', () => {
    expect(irreversibleIn(migration('RunSQL("a", "b"), RunPython(f),'))).toBe('RunPython');
    expect(irreversibleIn(migration('RunSQL("a"),'))).toBe('RunSQL');
    expect(irreversibleIn(migration('RunSQL("a", reverse_sql="b"), RunPython(f, g),'))).toBeUndefined();
  });

  test('that is written is read back as the same statements, at their place', () => {
    const sql = "ALTER TABLE a ADD c int;\nALTER TABLE a ADD d text DEFAULT E'\\\\\"';\n";
    const text = migration(runSql(sql, 'ALTER TABLE a DROP d;\n'));
    expect(toldBy(djangoLanguage, engine, text).map((line) => line.split(' | ')[0])).toEqual([
      'ALTER TABLE a ADD c int',
      "ALTER TABLE a ADD d text DEFAULT E'\\\\\"'",
    ]);
    expect(toldBy(djangoLanguage, engine, text, 1).map((line) => line.split(' | ')[0])).toEqual([
      'ALTER TABLE a DROP d',
    ]);
    expect(placeOf(djangoLanguage, engine, text, 'ADD c')).toBe('ADD c');
  });

  test('is cut anywhere without an error', () => {
    const text = migration(
      'migrations.RunSQL([("a", None), "b" "c"], reverse_sql="d"),\nmigrations.SeparateDatabaseAndState([RunSQL("e")]),',
    );
    for (let end = 0; end <= text.length; end++)
      for (const { span } of djangoLanguage.split(engine, text.slice(0, end), { start: 0, end }))
        expect(span.end).toBeLessThanOrEqual(end);
  });
});
