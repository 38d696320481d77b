import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openConnection } from '../../server/drivers/connect.ts';
import { DatabaseError } from '../../server/drivers/driver.ts';
import { parseDatabaseUrl } from '../../server/drivers/target.ts';
import { cliFolder } from '../support/cli.ts';
import { MAJORS, startPostgres, whyNoServer, type PostgresServer } from '../support/postgres.ts';

/** Encryption is the driver's; one major proves it. */
const MAJOR = MAJORS.at(-1) ?? 17;
const NOBODY = 65534;
const RULES = [
  'local all all trust',
  'hostssl cert_only all 127.0.0.1/32 cert',
  'hostssl tls_only all 127.0.0.1/32 scram-sha-256',
  'hostnossl plain_only all 127.0.0.1/32 trust',
  'hostssl postgres all 127.0.0.1/32 trust',
  'hostnossl postgres all 127.0.0.1/32 trust',
];

const why = whyNoServer(MAJOR);
if (why !== undefined) console.warn(`skipped: ${why}`);

describe.skipIf(why !== undefined)('a server with TLS', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-tls-'));
  const file = (name: string): string => path.join(folder, name);
  let server: PostgresServer;
  let plain: PostgresServer;

  function openssl(...words: readonly string[]): void {
    execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
  }

  /** A certificate for a name, signed by the authority or by itself. */
  function certificate(name: string, common: string, authority: string | undefined, extension: string): void {
    openssl(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${common}`,
    );
    writeFileSync(file(`${name}.ext`), extension);
    const signer =
      authority === undefined
        ? ['-signkey', `${name}.key`]
        : ['-CA', `${authority}.crt`, '-CAkey', `${authority}.key`, '-CAcreateserial'];
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-days',
      '2',
      '-extfile',
      `${name}.ext`,
      ...signer,
      '-out',
      `${name}.crt`,
    );
  }

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    certificate('ca', 'Test CA', undefined, 'basicConstraints=critical,CA:TRUE\n');
    certificate('other', 'Other CA', undefined, 'basicConstraints=critical,CA:TRUE\n');
    certificate('server', 'localhost', 'ca', 'subjectAltName=DNS:localhost\n');
    certificate('client', 'postgres', 'ca', 'extendedKeyUsage=clientAuth\n');
    writeFileSync(file('pg_hba.conf'), `${RULES.join('\n')}\n`);
    for (const name of readdirSync(folder)) {
      chmodSync(file(name), name.endsWith('.key') ? 0o600 : 0o644);
      if (process.getuid?.() === 0 && name.startsWith('server')) chownSync(file(name), NOBODY, NOBODY);
    }
    server = await startPostgres(MAJOR, [
      'ssl=on',
      `ssl_cert_file=${file('server.crt')}`,
      `ssl_key_file=${file('server.key')}`,
      `ssl_ca_file=${file('ca.crt')}`,
      `hba_file=${file('pg_hba.conf')}`,
      'password_encryption=scram-sha-256',
    ]);
    plain = await startPostgres(MAJOR);
    const client = await server.connect();
    for (const name of ['cert_only', 'tls_only', 'plain_only']) await client.query(`CREATE DATABASE ${name}`);
    await client.query(`CREATE ROLE worker LOGIN PASSWORD 'S3cret/@#%'`);
    await client.end();
  });

  afterAll(async () => {
    await server?.stop();
    await plain?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Whether the session is encrypted; what is said where there is none. */
  async function opened(text: string): Promise<boolean | string> {
    const target = parseDatabaseUrl(text, folder);
    if ('problem' in target) return target.problem;
    try {
      await using connection = await openConnection(target, {
        applicationName: 'lockstep',
        connectTimeoutMs: 5_000,
        readOnly: true,
      });
      const [row] = await connection.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      return row?.['ssl'] === true;
    } catch (cause) {
      if (!(cause instanceof DatabaseError)) throw cause;
      return cause.failure.message;
    }
  }

  const on = (host: string, query: string, database = 'postgres'): Promise<boolean | string> =>
    opened(`postgres://postgres@${host}:${server.port}/${database}?${query}`);

  test('is used as sslmode says', async () => {
    const ca = `sslrootcert=${file('ca.crt')}`;
    expect(await on('127.0.0.1', 'sslmode=disable')).toBe(false);
    expect(await on('127.0.0.1', 'sslmode=allow')).toBe(false);
    expect(await on('127.0.0.1', 'sslmode=prefer')).toBe(true);
    expect(await on('127.0.0.1', '')).toBe(true);
    expect(await on('127.0.0.1', 'sslmode=require')).toBe(true);
    expect(await on('127.0.0.1', `sslmode=verify-ca&${ca}`)).toBe(true);
    expect(await on('localhost', `sslmode=verify-full&${ca}`)).toBe(true);
    expect(await on('localhost', `sslmode=verify-full&${ca}&hostaddr=127.0.0.1`)).toBe(true);
  });

  test('is refused where its certificate is not what is asked for', async () => {
    expect(await on('127.0.0.1', `sslmode=verify-full&sslrootcert=${file('ca.crt')}`)).toMatch(
      /server certificate .* does not match host name "127\.0\.0\.1"/,
    );
    for (const mode of ['require', 'verify-ca', 'verify-full'])
      expect(await on('localhost', `sslmode=${mode}&sslrootcert=${file('other.crt')}`), mode).toMatch(
        /certificate verify failed/,
      );
    expect(await on('localhost', 'sslmode=verify-full&sslrootcert=system')).toMatch(/certificate verify failed/);
    expect(await on('localhost', `sslmode=verify-full&sslrootcert=${file('none.crt')}`)).toMatch(/does not exist/);
    // An authority that is asked for and does not fit is no reason to do without encryption, as with libpq.
    expect(await on('127.0.0.1', `sslmode=prefer&sslrootcert=${file('other.crt')}`)).toBe(false);
  });

  test('what pg_hba.conf says of encryption decides as libpq lets it', async () => {
    const client = `sslcert=${file('client.crt')}&sslkey=${file('client.key')}`;
    expect(await on('127.0.0.1', `sslmode=require&${client}`, 'cert_only')).toBe(true);
    expect(await on('127.0.0.1', 'sslmode=require', 'cert_only')).toMatch(/certificate/);
    expect(await on('127.0.0.1', 'sslmode=disable', 'cert_only')).toMatch(
      /no pg_hba\.conf entry for host "127\.0\.0\.1", user "postgres", database "cert_only", no encryption/,
    );
    expect(await on('127.0.0.1', 'sslmode=prefer', 'plain_only')).toBe(false);
    expect(await on('127.0.0.1', 'sslmode=require', 'plain_only')).toMatch(/no pg_hba\.conf entry.*SSL encryption/);
    const worker = (query: string): Promise<boolean | string> =>
      opened(`postgres://worker:S3cret%2F%40%23%25@127.0.0.1:${server.port}/tls_only?${query}`);
    expect(await worker('sslmode=allow')).toBe(true);
    expect(await worker('sslmode=require&channel_binding=require')).toBe(true);
    expect(await on('127.0.0.1', 'channel_binding=require')).toMatch(/without channel binding/);
  });

  test('a server without it is told in the words of libpq', async () => {
    const url = `postgres://postgres@127.0.0.1:${plain.port}/postgres`;
    expect(await opened(`${url}?sslmode=require`)).toMatch(/server does not support SSL, but SSL was required/);
    expect(await opened(`${url}?sslmode=verify-full&sslrootcert=system`)).toMatch(/server does not support SSL/);
    expect(await opened(`${url}?sslmode=prefer`)).toBe(false);
    expect(await opened(`${url}?sslmode=disable`)).toBe(false);
  });

  test('the first host that answers and is what is asked for is taken', async () => {
    const hosts = `127.0.0.1:1,127.0.0.1:${plain.port},127.0.0.1:${server.port}`;
    expect(await opened(`postgres://postgres@${hosts}/postgres`)).toBe(false);
    expect(await opened(`postgres://postgres@${hosts}/postgres?sslmode=require`)).toBe(true);
    expect(await opened(`host=127.0.0.1,127.0.0.1 port=1,${server.port} user=postgres dbname=postgres`)).toBe(true);
    const admin = await plain.connect();
    await admin.query('ALTER ROLE postgres SET default_transaction_read_only = on');
    await admin.end();
    expect(await opened(`postgres://postgres@${hosts}/postgres?target_session_attrs=read-write`)).toBe(true);
    expect(await opened(`postgres://postgres@${hosts}/postgres?target_session_attrs=read-only`)).toBe(false);
    expect(await opened(`postgres://postgres@${hosts}/postgres?target_session_attrs=primary`)).toBe(false);
    expect(await opened(`postgres://postgres@${hosts}/postgres?target_session_attrs=prefer-standby`)).toBe(false);
    expect(await opened(`postgres://postgres@${hosts}/postgres?target_session_attrs=standby`)).toMatch(
      /server is not in hot standby mode/,
    );
    const back = await plain.connect();
    await back.query('SET default_transaction_read_only = off');
    await back.query('ALTER ROLE postgres RESET default_transaction_read_only');
    await back.end();
  });

  test('a host that accepts and never answers is passed over in its time', async () => {
    const hole = await new Promise<Server>((resolve) => {
      const listening = createServer(() => undefined).listen(0, '127.0.0.1', () => resolve(listening));
    });
    const address = hole.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const started = performance.now();
    expect(await opened(`postgres://postgres@127.0.0.1:${port}/postgres?connect_timeout=2&sslmode=disable`)).toMatch(
      /did not answer in time/,
    );
    expect(
      await opened(`postgres://postgres@127.0.0.1:${port},127.0.0.1:${server.port}/postgres?connect_timeout=2`),
    ).toBe(true);
    expect(performance.now() - started).toBeLessThan(12_000);
    const abort = new AbortController();
    const target = parseDatabaseUrl(`postgres://postgres@127.0.0.1:${port}/postgres`, folder);
    if ('problem' in target) throw new Error(target.problem);
    const connecting = openConnection(
      target,
      { applicationName: 'x', connectTimeoutMs: 60_000, readOnly: true },
      abort.signal,
    );
    setTimeout(() => abort.abort(), 100);
    await expect(connecting).rejects.toThrow(/cancelled/);
    hole.close();
  });

  test('a socket, a service, the environment and a file of passwords lead there; nothing of the runtime is on standard error', async () => {
    using project = cliFolder({
      'lockstep.jsonc': '{ "dialect": "postgresql", "database": { "env": "DATABASE_URL" } }',
      'migrations/0001_a.up.sql': 'CREATE TABLE a (id int);\n',
      'home/.pg_service.conf': `[live]\nhost=127.0.0.1\nport=${server.port}\nuser=worker\ndbname=tls_only\n`,
      'home/.pgpass': `127.0.0.1:${server.port}:tls_only:worker:S3cret/@#%\n`,
    });
    chmodSync(path.join(project.folder, 'home/.pgpass'), 0o600);
    const home = { HOME: path.join(project.folder, 'home') };
    for (const environment of [
      { DATABASE_URL: 'service=live' },
      { DATABASE_URL: 'postgres://?service=live&sslmode=require' },
      { DATABASE_URL: 'postgres://', PGSERVICE: 'live' },
      {
        DATABASE_URL: 'postgres://',
        PGHOST: '127.0.0.1',
        PGPORT: String(server.port),
        PGUSER: 'worker',
        PGDATABASE: 'tls_only',
        PGPASSWORD: 'S3cret/@#%',
      },
    ]) {
      const result = await project.runWith({ ...home, ...environment }, 'status', '--format', 'json');
      expect(result, JSON.stringify(environment)).toMatchObject({ code: 0, stderr: '' });
      expect(result.stdout).toContain(`postgres://127.0.0.1:${server.port}/tls_only`);
      expect(result.stdout).not.toContain('S3cret');
    }
    const wrong = await project.runWith({ ...home, PGPASSFILE: '/nowhere' }, 'status', '--database', 'service=live');
    expect(wrong).toMatchObject({ code: 3, stderr: expect.stringContaining('asks for a password') });
  });
});
