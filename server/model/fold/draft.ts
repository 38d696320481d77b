import type { PersistentMap } from '../../core/persistent-map.ts';
import { sameValue } from '../../core/same-value.ts';
import { goneFunctionKey, linksOf, relinkIndex, relinkRelation, relinkSequence, relinkType } from '../links.ts';
import {
  childrenOf,
  creationSchema,
  dependantsOf,
  foreignKeysTo,
  indexesOf,
  searchSchemas,
  type SchemaView,
  sequencesOf,
} from '../lookup.ts';
import { objectKey } from '../names.ts';
import type { ConstraintDefinition, CreateTable, TableActionDetail } from '../operation.ts';
import type { Query } from '../operation.ts';
import type { Product } from '../product.ts';
import type { TypeName } from '../type-name.ts';
import type {
  CallingPart,
  Column,
  FunctionObject,
  Index,
  Links,
  OpenTransaction,
  Origin,
  Publishing,
  Relation,
  Schema,
  Sequence,
  Session,
  UserType,
} from '../schema.ts';

const NO_SCHEMAS: Readonly<Record<string, string>> = {};
const NO_OTHERS: ReadonlySet<string> = new Set();
const NO_PUBLICATIONS: Readonly<Record<string, readonly string[]>> = {};
const NO_PUBLISHING: Draft['publishing'] = {};

export interface DropColumnOptions {
  readonly cascade: boolean;
  readonly only: boolean;
  /** Whether the parent's column goes too. */
  readonly isRecursion: boolean;
}

type AddColumn = Extract<TableActionDetail, { readonly kind: 'add-column' }>;

/** What is there in the middle of a statement as well as after it. */
export type MadeObjects = SchemaView & Pick<Schema, 'relations' | 'indexes' | 'types' | 'functions' | 'extensions'>;

/** Something that needs an extension, and goes with it by CASCADE. */
export interface ExtensionUser {
  readonly kind:
    | 'extension'
    | 'column'
    | 'default'
    | 'constraint'
    | 'index'
    | 'type'
    | 'function'
    | CallingPart['kind'];
  /** Of a part of a relation. */
  readonly relationKey?: string;
  /** Of an index, type and function the key. */
  readonly name: string;
  /** Begins a sentence. */
  readonly title: string;
  /** Goes on after the title, where it says more than that it is so. */
  readonly why?: string;
}

/** What folding does in another way on each engine, beside what `Product` says. Objects that are given are there. */
export interface FoldRules {
  /** `schema` exists, and the name is free in it. */
  createTable(draft: Draft, schema: string, operation: CreateTable): void;
  /** The name is free in the table. */
  addColumn(draft: Draft, relation: Relation, action: AddColumn, only: boolean): void;
  addConstraint(draft: Draft, relation: Relation, definition: ConstraintDefinition, only: boolean): void;
  dropColumn(draft: Draft, relation: Relation, column: Column, options: DropColumnOptions): void;
  /** Whether an action may be done to a relation of this kind at all. */
  allowsAction(relation: Relation, action: TableActionDetail['kind']): boolean;
  /** Types of a query's columns that are worked out, without lengths; undefined where one is not known. */
  outputTypes?(query: Query, schema: Schema, version: number): readonly (TypeName | undefined)[];
  /** What needs what an extension brings; undefined where it is not known what that is. */
  extensionUsers?(schema: MadeObjects, extension: string): readonly ExtensionUser[] | undefined;
  /** Whether the product has functions of a name itself, which a call means before those of migrations. */
  hasFunction?(name: string): boolean;
  /** Name of an index after its table got another name. */
  indexAfterRename(index: string, from: string, to: string): string;
}

/**
 * A schema while one statement is folded: the only mutable thing in the fold, never seen outside it.
 *
 * Objects are put and dropped whole, and the links follow. `refuse()` says that the statement fails on a real server;
 * the caller then gives back the schema as it was.
 */
export class Draft {
  readonly rules: FoldRules;
  readonly base: Schema;
  readonly origin: Origin;
  /** What the same statement made before: objects that are equal to those in it are these, so that what was said of them holds. */
  readonly like: Schema | undefined;
  /** As in `Target.version`. */
  readonly version: number;
  readonly product: Product;
  isComplete: boolean;
  relations: PersistentMap<Relation>;
  indexes: PersistentMap<Index>;
  sequences: PersistentMap<Sequence>;
  types: PersistentMap<UserType>;
  functions: PersistentMap<FunctionObject>;
  schemas: Schema['schemas'];
  dropped: PersistentMap<Origin>;
  session: Session;
  links: Links;
  transactions: readonly OpenTransaction[];
  extensions: readonly string[];
  extensionSchemas: Readonly<Record<string, string>>;
  others: ReadonlySet<string>;
  otherUses: Readonly<Record<string, readonly string[]>>;
  publications: Readonly<Record<string, readonly string[]>>;
  publishing: Readonly<Record<string, Publishing>>;
  isRefused = false;
  /** Why the statement fails, where that is known in words. */
  refusal: string | undefined;

