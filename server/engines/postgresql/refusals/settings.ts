import type { SetVariable } from '../../../model/operation.ts';
import type { Refusal } from '../../engine.ts';
import { isTruth } from '../never-taken.ts';
import { SETTINGS } from '../types/setting-data.ts';

interface Setting {
  readonly type: string;
  readonly isFixed: boolean;
  readonly since: number;
  readonly until: number;
}

let settings: ReadonlyMap<string, Setting> | undefined;

function readSettings(): ReadonlyMap<string, Setting> {
  return new Map(
    SETTINGS.trim()
      .split('\n')
      .map((line) => {
        const [name = '', type = '', ...rest] = line.split(' ');
        const mark = rest.find((word) => /^[@!]/.test(word)) ?? '';
        const setting: Setting = {
          type,
          isFixed: rest.includes('fixed'),
          since: Number(/@(\d+)/.exec(mark)?.[1] ?? 0),
          until: Number(/!(\d+)/.exec(mark)?.[1] ?? Number.POSITIVE_INFINITY),
        };
        return [name, setting] as const;
      }),
  );
}

/** What SET takes that `pg_settings` does not list. */
const UNLISTED =
  /^(?:\*|constraints|role|session_authorization|seed|transaction(?: \w+)?|session [\w ]+|names|time ?zone|xmloption|is_superuser)$/;

/** Settings that are times, which migrations set. */
const TIMES: ReadonlySet<string> = new Set([
  'lock_timeout',
  'statement_timeout',
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
  'transaction_timeout',
  'deadlock_timeout',
]);

/** SET of a setting that the server does not have, does not let a session change, or of a value that it does not take. */
export function refusedSetting({ name, values, toDefault, span }: SetVariable, version: number): Refusal | undefined {
  // A name with a dot is an extension's or one's own.
  if (name.includes('.') || UNLISTED.test(name)) return undefined;
  settings ??= readSettings();
  const setting = settings.get(name);
  const at = (message: string): Refusal => ({ span, message });
  if (setting === undefined) return at(`PostgreSQL has no setting "${name}".`);
  if (version < setting.since)
    return at(`PostgreSQL ${version} does not know the setting ${name}, which came with PostgreSQL ${setting.since}.`);
  if (version > setting.until)
    return at(`PostgreSQL ${version} does not know the setting ${name}, which went after PostgreSQL ${setting.until}.`);
  if (setting.isFixed) return at(`No session changes ${name}: it is in the server's configuration.`);
  const [value = ''] = values;
  if (toDefault || values.length !== 1) return undefined;
  if (setting.type === 'bool' && !isTruth(value)) return at(`${name} is true or false, not '${value}'.`);
  if (setting.type === 'integer' && !/^\s*[-+]?(?:\d|\.\d|0x)/i.test(value))
    return at(`${name} is a number, not '${value}'.`);
  if (TIMES.has(name) && !/^\s*[-+]?[\d.]+(?:e[-+]?\d+)?\s*(?:us|ms|s|min|h|d)?\s*$/i.test(value) && !/0x/i.test(value))
    return at(`${name} is a number with the unit us, ms, s, min, h or d, not '${value}'.`);
  return undefined;
}
