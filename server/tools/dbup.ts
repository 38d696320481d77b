import { byEngine, ENGINE_IDS, type EngineId } from '../model/engine-id.ts';
import { fileFormat, slugOf } from './blocks/file-format.ts';
import { placeholdersIn } from './blocks/placeholders.ts';
import { rowHistory, timeOf } from './blocks/row-history.ts';
import { oneString, wholeFile } from './blocks/whole-file.ts';
import { LOCKSTEP } from './applier.ts';
import type { FileTree } from './file-tree.ts';
import { joinPath } from './folder.ts';
import { stepHeader } from './step-text.ts';
import { CERTAINTY, type TellingTable, type Tool, type ToolProject } from './tool.ts';

/** What the program that runs DbUp says of it, as far as literals do. */
interface DbUpOptions {
  /** What a script's name in the journal begins with: the namespace and the folder of an embedded script. */
  readonly prefix: string;
  readonly hasTransaction: boolean;
  readonly journal: { readonly schema?: string; readonly table?: string };
  readonly variables: ReadonlyMap<string, string>;
}

interface DbUpFolder {
  readonly folder: string;
  readonly options: DbUpOptions;
  readonly dialect: EngineId;
}

/** Its journal, unless it is told otherwise. */
const JOURNALS: Readonly<Record<EngineId, TellingTable>> = {
  postgresql: { table: 'schemaversions', columns: ['scriptname', 'applied'] },
  sqlite: { table: 'SchemaVersions', columns: ['ScriptName', 'Applied'] },
};

/** The packages of DbUp by the product that they are for. */
const PACKAGES: Readonly<Record<EngineId, RegExp>> = {
  postgresql: /Include="dbup-postgresql"/i,
  sqlite: /Include="dbup-sqlite(?:-mono)?"/i,
};

