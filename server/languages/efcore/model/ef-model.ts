/** What a column's type is made of beside the CLR type, each as C# writes it: `{ maxLength: '50', unicode: 'false' }`. */
export interface ColumnFacets {
  readonly maxLength?: string;
  readonly unicode?: string;
  readonly fixedLength?: string;
  readonly precision?: string;
  readonly scale?: string;
  readonly rowVersion?: string;
}

/** A column of a table as a model says it shall be. */
export interface EfColumn {
  readonly name: string;
  /** The store's type; undefined where only EF Core's own mapping knows it. */
  readonly type: string | undefined;
  /** The type of the property: `int?`. */
  readonly clrType: string;
  readonly isNullable: boolean;
  readonly order?: number;
  /** The C# of a default value. */
  readonly default?: string;
  readonly defaultSql?: string;
  readonly computedSql?: string;
  readonly isStored?: boolean;
  readonly collation?: string;
  /** A key of one whole number that the database numbers. */
  readonly isNumbered?: boolean;
  /** Absent for a column that no property of its own says. */
  readonly facets?: ColumnFacets;
  /** What the program calls it; absent for a part of an owned entity. */
  readonly member?: { readonly entity: string; readonly property: string };
}

/** A key or an index. */
export interface EfKey {
  readonly name: string;
  readonly columns: readonly string[];
}

/** What SQL Server's provider keeps of an index beside its columns; absent members are not said. */
export interface SqlServerIndexOptions {
  readonly clustered?: boolean;
  /** Columns that the index holds beside those that it is sorted by; properties where an entity says so. */
  readonly include?: readonly string[];
  readonly online?: boolean;
  /** As C# writes it: `80`. */
  readonly fillFactor?: string;
  readonly sortInTempDb?: boolean;
  /** `Page`, `Row`, `None`. */
  readonly compression?: string;
  /** A call on the index that is not known. */
  readonly untold?: string;
}

export interface EfIndex extends EfKey {
  readonly sqlServer?: SqlServerIndexOptions;
  readonly isUnique: boolean;
  /** One for each column; empty where all are descending; undefined where none is. */
  readonly descending?: readonly boolean[];
  readonly filter?: string;
}

export interface EfForeignKey extends EfKey {
  readonly principalTable: string;
  readonly principalColumns: readonly string[];
  /** As SQL writes it; undefined for NO ACTION, which is not written. */
  readonly onDelete?: string;
}

/** A table as a Designer's model describes it; everything in the order in which EF Core writes it. */
export interface EfTable {
  readonly name: string;
  /** Absent for the default one. */
  readonly schema?: string;
  /** Of the entity that it is the table of: `App.User`; absent for one of an owned entity. */
  readonly entity?: string;
  readonly columns: readonly EfColumn[];
  readonly primaryKey?: EfKey;
  readonly uniques: readonly EfKey[];
  readonly foreignKeys: readonly EfForeignKey[];
  readonly checks: readonly { readonly name: string; readonly sql: string }[];
  readonly indexes: readonly EfIndex[];
  /** Of SQL Server: it lives in memory, and its commands run in no transaction. */
  readonly isMemoryOptimised?: true;
  /** Of SQL Server: the database keeps what its rows were before. */
  readonly isTemporal?: true;
  /** Why the table is not known for certain: a clause; absent where it is. */
  readonly uncertain?: string;
}

/** The model of a Designer or a snapshot. */
export interface EfModel {
  /** `ProductVersion` of the EF Core that wrote it: `10.0.3`. */
  readonly version?: string;
  /** `LastMigrationId` of a snapshot, which EF Core 11 writes. */
  readonly lastMigrationId?: string;
  /** A table by its name and, where it has one, its schema; undefined where the model has none. */
  table(name: string, schema?: string): EfTable | undefined;
  tables(): readonly EfTable[];
  /** Enums of PostgreSQL, with their schema where the model says one: `mood`, `geo.mood`. */
  readonly enums: readonly string[];
  /** Equal for models that say the same. */
  readonly fingerprint: string;
}

/**
 * What is known of the model that a migration's half ends in. `absent`: EF Core has none, since there is no Designer, or it
 * builds none. `unread`: nothing is known of it here.
 */
export type KnownModel = EfModel | 'absent' | 'unread';
