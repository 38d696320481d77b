import type { Rule } from '../rules/rule.ts';
import { ENGINE_CODES } from './lint.ts';

/**
 * JSON schema of `lockstep.jsonc`, for completion and squiggles in any editor.
 *
 * Shape: JSON Schema draft 7, one property per rule.
 */
export function settingsSchema(rules: readonly Rule[], tools: readonly string[]): object {
  const severity = { type: 'string', enum: ['error', 'warning', 'info', 'hint', 'off'] };
  const ruleSetting = (description: string, options: Rule['options'] = {}): object => ({
    description,
    anyOf: [
      severity,
      {
        type: 'object',
        additionalProperties: false,
        properties: {
          severity,
          ...Object.fromEntries(
            Object.entries(options).map(([name, option]) => [
              name,
              { type: typeof option.default, default: option.default, description: option.description },
            ]),
          ),
        },
      },
    ],
  });
  const preset = {
    type: 'string',
    enum: ['recommended', 'strict', 'all'],
    description:
      'Which set of rules is on: recommended (what breaks data or stops traffic, and what most likely will), strict (also what depends on how you work), all (also style).',
  };
  const ruleSettings = {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries([
      ...rules.map((rule) => [rule.code, ruleSetting(rule.title, rule.options)] as const),
      ...ENGINE_CODES.map((code) => [code, ruleSetting('A finding about the directives in a migration.')] as const),
    ]),
  };
  const startAfter = {
    type: 'string',
    description: 'Id of the last migration that is history: it and those before it are not linted.',
  };
  const dialect = {
    type: 'string',
    enum: ['postgresql', 'sqlite'],
    description: 'Language of the migrations. Found out from the files and the connection where absent.',
  };
  const serverVersion = {
    type: ['string', 'number'],
    description:
      'Version of the server that the migrations run on: "17", or "3.54" for SQLite. The connection\'s own where connected.',
  };
  const folder = {
    anyOf: [
      { type: 'string' },
      {
        type: 'object',
        required: ['folder'],
        additionalProperties: false,
        properties: {
          folder: { type: 'string', description: 'Path of the folder, relative to this file.' },
          tool: { type: 'string', enum: tools, description: 'Migration tool. Found out from the files where absent.' },
          dialect,
          serverVersion,
          preset,
          rules: ruleSettings,
          startAfter,
        },
      },
    ],
  };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Lockstep configuration',
    type: 'object',
    additionalProperties: false,
    properties: {
      $schema: { type: 'string' },
      dialect,
      serverVersion,
      timeZone: {
        type: 'string',
        description:
          'Session time zone of whoever runs migrations: decides whether timestamp to timestamptz rewrites a PostgreSQL table.',
      },
      migrations: {
        description: 'Folders of migrations. Found below the workspace where absent.',
        anyOf: [folder, { type: 'array', items: folder }],
      },
      database: {
        type: 'object',
        additionalProperties: false,
        properties: {
          env: { type: 'string', description: "Environment variable that holds the database's URL." },
          url: {
            type: 'string',
            pattern: '^(sqlite3?|file):',
            description:
              'A SQLite file: "sqlite:app.db". A server\'s URL may hold a password and belongs in an environment variable.',
          },
          environment: { type: 'string', enum: ['development', 'staging', 'production'] },
        },
      },
      preset,
      rules: ruleSettings,
      startAfter,
      largeTable: {
        type: 'object',
        additionalProperties: false,
        description:
          'From which size on a table of the connected database is large: what only reads or rewrites smaller ones is told as an information. Without it size changes no severity.',
        properties: {
          rows: { type: 'integer', minimum: 0, description: 'Estimated rows.' },
          bytes: { type: 'integer', minimum: 0, description: 'Bytes, indexes included.' },
        },
      },
      estimates: {
        type: 'object',
        additionalProperties: false,
        description: 'What estimates of how long a statement takes on the connected database assume.',
        properties: {
          readMegabytesPerSecond: {
            type: 'integer',
            minimum: 1,
            description: 'How fast a table is read. Default 125.',
          },
          writeMegabytesPerSecond: {
            type: 'integer',
            minimum: 1,
            description: 'How fast a table and its indexes are written anew. Default 50.',
          },
        },
      },
      limits: {
        type: 'object',
        additionalProperties: false,
        properties: {
          fileCharacters: {
            type: 'integer',
            minimum: 1,
            description: 'Characters of a file from which on it is not analysed. Default 6000000.',
          },
        },
      },
      run: {
        type: 'object',
        additionalProperties: false,
        properties: {
          lockTimeoutMs: {
            type: 'integer',
            minimum: 0,
            description:
              'How long a statement may wait for a lock before the migration is rolled back and tried again. Default 2000.',
          },
          lockAttempts: {
            type: 'integer',
            minimum: 1,
            description: 'How often a migration that runs into the lock timeout is tried. Default 10.',
          },
          migrationLockTimeoutMs: {
            type: 'integer',
            minimum: 0,
            description: 'How long to wait for another run to end. Default 10000.',
          },
        },
      },
    },
  };
}
