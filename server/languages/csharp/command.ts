import type { SourcePiece } from '../../core/source-map.ts';
import type { Span } from '../../core/span.ts';
import { TextBuilder } from './text-builder.ts';
import type { Value } from './call.ts';

/** What one call sends to the database at once. */
export interface Command {
  readonly text: string;
  readonly map: readonly SourcePiece[];
  /** The call. */
  readonly span: Span;
  /** EF commits what is open before it and runs it without a transaction. */
  readonly isBare: boolean;
  /** What cannot be known of it; the text then stands for what can be. */
  readonly unknown: readonly { readonly reason: string; readonly span: Span }[];
  /** Whether it may not run at all. */
  readonly isMaybe: boolean;
  /** Where the document names what a command takes away that does not name it itself. */
  readonly places: readonly { readonly name: string; readonly span: Span }[];
}

/** What a command is beside its text. */
export type CommandFacts = Pick<Command, 'isMaybe' | 'places'>;

/** Writes a command: words of ours, and words of the document where they stand. */
export class CommandWriter {
  readonly #builder = new TextBuilder();
  readonly #made: Span;
  readonly #span: Span;
  readonly #quote: (name: string) => string;
  readonly #facts: CommandFacts;
  readonly #unknown: { reason: string; span: Span }[] = [];

  /** `made` is the place of words that no text of the document stands for. */
  constructor(
    span: Span,
    made: Span,
    quote: (name: string) => string,
    facts: CommandFacts = { isMaybe: false, places: [] },
  ) {
    this.#facts = facts;
    this.#span = span;
    this.#made = made;
    this.#quote = quote;
  }

  get length(): number {
    return this.#builder.length;
  }

  /** Words of ours. */
  add(text: string): this {
    this.#builder.add('made', text, this.#made.start, this.#made.end);
    return this;
  }

  /** SQL of the document, or a type. */
  source(value: Value): this {
    if (value.kind === 'text') {
      this.#builder.addAll(value.text.text, value.text.map ?? []);
      for (const hole of value.text.holes) {
        const piece = value.text.map?.find((candidate) => candidate.text.start === hole.start);
        this.unknown('part of this SQL is only known when the program runs', piece?.source ?? value.span);
      }
      return this;
    }
    this.unknown(`the SQL of ${shown(value)} is only known when the program runs`, value.span);
    return this;
  }

  /** A name; one that is not literal is written as the code that gives it. */
  name(value: Value | undefined): this {
    if (value?.kind === 'text' && value.text.holes.length === 0) {
      const { text, map } = value.text;
      const quoted = this.#quote(text);
      if (quoted === text) {
        this.#builder.addAll(text, map ?? []);
        return this;
      }
      // Between marks of one letter the name stands as it is.
      if (quoted.length === text.length + 2 && quoted.slice(1, -1) === text) {
        this.add(quoted.slice(0, 1));
        this.#builder.addAll(text, map ?? []);
        return this.add(quoted.slice(-1));
      }
      this.#builder.add('written', quoted, value.span.start, value.span.end);
      return this;
    }
    const source = value === undefined ? 'a name' : shown(value);
    const span = value?.span ?? this.#made;
    this.#builder.add('written', this.#quote(`{${source}}`), span.start, span.end);
    this.unknown(`the name ${source} is only known when the program runs`, span);
    return this;
  }

  /** A name that stands where another text of the document does. */
  nameAt(name: string, span: Span): this {
    this.#builder.add('written', this.#quote(name), span.start, span.end);
    return this;
  }

  /** Text that a value of the document was written as. */
  written(text: string, span: Span): this {
    this.#builder.add('written', text, span.start, span.end);
    return this;
  }

  /** A relation. A schema that is injected is the same everywhere, and no reason to know nothing. */
  relation(schema: Value | undefined, name: Value | undefined): this {
    if (schema !== undefined) {
      if (schema.kind === 'text' && schema.text.holes.length === 0) this.name(schema);
      else this.#builder.add('written', this.#quote(`{${shown(schema)}}`), schema.span.start, schema.span.end);
      this.add('.');
    }
    return this.name(name);
  }

  unknown(reason: string, span: Span): this {
    this.#unknown.push({ reason, span });
    return this;
  }

  done(isBare = false): Command {
    return { ...this.#builder.done(), ...this.#facts, span: this.#span, isBare, unknown: this.#unknown };
  }
}

/** A value as the document writes it, for people. */
export function shown(value: Value): string {
  switch (value.kind) {
    case 'text':
      return `"${value.text.text}"`;
    case 'number':
      return value.sql;
    case 'boolean':
      return String(value.value);
    case 'null':
      return 'null';
    case 'member':
      return value.name;
    case 'unknown':
      return value.source.length > 60 ? `${value.source.slice(0, 57)}...` : value.source;
    case 'new':
      return `new ${value.type}(...)`;
    case 'type':
      return value.name;
    default:
      return 'a value';
  }
}
