import type { TypeName } from '../../model/type-name.ts';

/**
 * A value of the right type for rows that have none yet, by the affinity of the declared type.
 *
 * Source: https://www.sqlite.org/datatype3.html, section 3.1.
 */
export function placeholder(type: TypeName | undefined): string {
  if (type === undefined) return "''";
  const { name } = type;
  if (/int/i.test(name)) return '0';
  if (/char|clob|text/i.test(name)) return "''";
  if (/blob/i.test(name) || name === '') return "x''";
  return '0';
}
