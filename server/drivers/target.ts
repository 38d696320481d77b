import type { DatabaseTarget } from './driver.ts';
import { isKeyValues } from './postgres-key-values.ts';
import { labelOf, readConnectionString, writtenForms } from './postgres-place.ts';

/** Products whose names a person may read in a message; any other text before a colon may be a part of a password. */
const OTHER_SCHEMES =
  /^(?:mysql2?|mariadb|mssql|sqlserver|jdbc|oracle|mongodb(?:\+srv)?|cockroachdb|clickhouse|redis|libsql|https?|prisma(?:\+postgres)?|snowflake|bigquery|spanner|db2|firebird|cassandra)(?=:)/i;
const DOT_NET_NAME = /^\s*[A-Za-z][A-Za-z ]*=/;

/**
 * Reads a connection string: `postgres://...`, `postgresql://...` and `host=... dbname=...` as libpq has them, or
 * `sqlite:PATH` with PATH absolute or relative to `workingDirectory` (dbmate's `sqlite:` and `sqlite3:` forms included).
 * What is wrong is a sentence that holds nothing of the text.
 */
export function parseDatabaseUrl(
  text: string,
  workingDirectory: string,
): DatabaseTarget | { readonly problem: string } {
  const url = text.trim();
  const isDotNetString = isDotNet(url);
  if (/^postgres(?:ql)?:\/\//i.test(url) || (isKeyValues(url) && !isDotNetString)) {
    const read = readConnectionString(url);
    if (read.problem !== undefined) return { problem: read.problem };
    const { parameters } = read;
    const secrets = [
      url,
      ...['password', 'sslpassword'].flatMap((name) => writtenForms(parameters.get(name as 'password'))),
    ];
    return { dialect: 'postgresql', url, label: labelOf(parameters), secrets };
  }
  const sqlite = /^(?:sqlite3?|file):(.*)$/is.exec(url);
  if (sqlite !== null) return sqliteTarget(sqlite[1] ?? '', workingDirectory);
  if (isDotNetString)
    return {
      problem:
        'This is a connection string of .NET: write it as postgres://user:password@host:5432/database, or sqlite:path/to/app.db.',
    };
  const [scheme] = OTHER_SCHEMES.exec(url) ?? [];
  if (scheme !== undefined)
    return {
      problem: `Lockstep connects to PostgreSQL and SQLite only, not to "${scheme}": write postgres://... or sqlite:path/to/app.db.`,
    };
  return { problem: 'A database is named by a URL: write postgres://host/database or sqlite:path/to/app.db.' };
}

function sqliteTarget(rest: string, workingDirectory: string): DatabaseTarget | { readonly problem: string } {
  const { path, query } = sqlitePath(rest);
  if (/^(?:file:)?:memory:$/.test(path) || /(?:^|&)mode=memory(?:&|$)/.test(query))
    return { problem: 'A database in memory is gone with its session: name a file, as sqlite:path/to/app.db.' };
  if (path === '') return { problem: 'This SQLite URL names no file: write sqlite:path/to/app.db.' };
  if (path.includes('\0')) return { problem: 'This SQLite URL cannot be read: write sqlite:path/to/app.db.' };
  const absolute = isAbsolute(path) ? path : `${workingDirectory}/${path.replace(/^\.\//, '')}`;
  return { dialect: 'sqlite', url: absolute, label: path.split(/[\\/]/).at(-1) ?? path, secrets: [] };
}

/**
 * `sqlite:a`, `sqlite:/a`, `sqlite://a`, `sqlite:///a`: two slashes are dbmate's way to write a relative path.
 *
 * What looks like parameters (`?mode=rw&cache=shared`) is none of the path; any other `?`, and every `#`, is.
 */
function sqlitePath(rest: string): { readonly path: string; readonly query: string } {
  const [, written = rest, query = ''] = /^(.*?)\?((?:[\w.-]+=[^&]*)(?:&[\w.-]+=[^&]*)*)$/s.exec(rest) ?? [];
  const path = decode(written);
  if (path.startsWith('///')) return { path: path.slice(2), query };
  return { path: path.startsWith('//') ? path.slice(2) : path, query };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone % is part of the file's name.
    return text;
  }
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[a-z]:[\\/]/i.test(path);
}

/** `Host=localhost;Username=me`, `Data Source=app.db`: semicolons between names that libpq writes otherwise. */
function isDotNet(text: string): boolean {
  const parts = text.split(';').filter((part) => part.trim() !== '');
  return (
    parts.every((part) => DOT_NET_NAME.test(part)) && (parts.length > 1 || /^\s*[^=]*[A-Z ][^=]*\S\s*=/.test(text))
  );
}
