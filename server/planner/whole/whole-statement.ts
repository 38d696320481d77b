import type { Operation } from '../../model/operation.ts';
import type { Schema } from '../../model/schema.ts';

/** One statement of a migration's up half, as the planner of whole migrations gets it. */
export interface WholeStatement {
  /** Without its semicolon. */
  readonly text: string;
  readonly operations: readonly Operation[];
  readonly before: Schema;
  /** Operations that a finding objects to, and the recipe that makes each safe; none where no recipe is known. */
  readonly objections: readonly {
    readonly operation: Operation;
    readonly code: string;
    readonly message: string;
    readonly recipe?: string;
  }[];
  /** It is read in full and stands in the file as the database reads it, so that it may be taken out and moved. */
  readonly isMovable: boolean;
}
