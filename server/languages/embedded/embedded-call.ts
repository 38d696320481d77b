import type { MappedText } from '../../core/source-map.ts';
import type { Span } from '../../core/span.ts';

/** One use of what a migration written as a program changes the database by. Spans are those of the document. */
export interface EmbeddedCall {
  /** Of the whole statement of the program, as far as it is this call's. */
  readonly span: Span;
  /** The SQL that it sends; undefined where it is none that can be read. */
  readonly sql?: MappedText;
  /** Why it is not read; given where there is no `sql`. */
  readonly reason?: string;
  /** It may not run, or more than once. */
  readonly isConditional: boolean;
  /** It is a statement of its own, so that it can be taken out. */
  readonly isAlone: boolean;
}
