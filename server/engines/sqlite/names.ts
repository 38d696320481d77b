import { KEYWORDS } from './syntax.ts';

/** A name as SQLite must write it: in double quotes where it is a keyword or no plain word. */
export function quoteName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !KEYWORDS.has(name.toUpperCase())
    ? name
    : `"${name.replaceAll('"', '""')}"`;
}

/** A text literal. */
export function quoteText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
