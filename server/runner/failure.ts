import { LineIndex } from '../core/line-index.ts';
import { DatabaseError } from '../drivers/driver.ts';
import type { RunFailure } from './report.ts';

/** Where in which file the SQL stood that the database refused. */
export interface FailurePlace {
  readonly id: string;
  readonly path: string;
  readonly text: string;
  /** Offset in `text` of the SQL that was sent. */
  readonly start: number;
  readonly statement: number | null;
}

/** A failure of the database as a value with its place in the file; anything else is a bug and is thrown again. */
export function runFailure(cause: unknown, place: FailurePlace, rolledBack: boolean): RunFailure {
  if (!(cause instanceof DatabaseError)) throw cause;
  const { failure } = cause;
  const offset = place.start + (failure.offset ?? 0);
  const position = new LineIndex(place.text).position(offset);
  const line = place.text.split(/\r\n|\n|\r/)[position.line] ?? '';
  const details = [
    failure.message,
    failure.detail,
    failure.hint === undefined ? undefined : `Hint: ${failure.hint}`,
  ].filter((part) => part !== undefined);
  return {
    id: place.id,
    statement: place.statement,
    message: details.join(' '),
    sqlstate: failure.sqlstate ?? null,
    path: place.path,
    position,
    excerpt: `${line}\n${line.slice(0, position.character).replaceAll(/[^\t]/g, ' ')}^`,
    rolledBack,
  };
}
