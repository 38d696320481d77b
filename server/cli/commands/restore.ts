import { listBackups, restoreBackup } from '../../application/use-cases/file-backup.ts';
import { SCHEMA_VERSION } from '../../core/schema-version.ts';
import { accepted, declined, demandAnswer } from '../answers.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { json } from '../reporters/lint-formats.ts';
import type { Session } from '../session.ts';

/** `restore [NAME] | restore --list`: a SQLite file becomes what it was before a run; the newest backup where none is named. */
export async function restore(session: Session): Promise<number> {
  const { arguments: words, terminal } = session;
  const format = words.choice('format', ['text', 'json']);
  const [name, more] = words.positionals;
  if (more !== undefined) throw new UsageError('restore takes the name of one backup: see "lockstep restore --list"');
  const context = session.on(await session.openOne());
  if (words.flag('list')) {
    const backups = accepted(await listBackups(context));
    const names = backups.map((each) => each.name);
    terminal.write(
      format === 'json'
        ? json({ schemaVersion: SCHEMA_VERSION, backups })
        : names.length === 0
          ? 'There are no backups.\n'
          : names.map((each) => `${each}\n`).join(''),
    );
    return EXIT.done;
  }
  demandAnswer(session, 'restore replaces the database');
  const done = accepted(
    await restoreBackup(context, name, async (backup) => {
      if (words.flag('yes')) return true;
      return terminal.confirm(`Everything that was written since ${backup.name} was made is gone then. Restore it?`);
    }),
  );
  if (done === undefined) return declined(session);
  const { restored, before } = done;
  terminal.write(
    format === 'json'
      ? json({ schemaVersion: SCHEMA_VERSION, restored: restored.name, before: before.name })
      : `Restored ${restored.name}. What was there is kept as ${before.name}.\n`,
  );
  return EXIT.done;
}
