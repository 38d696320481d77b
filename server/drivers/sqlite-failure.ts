import { DatabaseError, type DatabaseFailure } from './driver.ts';

/** What SQLite said, as it crosses from the process that runs a migration. */
export interface SqliteComplaint {
  /** `SQLITE_BUSY` and the like; empty where it was not SQLite. */
  readonly code: string;
  readonly message: string;
}

/** A complaint out of whatever was thrown. */
export function complaintOf(cause: unknown): SqliteComplaint {
  return {
    code: cause instanceof Error && 'code' in cause ? String(cause.code) : '',
    message: cause instanceof Error ? cause.message : String(cause),
  };
}

/** A complaint as a `DatabaseError` whose message says what to do; `sql` is what was sent. */
export function sqliteError(complaint: SqliteComplaint, label: string, sql?: string, cause?: unknown): DatabaseError {
  const { code, message } = complaint;
  const failure = (kind: DatabaseFailure['kind'], text: string): DatabaseError => {
    const offset = sql === undefined ? undefined : nearOffset(message, sql);
    return new DatabaseError({ kind, message: text, ...(offset === undefined ? {} : { offset }) }, { cause });
  };
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return failure('lock-timeout', `${label} is locked by another program that writes to it.`);
  if (code.startsWith('SQLITE_READONLY'))
    return failure('read-only', `${label} takes no writes: check the permissions of the file and of its folder.`);
  if (code === 'SQLITE_NOTADB') return failure('wrong-kind', `${label} is no SQLite database, or it is encrypted.`);
  if (code.startsWith('SQLITE_CORRUPT'))
    return failure('wrong-kind', `${label} is damaged: ${message}. Restore it from a backup.`);
  if (code.startsWith('SQLITE_CANTOPEN'))
    return failure('unreachable', `${label} cannot be opened: check the path and the permissions.`);
  if (code === 'SQLITE_INTERRUPT') return failure('cancelled', 'The statement was cancelled.');
  return failure('statement', message);
}

/** SQLite gives no position, only `near "word"`: its place where the word stands once. */
function nearOffset(message: string, sql: string): number | undefined {
  const word = /near "([^"]+)"/.exec(message)?.[1];
  if (word === undefined) return undefined;
  const first = sql.indexOf(word);
  return first >= 0 && sql.indexOf(word, first + 1) < 0 ? first : undefined;
}
