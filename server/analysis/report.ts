import type { AskedValue } from '../model/asked-value.ts';
import type { Range } from '../core/line-index.ts';
import type { FileChange } from '../core/ports.ts';
import type { Effect, LockMode, RelationKind } from '../model/effect.ts';
import type { EngineId } from '../model/engine-id.ts';
import type { TransactionRule } from '../model/migration.ts';
import type { RelationSize } from '../model/schema.ts';
import type { OperationKind } from '../model/operation.ts';
import type { Phase, Requirement } from '../planner/step.ts';
import type { Severity } from '../rules/rule.ts';

/*
 * Shapes of the JSON contract. Fields are added, never renamed.
 * Positions are LSP positions; paths are relative to the working directory with `/`.
 */

export interface FixSummary {
  readonly title: string;
  readonly kind: 'edit' | 'change';
  readonly safety: 'safe' | 'review';
}

export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly range: Range;
  readonly relation: string | null;
  /** Index of the statement in the file. */
  readonly statement: number;
  readonly docs: string;
  readonly fixes: readonly FixSummary[];
  readonly related: readonly { readonly path: string; readonly range: Range; readonly message: string }[];
}

export interface ReportedProblem {
  readonly kind: 'syntax' | 'not-analysed';
  readonly message: string;
  readonly range: Range;
}

export interface FileReport {
  readonly path: string;
  readonly tool: string;
  /** Null for a product that no engine reads: `unreadProduct` names it then, and nothing is analysed. */
  readonly dialect: EngineId | null;
  readonly unreadProduct?: string;
  readonly serverVersion: string;
  readonly phase: Phase | null;
  readonly findings: readonly Finding[];
  readonly problems: readonly ReportedProblem[];
}

export interface LintReport {
  readonly schemaVersion: number;
  readonly summary: {
    readonly files: number;
    readonly errors: number;
    readonly warnings: number;
    readonly infos: number;
    readonly notAnalysed: number;
  };
  readonly files: readonly FileReport[];
}

export interface ExplainedEffect {
  /** `public.t` */
  readonly relation: string;
  readonly relationKind: RelationKind;
  readonly lock: LockMode;
  readonly blocks: readonly ('reads' | 'writes' | 'ddl')[];
  readonly rewrite: boolean;
  readonly scan: boolean;
  /** `may`: not all of this is certain. */
  readonly certainty: 'certain' | 'may';
  /** Present where the lock is certain, and only whether the relation is read whole is not. */
  readonly scanCertainty?: 'may';
  readonly why: string;
  readonly source: string;
  /** With a connected database: estimated rows and bytes; of a partitioned table the sum of its partitions. */
  readonly size?: RelationSize;
  /** How long the rewrite or the reading takes on the connected database, and how that was worked out. */
  readonly estimate?: { readonly seconds: number; readonly how: string };
  /** Transactions that held the relation when the database was read, so that the statement would have waited for them. */
  readonly waitsFor?: readonly {
    readonly processId: number;
    readonly lock: LockMode;
    readonly ageSeconds: number;
    readonly text: string;
  }[];
}

/** One action of a statement. */
export interface ExplainedOperation {
  readonly kind: OperationKind;
  readonly relation: string | null;
  readonly range: Range;
  /** What this action adds to the statement's effects. */
  readonly effects: readonly ExplainedEffect[];
}

export interface ExplainedStatement {
  readonly range: Range;
  readonly text: string;
  readonly direction: 'up' | 'down';
  readonly analysed: boolean;
  /** Why it was not analysed. */
  readonly reason?: string;
  readonly operations: readonly ExplainedOperation[];
  /** Of the statement as a whole. */
  readonly effects: readonly ExplainedEffect[];
}

export interface ExplainedFile {
  readonly path: string;
  readonly tool: string;
  /** Null for a product that no engine reads: `unreadProduct` names it then, and nothing is analysed. */
  readonly dialect: EngineId | null;
  readonly unreadProduct?: string;
  readonly serverVersion: string;
  readonly transaction: TransactionRule;
  readonly statements: readonly ExplainedStatement[];
}

export interface ExplainReport {
  readonly schemaVersion: number;
  readonly files: readonly ExplainedFile[];
  /** What the pending migrations among the files hold by the end of each transaction, where the tool's own command runs several in one. */
  readonly transactions?: readonly ExplainedTransaction[];
}

/** One transaction of a run. */
export interface ExplainedTransaction {
  /** Ids, in the order of the run. */
  readonly migrations: readonly string[];
  /** Locks that are kept until its end, in the order in which they are taken. */
  readonly heldAtEnd: readonly HeldAtEnd[];
}

/** A lock that a transaction keeps until its end. */
export interface HeldAtEnd {
  readonly relation: string;
  readonly relationKind: Effect['relationKind'];
  readonly lock: LockMode;
  readonly blocks: Effect['blocks'];
  readonly certainty: Effect['certainty'];
  /** Id of the migration that takes it. */
  readonly migration: string;
}

/** The strongest lock that a step takes on a relation in use. */
export interface StepLock {
  /** With its schema; of SQLite's one lock, the database. */
  readonly relation: string;
  readonly lock: LockMode;
  readonly blocks: Effect['blocks'];
}

/** One remedy worked out in full: what each file would hold afterwards. */
export interface FixProposal extends FixSummary {
  readonly code: string;
  /** Range of the finding. */
  readonly range: Range;
  readonly steps: readonly {
    readonly phase: Phase;
    readonly title: string;
    readonly files: readonly string[];
    readonly requires: readonly Requirement[] | null;
    /** What others have to wait for while it runs. */
    readonly locks: readonly StepLock[];
  }[];
  readonly files: readonly FileChange[];
  /** Values that are still to be written into a step before it may run. */
  readonly values: readonly AskedValue[];
}

export interface FixReport {
  readonly schemaVersion: number;
  readonly fixes: readonly FixProposal[];
  readonly skipped: readonly SkippedFix[];
}

/** A remedy that could not be worked out, and why: a sentence. */
export interface SkippedFix {
  /** Document that it would be in; the command line's report has it. */
  readonly path?: string;
  readonly code: string;
  readonly reason: string;
}

/** A change that a person asked for, written out. */
export interface PlannedChange extends Pick<FixProposal, 'steps' | 'files' | 'values'> {
  /** Id in the headers of its steps. */
  readonly change: string;
  readonly title: string;
}
