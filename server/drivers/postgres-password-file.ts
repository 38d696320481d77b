import { readFileSync, statSync } from 'node:fs';

/** Bits of a file's mode that let its group or everybody in. */
const OTHERS = 0o077;
/** Host, port, database and user. */
const FIELDS = 4;

/** A session as a file of passwords names it. */
export interface PasswordOwner {
  /** A name or an address; a folder for a socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/**
 * The password that a file keeps for a session: `host:port:database:user:password`, `*` for any, the first line that fits.
 *
 * As libpq does, a file that others may read is passed over. Source: PostgreSQL manual, "The Password File". The `pgpass`
 * package reads no other file than the environment names and knows no socket, and makes `pg` print a warning of the runtime.
 */
export function passwordFromFile(file: string, owner: PasswordOwner): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile()) return undefined;
  if (process.platform !== 'win32' && (stats.mode & OTHERS) !== 0) return undefined;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // Nobody who may not read it is meant by it.
    return undefined;
  }
  const host = owner.host.startsWith('/') ? 'localhost' : owner.host;
  const wanted = [host, String(owner.port), owner.database, owner.user];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const { fields, rest } = cut(line);
    if (rest !== undefined && fields.every((field, index) => field === '*' || plain(field) === wanted[index]))
      return plain(rest);
  }
  return undefined;
}

/** The first fields of a line as written, and what comes after them; a colon behind a backslash is no end of a field. */
function cut(line: string): { readonly fields: readonly string[]; readonly rest: string | undefined } {
  const fields: string[] = [];
  let start = 0;
  for (let at = 0; at < line.length && fields.length < FIELDS; at++) {
    if (line[at] === '\\') at++;
    else if (line[at] === ':') {
      fields.push(line.slice(start, at));
      start = at + 1;
    }
  }
  return { fields, rest: fields.length < FIELDS ? undefined : line.slice(start) };
}

/** A backslash keeps the next character as it is. */
function plain(field: string): string {
  return field.replaceAll(/\\([\s\S])/g, '$1');
}
