import type { FileTree, FolderView } from './file-tree.ts';
import { joinPath } from './folder.ts';
import { UNREAD_TOOLS, type UnreadTool } from './unread-tools.ts';

/** Files of a folder that are looked into, from either end of its names. */
const SAMPLE_FILES = 2;

/** Migrations of a tool that are there, and are not read. */
export interface UnreadProject {
  readonly tool: UnreadTool;
  /** Folders that hold them, relative to the root, in the order of their paths; none where only a configuration was found. */
  readonly folders: readonly string[];
  /** The file that configures the tool; absent where folders were found. */
  readonly configuration?: string;
}

/** Migrations below the root that are another tool's than those that are read, one entry for each tool. */
export async function findUnread(tree: FileTree): Promise<readonly UnreadProject[]> {
  const views = await tree.walk();
  const found = await Promise.all(
    UNREAD_TOOLS.map(async (tool): Promise<UnreadProject | undefined> => {
      const held = await Promise.all(views.map((view) => holds(tree, tool, view)));
      const folders = views
        .filter((_, index) => held[index])
        .map(({ path }) => (tool.isFolderEach ? parent(path) : path));
      if (folders.length > 0) return { tool, folders: [...new Set(folders)].sort() };
      const configuration = await configurationOf(tree, tool, views);
      return configuration === undefined ? undefined : { tool, folders: [], configuration };
    }),
  );
  const all = found.filter((each) => each !== undefined);
  // Migrations that are there say more than what configures a tool without any.
  const filled = all.filter(({ folders }) => folders.length > 0);
  return filled.length > 0 ? filled : all;
}

async function holds(tree: FileTree, tool: UnreadTool, view: FolderView): Promise<boolean> {
  if (tool.beside !== undefined && !view.files.includes(tool.beside)) return false;
  const places = tool.places.filter(({ folders }) => folders === undefined || folders.test(view.path));
  const names = view.files.filter((name) => places.some((place) => place.names.test(name)));
  for (const name of new Set([...names.slice(0, SAMPLE_FILES), ...names.slice(-SAMPLE_FILES)])) {
    if (tool.marks.length === 0) return true;
    const text = await tree.text(joinPath(view.path, name));
    if (text !== undefined && tool.marks.every((mark) => mark.test(text))) return true;
  }
  return false;
}

async function configurationOf(
  tree: FileTree,
  { configuration }: UnreadTool,
  views: readonly FolderView[],
): Promise<string | undefined> {
  if (configuration === undefined) return undefined;
  for (const view of views)
    for (const name of view.files.filter((each) => configuration.names.test(each))) {
      const path = joinPath(view.path, name);
      if (configuration.mark === undefined || configuration.mark.test((await tree.text(path)) ?? '')) return path;
    }
  return undefined;
}

/** What the migrations are, what Lockstep does not do with them, and what does: a sentence. */
export function unreadSentence({ tool, folders, configuration }: UnreadProject): string {
  const [first = '', ...others] = folders.map((folder) => (folder === '' ? 'this folder' : folder));
  const more = others.length === 0 ? '' : ` and ${others.length} more folder${others.length === 1 ? '' : 's'}`;
  const where =
    configuration === undefined
      ? `The migrations in ${first}${more} are those of ${tool.title}, which Lockstep does not read`
      : `${configuration} configures ${tool.title}, whose migrations Lockstep does not read`;
  const commands = tool.commands.map((command) => (/^the /.test(command) ? command : `"${command}"`)).join(' and ');
  const sql = tool.sql === undefined ? '' : `; "lockstep lint FILE" checks SQL that "${tool.sql}" writes`;
  return `${where}, since they ${tool.because}: nothing of them is linted, listed or applied; use ${commands}${sql}.`;
}

function parent(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
