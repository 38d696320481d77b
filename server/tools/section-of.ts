import type { Span } from '../core/span.ts';
import type { DocumentLayout, MigrationFile, Section } from '../model/migration.ts';

/** The section that holds one half of a migration: its document may hold those of others too. */
export function sectionOf(
  layout: Pick<DocumentLayout, 'sections'>,
  migration: Pick<MigrationFile, 'id'>,
  direction: 'up' | 'down',
): Section | undefined {
  return layout.sections.find(
    (section) =>
      section.direction === direction && (section.migration === undefined || section.migration === migration.id),
  );
}

/**
 * The part of a document that is about one migration: all of it, or from the end of the migration before it to the end
 * of its own last section.
 */
export function partOf(
  layout: Pick<DocumentLayout, 'sections'>,
  migration: Pick<MigrationFile, 'id'>,
  text: string,
): Span {
  const { sections } = layout;
  if (sections.every((section) => section.migration === undefined)) return { start: 0, end: text.length };
  const own = sections.filter((section) => section.migration === migration.id);
  const first = sections.findIndex((section) => section.migration === migration.id);
  const before = first <= 0 ? 0 : (sections[first - 1]?.span.end ?? 0);
  return { start: before, end: own.at(-1)?.span.end ?? before };
}
