import type { MappedText } from '../core/source-map.ts';
import type { Span } from '../core/span.ts';
import type { Effect } from '../model/effect.ts';
import type { EngineId } from '../model/engine-id.ts';
import type { Product } from '../model/product.ts';
import type { Operation } from '../model/operation.ts';
import type { Definition, Origin, Schema } from '../model/schema.ts';
import type { TypeName } from '../model/type-name.ts';

/** Where a text could not be read, or could be read but not known. `span` is relative to the statement's start. */
export interface Problem {
  readonly kind: 'syntax' | 'not-analysed';
  readonly message: string;
  readonly span: Span;
}

/** A piece of a script between two semicolons, white space and comments around it left out, no final semicolon. */
export interface StatementText extends MappedText {
  /** How the text is written, as its language names it; absent where it is the engine's own SQL. */
  readonly notation?: string;
  /** What is replaced in it before it is sent, where its language or tool says so. */
  readonly placeholders?: readonly StatementPlaceholder[];
  /** Something that ends before it is complete: an open quote, comment, dollar quote or parenthesis. */
  readonly unterminated?: Problem;
  /**
   * Where the document names what a statement that was made for several words of it takes away, in the document; absent
   * where the statement names it itself.
   */
  readonly places?: readonly { readonly name: string; readonly span: Span }[];
  /** What of the document it was made from, where that may be more than one statement. */
  readonly from?: Span;
}

/** What one statement means. Spans are relative to the statement's start. */
export interface StatementBody {
  readonly operations: readonly Operation[];
  readonly problems: readonly Problem[];
  /** Places where something stands that is replaced before the statement is sent, and by what is not known: it was read as a name. */
  readonly placeholders?: readonly StatementPlaceholder[];
}

/** What a tool or a program replaces in a statement. `span` is relative to the statement's start. */
export interface StatementPlaceholder {
  readonly span: Span;
  /** As it is written: `${schema}`. */
  readonly text: string;
  /** What it is replaced by; absent where that is not known. */
  readonly value?: string;
  /** The program of the product that replaces it. */
  readonly client?: string;
}

/** Facts from outside that effects depend on. */
export interface Target {
  /** PostgreSQL: the major version (17). SQLite: 3.054 is written as 3054 (major * 1000 + minor). */
  readonly version: number;
  /** Session time zone of whoever runs migrations; `unknown` unless configured or set in the file. */
  readonly timeZone: string | 'unknown';
}

/** What a change of a column's type does to the rows' bytes. */
export interface TypeChange {
  /** `unknown`: it depends on what is not known, such as the session's time zone. */
  readonly rewrite: boolean | 'unknown';
  /** A clause that follows "because". */
  readonly because: string;
}

/** What a column type costs, for people. */
export interface TypeFacts {
  /** Room of a value and what fits, as a clause: `4 bytes, whole numbers up to 2,147,483,647`. */
  readonly storage: string;
  /** Changes that are often made later, each with what it does to the table. */
  readonly changes: readonly (TypeChange & { readonly to: string })[];
}

/** Why the database will not run a statement. `span` is relative to the statement's start. */
export interface Refusal {
  readonly span: Span;
  /** One or two sentences: what is refused, and in whose name. */
  readonly message: string;
  /** `if-rows`: an empty table takes it, so that a fresh test database hides it. Always where absent. */
  readonly when?: 'always' | 'if-rows';
  /** A database that someone else prepared, with an extension that no migration creates, may take it. */
  readonly unlessPrepared?: true;
}

/**
 * What a database product does with SQL. All members are pure: no clock, no files, no caches that show.
 *
 * `split` and `parse` never throw on any input.
 */
export interface Engine {
  readonly id: EngineId;
  readonly product: Product;
  /** Newest version that the parser knows, and the stated default of the target. */
  readonly defaultVersion: number;
  /** Versions that migrations can be checked for, both ends included. */
  readonly versions: { readonly oldest: number; readonly newest: number };
  /** `17`, `3.54.1` -> the number that `Target.version` uses; undefined where it is no version. */
  parseVersion(text: string): number | undefined;
  formatVersion(version: number): string;
  split(text: string, within: Span): readonly StatementText[];
  parse(statement: string): StatementBody;
  /** Schema of an empty database. */
  emptySchema(isComplete: boolean): Schema;
  /**
   * The schema after one statement. Operations that do not apply (IF NOT EXISTS, unknown names) leave it as it is.
   *
   * `like` is what the same statement gave for another schema: objects that come out equal are those that stand in it.
   */
  fold(schema: Schema, operations: readonly Operation[], origin: Origin, target: Target, like?: Schema): Schema;
  /**
   * A statement with what the functions that it calls do behind the operations that call them, and with what cannot be
   * known of them; undefined where it is the same as without.
   */
  resolveCalls(body: StatementBody, schema: Schema): StatementBody | undefined;
  /** What one statement (all its operations together) does to relations that exist before it. */
  effects(operations: readonly Operation[], schema: Schema, target: Target): readonly Effect[];
  /** What each operation of a statement adds to that; operations without an entry add nothing. */
  effectsApart(
    operations: readonly Operation[],
    schema: Schema,
    target: Target,
  ): ReadonlyMap<Operation, readonly Effect[]>;
  /**
   * What the target refuses about a statement that the newest grammar reads; undefined where nothing is known against it.
   *
   * `siblings` are the operations of the same statement: what one of them makes is there for the others.
   */
  refusal(operation: Operation, schema: Schema, target: Target, siblings?: readonly Operation[]): Refusal | undefined;
  /**
   * Why a statement that leaves the schema as it was fails for what the schema holds, and at which of its operations;
   * undefined where it does not fail, or nothing is known for certain.
   */
  refusedWhole(
    operations: readonly Operation[],
    schema: Schema,
    origin: Origin,
    target: Target,
  ): (Refusal & { readonly operation: Operation }) | undefined;
  /** Names of columns in quotes that no column has, so that the product may take them for texts. */
  quotedTexts(operation: Operation, schema: Schema): readonly Span[];
  /** What a column of a type costs; undefined for types of which that is not known. */
  typeFacts(type: TypeName, schema: Schema, target: Target): TypeFacts | undefined;
  /** Whether changing a column from one type to another writes its table anew. */
  typeChange(from: TypeName, to: TypeName, schema: Schema, target: Target): TypeChange;
  /**
   * Whether two definitions of objects of one kind are one to the database, the object's own name left out: white space,
   * comments, order of options, written schemas and casts do not count. True where that cannot be told.
   */
  isSameDefinition(one: Definition, other: Definition): boolean;
  /** The same of two expressions. */
  isSameExpression(one: string, other: string): boolean;
  /** SQL of a value that rows may hold which have none yet; undefined where the type does not tell one. */
  placeholder(type: TypeName | undefined, schema: Schema): string | undefined;
  /** Whether the statement refuses to run inside a transaction block. */
  refusesTransaction(operation: Operation): boolean;
  /** A name as the dialect must write it: quoted where needed. */
  quoteName(name: string): string;
  quoteText(value: string): string;
}
