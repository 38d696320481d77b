import { existsSync, readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';
import type { ConnectionOptions, SecureVersion } from 'node:tls';
import { DatabaseError } from './driver.ts';
import type { ParameterName, Parameters } from './postgres-parameters.ts';

const MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
const VERSIONS: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
/** libpq's own least version since PostgreSQL 13. */
const LEAST_VERSION = 'TLSv1.2';
/** Bits of a key's mode that let everybody in, and its group write. */
const OTHERS = 0o077;
const OTHERS_OF_ROOT = 0o037;

/** No encryption, or how it is done. */
export type Encryption = false | ConnectionOptions;

/**
 * The ways in which a session with one host is tried, the first one first.
 *
 * As libpq has it: `require` asks for encryption and trusts every certificate unless there is a root certificate to check
 * it by. Source: PostgreSQL manual, "SSL Support"; checked by test/database/postgres-tls.test.ts. Errors: throws
 * `DatabaseError` for what is no mode and for files that cannot be used.
 */
export function encryptions(parameters: Parameters, host: string, home: string): readonly Encryption[] {
  const rootFile = parameters.get('sslrootcert');
  const mode = wordOf(parameters, 'sslmode', MODES, rootFile === 'system' ? 'verify-full' : 'prefer');
  const isWeak = mode === 'disable' || mode === 'allow' || mode === 'prefer';
  if (rootFile === 'system' && mode !== 'verify-full')
    throw refused('Weak sslmode may not be used with sslrootcert=system: use sslmode=verify-full.');
  if (parameters.get('sslnegotiation') === 'direct' && isWeak)
    throw refused(
      'Weak sslmode may not be used with sslnegotiation=direct: use sslmode=require, verify-ca or verify-full.',
    );
  // A socket needs none, whatever the mode says.
  if (mode === 'disable' || host.startsWith('/')) return [false];
  const secure = tlsOptions(parameters, mode, host, home);
  switch (mode) {
    case 'allow':
      return [false, secure];
    case 'prefer':
      return [secure, false];
    default:
      return [secure];
  }
}

function tlsOptions(parameters: Parameters, mode: string, host: string, home: string): ConnectionOptions {
  const root = rootOf(parameters, mode, home);
  const passphrase = parameters.get('sslpassword');
  const crl = parameters.get('sslcrl');
  const least = wordOf(parameters, 'ssl_min_protocol_version', VERSIONS, LEAST_VERSION);
  const most = wordOf(parameters, 'ssl_max_protocol_version', VERSIONS, 'TLSv1.3');
  return {
    rejectUnauthorized: root.isChecked,
    ...(root.ca === undefined ? {} : { ca: root.ca }),
    // Only verify-full asks who the server says that it is.
    ...(mode === 'verify-full' ? { host } : { checkServerIdentity: () => undefined }),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(crl === undefined ? {} : { crl: contentOf('sslcrl', crl) }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...clientCertificate(parameters, home),
    minVersion: least,
    maxVersion: most,
  };
}

/** Whom a certificate must come from; nobody where none is named and the mode asks for no check. */
function rootOf(
  parameters: Parameters,
  mode: string,
  home: string,
): { readonly isChecked: boolean; readonly ca?: Buffer } {
  const named = parameters.get('sslrootcert');
  if (named === 'system') return { isChecked: true };
  const file = named ?? path.join(home, '.postgresql/root.crt');
  if (existsSync(file)) return { isChecked: true, ca: contentOf('sslrootcert', file) };
  if (mode.startsWith('verify'))
    throw refused(
      `The root certificate file ${file} does not exist: provide the file, use the system's trusted roots with sslrootcert=system, or change sslmode to one that does not check the server's certificate.`,
    );
  return { isChecked: false };
}

function clientCertificate(parameters: Parameters, home: string): { readonly cert?: Buffer; readonly key?: Buffer } {
  const file = parameters.get('sslcert') ?? path.join(home, '.postgresql/postgresql.crt');
  if (!existsSync(file)) return {};
  const keyFile = parameters.get('sslkey') ?? path.join(home, '.postgresql/postgresql.key');
  const stats = statSync(keyFile, { throwIfNoEntry: false });
  if (stats === undefined)
    throw refused(`There is a client certificate, and no private key file ${keyFile}: name it in sslkey.`);
  const open = stats.uid === 0 ? OTHERS_OF_ROOT : OTHERS;
  if (process.platform !== 'win32' && (stats.mode & open) !== 0)
    throw refused(
      `The private key file ${keyFile} has group or world access: its permissions should be u=rw (0600) or less.`,
    );
  return { cert: contentOf('sslcert', file), key: contentOf('sslkey', keyFile) };
}

function contentOf(name: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw refused(`The file that ${name} names cannot be read${code}: check its path and its permissions.`, cause);
  }
}

/** One of a parameter's words. Errors: throws `DatabaseError`, without what was given instead. */
export function wordOf<Word extends string>(
  parameters: Parameters,
  name: ParameterName,
  words: readonly Word[],
  otherwise: Word,
): Word {
  const given = parameters.get(name);
  if (given === undefined) return otherwise;
  const word = words.find((candidate) => candidate === given);
  if (word === undefined) throw refused(`${name} takes ${words.join(', ')}: correct it.`);
  return word;
}

function refused(message: string, cause?: unknown): DatabaseError {
  return new DatabaseError({ kind: 'unreachable', message }, { cause });
}
