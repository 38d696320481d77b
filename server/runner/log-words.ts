import type { LogEntry, LoggedOutcome } from './run-log.ts';

const WORDS: Readonly<Record<LoggedOutcome, string>> = {
  begun: 'begun, and its end was not written: "lockstep status" tells what stands',
  done: 'done',
  'not-done': 'not done',
  'partly-done': 'done in part',
  unknown: 'not known whether it was done',
};

/** The log of a database as lines for people. */
export function logText(entries: readonly LogEntry[]): string {
  return entries.length === 0
    ? 'Nothing is in the log: "audit": "database" in lockstep.jsonc keeps one.\n'
    : entries.map(lineOf).join('');
}

function lineOf(entry: LogEntry): string {
  const who = entry.databaseUser === '' ? entry.by : `${entry.by} as ${entry.databaseUser}`;
  const time = entry.durationMs === null ? '' : ` in ${entry.durationMs} ms`;
  const from = entry.fromVersion === null ? '' : `, from ${entry.fromVersion}`;
  const message = entry.message === null ? '' : `\n    ${entry.message.replaceAll('\n', '\n    ')}`;
  return `${entry.begunAt} ${entry.action} ${entry.migration}: ${WORDS[entry.outcome]}${time}, by ${who}${from} (Lockstep ${entry.lockstepVersion})${message}\n`;
}
