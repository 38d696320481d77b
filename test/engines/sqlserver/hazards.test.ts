import { describe, expect, test } from 'vitest';
import { hazardsOf, type TsqlSurroundings } from '../../../server/engines/sqlserver/hazards.ts';
import { readTsql } from '../../../server/engines/sqlserver/reader.ts';
import { RULES } from '../../../server/rules/index.ts';

/** Each hazard as its code and what it is about; a `!` for an error, an `i` for what is only to be known. */
function told(sql: string, around: Partial<TsqlSurroundings> = {}): readonly string[] {
  return readTsql(sql)
    .flatMap((statement) =>
      hazardsOf(statement, {
        isCreated: ({ parts }) => parts.at(-1) === 'New',
        isContract: false,
        ...around,
      }),
    )
    .map(
      ({ code, span, severity }) =>
        `${code}${severity === 'error' ? '!' : severity === 'info' ? ' i' : ''}: ${sql.slice(span.start, span.end)}`,
    );
}

/* What SQL Server's documentation says; every hazard beside what is near to it and harmless. */
const CASES: readonly (readonly [name: string, sql: string, expected: readonly string[]])[] = [
  // blocking-index
  ['an index', 'CREATE INDEX IX ON dbo.T (a)', ['blocking-index: IX']],
  ['a clustered index', 'CREATE UNIQUE CLUSTERED INDEX IX ON T (a)', ['blocking-index: IX']],
  ['an online index', 'CREATE INDEX IX ON T (a) WITH (FILLFACTOR = 80, ONLINE = ON)', []],
  ['an index of a new table', 'CREATE INDEX IX ON dbo.New (a)', []],
  ['an index of a temporary table', 'CREATE INDEX IX ON #t (a)', []],
  [
    'an index that is made where it is not there',
    "IF NOT EXISTS (SELECT * FROM sys.indexes WHERE name = 'IX') CREATE INDEX IX ON T (a)",
    ['blocking-index: IX'],
  ],
  // blocking-alter
  ['a check', 'ALTER TABLE T ADD CONSTRAINT CK CHECK (a > 0)', ['blocking-alter: CK']],
  ['a foreign key', 'ALTER TABLE T ADD CONSTRAINT FK FOREIGN KEY (a) REFERENCES U (b)', ['blocking-alter: FK']],
  ['a constraint of a new table', 'ALTER TABLE New ADD CONSTRAINT CK CHECK (a > 0)', []],
  ['a default for new rows', 'ALTER TABLE T ADD CONSTRAINT DF DEFAULT 1 FOR a', []],
  ['a key', 'ALTER TABLE T ADD CONSTRAINT PK PRIMARY KEY (a)', ['blocking-alter: PK']],
  ['a key that is built online', 'ALTER TABLE T ADD CONSTRAINT PK PRIMARY KEY (a) WITH (ONLINE = ON)', []],
  ['another type', 'ALTER TABLE T ALTER COLUMN a bigint', ['blocking-alter: a']],
  ['another type, online', 'ALTER TABLE T ALTER COLUMN a bigint WITH (ONLINE = ON)', []],
  ['a persisted column', 'ALTER TABLE T ADD a AS (b + 1) PERSISTED', ['blocking-alter: a']],
  ['a computed column', 'ALTER TABLE T ADD a AS (b + 1)', []],
  ['a numbered column', 'ALTER TABLE T ADD a int IDENTITY', ['blocking-alter: a']],
  ['a constant default', 'ALTER TABLE T ADD a int NOT NULL DEFAULT 1', ['blocking-alter i: a']],
  [
    'a default of the moment',
    'ALTER TABLE T ADD a datetime2 NOT NULL DEFAULT (SYSUTCDATETIME())',
    ['blocking-alter i: a'],
  ],
  ['a default by row', 'ALTER TABLE T ADD a uniqueidentifier NOT NULL DEFAULT (NEWID())', ['blocking-alter: a']],
  ['a default by row for rows to come', 'ALTER TABLE T ADD a uniqueidentifier NULL DEFAULT (NEWID())', []],
  ['numbers of a sequence', 'ALTER TABLE T ADD a int NOT NULL DEFAULT (NEXT VALUE FOR dbo.S)', ['blocking-alter: a']],
  ['a text that says NEWID', "ALTER TABLE T ADD a varchar(9) NOT NULL DEFAULT 'NEWID()'", ['blocking-alter i: a']],
  ['a default of a large type', "ALTER TABLE T ADD a nvarchar(max) NOT NULL DEFAULT N''", ['blocking-alter: a']],
  // constraint-never-validated
  [
    'a check that looks at no row',
    'ALTER TABLE T WITH NOCHECK ADD CONSTRAINT CK CHECK (a > 0)',
    ['constraint-never-validated i: CK'],
  ],
  // required-column
  ['a required column', 'ALTER TABLE T ADD a int NOT NULL', ['required-column!: a']],
  ['a row version', 'ALTER TABLE T ADD a rowversion NOT NULL', []],
  ['a column that takes null', 'ALTER TABLE T ADD a int NULL, b int', []],
  ['a required column of a new table', 'ALTER TABLE New ADD a int NOT NULL', []],
  [
    'a column that becomes required',
    'ALTER TABLE T ALTER COLUMN a int NOT NULL',
    ['blocking-alter: a', 'required-column: a'],
  ],
  // drop-before-contract
  ['a table that goes', 'DROP TABLE dbo.T', ['drop-before-contract!: dbo.T']],
  ['a new table that goes', 'DROP TABLE New', []],
  ['a temporary table that goes', "IF OBJECT_ID('tempdb..#t') IS NOT NULL DROP TABLE #t", []],
  ['a temporary table by its database', 'DROP TABLE IF EXISTS tempdb..#t', []],
  ['a column that goes', 'ALTER TABLE T DROP COLUMN a, b', ['drop-before-contract!: a', 'drop-before-contract!: b']],
  ['a constraint that goes', 'ALTER TABLE T DROP CONSTRAINT CK', []],
  // truncate-in-use
  ['all rows that go', 'TRUNCATE TABLE T', ['truncate-in-use!: T']],
  ['all rows of a temporary table', 'TRUNCATE TABLE #t', []],
  // rename-in-use
  ['a column with another name', "EXEC sp_rename 'dbo.T.a', 'b', 'COLUMN'", ["rename-in-use!: 'dbo.T.a'"]],
  ['a column of a new table', "EXEC sp_rename 'dbo.New.a', 'b', 'COLUMN'", []],
  ['a table with another name', "EXEC sys.sp_rename @objname = N'T', @newname = N'U'", ["rename-in-use!: N'T'"]],
  ['an index with another name', "EXEC sp_rename N'T.IX', N'IX2', N'INDEX'", []],
  // unbatched-update
  ['every row', 'UPDATE T SET a = 1', ['unbatched-update: T']],
  ['every row that goes', 'DELETE FROM T', ['unbatched-update: T']],
  ['every row that is empty', 'UPDATE T SET a = 1 WHERE ([t].[a] IS NULL)', ['unbatched-update: T']],
  ['rows that are empty and more', 'UPDATE T SET a = 1 WHERE a IS NULL AND id < 5', []],
  ['one row', 'UPDATE T SET a = 1 WHERE id = 1', []],
  ['batches', 'WHILE 1 = 1 BEGIN UPDATE TOP (1000) T SET a = 1 WHERE a IS NULL; IF @@ROWCOUNT = 0 BREAK END', []],
  ['a table variable', 'DECLARE @t TABLE (a int); UPDATE @t SET a = 1; DELETE @t', []],
  ['a temporary table by another name', 'UPDATE x SET a = 1 FROM #t AS x', []],
  ['a new table by another name', 'UPDATE x SET a = 1 FROM dbo.New x', []],
  ['a table by another name', 'UPDATE x SET a = 1 FROM dbo.T x', ['unbatched-update: x']],
  ['rows that another table picks', 'UPDATE x SET a = y.a FROM T x INNER JOIN #ids y ON y.id = x.id', []],
  ['rows to go that another table picks', 'DELETE FROM x FROM T x JOIN #ids y ON y.id = x.id', []],
  ['all rows to go by another name', 'DELETE FROM x FROM T x', ['unbatched-update: x']],
  [
    'batches by SET ROWCOUNT',
    'SET ROWCOUNT 1000; WHILE 1 = 1 BEGIN UPDATE T SET a = 1 WHERE a IS NULL; IF @@ROWCOUNT = 0 BREAK END; SET ROWCOUNT 0',
    [],
  ],
  ['batches by a variable, over GO', 'set rowcount @n\nGO\nDELETE FROM T', []],
  [
    'rows behind the end of SET ROWCOUNT',
    'SET ROWCOUNT 10; DELETE FROM U; SET ROWCOUNT 0; DELETE FROM T',
    ['unbatched-update: T'],
  ],
  ['a question for @@ROWCOUNT alone', 'UPDATE T SET a = 1; IF @@ROWCOUNT = 0 PRINT 1', ['unbatched-update: T']],
  ['a value by row in one new row', 'INSERT INTO T (a, b) VALUES (NEWID(), NEXT VALUE FOR dbo.S)', []],
  ['rows that a query picks', 'WITH c AS (SELECT TOP (10) a FROM T) UPDATE c SET a = 1', []],
  ['rows that a query picks to go', 'WITH c (a) AS (SELECT TOP (10) a FROM T) DELETE FROM c', []],
  ['a condition in a query alone', 'UPDATE T SET a = (SELECT 1 WHERE 1 = 1)', ['unbatched-update: T']],
  // Texts that run
  ['a text that is written out', "EXEC('DROP TABLE T')", ['drop-before-contract!: T']],
  [
    'a text with quotes in it',
    "EXECUTE (N'UPDATE U SET a = N''x'', b = ''y'' WHERE id = 1; TRUNCATE TABLE [T]')",
    ['truncate-in-use!: [T]'],
  ],
  [
    'sp_executesql',
    "EXEC sp_executesql N'DELETE FROM T WHERE a = @a; DELETE T', N'@a int', @a = 1",
    ['unbatched-update: T'],
  ],
  ['sp_executesql by names', "EXEC sys.sp_executesql @stmt = N'DROP TABLE T'", ['drop-before-contract!: T']],
  ['a text that is put together', "EXEC('DROP TABLE ' + @t)", []],
  ['a text for another server', "EXEC ('DROP TABLE T') AT Other", []],
  ['what a module does when it is called', 'CREATE PROCEDURE P AS DROP TABLE T', []],
];

