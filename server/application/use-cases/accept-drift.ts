import { markMigration } from '../../runner/mark-migration.ts';
import { readStatus } from '../../runner/status.ts';
import { languageOf } from '../../tools/language-of.ts';
import { readDatabaseFacts } from '../database-facts.ts';
import { runSettingsOf } from '../run-settings.ts';
import { auditorOf } from './auditor-of.ts';
import { done, refused, written, type Answer } from './answer.ts';
import { unconfirmed } from './production.ts';
import type { UseContext } from './use-context.ts';
import { databaseToChange, withDatabase } from './with-database.ts';

/** What a person says of an edit of an applied migration. */
export interface AcceptWish {
  readonly id: string;
  /** One line: why the edit is right although it did not run. */
  readonly reason: string;
}

/**
 * Makes the history take a migration's new text for what was applied, and runs nothing. The reason is written at the end of the
 * file, for whoever meets it next, and into the log where there is one.
 */
export async function acceptDrift(context: UseContext, { id, reason }: AcceptWish): Promise<Answer<null>> {
  const { project, outside, isKept } = context;
  const wanted = databaseToChange(context);
  if ('kind' in wanted) return wanted;
  await project.refresh();
  return withDatabase(context, { readOnly: false }, async (connection, named) => {
    const found = (await readStatus(project, connection, null)).migrations.find((migration) => migration.id === id);
    if (found === undefined) return refused({ code: 'no-such-migration', id });
    if (found.state !== 'drifted') return refused({ code: 'other-state', id, state: found.state });
    const refusedAs = await unconfirmed(context, connection, named);
    if (refusedAs !== undefined) return refusedAs;
    const path = project.migrations.migrations.find((migration) => migration.id === id)?.upPath;
    const before = path === undefined ? undefined : project.textOf(path);
    // A comment of SQL is one in files of SQL alone; elsewhere the log has the reason.
    if (path !== undefined && before !== undefined && languageOf(project.format, path).id === 'sql') {
      const line = `-- Edited after it was applied: ${reason.trim().replaceAll(/\s+/g, ' ')}\n`;
      const put = await written(async () => {
        await outside.files.replace(
          `${project.root}/${path}`,
          `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${line}`,
        );
        return done(null);
      });
      if (put.kind === 'refused') return put;
      await project.refresh();
    }
    const refusal = await markMigration({
      project,
      connection,
      id,
      mark: 'accepted',
      clock: outside.clock,
      migrationLockTimeoutMs: runSettingsOf(project).migrationLockTimeoutMs,
      auditor: auditorOf(context),
      logged: { action: 'accept', reason },
    });
    if (isKept) project.setDatabase(await readDatabaseFacts(project, connection));
    return refusal === undefined ? done(null) : refused(refusal);
  });
}
