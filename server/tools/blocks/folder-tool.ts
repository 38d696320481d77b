import type { EngineId } from '../../model/engine-id.ts';
import { type Applier, LOCKSTEP } from '../applier.ts';
import type { FileTree, FolderView } from '../file-tree.ts';
import type { Format } from '../format.ts';
import type { History } from '../history.ts';
import { CERTAINTY, type Tool, type ToolProject } from '../tool.ts';

/** What a tool's own configuration says of one project. */
export interface ConfiguredFolder<Options> {
  /** Relative to the root. */
  readonly folder: string;
  readonly options: Options;
  readonly dialect?: EngineId;
  readonly problems?: ToolProject['problems'];
}

/** A tool whose projects are folders. */
export interface FolderTool<Options> {
  readonly id: string;
  readonly title: string;
  readonly configurationFiles: readonly string[];
  readonly sidecarFiles?: readonly string[];
  readonly tellingTables?: Tool['tellingTables'];
  /** Options of a folder that no configuration speaks of. */
  readonly defaults: Options;
  /** Folders that one of `configurationFiles` names; `folder` is where the file is. */
  readonly configured?: (
    tree: FileTree,
    file: { readonly folder: string; readonly path: string; readonly text: string },
  ) => Promise<readonly ConfiguredFolder<Options>[]>;
  /** How sure it is that a folder holds its migrations; 0 is not at all. */
  readonly recognise: (tree: FileTree, view: FolderView) => Promise<number>;
  readonly format: (folder: string, options: Options) => Format;
  readonly history: (options: Options, folder: string) => History;
  readonly applier?: Applier;
}

export function folderTool<Options>(spec: FolderTool<Options>): Tool {
  const project = (
    folder: string,
    certainty: number,
    options: Options,
    more: Pick<ConfiguredFolder<Options>, 'dialect' | 'problems'> = {},
  ): ToolProject => ({
    tool,
    folder,
    certainty,
    format: spec.format(folder, options),
    history: spec.history(options, folder),
    applier: spec.applier ?? LOCKSTEP,
    problems: more.problems ?? [],
    ...(more.dialect === undefined ? {} : { dialect: more.dialect }),
  });
  const configured = async (tree: FileTree): Promise<readonly ConfiguredFolder<Options>[]> => {
    const found: ConfiguredFolder<Options>[] = [];
    for (const file of spec.configured === undefined ? [] : await tree.named(spec.configurationFiles)) {
      const text = await tree.text(file.path);
      if (text !== undefined) found.push(...((await spec.configured?.(tree, { ...file, text })) ?? []));
    }
    return found;
  };
  const tool: Tool = {
    id: spec.id,
    title: spec.title,
    configurationFiles: spec.configurationFiles,
    sidecarFiles: spec.sidecarFiles ?? [],
    ...(spec.tellingTables === undefined ? {} : { tellingTables: spec.tellingTables }),
    async find(tree) {
      const named: ConfiguredFolder<Options>[] = [];
      for (const entry of await configured(tree)) {
        const isKnown = named.some((other) => other.folder === entry.folder);
        // A tool that is set up before its first migration has no folder yet.
        if (!isKnown && (await tree.folder(entry.folder)) !== undefined) named.push(entry);
      }
      const found = named.map((entry) => project(entry.folder, CERTAINTY.configured, entry.options, entry));
      for (const view of await tree.walk()) {
        if (named.some((entry) => entry.folder === view.path)) continue;
        const certainty = await spec.recognise(tree, view);
        if (certainty > 0) found.push(project(view.path, certainty, spec.defaults));
      }
      return found;
    },
    async at(tree, folder) {
      const entry = (await configured(tree)).find((candidate) => candidate.folder === folder);
      const view = await tree.folder(folder);
      return entry === undefined
        ? project(folder, view === undefined ? 0 : await spec.recognise(tree, view), spec.defaults)
        : project(folder, CERTAINTY.configured, entry.options, entry);
    },
  };
  return tool;
}

/** Whether one of the first files with such a name holds the marker; a few are enough to know a folder. */
export async function hasMarker(tree: FileTree, view: FolderView, name: RegExp, marker: RegExp): Promise<boolean> {
  for (const file of view.files.filter((candidate) => name.test(candidate)).slice(0, SAMPLE_FILES)) {
    const text = await tree.text(view.path === '' ? file : `${view.path}/${file}`);
    if (text !== undefined && marker.test(text)) return true;
  }
  return false;
}

/** Files of a folder that are looked into to know its tool. */
const SAMPLE_FILES = 5;
