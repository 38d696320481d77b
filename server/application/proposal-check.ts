import { complaintKey, type Objection, type ProposedFolder } from '../analysis/fix-whole.ts';
import type { Settings } from '../analysis/settings.ts';
import type { Engine, Target } from '../engines/engine.ts';
import { brokenTriggers, type BrokenTrigger } from '../model/body-names.ts';
import type { MigrationFile } from '../model/migration.ts';
import { schemaDifference } from '../model/schema-difference.ts';
import type { Rule } from '../rules/rule.ts';
import type { ToolProject } from '../tools/tool.ts';
import { Documents } from './documents.ts';
import { FolderAnalysis } from './folder-analysis.ts';
import { FolderHistory } from './folder-history.ts';

export interface ProposalCheckOptions {
  readonly project: ToolProject;
  readonly engine: Engine;
  readonly settings: Settings;
  readonly rules: readonly Rule[];
}

/** What a proposal may leave as it is: findings by their code, and those of one statement by `complaintKey`. */
interface Known {
  readonly codes: ReadonlySet<string>;
  readonly stands: ReadonlySet<string>;
}

const NOTHING: Known = { codes: new Set(), stands: new Set() };

/** The folder that a proposal is judged by. */
export interface CheckedFolder {
  readonly documents: Documents;
  readonly history: FolderHistory;
  readonly analysis: FolderAnalysis;
}

/**
 * Runs a proposal against the engine, on a copy of the folder in memory: every finding and refusal in its files, in later
 * migrations those that were not there before, and the schema at the end, which must be that of the migration as it is.
 */
export function checkProposal(
  options: ProposalCheckOptions,
  folder: CheckedFolder,
  migration: MigrationFile,
  proposed: ProposedFolder,
  known: Known,
): Objection {
  const { target } = folder.history;
  const index = folder.history.indexOfId(migration.id) ?? folder.history.migrations.migrations.length;
  const copy = copyOf(options, folder, migration, proposed, target);
  const unclean = uncleanFiles(
    copy,
    proposed.added.flatMap(pathsOf).concat(proposed.keepsMigration ? pathsOf(migration) : []),
    known,
  );
  if (unclean !== undefined) return unclean;
  for (const later of folder.history.migrations.migrations.slice(index + 1)) {
    const before = new Set(complaintsOf(folder, later.upPath, NOTHING));
    const fresh = complaintsOf(copy, later.upPath, NOTHING).find((complaint) => !before.has(complaint));
    if (fresh !== undefined)
      return {
        reason: `The later migration ${later.id} would run before the new steps, and then: ${fresh} Move that part into a migration after them.`,
        files: [later.upPath],
      };
  }
  const failing = failingTrigger(folder, copy, index);
  if (failing !== undefined) return failing;
  const end = folder.history.migrations.migrations.length;
  const direct = folder.history.before(end);
  const difference = schemaDifference(
    {
      ...direct,
      indexes: (proposed.leftOut ?? []).reduce((indexes, key) => indexes.delete(key), direct.indexes),
    },
    copy.history.before(copy.history.migrations.migrations.length),
  );
  return difference === undefined
    ? undefined
    : { reason: `Its steps would end in another schema than the migration does: ${difference} differs.`, files: [] };
}

/** The same for files that come after all others and that no migration asked for. */
export function checkAdded(
  options: ProposalCheckOptions,
  folder: CheckedFolder,
  proposed: Pick<ProposedFolder, 'files' | 'added'>,
): Objection {
  const copy = copyOf(options, folder, undefined, { ...proposed, keepsMigration: true }, folder.history.target);
  return (
    uncleanFiles(copy, proposed.added.flatMap(pathsOf), NOTHING) ??
    failingTrigger(folder, copy, folder.history.migrations.migrations.length)
  );
}

function uncleanFiles(copy: CheckedFolder, paths: readonly string[], known: Known): Objection {
  const complaints = [...new Set(paths)].flatMap((path) =>
    complaintsOf(copy, path, known).map((complaint) => ({ path, complaint })),
  );
  const [first] = complaints;
  return first === undefined
    ? undefined
    : {
        reason: `Its steps would not be clean: ${first.path.slice(first.path.lastIndexOf('/') + 1)}: ${first.complaint}`,
        files: complaints.map(({ path }) => path),
      };
}

/** A trigger that fails after one of the files, and did not before the migration: nobody could write to its table then. */
function failingTrigger(folder: CheckedFolder, copy: CheckedFolder, index: number): Objection {
  const known = new Set(brokenTriggers(folder.history.before(index)).map(nameOf));
  for (const [position, { id, upPath }] of copy.history.migrations.migrations.entries()) {
    if (position < index) continue;
    const broken = brokenTriggers(copy.history.before(position + 1)).find((each) => !known.has(nameOf(each)));
    if (broken !== undefined)
      return {
        reason: `After ${id} the function ${broken.function}, which the trigger ${broken.trigger} runs, would read "${broken.column}", which ${broken.relation.name} does not have then: every write to it would fail.`,
        files: [upPath],
      };
  }
  return undefined;
}

function nameOf({ relation, trigger, column }: BrokenTrigger): string {
  return JSON.stringify([relation.schema, relation.name, trigger, column]);
}

function pathsOf({ upPath, downPath }: MigrationFile): readonly string[] {
  return downPath === undefined || downPath === upPath ? [upPath] : [upPath, downPath];
}

/** Warnings, errors and what could not be read, as sentences; those that are `known` are left out. */
function complaintsOf({ analysis }: CheckedFolder, path: string, { codes, stands }: Known): readonly string[] {
  return analysis.findings(path).flatMap(({ finding, ruleFinding }) => {
    const stood =
      ruleFinding !== undefined && stands.has(complaintKey(finding.code, ruleFinding.statement.source.text));
    // A value that a person has yet to write is what the proposal says itself.
    return finding.severity === 'info' || codes.has(finding.code) || stood || finding.code === 'missing-value'
      ? []
      : [`${finding.code}: ${finding.message}`];
  });
}

function copyOf(
  { project, engine, settings, rules }: ProposalCheckOptions,
  folder: CheckedFolder,
  migration: MigrationFile | undefined,
  proposed: ProposedFolder,
  target: Target,
): CheckedFolder {
  const documents = new Documents({ project, engine, settings, base: folder.documents });
  const history: FolderHistory = new FolderHistory({
    documents,
    engine,
    settings,
    target,
    isVersionNamed: true,
    analysedOf: (path) => analysis.known(path),
  });
  const analysis: FolderAnalysis = new FolderAnalysis({ documents, history, project, engine, settings, rules });
  const { migrations, problems } = folder.history.migrations;
  const listed = [
    ...migrations.filter((each) => each.id !== migration?.id || proposed.keepsMigration),
    ...proposed.added,
  ];
  const texts = new Map<string, string>();
  for (const path of migrations.flatMap(pathsOf)) {
    const text = folder.documents.textOf(path);
    if (text !== undefined) texts.set(path, text);
  }
  for (const change of proposed.files)
    if (change.action === 'delete') texts.delete(change.path);
    else texts.set(change.path, change.text);
  documents.setDisk(texts);
  history.setMigrations({ migrations: listed, problems });
  history.setDatabase(folder.history.database);
  return { documents, history, analysis };
}
