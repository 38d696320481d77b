import type { EngineId } from '../../model/engine-id.ts';
import type { Applier } from '../applier.ts';
import type { FileTree, FolderView } from '../file-tree.ts';
import { joinPath } from '../folder.ts';
import type { Format } from '../format.ts';
import type { History } from '../history.ts';
import { CERTAINTY, type Tool, type ToolProject } from '../tool.ts';

/** What a tool's own configuration says, as far as literals do; it is read and never run. */
export interface ProgramConfiguration {
  /** Its folder; undefined where none was found. */
  readonly folder?: string;
  readonly dialect?: EngineId;
  /** A product that no engine reads. */
  readonly isOther?: true;
  readonly table: string;
  readonly schema?: string;
  /** The environment variable that it takes the database's URL from. */
  readonly variable?: string;
  readonly areTransactionsOff?: boolean;
  /** One transaction is around all migrations that run together. */
  readonly runsAllInOne?: boolean;
}

/** A tool whose migrations are programs in one folder, with a configuration in a folder above. */
export interface ProgramTool extends Pick<Tool, 'id' | 'title' | 'configurationFiles' | 'tellingTables'> {
  /** Names that its generator gives. */
  readonly name: RegExp;
  /** Of the newest migration. */
  readonly isOwn: (text: string) => boolean;
  /** Where its configuration may be, relative to a folder above the migrations. */
  readonly configurationFolders?: readonly string[];
  readonly configuration: RegExp;
  /** `text` is empty where there is no configuration. */
  readonly readConfiguration: (text: string) => ProgramConfiguration;
  readonly applier: (configuration: ProgramConfiguration) => Applier;
  readonly history: (configuration: ProgramConfiguration) => History;
  readonly format: (view: FolderView, configuration: ProgramConfiguration) => Format;
}

/** Finds its projects by what the newest file of a folder holds. */
export function programTool(spec: ProgramTool): Tool {
  const isOwn = async (tree: FileTree, view: FolderView): Promise<boolean> => {
    const newest = view.files.findLast((name) => spec.name.test(name));
    return newest !== undefined && spec.isOwn((await tree.text(joinPath(view.path, newest))) ?? '');
  };
  const tool: Tool = {
    id: spec.id,
    title: spec.title,
    configurationFiles: spec.configurationFiles,
    sidecarFiles: [],
    ...(spec.tellingTables === undefined ? {} : { tellingTables: spec.tellingTables }),
    async find(tree) {
      const found: ToolProject[] = [];
      for (const view of await tree.walk()) {
        if (!(await isOwn(tree, view))) continue;
        const configuration = await configurationOf(tree, view.path, spec);
        // A product that no engine reads is told by name, as a tool that is not read is.
        if (configuration.isOther !== true) found.push(projectOf(view, configuration, CERTAINTY.marker));
      }
      return found;
    },
    async at(tree, folder) {
      const view = (await tree.folder(folder)) ?? { path: folder, files: [], folders: [] };
      const configuration = await configurationOf(tree, folder, spec);
      const isFound = configuration.isOther !== true && (await isOwn(tree, view));
      return projectOf(view, configuration, isFound ? CERTAINTY.marker : 0);
    },
  };
  const projectOf = (view: FolderView, configuration: ProgramConfiguration, certainty: number): ToolProject => ({
    tool,
    folder: view.path,
    certainty,
    applier: spec.applier(configuration),
    problems: [],
    ...(configuration.dialect === undefined ? {} : { dialect: configuration.dialect }),
    format: spec.format(view, configuration),
    history: spec.history(configuration),
  });
  return tool;
}

/** The configuration in the nearest folder above, or beside the migrations. */
async function configurationOf(
  tree: FileTree,
  migrations: string,
  { configuration, configurationFolders = [''], readConfiguration }: ProgramTool,
): Promise<ProgramConfiguration> {
  for (let folder = migrations; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    for (const below of configurationFolders) {
      const place = below === '' ? folder : joinPath(folder, below);
      const name = (await tree.folder(place))?.files.find((file) => configuration.test(file));
      if (name !== undefined) return { ...readConfiguration((await tree.text(joinPath(place, name))) ?? ''), folder };
    }
    if (folder === '') return readConfiguration('');
  }
}
