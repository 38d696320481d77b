import { isDatabaseName, isFileUrl, isServerUrl } from './database-url.ts';
import { urlOfDotNet } from './dotnet-connection.ts';

/** A database that a file beside the project, or of the person's home, names. */
export interface FoundDatabase {
  /** With its secret, where it has one. */
  readonly url: string;
  /** Without user and password. */
  readonly label: string;
  /** For people: what named it. */
  readonly from: string;
  /** The variable of a file that holds the URL, so that it can be read anew. */
  readonly variable?: { readonly file: string; readonly name: string };
}

/** Files of a workspace folder whose variables may hold URLs; the later ones say the same for others. */
export const VARIABLE_FILES = ['.env', '.env.local', '.env.development', 'prisma/.env'] as const;

/** Files that may name databases, anywhere below a folder; their names are those that `databasesInFile` reads. */
export const FOUND_GLOB =
  '**/{.env,.env.local,.env.development,.env.staging,.env.production,schema.prisma,prisma.config.ts,drizzle.config.ts,drizzle.config.js,drizzle.config.mjs,drizzle.config.json,sqlx.toml,config.toml,appsettings*.json}';

/** Databases that the variables of an environment file name. */
export function databasesInVariables(file: string, text: string): readonly FoundDatabase[] {
  return variablesOf(text).flatMap(([name, url]) => {
    // What is put together from other variables is not known from here.
    if (!isDatabaseName(url) || !(isServerUrl(url) || isFileUrl(url)) || /\$\{|\$[A-Z_]/.test(url)) return [];
    return [{ url, label: shownUrl(url) ?? name, from: `${name} in ${file}`, variable: { file, name } }];
  });
}

/** What a variable of an environment file holds; undefined where it is not there. */
export function variableIn(text: string, name: string): string | undefined {
  return variablesOf(text).findLast(([each]) => each === name)?.[1];
}

function variablesOf(text: string): readonly (readonly [name: string, value: string])[] {
  return [...text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(.*?)[ \t]*\r?$/gm)].map(
    ([, name = '', value = '']) => {
      const [, , quoted] = /^(["'])(.*)\1/.exec(value) ?? [];
      return [name, quoted ?? value.replace(/\s+#.*$/, '')] as const;
    },
  );
}

/** Databases that PostgreSQL's password file has passwords for: those whose every part is named. */
export function databasesInPasswordFile(text: string): readonly FoundDatabase[] {
  return text.split(/\r?\n/).flatMap((line) => {
    if (line.startsWith('#')) return [];
    // A colon or a backslash in a part stands behind a backslash.
    const parts = [...line.matchAll(/((?:[^:\\]|\\.)*)(?::|$)/g)].map(([, part = '']) =>
      part.replaceAll(/\\(.)/g, '$1'),
    );
    const [host = '', port = '', database = '', user = ''] = parts;
    if (parts.length < 5 || [host, database, user].some((part) => part === '' || part === '*')) return [];
    if (host.startsWith('/')) return [];
    const place = `${host}${port === '' || port === '*' ? '' : `:${port}`}/${encodeURIComponent(database)}`;
    return [
      {
        url: `postgres://${encodeURIComponent(user)}@${place}`,
        label: `postgres://${place}`,
        from: `${user}, whose password is in the password file`,
      },
    ];
  });
}

/** A URL as people may see it, without user, password and parameters; undefined where it cannot be read. */
export function shownUrl(url: string): string | undefined {
  if (isFileUrl(url)) return url;
  if (!isServerUrl(url) || !URL.canParse(url)) return undefined;
  const { protocol, host, pathname, hash } = new URL(url);
  // What has an @ in its path may be a password that was cut at a slash.
  return /[@#]/.test(pathname + hash) ? undefined : `${protocol}//${host}${pathname}`;
}

/** Databases that the sections of PostgreSQL's service file name, for which libpq has a word of its own: `service=live`. */
export function databasesInServiceFile(text: string): readonly FoundDatabase[] {
  return [...text.matchAll(/^\s*\[([^\]\s]+)\]\s*$/gm)].flatMap(([, name = '']) =>
    /^[\w.-]+$/.test(name)
      ? [{ url: `service=${name}`, label: `service=${name}`, from: `section ${name} of the service file` }]
      : [],
  );
}

/** The id below which .NET keeps a project's secrets, as its project file says; undefined where it has none. */
export function userSecretsIdIn(text: string): string | undefined {
  return /<UserSecretsId>\s*([\w.-]+)\s*<\/UserSecretsId>/i.exec(text)?.[1];
}

/**
 * Databases that a tool's configuration, an environment file or an application's settings name. `path` is relative to the folder,
 * with `/`; `variable` gives the environment's variables. Nothing of the file is run.
 */
export function databasesInFile(
  path: string,
  text: string,
  variable: (name: string) => string | undefined,
): readonly FoundDatabase[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const folder = path.slice(0, -name.length);
  if (/^\.env(?:\.\w+)?$/.test(name)) return databasesInVariables(path, text);
  if (name === 'schema.prisma' || name === 'prisma.config.ts')
    return inText(
      path,
      text,
      /\burl\s*[:=]\s*(?:"([^"\n]+)"|'([^'\n]+)'|env\(\s*["'](\w+)["']\s*\)|process\.env\.(\w+))/g,
      variable,
      folder,
    );
  if (/^drizzle\.config\.(?:ts|js|mjs|json)$/.test(name))
    return inText(
      path,
      text,
      /\burl["']?\s*:\s*(?:"([^"\n]+)"|['`]([^'`\n]+)['`]|process\.env\[["'](\w+)["']\]|process\.env\.(\w+))/g,
      variable,
      folder,
    );
  if (name === 'sqlx.toml') {
    const [, asked] = /^\s*database-url-var\s*=\s*"(\w+)"/m.exec(text) ?? [];
    return asked === undefined ? [] : fromUrl(variable(asked), `${asked}, which ${path} names`, folder);
  }
  if (name === 'config.toml') {
    if (!/(?:^|\/)supabase\/config\.toml$/.test(path)) return [];
    const [, section = ''] = /^\[db\]\s*$([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(text) ?? [];
    const [, port] = /^\s*port\s*=\s*(\d+)/m.exec(section) ?? [];
    return port === undefined
      ? []
      : // The local stack's own user and password, which are the same everywhere.
        fromUrl(`postgres://postgres:postgres@127.0.0.1:${port}/postgres`, `the local stack of ${path}`, folder);
  }
  return /^(?:appsettings.*|secrets)\.json$/.test(name) ? databasesInDotNetSettings(path, text) : [];
}

/** Databases that connection strings in settings of .NET name, in whatever section they stand. */
export function databasesInDotNetSettings(path: string, text: string): readonly FoundDatabase[] {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return [...text.matchAll(/"([^"\\\n]+)"\s*:\s*("(?:[^"\\\n]|\\.)*")/g)].flatMap(([, key = '', written = '']) => {
    let value: unknown;
    try {
      value = JSON.parse(written);
    } catch {
      return [];
    }
    return typeof value === 'string' && value.includes('=')
      ? fromUrl(urlOfDotNet(value), `${key} in ${path}`, folder)
      : [];
  });
}

/** URLs that stand in a text, or in the variables that it names. Groups 1 and 2 of the pattern are texts, 3 and 4 names. */
function inText(
  path: string,
  text: string,
  pattern: RegExp,
  variable: (name: string) => string | undefined,
  folder: string,
): readonly FoundDatabase[] {
  return [...text.matchAll(pattern)].flatMap(([, double, single, asked, other]) => {
    const name = asked ?? other;
    return name === undefined
      ? fromUrl(double ?? single, path, folder)
      : fromUrl(variable(name), `${name}, which ${path} names`, folder);
  });
}

/** A database by its URL; a file's path counts from the folder that it is written in. */
function fromUrl(url: string | undefined, from: string, folder: string): readonly FoundDatabase[] {
  if (url === undefined || !isDatabaseName(url) || !(isServerUrl(url) || isFileUrl(url))) return [];
  const [, scheme = '', path = ''] = isFileUrl(url) ? (/^([a-z0-9]+:(?:\/\/)?)(.*)$/i.exec(url) ?? []) : [];
  const whole =
    scheme === '' || path.startsWith('/') || /^[a-z]:/i.test(path)
      ? url
      : `sqlite:${folder}${path.replace(/^\.\//, '')}`;
  const label = shownUrl(whole);
  return label === undefined ? [] : [{ url: whole, label, from }];
}
