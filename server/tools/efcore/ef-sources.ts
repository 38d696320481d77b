import type { FileSystem } from '../../core/ports.ts';
import { SOURCE_CHECKS } from '../../languages/efcore/sources/index.ts';
import type { ProgramFile } from '../../languages/efcore/sources/source-check.ts';
import { FileTree } from '../file-tree.ts';
import { joinPath } from '../folder.ts';
import type { ToolSource } from '../tool.ts';
import type { EfProject } from './ef-command.ts';

/** Files that say how a program starts, connects and seeds, by the names that they have nearly everywhere. */
const TELLING =
  /^(?:Program|Startup|.*(?:Context|ContextFactory|DesignTimeFactory|DbFactory|Configuration|Seed\w*))\.cs$|^appsettings(?:\.[\w-]+)?\.json$/i;
/** The same as an editor watches them. */
export const TELLING_FILES: readonly string[] = [
  '{Program,Startup}.cs',
  '*{Context,ContextFactory,DesignTimeFactory,DbFactory,Configuration}.cs',
  '*Seed*.cs',
  'appsettings*.json',
];
const SERVICE = /Sdk="Microsoft\.NET\.Sdk\.(?:Web|Worker)"/i;
/** Characters beyond which a file is taken for generated. */
const MOST_LENGTH = 500_000;
const MOST_FILES = 500;

/** Reads the files of a project and of the program that starts it, migrations left out, and says what is wrong with them. */
export async function efSources(
  files: FileSystem,
  root: string,
  { project, startup }: Pick<EfProject, 'project' | 'startup'>,
  migrations: string,
): Promise<readonly ToolSource[]> {
  const tree = new FileTree(files, root);
  const found = new Map<string, ToolSource>();
  for (const path of [project, startup]) {
    if (path === undefined) continue;
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    const isService = SERVICE.test((await tree.text(path)) ?? '');
    const below = new FileTree(files, folder === '' ? root : `${root}/${folder}`);
    const names = (await below.walk())
      // A project below this one is another program.
      .filter((view, _index, all) => !all.some((other) => isOtherProject(other) && isWithin(view.path, other.path)))
      .flatMap((view) => view.files.filter((name) => TELLING.test(name)).map((name) => joinPath(view.path, name)));
    for (const name of names.slice(0, MOST_FILES)) {
      const own = joinPath(folder, name);
      if (found.has(own) || isWithin(own, migrations)) continue;
      const text = (await below.text(name)) ?? '';
      if (text === '' || text.length > MOST_LENGTH) continue;
      const file: ProgramFile = { name: name.slice(name.lastIndexOf('/') + 1), text, isService };
      const remarks = SOURCE_CHECKS.flatMap((check) => check(file));
      if (remarks.length > 0) found.set(own, { path: own, text, remarks });
    }
  }
  return [...found.values()];
}

function isOtherProject({ path, files }: { readonly path: string; readonly files: readonly string[] }): boolean {
  return path !== '' && files.some((name) => /\.csproj$/i.test(name));
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || (folder !== '' && path.startsWith(`${folder}/`));
}
