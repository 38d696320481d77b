import type { Operation } from '../../model/operation.ts';
import type { Schema } from '../../model/schema.ts';
import type { WholeStatement } from './whole-statement.ts';

/** One thing that a migration does, as a statement of its own: a whole statement, or one action of ALTER TABLE. */
export interface Unit {
  /** Index of the statement that it comes from. */
  readonly statement: number;
  /** Without its semicolon. */
  readonly text: string;
  /** Of `text`. */
  readonly operations: readonly Operation[];
  /** The operations in the statement that it comes from. */
  readonly written: readonly Operation[];
  readonly before: Schema;
  readonly objections: WholeStatement['objections'];
  /** Its constraint may be there already, which is passed over. */
  readonly isGuarded?: true;
}
