import { describe, expect, test } from 'vitest';
import { readTsql } from '../../../server/engines/sqlserver/reader.ts';
import type { TsqlColumn, TsqlStatement } from '../../../server/engines/sqlserver/statement.ts';
import { keyOf, recordedScriptDom } from './scriptdom.ts';
import { scripts } from './scripts.ts';
import { ours, theirs } from './told.ts';

/** Where ScriptDom itself is wrong, or is asked for what it does not tell; each with its reason. */
const EXCEPTIONS: readonly (readonly [RegExp, string])[] = [
  [/DROP\b[\s\S]{0,40}?PERIOD\s/i, 'ScriptDom ends this statement behind DROP'],
];

describe('the reader of T-SQL', () => {
  test("tells kinds, ends and names of statements as Microsoft's ScriptDom does", () => {
    const recorded = recordedScriptDom();
    const differences: unknown[] = [];
    const told = { equal: 0, statements: 0, unreadable: 0, excepted: 0 };
    for (const script of scripts()) {
      const answer = recorded.get(keyOf(script));
      if (answer === undefined)
        throw new Error('a script is not recorded: LOCKSTEP_WRITE=1 with the .NET SDK asks ScriptDom');
      // What is no T-SQL is read as far as it goes.
      const own = ours(readTsql(script), script);
      if (answer === null) {
        told.unreadable += 1;
        continue;
      }
      const real = answer.map((statement) => theirs(statement, script));
      if (JSON.stringify(real) === JSON.stringify(own)) {
        told.equal += 1;
        told.statements += real.length;
      } else if (EXCEPTIONS.some(([form]) => form.test(script))) told.excepted += 1;
      else differences.push({ script, own, real });
    }
    expect(differences).toEqual([]);
    expect(told).toEqual({ equal: 1136, statements: 4187, unreadable: 61, excepted: 2 });
  });

  test('tells what ALTER TABLE does', () => {
    expect(
      shown(
        'ALTER TABLE [a].[t] WITH NOCHECK ADD CONSTRAINT fk FOREIGN KEY (x) REFERENCES u (y), b int NOT NULL, c AS (b + 1)',
      ),
    ).toEqual(['add-constraint foreign-key fk unchecked', 'add-column b INT NOT NULL', 'add-column c computed']);
    expect(
      shown(
        "ALTER TABLE t ADD a nvarchar(50) NOT NULL CONSTRAINT d DEFAULT (N'NULL'), e decimal(18, 2) NULL, f dbo.name",
      ),
    ).toEqual([
      'add-column a NVARCHAR(50) NOT NULL default',
      'add-column e DECIMAL(18,2) NULL',
      'add-column f DBO.NAME',
    ]);
    expect(shown('ALTER TABLE t ALTER COLUMN a bigint NOT NULL WITH (ONLINE = ON)')).toEqual([
      'alter-column a BIGINT NOT NULL online',
    ]);
    expect(shown('ALTER TABLE t ALTER COLUMN a ADD HIDDEN')).toEqual(['other ALTER COLUMN']);
    expect(shown('ALTER TABLE t DROP CONSTRAINT IF EXISTS a, b, COLUMN c, d')).toEqual([
      'drop-constraint a',
      'drop-constraint b',
      'drop-column c',
      'drop-column d',
    ]);
    expect(shown('ALTER TABLE t WITH CHECK CHECK CONSTRAINT ALL')).toEqual(['switch-constraint on validated']);
    expect(shown('ALTER TABLE t CHECK CONSTRAINT a')).toEqual(['switch-constraint on']);
  });

  test('says what may run, and what is only known when it runs', () => {
    const flat = (statements: readonly TsqlStatement[]): readonly string[] =>
      statements.flatMap((statement) => [
        `${statement.kind} ${statement.certainty}`,
        ...('body' in statement ? flat(statement.body) : []),
      ]);
    expect(flat(readTsql("IF x IS NULL BEGIN DROP TABLE t END ELSE DELETE t; EXEC('DROP TABLE t') EXEC @p"))).toEqual([
      'if certain',
      'block may',
      'drop-table may',
      'delete may',
      'text certain',
      'drop-table certain',
      'dynamic certain',
    ]);
    expect(flat(readTsql("EXEC sp_rename @a, N'b'"))).toEqual(['dynamic certain']);
  });

  test.each([
    '',
    'BEGIN',
    'IF',
    "'",
    '[',
    '/*',
    'ALTER TABLE',
    'ALTER TABLE t ADD',
    'ALTER TABLE t ADD ,,',
    'CREATE INDEX i ON',
    '(((',
    'END END',
    'BEGIN TRY',
    'WITH',
    'EXEC',
    'a.b.',
    'BEGIN '.repeat(5_000),
    '('.repeat(50_000),
    'IF 1=1 '.repeat(3_000),
  ])('reads %.20s without an end to it', (text) => {
    for (const { span } of readTsql(text)) expect(text.slice(span.start, span.end)).not.toBe('');
  });
});

function shown(sql: string): readonly string[] {
  const [statement] = readTsql(sql);
  if (statement?.kind !== 'alter-table') return [];
  return statement.actions.map((action) => {
    const words = 'column' in action ? columnWords(action.column) : [];
    const name = 'name' in action ? action.name?.parts.join('.') : undefined;
    return [
      action.kind,
      ...('constraint' in action ? [action.constraint] : []),
      ...(name === undefined ? [] : [name]),
      ...words,
      ...('isUnchecked' in action && action.isUnchecked ? ['unchecked'] : []),
      ...('isOnline' in action && action.isOnline ? ['online'] : []),
      ...('isOn' in action ? [action.isOn ? 'on' : 'off'] : []),
      ...('isValidated' in action && action.isValidated ? ['validated'] : []),
      ...('words' in action ? [action.words] : []),
    ].join(' ');
  });
}

function columnWords(column: TsqlColumn): readonly string[] {
  return [
    column.name.parts.join('.'),
    ...(column.isComputed ? ['computed'] : []),
    ...(column.type === undefined ? [] : [column.type]),
    ...(column.isNullable === undefined ? [] : [column.isNullable ? 'NULL' : 'NOT NULL']),
    ...(column.hasDefault ? ['default'] : []),
  ];
}
