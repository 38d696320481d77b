import type { Span } from '../../core/span.ts';
import type { Value } from '../csharp/call.ts';
import type { Cell } from './chain.ts';
import type { Conditions } from './migration-class.ts';

/** The type of a column: `AsString(50)`. */
export interface ColumnType {
  readonly method: string;
  readonly arguments: readonly Value[];
  readonly span: Span;
}

/** A table as a chain names it. */
export interface TableName {
  readonly schema: Value | undefined;
  readonly table: Value | undefined;
}

/** A column as a chain describes it. It is filled link by link, since what comes later is said of the same column. */
export interface Column {
  readonly name: Value | undefined;
  readonly isNew: boolean;
  type?: ColumnType;
  /** Undefined where nothing is said: a new column is then required, and one that is altered stays as it is. */
  nullable?: boolean;
  default?: Value;
  identity?: 'always' | 'by default';
  primaryKey?: { readonly name: Value | undefined; readonly span: Span };
  isUnique?: boolean;
  collation?: Value;
  computed?: { readonly sql: Value; readonly isStored: boolean };
  description?: Value;
  foreignKey?: ForeignKey;
}

export interface ForeignKey {
  readonly name: Value | undefined;
  from: TableName;
  columns: readonly (Value | undefined)[];
  to: TableName;
  principalColumns: readonly (Value | undefined)[];
  onDelete?: string;
  onUpdate?: string;
}

export interface IndexColumn {
  readonly name: Value | undefined;
  isDescending?: boolean;
  nulls?: 'FIRST' | 'LAST';
}

export interface Index extends TableName {
  readonly name: Value | undefined;
  readonly columns: readonly IndexColumn[];
  readonly isUnique: boolean;
  readonly isConcurrent: boolean;
  readonly isOnly: boolean;
  readonly method?: string;
  readonly included: readonly (Value | undefined)[];
  readonly filter?: Value;
}

/** Where an expression comes from. */
interface Origin {
  /** The chain. */
  readonly span: Span;
  /** Where words of it stand that the document does not write. */
  readonly made: Span;
  readonly certainty: 'certain' | 'may';
  readonly conditions: Conditions;
}

/** What FluentMigrator turns into commands, one after the other. Source: fluentmigrator/fluentmigrator, Expressions/. */
export type Expression = Origin &
  (
    | ({ readonly kind: 'create-table'; readonly columns: readonly Column[]; readonly description?: Value } & TableName)
    | ({ readonly kind: 'delete-table'; readonly ifExists: boolean } & TableName)
    | ({ readonly kind: 'rename-table'; readonly newName: Value | undefined } & TableName)
    | ({ readonly kind: 'move-table'; readonly newSchema: Value | undefined } & TableName)
    | ({ readonly kind: 'describe-table'; readonly description: Value | undefined } & TableName)
    | ({ readonly kind: 'create-column'; readonly column: Column } & TableName)
    | ({ readonly kind: 'alter-column'; readonly column: Column } & TableName)
    | ({ readonly kind: 'delete-columns'; readonly columns: readonly (Value | undefined)[] } & TableName)
    | ({
        readonly kind: 'rename-column';
        readonly name: Value | undefined;
        readonly newName: Value | undefined;
      } & TableName)
    | ({
        readonly kind: 'set-default';
        readonly column: Value | undefined;
        readonly value: Value | undefined;
      } & TableName)
    | ({ readonly kind: 'delete-default'; readonly column: Value | undefined } & TableName)
    | ({ readonly kind: 'create-index' } & Index)
    | ({
        readonly kind: 'delete-index';
        readonly name: Value | undefined;
        readonly columns: readonly (Value | undefined)[];
        readonly isConcurrent: boolean;
      } & TableName)
    /** `isInline`: of a column of a new table, which SQLite is told with the table. */
    | { readonly kind: 'create-foreign-key'; readonly key: ForeignKey; readonly isInline: boolean }
    | { readonly kind: 'delete-foreign-key'; readonly key: ForeignKey }
    | ({
        readonly kind: 'create-constraint' | 'delete-constraint';
        readonly constraint: 'PRIMARY KEY' | 'UNIQUE';
        readonly name: Value | undefined;
        readonly columns: readonly (Value | undefined)[];
      } & TableName)
    | { readonly kind: 'create-schema' | 'delete-schema'; readonly name: Value | undefined }
    | {
        readonly kind: 'create-sequence' | 'delete-sequence';
        readonly schema: Value | undefined;
        readonly name: Value | undefined;
        readonly options: ReadonlyMap<string, Value | undefined>;
      }
    | ({ readonly kind: 'insert'; readonly rows: readonly (readonly Cell[] | undefined)[] } & TableName)
    | ({
        readonly kind: 'update';
        readonly set: readonly Cell[] | undefined;
        /** `all`: of every row. */
        readonly where: readonly Cell[] | 'all' | undefined;
      } & TableName)
    | ({ readonly kind: 'delete-rows'; readonly rows: readonly (readonly Cell[] | undefined)[] | 'all' } & TableName)
    | { readonly kind: 'sql'; readonly sql: Value }
    | { readonly kind: 'unknown'; readonly reason: string; readonly place: Span }
  );
