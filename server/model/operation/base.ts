import type { ExpressionTree } from '../expression.ts';
import type { TypeName } from '../type-name.ts';
import type { Span } from '../../core/span.ts';

/** What every operation says of its place. */
export interface OperationBase {
  /** The action's own range, relative to the statement's start. */
  readonly span: Span;
  /** `may` where a condition in a DO block or an exception handler decides whether it runs. */
  readonly certainty?: 'may';
  /** In a DO block: the statement of the block that it is part of. Those of one statement share it. */
  readonly within?: Span;
  /** In a DO block: the branches of conditions, loops and handlers that it stands in, the outermost first. */
  readonly branch?: readonly number[];
  /** In a DO block: it runs where this is not there yet, for a condition asks for it, or a handler passes over the error that it is there. */
  readonly unless?: GuardedObject;
  /** PostgreSQL refuses it inside a transaction block for what only the text shows: DISCARD ALL, CREATE SUBSCRIPTION with a slot. */
  readonly refusesTransaction?: true;
  /** Syntax in the statement that older servers refuse; at the first operation of the statement. */
  readonly needs?: readonly VersionNeed[];
  /** Why no server takes the statement, whatever its database holds; at its first operation. */
  readonly neverTaken?: string;
  /** In a block: why it fails wherever it runs. */
  readonly failsWhenRun?: string;
  /** Parts of objects that the statement names, which have to be there; at its first operation. */
  readonly mentions?: readonly Mention[];
  /** Routines, servers and the like that it names, which have to be there; at its first operation. */
  readonly namedObjects?: readonly NamedObject[];
}

/** Something of a relation that a statement names and no field of its operation does. */
export interface Mention {
  readonly relation: { readonly schema?: string; readonly name: string };
  readonly kind: 'column' | 'constraint' | 'trigger' | 'policy' | 'rule' | 'index';
  readonly names: readonly string[];
  /** PostgreSQL: a condition over the relation's rows. */
  readonly condition?: ExpressionTree;
}

/** A routine that a statement names with its argument types and that has to be there, or an object of a kind without a map. */
export interface NamedObject {
  readonly kind: 'routine' | 'server' | 'foreign-data-wrapper';
  readonly schema?: string;
  readonly name: string;
  /** Types of the input arguments; absent where none are written. */
  readonly types?: readonly TypeName[];
}

/** What a guarded statement makes. Columns, constraints, triggers and policies have a `relation`. */
export interface GuardedObject {
  readonly kind: 'relation' | 'index' | 'type' | 'schema' | 'column' | 'constraint' | 'trigger' | 'policy';
  readonly schema?: string;
  readonly name: string;
  readonly relation?: { readonly schema?: string; readonly name: string };
}

/** Syntax and the first version that has it, in the form of `Target.version`. */
export interface VersionNeed {
  readonly version: number;
  /** In words, to stand behind "needs": `RETURNING`, `generated columns`. */
  readonly feature: string;
  readonly span: Span;
}
