import { URL_FORMS } from './database-url.ts';
import { ENGINE_IDS } from './engine-id.ts';

/** Names of .NET's parts of a connection string, as Npgsql and Microsoft.Data.Sqlite read them: in lower case, without spaces. */
const PARTS: Readonly<Record<string, 'host' | 'port' | 'database' | 'user' | 'password' | 'sslmode' | 'file'>> = {
  host: 'host',
  server: 'host',
  port: 'port',
  database: 'database',
  initialcatalog: 'database',
  username: 'user',
  userid: 'user',
  user: 'user',
  uid: 'user',
  password: 'password',
  pwd: 'password',
  sslmode: 'sslmode',
  datasource: 'file',
  filename: 'file',
};

/** Npgsql's words for libpq's. */
const SSL_MODES: Readonly<Record<string, string>> = {
  disable: 'disable',
  allow: 'allow',
  prefer: 'prefer',
  require: 'require',
  verifyca: 'verify-ca',
  verifyfull: 'verify-full',
};

/** What only a connection string of SQL Server or MySQL has. */
const OTHERS =
  /\b(?:trusted_connection|integrated security|multipleactiveresultsets|trustservercertificate|attachdbfilename|allowuservariables)\s*=/i;

/**
 * A connection string of .NET as a URL: `Host=h;Database=app;Username=me;Password=x` as postgres://, `Data Source=app.db` as
 * sqlite:. Undefined where it is neither, names several hosts, or is another product's.
 */
export function urlOfDotNet(text: string): string | undefined {
  if (OTHERS.test(text)) return undefined;
  const found = new Map<string, string>();
  for (const [, name = '', quoted, single, plain = ''] of text.matchAll(
    /(?:^|;)\s*([A-Za-z][A-Za-z _]*?)\s*=\s*(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|([^;]*))/g,
  )) {
    const part = PARTS[name.toLowerCase().replaceAll(/[ _]/g, '')];
    if (part !== undefined) found.set(part, (quoted?.replaceAll('""', '"') ?? single ?? plain).trim());
  }
  const file = found.get('file');
  const form = ENGINE_IDS.map((id) => URL_FORMS[id].file).find((each) => file !== undefined && each?.names.test(file));
  if (form !== undefined) return `${form.scheme}${file}`;
  const host = found.get('host');
  const database = found.get('database');
  // Server and Database are words of every product: a user by that name and no port may be any of them.
  const isServer = /(?:^|;)\s*host\s*=/i.test(text) || found.get('port') === '5432';
  if (host === undefined || database === undefined || !isServer || /[,/]/.test(host)) return undefined;
  const user = found.get('user');
  const password = found.get('password');
  const who =
    user === undefined
      ? ''
      : `${encodeURIComponent(user)}${password === undefined ? '' : `:${encodeURIComponent(password)}`}@`;
  const port = found.get('port');
  const mode = SSL_MODES[(found.get('sslmode') ?? '').toLowerCase().replaceAll(/[ _-]/g, '')];
  return `postgres://${who}${host}${port === undefined ? '' : `:${port}`}/${encodeURIComponent(database)}${mode === undefined ? '' : `?sslmode=${mode}`}`;
}
