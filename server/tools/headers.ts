import type { Span } from '../core/span.ts';
import { directiveLines, directivesOfLines, type DirectiveLine, type Directives } from '../model/directives.ts';
import type { EngineId } from '../model/engine-id.ts';
import type { DocumentLayout, MigrationFile, Section } from '../model/migration.ts';
import type { Format } from './format.ts';
import { partOf, sectionOf } from './section-of.ts';

/**
 * What one version of a document says about its statements: how its tool cuts it, and Lockstep's own lines. Each is read
 * once, when it is first asked for; nothing else reads either.
 */
export class Headers {
  readonly path: string;
  readonly text: string;
  readonly #format: Pick<Format, 'layout'>;
  readonly #dialect: EngineId;
  readonly #lines: readonly DirectiveLine[];
  /** What all of the document's lines say. */
  readonly directives: Directives;
  #layout: DocumentLayout | undefined;

  constructor(format: Pick<Format, 'layout'>, path: string, text: string, dialect: EngineId) {
    this.#format = format;
    this.path = path;
    this.text = text;
    this.#dialect = dialect;
    this.#lines = directiveLines(text);
    this.directives = directivesOfLines(this.#lines);
  }

  get layout(): DocumentLayout {
    this.#layout ??= this.#format.layout(this.path, this.text, this.#dialect, this.directives);
    return this.#layout;
  }

  /** The section that holds one half of a migration. */
  section(migration: Pick<MigrationFile, 'id'>, direction: Section['direction']): Section | undefined {
    return sectionOf(this.layout, migration, direction);
  }

  /** What the lines of one migration say: those of its own part, where the document holds several. */
  directivesOf(migration: Pick<MigrationFile, 'id'>): Directives {
    // Documents without any line need not be cut to see it.
    if (this.#lines.length === 0 || !this.layout.sections.some((section) => section.migration === migration.id))
      return this.directives;
    return this.directivesWithin(partOf(this.layout, migration, this.text));
  }

  /** What the lines in a part of the document say. */
  directivesWithin({ start, end }: Span): Directives {
    const lines = this.#lines.filter(({ span }) => span.start >= start && span.end <= end);
    return lines.length === this.#lines.length ? this.directives : directivesOfLines(lines);
  }
}
