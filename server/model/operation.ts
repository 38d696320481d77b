import type { ExpressionTree, Expression } from './expression.ts';
import type { ObjectName } from './names.ts';
import type { OperationBase } from './operation/base.ts';
import type {
  AlterSequence,
  AlterType,
  Comment,
  CreateIndex,
  CreatePolicy,
  CreateSchema,
  CreateSequence,
  CreateStatistics,
  CreateType,
  CreateView,
  DropObjects,
  Grant,
  IndexAction,
  OtherDefinition,
  RefreshMaterializedView,
  Reindex,
  RenameObject,
  SetObjectSchema,
  SetOwner,
} from './operation/object.ts';
import type {
  CopyRows,
  DeleteRows,
  InsertRows,
  LockTable,
  MergeRows,
  SelectRows,
  Truncate,
  UpdateRows,
} from './operation/rows.ts';
import type { Opaque, Pragma, SetVariable, TransactionControl } from './operation/session.ts';
import type { CreateTable, CreateTableAs, TableAction, TableActionBase, TableActionDetail } from './operation/table.ts';
import type { TypeName } from './type-name.ts';

// What holds operations of its own (bodies, planned statements) stands in this file; all else is told apart in the folder.
export type * from './operation/base.ts';
export type * from './operation/definition.ts';
export type * from './operation/object.ts';
export type * from './operation/rows.ts';
export type * from './operation/session.ts';
export type * from './operation/table.ts';

/**
 * What one statement, or one action of it, does. Every migration language is lowered to this union.
 *
 * A multi-action ALTER TABLE is one statement with many operations, each with its own `span`. All spans in an operation
 * are relative to its statement's start. What cannot be lowered is `opaque`, never left out.
 */
export type Operation =
  | CreateTable
  | CreateTableAs
  | DropObjects
  | TableAction
  | CreateIndex
  | Reindex
  | IndexAction
  | CreateView
  | RefreshMaterializedView
  | CreateType
  | AlterType
  | CreateSequence
  | AlterSequence
  | CreateFunction
  | CreateTrigger
  | CreatePolicy
  | CreateRule
  | CreateStatistics
  | CreateSchema
  | RenameObject
  | SetObjectSchema
  | SetOwner
  | Comment
  | Grant
  | OtherDefinition
  | InsertRows
  | UpdateRows
  | DeleteRows
  | MergeRows
  | CopyRows
  | Truncate
  | SelectRows
  | LockTable
  | SetVariable
  | TransactionControl
  | Maintenance
  | Pragma
  | Opaque;

/** Words by which an operation is known in JSON and in rules. */
export type OperationKind = Operation['kind'];

export interface CreateFunction extends OperationBase {
  readonly kind: 'create-function';
  readonly name: ObjectName;
  readonly procedure: boolean;
  readonly orReplace: boolean;
  readonly language: string;
  /** Input argument types, in order. */
  readonly argumentTypes: readonly TypeName[];
  /** Names of the input arguments, empty where there is none. */
  readonly argumentNames?: readonly string[];
  /** Number of the last arguments that have a default. */
  readonly defaults?: number;
  /** Its last argument is VARIADIC. */
  readonly variadic?: true;
  /** RETURNS SETOF. */
  readonly returnsSet?: true;
  /** It has OUT, INOUT or TABLE arguments. */
  readonly hasOutputs?: true;
  /** These, in order. */
  readonly outputs?: readonly { readonly name: string; readonly type: TypeName }[];
  readonly returns?: TypeName;
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  readonly returnsTrigger: boolean;
  /** SECURITY DEFINER: it runs with the rights of its owner. */
  readonly securityDefiner?: true;
  /** SET search_path in its definition. */
  readonly setsSearchPath?: true;
  /** What its literal SQL would do when called; spans lie in this statement. */
  readonly body: readonly Operation[];
  /** The statement as written. */
  readonly sql?: string;
  /** The database itself follows what the body names (BEGIN ATOMIC). */
  readonly isFollowed?: true;
}

export interface CreateTrigger extends OperationBase {
  readonly kind: 'create-trigger';
  readonly name: string;
  readonly relation: ObjectName;
  readonly orReplace: boolean;
  readonly constraint: boolean;
  /** It waits for the end of the transaction by itself. */
  readonly initiallyDeferred?: true;
  /** FROM table of a constraint trigger. */
  readonly from?: ObjectName;
  readonly timing: 'before' | 'after' | 'instead-of';
  readonly events: readonly ('insert' | 'update' | 'delete' | 'truncate')[];
  readonly updateColumns: readonly string[];
  readonly forEachRow: boolean;
  readonly function?: ObjectName;
  readonly when?: Expression;
  readonly ifNotExists?: boolean;
  readonly temporary?: boolean;
  /** SQLite: the statements between BEGIN and END. */
  readonly body?: readonly Operation[];
  /** The whole statement. */
  readonly sql?: string;
}

export interface CreateRule extends OperationBase {
  readonly kind: 'create-rule';
  readonly name: string;
  readonly relation: ObjectName;
  readonly orReplace: boolean;
  readonly event: string;
  /** DO INSTEAD without a WHERE. */
  readonly instead: boolean;
  /** The WHERE, as a query that asks for it. */
  readonly condition?: readonly Operation[];
  readonly body: readonly Operation[];
  /** The statement as written. */
  readonly sql?: string;
}

export interface Maintenance extends OperationBase {
  readonly kind:
    | 'vacuum'
    | 'analyze'
    | 'cluster'
    | 'checkpoint'
    | 'discard'
    | 'notify'
    | 'call'
    | 'attach-database'
    | 'detach-database'
    | 'prepare'
    | 'execute'
    | 'explain'
    | 'cursor';
  readonly relations: readonly ObjectName[];
  /** What EXPLAIN without ANALYZE, PREPARE and DECLARE CURSOR plan and do not run. */
  readonly planned?: readonly Operation[];
  readonly full?: boolean;
  readonly index?: string;
  /** CALL: the procedure, and what it is called with. */
  readonly routine?: { readonly schema?: string; readonly name: string };
  readonly call?: ExpressionTree;
}

/** One action as an operation. */
export function tableActionOf(base: TableActionBase, action: TableActionDetail): TableAction {
  // The kind is the action's own, which is all that the type asks; the compiler does not follow it through the union.
  return { ...base, kind: action.kind, action } as TableAction;
}

/** Whether an operation is one action of an ALTER TABLE (or of a statement that shares its grammar). */
export function isTableAction(operation: Operation): operation is TableAction {
  return 'head' in operation;
}
