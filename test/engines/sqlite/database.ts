import Database from 'better-sqlite3';
import { readSqliteCatalog } from '../../../server/drivers/sqlite-catalog.ts';
import { sqliteEngine } from '../../../server/engines/sqlite/engine.ts';
import type { Schema } from '../../../server/model/schema.ts';

/** Version of SQLite that these tests run, in the form of `Target.version`. */
export const RUNNING_VERSION = 3054;

export const TARGET = { version: RUNNING_VERSION, timeZone: 'unknown' } as const;

/** A database in memory, with foreign keys as given. The caller closes it. */
export function openMemory(foreignKeys = false): Database.Database {
  const database = new Database(':memory:');
  database.pragma(`foreign_keys = ${foreignKeys ? 'ON' : 'OFF'}`);
  return database;
}

/** What SQLite says against a script; undefined where it runs. */
export function errorOf(database: Database.Database, sql: string): string | undefined {
  try {
    database.exec(sql);
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

/** Schema after the statements of a script, folded from the schema of an empty database. */
export function foldScript(sql: string, from: Schema = sqliteEngine.emptySchema(true)): Schema {
  let schema = from;
  for (const piece of sqliteEngine.split(sql, { start: 0, end: sql.length }))
    schema = sqliteEngine.fold(schema, sqliteEngine.parse(piece.text).operations, { fileIndex: 0 }, TARGET);
  return schema;
}

/** Schema of an open database, by the catalog. */
export async function catalogOf(database: Database.Database): Promise<Schema> {
  return readSqliteCatalog(
    async (sql) => database.prepare<unknown[], Record<string, unknown>>(sql).all(),
    sqliteEngine.parse,
    RUNNING_VERSION,
  );
}
