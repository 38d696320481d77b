import { describe, expect, test } from 'vitest';
import { readSettings, settingsOfFolder } from '../../server/analysis/settings.ts';
import { settingsSchema } from '../../server/analysis/settings-schema.ts';
import { RULES } from '../../server/rules/index.ts';

const codes = new Set(['required-column', 'blocking-index']);

/** Messages with the text that each one points at. */
function problemsOf(text: string): readonly (readonly [string, string])[] {
  return readSettings(text, codes).problems.map((problem) => [
    text.slice(problem.span.start, problem.span.end),
    problem.message,
  ]);
}

describe('lockstep.jsonc', () => {
  test('everything it can say is read', () => {
    const { settings, problems } = readSettings(
      `{
      // comments and trailing commas are allowed
      "dialect": "postgresql", "serverVersion": 17, "timeZone": "UTC", "startAfter": "0007_old",
      "migrations": [{ "folder": "db/migrations", "tool": "dbmate", "dialect": "sqlite", "serverVersion": "3.45" }, "other"],
      "database": { "env": "DATABASE_URL", "environment": "staging" },
      "rules": { "required-column": "warning", "blocking-index": { "severity": "off", "minimumRows": 10 } },
      "run": { "lockTimeoutMs": 500, "lockAttempts": 3, "migrationLockTimeoutMs": 0 },
      "largeTable": { "rows": 1000 }, "estimates": { "readMegabytesPerSecond": 300 },
    }`,
      codes,
    );
    expect(problems).toEqual([]);
    expect(settings).toEqual({
      dialect: 'postgresql',
      serverVersion: '17',
      timeZone: 'UTC',
      startAfter: '0007_old',
      migrations: [
        { folder: 'db/migrations', tool: 'dbmate', dialect: 'sqlite', serverVersion: '3.45' },
        { folder: 'other' },
      ],
      database: { env: 'DATABASE_URL', environment: 'staging' },
      rules: {
        'required-column': { severity: 'warning', options: {} },
        'blocking-index': { severity: 'off', options: { minimumRows: 10 } },
      },
      run: { lockTimeoutMs: 500, lockAttempts: 3, migrationLockTimeoutMs: 0 },
      largeTable: { rows: 1000 },
      estimates: { readMegabytesPerSecond: 300 },
    });
  });

  test('an empty file says nothing', () => {
    expect(readSettings(' \n', codes)).toEqual({
      settings: { migrations: [], database: {}, rules: {}, run: {} },
      problems: [],
    });
  });

  test.each([
    ['{ "dialekt": "sqlite" }', '"dialekt"', 'is no setting of Lockstep'],
    ['{ "dialect": "oracle" }', '"oracle"', 'One of "postgresql", "sqlite"'],
    ['{ "serverVersion": "seventeen" }', '"seventeen"', 'A server version'],
    ['{ "largeTable": { "size": 3 } }', '"size"', 'is no setting of largeTable: use rows or bytes'],
    ['{ "estimates": { "writeMegabytesPerSecond": 0 } }', '0', 'A whole number of 1 or more'],
    ['{ "rules": { "no-such-rule": "off" } }', '"no-such-rule"', 'is no rule that Lockstep knows'],
    ['{ "rules": { "required-column": "loud" } }', '"loud"', 'One of "error"'],
    ['{ "database": { "url": "postgres://u:p@h/d" } }', '"postgres://u:p@h/d"', 'may hold a password'],
    ['{ "migrations": [{ "tool": "dbmate" }] }', '{ "tool": "dbmate" }', 'needs "folder"'],
    ['{ "run": { "lockTimeoutMs": -1 } }', '-1', 'A whole number'],
    ['{ "dialect": }', '}', 'not valid JSON'],
    ['[]', '[]', 'An object is expected'],
  ])('%s is reported at its place', (text, place, message) => {
    const problems = problemsOf(text);
    expect(problems.map(([where]) => where)).toContain(place);
    expect(problems.map(([, said]) => said).join('\n')).toContain(message);
  });

  test('options that a rule does not have, and values of another type, are reported', () => {
    const options = new Map([['blocking-index', { minimumRows: { default: 10, description: 'Rows.' } }]]);
    const read = (text: string): readonly string[] =>
      readSettings(text, codes, options).problems.map(
        (problem) => `${text.slice(problem.span.start, problem.span.end)}: ${problem.message}`,
      );
    expect(read('{ "rules": { "blocking-index": { "severity": "off", "minimumRows": 3 } } }')).toEqual([]);
    expect(read('{ "rules": { "blocking-index": { "rows": 3 } } }')).toEqual([
      '"rows": "rows" is no option of blocking-index: use severity or minimumRows.',
    ]);
    expect(read('{ "rules": { "blocking-index": { "minimumRows": "three" } } }')).toEqual([
      '"three": A number is expected here.',
    ]);
  });

  test('presets, and what one folder says for itself, are read', () => {
    const { settings, problems } = readSettings(
      '{ "preset": "strict", "migrations": [{ "folder": "a", "preset": "all", "startAfter": "0003", "rules": { "required-column": "off" } }] }',
      codes,
    );
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      preset: 'strict',
      migrations: [
        { folder: 'a', preset: 'all', startAfter: '0003', rules: { 'required-column': { severity: 'off' } } },
      ],
    });
    expect(problemsOf('{ "preset": "everything" }')).toEqual([
      ['"everything"', 'One of "recommended", "strict", "all" is expected here.'],
    ]);
  });

  test("a folder names its own database, in place of the configuration's", () => {
    const { settings, problems } = readSettings(
      '{ "database": { "env": "A" }, "migrations": [{ "folder": "a", "database": { "url": "sqlite:b.db" } }, "b"] }',
      codes,
    );
    expect(problems).toEqual([]);
    expect(settings.migrations.map((folder) => settingsOfFolder(settings, folder).database)).toEqual([
      { url: 'sqlite:b.db' },
      { env: 'A' },
    ]);
    expect(problemsOf('{ "migrations": [{ "folder": "a", "database": { "url": "postgres://u:p@h/d" } }] }')).toEqual([
      ['"postgres://u:p@h/d"', expect.stringContaining('may hold a password')],
    ]);
  });

  test('the schema says what the reader takes, the rules of every place once', () => {
    const schema = settingsSchema(RULES, ['dbmate']);
    const text = JSON.stringify(schema);
    expect(text.split('"required-column":')).toHaveLength(2);
    expect(schema).toMatchObject({
      properties: { rules: { allOf: [{ $ref: '#/definitions/rules' }] } },
      definitions: {
        folder: {
          anyOf: [{ type: 'string' }, { properties: { rules: { allOf: [{ $ref: '#/definitions/rules' }] } } }],
        },
      },
    });
    for (const [, name] of text.matchAll(/"\$ref":"#\/definitions\/(\w+)"/g))
      expect(Object.keys((schema as { readonly definitions: object }).definitions)).toContain(name);
  });

  test('what is right beside a mistake counts', () => {
    expect(readSettings('{ "dialect": "sqlite", "nonsense": 1 }', codes).settings.dialect).toBe('sqlite');
  });
});
