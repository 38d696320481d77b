import type { PersistentMap } from '../core/persistent-map.ts';
import type { Expression } from './expression.ts';
import type { IndexElement, Operation, PartitionBound, PartitionKey } from './operation.ts';
import type { Product } from './product.ts';
import type { TypeName } from './type-name.ts';

/** A fact that may not be known: `unknown` is never treated as `false`. */
export type Known<Value> = Value | 'unknown';

/** Name among `Schema.others` of what ALTER DEFAULT PRIVILEGES leaves behind: new objects have other rights than they say. */
export const DEFAULT_PRIVILEGES = 'default privileges';

/** Which migration made an object, or that the connected database already has it. */
export interface Origin {
  /** Id of the migration, in the tool's own form; undefined for an object read from a catalog. */
  readonly migration?: string;
  /** Index of the file in the folded order; -1 for a catalog. */
  readonly fileIndex: number;
}

/**
 * State of a database before or after a statement: folded from migrations, or read from a catalog.
 *
 * Immutable. Keys of the maps come from `objectKey(schema, name)`. PostgreSQL keeps tables, views, indexes, sequences and
 * composite types in one name space; here `relations`, `indexes` and `sequences` are apart, and a name stands in one only.
 * An object that is in no map does not exist where `isComplete`, and is unknown otherwise.
 */
export interface Schema {
  readonly product: Product;
  /** Whether this is all there is: a catalog, or a history known to start from an empty database. */
  readonly isComplete: boolean;
  readonly relations: PersistentMap<Relation>;
  readonly indexes: PersistentMap<Index>;
  readonly sequences: PersistentMap<Sequence>;
  readonly types: PersistentMap<UserType>;
  /** Key: `objectKey(schema, name)`; overloads are one entry each in `overloads`. */
  readonly functions: PersistentMap<FunctionObject>;
  readonly schemas: PersistentMap<SchemaObject>;
  /** Keys (`objectKey`) of objects that were dropped, so that "never created here" and "gone" differ. */
  readonly dropped: PersistentMap<Origin>;
  readonly session: Session;
  /** Extensions that migrations made: what they bring is not listed. */
  readonly extensions?: readonly string[];
  /** Schemas that migrations put extensions into, by the extension's name. */
  readonly extensionSchemas?: Readonly<Record<string, string>>;
  /** Objects of kinds that have no map here and that migrations made: `operator ===`, `collation by_bytes`. */
  readonly others?: ReadonlySet<string>;
  /** What each of `others` needs: `server far` the `foreign-data-wrapper wire`, `event-trigger watch` the `function public.seen`. */
  readonly otherUses?: Readonly<Record<string, readonly string[]>>;
  /** PostgreSQL: keys of the tables that each publication names. */
  readonly publications?: Readonly<Record<string, readonly string[]>>;
  /** PostgreSQL: what else is known of each publication; absent for one that nothing made. */
  readonly publishing?: Readonly<Record<string, Publishing>>;
  /** What points at what, so that no look-up scans. Kept by the fold; `lookup.ts` works it out where it is absent. */
  readonly links?: Links;
  /** BEGIN and SAVEPOINT that still stand, oldest first, with the schema to go back to. Kept by the fold. */
  readonly transactions?: readonly OpenTransaction[];
}

/** What points at one object: keys of the objects that do. */
export interface IncomingLinks {
  /** Indexes on a relation. */
  readonly indexes: readonly string[];
  /** Sequences owned by a relation's columns. */
  readonly sequences: readonly string[];
  /** Relations with a foreign key to it. */
  readonly referencing: readonly string[];
  /** Partitions and inheritance children of a relation; attached indexes of a partitioned index. */
  readonly children: readonly string[];
  /** Views that read a relation; relations whose columns or triggers use a sequence, type or function. */
  readonly dependants: readonly string[];
}

