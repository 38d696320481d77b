import type { Socket } from 'node:net';
import pg from 'pg';
import { DatabaseError, type ConnectOptions } from './driver.ts';
import { isTlsCode, postgresError } from './postgres-failure.ts';
import type { PostgresHost, PostgresPlace } from './postgres-place.ts';
import { encryptions, wordOf, type Encryption } from './postgres-tls.ts';

/** Idle time after which the network is asked whether the other end is still there. */
const KEEP_ALIVE_MS = 10_000;
const MS_PER_SECOND = 1_000;
/** libpq's least time for a connection, whatever is asked for. */
const LEAST_TIMEOUT_SECONDS = 2;

const SESSION_ATTRIBUTES = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const;
type SessionAttributes = (typeof SESSION_ATTRIBUTES)[number];

/** A session that is open, and the way to open another one on the same server. */
export interface OpenedPostgres {
  readonly client: pg.Client;
  /** Not connected yet. */
  readonly another: () => pg.Client;
}

/**
 * Opens a session on the first host that answers and is what `target_session_attrs` asks for, encrypted as `sslmode` says.
 *
 * Errors: rejects with `DatabaseError`.
 */
export async function openPostgres(
  place: PostgresPlace,
  options: ConnectOptions,
  signal?: AbortSignal,
): Promise<OpenedPostgres> {
  const { parameters } = place;
  refuseUnsupported(place);
  const wanted = wordOf(parameters, 'target_session_attrs', SESSION_ATTRIBUTES, 'any');
  const isRandom = wordOf(parameters, 'load_balance_hosts', ['disable', 'random'], 'disable') === 'random';
  const hosts = isRandom ? place.hosts.toSorted(() => Math.random() - 0.5) : place.hosts;
  const failures: DatabaseError[] = [];
  for (const attributes of wanted === 'prefer-standby' ? (['standby', 'any'] as const) : [wanted]) {
    failures.length = 0;
    for (const host of hosts) {
      try {
        const opened = await openOn(place, host, options, signal);
        const obstacle = await missingAttribute(opened.client, attributes);
        if (obstacle === undefined) return opened;
        await opened.client.end().catch(() => undefined);
        failures.push(new DatabaseError({ kind: 'unreachable', message: `${place.label}: ${obstacle}.` }));
      } catch (cause) {
        const failure = postgresError(cause, place.label, place.secrets);
        // Where somebody answers and says no, the other hosts say the same.
        if (['authentication', 'missing', 'cancelled'].includes(failure.failure.kind)) throw failure;
        failures.push(failure);
      }
    }
  }
  throw failures.at(-1) ?? new DatabaseError({ kind: 'unreachable', message: `${place.label} names no host.` });
}

/** One host, with each encryption in turn. */
async function openOn(
  place: PostgresPlace,
  host: PostgresHost,
  options: ConnectOptions,
  signal: AbortSignal | undefined,
): Promise<OpenedPostgres> {
  const ways = encryptions(place.parameters, host.name, place.home);
  let first: unknown;
  for (const [index, encryption] of ways.entries()) {
    const another = (): pg.Client => newClient(place, host, encryption, options);
    try {
      return { client: await connected(another(), place, signal), another };
    } catch (cause) {
      // What was asked for first says more than what was tried for want of it.
      first ??= cause;
      if (index === ways.length - 1 || !isWorthAnother(cause, encryption))
        throw ways.length > 1 ? worse(first, cause) : cause;
    }
  }
  throw first;
}

/** The failure to tell of two: that of the server over that of a missing encryption. */
function worse(first: unknown, last: unknown): unknown {
  return isWithoutTls(first) ? last : first;
}

