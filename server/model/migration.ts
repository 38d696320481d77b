import type { Span } from '../core/span.ts';

/**
 * What wraps the statements when the tool runs them.
 *
 * `one`: the tool opens a transaction. `none`: each statement runs on its own. `implicit`: no transaction is opened, but
 * the text is sent as one string, so that more than one statement is one implicit transaction on PostgreSQL.
 */
export type TransactionRule = 'one' | 'none' | 'implicit';

/** One direction of one migration in one document. Spans are in the document; a BOM lies before the first. */
export interface Section {
  readonly direction: 'up' | 'down';
  readonly span: Span;
  readonly transaction: TransactionRule;
  /**
   * Which turn of the same text this is, where the tool runs some of what a text says after all of it; absent for the first,
   * in the order of the text.
   */
  readonly turn?: number;
  /** Where the marker stands that decides `transaction`, if any. */
  readonly markerSpan?: Span;
  /** Id of the migration whose half it is; absent where the document holds one migration alone. */
  readonly migration?: string;
  /** Where the tool itself cuts the section into what it sends at once; absent where that is what the SQL says. */
  readonly pieces?: readonly Span[];
  /** What the tool replaces before it sends the text, in order. */
  readonly placeholders?: readonly Placeholder[];
  /** Why only the tool itself may run this section: a sentence; absent where Lockstep may too. */
  readonly blocked?: string;
}

/** A name that a tool replaces by a value: `${schema}`. */
export interface Placeholder {
  readonly span: Span;
  readonly name: string;
  /** What the tool's own configuration says; undefined where nothing does, and the text cannot be run. */
  readonly value?: string;
}

/** What a document of a tool says about itself, read without SQL. */
export interface DocumentLayout {
  readonly sections: readonly Section[];
  readonly problems: readonly { readonly message: string; readonly span: Span }[];
}

/**
 * How a tool treats a migration. `repeatable`: runs again whenever its text changes, after all others. `baseline`: stands
 * for all up to its id on a database that has none of them, and is passed over elsewhere.
 */
export type MigrationKind = 'versioned' | 'repeatable' | 'baseline';

/**
 * One migration in the project's folder, in the tool's order. Paths are relative to the project's root, with `/`.
 *
 * A half is a path and, where `Section.migration` says so, the section of this id in it.
 */
export interface MigrationFile {
  readonly kind: MigrationKind;
  /** As the tool's history keeps it. */
  readonly id: string;
  readonly name: string;
  readonly upPath: string;
  /** Same as `upPath` where the tool keeps both halves in one file; undefined where there is no down half. */
  readonly downPath?: string;
}

/** The folder as read: migrations in order, and what is wrong with it (two files with one id, a down half alone). */
export interface MigrationFolder {
  readonly migrations: readonly MigrationFile[];
  readonly problems: readonly {
    readonly path: string;
    readonly message: string;
    /** A file that somebody wrote to be run would not be. */
    readonly stopsRuns?: boolean;
  }[];
  /** Files that go along with the documents: sums, journals, snapshots. */
  readonly sidecars?: readonly string[];
}