  constructor(rules: FoldRules, base: Schema, origin: Origin, version: number, like?: Schema) {
    this.like = like;
    this.rules = rules;
    this.base = base;
    this.origin = origin;
    this.version = version;
    this.product = base.product;
    this.isComplete = base.isComplete;
    this.relations = base.relations;
    this.indexes = base.indexes;
    this.sequences = base.sequences;
    this.types = base.types;
    this.functions = base.functions;
    this.schemas = base.schemas;
    this.dropped = base.dropped;
    this.session = base.session;
    this.links = linksOf(base);
    this.transactions = base.transactions ?? [];
    this.extensions = base.extensions ?? [];
    this.extensionSchemas = base.extensionSchemas ?? NO_SCHEMAS;
    this.others = base.others ?? NO_OTHERS;
    this.otherUses = base.otherUses ?? NO_PUBLICATIONS;
    this.publications = base.publications ?? NO_PUBLICATIONS;
    this.publishing = base.publishing ?? NO_PUBLISHING;
  }

  /** Whether NOT NULL is a constraint with a name of its own. */
  get hasNamedNotNull(): boolean {
    const { namedNotNullSince } = this.product.catalog;
    return namedNotNullSince !== undefined && this.version >= namedNotNullSince;
  }

  /** The statement fails; `why` is one sentence for whoever wrote it, without the database's name. */
  refuse(why?: string): void {
    if (!this.isRefused) this.refusal = why;
    this.isRefused = true;
  }

  /** A word for what stands under a name, for `refuse`. */
  whatIs(schema: string, name: string): string {
    const key = objectKey(schema, name);
    const relation = this.relations.get(key);
    if (relation !== undefined) return relation.kind.replaceAll('-', ' ');
    return this.indexes.has(key) ? 'index' : this.sequences.has(key) ? 'sequence' : 'type';
  }

  /** The statement fails, for something has the name already. */
  refuseTaken(schema: string, name: string): void {
    const what = this.whatIs(schema, name);
    this.refuse(`There is ${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what} "${name}" already.`);
  }

  putRelation(made: Relation): void {
    const key = objectKey(made.schema, made.name);
    const before = this.relations.get(key);
    if (before === made) return;
    const relation = known(this.like?.relations, key, made);
    const { mostColumns } = this.product;
    if (relation.columns.length > mostColumns && relation.columns.length > (before?.columns.length ?? 0))
      return this.refuse(`A table has at most ${mostColumns} columns.`);
    this.relations = this.relations.set(key, relation);
    this.links = relinkRelation(this.links, this.product, key, before, relation);
    this.#exists(key);
  }

  putIndex(made: Index): void {
    const key = objectKey(made.schema, made.name);
    const index = known(this.like?.indexes, key, made);
    const before = this.indexes.get(key);
    this.indexes = this.indexes.set(key, index);
    this.links = relinkIndex(this.links, this.product, key, before, index);
    this.#exists(key);
  }

  putSequence(made: Sequence): void {
    const key = objectKey(made.schema, made.name);
    const sequence = known(this.like?.sequences, key, made);
    const before = this.sequences.get(key);
    this.sequences = this.sequences.set(key, sequence);
    this.links = relinkSequence(this.links, this.product, key, before, sequence);
    this.#exists(key);
  }

  putType(made: UserType): void {
    const key = objectKey(made.schema, made.name);
    const type = known(this.like?.types, key, made);
    const before = this.types.get(key);
    this.types = this.types.set(key, type);
    this.links = relinkType(this.links, before, type);
    this.#exists(key);
  }

  putFunction(made: FunctionObject): void {
    const key = objectKey(made.schema, made.name);
    this.functions = this.functions.set(key, known(this.like?.functions, key, made));
  }

  /** Takes a relation away and nothing else; what hangs on it is the caller's business. */
  removeRelation(key: string): void {
    const before = this.relations.get(key);
    if (before === undefined) return;
    this.relations = this.relations.delete(key);
    this.links = relinkRelation(this.links, this.product, key, before, undefined);
    this.dropped = this.dropped.set(key, this.origin);
  }

  removeIndex(key: string): void {
    const before = this.indexes.get(key);
    if (before === undefined) return;
    this.indexes = this.indexes.delete(key);
    this.links = relinkIndex(this.links, this.product, key, before, undefined);
    this.dropped = this.dropped.set(key, this.origin);
  }

  removeSequence(key: string): void {
    const before = this.sequences.get(key);
    if (before === undefined) return;
    this.sequences = this.sequences.delete(key);
    this.links = relinkSequence(this.links, this.product, key, before, undefined);
    this.dropped = this.dropped.set(key, this.origin);
  }

  removeType(key: string): void {
    const before = this.types.get(key);
    if (before === undefined) return;
    this.types = this.types.delete(key);
    this.links = relinkType(this.links, before, undefined);
    this.dropped = this.dropped.set(key, this.origin);
  }

  removeFunction(key: string): void {
    if (!this.functions.has(key)) return;
    this.functions = this.functions.delete(key);
    this.dropped = this.dropped.set(key, this.origin).set(goneFunctionKey(key), this.origin);
  }

