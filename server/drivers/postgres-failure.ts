import { withoutSecrets } from '../core/redact.ts';
import { DatabaseError, type DatabaseFailure } from './driver.ts';
import { withoutRowValues } from './without-row-values.ts';

/** Fields of an error of the `pg` package, of the server or of the socket. */
interface ErrorFields {
  readonly message?: unknown;
  readonly code?: unknown;
  readonly position?: unknown;
  readonly detail?: unknown;
  readonly hint?: unknown;
}

const UNREACHABLE: readonly string[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'EACCES',
];
/** Node.js's codes for a certificate that it does not trust. */
const CERTIFICATE_REFUSED =
  /^(?:CERT_|CRL_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)/;
/** Node.js's and OpenSSL's codes for anything else that keeps two sides from speaking TLS. */
const TLS_FAILED = /^(?:ERR_SSL|ERR_TLS|EPROTO|ERR_OSSL)/;
const LOST: readonly string[] = ['ECONNRESET', 'EPIPE', '57P01', '57P02', '08006', '08003'];
/** Limits after which a server ends a session, by the code that it sends. */
const ENDED_BY: Readonly<Record<string, string>> = {
  '25P03': 'idle_in_transaction_session_timeout',
  '25P04': 'transaction_timeout',
  '57P05': 'idle_session_timeout',
};

/**
 * Any error of the driver as a `DatabaseError` whose message says what to do.
 *
 * `sql` is what was sent, for the position; `secrets` and values of rows are removed from every text.
 */
export function postgresError(cause: unknown, label: string, secrets: readonly string[], sql?: string): DatabaseError {
  if (cause instanceof DatabaseError) return cause;
  const fields: ErrorFields = cause !== null && typeof cause === 'object' ? cause : {};
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' && value !== '' ? withoutSecrets(value, secrets) : undefined;
  const code = text(fields.code);
  const { message, detail } = withoutRowValues(
    { message: text(fields.message) ?? 'unknown error', detail: text(fields.detail) },
    code,
    sql,
  );
  const failure = (kind: DatabaseFailure['kind'], sentence: string): DatabaseError => {
    const offset = sql === undefined ? undefined : errorOffset(fields.position, sql);
    const hint = text(fields.hint);
    const sqlstate = code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
    return new DatabaseError(
      {
        kind,
        message: sentence,
        ...(sqlstate === undefined ? {} : { sqlstate }),
        ...(offset === undefined ? {} : { offset }),
        ...(detail === undefined ? {} : { detail }),
        ...(hint === undefined ? {} : { hint }),
      },
      { cause },
    );
  };
  if (code !== undefined && UNREACHABLE.includes(code))
    return failure(
      'unreachable',
      `${label} cannot be reached (${code}): check that the server runs and that host and port are right.`,
    );
  if (message === 'timeout expired' || /connection timeout/i.test(message))
    return failure(
      'unreachable',
      `${label} did not answer in time: check that the server runs and that host and port are right.`,
    );
  const encryption = encryptionWords(cause, message, code);
  if (encryption !== undefined) return failure('unreachable', `${label}: ${encryption}`);
  // The server's own words say which encryption, certificate or address it lets in.
  if (code === '28000' && /pg_hba\.conf|certificate/.test(message))
    return failure('authentication', `${label} refused the connection: ${message}.`);
  if (code === '28P01' || code === '28000' || /password must be a string|no password supplied/i.test(message)) {
    return failure('authentication', `${label} refused the user or the password: check both.`);
  }
  if (code === '3D000') return failure('missing', `${label} does not exist: create the database, or correct its name.`);
  // PgBouncer refuses BEGIN where it gives each statement another session.
  if (/not allowed in statement pooling mode/.test(message)) return failure('pooled', pooledWords(label, 'statement'));
  if (code === '57P03')
    return failure('unreachable', `${label} is starting up or shutting down: try again in a moment.`);
  const limit = code === undefined ? undefined : ENDED_BY[code];
  if (limit !== undefined) return failure('connection-lost', `${label} ended the session, as ${limit} says.`);
  if (
    (code !== undefined && LOST.includes(code)) ||
    /connection terminated|client has encountered a connection error|not queryable/i.test(message)
  ) {
    return failure('connection-lost', `The connection to ${label} was lost.`);
  }
  if (code === '55P03') return failure('lock-timeout', 'The lock was not granted in time.');
  if (code === '40P01' || code === '40001') return failure('conflict', message);
  if (code === '57014' && /^COPY from stdin failed/i.test(message))
    return failure(
      'statement',
      'COPY ... FROM stdin reads its rows from whoever runs it, as psql does, and nothing sends them here: write the rows as INSERT, or run the file with psql.',
    );
  if (code === '57014')
    return /statement timeout/i.test(message)
      ? failure('timed-out', 'The statement took longer than statement_timeout allows.')
      : failure('cancelled', 'The statement was cancelled.');
  if (code === '25006')
    return failure('read-only', `${label} takes no writes: this session, user or server is read-only.`);
  return failure('statement', message);
}

/** What a pool cannot do that gives each transaction, or each statement, another session, and what to connect to. */
export function pooledWords(label: string, unit: 'transaction' | 'statement'): string {
  const obstacle = { transaction: 'no lock can be held through a run', statement: 'no transaction can be begun' }[unit];
  return `${label} is a pool that gives each ${unit} another session, so ${obstacle}: connect to the server itself (for PgBouncer: the server's own port, or a pool with pool_mode = session). Nothing was run.`;
}

/** Whether an error with this code is about the encryption of a session. */
export function isTlsCode(code: string): boolean {
  return CERTIFICATE_REFUSED.test(code) || TLS_FAILED.test(code);
}

/** What is wrong with the encryption of a session, in the words of libpq; undefined for any other failure. */
function encryptionWords(cause: unknown, message: string, code: string | undefined): string | undefined {
  if (/server does not support SSL/.test(message))
    return 'server does not support SSL, but SSL was required: switch it on there, or ask for sslmode=prefer.';
  if (/establishing an SSL connection/.test(message))
    return 'the server did not answer the request for SSL as PostgreSQL does: check host and port.';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    // Node.js puts both into the error.
    const { cert, host } = cause as {
      readonly cert?: { readonly subject?: { readonly CN?: string } };
      readonly host?: string;
    };
    return `server certificate for "${cert?.subject?.CN ?? ''}" does not match host name "${host ?? ''}": connect by the name that it has, or ask for sslmode=verify-ca.`;
  }
  if (code !== undefined && CERTIFICATE_REFUSED.test(code))
    return `certificate verify failed (${code}): name the authority that signed the server's certificate in sslrootcert.`;
  if (code !== undefined && TLS_FAILED.test(code)) return `SSL error (${code}): ${message}.`;
  return undefined;
}

/** The server's 1-based position in code points, as a 0-based UTF-16 offset. */
function errorOffset(position: unknown, sql: string): number | undefined {
  const count = typeof position === 'string' ? Number(position) : Number.NaN;
  if (!Number.isInteger(count) || count < 1) return undefined;
  let offset = 0;
  for (let seen = 1; seen < count && offset < sql.length; seen++)
    offset += (sql.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  return Math.min(offset, sql.length);
}
