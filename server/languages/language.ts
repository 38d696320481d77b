import type { TextEdit } from '../core/edit.ts';
import type { Span } from '../core/span.ts';
import type { Engine, StatementBody, StatementText } from '../engines/engine.ts';

/** Something that is said of a document as the program that it is, beside what is said of its SQL. */
export interface Remark {
  /** Code of the rule that documents it. */
  readonly code: string;
  /** In the document. */
  readonly span: Span;
  /** The words that it is about as a whole, as in `StatementText.from`. */
  readonly from?: Span;
  readonly message: string;
  /** Instead of the rule's own. */
  readonly severity?: 'error' | 'warning' | 'info' | 'hint';
}

/** A part of a document with the statements that were found in it. */
export interface SplitText {
  readonly text: string;
  readonly within: Span;
  readonly statements: readonly StatementText[];
}

/**
 * How migrations are written: statements of an engine in a document, and edits and steps written back into one.
 *
 * All members are pure, and none throws on any input. Positions in a statement are relative to its own text; whoever
 * shows one turns it into a place in the document by `inDocument`, and whoever writes one by `Language.edit`.
 */
export interface Language {
  readonly id: string;
  readonly title: string;
  /** Begins a comment that ends with the line: that is how directives are written. */
  readonly commentMark: string;
  /** A line that stands behind each statement of a script, which otherwise do not run as one; a semicolon where absent. */
  readonly batchMark?: string;
  /**
   * Statements of a part of a document. `previous` is the same part of the version before, which may save work and changes
   * no result. `turn` picks what of the part runs in one turn, where the tool runs it in several.
   */
  split(engine: Engine, text: string, within: Span, previous?: SplitText, turn?: number): readonly StatementText[];
  /** What is said of a document beside its statements; left out by languages that are SQL. */
  remarks?(engine: Engine, text: string): readonly Remark[];
  /** What a statement means to the engine. The same text with the same `notation` means the same. */
  read(engine: Engine, statement: StatementText): StatementBody;
  /** An edit of a statement's text as an edit of its document; undefined where it cannot be written there. */
  edit(statement: StatementText, edit: TextEdit): TextEdit | undefined;
  /**
   * What goes when a whole statement is taken out of a document: its terminator and its line with it. Undefined where it
   * cannot go alone.
   */
  removal(text: string, statement: StatementText): Span | undefined;
  /** Offset before which a line with a comment about the statement may be put; undefined where none can stand. */
  commentPlace(text: string, statement: StatementText): number | undefined;
  /** The SQL of a step as the body of a document's section. */
  step(sql: string, transaction: 'one' | 'none'): string;
}
