import { repeated } from '../core/redact.ts';
import { parseArgs } from 'node:util';
import { UsageError } from './exit-codes.ts';

type OptionType = { readonly type: 'string' | 'boolean'; readonly multiple?: boolean };

/** Options that every command takes. */
const COMMON = {
  cwd: { type: 'string' },
  config: { type: 'string' },
  dialect: { type: 'string' },
  'server-version': { type: 'string' },
  database: { type: 'string' },
  environment: { type: 'string' },
  format: { type: 'string' },
  color: { type: 'string' },
  verbose: { type: 'boolean' },
  help: { type: 'boolean' },
} as const satisfies Readonly<Record<string, OptionType>>;

/** A command's words, read. */
export interface Arguments {
  readonly positionals: readonly string[];
  text(name: string): string | undefined;
  list(name: string): readonly string[];
  flag(name: string): boolean;
  /** A whole number of 0 or more. */
  count(name: string): number | undefined;
  /** One of some words; the first where the option is absent. */
  choice<const Word extends string>(name: string, words: readonly [Word, ...Word[]]): Word;
}

/**
 * Reads a command's words: the common options and the command's own.
 *
 * Errors: throws `UsageError` for what is unknown, missing its value or not allowed.
 */
export function readArguments(words: readonly string[], own: Readonly<Record<string, OptionType>> = {}): Arguments {
  let values: Readonly<Record<string, unknown>>;
  let positionals: readonly string[];
  try {
    const parsed = parseArgs({
      args: [...words],
      allowPositionals: true,
      strict: true,
      options: Object.fromEntries(
        Object.entries({ ...COMMON, ...own }).map(([name, option]) => [
          name,
          { type: option.type, ...('multiple' in option && option.multiple === true ? { multiple: true } : {}) },
        ]),
      ),
    });
    values = parsed.values;
    positionals = parsed.positionals;
  } catch (cause) {
    const message = cause instanceof Error ? (cause.message.split('. ')[0] ?? '') : String(cause);
    throw new UsageError(`${message.replace(/^./, (first) => first.toLowerCase())}: see "lockstep --help"`);
  }
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    positionals,
    text,
    list: (name) => {
      const value = values[name];
      return Array.isArray(value) ? value.map(String) : [];
    },
    flag: (name) => values[name] === true,
    count: (name) => {
      const value = text(name);
      if (value === undefined) return undefined;
      if (!/^\d+$/.test(value))
        throw new UsageError(`--${name} takes a whole number, not ${repeated(value)}: correct it`);
      return Number(value);
    },
    choice: (name, choices) => {
      const value = text(name) ?? choices[0];
      const found = choices.find((choice) => choice === value);
      if (found === undefined)
        throw new UsageError(`--${name} takes ${choices.join(', ')}, not ${repeated(value)}: correct it`);
      return found;
    },
  };
}
