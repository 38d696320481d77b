import type { MigrationClass } from './migration-class.ts';
import { readMigrations } from './read-migrations.ts';

/** Documents whose classes are kept, so that a project is listed and linted by one reading: more than most projects have. */
const MOST_KEPT = 1_000;

const kept = new Map<string, readonly MigrationClass[]>();

/** The migration classes of a document; read once for each text. */
export function migrationsOf(text: string): readonly MigrationClass[] {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const read = readMigrations(text);
  const oldest = kept.size >= MOST_KEPT ? kept.keys().next().value : undefined;
  if (oldest !== undefined) kept.delete(oldest);
  kept.set(text, read);
  return read;
}
