import { readLog, type LogEntry } from '../../runner/run-log.ts';
import { done, type Answer } from './answer.ts';
import type { UseContext } from './use-context.ts';
import { withDatabase } from './with-database.ts';

/** What was run on the project's database, as its log has it, oldest first. */
export async function logOf(context: UseContext): Promise<Answer<readonly LogEntry[]>> {
  return withDatabase(context, { readOnly: true }, async (connection) => done(await readLog(connection)));
}
