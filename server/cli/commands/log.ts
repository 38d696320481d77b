import { logOf } from '../../application/use-cases/log-of.ts';
import { SCHEMA_VERSION } from '../../core/schema-version.ts';
import type { LogEntry, LoggedOutcome } from '../../runner/run-log.ts';
import { EXIT } from '../exit-codes.ts';
import { refusalError } from '../refusal-error.ts';
import { json } from '../reporters/lint-formats.ts';
import type { Session } from '../session.ts';

/** `log`: who ran what on the database, as the database itself keeps it where `"audit": "database"` says so. */
export async function log(session: Session): Promise<number> {
  const { arguments: words, terminal } = session;
  const format = words.choice('format', ['text', 'json']);
  const answer = await logOf(session.on(await session.openOne()));
  if (answer.kind === 'refused') throw refusalError(answer.reason);
  terminal.write(
    format === 'json'
      ? json({ schemaVersion: SCHEMA_VERSION, entries: answer.value })
      : answer.value.length === 0
        ? 'Nothing is in the log: "audit": "database" in lockstep.jsonc keeps one.\n'
        : answer.value.map(lineOf).join(''),
  );
  return EXIT.done;
}

const WORDS: Readonly<Record<LoggedOutcome, string>> = {
  begun: 'begun, and its end was not written: "lockstep status" tells what stands',
  done: 'done',
  'not-done': 'not done',
  'partly-done': 'done in part',
  unknown: 'not known whether it was done',
};

function lineOf(entry: LogEntry): string {
  const who = entry.databaseUser === '' ? entry.by : `${entry.by} as ${entry.databaseUser}`;
  const time = entry.durationMs === null ? '' : ` in ${entry.durationMs} ms`;
  const from = entry.fromVersion === null ? '' : `, from ${entry.fromVersion}`;
  const message = entry.message === null ? '' : `\n    ${entry.message.replaceAll('\n', '\n    ')}`;
  return `${entry.begunAt} ${entry.action} ${entry.migration}: ${WORDS[entry.outcome]}${time}, by ${who}${from} (Lockstep ${entry.lockstepVersion})${message}\n`;
}
