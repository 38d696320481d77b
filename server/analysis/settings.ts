import {
  findNodeAtLocation,
  getNodeValue,
  parseTree,
  printParseErrorCode,
  type Node,
  type ParseError,
} from 'jsonc-parser';
import type { Span } from '../core/span.ts';
import type { EngineId } from '../model/engine-id.ts';
import type { Preset, RuleOption, Severity } from '../rules/rule.ts';

/** Severity of a rule and its options, as configured; `off` silences it. */
export interface RuleSetting {
  readonly severity?: Severity | 'off';
  readonly options: Readonly<Record<string, unknown>>;
}

/** One folder of migrations named by the configuration, relative to the configuration file. */
export interface FolderSetting {
  readonly folder: string;
  readonly tool?: string;
  readonly dialect?: EngineId;
  readonly serverVersion?: string;
  /** Instead of the configuration's own, for this folder. */
  readonly preset?: Preset;
  readonly startAfter?: string;
  /** Beside the configuration's own; where both name a rule, this counts. */
  readonly rules?: Settings['rules'];
}

/** What `lockstep.jsonc` says: the same for the editor and the command line. */
export interface Settings {
  readonly dialect?: EngineId;
  readonly serverVersion?: string;
  /** Session time zone of whoever runs migrations. */
  readonly timeZone?: string;
  readonly migrations: readonly FolderSetting[];
  readonly database: {
    /** Name of the environment variable that holds the URL. */
    readonly env?: string;
    /** `sqlite:app.db` only: a PostgreSQL URL may hold a password and is refused here. */
    readonly url?: string;
    readonly environment?: 'development' | 'staging' | 'production';
  };
  /** Which set of rules is on; `recommended` where absent. */
  readonly preset?: Preset;
  readonly rules: Readonly<Record<string, RuleSetting>>;
  /** Migrations up to and including this id are history: not linted. */
  readonly startAfter?: string;
  /**
   * From which size on a connected table is large: what reads or rewrites smaller ones is told as an information only.
   * Absent: size changes no severity, because the connected database may be a developer's own.
   */
  readonly largeTable?: { readonly rows?: number; readonly bytes?: number };
  /** Throughput that estimates of reading and rewriting a connected table assume. */
  readonly estimates?: { readonly readMegabytesPerSecond?: number; readonly writeMegabytesPerSecond?: number };
  /** Where analysis stops. */
  readonly limits?: { /** UTF-16 units of a file. */ readonly fileCharacters?: number };
  readonly run: {
    readonly lockTimeoutMs?: number;
    readonly lockAttempts?: number;
    readonly migrationLockTimeoutMs?: number;
  };
}

/** Options of each rule, by its code and aliases. */
export type RuleOptions = ReadonlyMap<string, Readonly<Record<string, RuleOption>>>;

export interface SettingsProblem {
  readonly message: string;
  readonly span: Span;
}

export const DEFAULT_SETTINGS: Settings = { migrations: [], database: {}, rules: {}, run: {} };

/** File name of the configuration, looked for from the working directory upwards. */
export const SETTINGS_FILE = 'lockstep.jsonc';

const SEVERITIES: readonly string[] = ['error', 'warning', 'info', 'hint', 'off'];
const PRESETS: readonly Preset[] = ['recommended', 'strict', 'all'];
const ENVIRONMENTS: readonly string[] = ['development', 'staging', 'production'];
const DIALECTS: readonly string[] = ['postgresql', 'sqlite'];

/**
 * Reads a configuration text. What is wrong with it is reported at its place and left out; the rest counts.
 *
 * `codes` are the known rules' codes and aliases; `ruleOptions`, where given, is all that may be set for them.
 */
