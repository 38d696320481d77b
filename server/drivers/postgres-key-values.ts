import { isParameter, parameterKind, type ParameterName, type ReadParameters } from './postgres-parameters.ts';
import { wrongPlace } from './postgres-url.ts';

const UNREADABLE =
  "This connection string cannot be read: write host=localhost dbname=app user=me, with a value that has spaces or quotes in single quotes (password='two words').";

/** Whether a text is libpq's `host=... dbname=...` and no URL. */
export function isKeyValues(text: string): boolean {
  const [, name = ''] = /^\s*([a-z_]+)\s*=/.exec(text) ?? [];
  return parameterKind(name) !== 'unknown';
}

/** Reads libpq's `host=localhost dbname='my app'`; a backslash keeps the next character as it is. */
export function readKeyValues(text: string): ReadParameters {
  const parameters = new Map<ParameterName, string>();
  const pair = /\s*([A-Za-z_]+)\s*=\s*(?:'((?:[^'\\]|\\[\s\S])*)'(?=\s|$)|((?:[^\s'\\]|\\[\s\S])*))\s*/y;
  while (pair.lastIndex < text.length) {
    const found = pair.exec(text);
    if (found === null) return { problem: UNREADABLE };
    const [, name = '', quoted, plain = ''] = found;
    // A word that is no parameter may be the rest of a password that has a space in it.
    if (parameterKind(name) === 'unknown') return { problem: UNREADABLE };
    const value = (quoted ?? plain).replaceAll(/\\([\s\S])/g, '$1');
    if (value.includes('\0')) return { problem: UNREADABLE };
    if (isParameter(name) && value !== '') parameters.set(name, value);
  }
  return wrongPlace(parameters) ? { problem: UNREADABLE } : { parameters };
}