/** How a program says which product it is for. */
const CALLS: Readonly<Record<EngineId, RegExp>> = {
  postgresql: /\.PostgresqlDatabase\s*\(/i,
  sqlite: /\.SQLiteDatabase\s*\(/i,
};

/** DbUp: scripts that a program carries or finds, run in the order of their names and kept in `SchemaVersions`. */
export const dbup: Tool = {
  id: 'dbup',
  title: 'DbUp',
  tellingTables: Object.values(JOURNALS),
  configurationFiles: [],
  sidecarFiles: [],
  async find(tree) {
    const found: ToolProject[] = [];
    for (const view of await tree.walk())
      for (const name of view.files.filter((file) => /\.csproj$/i.test(file))) {
        const named = await folderOf(tree, view.path, name);
        if (named !== undefined && (await tree.folder(named.folder)) !== undefined) found.push(projectOf(named));
      }
    return found;
  },
  async at(tree, folder) {
    for (let path = folder; ; path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) {
      for (const name of (await tree.folder(path))?.files.filter((file) => /\.csproj$/i.test(file)) ?? []) {
        const named = await folderOf(tree, path, name);
        if (named?.folder === folder) return projectOf(named);
      }
      if (path === '') break;
    }
    const options = { prefix: '', hasTransaction: false, journal: {}, variables: new Map<string, string>() };
    return { ...projectOf({ folder, options, dialect: ENGINE_IDS[0] }), certainty: 0 };
  },
};

/** The folder of scripts that a project embeds, or that its program names; undefined where it uses no DbUp for a product that is read. */
async function folderOf(tree: FileTree, folder: string, name: string): Promise<DbUpFolder | undefined> {
  const project = (await tree.text(joinPath(folder, name))) ?? '';
  const dialects = ENGINE_IDS.filter((id) => PACKAGES[id].test(project));
  const [dialect] = dialects;
  if (dialect === undefined) return undefined;
  const program = await programOf(tree, folder);
  // A program with the packages of several products says by its own words which one it is for.
  const named = dialects.filter((id) => CALLS[id].test(program));
  const chosen = named.length === 1 ? (named[0] ?? dialect) : dialect;
  const journal =
    /\bJournalToPostgresqlTable\s*\(\s*"([^"]*)"\s*,\s*"([^"]+)"/.exec(program) ??
    /\bJournalToSQLiteTable\s*\(\s*()"([^"]+)"/i.exec(program);
  const options = {
    hasTransaction: /\.WithTransaction(?:PerScript)?\s*\(/.test(program),
    journal:
      journal === null
        ? {}
        : { ...(journal[1] ? { schema: journal[1] } : {}), ...(journal[2] ? { table: journal[2] } : {}) },
    variables: /\.WithVariablesDisabled\s*\(/.test(program)
      ? new Map<string, string>()
      : new Map(
          [...program.matchAll(/\.WithVariable\s*\(\s*"(\w+)"\s*,\s*"([^"\\]*)"\s*\)/g)].map(
            ([, key = '', value = '']) => [key.toLowerCase(), value] as const,
          ),
        ),
  };
  const files = /\bWithScriptsFromFileSystem\s*\(\s*@?"([^"]+)"/.exec(program)?.[1];
  if (files !== undefined)
    return { folder: joinPath(folder, cleaned(files)), options: { ...options, prefix: '' }, dialect: chosen };
  const included = [...project.matchAll(/<EmbeddedResource\s+Include="([^"]+\.sql)"/gi)]
    .flatMap(([, include = '']) => include.split(';'))
    .map((include) => cleaned(include.replace(/[^\\/]*$/, '').replace(/\*.*$/, '')));
  if (included.length === 0) return undefined;
  const below = included.reduce(shared);
  const namespace =
    /<RootNamespace>\s*([^<\s]+)\s*</.exec(project)?.[1] ?? name.replace(/\.csproj$/i, '').replaceAll(' ', '_');
  const prefix = [namespace, ...(below === '' ? [] : below.split('/').map(resourcePart))].join('.');
  return {
    folder: below === '' ? folder : joinPath(folder, below),
    options: { ...options, prefix: `${prefix}.` },
    dialect: chosen,
  };
}

/** Texts of the program beside the project file, where DbUp is told what to do. */
async function programOf(tree: FileTree, folder: string): Promise<string> {
  const names = (await tree.folder(folder))?.files.filter((file) => /\.cs$/i.test(file)) ?? [];
  const texts = await Promise.all(names.map(async (file) => (await tree.text(joinPath(folder, file))) ?? ''));
  return texts.filter((text) => /\bDeployChanges\b|\bUpgradeEngineBuilder\b/.test(text)).join('\n');
}

function cleaned(path: string): string {
  return path
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/+$/, '');
}

/** What two paths have in common. */
function shared(left: string, right: string): string {
  const [a, b] = [left.split('/'), right.split('/')];
  const end = a.findIndex((part, index) => part !== b[index]);
  return (end < 0 ? a : a.slice(0, end)).join('/');
}

/** A folder as a part of a resource's name. Source: dotnet/msbuild, CreateManifestResourceName.MakeValidEverettIdentifier. */
function resourcePart(folder: string): string {
  return folder
    .split('.')
    .map((part) => {
      const valid = part.replaceAll(/[^\p{L}\p{N}_]/gu, '_');
      return /^[\p{L}_]/u.test(valid) ? valid : `_${valid}`;
    })
    .join('.');
}

function projectOf({ folder, options, dialect }: DbUpFolder): ToolProject {
  const isEmbedded = options.prefix !== '';
  const idOf = (path: string): string => {
    const parts = path.split('/');
    const file = parts.pop() ?? '';
    // Of files that are read from a folder the path is as it is.
    return `${options.prefix}${[...(isEmbedded ? parts.map(resourcePart) : parts), file].join('.')}`;
  };
  return {
    tool: dbup,
    folder,
    certainty: CERTAINTY.configured,
    dialect,
    applier: LOCKSTEP,
    problems: [],
    history: historyOf(options.journal, dialect),
    format: fileFormat({
      folder,
      isRecursive: true,
      keyWord: 'name',
      // By the name in the journal, in which a folder may stand elsewhere than in its path.
      compareIds: (left, right) => (left === right ? 0 : left < right ? -1 : 1),
      read: (file, _text, path) =>
        file.endsWith('.sql') ? { key: path, id: idOf(path), name: file.replace(/\.sql$/, ''), half: 'up' } : undefined,
      layout: (_path, text, engine) =>
        wholeFile(
          text,
          'up',
          { transaction: options.hasTransaction ? 'one' : oneString(engine) },
          { placeholders: placeholdersIn(text, knownVariables(options.variables), options.variables) },
        ),
      numbering: { kind: 'sequence', digits: 4 },
      numberOf: (id) => /(?:^|\.)(\d+)[^.]*\.sql$/.exec(id)?.[1],
      refuses: (steps) =>
        options.hasTransaction && steps.some(({ transaction }) => transaction === 'none')
          ? 'This program has DbUp run every script in a transaction (WithTransaction), so that it has no way to run a step outside one.'
          : undefined,
      write: (number, step, _engine, { migrations }) => {
        // A folder's name decides before that of the file: behind the newest is where that one is.
        const newest = migrations.migrations.at(-1)?.upPath.slice(folder === '' ? 0 : folder.length + 1) ?? '';
        const file = joinPath(newest.slice(0, Math.max(0, newest.lastIndexOf('/'))), `${number}_${slugOf(step)}.sql`);
        return {
          id: idOf(file),
          files: [{ name: file, half: 'up', text: `${stepHeader(step)}${step.up.trimEnd()}\n` }],
        };
      },
    }),
  };
}

/** A pattern of the variables that the program gives values; `$body$` of a function is none of them. */
function knownVariables(variables: ReadonlyMap<string, string>): RegExp {
  return variables.size === 0 ? /(?!)/g : new RegExp(`\\$(${[...variables.keys()].join('|')})\\$`, 'gi');
}

/** Source: DbUp, TableJournal.cs, PostgresqlTableJournal.cs and SQLiteTableJournal.cs; compared with what the packages leave. */
function historyOf({ schema, table }: DbUpOptions['journal'], dialect: EngineId): ToolProject['history'] {
  const name = table ?? byEngine(dialect, JOURNALS).table;
  const column = byEngine(dialect, {
    postgresql: { script: 'scriptname', applied: 'applied' },
    sqlite: { script: 'ScriptName', applied: 'Applied' },
  });
  return rowHistory({
    table: name,
    ...(schema === undefined ? {} : { schema }),
    lateArrival: 'runs',
    columns: (engine) =>
      byEngine(engine, {
        postgresql: [
          `${name}id serial NOT NULL`,
          'scriptname character varying(255) NOT NULL',
          'applied timestamp without time zone NOT NULL',
          `CONSTRAINT "PK_${name}_Id" PRIMARY KEY (${name}id)`,
        ],
        sqlite: [
          `SchemaVersionID INTEGER CONSTRAINT "PK_${name}_Id" PRIMARY KEY AUTOINCREMENT NOT NULL`,
          'ScriptName TEXT NOT NULL',
          'Applied DATETIME NOT NULL',
        ],
      }),
    needs: [column.script, column.applied],
    clock: 'utc',
    key: (migration) => migration.id,
    where: (migration) => ({ [column.script]: migration.id }),
    row: (migration, _folder, { finishedAt, startedAt }) => ({
      [column.script]: migration.id,
      [column.applied]: (finishedAt ?? startedAt).toISOString().replace('T', ' ').replace('Z', ''),
    }),
    fact: (row) => {
      const appliedAt = timeOf(row[column.applied]);
      return { key: String(row[column.script]), ...(appliedAt === undefined ? {} : { appliedAt }) };
    },
  });
}
