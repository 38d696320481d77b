import { LineIndex } from '../core/line-index.ts';
import type { DatabaseFailure } from '../drivers/driver.ts';
import type { RunFailure } from './report.ts';

/** Where in which file the SQL stood that the database refused. */
export interface FailurePlace {
  readonly path: string;
  readonly text: string;
  /** Offset in `text` of the SQL that was sent. */
  readonly start: number;
  readonly statement: number | null;
}

/** What the database holds of a migration after it failed. */
export type Outcome = RunFailure['outcome'];

/** A failure of a run as a value. `place` is undefined where it was not the file's SQL that failed. */
export function runFailure(
  id: string,
  failure: Pick<DatabaseFailure, 'message'> & Partial<DatabaseFailure>,
  place: FailurePlace | undefined,
  outcome: Outcome,
): RunFailure {
  const rest = {
    id,
    message: wordsOf(failure),
    sqlstate: failure.sqlstate ?? null,
    rolledBack: outcome === 'not-done',
    outcome,
  };
  if (place === undefined) return { ...rest, statement: null, path: null, position: null, excerpt: null };
  const position = new LineIndex(place.text).position(place.start + (failure.offset ?? 0));
  const line = place.text.split(/\r\n|\n|\r/)[position.line] ?? '';
  return {
    ...rest,
    statement: place.statement,
    path: place.path,
    position,
    excerpt: `${line}\n${line.slice(0, position.character).replaceAll(/[^\t]/g, ' ')}^`,
  };
}

/** What the database refuses of the history, with what to do where that is known. `what` begins the sentence: "The history x could not be written". */
export function historyWords(what: string, rights: string, failure: DatabaseFailure): string {
  const why = ended(failure.message).replace(/\.$/, '');
  if (failure.sqlstate === '42501')
    return `${what}: ${why}. Grant this role ${rights} on it, or connect as the role that owns it.`;
  if (failure.sqlstate === '23502' || /^NOT NULL constraint failed/.test(failure.message))
    return `${what}: ${why}. No tool writes that column: give it a default, or take it out.`;
  return `${what}: ${why}.`;
}

/** Message, detail and hint of a failure, each a sentence. */
export function wordsOf(failure: Pick<DatabaseFailure, 'message'> & Partial<DatabaseFailure>): string {
  return [failure.message, failure.detail, failure.hint === undefined ? undefined : `Hint: ${failure.hint}`]
    .filter((part) => part !== undefined && part !== '')
    .map((part) => ended(part ?? ''))
    .join(' ');
}

/** A text that ends a sentence; a server's messages have no full stop. */
export function ended(text: string): string {
  return /[.!?:;]["')]?$/.test(text.trimEnd()) ? text.trimEnd() : `${text.trimEnd()}.`;
}
