import { readDocument, type ReadDocument } from '../analysis/analyse.ts';
import { BAD_BYTE, badByteIn, badByteInEditor } from '../core/bad-bytes.ts';
import { fileLimit, headOf, readTooLarge } from '../analysis/file-limit.ts';
import type { Settings } from '../analysis/settings.ts';
import type { Engine } from '../engines/engine.ts';
import type { Language } from '../languages/language.ts';
import type { Directives } from '../model/directives.ts';
import type { DocumentLayout, MigrationFile, Section } from '../model/migration.ts';
import { Headers } from '../tools/headers.ts';
import { languageOf } from '../tools/language-of.ts';
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
  readonly engine: Engine;
  readonly settings: Settings;
  /** Documents of another folder, most of which are here too: what is the same there is not read again. */
  readonly base?: Documents;
}

/**
 * Texts of a folder's documents, those that an editor holds in place of what is on disk, each read once for each version.
 *
 * Paths are relative to the project's root.
 */
export class Documents {
  readonly #options: DocumentsOptions;
  readonly #headers = new Map<string, Headers>();
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

  /** What the disk holds now, files that go along with documents (`sidecars`) included; what is neither there nor in an editor is forgotten. */
  setDisk(texts: ReadonlyMap<string, string>, sidecars: readonly string[] = []): void {
    // A file beside a document may say how that is cut.
    const isCutAnew = sidecars.some((path) => this.#disk.get(path) !== texts.get(path));
    this.#disk = texts;
    this.#badOnDisk = new Set([...texts].flatMap(([path, text]) => (badByteIn(text) === undefined ? [] : [path])));
    for (const path of [...this.#headers.keys(), ...this.#loaded.keys()])
      if (isCutAnew || this.textOf(path) === undefined) this.#forget(path);
  }

  /** What an editor holds in place of the disk's, or the disk's again; whether the document's text is another one now. */
  setText(path: string, text: string | undefined): boolean {
    const before = this.textOf(path);
    if (text === undefined) this.#overlay.delete(path);
    else this.#overlay.set(path, text);
    const after = this.textOf(path);
    if (after === undefined) this.#forget(path);
    return after !== before;
  }

  /** What an editor holds in place of the disk's; undefined where nothing does. */
  heldText(path: string): string | undefined {
    return this.#overlay.get(path);
  }

  /** The version that was read last; undefined where none was. */
  known(path: string): LoadedDocument | undefined {
    return this.#loaded.get(path);
  }

  /** What a document says of itself, however large it is; undefined where there is none. */
  headersOf(path: string): Headers | undefined {
    const text = this.textOf(path);
    return text === undefined ? undefined : this.#headersOf(path, text);
  }

  /** The document as it is now. Errors: throws where there is none. */
  load(path: string): LoadedDocument {
    const text = this.textOf(path);
    if (text === undefined) throw new Error(`not a document of this project: ${path}`);
    const known = this.#loaded.get(path);
    const isBadOnDisk = this.#badOnDisk.has(path);
    if (known?.text === text && known.isBadOnDisk === isBadOnDisk) return known;
    const { project, engine, settings, base } = this.#options;
    if (base?.textOf(path) === text) return base.load(path);
    const limit = fileLimit(settings);
    const isTooLarge = text.length > limit;
    const headers = isTooLarge
      ? new Headers(project.format, path, headOf(text), engine.id)
      : this.#headersOf(path, text);
    const { layout, directives } = headers;
    const language = languageOf(project.format, path);
    const read = isTooLarge
      ? readTooLarge(text, layout, limit)
      : readDocument(
          engine,
          language,
          readableText(text, layout.sections),
          layout.sections,
          directives.allows,
          known?.read,
          text,
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
      parts: partsOf(headers),
    };
    this.#loaded.set(path, loaded);
    return loaded;
  }

  #headersOf(path: string, text: string): Headers {
    const known = this.#headers.get(path);
    if (known?.text === text) return known;
    const { project, engine, base } = this.#options;
    const shared = base?.textOf(path) === text ? base.headersOf(path) : undefined;
    const headers = shared ?? new Headers(project.format, path, text, engine.id);
    this.#headers.set(path, headers);
    return headers;
  }

  #forget(path: string): void {
    this.#headers.delete(path);
    this.#loaded.delete(path);
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

function partsOf(headers: Headers): readonly DocumentPart[] {
  const ids = [...new Set(headers.layout.sections.flatMap((section) => section.migration ?? []))];
  return ids.length === 0
    ? [{ directives: headers.directives }]
    : ids.map((migration) => ({ migration, directives: headers.directivesOf({ id: migration }) }));
}

/** What the headers of one migration say; of the whole document where it does not name the migration. */
export function directivesIn(document: LoadedDocument, migration: Pick<MigrationFile, 'id'>): Directives {
  return document.parts.find((part) => part.migration === migration.id)?.directives ?? document.directives;
}

/** Whether a section is a half of the migration. */
export function isHalfOf(section: Section, migration: Pick<MigrationFile, 'id'>): boolean {
  return section.migration === undefined || section.migration === migration.id;
}
