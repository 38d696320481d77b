import { readDocument, type ReadDocument } from '../analysis/analyse.ts';
import { BAD_BYTE, badByteIn, badByteInEditor } from '../core/bad-bytes.ts';
import { fileLimit, headOf, readTooLarge } from '../analysis/file-limit.ts';
import type { Settings } from '../analysis/settings.ts';
import type { Engine } from '../engines/engine.ts';
import type { Language } from '../languages/language.ts';
import { readDirectives, type Directives } from '../model/directives.ts';
import type { DocumentLayout, MigrationFile, Section } from '../model/migration.ts';
import { languageOf } from '../tools/language-of.ts';
import { onlyPart, partOf } from '../tools/section-of.ts';
import { readableText } from '../tools/sent-text.ts';
import type { ToolProject } from '../tools/tool.ts';

/** One version of one document, read: another text is another object, so that it serves as a key. */
export interface LoadedDocument {
  readonly text: string;
  /** Whether the file has bytes that are no UTF-8. */
  readonly isBadOnDisk: boolean;
  readonly language: Language;
  readonly layout: DocumentLayout;
  readonly directives: Directives;
  readonly read: ReadDocument;
  /** One for each migration that the document holds, in its order; a document of one migration is its only part. */
  readonly parts: readonly DocumentPart[];
}

/** What a document says of one migration. */
export interface DocumentPart {
  /** Absent where the document holds one migration alone. */
  readonly migration?: string;
  readonly directives: Directives;
}

export interface DocumentsOptions {
  readonly project: ToolProject;
  readonly dialect: Engine;
  readonly settings: Settings;
}

/**
 * Texts of a folder's documents, those that an editor holds in place of what is on disk, each read once for each version.
 *
 * Paths are relative to the project's root.
 */
export class Documents {
  readonly #options: DocumentsOptions;
  readonly #loaded = new Map<string, LoadedDocument>();
  readonly #overlay = new Map<string, string>();
  #disk: ReadonlyMap<string, string> = new Map();
  #badOnDisk: ReadonlySet<string> = new Set();

  constructor(options: DocumentsOptions) {
    this.#options = options;
  }

  textOf(path: string): string | undefined {
    return this.#overlay.get(path) ?? this.#disk.get(path);
  }

  /** Whether an editor holds the document. */
  isOpen(path: string): boolean {
    return this.#overlay.has(path);
  }

  /** What the disk holds now; what is neither there nor in an editor is forgotten. */
  setDisk(texts: ReadonlyMap<string, string>): void {
    this.#disk = texts;
    this.#badOnDisk = new Set([...texts].flatMap(([path, text]) => (badByteIn(text) === undefined ? [] : [path])));
    for (const path of this.#loaded.keys()) if (this.textOf(path) === undefined) this.#loaded.delete(path);
  }

  /** What an editor holds in place of the disk's, or the disk's again; whether the document's text is another one now. */
  setText(path: string, text: string | undefined): boolean {
    const before = this.textOf(path);
    if (text === undefined) this.#overlay.delete(path);
    else this.#overlay.set(path, text);
    const after = this.textOf(path);
    if (after === undefined) this.#loaded.delete(path);
    return after !== before;
  }

  /** The version that was read last; undefined where none was. */
  known(path: string): LoadedDocument | undefined {
    return this.#loaded.get(path);
  }

  /** The document as it is now. Errors: throws where there is none. */
  load(path: string): LoadedDocument {
    const text = this.textOf(path);
    if (text === undefined) throw new Error(`not a document of this project: ${path}`);
    const known = this.#loaded.get(path);
    const isBadOnDisk = this.#badOnDisk.has(path);
    if (known?.text === text && known.isBadOnDisk === isBadOnDisk) return known;
    const { project, dialect, settings } = this.#options;
    const limit = fileLimit(settings);
    const isTooLarge = text.length > limit;
    const readable = isTooLarge ? headOf(text) : text;
    const layout = project.format.layout(path, readable, dialect.id);
    const language = languageOf(project.format, path);
    const directives = readDirectives(readable);
    const read = isTooLarge
      ? readTooLarge(text, layout, limit)
      : readDocument(
          dialect,
          language,
          readableText(text, layout.sections),
          layout.sections,
          directives.allows,
          known?.read,
        );
    const bad = badByteInEditor(text, isBadOnDisk);
    const found = [
      ...(bad === undefined ? [] : [{ message: BAD_BYTE, span: { start: bad, end: bad + 1 } }]),
      ...cutStatements(project.tool.title, read),
    ];
    const loaded: LoadedDocument = {
      text,
      isBadOnDisk,
      language,
      layout: found.length === 0 ? layout : { ...layout, problems: [...layout.problems, ...found] },
      directives,
      read,
      parts: partsOf(text, layout, directives),
    };
    this.#loaded.set(path, loaded);
    return loaded;
  }
}

/** Statements that the tool sends in parts, since it cuts a text elsewhere than the database does. */
function cutStatements(tool: string, read: ReadDocument): DocumentLayout['problems'] {
  return read.statements.flatMap(({ section, source }) =>
    section.pieces?.some((piece) => piece.end > source.span.start && piece.end < source.span.end) === true
      ? [{ message: `${tool} cuts this statement in parts and sends each alone.`, span: source.span }]
      : [],
  );
}

function partsOf(text: string, layout: DocumentLayout, directives: Directives): readonly DocumentPart[] {
  const ids = [...new Set(layout.sections.flatMap((section) => section.migration ?? []))];
  return ids.length === 0
    ? [{ directives }]
    : ids.map((migration) => ({
        migration,
        directives: readDirectives(onlyPart(text, partOf(layout, { id: migration }, text))),
      }));
}

/** What the headers of one migration say; of the whole document where it does not name the migration. */
export function directivesIn(document: LoadedDocument, migration: Pick<MigrationFile, 'id'>): Directives {
  return document.parts.find((part) => part.migration === migration.id)?.directives ?? document.directives;
}

/** Whether a section is a half of the migration. */
export function isHalfOf(section: Section, migration: Pick<MigrationFile, 'id'>): boolean {
  return section.migration === undefined || section.migration === migration.id;
}
