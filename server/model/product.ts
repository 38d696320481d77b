import type { EngineId } from './engine-id.ts';

/**
 * What schemas of a database product are like: its names, its catalog, and what its DDL can do.
 *
 * Each engine holds its own; a schema carries that of its engine, so that whoever reads a schema asks for a fact and never
 * for a product's name.
 */
export interface Product {
  readonly id: EngineId;
  /** As its makers write it. */
  readonly title: string;
  /** Columns that a table can have. */
  readonly mostColumns: number;
  /** Names that differ in case alone are the same name. */
  readonly ignoresCase: boolean;
  /** Bytes of a name that are kept, the rest being cut off; absent where names are as long as they like. */
  readonly mostNameBytes?: number;
  /** Schemas that unqualified names stand for until something says otherwise, the first of them where new objects go. */
  readonly searchPath: readonly [string, ...string[]];
  /** Schemas that a new database has. */
  readonly firstSchemas: readonly string[];
  /** Where temporary objects are. */
  readonly temporarySchema: string;
  /** A written schema name as keys have it. */
  schemaKey(written: string): string;
  /** A database is a file, which the first run on it makes; otherwise a server, whose URL may hold a password. */
  readonly isFile: boolean;
  /** What opens a database that is empty, is kept nowhere and ends with its session; absent where there is none. */
  readonly emptyUrl?: string;
  /**
   * The product's own program that runs scripts, which have commands of its own beside SQL; `variable` matches what it
   * replaces by values in a statement, with the name as its only group.
   */
  readonly client?: { readonly name: string; readonly variable?: RegExp };
  readonly catalog: CatalogFacts;
  readonly capabilities: Capabilities;
}

/** What the catalog keeps, and what it checks when something is defined. */
export interface CatalogFacts {
  /** Columns may have types that a user made. */
  readonly hasUserTypes: boolean;
  /** A definition is refused where it names a column, table or key that is not there; otherwise only its use is. */
  readonly checksDefinitions: boolean;
  /** A constraint without a name is given one. */
  readonly namesConstraints: boolean;
  /** Version from which NOT NULL is a constraint with a name; absent where it is a mark of the column for ever. */
  readonly namedNotNullSince?: number;
  /** What depends on an object keeps it from being dropped, or goes with it; otherwise it stays and fails when it is used. */
  readonly tracksDependants: boolean;
  /** A default of a plain NULL is kept as one. */
  readonly keepsNullDefault: boolean;
  /** Renaming a column to the name that it has is refused. */
  readonly refusesSameName: boolean;
  /** Columns of a key may be made nullable. */
  readonly hasNullableKeys: boolean;
  /** Roles, as they are written, that are whoever makes an object, and so have every right on it, given or not. */
  readonly makers: readonly string[];
}

/** What DDL can do. */
export interface Capabilities {
  /** Several actions of one statement run in an order of their own, by kind. */
  readonly ordersActions: boolean;
  /** CREATE OR REPLACE TRIGGER. */
  readonly replacesTriggers: boolean;
  /** An index can be built while others write. */
  readonly buildsConcurrently: boolean;
  /** A constraint can be added first and checked later, while others write. */
  readonly validatesLater: boolean;
  /** A column's type and a table's constraints can be changed where they are; otherwise the table is made again. */
  readonly altersInPlace: boolean;
  /** Version from which ALTER COLUMN ... SET NOT NULL is there. */
  readonly setsNotNullSince: number;
  /** Version from which ALTER TABLE adds and drops a CHECK. */
  readonly altersChecksSince: number;
  /** Version from which a generated column that is added may be virtual where a stored one would write the table anew. */
  readonly virtualInsteadSince?: number;
  /** Rows are locked one by one; otherwise a write keeps every other writer of the database out. */
  readonly locksRows: boolean;
  /** Rows can be written through a plain view. */
  readonly writesThroughViews: boolean;
  /** BEGIN within a transaction is refused; otherwise it changes nothing. */
  readonly refusesNestedBegin: boolean;
  /** Procedural blocks that commit as they go, so that one statement of a script can work in batches. */
  readonly commitsInBlocks: boolean;
  readonly hasPartitions: boolean;
}
