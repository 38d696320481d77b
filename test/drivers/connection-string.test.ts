import { describe, expect, test } from 'vitest';
import { readConnectionString } from '../../server/drivers/postgres-place.ts';
import { parseDatabaseUrl } from '../../server/drivers/target.ts';

/** Parameters as `name=value`, sorted; the problem where there is one. */
function read(text: string): readonly string[] | string {
  const result = readConnectionString(text);
  if (result.problem !== undefined) return result.problem;
  return [...result.parameters].map(([name, value]) => `${name}=${value}`).toSorted();
}

describe('a connection string is read as libpq reads it', () => {
  test.each<readonly [string, readonly string[]]>([
    ['postgres://', []],
    ['postgresql:///app', ['dbname=app']],
    ['postgres://me@db.example:5433/app', ['dbname=app', 'host=db.example', 'port=5433', 'user=me']],
    ['postgres://me:p%40s%2Fs@h/app', ['dbname=app', 'host=h', 'password=p@s/s', 'user=me']],
    ['postgres://me:pa#ss@h/app', ['dbname=app', 'host=h', 'password=pa#ss', 'user=me']],
    ['postgres://me:a+b@h', ['host=h', 'password=a+b', 'user=me']],
    ['postgres://h1:1,h2,h3:3/app', ['dbname=app', 'host=h1,h2,h3', 'port=1,,3']],
    ['postgres://[2001:db8::1]:5433/app', ['dbname=app', 'host=2001:db8::1', 'port=5433']],
    ['postgres://%2Fvar%2Frun%2Fpostgresql/app', ['dbname=app', 'host=/var/run/postgresql']],
    ['postgres:///app?host=/tmp&port=5433', ['dbname=app', 'host=/tmp', 'port=5433']],
    ['postgres://?host=/tmp&user=me', ['host=/tmp', 'user=me']],
    ['postgres://h?service=live', ['host=h', 'service=live']],
    [
      'postgres://u@h/app?password=a%26b&sslmode=verify-full',
      ['dbname=app', 'host=h', 'password=a&b', 'sslmode=verify-full', 'user=u'],
    ],
    ['postgres://u@h/app?user=me@corp', ['dbname=app', 'host=h', 'user=me@corp']],
    ['postgres://h/app?ssl=true', ['dbname=app', 'host=h', 'sslmode=require']],
    ['postgres://h/app?schema=public&pgbouncer=true', ['dbname=app', 'host=h']],
    ['postgres://h/app?search_path=a,b', ['dbname=app', 'host=h', 'search_path=a,b']],
    [
      "host=localhost dbname='my app' password='it\\'s' port = 5433",
      ['dbname=my app', 'host=localhost', "password=it's", 'port=5433'],
    ],
    ['service=live', ['service=live']],
    ['dbname=app password=a\\ b keepalives=1', ['dbname=app', 'password=a b']],
    ["dbname=app password=''", ['dbname=app']],
  ])('%s', (text, parameters) => {
    expect(read(text)).toEqual(parameters);
  });

  test.each([
    ['a slash in the password', 'postgres://u:12/S3cret@h/db'],
    ['a question mark in the password', 'postgres://u:12?S3cret@h/db'],
    ['a question mark and a slash', 'postgres://u:12?dbname=S3cret/@h/db'],
    ['a host of the password', 'postgres://u:12?host=/S3cret@h/db'],
    ['a password that begins with a slash, and no @', 'postgres://u:/S3crethost/db'],
    ['a database with a slash', 'postgres://u:12/S3cret/db'],
    ['a database with a space', 'postgres://u/ S3cret'],
    ['a lone percent', 'postgres://u:S3cret%@h/db'],
    ['no @ before the host', 'postgres://u:S3cret:h:5432/db'],
    ['a port that is none', 'postgres://h:S3cret/db'],
    ['a port above all', 'postgres://h:65536/db'],
    ['a parameter without a value', 'postgres://h/db?S3cret'],
    ['a space in an unquoted password', 'host=h password=two S3cret'],
    ['an open quote', "host=h password='S3cret"],
    ['a word that is no parameter', 'host=h S3cret=1'],
  ])('%s is refused, and nothing of it is told', (_name, text) => {
    const problem = read(text);
    expect(problem).toMatch(/^This (?:PostgreSQL URL|connection string) can/);
    expect(problem).not.toContain('S3cret');
  });
});

describe('what a database is called', () => {
  test.each([
    ['postgres://me:secret@h:5432/app?sslmode=require', 'postgres://h:5432/app'],
    ['host=h port=5432 dbname=app password=secret', 'postgres://h:5432/app'],
    ['postgres://me:secret@h1:1,h2/app', 'postgres://h1:1,h2/app'],
    ['postgres://[::1]/app', 'postgres://[::1]/app'],
    ['postgres:///app?host=/run/pg', 'postgres://%2Frun%2Fpg/app'],
    ['postgres://h/a%2Fb', 'postgres://h/a%2Fb'],
    ['postgres://h/m%C3%BCller', 'postgres://h/müller'],
    ['service=live', 'postgres:///'],
    ['sqlite:db/app.db', 'app.db'],
    ['sqlite:what?.db', 'what?.db'],
    ['sqlite:a#b.db', 'a#b.db'],
    ['sqlite:100%.db', '100%.db'],
    ['sqlite:a%3Fb.db?mode=rw&cache=shared', 'a?b.db'],
  ])('%s', (text, label) => {
    expect(parseDatabaseUrl(text, '/work')).toMatchObject({ label });
  });

  test.each([
    ['sqlite::memory:', 'in memory'],
    ['sqlite:file::memory:', 'in memory'],
    ['sqlite:app.db?mode=memory', 'in memory'],
    ['sqlite:', 'names no file'],
    ['Host=h;Username=u;Password=S3cret', '.NET'],
    ['host=h;username=u;password=S3cret', '.NET'],
    ['Data Source=app.db', '.NET'],
    ['mysql://u:S3cret@h/db', 'not to "mysql"'],
    ['S3cret:u@h/db', 'named by a URL'],
    ['postgres:u:S3cret@h/db', 'named by a URL'],
    ['S3cret', 'named by a URL'],
  ])('%s is refused', (text, words) => {
    const target = parseDatabaseUrl(text, '/work');
    expect(target).toMatchObject({ problem: expect.stringContaining(words) });
    expect(JSON.stringify(target)).not.toContain('S3cret');
  });
});
