import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { sqliteEngine } from '../../../server/engines/sqlite/engine.ts';
import { errorOf } from './database.ts';

/** Runs a statement in a transaction that has written: whether it failed or left the pragma as it was. */
function isRefused(sql: string, pragma: string | undefined): boolean {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-sqlite-'));
  const database = new Database(path.join(folder, 'test.db'));
  try {
    database.exec("CREATE TABLE t (a); ATTACH ':memory:' AS other; BEGIN; INSERT INTO t VALUES (1);");
    const value = (): unknown => (pragma === undefined ? undefined : database.pragma(pragma, { simple: true }));
    const before = value();
    const error = errorOf(database, sql.replaceAll('FOLDER', folder));
    return error !== undefined || (pragma !== undefined && value() === before);
  } finally {
    database.close();
    rmSync(folder, { recursive: true });
  }
}

describe('what a transaction refuses', () => {
  test.each<[string, string | undefined]>([
    ['VACUUM', undefined],
    ["VACUUM INTO 'FOLDER/copy.db'", undefined],
    ["ATTACH ':memory:' AS more", undefined],
    ['DETACH other', undefined],
    ['PRAGMA foreign_keys = OFF', 'foreign_keys'],
    ['PRAGMA journal_mode = WAL', 'journal_mode'],
    ['PRAGMA synchronous = OFF', 'synchronous'],
    ['PRAGMA wal_checkpoint', undefined],
    ['PRAGMA temp_store = 2', 'temp_store'],
    ['PRAGMA locking_mode = EXCLUSIVE', 'locking_mode'],
    ['PRAGMA legacy_alter_table = ON', 'legacy_alter_table'],
    ['PRAGMA defer_foreign_keys = ON', 'defer_foreign_keys'],
    ['PRAGMA user_version = 3', 'user_version'],
    ['PRAGMA foreign_keys', undefined],
    ['PRAGMA foreign_key_check', undefined],
    ['PRAGMA journal_mode', undefined],
    ['ANALYZE', undefined],
    ['REINDEX', undefined],
    ['CREATE TABLE u (a)', undefined],
    ['ALTER TABLE t RENAME TO u', undefined],
    ['DROP TABLE t', undefined],
    ['SAVEPOINT s', undefined],
  ])('%s', (sql, pragma) => {
    const [operation] = sqliteEngine.parse(sql).operations;
    if (operation === undefined) throw new Error('not read');
    expect(sqliteEngine.refusesTransaction(operation)).toBe(isRefused(sql, pragma));
  });
});