/** Whether the same host may say yes with another encryption: it has none, its certificate is refused, or `pg_hba.conf` says no. */
function isWorthAnother(cause: unknown, encryption: Encryption): boolean {
  const code = codeOf(cause);
  if (code === '28000') return true;
  return encryption !== false && (isWithoutTls(cause) || isTlsCode(code));
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

function isWithoutTls(cause: unknown): boolean {
  return cause instanceof Error && /server does not support SSL|establishing an SSL connection/.test(cause.message);
}

/** Connects, unless it is cancelled meanwhile. */
async function connected(client: pg.Client, place: PostgresPlace, signal: AbortSignal | undefined): Promise<pg.Client> {
  // Its error arrives at connect() too.
  client.on('error', () => undefined);
  const isCancelled = (): boolean => signal?.aborted === true;
  const cancel = (): void => destroy(client);
  if (isCancelled()) throw cancelled();
  signal?.addEventListener('abort', cancel, { once: true });
  const isBound = boundChannel(client, place);
  try {
    await client.connect();
    if (!isBound())
      throw new DatabaseError({
        kind: 'authentication',
        message: `${place.label} authenticated without channel binding, which channel_binding=require asks for: use sslmode=require and a password stored by scram-sha-256.`,
      });
    return client;
  } catch (cause) {
    destroy(client);
    throw isCancelled() ? cancelled() : cause;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

/** Whether the password was checked together with the encryption, where that is required. */
function boundChannel(client: pg.Client, place: PostgresPlace): () => boolean {
  if (place.parameters.get('channel_binding') !== 'require') return () => true;
  let isBound = false;
  // pg names its connection in no type.
  const { connection } = client as unknown as { readonly connection: NodeJS.EventEmitter };
  connection.on('authenticationSASL', ({ mechanisms }: { readonly mechanisms: readonly string[] }) => {
    isBound = mechanisms.includes('SCRAM-SHA-256-PLUS');
  });
  return () => isBound;
}

/** Ends a session without a word; ending it in order would wait for the server. */
export function destroy(client: pg.Client): void {
  streamOf(client).destroy();
}

/** Sends what `work` asks for in one go. */
export function inOneGo<Value>(client: pg.Client, work: () => Value): Value {
  const stream = streamOf(client);
  stream.cork();
  try {
    return work();
  } finally {
    stream.uncork();
  }
}

function streamOf(client: pg.Client): Socket {
  // pg names its stream in no type.
  return (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream;
}

function newClient(
  place: PostgresPlace,
  host: PostgresHost,
  encryption: Encryption,
  options: ConnectOptions,
): pg.Client {
  const { parameters } = place;
  const seconds = Number(parameters.get('connect_timeout') ?? 0);
  return new pg.Client({
    host: host.address,
    port: host.port,
    user: place.user,
    database: place.database,
    password: () => passwordOf(place, host),
    ssl: encryption,
    sslnegotiation: encryption !== false && parameters.get('sslnegotiation') === 'direct' ? 'direct' : 'postgres',
    enableChannelBinding: parameters.get('channel_binding') === 'require',
    application_name: parameters.get('application_name') ?? options.applicationName,
    connectionTimeoutMillis:
      seconds > 0 ? Math.max(seconds, LEAST_TIMEOUT_SECONDS) * MS_PER_SECOND : options.connectTimeoutMs,
    keepAlive: true,
    // What is asked before an answer is here is sent at once.
    pipeline: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    ...sessionOptions(parameters.get('options'), parameters.get('search_path')),
  });
}

function passwordOf(place: PostgresPlace, host: PostgresHost): string {
  const password = place.passwordFor(host);
  if (password === undefined)
    throw new DatabaseError({
      kind: 'authentication',
      message: `${place.label} asks for a password and none was supplied: write it into the URL, PGPASSWORD or the password file (~/.pgpass, which nobody else may read).`,
    });
  return password;
}

function sessionOptions(given: string | undefined, searchPath: string | undefined): { readonly options?: string } {
  const path = searchPath === undefined ? [] : [`-c search_path=${searchPath.replaceAll(/[\\\s]/g, '\\$&')}`];
  const words = [...(given === undefined ? [] : [given]), ...path];
  return words.length === 0 ? {} : { options: words.join(' ') };
}

/** What is demanded of a session and cannot be held to must not be passed over. */
function refuseUnsupported({ parameters, label }: PostgresPlace): void {
  const demands = [
    parameters.get('gssencmode') === 'require' ? 'gssencmode=require' : '',
    parameters.has('require_auth') ? 'require_auth' : '',
    parameters.has('requirepeer') ? 'requirepeer' : '',
  ].filter((demand) => demand !== '');
  if (demands.length > 0)
    throw new DatabaseError({
      kind: 'unreachable',
      message: `${demands.join(' and ')} of ${label} cannot be held to by Lockstep: take it out, or use another account.`,
    });
}

/** Why a session is not what is wanted; undefined where it is. Words as libpq has them. */
async function missingAttribute(client: pg.Client, wanted: SessionAttributes): Promise<string | undefined> {
  if (wanted === 'any') return undefined;
  const { rows } = await client.query<{ standby: boolean; readonly: string }>(
    `SELECT pg_is_in_recovery() AS standby, current_setting('default_transaction_read_only') AS readonly`,
  );
  const [row] = rows;
  const isStandby = row?.standby === true;
  const isReadOnly = isStandby || row?.readonly === 'on';
  switch (wanted) {
    case 'read-write':
      return isReadOnly ? 'session is read-only' : undefined;
    case 'read-only':
      return isReadOnly ? undefined : 'session is not read-only';
    case 'primary':
      return isStandby ? 'server is in hot standby mode' : undefined;
    default:
      return isStandby ? undefined : 'server is not in hot standby mode';
  }
}

function cancelled(): DatabaseError {
  return new DatabaseError({ kind: 'cancelled', message: 'Connecting was cancelled.' });
}
