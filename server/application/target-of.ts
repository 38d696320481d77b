import type { Settings } from '../analysis/settings.ts';
import type { Engine, Target } from '../engines/engine.ts';

/** What says which server a project's migrations run on, the surest first. */
export interface TargetSources {
  /** `--server-version`: counts even where a database is connected. */
  readonly named?: string;
  /** Of the project's folder in the configuration. */
  readonly folder?: string;
  /** Of the whole configuration, which may hold projects of several engines. */
  readonly all?: string;
  readonly timeZone?: Settings['timeZone'];
}

/** A version that a person gave and that is none of the engine's: a sentence that says which are. */
export interface WrongVersion {
  readonly source: 'named' | 'folder' | 'all';
  readonly message: string;
}

/** The server that a project is checked for; a version that is given and is none is passed over, and told. */
export function targetOf(
  engine: Engine,
  sources: TargetSources,
): { readonly target: Target; readonly isNamed: boolean; readonly wrong: readonly WrongVersion[] } {
  const wrong: WrongVersion[] = [];
  let version: number | undefined;
  let isNamed = false;
  for (const source of ['named', 'folder', 'all'] as const) {
    const text = sources[source];
    if (text === undefined) continue;
    const parsed = engine.parseVersion(text);
    const { oldest, newest } = engine.versions;
    if (parsed === undefined || parsed < oldest || parsed > newest) {
      wrong.push({
        source,
        message: `"${text}" is no version that Lockstep knows of ${engine.id}: use ${engine.formatVersion(oldest)} to ${engine.formatVersion(newest)}.`,
      });
      continue;
    }
    version ??= parsed;
    isNamed ||= source === 'named';
  }
  return {
    target: { version: version ?? engine.defaultVersion, timeZone: sources.timeZone ?? 'unknown' },
    isNamed,
    wrong,
  };
}
