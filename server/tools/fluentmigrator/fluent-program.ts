import { ENGINE_IDS, type EngineId } from '../../model/engine-id.ts';
import type { FileTree } from '../file-tree.ts';
import { joinPath } from '../folder.ts';

/** What the program around the migrations says, as far as literals do. */
export interface FluentProgram {
  /** Undefined where no product, or more than one, is named. */
  readonly dialect?: EngineId;
  /** Only products that no engine reads are named. */
  readonly isOther?: true;
  /** Keys are `serial`: a generator for PostgreSQL before 10 is asked for. */
  readonly isSerial: boolean;
  readonly versionTable: VersionTable;
}

/** Where it is kept which migrations were applied. Source: DefaultVersionTableMetaData.cs. */
export interface VersionTable {
  readonly schema?: string;
  readonly table: string;
  readonly column: string;
  readonly appliedOn: string;
  readonly description: string;
  /** The file that says so, where a class of the project does; its part that is no literal. */
  readonly untold?: { readonly path: string; readonly what: string };
}

export const DEFAULT_TABLE: VersionTable = {
  table: 'VersionInfo',
  column: 'Version',
  appliedOn: 'AppliedOn',
  description: 'Description',
};

/** How a program names a product: its generator, or its package. */
const PRODUCTS: Readonly<Record<EngineId, { readonly call: RegExp; readonly packages: RegExp }>> = {
  postgresql: { call: /\.AddPostgres\w*\s*\(/, packages: /Include="FluentMigrator\.(?:Runner|Extensions)\.Postgres"/i },
  sqlite: { call: /\.AddSQLite\w*\s*\(/, packages: /Include="FluentMigrator\.Runner\.SQLite"/i },
};
const OTHERS = {
  call: /\.Add(?:SqlServer|MySql|Oracle|Firebird|Db2|Hana|Snowflake|Redshift|SqlAnywhere|Jet)\w*\s*\(/,
  packages:
    /Include="FluentMigrator\.(?:Runner|Extensions)\.(?:SqlServer|MySql|Oracle|Firebird|Db2|Hana|Snowflake|Redshift)"/i,
};
const RUNNER = /\bConfigureRunner\b|\bAddFluentMigratorCore\b/;
const TABLE_CLASS = /\bI?(?:Default)?VersionTableMetaData\b/;
/** Folders above the migrations in which their project is looked for. */
const MOST_PARENTS = 5;

/** Reads what stands beside and above a folder of migrations; nothing of it is run. */
export async function programOf(tree: FileTree, folder: string): Promise<FluentProgram> {
  const found = await projectAbove(tree, folder);
  const places = [...new Set([...(found === undefined ? [] : [found.folder]), folder])];
  const texts: { path: string; text: string }[] = [];
  for (const place of places)
    for (const name of (await tree.folder(place))?.files.filter((file) => /\.cs$/i.test(file)) ?? []) {
      const path = joinPath(place, name);
      texts.push({ path, text: (await tree.text(path)) ?? '' });
    }
  // The runner is often set up by another project: the program that starts.
  for (const { path } of await tree.named(['Program.cs', 'Startup.cs', 'VersionTable.cs', 'VersionTableMetaData.cs']))
    if (!texts.some((known) => known.path === path)) texts.push({ path, text: (await tree.text(path)) ?? '' });
  const runners = texts.filter(({ text }) => RUNNER.test(text)).map(({ text }) => text);
  const said = runners.join('\n');
  const byCall = ENGINE_IDS.filter((id) => PRODUCTS[id].call.test(said));
  const packages = found?.text ?? '';
  const byPackage = ENGINE_IDS.filter((id) => PRODUCTS[id].packages.test(packages));
  const isNamed = byCall.length > 0 || OTHERS.call.test(said);
  const dialects = isNamed ? byCall : byPackage;
  const isOther = dialects.length === 0 && (isNamed || OTHERS.packages.test(packages));
  const [dialect] = dialects;
  return {
    ...(dialect !== undefined && dialects.length === 1 ? { dialect } : {}),
    ...(isOther ? { isOther } : {}),
    isSerial: /\.AddPostgres(?:92|9_2)\s*\(/.test(said),
    versionTable: versionTableIn(texts),
  };
}

/** The project file in the nearest folder above. */
async function projectAbove(
  tree: FileTree,
  path: string,
): Promise<{ readonly folder: string; readonly text: string } | undefined> {
  let folder = path;
  for (let depth = 0; depth <= MOST_PARENTS; depth++) {
    const name = (await tree.folder(folder))?.files.find((file) => /\.csproj$/i.test(file));
    if (name !== undefined) return { folder, text: (await tree.text(joinPath(folder, name))) ?? '' };
    if (folder === '') return undefined;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')));
  }
  return undefined;
}

/** What a class of the project says of the table: properties that give a literal. */
function versionTableIn(texts: readonly { readonly path: string; readonly text: string }[]): VersionTable {
  const own = texts.find(({ text }) => TABLE_CLASS.test(text) && /\b(?:TableName|SchemaName|ColumnName)\b/.test(text));
  if (own === undefined) return DEFAULT_TABLE;
  const untold: string[] = [];
  const read = (property: string): string | undefined => {
    const head = new RegExp(`\\bstring\\??\\s+${property}\\s*(?:=>|\\{\\s*get\\s*(?:=>|\\{\\s*return|;[^=\\n]*=))\\s*`);
    const match = head.exec(own.text);
    if (match === null) {
      if (new RegExp(`\\bstring\\??\\s+${property}\\b`).test(own.text)) untold.push(property);
      return undefined;
    }
    const rest = own.text.slice(match.index + match[0].length);
    const literal =
      /^@?"([^"\\]*)"\s*[;}]/.exec(rest)?.[1] ?? (/^(?:string|String)\.Empty\b/.test(rest) ? '' : undefined);
    if (literal === undefined) untold.push(property);
    return literal;
  };
  const schema = read('SchemaName');
  return {
    ...(schema === undefined || schema === '' ? {} : { schema }),
    table: read('TableName') ?? DEFAULT_TABLE.table,
    column: read('ColumnName') ?? DEFAULT_TABLE.column,
    appliedOn: read('AppliedOnColumnName') ?? DEFAULT_TABLE.appliedOn,
    description: read('DescriptionColumnName') ?? DEFAULT_TABLE.description,
    ...(untold.length === 0 ? {} : { untold: { path: own.path, what: untold.join(', ') } }),
  };
}
