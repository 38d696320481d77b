import { idempotentScriptOf, scriptOf } from '../../application/use-cases/script-of.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { json } from '../reporters/lint-formats.ts';
import type { Session } from '../session.ts';

/** `script [--from ID] [--to ID] [--down] [--idempotent]`: the SQL of some migrations for review, or to be run more than once. */
export async function script(session: Session): Promise<number> {
  const { arguments: words, terminal } = session;
  const format = words.choice('format', ['text', 'json']);
  const project = await session.openOne();
  const all = project.migrations.migrations;
  const indexOf = (name: string): number | undefined => {
    const id = words.text(name);
    if (id === undefined) return undefined;
    const index = all.findIndex((migration) => migration.id === id);
    if (index < 0) throw new UsageError(`there is no migration "${id}": see "lockstep status" for the ids`);
    return index;
  };
  const from = indexOf('from');
  const to = indexOf('to');
  // --from names the state to start from, so that migration itself is left out, as in "from what is deployed".
  const chosen = all.slice(from === undefined ? 0 : from + 1, to === undefined ? all.length : to + 1);
  const direction = words.flag('down') ? 'down' : 'up';
  const migrations = direction === 'down' ? [...chosen].reverse() : chosen;
  const isIdempotent = words.flag('idempotent');
  const made = isIdempotent
    ? idempotentScriptOf(project, direction, migrations)
    : { sql: scriptOf(project, { direction, migrations }) };
  if ('refused' in made) throw new UsageError(made.refused.replace(/\.$/, ''));
  const { sql } = made;
  terminal.write(
    format === 'json'
      ? json({ schemaVersion: 1, direction, migrations: chosen.map((migration) => migration.id), sql })
      : sql,
  );
  return EXIT.done;
}
