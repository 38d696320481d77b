import { loadSqlite } from './sqlite-file.ts';
import { complaintOf, type SqliteComplaint } from './sqlite-failure.ts';
import { SqliteSession, type SqliteAnswer, type SqliteRequest, type SqliteSessionOptions } from './sqlite-session.ts';

/*
 * A session in a process of its own: SQLite blocks whoever calls it, and better-sqlite3 cannot interrupt a statement, so a
 * run that is cancelled ends this process. The file's journal then takes back what was not committed.
 */

export type ProcessRequest = SqliteRequest | { readonly kind: 'open'; readonly options: SqliteSessionOptions };
export type ProcessAnswer =
  | { readonly ok: true; readonly answer: SqliteAnswer }
  | { readonly ok: false; readonly complaint: SqliteComplaint; readonly inTransaction: boolean };

let session: SqliteSession | undefined;

process.on('message', (request: ProcessRequest) => {
  void answer(request).then((result) => process.send?.(result));
});
// Ctrl-C reaches every process of a terminal; whoever started this one decides.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
// Nobody is there who would commit.
process.on('disconnect', () => process.exit(0));

async function answer(request: ProcessRequest): Promise<ProcessAnswer> {
  try {
    if (request.kind === 'open') {
      session = new SqliteSession(await loadSqlite(), request.options);
      return { ok: true, answer: { rows: [], locked: false, inTransaction: false } };
    }
    if (session === undefined) throw new Error('no file is open');
    return { ok: true, answer: session.do(request) };
  } catch (cause) {
    return { ok: false, complaint: complaintOf(cause), inTransaction: session?.inTransaction ?? false };
  }
}
