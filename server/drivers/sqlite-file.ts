import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { DatabaseError, type ConnectOptions, type DatabaseTarget } from './driver.ts';

/** better-sqlite3 13 crashes the process, beyond any catch, below this Node-API version (Node 22.14). */
const LEAST_NODE_API = 10;

/**
 * Refuses what SQLite itself would only refuse later, or quietly make: a missing file, a folder, a pipe.
 *
 * The file is not opened here: closing it would give away every lock that this process holds on it, as POSIX has it.
 */
export function checkFile(target: DatabaseTarget, options: ConnectOptions): void {
  const file = target.url;
  if (!existsSync(file)) {
    const hasFolder = existsSync(path.dirname(file));
    if (options.createIfMissing === true && !options.readOnly && hasFolder) return;
    throw new DatabaseError({
      kind: 'missing',
      message: hasFolder
        ? `${target.label} does not exist: correct its path, or create it by applying the first migration with "lockstep apply".`
        : `The folder of ${target.label} does not exist: correct the path, or create the folder.`,
    });
  }
  const stats = statSync(file);
  if (stats.isDirectory())
    throw new DatabaseError({
      kind: 'wrong-kind',
      message: `${target.label} is a folder: name the database file in it.`,
    });
  // A pipe would wait for a writer for ever.
  if (!stats.isFile())
    throw new DatabaseError({
      kind: 'wrong-kind',
      message: `${target.label} is no ordinary file: name the database file.`,
    });
}

/** The native module's constructor; loaded once, when the first SQLite file is opened. */
export async function loadSqlite(): Promise<typeof BetterSqlite3> {
  if (Number(process.versions['napi'] ?? 0) < LEAST_NODE_API) {
    throw new DatabaseError({
      kind: 'unreachable',
      message: `SQLite needs Node.js 22.14 or later, and this is ${process.version}: run Lockstep with a newer Node.js, or update the editor.`,
    });
  }
  return (await import('better-sqlite3')).default;
}

/** Opens a file. Errors: throws what SQLite says, or a `DatabaseError` where the native module does not load. */
export function openSqlite(
  Database: typeof BetterSqlite3,
  file: string,
  options: { readonly readOnly: boolean; readonly createIfMissing: boolean; readonly busyTimeoutMs: number },
): BetterSqlite3.Database {
  try {
    return new Database(file, {
      readonly: options.readOnly,
      fileMustExist: !options.createIfMissing,
      timeout: options.busyTimeoutMs,
      ...ownBinding(),
    });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && String(cause.code).startsWith('SQLITE')) throw cause;
    throw new DatabaseError(
      {
        kind: 'unreachable',
        message: `SQLite's native module does not load on ${process.platform}-${process.arch}: lint and PostgreSQL go on working; for SQLite use a platform with a prebuilt binary (glibc 2.34 or later on Linux).`,
      },
      { cause },
    );
  }
}

/** The version of SQLite that the native module brings. Asked without a file, which another program may hold at that moment. */
export function sqliteVersion(Database: typeof BetterSqlite3): string {
  const nowhere = openSqlite(Database, ':memory:', { readOnly: false, createIfMissing: true, busyTimeoutMs: 0 });
  try {
    return String(nowhere.prepare('SELECT sqlite_version()').pluck().get());
  } finally {
    nowhere.close();
  }
}

/** The native module beside the bundle, where there is one. */
function ownBinding(): { readonly nativeBinding?: string } {
  const pathOf = (libc: string): string =>
    path.join(import.meta.dirname, 'native', `${process.platform}${libc}-${process.arch}.node`);
  const [plain, musl] = [pathOf(''), pathOf('musl')];
  // A package for one platform has one of them; which C library is here takes Node.js long to say.
  if (process.platform === 'linux' && existsSync(musl) && (!existsSync(plain) || isMusl()))
    return { nativeBinding: musl };
  return existsSync(plain) ? { nativeBinding: plain } : {};
}

function isMusl(): boolean {
  const report = process.report.getReport();
  // The report's shape is Node's; glibc's version is absent on musl.
  const header = (report as { readonly header?: { readonly glibcVersionRuntime?: string } }).header;
  return header?.glibcVersionRuntime === undefined;
}
