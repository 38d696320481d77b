import { FILE_URL } from '../model/database-url.ts';
import { ENGINE_IDS } from '../model/engine-id.ts';
import { ENVIRONMENTS } from '../model/environment.ts';
import type { Preset, Severity } from '../rules/rule.ts';

/** Severity of a rule and its options, as configured; `off` silences it. */
export interface RuleSetting {
  readonly severity?: Severity | 'off';
  readonly options: Readonly<Record<string, unknown>>;
}

/** One setting: what may stand there, and what it is for. `description` is what editors show. */
export type Setting =
  | { readonly kind: 'word'; readonly words: readonly string[]; readonly description?: string }
  | { readonly kind: 'text'; readonly description: string; readonly only?: Restriction }
  | { readonly kind: 'version'; readonly description: string }
  | { readonly kind: 'count'; readonly least: number; readonly description: string }
  | { readonly kind: 'rules'; readonly description: string }
  | {
      readonly kind: 'section';
      /** As a message names it: "is no setting of a run". */
      readonly title: string;
      readonly description?: string;
      readonly members: Readonly<Record<string, Setting>>;
    }
  | {
      readonly kind: 'folders';
      readonly title: string;
      readonly description: string;
      readonly members: Readonly<Record<string, Setting>>;
    }
  /** Sections of one kind, by names that a team gives them. */
  | {
      readonly kind: 'named';
      readonly title: string;
      readonly description: string;
      readonly members: Readonly<Record<string, Setting>>;
    };

/** What a text must look like, and what is said of one that does not. */
interface Restriction {
  /** Source of a regular expression, which JSON Schema takes too; case does not count. */
  readonly pattern: string;
  readonly message: string;
}

/** The value of a setting once it is read. */
export type ValueOf<Of extends Setting> = Of extends { readonly kind: 'word'; readonly words: readonly (infer Word)[] }
  ? Word
  : Of extends { readonly kind: 'text' | 'version' }
    ? string
    : Of extends { readonly kind: 'count' }
      ? number
      : Of extends { readonly kind: 'rules' }
        ? Readonly<Record<string, RuleSetting>>
        : Of extends { readonly kind: 'section'; readonly members: infer Members }
          ? MembersOf<Members>
          : Of extends { readonly kind: 'folders'; readonly members: infer Members }
            ? readonly ({ readonly folder: string } & Omit<MembersOf<Members>, 'folder'>)[]
            : Of extends { readonly kind: 'named'; readonly members: infer Members }
              ? Readonly<Record<string, MembersOf<Members>>>
              : never;

type MembersOf<Members> = {
  readonly [Name in keyof Members]?: Members[Name] extends Setting ? ValueOf<Members[Name]> : never;
};

const PRESETS = ['recommended', 'strict', 'all'] as const satisfies readonly Preset[];
export const SEVERITIES = ['error', 'warning', 'info', 'hint', 'off'] as const satisfies readonly (Severity | 'off')[];

const DIALECT = {
  kind: 'word',
  words: ENGINE_IDS,
  description: 'Language of the migrations. Found out from the files and the connection where absent.',
} as const;
const SERVER_VERSION = {
  kind: 'version',
  description:
    'Version of the server that the migrations run on: "17", or "3.54" for SQLite. The connection\'s own where connected.',
} as const;
const PRESET = {
  kind: 'word',
  words: PRESETS,
  description:
    'Which set of rules is on: recommended (what breaks data or stops traffic, and what most likely will), strict (also what depends on how you work), all (also style).',
} as const;
const START_AFTER = {
  kind: 'text',
  description: 'Id of the last migration that is history: it and those before it are not linted.',
} as const;
const RULES = { kind: 'rules', description: 'Severity and options of single rules, by their codes.' } as const;
/** Where a database is, and what it is for. */
const CONNECTION = {
  env: {
    kind: 'text',
    description: "Environment variable that holds the database's URL.",
    only: {
      pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
      message:
        'The name of an environment variable is expected here ("DATABASE_URL"), not the URL itself: put the URL into that variable.',
    },
  },
  url: {
    kind: 'text',
    description:
      'A SQLite file: "sqlite:app.db". A server\'s URL may hold a password and belongs in an environment variable.',
    only: {
      pattern: FILE_URL,
      message:
        'Only a SQLite file may be named here ("sqlite:app.db"): a server\'s URL may hold a password, so name an environment variable in "env" instead.',
    },
  },
  environment: {
    kind: 'word',
    words: ENVIRONMENTS,
    description: 'What the database is for. On production nothing is written until its name is typed.',
  },
} as const;
const DATABASE = {
  kind: 'section',
  title: 'a database',
  description: 'The database that the migrations are applied to. Nothing connects to it but commands that say so.',
  members: CONNECTION,
} as const;

