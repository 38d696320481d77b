import type { Span } from '../core/span.ts';
import type { Expression, ExpressionTree } from './expression.ts';
import type { ObjectName } from './names.ts';
import type { TypeName } from './type-name.ts';

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

interface OperationBase {
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
  /** Syntax in the statement that older servers refuse, newest first. SQLite only. */
  readonly needs?: readonly VersionNeed[];
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
  /** PostgreSQL: columns that one of these relations must have; what may stand for something else is left out. */
  readonly needs?: readonly {
    readonly name: string;
    readonly qualifier?: string;
    readonly among: readonly ObjectName[];
  }[];
  /** PostgreSQL: a name that two things in FROM, or two common table expressions, have. */
  readonly twice?: string;
  /** Data-modifying common table expressions. */
  readonly writes: readonly (InsertRows | UpdateRows | DeleteRows | MergeRows)[];
  readonly hasWhere: boolean;
  readonly hasLimit: boolean;
}

export type ObjectKind =
  | 'table'
  | 'foreign-table'
  | 'view'
  | 'materialized-view'
  | 'index'
  | 'sequence'
  | 'type'
  | 'domain'
  | 'function'
  | 'procedure'
  | 'routine'
  | 'aggregate'
  | 'trigger'
  | 'event-trigger'
  | 'policy'
  | 'rule'
  | 'schema'
  | 'extension'
  | 'statistics'
  | 'cast'
  | 'collation'
  | 'conversion'
  | 'operator'
  | 'operator-class'
  | 'operator-family'
  | 'access-method'
  | 'server'
  | 'foreign-data-wrapper'
  | 'user-mapping'
  | 'language'
  | 'transform'
  | 'text-search'
  | 'publication'
  | 'subscription'
  | 'role'
  | 'database'
  | 'tablespace'
  | 'constraint'
  | 'column'
  | 'large-object'
  | 'owned'
  | 'parameter'
  | 'other';

