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

/** Names under which a program sets up its contexts as well. */
const SETS_UP =
  /^(?:.*(?:Extensions?|DependencyInjection|Module|Installer|Registration|Setup|Services|Persistence|Infrastructure|Database)\w*)\.cs$/i;

/** A file of a project, or of the program that starts it. */
interface FoundFile {
  /** Relative to the root. */
  readonly path: string;
  readonly text: string;
  readonly isService: boolean;
}

/** Reads the files of a project and of the program that starts it, migrations left out, and says what is wrong with them. */
export async function efSources(
  files: FileSystem,
  root: string,
  projects: Pick<EfProject, 'project' | 'startup'>,
  migrations: string,
): Promise<readonly ToolSource[]> {
  const found = await filesOf(new FileTree(files, root), projects, migrations, TELLING);
  return found.flatMap(({ path, text, isService }) => {
    const file: ProgramFile = { name: path.slice(path.lastIndexOf('/') + 1), text, isService };
    const remarks = SOURCE_CHECKS.flatMap((check) => check(file));
    return remarks.length > 0 ? [{ path, text, remarks }] : [];
  });
}

/** Texts of the files in which a project, or the program that starts it, may set up its contexts. */
export async function setUpTexts(
  tree: FileTree,
  projects: Pick<EfProject, 'project' | 'startup'>,
  migrations: string,
): Promise<readonly string[]> {
  const found = await filesOf(tree, projects, migrations, new RegExp(`${TELLING.source}|${SETS_UP.source}`, 'i'));
  return found.filter(({ path }) => /\.cs$/i.test(path)).map(({ text }) => text);
}

async function filesOf(
  tree: FileTree,
  { project, startup }: Pick<EfProject, 'project' | 'startup'>,
  migrations: string,
  names: RegExp,
): Promise<readonly FoundFile[]> {
  const found = new Map<string, FoundFile>();
  for (const path of [project, startup]) {
    if (path === undefined) continue;
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    const isService = SERVICE.test((await tree.text(path)) ?? '');
    const below = (await tree.walk()).filter((view) => folder === '' || isWithin(view.path, folder));
    const paths = below
      // A project below this one is another program.
      .filter(
        (view) =>
          !below.some((other) => other.path !== folder && isOtherProject(other) && isWithin(view.path, other.path)),
      )
      .flatMap((view) => view.files.filter((name) => names.test(name)).map((name) => joinPath(view.path, name)));
    for (const own of paths.slice(0, MOST_FILES)) {
      if (found.has(own) || isWithin(own, migrations)) continue;
      const text = (await tree.text(own)) ?? '';
      if (text !== '' && text.length <= MOST_LENGTH) found.set(own, { path: own, text, isService });
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
