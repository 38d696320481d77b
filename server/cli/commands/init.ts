import { planInit, type InitPlan } from '../../application/init.ts';
import { SCHEMA_VERSION } from '../../core/schema-version.ts';
import { ENGINE_TITLES } from '../../model/engine-id.ts';
import { NAMED_TOOLS } from '../../tools/registry.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { json } from '../reporters/lint-formats.ts';
import { refuseUnread, type Session } from '../session.ts';
import { unreadSentence } from '../../tools/find-unread.ts';

/** `init [--dry-run]`: a first configuration, with everything that is there accepted. Asks nothing. */
export async function init(session: Session): Promise<number> {
  const { arguments: words, terminal, machine } = session;
  const format = words.choice('format', ['text', 'json']);
  const dialect = session.dialect();
  const plan = await planInit({
    root: session.root,
    files: machine.files,
    engines: await machine.loadEngines(),
    environmentVariable: (name) => terminal.environment[name],
    committedFiles: machine.committedFiles,
    applied: (project) => session.appliedIfNamed(project),
    ...(dialect === undefined ? {} : { dialect }),
  });
  if (plan.kind === 'nothing-found') {
    refuseUnread(plan.unread);
    throw new UsageError(
      `no migrations were found below ${session.root}: run this in the project's folder, or make the first migration by "lockstep new NAME"`,
    );
  }
  const isDry = words.flag('dry-run');
  if (plan.kind === 'planned' && !isDry) await machine.files.create(plan.path, plan.text);
  const isWritten = plan.kind === 'planned' && !isDry;
  terminal.write(format === 'json' ? json(reportOf(plan, isWritten)) : initText(plan, isWritten, session));
  return EXIT.done;
}

function reportOf(plan: Exclude<InitPlan, { readonly kind: 'nothing-found' }>, isWritten: boolean): object {
  return plan.kind === 'configured'
    ? { schemaVersion: SCHEMA_VERSION, path: plan.path, written: false, text: null, folders: [], database: null }
    : {
        schemaVersion: SCHEMA_VERSION,
        path: plan.path,
        written: isWritten,
        text: plan.text,
        folders: plan.folders,
        database: plan.database,
      };
}

function initText(
  plan: Exclude<InitPlan, { readonly kind: 'nothing-found' }>,
  isWritten: boolean,
  { colors }: Session,
): string {
  if (plan.kind === 'configured') return `${plan.path} is there already, and is left as it is.\n`;
  const { folders, database, unread } = plan;
  const accepted = { applied: 'the newest that the database has', committed: 'the newest that is committed' };
  const lines = [
    `${isWritten ? 'Wrote' : 'Would write'} ${colors.bold('lockstep.jsonc')}:`,
    ...folders.flatMap((folder) => {
      const tool = NAMED_TOOLS.find((each) => each.id === folder.tool)?.title ?? folder.tool;
      const engine = `${folder.dialect === null ? `${folder.unreadProduct ?? ''} (not analysed)` : ENGINE_TITLES[folder.dialect]}${folder.serverVersion === null ? '' : ` ${folder.serverVersion}`}`;
      return [
        `  ${colors.bold(folder.folder === '' ? '.' : folder.folder)}: ${tool}, ${engine}, ${folder.migrations} migration${folder.migrations === 1 ? '' : 's'}`,
        folder.startAfter === null || folder.accepted === null
          ? '    all of them are linted: none is committed, and no database was named by --database'
          : `    accepted up to ${folder.startAfter}, ${accepted[folder.accepted]}: what comes after it is linted`,
      ];
    }),
    database === null
      ? '  no database was found: name one by "database", or give --database to a command'
      : `  database: ${'env' in database ? `the environment variable ${database.env}, named by ${database.namedBy}` : database.namedBy}`,
    ...unread.map((each) => `  not read: ${unreadSentence(each)}`),
  ];
  if (!isWritten)
    lines.push('', colors.dim(plan.text.trimEnd()), '', 'Nothing was written: leave --dry-run out to do it.');
  else
    lines.push('', 'Next: "lockstep lint" checks the migrations that come after, "lockstep status" asks the database.');
  return `${lines.join('\n')}\n`;
}
