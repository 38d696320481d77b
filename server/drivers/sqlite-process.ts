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

/** Asks for several things at once, of which each is done only where those before it were. */
export type ProcessMessage = readonly ProcessRequest[];
/** An answer for each thing up to the first that failed. */
export type ProcessReply = readonly ProcessAnswer[];

let session: SqliteSession | undefined;

process.on('message', (message: ProcessMessage) => {
  void replyTo(message).then((reply) => process.send?.(reply));
});
// Ctrl-C reaches every process of a terminal; whoever started this one decides.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
// Nobody is there who would commit.
process.on('disconnect', () => process.exit(0));

async function replyTo(message: ProcessMessage): Promise<ProcessReply> {
  const reply: ProcessAnswer[] = [];
  for (const request of message) {
    const given = await answer(request);
    reply.push(given);
    if (!given.ok) break;
  }
  return reply;
}

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
