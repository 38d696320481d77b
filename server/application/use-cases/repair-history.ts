import { markMigration, type HistoryMark } from '../../runner/mark-migration.ts';
import { readDatabaseFacts } from '../database-facts.ts';
import { runSettingsOf } from '../run-settings.ts';
import { done, refused, type Answer } from './answer.ts';
import { auditorOf } from './auditor-of.ts';
import { unconfirmed } from './production.ts';
import type { UseContext } from './use-context.ts';
import { databaseToChange, withDatabase } from './with-database.ts';

/** Changes what the history says of a migration, and runs nothing. */
export async function markHistory(
  context: UseContext,
  { id, mark }: { readonly id: string; readonly mark: HistoryMark },
): Promise<Answer<null>> {
  const { project, outside, isKept } = context;
  const wanted = databaseToChange(context);
  if ('kind' in wanted) return wanted;
  await project.refresh();
  return withDatabase(context, { readOnly: false }, async (connection, named) => {
    const refusedAs = await unconfirmed(context, connection, named);
    if (refusedAs !== undefined) return refusedAs;
    const { migrationLockTimeoutMs } = runSettingsOf(project);
    const refusal = await markMigration({
      project,
      connection,
      id,
      mark,
      clock: outside.clock,
      migrationLockTimeoutMs,
      auditor: auditorOf(context),
    });
    if (isKept) project.setDatabase(await readDatabaseFacts(project, connection));
    return refusal === undefined ? done(null) : refused(refusal);
  });
}

/** A migration's text as it was applied. */
export interface AppliedText {
  /** Relative to the project's root. */
  readonly path: string;
  readonly text: string;
}

/** The text that was applied, found among those that `earlierTexts` has of the file by what the history keeps. */
export async function appliedText(
  context: UseContext,
  id: string,
  earlierTexts: (path: string) => AsyncIterable<string>,
): Promise<Answer<AppliedText>> {
  const { project } = context;
  const migration = project.migrations.migrations.find((each) => each.id === id);
  if (migration === undefined) return refused({ code: 'no-such-migration', id });
  return withDatabase(context, { readOnly: true }, async (connection) => {
    const history = await project.history.open(connection);
    const stored = (await history.read(project)).find((each) => each.id === id)?.checksum;
    const path = migration.upPath;
    if (stored !== undefined)
      for await (const text of earlierTexts(`${project.root}/${path}`)) {
        const textOf = (asked: string): string | undefined => (asked === path ? text : project.textOf(asked));
        if (project.history.checksums(migration, { migrations: project.migrations, textOf }).includes(stored))
          return done({ path, text });
      }
    return refused({ code: 'no-applied-text', path });
  });
}
