import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { placeOf, readConnectionString, type PostgresPlace } from '../../server/drivers/postgres-place.ts';
import { encryptions } from '../../server/drivers/postgres-tls.ts';

const home = mkdtempSync(path.join(tmpdir(), 'lockstep-home-'));
afterAll(() => rmSync(home, { recursive: true }));

function place(
  text: string,
  environment: Readonly<Record<string, string>> = {},
  exists: readonly string[] = [],
): PostgresPlace {
  const read = readConnectionString(text);
  if (read.problem !== undefined) throw new Error(read.problem);
  return placeOf(read.parameters, {
    variableOf: (name) => environment[name],
    home,
    userName: 'me',
    exists: (file) => exists.includes(file),
  });
}

/** `user@host:port/database` of each host, and its password. */
function shown(opened: PostgresPlace): readonly string[] {
  return opened.hosts.map(
    (host) => `${opened.user}@${host.name}:${host.port}/${opened.database} ${opened.passwordFor(host) ?? 'none'}`,
  );
}

describe('what a connection string leaves open', () => {
  test('comes from the environment, then from what libpq takes', () => {
    expect(shown(place('postgres://'))).toEqual(['me@localhost:5432/me none']);
    expect(shown(place('postgres://', {}, ['/tmp/.s.PGSQL.5432']))).toEqual(['me@/tmp:5432/me none']);
    const environment = { PGHOST: 'db', PGPORT: '5433', PGUSER: 'you', PGDATABASE: 'app', PGPASSWORD: 'secret' };
    expect(shown(place('postgres://', environment))).toEqual(['you@db:5433/app secret']);
    expect(shown(place('postgres://he@other/shop', environment))).toEqual(['he@other:5433/shop secret']);
    expect(place('postgres://', environment)).toMatchObject({ label: 'postgres://db:5433/app' });
  });

  test('comes from a service, which counts more than the environment', () => {
    writeFileSync(
      path.join(home, '.pg_service.conf'),
      '# services\n[other]\nhost=wrong\n\n[live]\nhost=db.example\nport=5444\nuser=svc\npassword=secret\ndbname=app\n[last]\nhost=wrong\n',
    );
    const environment = { PGHOST: 'not-this', PGUSER: 'not-this' };
    expect(shown(place('service=live', environment))).toEqual(['svc@db.example:5444/app secret']);
    expect(shown(place('postgres:///shop?service=live'))).toEqual(['svc@db.example:5444/shop secret']);
    expect(shown(place('postgres://', { PGSERVICE: 'live' }))).toEqual(['svc@db.example:5444/app secret']);
    expect(place('service=live').secrets).toContain('secret');
    expect(() => place('service=nope')).toThrow(/definition of the service "nope" was not found/);
    const file = path.join(home, 'services');
    writeFileSync(file, '[live]\nhost=elsewhere\n');
    expect(shown(place('service=live', { PGSERVICEFILE: file }))).toEqual(['me@elsewhere:5432/me none']);
  });

  test('a password comes from the file of passwords, by the first line that fits, unless others may read it', () => {
    const file = path.join(home, '.pgpass');
    writeFileSync(
      file,
      '# comment\nh:5433:*:*:port\nh:*:a\\:b:me:co\\:lon\\\\\nlocalhost:*:app:*:socket\n*:*:app:*:any:thing\n',
    );
    chmodSync(file, 0o600);
    expect(shown(place('postgres://h:5433/x'))).toEqual(['me@h:5433/x port']);
    expect(shown(place('postgres://h/a%3Ab'))).toEqual(['me@h:5432/a:b co:lon\\']);
    expect(shown(place('postgres://%2Frun/app'))).toEqual(['me@/run:5432/app socket']);
    expect(shown(place('postgres://h1,h2/app'))).toEqual(['me@h1:5432/app any:thing', 'me@h2:5432/app any:thing']);
    expect(shown(place('postgres://h/none'))).toEqual(['me@h:5432/none none']);
    expect(place('postgres://h1/app').secrets).toContain('any:thing');
    const other = path.join(home, 'other');
    writeFileSync(other, '*:*:*:*:other\n');
    chmodSync(other, 0o600);
    expect(shown(place(`postgres://h/app?passfile=${other}`))).toEqual(['me@h:5432/app other']);
    expect(shown(place('postgres://h/app', { PGPASSFILE: other }))).toEqual(['me@h:5432/app other']);
    chmodSync(file, 0o644);
    expect(shown(place('postgres://h/app'))).toEqual(['me@h:5432/app none']);
  });

  test('several hosts have one port or one each, and addresses beside their names', () => {
    expect(shown(place('host=a,b port=1'))).toEqual(['me@a:1/me none', 'me@b:1/me none']);
    expect(shown(place('host=a,b port=1,2'))).toEqual(['me@a:1/me none', 'me@b:2/me none']);
    expect(place('host=a hostaddr=127.0.0.1').hosts).toEqual([{ name: 'a', address: '127.0.0.1', port: 5432 }]);
  });
});

