import { escapePattern } from '../core/escape-pattern.ts';

/** What a database is for, from the least to the most protected. */
export const ENVIRONMENTS = ['development', 'staging', 'production'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** The environment on which nothing is written until a person has typed the database's name. */
export const PROTECTED: Environment = 'production';

/** The most protected of what several sources say, since each of them may be what keeps a person from a mistake; null where none says anything. */
export function strictest(...said: readonly (string | null | undefined)[]): Environment | null {
  return ENVIRONMENTS.findLast((environment) => said.includes(environment)) ?? null;
}

/**
 * What a comment on a database says that it is: `environment: production` (or `=`) anywhere in it, or the word alone.
 *
 * Shape: null where it says nothing of it.
 */
export function environmentInComment(comment: string | null): Environment | null {
  const words = ENVIRONMENTS.join('|');
  const [, word] =
    new RegExp(`\\benvironment\\s*[:=]\\s*["']?(${words})\\b`, 'i').exec(comment ?? '') ??
    new RegExp(`^\\s*(${words})\\s*$`, 'i').exec(comment ?? '') ??
    [];
  return strictest(word?.toLowerCase());
}

/** Whether a database's label, with or without its scheme and port, is what a pattern means: `*` is any text, `?` one character, case does not count. */
export function isNamedBy(pattern: string, label: string): boolean {
  const source = escapePattern(pattern).replaceAll('\\*', '.*').replaceAll('\\?', '.');
  const whole = new RegExp(`^${source}$`, 'is');
  const place = label.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  return [label, place].some((name) => whole.test(name) || whole.test(name.replace(/:\d+(?=\/|$)/, '')));
}

/** The name of a database that a person types to confirm what changes it: the last part of its label, which is never empty. */
export function databaseName(label: string): string {
  return label.split(/[\\/]/).findLast((part) => part !== '') ?? label;
}