  /** The relation with another value for some members; nothing where it is not there. */
  changeRelation(key: string, change: (relation: Relation) => Relation): void {
    const relation = this.relations.get(key);
    if (relation !== undefined) this.putRelation(change(relation));
  }

  changeColumn(key: string, name: string, change: (column: Column) => Column): void {
    this.changeRelation(key, (relation) => ({
      ...relation,
      columns: relation.columns.map((column) => (column.name === name ? change(column) : column)),
    }));
  }

  changeIndex(key: string, change: (index: Index) => Index): void {
    const index = this.indexes.get(key);
    if (index !== undefined) this.putIndex(change(index));
  }

  indexesOf(key: string): readonly Index[] {
    return indexesOf(this, key);
  }

  childrenOf(key: string): ReturnType<typeof childrenOf> {
    return childrenOf(this, key);
  }

  dependantsOf(key: string): ReturnType<typeof dependantsOf> {
    return dependantsOf(this, key);
  }

  foreignKeysTo(key: string): ReturnType<typeof foreignKeysTo> {
    return foreignKeysTo(this, key);
  }

  sequencesOf(key: string): ReturnType<typeof sequencesOf> {
    return sequencesOf(this, key);
  }

  /** Whether a name is taken among tables, views, indexes, sequences and composite types of a schema. */
  isTaken(schema: string, name: string): boolean {
    const key = objectKey(schema, name);
    if (
      this.relations.has(key) ||
      this.indexes.has(key) ||
      this.sequences.has(key) ||
      this.types.get(key)?.kind === 'composite'
    )
      return true;
    return this.product.ignoresCase && this.links.foldedNames.has(key.toLowerCase());
  }

  /**
   * Schema in which a new object is made.
   *
   * Undefined, with the statement refused, where that schema does not exist.
   */
  schemaFor(written: string | undefined, temporary: boolean): string | undefined {
    if (temporary) return this.product.temporarySchema;
    const schema = written === undefined ? creationSchema(this) : searchSchemas(this, written)[0];
    const isMissing =
      schema === undefined || (this.isComplete && schema !== this.product.temporarySchema && !this.schemas.has(schema));
    if (!isMissing) return schema;
    this.refuse(written === undefined ? undefined : `There is no schema "${written}".`);
    return undefined;
  }

  /** Goes back to an earlier schema, its session included; open transactions stay. */
  restore(schema: Schema): void {
    this.isComplete = schema.isComplete;
    this.relations = schema.relations;
    this.indexes = schema.indexes;
    this.sequences = schema.sequences;
    this.types = schema.types;
    this.functions = schema.functions;
    this.schemas = schema.schemas;
    this.dropped = schema.dropped;
    this.session = schema.session;
    this.links = linksOf(schema);
    this.extensions = schema.extensions ?? [];
    this.extensionSchemas = schema.extensionSchemas ?? NO_SCHEMAS;
    this.others = schema.others ?? NO_OTHERS;
    this.otherUses = schema.otherUses ?? NO_PUBLICATIONS;
    this.publications = schema.publications ?? NO_PUBLICATIONS;
    this.publishing = schema.publishing ?? NO_PUBLISHING;
  }

  /** The schema after the statement; the very same one where nothing changed. */
  finish(): Schema {
    const { base } = this;
    const isSame =
      this.relations === base.relations &&
      this.indexes === base.indexes &&
      this.sequences === base.sequences &&
      this.types === base.types &&
      this.functions === base.functions &&
      this.schemas === base.schemas &&
      this.dropped === base.dropped &&
      this.session === base.session &&
      this.isComplete === base.isComplete &&
      this.extensions.length === (base.extensions?.length ?? 0) &&
      this.extensionSchemas === (base.extensionSchemas ?? NO_SCHEMAS) &&
      this.others === (base.others ?? NO_OTHERS) &&
      this.otherUses === (base.otherUses ?? NO_PUBLICATIONS) &&
      this.publications === (base.publications ?? NO_PUBLICATIONS) &&
      this.publishing === (base.publishing ?? NO_PUBLISHING) &&
      this.transactions === (base.transactions ?? this.transactions) &&
      this.transactions.length === (base.transactions?.length ?? 0);
    if (this.isRefused || isSame) return base;
    return {
      product: this.product,
      isComplete: this.isComplete,
      relations: this.relations,
      indexes: this.indexes,
      sequences: this.sequences,
      types: this.types,
      functions: this.functions,
      schemas: this.schemas,
      dropped: this.dropped,
      session: this.session,
      links: this.links,
      transactions: this.transactions,
      extensions: this.extensions,
      extensionSchemas: this.extensionSchemas,
      others: this.others,
      otherUses: this.otherUses,
      publications: this.publications,
      publishing: this.publishing,
    };
  }

  #exists(key: string): void {
    if (this.dropped.has(key)) this.dropped = this.dropped.delete(key);
  }
}

/** The object that stood there before where it is equal to the one that was made. */
function known<Value extends NonNullable<unknown>>(
  map: PersistentMap<Value> | undefined,
  key: string,
  made: Value,
): Value {
  const before = map?.peek(key);
  return before !== undefined && sameValue(before, made) ? before : made;
}
