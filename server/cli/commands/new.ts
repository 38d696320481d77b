import { slugOf } from '../../planner/names.ts';
import { writeChanges } from '../../application/write-changes.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { json } from '../reporters/lint-formats.ts';
import type { Session } from '../session.ts';

/** `new NAME`: an empty migration in the project's own format. */
export async function newMigration(session: Session): Promise<number> {
  const { arguments: words, terminal, machine } = session;
  const format = words.choice('format', ['text', 'json']);
  const name = words.positionals.join(' ');
  if (name.trim() === '') throw new UsageError('new needs a name: lockstep new add_users_status');
  const project = await session.openOne();
  const written = project.newMigration(slugOf(name), machine.clock.now());
  await writeChanges(machine.files, session.root, written);
  const paths = written.map((change) => change.path);
  terminal.write(format === 'json' ? json({ schemaVersion: 1, paths }) : paths.map((path) => `${path}\n`).join(''));
  return EXIT.done;
}
