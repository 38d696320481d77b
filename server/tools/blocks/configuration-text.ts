import { escapePattern } from '../../core/escape-pattern.ts';
import { ENGINE_IDS, type EngineId } from '../../model/engine-id.ts';

/** Value of `name = value` or `name: value` in a line of its own, quotes taken off; undefined where no line says it. */
export function settingIn(text: string, name: string): string | undefined {
  const escaped = escapePattern(name);
  const match = new RegExp(`^[ \\t]*["']?${escaped}["']?[ \\t]*[=:][ \\t]*(.+?)[ \\t]*,?[ \\t]*\\r?$`, 'm').exec(text);
  return match?.[1]?.replace(/^(["'])(.*?)\1.*$/, '$2');
}

/** Text of a section `[name]` of a TOML or INI file; empty where there is none. */
export function sectionIn(text: string, name: string): string {
  const escaped = escapePattern(name);
  const match = new RegExp(`^[ \\t]*\\[${escaped}\\][ \\t]*\\r?$`, 'm').exec(text);
  if (match === null) return '';
  const rest = text.slice(match.index + match[0].length);
  const end = rest.search(/^[ \t]*\[/m);
  return end < 0 ? rest : rest.slice(0, end);
}

/** A literal property of an object in a TypeScript or JavaScript file, which is not run: `out: './drizzle'`. */
export function literalIn(text: string, name: string): string | undefined {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  return new RegExp(`(?:^|[{,\\s])["']?${name}["']?\\s*:\\s*(["'\`])([^"'\`$]*)\\1`).exec(code)?.[2];
}

/** Path that a configuration file in `folder` names, relative to the root; undefined where it leads out of the root. */
export function pathFrom(folder: string, path: string): string | undefined {
  const parts = path.startsWith('/') ? [] : folder.split('/').filter((part) => part !== '');
  for (const part of path.replaceAll('\\', '/').split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** The database that a tool's name for it means; undefined for one that Lockstep does not know. */
export function dialectNamed(name: string | undefined): EngineId | undefined {
  if (name === undefined) return undefined;
  return ENGINE_IDS.find((id) => KNOWN_NAMES[id].test(name));
}

/** The product that all of some names mean; of several, each for an environment, none is chosen. `isOther`: one that no engine reads. */
export function onlyProduct(names: readonly string[]): { readonly dialect?: EngineId; readonly isOther?: true } {
  const dialects = new Set(names.map((name) => dialectNamed(name)));
  const [dialect] = dialects;
  if (dialects.size !== 1) return {};
  return dialect === undefined ? { isOther: true } : { dialect };
}

/** How tools name the products, and what is one of them under another name. */
const KNOWN_NAMES: Readonly<Record<EngineId, RegExp>> = {
  postgresql: /^(?:aurora-)?(?:postgres|postgresql|postgis|pg|cockroach)/i,
  sqlite: /^(?:(?:better-)?sqlite|spatialite|sqljs|turso|libsql|d1|expo|cordova|capacitor|react-native|nativescript)/i,
};
