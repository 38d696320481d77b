import type { Constraint } from './schema.ts';

/**
 * What stands behind "the constraint" in a sentence: its name in quotes, or its columns where it has none, as most of
 * SQLite's.
 */
export function constraintTitle({ name, columns }: Pick<Constraint, 'name' | 'columns'>): string {
  if (name !== '') return `"${name}"`;
  return columns.length === 0 ? 'without a name' : `over ${columns.join(', ')}`;
}
