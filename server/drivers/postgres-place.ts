import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import path from 'node:path';
import { isKeyValues, readKeyValues } from './postgres-key-values.ts';
import { parametersOfEnvironment, type Parameters, type ReadParameters } from './postgres-parameters.ts';
import { passwordFromFile } from './postgres-password-file.ts';
import { parametersOfService } from './postgres-service.ts';
import { readPostgresUrl } from './postgres-url.ts';

const DEFAULT_PORT = 5432;
/** Where packages of PostgreSQL put the socket; libpq has the one of its own package built in. */
const SOCKET_FOLDERS = ['/var/run/postgresql', '/tmp'];

/** One host to try. */
export interface PostgresHost {
  /** As it is written, and as a certificate has to name it; a folder for a socket. */
  readonly name: string;
  /** Where it is connected to, where an address is given beside the name. */
  readonly address: string;
  readonly port: number;
}

/** Where a session is opened, after the connection string, the service and the environment have been read. */
export interface PostgresPlace {
  readonly hosts: readonly PostgresHost[];
  readonly user: string;
  readonly database: string;
  readonly parameters: Parameters;
  readonly home: string;
  /** Without user and password; safe to show. */
  readonly label: string;
  readonly passwordFor: (host: PostgresHost) => string | undefined;
  /** What must appear in no text. */
  readonly secrets: readonly string[];
}

/** The outside that a connection string leaves things to. */
export interface PostgresSurroundings {
  readonly variableOf: (name: string) => string | undefined;
  readonly home: string;
  readonly userName: string;
  readonly exists: (file: string) => boolean;
}

/** The real one. */
export function realSurroundings(): PostgresSurroundings {
  return {
    variableOf: (name) => process.env[name],
    home: process.env['HOME'] ?? homedir(),
    userName: userNameOf(),
    exists: existsSync,
  };
}

/** Reads a connection string of PostgreSQL: a URL, or `host=... dbname=...`. */
export function readConnectionString(text: string): ReadParameters {
  return isKeyValues(text) ? readKeyValues(text) : readPostgresUrl(text);
}

/** What people are shown of a connection string. */
export function labelOf(parameters: Parameters): string {
  const hosts = parameters.get('host')?.split(',') ?? parameters.get('hostaddr')?.split(',') ?? [];
  const ports = parameters.get('port')?.split(',') ?? [];
  const places = hosts.map((host, index) => {
    const port = ports.length === 1 ? ports[0] : ports[index];
    const shown = host.includes(':') ? `[${host}]` : encodeURIComponent(host);
    return port === undefined || port === '' ? shown : `${shown}:${port}`;
  });
  const database = parameters.get('dbname') ?? '';
  // A name with a slash or a line break in it must not look like something else.
  return `postgres://${places.join(',')}/${/[\s/\p{Cc}]/u.test(database) ? encodeURIComponent(database) : database}`;
}

/**
 * Everything that a session needs: what the string says, then the service, then the environment, then libpq's defaults.
 *
 * Errors: throws `DatabaseError` where a service or a list does not fit.
 */
export function placeOf(given: Parameters, surroundings: PostgresSurroundings): PostgresPlace {
  const { variableOf, home, userName } = surroundings;
  const environment = parametersOfEnvironment(variableOf);
  const service = given.get('service') ?? environment.get('service');
  const parameters: Parameters = new Map([
    ...environment,
    ...(service === undefined ? [] : parametersOfService(service, variableOf, home)),
    ...given,
  ]);
  const user = parameters.get('user') ?? userName;
  const database = parameters.get('dbname') ?? user;
  const hosts = hostsOf(parameters, surroundings);
  const password = parameters.get('password');
  const passwordFile =
    parameters.get('passfile') ??
    (process.platform === 'win32'
      ? path.join(variableOf('APPDATA') ?? '.', 'postgresql', 'pgpass.conf')
      : path.join(home, '.pgpass'));
  const passwordFor = (host: PostgresHost): string | undefined =>
    password ?? passwordFromFile(passwordFile, { host: host.name, port: host.port, database, user });
  return {
    hosts,
    user,
    database,
    parameters,
    home,
    label: labelOf(new Map([...parameters, ['dbname', database]])),
    passwordFor,
    secrets: [...new Set([password, parameters.get('sslpassword'), ...hosts.map(passwordFor)].flatMap(writtenForms))],
  };
}

function hostsOf(parameters: Parameters, { exists }: PostgresSurroundings): readonly PostgresHost[] {
  const names = parameters.get('host')?.split(',');
  const addresses = parameters.get('hostaddr')?.split(',');
  const ports = parameters.get('port')?.split(',') ?? [];
  const count = Math.max(names?.length ?? 0, addresses?.length ?? 0, 1);
  return Array.from({ length: count }, (_, index): PostgresHost => {
    const written = ports.length === 1 ? ports[0] : ports[index];
    const port = written === undefined || written === '' ? DEFAULT_PORT : Number(written);
    const address = addresses?.[index] ?? '';
    const named = names?.[index] ?? '';
    const name = named !== '' ? named : address !== '' ? address : defaultHost(port, exists);
    return { name, address: address === '' ? name : address, port };
  });
}

function defaultHost(port: number, exists: (file: string) => boolean): string {
  if (process.platform === 'win32') return 'localhost';
  return SOCKET_FOLDERS.find((folder) => exists(`${folder}/.s.PGSQL.${port}`)) ?? 'localhost';
}

/** A secret as it is, and as a URL holds it. */
export function writtenForms(secret: string | undefined): readonly string[] {
  return secret === undefined || secret === '' ? [] : [secret, encodeURIComponent(secret), encodeURI(secret)];
}

function userNameOf(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an account, as in some containers.
    return process.env['USER'] ?? 'postgres';
  }
}
