import { createMigration } from '../../application/use-cases/write-migrations.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { refusalError } from '../refusal-error.ts';
import { json } from '../reporters/lint-formats.ts';
import type { Session } from '../session.ts';

/** `new NAME`: an empty migration in the project's own format. */
export async function newMigration(session: Session): Promise<number> {
  const { arguments: words, terminal } = session;
  const format = words.choice('format', ['text', 'json']);
  const name = words.positionals.join(' ');
  if (name.trim() === '') throw new UsageError('new needs a name: lockstep new add_users_status');
  const project = await session.openOne();
  const created = await createMigration(session.here(project), name);
  if (created.kind === 'refused') throw refusalError(created.reason);
  const paths = created.value;
  terminal.write(format === 'json' ? json({ schemaVersion: 1, paths }) : paths.map((path) => `${path}\n`).join(''));
  return EXIT.done;
}
