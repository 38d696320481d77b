import type { Span } from '../core/span.ts';
import type { EngineId } from '../model/engine-id.ts';

/** What a script is read with: an engine is one. */
export interface ScriptSplitter {
  readonly id: EngineId;
  split(text: string, within: Span): readonly { readonly text: string; readonly span: Span }[];
}

/** One statement of a script, as it is sent. */
export interface ScriptPiece {
  readonly text: string;
  /** Offset in the script. */
  readonly start: number;
  /** The migration whose row in the history decides whether it does anything; undefined for what makes the history itself. */
  readonly id?: string;
  /** Why the server cannot run it where it stands: a reason without a full stop. */
  readonly cannotRun?: string;
}

/** What of a script is committed together. `one`: a transaction that the script begins and ends itself. */
export interface ScriptUnit {
  readonly transaction: 'one' | 'none';
  readonly pieces: readonly ScriptPiece[];
}

/** A script that a tool made to be run more than once: each statement of a migration asks the history first. */
export interface GuardedScript {
  /** `up`: what the history does not have is applied. `down`: what it has is reverted. */
  readonly direction: 'up' | 'down';
  /** Migrations in the order of the script. */
  readonly ids: readonly string[];
  readonly history: {
    /** As the script writes it: SQL, qualified where that is. */
    readonly table: string;
    /** The column with the ids, as the script writes it. */
    readonly column: string;
    /** The table's own name, without quotes and schema. */
    readonly name: string;
    /** Undefined where the search path decides. */
    readonly schema?: string;
  };
  readonly units: readonly ScriptUnit[];
}

/** A script as read. `refused`: a sentence that says what it is and why it is not run on this database. */
export type ReadScript = { readonly guarded: GuardedScript } | { readonly refused: string };
