import { ASSIGNED, CASTS } from './cast-data.ts';
import type { ValueType } from './value-type.ts';

const TEXTS = new Set(['text', 'varchar', 'bpchar']);

/**
 * Whether a value of one type becomes one of another where a statement assigns it: a default, INSERT, ALTER COLUMN ... TYPE
 * without USING; undefined where it is not known.
 *
 * Source: PostgreSQL manual, "CREATE CAST" and "Value Storage"; `pg_cast`.
 */
export function isAssignable(from: ValueType, to: ValueType): boolean | undefined {
  if (from.name === 'unknown') return undefined;
  if (from.isArray !== to.isArray) {
    // Whatever has a text form becomes text.
    if (!to.isArray && TEXTS.has(to.name)) return true;
    // What has its own way of becoming an array, or of taking one, is not known here.
    return from.enum === undefined && to.enum === undefined && isOwn(from.name, to.name) ? undefined : false;
  }
  if (from.enum !== undefined || to.enum !== undefined) {
    if (from.enum === to.enum) return true;
    return to.enum === undefined && TEXTS.has(to.name);
  }
  if (from.name === to.name || TEXTS.has(to.name)) return true;
  return ASSIGNED.has(`${from.name}>${to.name}`);
}

/** Types that are vectors themselves. */
function isOwn(from: string, to: string): boolean {
  return [from, to].some((name) => /vector$|^char$|^name$/.test(name));
}

/**
 * Whether a cast that is written out turns a value of one type into one of another; undefined where it is not known.
 *
 * Source: PostgreSQL manual, "CREATE CAST": what is of a text type becomes anything by its text form, and the other way round.
 */
export function isCastable(from: ValueType, to: ValueType): boolean | undefined {
  if (from.name === 'unknown') return undefined;
  if ([from, to].some((type) => !type.isArray && (TEXTS.has(type.name) || type.name === 'name'))) return true;
  if (from.isArray !== to.isArray)
    return from.enum === undefined && to.enum === undefined && isOwn(from.name, to.name) ? undefined : false;
  if (from.isArray) return isCastable({ ...from, isArray: false }, { ...to, isArray: false });
  if (from.enum !== undefined || to.enum !== undefined) return from.enum === to.enum;
  if (from.name === to.name || CASTS.has(`${from.name}>${to.name}`)) return true;
  // Whole numbers become bytea from 18 on, and the other way round; what the registers of names take differs by type.
  return [from, to].some(({ name }) => name === 'bytea' || name.startsWith('reg')) ? undefined : false;
}
