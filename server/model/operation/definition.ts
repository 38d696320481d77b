import type { Span } from '../../core/span.ts';
import type { Expression, ExpressionTree } from '../expression.ts';
import type { ObjectName } from '../names.ts';
import type { TypeName } from '../type-name.ts';

export interface ColumnDefinition {
  readonly name: string;
  readonly nameSpan: Span;
  readonly span: Span;
  /** Absent only in SQLite. */
  readonly type?: TypeName;
  /** Type word as written where it stands for more than a type: creates an owned sequence and a default. */
  readonly serial?: 'smallserial' | 'serial' | 'bigserial';
  readonly notNull?: {
    readonly span: Span;
    readonly name?: string;
    readonly noInherit?: boolean;
    readonly onConflict?: string;
  };
  readonly default?: Expression;
  readonly identity?: { readonly always: boolean };
  readonly generated?: { readonly expression: Expression; readonly stored: boolean };
  readonly collation?: string;
  readonly storage?: string;
  readonly compression?: string;
  /** Inline CHECK, UNIQUE, PRIMARY KEY and REFERENCES; `columns` already holds this column. */
  readonly constraints: readonly ConstraintDefinition[];
  /** SQLite: AUTOINCREMENT on the primary key. */
  readonly autoincrement?: boolean;
}

/** What every constraint may say. */
export interface DefinitionBase {
  /** Absent where the database will choose one. */
  readonly name?: string;
  readonly span: Span;
  /** Key columns; for `check` the columns that the expression names; for `not-null` one. */
  readonly columns: readonly string[];
  readonly notValid?: boolean;
  readonly notEnforced?: boolean;
  readonly deferrable?: boolean;
  readonly initiallyDeferred?: boolean;
  readonly noInherit?: boolean;
  /** SQLite: ON CONFLICT other than ABORT, upper case. */
  readonly onConflict?: string;
  /** SQLite: column behind which the constraint is written, and with which it goes. */
  readonly inlineOf?: string;
}

/** What a kind of constraint does not have, so that it may be asked of any. */
interface NoParts {
  readonly expression?: undefined;
  readonly references?: undefined;
  readonly usingIndex?: undefined;
  readonly include?: undefined;
  readonly nullsNotDistinct?: undefined;
  readonly period?: undefined;
  readonly method?: undefined;
  readonly elements?: undefined;
  readonly where?: undefined;
  readonly storageParameters?: undefined;
}

export interface CheckDefinition extends DefinitionBase, Omit<NoParts, 'expression'> {
  readonly kind: 'check';
  readonly expression?: Expression;
}

export interface ForeignKeyDefinition extends DefinitionBase, Omit<NoParts, 'references' | 'period'> {
  readonly kind: 'foreign-key';
  readonly references: {
    readonly relation: ObjectName;
    /** Empty: the referenced primary key. */
    readonly columns: readonly string[];
    readonly onDelete?: string;
    readonly onUpdate?: string;
    readonly match?: string;
  };
  /** PostgreSQL 18: the last column is a period (`PERIOD`). */
  readonly period?: boolean;
}

export interface NotNullDefinition extends DefinitionBase, NoParts {
  readonly kind: 'not-null';
}

export interface KeyDefinition extends DefinitionBase, Pick<NoParts, 'expression' | 'references'> {
  readonly kind: 'unique' | 'primary-key' | 'exclusion';
  /** `UNIQUE USING INDEX name` and `PRIMARY KEY USING INDEX name`. */
  readonly usingIndex?: string;
  readonly include?: readonly string[];
  readonly nullsNotDistinct?: boolean;
  /** PostgreSQL 18: the last key column is a period (`WITHOUT OVERLAPS`). */
  readonly period?: boolean;
  /** Exclusion constraints: access method and elements. */
  readonly method?: string;
  readonly elements?: readonly IndexElement[];
  readonly where?: Expression;
  readonly storageParameters?: Readonly<Record<string, string>>;
}

export type ConstraintDefinition = CheckDefinition | ForeignKeyDefinition | KeyDefinition | NotNullDefinition;

export interface IndexElement {
  readonly column?: string;
  readonly expression?: Expression;
  readonly collation?: string;
  readonly operatorClass?: string;
  readonly descending?: boolean;
  readonly nullsFirst?: boolean;
  /** Exclusion constraints only. */
  readonly operator?: string;
}

export interface PartitionKey {
  readonly strategy: 'range' | 'list' | 'hash';
  readonly elements: readonly IndexElement[];
}

export type PartitionBound =
  | { readonly kind: 'default' }
  | { readonly kind: 'list'; readonly values: readonly ExpressionTree[]; readonly text: string }
  | {
      readonly kind: 'range';
      readonly from: readonly ExpressionTree[];
      readonly to: readonly ExpressionTree[];
      readonly text: string;
    }
  | { readonly kind: 'hash'; readonly modulus: number; readonly remainder: number; readonly text: string };
