import { foundDatabases } from '../../application/use-cases/found-databases.ts';
import { SCHEMA_VERSION } from '../../core/schema-version.ts';
import { EXIT } from '../exit-codes.ts';
import { json } from '../reporters/lint-formats.ts';
import type { Session } from '../session.ts';

/** `databases`: what the files of the project, the environment and the person's home name, without passwords; none is connected to. */
export async function databases(session: Session): Promise<number> {
  const { arguments: words, terminal, machine } = session;
  const format = words.choice('format', ['text', 'json']);
  const found = await foundDatabases(
    { files: machine.files, environmentVariable: (name) => terminal.environment[name] },
    session.root,
  );
  const shown = found.map(({ label, from }) => ({ label, from }));
  terminal.write(
    format === 'json'
      ? json({ schemaVersion: SCHEMA_VERSION, databases: shown })
      : shown.length === 0
        ? 'No database is named here.\n'
        : `${shown.map(({ label, from }) => `  ${label}  (${from})\n`).join('')}None of them is connected to: name one by --database, or its variable in lockstep.jsonc.\n`,
  );
  return EXIT.done;
}