describe('what T-SQL does to a database in use', () => {
  test.each(CASES)('%s', (_name, sql, expected) => {
    expect(told(sql)).toEqual(expected);
  });

  test('dropping is what a contract step is for', () => {
    expect(told('DROP TABLE T; ALTER TABLE U DROP COLUMN a; UPDATE T SET a = 1', { isContract: true })).toEqual([
      'unbatched-update: T',
    ]);
  });

  test.each([
    ['a longer text', { type: 'nvarchar(50)', isNullable: true }, 'nvarchar(80) NULL', []],
    ['a shorter text', { type: 'nvarchar(50)', isNullable: true }, 'nvarchar(20) NULL', ['blocking-alter: a']],
    ['no more null', { type: 'nvarchar(50)', isNullable: true }, 'nvarchar(50) NOT NULL', ['required-column: a']],
    ['required before', { type: 'nvarchar(50)', isNullable: false }, 'nvarchar(50) NOT NULL', []],
  ])('a column that is known: %s', (_name, before, type, expected) => {
    expect(told(`ALTER TABLE T ALTER COLUMN a ${type}`, { before })).toEqual(expected);
  });

  test('every code has a rule that documents it for SQL Server, and every such rule is met here', () => {
    const met = new Set(CASES.flatMap(([, , expected]) => expected.map((each) => /^[\w-]+/.exec(each)?.[0])));
    const documented = RULES.filter((rule) => rule.documented?.some(({ product }) => product === 'SQL Server'));
    expect([...met].toSorted()).toEqual(documented.map(({ code }) => code).toSorted());
  });
});
