import { logOf } from '../../application/use-cases/log-of.ts';
import { SCHEMA_VERSION } from '../../core/schema-version.ts';
import { logText } from '../../runner/log-words.ts';
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
    format === 'json' ? json({ schemaVersion: SCHEMA_VERSION, entries: answer.value }) : logText(answer.value),
  );
  return EXIT.done;
}
