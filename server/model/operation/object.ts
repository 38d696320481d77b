import type { Span } from '../../core/span.ts';
import type { Expression } from '../expression.ts';
import type { ObjectName } from '../names.ts';
import type { TypeName } from '../type-name.ts';
import type { OperationBase } from './base.ts';
import type { ColumnDefinition, ConstraintDefinition, IndexElement } from './definition.ts';
import type { Query } from './rows.ts';

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
  /** The statement as written. */
  readonly sql?: string;
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
    | { readonly kind: 'domain-set-default'; readonly default: Expression }
    | { readonly kind: 'domain-drop-default' | 'domain-set-not-null' | 'domain-drop-not-null' }
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
  /** RESTART WITH. */
  readonly restartWith?: number;
  readonly dataType?: TypeName;
}

export interface CreatePolicy extends OperationBase {
  readonly kind: 'create-policy' | 'alter-policy';
  readonly name: string;
  readonly relation: ObjectName;
  readonly using?: Expression;
  readonly check?: Expression;
  /** The statement as written. */
  readonly sql?: string;
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
  /** ALL TABLES IN SCHEMA and the like: what of the schemas that `objects` names. */
  readonly allIn?: 'table' | 'sequence' | 'function' | 'other';
}

/** CREATE or ALTER of an object that holds no rows and whose definition takes no lock on a user's relation. */
export interface OtherDefinition extends OperationBase {
  readonly kind: 'create-object' | 'alter-object';
  readonly objectKind: ObjectKind;
  readonly object?: ObjectName;
  readonly ifNotExists?: boolean;
  /** CREATE EXTENSION ... SCHEMA. */
  readonly home?: string;
  /** What it needs and cannot be without: a server its wrapper, an operator or an event trigger its function. */
  readonly uses?: readonly { readonly kind: ObjectKind; readonly schema?: string; readonly name: string }[];
  /** ALTER PUBLICATION: what happens to the tables that it names. */
  readonly publication?: 'add' | 'set' | 'drop';
  /** CREATE and ALTER PUBLICATION: FOR ALL TABLES, the schemas of FOR TABLES IN SCHEMA, and `publish` where it is given. */
  readonly publishing?: {
    readonly isAll: boolean;
    /** null stands for CURRENT_SCHEMA. */
    readonly schemas: readonly (string | null)[];
    readonly changes?: readonly string[];
  };
  /** Columns that a publication names of each of `relations`, in a list or a row filter. */
  readonly publishedColumns?: readonly (readonly string[])[];
  /** Relations that the statement names all the same, such as a publication's tables or ALTER STATISTICS' table. */
  readonly relations: readonly ObjectName[];
  readonly description: string;
}