export function readSettings(
  text: string,
  codes: ReadonlySet<string>,
  ruleOptions?: RuleOptions,
): { readonly settings: Settings; readonly problems: readonly SettingsProblem[] } {
  const problems: SettingsProblem[] = [];
  const errors: ParseError[] = [];
  const root = text.trim() === '' ? undefined : parseTree(text, errors, { allowTrailingComma: true });
  for (const error of errors) {
    problems.push({
      message: `This is not valid JSON with comments: ${printParseErrorCode(error.error)}.`,
      span: { start: error.offset, end: error.offset + error.length },
    });
  }
  if (root === undefined) return { settings: DEFAULT_SETTINGS, problems };
  const report = (node: Node, message: string): undefined => {
    problems.push({ message, span: { start: node.offset, end: node.offset + node.length } });
    return undefined;
  };
  const members = (node: Node): readonly { readonly key: Node; readonly name: string; readonly value: Node }[] => {
    if (node.type !== 'object') {
      report(node, 'An object is expected here.');
      return [];
    }
    return (node.children ?? []).flatMap((property) => {
      const [key, value] = property.children ?? [];
      return key === undefined || value === undefined ? [] : [{ key, name: String(getNodeValue(key)), value }];
    });
  };
  const oneOf = (node: Node, allowed: readonly string[]): string | undefined => {
    const value: unknown = getNodeValue(node);
    return typeof value === 'string' && allowed.includes(value)
      ? value
      : report(node, `One of ${allowed.map((word) => `"${word}"`).join(', ')} is expected here.`);
  };
  const textOf = (node: Node): string | undefined => {
    const value: unknown = getNodeValue(node);
    return typeof value === 'string' && value !== '' ? value : report(node, 'A text is expected here.');
  };
  const versionOf = (node: Node): string | undefined => {
    const value: unknown = getNodeValue(node);
    return typeof value === 'number' || (typeof value === 'string' && /^\d+(\.\d+)*$/.test(value))
      ? String(value)
      : report(node, 'A server version is expected here: "17", or "3.54" for SQLite.');
  };
  const countOf = (node: Node): number | undefined => {
    const value: unknown = getNodeValue(node);
    return typeof value === 'number' && Number.isInteger(value) && value >= 0
      ? value
      : report(node, 'A whole number of 0 or more is expected here.');
  };
  const settings: { -readonly [Key in keyof Settings]: Settings[Key] } = { ...DEFAULT_SETTINGS };
  for (const { key, name, value } of members(root)) {
    switch (name) {
      case '$schema':
        break;
      case 'dialect': {
        // `oneOf` lets only these words through.
        const dialect = oneOf(value, DIALECTS) as EngineId | undefined;
        if (dialect !== undefined) settings.dialect = dialect;
        break;
      }
      case 'serverVersion': {
        const version = versionOf(value);
        if (version !== undefined) settings.serverVersion = version;
        break;
      }
      case 'timeZone': {
        const zone = textOf(value);
        if (zone !== undefined) settings.timeZone = zone;
        break;
      }
      case 'preset': {
        // `oneOf` lets only these words through.
        const preset = oneOf(value, PRESETS) as Preset | undefined;
        if (preset !== undefined) settings.preset = preset;
        break;
      }
      case 'startAfter': {
        const id = textOf(value);
        if (id !== undefined) settings.startAfter = id;
        break;
      }
      case 'migrations':
        settings.migrations = readFolders(value);
        break;
      case 'database':
        settings.database = readDatabase(value);
        break;
      case 'rules':
        settings.rules = readRules(value);
        break;
      case 'run':
        settings.run = readRun(value);
        break;
      case 'largeTable':
        settings.largeTable = readCounts(value, ['rows', 'bytes'], 'largeTable', 0);
        break;
      case 'limits':
        settings.limits = readCounts(value, ['fileCharacters'], 'limits', 1);
        break;
      case 'estimates':
        settings.estimates = readCounts(value, ['readMegabytesPerSecond', 'writeMegabytesPerSecond'], 'estimates', 1);
        break;
      default:
        report(
          key,
          `"${name}" is no setting of Lockstep: use dialect, serverVersion, timeZone, migrations, database, preset, rules, startAfter, largeTable, estimates, limits or run.`,
        );
    }
  }
  return { settings, problems };

  function readFolders(node: Node): readonly FolderSetting[] {
    const entries = node.type === 'array' ? (node.children ?? []) : [node];
    return entries.flatMap((entry) => {
      if (entry.type === 'string') {
        const folder = textOf(entry);
        return folder === undefined ? [] : [{ folder }];
      }
      const result: { -readonly [Key in keyof FolderSetting]?: FolderSetting[Key] } = {};
      for (const { key, name, value } of members(entry)) {
        if (name === 'folder' || name === 'tool') {
          const word = textOf(value);
          if (word !== undefined) result[name] = word;
        } else if (name === 'dialect') {
          const dialect = oneOf(value, DIALECTS) as EngineId | undefined; // `oneOf` lets only these words through.
          if (dialect !== undefined) result.dialect = dialect;
        } else if (name === 'serverVersion') {
          const version = versionOf(value);
          if (version !== undefined) result.serverVersion = version;
        } else if (name === 'preset') {
          const preset = oneOf(value, PRESETS) as Preset | undefined; // `oneOf` lets only these words through.
          if (preset !== undefined) result.preset = preset;
        } else if (name === 'startAfter') {
          const id = textOf(value);
          if (id !== undefined) result.startAfter = id;
        } else if (name === 'rules') result.rules = readRules(value);
        else
          report(
            key,
            `"${name}" is no setting of a migrations folder: use folder, tool, dialect, serverVersion, preset, rules or startAfter.`,
          );
      }
      const { folder, ...rest } = result;
      if (folder === undefined) {
        report(entry, 'A migrations folder needs "folder", its path relative to this file.');
        return [];
      }
      return [{ folder, ...rest }];
    });
  }

  function readDatabase(node: Node): Settings['database'] {
    const result: { -readonly [Key in keyof Settings['database']]: Settings['database'][Key] } = {};
    for (const { key, name, value } of members(node)) {
      if (name === 'env') {
        const variable = textOf(value);
        if (variable !== undefined) result.env = variable;
      } else if (name === 'url') {
        const url = textOf(value);
        if (url !== undefined && !/^(sqlite3?|file):/i.test(url)) {
          report(
            value,
            'Only a SQLite file may be named here ("sqlite:app.db"): a server\'s URL may hold a password, so name an environment variable in "env" instead.',
          );
        } else if (url !== undefined) result.url = url;
      } else if (name === 'environment') {
        const environment = oneOf(value, ENVIRONMENTS);
        // `oneOf` lets only these words through.
        if (environment !== undefined) result.environment = environment as 'development' | 'staging' | 'production';
      } else report(key, `"${name}" is no setting of a database: use env, url or environment.`);
    }
    return result;
  }

  function readRules(node: Node): Settings['rules'] {
    const result: Record<string, RuleSetting> = {};
    for (const { key, name, value } of members(node)) {
      if (!codes.has(name)) {
        report(key, `"${name}" is no rule that Lockstep knows.`);
        continue;
      }
      if (value.type === 'string') {
        const severity = oneOf(value, SEVERITIES);
        // `oneOf` lets only these words through.
        if (severity !== undefined) result[name] = { severity: severity as Severity | 'off', options: {} };
        continue;
      }
      let severity: Severity | 'off' | undefined;
      const options: Record<string, unknown> = {};
      for (const member of members(value)) {
        // `oneOf` lets only these words through.
        if (member.name === 'severity') severity = oneOf(member.value, SEVERITIES) as Severity | 'off' | undefined;
        else {
          const known = ruleOptions === undefined ? undefined : (ruleOptions.get(name) ?? {});
          const option = known?.[member.name];
          const optionValue: unknown = getNodeValue(member.value);
          if (known !== undefined && option === undefined)
            report(
              member.key,
              `"${member.name}" is no option of ${name}: use ${['severity', ...Object.keys(known)].join(' or ')}.`,
            );
          else if (option !== undefined && typeof optionValue !== typeof option.default)
            report(member.value, `A ${typeof option.default} is expected here.`);
          else options[member.name] = optionValue;
        }
      }
      result[name] = { ...(severity === undefined ? {} : { severity }), options };
    }
    return result;
  }

  /** An object of whole numbers, all of them optional. */
  function readCounts<Name extends string>(
    node: Node,
    names: readonly Name[],
    section: string,
    least: number,
  ): { readonly [Key in Name]?: number } {
    const result: { [Key in Name]?: number } = {};
    for (const { key, name, value } of members(node)) {
      const known = names.find((candidate) => candidate === name);
      if (known === undefined) {
        report(key, `"${name}" is no setting of ${section}: use ${names.join(' or ')}.`);
        continue;
      }
      const count = countOf(value);
      if (count !== undefined && count < least) report(value, `A whole number of ${least} or more is expected here.`);
      else if (count !== undefined) result[known] = count;
    }
    return result;
  }

  function readRun(node: Node): Settings['run'] {
    const result: { -readonly [Key in keyof Settings['run']]: Settings['run'][Key] } = {};
    for (const { key, name, value } of members(node)) {
      if (name === 'lockTimeoutMs' || name === 'lockAttempts' || name === 'migrationLockTimeoutMs') {
        const count = countOf(value);
        if (count !== undefined) result[name] = count;
      } else
        report(key, `"${name}" is no setting of a run: use lockTimeoutMs, lockAttempts or migrationLockTimeoutMs.`);
    }
    return result;
  }
}