/**
 * Reverse directions of the pointers in a schema.
 *
 * `incoming` is keyed by `objectKey` for relations, indexes and sequences, by `typeLinkKey` and `functionLinkKey` for the
 * others. `constraintNames` counts constraints by `objectKey(schema, constraint)`, because PostgreSQL chooses names that
 * are free in the whole schema. `foldedNames` gives SQLite's keys by their lower-case form.
 */
export interface Links {
  readonly incoming: PersistentMap<IncomingLinks>;
  readonly constraintNames: PersistentMap<number>;
  readonly foldedNames: PersistentMap<string>;
  /** Temporary tables, views and sequences. */
  readonly temporaryKeys: readonly string[];
  /** Relations with a rule whose statements are known. */
  readonly ruledKeys: readonly string[];
}

/** A BEGIN (no name) or SAVEPOINT. */
export interface OpenTransaction {
  readonly savepoint?: string;
  readonly schema: Schema;
  /** Of the file that opened it: it does not outlive the file. */
  readonly fileIndex: number;
}

/** Session state that statements of the same file set and later ones depend on. */
export interface Session {
  /** First entry is where new objects go. */
  readonly searchPath: readonly string[];
  /** `unknown` until something sets it; PostgreSQL only. */
  readonly timeZone: Known<string>;
  /** SQLite: PRAGMA foreign_keys. */
  readonly foreignKeys: Known<boolean>;
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Statements that made an object what it is, as they were written, oldest first.
 *
 * Absent where they are not known, or where what they name has another name since. `Engine.isSameDefinition` compares two.
 */
export type Definition = readonly string[];

/** What migrations said last of one privilege of one role on an object. */
export interface Right {
  /** Upper case. */
  readonly privilege: string;
  /** As in `ColumnGrant`. */
  readonly grantee: string;
  readonly isHeld: boolean;
  /** It was taken before any migration gave it, so that whether the role had it then is not known. */
  readonly isUnsure?: true;
}

/** What every relation has. */
export interface RelationBase {
  readonly schema: string;
  readonly name: string;
  readonly origin: Origin;
  readonly persistence: 'permanent' | 'temporary' | 'unlogged';
  /** In catalog order. */
  readonly columns: readonly Column[];
  /** False where columns may exist that are not listed: a table that no migration created, CREATE TABLE AS, a star. */
  readonly columnsKnown: boolean;
  readonly constraints: readonly Constraint[];
  /** Whether constraints, triggers and policies may exist that are not listed. */
  readonly detailsKnown: boolean;
  readonly triggers: readonly Trigger[];
  readonly policies: readonly string[];
  /** PostgreSQL: columns of the table that its policies name; one of `policies` that is not here is not known. */
  readonly policyColumns?: Readonly<Record<string, readonly string[]>>;
  /** PostgreSQL: what made each policy; one of `policies` that is not here is not known. */
  readonly policyDefinitions?: Readonly<Record<string, Definition>>;
  /** PostgreSQL: what stands elsewhere and names columns of the table in a way that the database follows. */
  readonly trackedBy?: readonly TrackedUser[];
  /** PostgreSQL: functions that its policies, rules and conditions of triggers call, or that a view calls. */
  readonly calls?: readonly CallingPart[];
  readonly rules: readonly string[];
  /** PostgreSQL: what rules add to statements, or put in their place; one of `rules` that is not here is not known. */
  readonly ruleActions?: readonly RuleAction[];
  readonly rowSecurity: boolean;
  /** PostgreSQL: FORCE ROW LEVEL SECURITY; absent where no migration says. */
  readonly forcedRowSecurity?: boolean;
  readonly rights?: readonly Right[];
  /** Keys of inheritance parents that are not partitioned tables. */
  readonly inherits: readonly string[];
  /** Views and materialized views: keys of relations read, and the columns of each where known. */
  readonly dependsOn: readonly { readonly key: string; readonly columns: Known<readonly string[]> }[];
  /** PostgreSQL: names of extended statistics on it. */
  readonly statistics?: readonly string[];
  readonly accessMethod?: string;
  /** PostgreSQL: that of a foreign table. */
  readonly server?: string;
  readonly tablespace?: string;
  readonly replicaIdentity?: string;
  readonly clusterIndex?: string;
  /** PostgreSQL: what the last OWNER TO of a migration says; absent where none does, and it is whoever made it. */
  readonly owner?: string;
  /** Catalog only. */
  readonly size?: RelationSize;
}

/** What a table alone has. */
interface TableParts {
  readonly partitionOf?: { readonly parentKey: string; readonly bound: PartitionBound };
  /** PostgreSQL: key of the composite type of a table made OF it. */
  readonly ofType?: string;
  /** PostgreSQL: a temporary table that goes when its transaction is committed. */
  readonly goesAtCommit?: true;
  /** SQLite. */
  readonly withoutRowid?: boolean;
  readonly strict?: boolean;
  readonly virtualModule?: string;
  /** SQLite: the CREATE statement as sqlite_schema keeps it. */
  readonly sql?: string;
}

/** What a kind of relation does not have, so that it may be asked of any. */
type Without<Parts> = { readonly [Part in keyof Parts]?: undefined };

export interface Table
  extends RelationBase,
    TableParts,
    Without<{ readonly partitionKey: unknown; readonly viewText: unknown; readonly definition: unknown }> {
  readonly kind: 'table' | 'foreign-table';
}

export interface PartitionedTable extends RelationBase, TableParts {
  readonly kind: 'partitioned-table';
  /** Absent where it is not known. */
  readonly partitionKey?: PartitionKey;
  readonly viewText?: undefined;
  readonly definition?: undefined;
}

export interface View extends RelationBase, Without<Omit<TableParts, 'sql'>> {
  readonly kind: 'view' | 'materialized-view';
  readonly viewText?: string;
  readonly definition?: Definition;
  readonly partitionKey?: undefined;
  /** SQLite: the CREATE statement as sqlite_schema keeps it. */
  readonly sql?: string;
}

export type Relation = Table | PartitionedTable | View;

/** Whether a relation is a table of any kind, so that it may be a partition or of a type. */
export function isAnyTable(relation: Relation): relation is Table | PartitionedTable {
  return relation.kind !== 'view' && relation.kind !== 'materialized-view';
}

/** Estimated size of a relation that holds rows. */
export interface RelationSize {
  readonly rows: number;
  /** Indexes and TOAST included. */
  readonly bytes: number;
  /** The parts of `bytes`, where the database tells them apart: rows in place, values stored apart, indexes. */
  readonly heapBytes?: number;
  readonly toastBytes?: number;
  readonly indexBytes?: number;
}

export interface Column {
  readonly name: string;
  readonly type?: TypeName;
  /** Of a view's column that is worked out: its type without a length, which only the view's own replacement asks for. */
  readonly computedType?: TypeName;
  readonly notNull: boolean;
  readonly default?: Expression;
  readonly identity?: 'always' | 'by-default';
  readonly generated?: { readonly expression: Expression; readonly stored: boolean };
  readonly collation?: string;
  readonly storage?: string;
  readonly compression?: string;
  /** SQLite: AUTOINCREMENT, and ON CONFLICT of NOT NULL where it is not ABORT. */
  readonly autoincrement?: boolean;
  readonly notNullConflict?: string;
  readonly origin: Origin;
  /** Own definition rather than inherited only. */
  readonly isLocal: boolean;
  readonly comment?: string;
  /** Privileges on the column alone; absent where there are none. */
  readonly grants?: readonly ColumnGrant[];
}

/** One privilege of one role. `grantee` is the role's name, `PUBLIC` for everybody. */
export interface ColumnGrant {
  readonly privilege: string;
  readonly grantee: string;
  readonly grantable: boolean;
}

/** What every constraint has. */
export interface ConstraintBase {
  readonly name: string;
  /** Key columns; for a check the columns that it names; for NOT NULL one. */
  readonly columns: readonly string[];
  readonly comment?: string;
  readonly validated: boolean;
  readonly enforced: boolean;
  readonly deferrable: boolean;
  readonly initiallyDeferred: boolean;
  readonly noInherit: boolean;
  readonly isLocal: boolean;
  /** SQLite: column behind which the constraint is written, and with which it goes. */
  readonly inlineOf?: string;
  readonly origin: Origin;
}

/** What a kind of constraint does not have, so that it may be asked of any. */
interface NoParts {
  readonly expression?: undefined;
  readonly references?: undefined;
  readonly index?: undefined;
  readonly period?: undefined;
  readonly onConflict?: undefined;
  readonly elements?: undefined;
}

export interface CheckConstraint extends ConstraintBase, Omit<NoParts, 'expression' | 'onConflict'> {
  readonly kind: 'check';
  /** Absent where it is not known: what DETACH PARTITION CONCURRENTLY leaves. */
  readonly expression?: Expression;
  /** SQLite: ON CONFLICT other than ABORT, upper case. */
  readonly onConflict?: string;
}

export interface ForeignKeyConstraint extends ConstraintBase, Omit<NoParts, 'references' | 'period'> {
  readonly kind: 'foreign-key';
  readonly references: {
    readonly key: string;
    readonly schema: string;
    readonly name: string;
    readonly columns: readonly string[];
    readonly onDelete?: string;
    readonly onUpdate?: string;
    readonly match?: string;
  };
  readonly period?: boolean;
}

export interface KeyConstraint extends ConstraintBase, Pick<NoParts, 'expression' | 'references'> {
  readonly kind: 'primary-key' | 'unique' | 'exclusion';
  /** Name of the index that backs it. */
  readonly index?: string;
  readonly period?: boolean;
  /** SQLite: ON CONFLICT other than ABORT, upper case; key elements with an order or collation. */
  readonly onConflict?: string;
  readonly elements?: readonly IndexElement[];
}

export interface NotNullConstraint extends ConstraintBase, NoParts {
  readonly kind: 'not-null';
}

export type Constraint = CheckConstraint | ForeignKeyConstraint | KeyConstraint | NotNullConstraint;

export interface Index {
  readonly schema: string;
  readonly name: string;
  /** Key of the table or materialized view. */
  readonly relationKey: string;
  readonly unique: boolean;
  readonly primary: boolean;
  /** Name of the constraint that owns it. */
  readonly constraint?: string;
  readonly exclusion: boolean;
  readonly valid: boolean;
  readonly method: string;
  readonly elements: readonly IndexElement[];
  readonly include: readonly string[];
  readonly where?: Expression;
  readonly nullsNotDistinct: boolean;
  /** Key of the partitioned index that it is attached to. */
  readonly parentKey?: string;
  /** An index on a partitioned table holds no rows of its own. */
  readonly isPartitioned: boolean;
  readonly tablespace?: string;
  /** `WITH (fillfactor = 70)` as texts; absent where there is none. */
  readonly storageParameters?: Readonly<Record<string, string>>;
  readonly comment?: string;
  readonly origin: Origin;
}

/** What CREATE SCHEMA makes. */
export interface SchemaObject {
  readonly name: string;
  readonly rights?: readonly Right[];
  readonly origin: Origin;
}

export interface Sequence {
  readonly schema: string;
  readonly name: string;
  readonly ownedBy?: { readonly relationKey: string; readonly column: string };
  readonly identity: boolean;
  readonly persistence: 'permanent' | 'temporary' | 'unlogged';
  readonly dataType: string;
  readonly rights?: readonly Right[];
  readonly origin: Origin;
}

export interface UserType {
  readonly kind: 'enum' | 'domain' | 'composite' | 'range' | 'base' | 'shell';
  readonly schema: string;
  readonly name: string;
  readonly labels?: readonly string[];
  readonly domain?: {
    readonly base: TypeName;
    readonly notNull: boolean;
    readonly default?: Expression;
    readonly constraints: readonly Constraint[];
    readonly collation?: string;
  };
  readonly attributes?: readonly { readonly name: string; readonly type?: TypeName }[];
  readonly rights?: readonly Right[];
  readonly origin: Origin;
}

export interface FunctionObject {
  readonly schema: string;
  readonly name: string;
  readonly overloads: readonly {
    readonly argumentTypes: readonly TypeName[];
    /** As in `CreateFunction`; absent where it is from a catalog. */
    readonly argumentNames?: readonly string[];
    readonly defaults?: number;
    readonly variadic?: true;
    readonly returnsSet?: true;
    readonly hasOutputs?: true;
    readonly outputs?: readonly { readonly name: string; readonly type: TypeName }[];
    readonly volatility: 'immutable' | 'stable' | 'volatile';
    readonly procedure: boolean;
    readonly language: string;
    readonly returns?: TypeName;
    readonly returnsTrigger: boolean;
    /** What its literal SQL does when it is called; absent where the text is not known: from a catalog, in C. */
    readonly body?: readonly Operation[];
    /** PostgreSQL: functions that a body calls which the database follows, as in `CallingPart`. */
    readonly calls?: readonly string[];
    /** The statement that made it, where the database does not follow what its body names. */
    readonly sql?: string;
    readonly definition?: Definition;
    readonly rights?: readonly Right[];
    readonly origin: Origin;
  }[];
}

/** A part of a relation that calls functions, in a way that the database follows. */
export interface CallingPart {
  readonly kind: 'view' | 'policy' | 'rule' | 'trigger';
  /** Of the policy, rule or trigger; of a view empty. */
  readonly name: string;
  /** Of a policy, which ALTER POLICY changes apart. */
  readonly clause?: 'using' | 'check';
  /** Keys of functions of the schema, and names alone of those that no migration made; in the order of the alphabet. */
  readonly functions: readonly string[];
}

/** What a publication sends. */
export interface Publishing {
  /** FOR ALL TABLES. */
  readonly isAll: boolean;
  /** `insert`, `update`, `delete`, `truncate`. */
  readonly changes: readonly string[];
  /** FOR TABLES IN SCHEMA: names of those schemas. */
  readonly schemas?: readonly string[];
}

/** A BEGIN ATOMIC function, a policy of another table, or a publication with a list of columns or a row filter. */
export interface TrackedUser {
  readonly kind: 'function' | 'policy' | 'publication';
  /** Of a function and a policy with the schema, as `objectKey` makes it; of a policy that of its table. */
  readonly owner: string;
  readonly name: string;
  /** In the order of the alphabet. */
  readonly columns: readonly string[];
}

/** What a rule does when its event comes. */
export interface RuleAction {
  readonly name: string;
  readonly event: string;
  /** It takes the statement's place, whatever the row is. */
  readonly instead: boolean;
  /** Its WHERE, as a query that asks for it. */
  readonly condition?: readonly Operation[];
  /** Spans lie in the statement that made it. */
  readonly body: readonly Operation[];
  readonly definition?: Definition;
}

export interface Trigger {
  readonly name: string;
  readonly timing: 'before' | 'after' | 'instead-of';
  readonly events: readonly string[];
  readonly updateColumns: readonly string[];
  readonly forEachRow: boolean;
  /** `schema.name` of the function as written. */
  readonly function?: string;
  readonly enabled: boolean;
  readonly constraint: boolean;
  /** PostgreSQL: a constraint trigger that waits for the end of the transaction by itself. */
  readonly initiallyDeferred?: true;
  /** It has a WHEN. */
  readonly conditional?: true;
  /** PostgreSQL: columns that its WHEN names. */
  readonly whenColumns?: readonly string[];
  /** SQLite: relations that the body names. */
  readonly touches?: readonly string[];
  /** The statement that made it, as written; as the server prints it where it was read from a PostgreSQL catalog. */
  readonly sql?: string;
  readonly definition?: Definition;
  readonly origin: Origin;
}