/** Everything that `lockstep.jsonc` can say: its type, its reader, its JSON schema and its messages come from here. */
export const SETTING_TABLE = {
  dialect: DIALECT,
  serverVersion: SERVER_VERSION,
  timeZone: {
    kind: 'text',
    description:
      'Session time zone of whoever runs migrations: decides whether timestamp to timestamptz rewrites a PostgreSQL table.',
  },
  migrations: {
    kind: 'folders',
    title: 'a migrations folder',
    description: 'Folders of migrations. Found below the workspace where absent.',
    members: {
      folder: { kind: 'text', description: 'Path of the folder, relative to this file.' },
      tool: { kind: 'text', description: 'Migration tool. Found out from the files where absent.' },
      dialect: DIALECT,
      serverVersion: SERVER_VERSION,
      database: DATABASE,
      preset: PRESET,
      rules: RULES,
      startAfter: START_AFTER,
    },
  },
  database: DATABASE,
  environments: {
    kind: 'named',
    title: 'an environment',
    description:
      'Databases by the names that the team gives them: "--environment NAME" and the editor connect to them. One called development, staging or production is what its name says unless "environment" says otherwise.',
    members: {
      ...CONNECTION,
      pattern: {
        kind: 'text',
        description:
          'Every database whose URL without user and password is like this counts as of this environment, however it is connected to: "*.prod.example.com/*".',
      },
    },
  },
  fleets: {
    kind: 'named',
    title: 'a fleet',
    description:
      'Many databases with the same migrations (tenants, shards), by the name that the team gives them: "lockstep fleet apply NAME".',
    members: {
      env: {
        ...CONNECTION.env,
        description: 'Environment variable that holds their URLs, one a line or with spaces between them.',
      },
      environment: CONNECTION.environment,
      wave: {
        kind: 'count',
        least: 1,
        description:
          'Databases that are worked on at once, after one alone; the next ones begin when all of these are well. Default 5.',
      },
    },
  },
  audit: {
    kind: 'word',
    words: ['database', 'off'],
    description:
      'database: who ran what when, for how long and how it ended is kept in the table lockstep_log of each database. Default off.',
  },
  preset: PRESET,
  rules: RULES,
  startAfter: START_AFTER,
  largeTable: {
    kind: 'section',
    title: 'largeTable',
    description:
      "From which size on a table of the connected database is large: what only reads or rewrites smaller ones is told as an information. Without it size changes no severity, because the database may be a developer's own.",
    members: {
      rows: { kind: 'count', least: 0, description: 'Estimated rows.' },
      bytes: { kind: 'count', least: 0, description: 'Bytes, indexes included.' },
    },
  },
  estimates: {
    kind: 'section',
    title: 'estimates',
    description: 'What estimates of how long a statement takes on the connected database assume.',
    members: {
      readMegabytesPerSecond: { kind: 'count', least: 1, description: 'How fast a table is read. Default 125.' },
      writeMegabytesPerSecond: {
        kind: 'count',
        least: 1,
        description: 'How fast a table and its indexes are written again. Default 50.',
      },
    },
  },
  fix: {
    kind: 'section',
    title: 'fix',
    description: 'How the steps of a fix are written.',
    members: {
      files: {
        kind: 'word',
        words: ['few', 'one-each'],
        description:
          'few: steps that may share a transaction stand in one file (the default); one-each: each step has a file of its own.',
      },
    },
  },
  limits: {
    kind: 'section',
    title: 'limits',
    members: {
      fileCharacters: {
        kind: 'count',
        least: 1,
        description: 'Characters of a file from which on it is not analysed. Default 6000000.',
      },
    },
  },
  run: {
    kind: 'section',
    title: 'a run',
    members: {
      lockTimeoutMs: {
        kind: 'count',
        least: 0,
        description:
          'How long a statement may wait for a lock before the migration is rolled back and tried again. Default 2000.',
      },
      lockAttempts: {
        kind: 'count',
        least: 1,
        description: 'How often a migration that runs into the lock timeout is tried. Default 10.',
      },
      migrationLockTimeoutMs: {
        kind: 'count',
        least: 0,
        description: 'How long to wait for another run to end. Default 10000.',
      },
      backup: {
        kind: 'word',
        words: ['on', 'off'],
        description:
          'Whether a copy of a SQLite file is made beside it before migrations run; the newest three are kept. Default on, but off on a development database.',
      },
    },
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** Everything that may be configured, all of it optional. */
export type ConfiguredSettings = MembersOf<typeof SETTING_TABLE>;
