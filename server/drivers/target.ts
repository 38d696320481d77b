import { redact } from '../core/redact.ts';
import type { DatabaseTarget } from './driver.ts';

/**
 * Reads a connection URL: `postgres://...`, `postgresql://...`, or `sqlite:PATH` with PATH absolute or relative to
 * `workingDirectory` (dbmate's `sqlite:` and `sqlite3:` forms included). What is wrong is a sentence without the URL.
 */
export function parseDatabaseUrl(
  text: string,
  workingDirectory: string,
): DatabaseTarget | { readonly problem: string } {
  const url = text.trim();
  if (/^postgres(ql)?:\/\//i.test(url)) {
    try {
      new URL(url);
    } catch {
      // libpq's forms with several hosts or an empty host are URLs for `pg` only in part; a clear refusal beats a guess.
      return {
        problem:
          'This PostgreSQL URL cannot be read: write postgres://user:password@host:5432/database, with special characters in the password percent-encoded.',
      };
    }
    return { dialect: 'postgresql', url, label: redact(url) };
  }
  const sqlite = /^(?:sqlite3?|file):(.*)$/is.exec(url);
  if (sqlite !== null) {
    const path = sqlitePath(sqlite[1] ?? '');
    if (path === '') return { problem: 'This SQLite URL names no file: write sqlite:path/to/app.db.' };
    const absolute = isAbsolute(path) ? path : `${workingDirectory}/${path.replace(/^\.\//, '')}`;
    return { dialect: 'sqlite', url: absolute, label: path.split(/[\\/]/).at(-1) ?? path };
  }
  if (/^[a-z][a-z0-9+.-]*:/i.test(url) && !/^[a-z]:[\\/]/i.test(url)) {
    return {
      problem: `Lockstep connects to PostgreSQL and SQLite only, not to "${/^[^:]*/.exec(url)?.[0] ?? ''}": write postgres://... or sqlite:path/to/app.db.`,
    };
  }
  return { problem: 'A database is named by a URL: write postgres://user@host/database or sqlite:path/to/app.db.' };
}

/** `sqlite:a`, `sqlite:/a`, `sqlite://a`, `sqlite:///a` without query: two slashes are dbmate's way to write a relative path. */
function sqlitePath(rest: string): string {
  const path = decode(rest.replace(/\?.*$/s, ''));
  if (path.startsWith('///')) return path.slice(2);
  return path.startsWith('//') ? path.slice(2) : path;
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
