/**
 * SQLite 3.45, in the form of `Target.version`: what a migration is checked against unless it is told otherwise.
 *
 * The library is compiled into its user, so that there is no one version "out there"; 3.45.1 is what Ubuntu 24.04 LTS
 * ships and is older than what the current drivers of Node.js, Python and Go bundle. A younger default would let pass
 * what common hosts refuse, such as ALTER COLUMN ... SET NOT NULL, which came with 3.53.
 */
export const DEFAULT_VERSION = 3045;

/** Any SQLite 3: what a later one added is asked by its own version. */
export const VERSIONS = { oldest: 3000, newest: 3999 };

/** `3.54.1`, `3.54`, `3` -> 3054, 3054, 3000; undefined where it is no version. */
export function parseVersion(text: string): number | undefined {
  const match = /^\s*v?(\d{1,3})(?:\.(\d{1,3}))?(?:\.\d{1,3}){0,2}\s*$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * 1000 + Number(match[2] ?? 0);
}

/** 3054 -> `3.54`. */
export function formatVersion(version: number): string {
  return `${Math.floor(version / 1000)}.${version % 1000}`;
}
