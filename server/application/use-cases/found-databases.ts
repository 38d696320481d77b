import {
  databasesInFile,
  databasesInPasswordFile,
  databasesInServiceFile,
  shownUrl,
  userSecretsIdIn,
  variableIn,
  type FoundDatabase,
} from '../../model/found-databases.ts';
import { FileTree } from '../../tools/file-tree.ts';
import type { Outside } from './use-context.ts';

/** Names of files that are read; `databasesInFile` says what of them. */
const NAMES =
  /^(?:\.env(?:\.(?:local|development|staging|production))?|schema\.prisma|prisma\.config\.ts|drizzle\.config\.(?:ts|js|mjs|json)|sqlx\.toml|config\.toml|appsettings.*\.json)$/;

/** Variables that hold a database's URL by convention. */
const URL_VARIABLES = ['DATABASE_URL', 'POSTGRES_URL'] as const;

/**
 * Databases that files below a folder, the environment and the person's home name, each once. They are offered: nothing connects
 * to one by itself, and nothing of the workspace is run.
 *
 * `url` may hold a password: only `label` and `from` are for people.
 */
export async function foundDatabases(
  { files, environmentVariable }: Pick<Outside, 'files' | 'environmentVariable'>,
  root: string,
): Promise<readonly FoundDatabase[]> {
  const textOf = async (path: string): Promise<string> => {
    try {
      return await files.readText(path);
    } catch {
      // What cannot be read names nothing.
      return '';
    }
  };
  const tree = new FileTree(files, root);
  const paths: string[] = [];
  const projects: string[] = [];
  for (const view of await tree.walk()) {
    const inView = (name: string): string => (view.path === '' ? name : `${view.path}/${name}`);
    paths.push(...view.files.filter((name) => NAMES.test(name)).map(inView));
    projects.push(...view.files.filter((name) => name.endsWith('.csproj')).map(inView));
  }
  const texts = new Map<string, string>();
  for (const path of paths) texts.set(path, await textOf(`${root}/${path}`));
  const variable = (name: string): string | undefined =>
    [...texts]
      .filter(([path]) => /(?:^|\/)\.env[^/]*$/.test(path))
      .map(([, text]) => variableIn(text, name))
      .find((value) => value !== undefined) ?? environmentVariable(name);
  const found = [...texts].flatMap(([path, text]) => databasesInFile(path, text, variable));
  for (const name of URL_VARIABLES) {
    const url = environmentVariable(name);
    const label = url === undefined ? undefined : shownUrl(url);
    if (url !== undefined && label !== undefined) found.push({ url, label, from: `the environment variable ${name}` });
  }
  const home = environmentVariable('HOME') ?? environmentVariable('USERPROFILE');
  const secretsFolder =
    environmentVariable('APPDATA') === undefined
      ? `${home ?? ''}/.microsoft/usersecrets`
      : `${environmentVariable('APPDATA') ?? ''}/Microsoft/UserSecrets`;
  for (const path of projects) {
    const id = userSecretsIdIn(await textOf(`${root}/${path}`));
    if (id === undefined) continue;
    const secrets = databasesInFile(
      'secrets.json',
      await textOf(`${secretsFolder}/${id}/secrets.json`),
      () => undefined,
    );
    found.push(
      ...secrets.map((each) => ({
        ...each,
        from: `${each.from.replace(/ in secrets\.json$/, '')} in the user secrets of ${path}`,
      })),
    );
  }
  if (home !== undefined) {
    found.push(...databasesInPasswordFile(await textOf(environmentVariable('PGPASSFILE') ?? `${home}/.pgpass`)));
    found.push(
      ...databasesInServiceFile(await textOf(environmentVariable('PGSERVICEFILE') ?? `${home}/.pg_service.conf`)),
    );
  }
  // The files say the same of one database again and again.
  return found.filter((each, index) => found.findIndex((other) => other.url === each.url) === index);
}
