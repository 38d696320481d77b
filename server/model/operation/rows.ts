import type { Span } from '../../core/span.ts';
import type { Expression, ExpressionTree } from '../expression.ts';
import type { ObjectName } from '../names.ts';
import type { QueryTree } from '../expression.ts';
import type { OperationBase } from './base.ts';
import type { IndexElement } from './definition.ts';

/** What a query reads and calls; names of common table expressions are left out. */
export interface Query {
  readonly text: string;
  readonly span: Span;
  /** Relations read, each once, subqueries included. `lock` is the strongest row lock clause on it. */
  readonly reads: readonly {
    readonly relation: ObjectName;
    readonly lock?: 'update' | 'no-key-update' | 'share' | 'key-share';
  }[];
  /** Column names that the query mentions, with the qualifier where written; `*` for a star. */
  readonly columns: readonly { readonly qualifier?: string; readonly name: string }[];
  /** Functions called, with their schema where written. */
  readonly functions: readonly { readonly schema?: string; readonly name: string }[];
  /** Output column names where the query gives them, in order; undefined where unknown. */
  readonly output: readonly (string | undefined)[];
  /** Columns that one of these relations must have; what may stand for something else is left out. */
  readonly needs?: readonly {
    readonly name: string;
    readonly qualifier?: string;
    readonly among: readonly ObjectName[];
    /** SQLite: where it stands in double quotes, so that it may be taken for a text. */
    readonly quoted?: Span;
  }[];
  /** PostgreSQL: a name that two things in FROM, or two common table expressions, have. */
  readonly twice?: string;
  /** Data-modifying common table expressions. */
  readonly writes: readonly (InsertRows | UpdateRows | DeleteRows | MergeRows)[];
  /** PostgreSQL: the query's parts; for INSERT those of its SELECT, for UPDATE and DELETE a query over their table. */
  readonly tree?: QueryTree;
  readonly hasWhere: boolean;
  readonly hasLimit: boolean;
}

export interface InsertRows extends OperationBase {
  readonly kind: 'insert-rows';
  readonly relation: ObjectName;
  readonly columns?: readonly string[];
  /** Number of VALUES rows; undefined for INSERT ... SELECT. */
  readonly rowCount?: number;
  /** What VALUES gives in each place, where all its rows were read; `some` where rows differ or it is no constant. */
  readonly given?: readonly ('null' | 'default' | 'value' | 'some')[];
  readonly query: Query;
  /** The first rows of VALUES. */
  readonly values?: readonly (readonly ExpressionTree[])[];
  readonly onConflict?: 'nothing' | 'update';
  /** What ON CONFLICT names, and what it then sets. */
  readonly conflict?: {
    readonly elements: readonly IndexElement[];
    readonly where?: ExpressionTree;
    readonly constraint?: string;
    readonly assignments: readonly Assignment[];
  };
  readonly orReplace?: boolean;
}

/** SET column = value. */
export interface Assignment {
  readonly column: string;
  readonly value: ExpressionTree;
}

export interface UpdateRows extends OperationBase {
  readonly kind: 'update-rows';
  readonly relation: ObjectName;
  readonly only: boolean;
  readonly columns: readonly string[];
  /** Columns that are set as wholes, one by one. */
  readonly assignments?: readonly Assignment[];
  readonly where?: Expression;
  readonly query: Query;
}

export interface DeleteRows extends OperationBase {
  readonly kind: 'delete-rows';
  readonly relation: ObjectName;
  readonly only: boolean;
  readonly where?: Expression;
  readonly query: Query;
}

export interface MergeRows extends OperationBase {
  readonly kind: 'merge-rows';
  readonly relation: ObjectName;
  readonly actions: readonly ('insert' | 'update' | 'delete' | 'nothing')[];
  /** Columns that it gives a value. */
  readonly columns?: readonly string[];
  readonly query: Query;
}

export interface CopyRows extends OperationBase {
  readonly kind: 'copy-rows';
  readonly relation?: ObjectName;
  readonly direction: 'from' | 'to';
  /** The program that sends the rows, where they come from whoever runs the statement. */
  readonly client?: string;
  readonly query?: Query;
}

export interface Truncate extends OperationBase {
  readonly kind: 'truncate';
  readonly relations: readonly { readonly relation: ObjectName; readonly only: boolean }[];
  readonly cascade: boolean;
  readonly restartIdentity: boolean;
}

export interface SelectRows extends OperationBase {
  readonly kind: 'select-rows';
  readonly query: Query;
}

export interface LockTable extends OperationBase {
  readonly kind: 'lock-table';
  readonly relations: readonly { readonly relation: ObjectName; readonly only: boolean }[];
  /** As pg_locks spells it: `AccessExclusiveLock`. */
  readonly mode: string;
  readonly noWait: boolean;
  /** Where nothing but the documentation of an extension says so: the extension and its function, in words. */
  readonly documented?: string;
}
