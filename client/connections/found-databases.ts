import { isDatabaseName, isFileUrl, isServerUrl } from '../../server/protocol/database-url.ts';

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
export const VARIABLE_FILES = ['.env', '.env.local', '.env.development'] as const;

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
