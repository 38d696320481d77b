import { isParameter, type ParameterName, type ReadParameters } from './postgres-parameters.ts';

const FORM =
  'write postgres://user:password@host:5432/database, with every character of the password but letters and digits percent-encoded (@ is %40, / is %2F, # is %23, ? is %3F, % is %25)';
const AMBIGUOUS = `This PostgreSQL URL can be read in several ways: ${FORM}.`;
const UNREADABLE = `This PostgreSQL URL cannot be read: ${FORM}.`;

/** What a host is written with: a name, an address, or the folder of a socket. */
const HOST_NAME = /^[A-Za-z0-9._-]*$/;
const IP_V6 = /^[0-9A-Fa-f:.]+(?:%[\w.-]+)?$/;
const LARGEST_PORT = 65_535;
/** A database's name as it is written without doubt: what else it has is percent-encoded, or it is the rest of a password. */
const IS_NAME = /^(?:\/[^\s/@]*)?$/;
/** Parameters whose values may hold an @ as it is, and that are shown nowhere. */
const MAY_HAVE_AT: ReadonlySet<string> = new Set(['user', 'password', 'sslpassword']);

/**
 * Reads `postgres://` and `postgresql://` as libpq does: several hosts, sockets as percent-encoded hosts, parameters.
 *
 * What could be a misread password is refused and not guessed, since a wrong guess puts a part of it where it is shown.
 * Parameters that are other programs' (`schema`, `pgbouncer`, `x-migrations-table`) are passed over.
 */
export function readPostgresUrl(url: string): ReadParameters {
  const rest = url.replace(/^postgres(?:ql)?:\/\//i, '');
  const slash = rest.indexOf('/');
  const head = slash < 0 ? rest : rest.slice(0, slash);
  const at = head.lastIndexOf('@');
  const credentials = at < 0 ? '' : head.slice(0, at);
  const beforeQuery = head.slice(at + 1).split('?')[0] ?? '';
  // A `?` without a slash before it begins the parameters too, in which slashes may stand.
  const tail = rest.slice(at + 1 + beforeQuery.length);
  const mark = tail.indexOf('?');
  const path = mark < 0 ? tail : tail.slice(0, mark);
  const query = mark < 0 ? '' : tail.slice(mark + 1);
  if (credentials.includes('?') || !IS_NAME.test(path)) return { problem: AMBIGUOUS };
  const parameters = new Map<ParameterName, string>();
  const put = (name: ParameterName, encoded: string): boolean => {
    const value = decoded(encoded);
    if (value === undefined) return false;
    if (value !== '') parameters.set(name, value);
    return true;
  };
  const colon = credentials.indexOf(':');
  const isRead =
    put('user', colon < 0 ? credentials : credentials.slice(0, colon)) &&
    put('password', colon < 0 ? '' : credentials.slice(colon + 1)) &&
    put('dbname', path.replace(/^\//, ''));
  if (!isRead) return { problem: UNREADABLE };
  const hosts = beforeQuery === '' ? [] : beforeQuery.split(',').map(readHost);
  if (hosts.includes(undefined)) return { problem: UNREADABLE };
  if (hosts.some((host) => host?.name !== '')) parameters.set('host', hosts.map((host) => host?.name).join(','));
  if (hosts.some((host) => host?.port !== '')) parameters.set('port', hosts.map((host) => host?.port).join(','));
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decoded(pair.slice(0, Math.max(0, equals)));
    if (equals < 0 || name === undefined) return { problem: UNREADABLE };
    const encoded = pair.slice(equals + 1);
    if (name === 'ssl') {
      // As JDBC writes it; Node's programs know "no-verify" too.
      if (/^(?:true|1|no-verify)$/.test(encoded)) parameters.set('sslmode', 'require');
      continue;
    }
    // An @ there is the one before the host, so that all before it is a password that was cut.
    if (encoded.includes('@') && !MAY_HAVE_AT.has(name)) return { problem: AMBIGUOUS };
    if (!isParameter(name)) continue;
    if (!put(name, encoded)) return { problem: UNREADABLE };
  }
  return wrongPlace(parameters) ? { problem: UNREADABLE } : { parameters };
}

/** Whether hosts or ports are none, however they were written. */
export function wrongPlace(parameters: ReadonlyMap<ParameterName, string>): boolean {
  const hosts = [...(parameters.get('host')?.split(',') ?? []), ...(parameters.get('hostaddr')?.split(',') ?? [])];
  const ports = parameters.get('port')?.split(',') ?? [];
  return hosts.some((host) => !isHost(host)) || ports.some((port) => !isPort(port));
}

function readHost(text: string): { readonly name: string; readonly port: string } | undefined {
  const bracketed = /^\[([^\]]*)\](?::(\d+))?$/.exec(text);
  const plain = /^([^:[\]]*)(?::(\d+))?$/.exec(text);
  const [, encoded = '', port = ''] = bracketed ?? plain ?? [];
  const name = decoded(encoded);
  return (bracketed ?? plain) === null || name === undefined ? undefined : { name, port };
}

function isHost(host: string): boolean {
  return host.startsWith('/') || HOST_NAME.test(host) || IP_V6.test(host);
}

function isPort(port: string): boolean {
  return port === '' || (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= LARGEST_PORT);
}

/** Percent-encoding undone; undefined where a % stands for nothing. */
function decoded(text: string): string | undefined {
  try {
    const value = decodeURIComponent(text);
    // No parameter can hold it.
    return value.includes('\0') ? undefined : value;
  } catch {
    return undefined;
  }
}