/** Where a setting's value stands in the configuration's text: of the whole, or of one of its folders. */
export function spanOfSetting(text: string, name: string, folder?: string): Span | undefined {
  const root = parseTree(text, [], { allowTrailingComma: true });
  if (root === undefined) return undefined;
  const migrations = findNodeAtLocation(root, ['migrations']);
  const holder =
    folder === undefined
      ? root
      : (migrations?.type === 'array' ? (migrations.children ?? []) : [migrations]).find((entry) => {
          const named = entry === undefined ? undefined : findNodeAtLocation(entry, ['folder']);
          return named !== undefined && getNodeValue(named) === folder;
        });
  const node = holder === undefined ? undefined : findNodeAtLocation(holder, [name]);
  return node === undefined ? undefined : { start: node.offset, end: node.offset + node.length };
}

/** The configuration as it counts for one folder of migrations. */
export function settingsOfFolder(settings: Settings, folder: FolderSetting | undefined): Settings {
  if (folder?.preset === undefined && folder?.startAfter === undefined && folder?.rules === undefined) return settings;
  return {
    ...settings,
    ...(folder.preset === undefined ? {} : { preset: folder.preset }),
    ...(folder.startAfter === undefined ? {} : { startAfter: folder.startAfter }),
    rules: { ...settings.rules, ...folder.rules },
  };
}