describe('sslmode', () => {
  const folder = path.join(home, 'tls');
  mkdirSync(folder);
  const root = path.join(folder, 'root.crt');
  writeFileSync(root, 'a certificate');
  /** `plain`, `tls` or `checked`, `named` where the host's name is checked too. */
  function ways(query: string, host = 'h'): readonly string[] {
    const read = readConnectionString(`postgres://h/app?${query}`);
    if (read.problem !== undefined) throw new Error(read.problem);
    return encryptions(read.parameters, host, folder).map((way) =>
      way === false
        ? 'plain'
        : way.rejectUnauthorized !== true
          ? 'tls'
          : way.checkServerIdentity === undefined
            ? 'checked, named'
            : 'checked',
    );
  }

  test.each<readonly [string, readonly string[]]>([
    ['', ['tls', 'plain']],
    ['sslmode=disable', ['plain']],
    ['sslmode=allow', ['plain', 'tls']],
    ['sslmode=prefer', ['tls', 'plain']],
    ['sslmode=require', ['tls']],
    [`sslmode=require&sslrootcert=${root}`, ['checked']],
    [`sslmode=verify-ca&sslrootcert=${root}`, ['checked']],
    [`sslmode=verify-full&sslrootcert=${root}`, ['checked, named']],
    ['sslmode=verify-full&sslrootcert=system', ['checked, named']],
    ['sslrootcert=system', ['checked, named']],
  ])('%s', (query, expected) => {
    expect(ways(query)).toEqual(expected);
  });

  test('a socket needs no encryption', () => {
    expect(ways('sslmode=require', '/tmp')).toEqual(['plain']);
  });

  test('a root certificate where libpq looks for it is checked by, in every mode', () => {
    mkdirSync(path.join(folder, '.postgresql'));
    writeFileSync(path.join(folder, '.postgresql/root.crt'), 'a certificate');
    expect(ways('sslmode=require')).toEqual(['checked']);
    expect(ways('')).toEqual(['checked', 'plain']);
    rmSync(path.join(folder, '.postgresql'), { recursive: true });
  });

  test.each([
    ['sslmode=verify-full', /root certificate file .* does not exist/],
    ['sslmode=sometimes', /^sslmode takes disable, allow, prefer, require, verify-ca, verify-full/],
    ['sslmode=require&sslrootcert=system', /[Ww]eak sslmode/],
    ['sslmode=prefer&sslnegotiation=direct', /[Ww]eak sslmode/],
    [`sslmode=require&sslcert=${root}`, /no private key file/],
    [`sslmode=require&sslcert=${root}&sslkey=${root}`, /group or world access/],
  ])('%s is refused', (query, words) => {
    chmodSync(root, 0o644);
    expect(() => ways(query)).toThrow(words);
  });
});
