import { repeated } from '../core/redact.ts';
import {
  findNodeAtLocation,
  getNodeValue,
  parseTree,
  printParseErrorCode,
  type Node,
  type ParseError,
} from 'jsonc-parser';
import { assertNever } from '../core/assert-never.ts';
import type { Span } from '../core/span.ts';
import type { RuleOption } from '../rules/rule.ts';
import { SETTING_TABLE, SEVERITIES, type ConfiguredSettings, type RuleSetting, type Setting } from './setting-table.ts';

/** What `lockstep.jsonc` says: the same for the editor and the command line. See `SETTING_TABLE` for each. */
export type Settings = ConfiguredSettings &
  Required<Pick<ConfiguredSettings, 'migrations' | 'database' | 'rules' | 'run'>>;

/** One folder of migrations named by the configuration, relative to the configuration file. */
export type FolderSetting = Settings['migrations'][number];

/** Options of each rule, by its code and aliases. */
export type RuleOptions = ReadonlyMap<string, Readonly<Record<string, RuleOption>>>;

export interface SettingsProblem {
  readonly message: string;
  readonly span: Span;
}

export const DEFAULT_SETTINGS: Settings = { migrations: [], database: {}, rules: {}, run: {} };

/** File name of the configuration, looked for from the working directory upwards. */
export const SETTINGS_FILE = 'lockstep.jsonc';

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
  const read = new SettingsReader(codes, ruleOptions, problems).members(root, SETTING_TABLE, 'Lockstep');
  // The reader gives for each member what `ValueOf` says of its kind.
  return { settings: { ...DEFAULT_SETTINGS, ...(read as ConfiguredSettings) }, problems };
}

/** Reads nodes by what the table says of them; everything that is wrong goes into `problems`. */
class SettingsReader {
  readonly #codes: ReadonlySet<string>;
  readonly #ruleOptions: RuleOptions | undefined;
  readonly #problems: SettingsProblem[];

  constructor(codes: ReadonlySet<string>, ruleOptions: RuleOptions | undefined, problems: SettingsProblem[]) {
    this.#codes = codes;
    this.#ruleOptions = ruleOptions;
    this.#problems = problems;
  }

  /** The members of an object; `title` is what a message says the object is. */
  members(node: Node, known: Readonly<Record<string, Setting>>, title: string): Readonly<Record<string, unknown>> {
    const result: Record<string, unknown> = {};
    for (const { key, name, value } of this.#properties(node)) {
      const setting = Object.hasOwn(known, name) ? known[name] : undefined;
      if (name === '$schema' && known === SETTING_TABLE) continue;
      if (setting === undefined) {
        this.#report(
          key,
          `${repeated(name, 'What stands here')} is no setting of ${title}: use ${listed(Object.keys(known))}.`,
        );
        continue;
      }
      const read = this.#value(value, setting);
      if (read !== undefined) result[name] = read;
    }
    return result;
  }

  /** A setting's value; undefined where it is wrong. */
  #value(node: Node, setting: Setting): unknown {
    const value: unknown = getNodeValue(node);
    switch (setting.kind) {
      case 'word':
        return this.#word(node, setting.words);
      case 'text':
        if (typeof value !== 'string' || value === '') return this.#report(node, 'A text is expected here.');
        return setting.only !== undefined && !new RegExp(setting.only.pattern, 'i').test(value)
          ? this.#report(node, setting.only.message)
          : value;
      case 'version':
        return typeof value === 'number' || (typeof value === 'string' && /^\d+(\.\d+)*$/.test(value))
          ? String(value)
          : this.#report(node, 'A server version is expected here: "17", or "3.54" for SQLite.');
      case 'count':
        return typeof value === 'number' && Number.isInteger(value) && value >= setting.least
          ? value
          : this.#report(node, `A whole number of ${setting.least} or more is expected here.`);
      case 'rules':
        return this.#rules(node);
      case 'section':
        return this.members(node, setting.members, setting.title);
      case 'folders':
        return (node.type === 'array' ? (node.children ?? []) : [node]).flatMap((entry) => {
          if (entry.type === 'string') {
            const folder: unknown = getNodeValue(entry);
            if (folder !== '') return [{ folder }];
            this.#report(entry, 'A folder is expected here, as a path relative to this file.');
            return [];
          }
          const read = this.members(entry, setting.members, setting.title);
          if (read['folder'] !== undefined) return [read];
          this.#report(entry, 'A migrations folder needs "folder", its path relative to this file.');
          return [];
        });
      case 'named':
        return Object.fromEntries(
          this.#properties(node).map(({ name, value }) => [name, this.members(value, setting.members, setting.title)]),
        );
      default:
        return assertNever(setting);
    }
  }

  #rules(node: Node): Readonly<Record<string, RuleSetting>> {
    const result: Record<string, RuleSetting> = {};
    for (const { key, name, value } of this.#properties(node)) {
      if (!this.#codes.has(name)) {
        this.#report(key, `${repeated(name, 'What stands here')} is no rule that Lockstep knows.`);
        continue;
      }
      if (value.type === 'string') {
        const severity = this.#word(value, SEVERITIES);
        if (severity !== undefined) result[name] = { severity, options: {} };
        continue;
      }
      let severity: RuleSetting['severity'];
      const options: Record<string, unknown> = {};
      const known = this.#ruleOptions === undefined ? undefined : (this.#ruleOptions.get(name) ?? {});
      for (const member of this.#properties(value)) {
        if (member.name === 'severity') {
          severity = this.#word(member.value, SEVERITIES);
          continue;
        }
        const option = known?.[member.name];
        const optionValue: unknown = getNodeValue(member.value);
        if (known !== undefined && option === undefined)
          this.#report(
            member.key,
            `${repeated(member.name, 'What stands here')} is no option of ${name}: use ${listed(['severity', ...Object.keys(known)])}.`,
          );
        else if (option !== undefined && typeof optionValue !== typeof option.default)
          this.#report(member.value, `A ${typeof option.default} is expected here.`);
        else options[member.name] = optionValue;
      }
      result[name] = { ...(severity === undefined ? {} : { severity }), options };
    }
    return result;
  }

  #properties(node: Node): readonly { readonly key: Node; readonly name: string; readonly value: Node }[] {
    if (node.type !== 'object') {
      this.#report(node, 'An object is expected here.');
      return [];
    }
    return (node.children ?? []).flatMap((property) => {
      const [key, value] = property.children ?? [];
      return key === undefined || value === undefined ? [] : [{ key, name: String(getNodeValue(key)), value }];
    });
  }

  #word<Word extends string>(node: Node, words: readonly Word[]): Word | undefined {
    const value: unknown = getNodeValue(node);
    return (
      words.find((word) => word === value) ??
      this.#report(node, `One of ${words.map((word) => `"${word}"`).join(', ')} is expected here.`)
    );
  }

  #report(node: Node, message: string): undefined {
    this.#problems.push({ message, span: { start: node.offset, end: node.offset + node.length } });
    return undefined;
  }
}

/** `a, b or c` */
function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
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
  if (folder === undefined) return settings;
  const { preset, startAfter, rules, database } = folder;
  return {
    ...settings,
    ...(preset === undefined ? {} : { preset }),
    ...(startAfter === undefined ? {} : { startAfter }),
    ...(database === undefined ? {} : { database }),
    ...(rules === undefined ? {} : { rules: { ...settings.rules, ...rules } }),
  };
}