export interface DropObjects extends OperationBase {
  readonly kind:
    | 'drop-table'
    | 'drop-index'
    | 'drop-view'
    | 'drop-materialized-view'
    | 'drop-sequence'
    | 'drop-type'
    | 'drop-function'
    | 'drop-trigger'
    | 'drop-policy'
    | 'drop-rule'
    | 'drop-schema'
    | 'drop-statistics'
    | 'drop-object';
  readonly objectKind: ObjectKind;
  readonly objects: readonly ObjectName[];
  /** The table of a trigger, policy or rule. */
  readonly relation?: ObjectName;
  readonly ifExists: boolean;
  readonly cascade: boolean;
  readonly concurrently: boolean;
  /** Argument types as written, for functions: `(integer, text)`; absent where not given. */
  readonly signatures?: readonly (string | undefined)[];
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

export interface CreateIndex extends OperationBase {
  readonly kind: 'create-index';
  /** Absent where PostgreSQL will choose one. */
  readonly name?: string;
  readonly nameSpan?: Span;
  readonly relation: ObjectName;
  readonly unique: boolean;
  readonly concurrently: boolean;
  readonly ifNotExists: boolean;
  /** `ON ONLY parent`. */
  readonly only: boolean;
  /** `btree`, `gin`, ... */
  readonly method: string;
  readonly elements: readonly IndexElement[];
  readonly include: readonly string[];
  readonly where?: Expression;
  readonly nullsNotDistinct?: boolean;
  readonly tablespace?: string;
  readonly storageParameters?: Readonly<Record<string, string>>;
}

export interface Reindex extends OperationBase {
  readonly kind: 'reindex';
  readonly target: 'index' | 'table' | 'schema' | 'database' | 'system';
  readonly object?: ObjectName;
  readonly concurrently: boolean;
  readonly tablespace?: string;
}

/** ALTER INDEX forms that ALTER TABLE does not have. */
export interface IndexAction extends OperationBase {
  readonly kind: 'attach-index-partition' | 'alter-index-depends';
  readonly index: ObjectName;
  readonly partition?: ObjectName;
}

export interface CreateView extends OperationBase {
  readonly kind: 'create-view' | 'create-materialized-view';
  readonly relation: ObjectName;
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly temporary: boolean;
  readonly recursive: boolean;
  /** Explicit column names. */
  readonly columns?: readonly string[];
  readonly withData: boolean;
  readonly query: Query;
}

export interface RefreshMaterializedView extends OperationBase {
  readonly kind: 'refresh-materialized-view';
  readonly relation: ObjectName;
  readonly concurrently: boolean;
  readonly withData: boolean;
}

export interface CreateType extends OperationBase {
  readonly kind: 'create-type';
  readonly name: ObjectName;
  readonly definition:
    | { readonly kind: 'enum'; readonly labels: readonly string[] }
    | {
        readonly kind: 'domain';
        readonly base: TypeName;
        readonly notNull: boolean;
        readonly default?: Expression;
        readonly constraints: readonly ConstraintDefinition[];
        readonly collation?: string;
      }
    | { readonly kind: 'composite'; readonly columns: readonly ColumnDefinition[] }
    | { readonly kind: 'range' | 'base' | 'shell' };
}

export interface AlterType extends OperationBase {
  readonly kind: 'alter-type-definition';
  readonly name: ObjectName;
  readonly action:
    | {
        readonly kind: 'add-value';
        readonly value: string;
        readonly before?: string;
        readonly after?: string;
        readonly ifNotExists: boolean;
      }
    | { readonly kind: 'rename-value'; readonly value: string; readonly newValue: string }
    | { readonly kind: 'domain-set-default' | 'domain-drop-default' | 'domain-set-not-null' | 'domain-drop-not-null' }
    | { readonly kind: 'domain-add-constraint'; readonly constraint: ConstraintDefinition }
    | {
        readonly kind: 'domain-drop-constraint';
        readonly constraint: string;
        readonly ifExists: boolean;
        readonly cascade: boolean;
      }
    | { readonly kind: 'domain-validate-constraint'; readonly constraint: string }
    | {
        readonly kind: 'add-attribute' | 'drop-attribute' | 'alter-attribute';
        readonly attribute: string;
        readonly type?: TypeName;
        readonly newName?: string;
        readonly cascade: boolean;
      }
    | { readonly kind: 'set-type-options' };
}

export interface CreateSequence extends OperationBase {
  readonly kind: 'create-sequence';
  readonly relation: ObjectName;
  readonly ifNotExists: boolean;
  readonly temporary: boolean;
  readonly unlogged?: true;
  readonly ownedBy?: { readonly relation: ObjectName; readonly column: string };
  readonly dataType?: TypeName;
  /** START WITH. */
  readonly start?: number;
}

export interface AlterSequence extends OperationBase {
  readonly kind: 'alter-sequence';
  readonly relation: ObjectName;
  readonly ifExists: boolean;
  /** `none` is OWNED BY NONE. */
  readonly ownedBy?: { readonly relation: ObjectName; readonly column: string } | 'none';
  readonly restart: boolean;
  readonly dataType?: TypeName;
}

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
  /** RETURNS SETOF. */
  readonly returnsSet?: true;
  /** It has OUT, INOUT or TABLE arguments. */
  readonly hasOutputs?: true;
  readonly returns?: TypeName;
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  readonly returnsTrigger: boolean;
  /** SECURITY DEFINER: it runs with the rights of its owner. */
  readonly securityDefiner?: true;
  /** SET search_path in its definition. */
  readonly setsSearchPath?: true;
  /** What its literal SQL would do when called; spans lie in this statement. */
  readonly body: readonly Operation[];
  /** The whole statement; absent where the database itself follows what the body names (BEGIN ATOMIC). */
  readonly sql?: string;
}

