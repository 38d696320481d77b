import type { Span } from '../../core/span.ts';
import type { Expression } from '../expression.ts';
import type { ObjectName } from '../names.ts';
import type { TypeName } from '../type-name.ts';
import type { OperationBase } from './base.ts';
import type { ColumnDefinition, ConstraintDefinition, PartitionBound, PartitionKey } from './definition.ts';
import type { Query } from './rows.ts';

export interface CreateTable extends OperationBase {
  readonly kind: 'create-table';
  readonly relation: ObjectName;
  readonly ifNotExists: boolean;
  readonly persistence: 'permanent' | 'temporary' | 'unlogged';
  readonly columns: readonly ColumnDefinition[];
  readonly constraints: readonly ConstraintDefinition[];
  readonly like: readonly { readonly relation: ObjectName; readonly including: readonly string[] }[];
  readonly inherits: readonly ObjectName[];
  readonly partitionBy?: PartitionKey;
  readonly partitionOf?: { readonly parent: ObjectName; readonly bound: PartitionBound };
  readonly ofType?: ObjectName;
  readonly foreignServer?: string;
  readonly accessMethod?: string;
  readonly tablespace?: string;
  readonly storageParameters?: Readonly<Record<string, string>>;
  readonly onCommit?: 'drop' | 'delete-rows';
  /** SQLite. */
  readonly withoutRowid?: boolean;
  readonly strict?: boolean;
  readonly virtualModule?: string;
}

export interface CreateTableAs extends OperationBase {
  readonly kind: 'create-table-as';
  readonly relation: ObjectName;
  readonly ifNotExists: boolean;
  readonly persistence: 'permanent' | 'temporary' | 'unlogged';
  readonly columns?: readonly string[];
  readonly onCommit?: 'drop' | 'delete-rows';
  readonly withData: boolean;
  readonly query: Query;
}

/**
 * One action of ALTER TABLE (or of ALTER VIEW, ALTER INDEX and the like where they share its grammar). Its `kind` is its
 * action's: whoever asks for one knows the other.
 */
export type TableAction = TableActionOf<TableActionDetail>;

type TableActionOf<Detail> = Detail extends TableActionDetail
  ? TableActionBase & { readonly kind: Detail['kind']; readonly action: Detail }
  : never;

/** What every action of a table has beside what it does. */
export interface TableActionBase extends OperationBase {
  readonly relation: ObjectName;
  /** What the statement's head calls it: `ALTER TABLE` on a view or index is allowed. */
  readonly head: 'table' | 'foreign-table' | 'view' | 'materialized-view' | 'index' | 'sequence';
  /** `ALTER TABLE IF EXISTS`. */
  readonly ifExists: boolean;
  /** `ALTER TABLE ONLY`. */
  readonly only: boolean;
}

export type TableActionDetail =
  | { readonly kind: 'add-column'; readonly column: ColumnDefinition; readonly ifNotExists: boolean }
  | {
      readonly kind: 'drop-column';
      readonly column: string;
      readonly columnSpan: Span;
      readonly ifExists: boolean;
      readonly cascade: boolean;
    }
  | { readonly kind: 'rename-column'; readonly column: string; readonly columnSpan: Span; readonly newName: string }
  | {
      readonly kind: 'alter-type';
      readonly column: string;
      readonly columnSpan: Span;
      readonly type: TypeName;
      readonly collation?: string;
      readonly using?: Expression;
    }
  | { readonly kind: 'set-default'; readonly column: string; readonly columnSpan: Span; readonly default: Expression }
  | { readonly kind: 'drop-default'; readonly column: string; readonly columnSpan: Span }
  | { readonly kind: 'set-not-null'; readonly column: string; readonly columnSpan: Span }
  | { readonly kind: 'drop-not-null'; readonly column: string; readonly columnSpan: Span }
  | {
      readonly kind: 'set-expression';
      readonly column: string;
      readonly columnSpan: Span;
      readonly expression: Expression;
    }
  | { readonly kind: 'drop-expression'; readonly column: string; readonly columnSpan: Span; readonly ifExists: boolean }
  | {
      readonly kind: 'add-identity';
      readonly column: string;
      readonly columnSpan: Span;
      readonly always: boolean /** START WITH. */;
      readonly start?: number;
    }
  | {
      readonly kind: 'alter-identity';
      readonly column: string;
      readonly columnSpan: Span /** False where only GENERATED ALWAYS or BY DEFAULT is set. */;
      readonly changesSequence?: boolean /** GENERATED ALWAYS or BY DEFAULT where either is set. */;
      readonly always?: boolean;
      readonly restart?: true;
    }
  | { readonly kind: 'drop-identity'; readonly column: string; readonly columnSpan: Span; readonly ifExists: boolean }
  | { readonly kind: 'set-statistics'; readonly column: string }
  | { readonly kind: 'set-storage'; readonly column: string; readonly storage: string }
  | { readonly kind: 'set-compression'; readonly column: string; readonly method: string }
  | { readonly kind: 'set-column-options'; readonly column: string; readonly reset: boolean }
  | { readonly kind: 'add-constraint'; readonly constraint: ConstraintDefinition }
  | {
      readonly kind: 'drop-constraint';
      readonly constraint: string;
      readonly constraintSpan: Span;
      readonly ifExists: boolean;
      readonly cascade: boolean;
    }
  | { readonly kind: 'rename-constraint'; readonly constraint: string; readonly newName: string }
  | { readonly kind: 'validate-constraint'; readonly constraint: string; readonly constraintSpan: Span }
  | {
      readonly kind: 'alter-constraint';
      readonly constraint: string;
      readonly deferrable?: boolean;
      readonly initiallyDeferred?: boolean;
      readonly enforced?: boolean;
      readonly noInherit?: boolean;
    }
  | { readonly kind: 'rename-table'; readonly newName: string; readonly newNameSpan: Span }
  | { readonly kind: 'set-table-schema'; readonly schema: string }
  | { readonly kind: 'attach-partition'; readonly partition: ObjectName; readonly bound: PartitionBound }
  | {
      readonly kind: 'detach-partition';
      readonly partition: ObjectName;
      readonly mode: 'plain' | 'concurrently' | 'finalize';
    }
  | { readonly kind: 'set-logged' | 'set-unlogged' }
  | { readonly kind: 'set-tablespace'; readonly tablespace: string }
  | { readonly kind: 'set-access-method'; readonly method: string }
  /** `values` are those that are set, as texts. */
  | {
      readonly kind: 'set-storage-parameters' | 'reset-storage-parameters';
      readonly names: readonly string[];
      readonly values?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'cluster-on' | 'set-without-cluster'; readonly index?: string }
  | {
      readonly kind: 'replica-identity';
      readonly mode: 'default' | 'full' | 'nothing' | 'index';
      readonly index?: string;
    }
  | { readonly kind: 'change-owner'; readonly owner: string }
  | { readonly kind: 'row-security'; readonly mode: 'enable' | 'disable' | 'force' | 'no-force' }
  | {
      readonly kind: 'toggle-trigger';
      readonly enabled: boolean;
      readonly target: 'one' | 'all' | 'user';
      readonly trigger?: string;
    }
  | { readonly kind: 'toggle-rule'; readonly enabled: boolean; readonly rule: string }
  | { readonly kind: 'inherit' | 'no-inherit'; readonly parent: ObjectName }
  | { readonly kind: 'of-type'; readonly type: ObjectName }
  | { readonly kind: 'not-of-type' }
  | { readonly kind: 'other-table-action'; readonly description: string };
