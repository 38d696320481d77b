import { planSquash, squash as squashMigrations } from '../../application/use-cases/squash.ts';
import { SCHEMA_VERSION } from '../../core/schema-version.ts';
import { accepted } from '../answers.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { json } from '../reporters/lint-formats.ts';
import type { Session } from '../session.ts';

/** `squash --from ID [--name NAME] [--write]`: the pending migrations from one on become one. */
export async function squash(session: Session): Promise<number> {
  const { arguments: words, terminal } = session;
  const format = words.choice('format', ['text', 'json']);
  const from = words.text('from');
  if (from === undefined)
    throw new UsageError('squash takes the oldest migration of those that are joined: add --from ID');
  const wish = { from, name: words.text('name') };
  const context = session.on(await session.openOne());
  const isWritten = words.flag('write');
  const planned = accepted(
    await (isWritten ? squashMigrations(context, wish, () => Promise.resolve(true)) : planSquash(context, wish)),
  );
  if (planned === undefined) return EXIT.usage;
  const { ids, changes } = planned;
  terminal.write(
    format === 'json'
      ? json({ schemaVersion: SCHEMA_VERSION, ids, files: changes, written: isWritten })
      : [
          `${isWritten ? 'Joined' : 'Would join'} ${ids.join(', ')}:\n`,
          ...changes.map(({ action, path }) => `  ${action} ${path}\n`),
          ...(isWritten
            ? []
            : changes.filter(({ action }) => action !== 'delete').map(({ path, text }) => `\n-- ${path}\n${text}`)),
          isWritten ? '' : '\nA database that has some of them already would miss the rest: --write does it.\n',
        ].join(''),
  );
  return EXIT.done;
}
