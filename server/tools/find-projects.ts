import { FileTree } from './file-tree.ts';
import { joinPath } from './folder.ts';
import { plain } from './plain.ts';
import { TOOLS } from './registry.ts';
import type { Tool, ToolProject } from './tool.ts';

/** The projects of all tools in a workspace, one for each folder, in the order of their paths. */
export async function findProjects(tree: FileTree, tools: readonly Tool[] = TOOLS): Promise<readonly ToolProject[]> {
  const found = (await Promise.all(tools.map((tool) => tool.find(tree)))).flat();
  const best = new Map<string, ToolProject>();
  for (const project of found) {
    const known = best.get(project.folder);
    if (known === undefined || project.certainty > known.certainty) best.set(project.folder, project);
  }
  const projects = [...best.values()];
  // What lies within a migration's own folder is that migration's, whatever else it looks like.
  return projects
    .filter((project) => !projects.some((outer) => outer !== project && isWithin(project, outer)))
    .sort((left, right) => (left.folder < right.folder ? -1 : 1));
}

/**
 * The projects where `findProjects` and `findUnread` know none: folders of migrations whose files begin with numbers, as
 * small runners and programs of one's own have them, and, where there are none either, all that a build wrote.
 */
export async function findNumbered(tree: FileTree): Promise<readonly ToolProject[]> {
  const found = await numberedFolders(tree);
  if (found.length > 0) return found;
  const built = new FileTree(tree.files, tree.root, true);
  const known = await findProjects(built);
  return known.length > 0 ? known : numberedFolders(built);
}

async function numberedFolders(tree: FileTree): Promise<readonly ToolProject[]> {
  const folders = (await tree.walk()).filter(({ path, files }) => {
    const sql = files.filter((name) => /\.sql$/i.test(name));
    return /(?:^|[/_-])migrations?$/i.test(path) && sql.length > 1 && sql.every((name) => /^\d+[-_. ]/.test(name));
  });
  return Promise.all(folders.map(({ path }) => plain.at(tree, path)));
}

/** The project that a folder, which somebody pointed at, is surest to be; plain SQL files where no tool knows it. */
export async function projectAt(tree: FileTree, folder: string, tools: readonly Tool[] = TOOLS): Promise<ToolProject> {
  let best = await plain.at(tree, folder);
  for (const tool of tools) {
    const project = await tool.at(tree, folder);
    if (project.certainty > best.certainty) best = project;
  }
  return best;
}

function isWithin(inner: ToolProject, outer: ToolProject): boolean {
  const prefix = outer.folder === '' ? '' : `${outer.folder}/`;
  return (
    inner.folder !== outer.folder &&
    inner.folder.startsWith(prefix) &&
    inner.certainty <= outer.certainty &&
    SAMPLE_NAMES.some((name) => outer.format.holds(joinPath(inner.folder, name)))
  );
}

/** Names of documents in folders for each migration. */
const SAMPLE_NAMES = ['up.sql', 'migration.sql'];
