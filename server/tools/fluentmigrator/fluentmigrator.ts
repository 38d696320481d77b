import { loadCSharp } from '../../languages/csharp/csharp-parser.ts';
import { byEngine } from '../../model/engine-id.ts';
import { ownCommand } from '../blocks/own-command.ts';
import { rowHistory, timeOf } from '../blocks/row-history.ts';
import type { FileTree, FolderView } from '../file-tree.ts';
import { joinPath } from '../folder.ts';
import { CERTAINTY, type Tool, type ToolProject } from '../tool.ts';
import { COMMAND, fluentFormat, MARK } from './fluent-format.ts';
import { DEFAULT_TABLE, programOf, type FluentProgram, type VersionTable } from './fluent-program.ts';

/** Files of a folder that are looked into to know whether it holds migrations. */
const SAMPLE_FILES = 3;

/** FluentMigrator: a class with a number for each migration, in the order of the numbers, kept in `VersionInfo`. */
export const fluentmigrator: Tool = {
  id: 'fluentmigrator',
  title: 'FluentMigrator',
  tellingTables: [{ table: DEFAULT_TABLE.table, columns: [DEFAULT_TABLE.column, DEFAULT_TABLE.appliedOn] }],
  configurationFiles: [],
  sidecarFiles: [],
  async find(tree) {
    const folders: string[] = [];
    for (const view of await tree.walk()) if (await holdsMigrations(tree, view)) folders.push(view.path);
    const found: ToolProject[] = [];
    for (const folder of await grouped(tree, folders)) {
      const program = await programOf(tree, folder);
      // A product that no engine reads is told by name, as a tool that is not read is.
      if (program.isOther !== true) found.push(await open(folder, program, CERTAINTY.marker));
    }
    return found;
  },
  async at(tree, folder) {
    const view = await tree.folder(folder);
    const program = await programOf(tree, folder);
    const isFound = program.isOther !== true && view !== undefined && (await holdsMigrations(tree, view));
    return open(folder, program, isFound ? CERTAINTY.marker : 0);
  },
};

async function holdsMigrations(tree: FileTree, { path, files }: FolderView): Promise<boolean> {
  const isNamed = /migrations?(?:\/|$)/i.test(path);
  const names = files.filter((name) => /\.cs$/i.test(name) && (isNamed || /\d/.test(name)));
  for (const name of [...names.slice(0, SAMPLE_FILES), ...names.slice(-SAMPLE_FILES)]) {
    const text = (await tree.text(joinPath(path, name))) ?? '';
    if (MARK.test(text) && /\bFluentMigrator\b|:\s*\w*Migration\w*/.test(text) && !/\bMigrationBuilder\b/.test(text))
      return true;
  }
  return false;
}

/** Folders of one project are one history: the innermost folder that is around them all. */
async function grouped(tree: FileTree, folders: readonly string[]): Promise<readonly string[]> {
  const byProject = new Map<string, string>();
  for (const folder of folders) {
    const project = await projectFolder(tree, folder);
    const known = byProject.get(project);
    byProject.set(project, known === undefined ? folder : around(known, folder));
  }
  return [...byProject.values()];
}

async function projectFolder(tree: FileTree, path: string): Promise<string> {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    if ((await tree.folder(folder))?.files.some((name) => /\.csproj$/i.test(name)) === true) return folder;
    // Without a project file each folder stands alone.
    if (folder === '') return path;
  }
}

function around(left: string, right: string): string {
  const [a, b] = [left.split('/'), right.split('/')];
  const end = a.findIndex((part, index) => part !== b[index]);
  return (end < 0 ? a : a.slice(0, end)).join('/');
}

async function open(folder: string, program: FluentProgram, certainty: number): Promise<ToolProject> {
  await loadCSharp();
  const { untold } = program.versionTable;
  return {
    tool: fluentmigrator,
    folder,
    certainty,
    ...(program.dialect === undefined ? {} : { dialect: program.dialect }),
    format: fluentFormat(folder, program.isSerial ? 'serial' : 'identity'),
    history: historyOf(program.versionTable),
    applier: ownCommand({
      ...COMMAND,
      list: 'dotnet fm list migrations',
      revert: 'dotnet fm rollback',
      folder,
      words: () => [],
    }),
    problems:
      untold === undefined
        ? []
        : [
            {
              path: untold.path,
              message: `What this class says of ${untold.what} is no literal and not known here: the history is looked for in ${program.versionTable.table}.`,
            },
          ],
  };
}

/** Source: fluentmigrator/fluentmigrator, DefaultVersionTableMetaData.cs, VersionMigration.cs and the two after it. */
function historyOf({ schema, table, column, appliedOn, description }: VersionTable): ToolProject['history'] {
  return rowHistory({
    table,
    ...(schema === undefined ? {} : { schema }),
    lateArrival: 'runs',
    columns: (dialect) =>
      byEngine(dialect, {
        postgresql: [
          `"${column}" bigint NOT NULL`,
          `"${appliedOn}" timestamp`,
          `"${description}" varchar(1024)`,
          `CONSTRAINT "UC_Version" UNIQUE ("${column}")`,
        ],
        sqlite: [
          `"${column}" INTEGER NOT NULL`,
          `"${appliedOn}" DATETIME`,
          `"${description}" TEXT`,
          `CONSTRAINT "UC_Version" UNIQUE ("${column}")`,
        ],
      }),
    needs: [column],
    clock: 'utc',
    key: (migration) => migration.id,
    where: (migration) => ({ [column]: BigInt(migration.id) }),
    row: (migration, _folder, { finishedAt, startedAt }) => ({
      [column]: BigInt(migration.id),
      [appliedOn]: (finishedAt ?? startedAt).toISOString().replace(/\.\d+Z$/, ''),
      [description]: migration.name,
    }),
    fact: (row) => {
      const appliedAt = timeOf(row[appliedOn]);
      return { key: String(row[column]), ...(appliedAt === undefined ? {} : { appliedAt }) };
    },
  });
}
