import { logOf } from '../../application/use-cases/log-of.ts';
import { SCHEMA_VERSION } from '../../core/schema-version.ts';
import { logText } from '../../runner/log-words.ts';
import { accepted } from '../answers.ts';
import { EXIT } from '../exit-codes.ts';
import { json } from '../reporters/lint-formats.ts';
import type { Session } from '../session.ts';

/** `log`: who ran what on the database, as the database itself keeps it where `"audit": "database"` says so. */
export async function log(session: Session): Promise<number> {
  const { arguments: words, terminal } = session;
  const format = words.choice('format', ['text', 'json']);
  const entries = accepted(await logOf(session.on(await session.openOne())));
  terminal.write(format === 'json' ? json({ schemaVersion: SCHEMA_VERSION, entries }) : logText(entries));
  return EXIT.done;
}