export interface CreateTrigger extends OperationBase {
  readonly kind: 'create-trigger';
  readonly name: string;
  readonly relation: ObjectName;
  readonly orReplace: boolean;
  readonly constraint: boolean;
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

export interface CreatePolicy extends OperationBase {
  readonly kind: 'create-policy' | 'alter-policy';
  readonly name: string;
  readonly relation: ObjectName;
  readonly using?: Expression;
  readonly check?: Expression;
}

export interface CreateRule extends OperationBase {
  readonly kind: 'create-rule';
  readonly name: string;
  readonly relation: ObjectName;
  readonly orReplace: boolean;
  readonly event: string;
  /** DO INSTEAD without a WHERE. */
  readonly instead: boolean;
  readonly body: readonly Operation[];
}

export interface CreateStatistics extends OperationBase {
  readonly kind: 'create-statistics';
  readonly name?: ObjectName;
  readonly relation: ObjectName;
  readonly columns: readonly string[];
  /** What a name that the server chooses is made of: names of columns, and `expr` for each expression. */
  readonly parts: readonly string[];
  readonly ifNotExists: boolean;
}

export interface CreateSchema extends OperationBase {
  readonly kind: 'create-schema';
  readonly name: string;
  readonly ifNotExists: boolean;
}

/** RENAME of anything but a table, column or constraint of a table. */
export interface RenameObject extends OperationBase {
  readonly kind: 'rename-object';
  readonly objectKind: ObjectKind;
  readonly object: ObjectName;
  /** The table of a trigger, policy, rule or domain constraint. */
  readonly relation?: ObjectName;
  readonly newName: string;
  readonly ifExists: boolean;
}

export interface SetObjectSchema extends OperationBase {
  readonly kind: 'set-object-schema';
  readonly objectKind: ObjectKind;
  readonly object: ObjectName;
  readonly schema: string;
  readonly ifExists: boolean;
}

/** OWNER TO of anything but a table-like relation. */
export interface SetOwner extends OperationBase {
  readonly kind: 'set-owner';
  readonly objectKind: ObjectKind;
  readonly object: ObjectName;
  readonly owner: string;
}

export interface Comment extends OperationBase {
  readonly kind: 'comment';
  readonly objectKind: ObjectKind;
  /** The object, or for a column, constraint, trigger, rule or policy its relation. */
  readonly object: ObjectName;
  readonly part?: string;
  /** Absent where the comment is taken away, and of a security label. */
  readonly text?: string;
  /** SECURITY LABEL. */
  readonly isLabel?: true;
}

export interface Grant extends OperationBase {
  readonly kind: 'grant' | 'revoke';
  readonly objectKind: ObjectKind;
  readonly objects: readonly ObjectName[];
  /** Roles as written; `PUBLIC` for all. Rights on objects only. */
  readonly grantees?: readonly string[];
  /** Rights on objects, upper case, with the columns that each is limited to; absent for ALL of whole objects. */
  readonly privileges?: readonly { readonly name: string; readonly columns: readonly string[] }[];
  /** WITH GRANT OPTION, or GRANT OPTION FOR. */
  readonly grantOption?: boolean;
}

/** CREATE or ALTER of an object that holds no rows and whose definition takes no lock on a user's relation. */
export interface OtherDefinition extends OperationBase {
  readonly kind: 'create-object' | 'alter-object';
  readonly objectKind: ObjectKind;
  readonly object?: ObjectName;
  readonly ifNotExists?: boolean;
  /** ALTER PUBLICATION: what happens to the tables that it names. */
  readonly publication?: 'add' | 'set' | 'drop';
  /** Relations that the statement names all the same, such as a publication's tables or ALTER STATISTICS' table. */
  readonly relations: readonly ObjectName[];
  readonly description: string;
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
  /** PostgreSQL: the first rows of VALUES. */
  readonly values?: readonly (readonly ExpressionTree[])[];
  readonly onConflict?: 'nothing' | 'update';
  /** PostgreSQL: what ON CONFLICT names, and what it then sets. */
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
  /** PostgreSQL: columns that are set as wholes, one by one. */
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
  readonly query: Query;
}

export interface CopyRows extends OperationBase {
  readonly kind: 'copy-rows';
  readonly relation?: ObjectName;
  readonly direction: 'from' | 'to';
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
}

export interface SetVariable extends OperationBase {
  readonly kind: 'set-variable';
  /** Lower case; `*` for RESET ALL and DISCARD. */
  readonly name: string;
  readonly values: readonly string[];
  readonly scope: 'session' | 'local';
  /** RESET or SET ... TO DEFAULT. */
  readonly toDefault: boolean;
}

export interface TransactionControl extends OperationBase {
  readonly kind: 'transaction-control';
  readonly action:
    | 'begin'
    | 'commit'
    | 'rollback'
    | 'savepoint'
    | 'release'
    | 'rollback-to'
    | 'prepare'
    | 'commit-prepared'
    | 'rollback-prepared';
  readonly savepoint?: string;
  /** SQLite: BEGIN DEFERRED, IMMEDIATE, EXCLUSIVE. */
  readonly mode?: string;
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
  /** CALL: the procedure. */
  readonly routine?: { readonly schema?: string; readonly name: string };
}

/** SQLite's PRAGMA. */
export interface Pragma extends OperationBase {
  readonly kind: 'pragma';
  readonly name: string;
  readonly value?: string;
}

/** Parsed, or not even that, but what it does cannot be known: dynamic SQL, a called procedure, psql commands. */
export interface Opaque extends OperationBase {
  readonly kind: 'opaque';
  readonly reason: string;
  /** It makes and drops nothing, so that what is known of the schema stays so. */
  readonly keepsSchema?: true;
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
