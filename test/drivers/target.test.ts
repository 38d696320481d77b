import { describe, expect, test } from 'vitest';
import { parseDatabaseUrl } from '../../server/drivers/target.ts';

const FOLDER = '/srv/app';

describe('a database URL', () => {
  test.each([
    ['sqlite:app.db', '/srv/app/app.db', 'app.db'],
    ['sqlite3:data/app.db', '/srv/app/data/app.db', 'app.db'],
    ['sqlite:./app.db', '/srv/app/app.db', 'app.db'],
    ['sqlite:/var/app.db', '/var/app.db', 'app.db'],
    ['sqlite:///var/app.db', '/var/app.db', 'app.db'],
    ['sqlite:with%20space.db', '/srv/app/with space.db', 'with space.db'],
  ])('%s is a file', (url, file, label) => {
    expect(parseDatabaseUrl(url, FOLDER)).toMatchObject({ dialect: 'sqlite', url: file, label });
  });

  test.each(['postgres://me:hunter2@db.example/app', 'postgresql://me:hunter2@db.example:5433/app?sslmode=require'])(
    'of a server is shown without its secret: %s',
    (url) => {
      const target = parseDatabaseUrl(url, FOLDER);
      expect(target).toMatchObject({ dialect: 'postgresql' });
      const shown = 'problem' in target ? target.problem : target.label;
      expect(shown).toContain('db.example');
      expect(shown).not.toContain('hunter2');
    },
  );

  test.each(['mysql://me:hunter2@h/app', 'sqlite:', 'hunter2', 'postgres://u:12/hunter2@host/db'])(
    'that is none is told by a sentence without it: %s',
    (url) => {
      const target = parseDatabaseUrl(url, FOLDER);
      const shown = 'problem' in target ? target.problem : target.label;
      expect(shown).not.toContain('hunter2');
      expect(shown).not.toBe('');
    },
  );
});
