import { areMapsNoted } from '../core/persistent-map.ts';
import { goneFunctionKey, incoming, linksOf } from './links.ts';
import { objectKey } from './names.ts';
import type { Product } from './product.ts';
import type {
  Constraint,
  KeyConstraint,
  FunctionObject,
  Index,
  Relation,
  Schema,
  Sequence,
  UserType,
} from './schema.ts';
import type { TypeName } from './type-name.ts';

/** A schema, or one in the making. */
export type SchemaView = Pick<
  Schema,
  | 'product'
  | 'isComplete'
  | 'relations'
  | 'indexes'
  | 'sequences'
  | 'types'
  | 'functions'
  | 'schemas'
  | 'session'
  | 'links'
>;

/** A name as a statement has it. */
interface WrittenName {
  readonly schema?: string | undefined;
  readonly name: string;
}

/** Schema names to look in, in order: the one written, or the temporary one and the search path. */
export function searchSchemas(schema: SchemaView, written: string | undefined): readonly string[] {
  const { product, session } = schema;
  return written === undefined ? [product.temporarySchema, ...session.searchPath] : [product.schemaKey(written)];
}

/** Where an object without a schema is made: the first of the search path that exists; undefined where there is none. */
export function creationSchema(schema: SchemaView): string | undefined {
  return (
    schema.session.searchPath.find((name) => !schema.isComplete || schema.schemas.has(name)) ??
    (schema.isComplete ? undefined : schema.session.searchPath[0])
  );
}

function findKey(schema: SchemaView, map: { has(key: string): boolean }, name: WrittenName): string | undefined {
  for (const candidate of name.schema === undefined && hasNoTemporary(schema, map)
    ? schema.session.searchPath
    : searchSchemas(schema, name.schema)) {
    const key = objectKey(candidate, name.name);
    if (map.has(key)) return key;
    if (schema.product.ignoresCase) {
      const folded = linksOf(schema).foldedNames.get(key.toLowerCase());
      if (folded !== undefined && map.has(folded)) return folded;
    }
  }
  return undefined;
}

/** Whether looking among temporary objects of this kind is in vain, as nearly always; an index is temporary with its table. */
function hasNoTemporary(schema: SchemaView, map: unknown): boolean {
  return (
    linksOf(schema).temporaryKeys.length === 0 &&
    (map === schema.relations || map === schema.indexes || map === schema.sequences)
  );
}

/** Key of a relation, whether it exists or not: an unknown one without a schema is taken to be where new objects go. */
export function relationKeyOf(schema: SchemaView, name: WrittenName): string {
  return (
    foundRelation(schema, name).key ??
    objectKey(
      name.schema === undefined
        ? (creationSchema(schema) ?? schema.product.searchPath[0])
        : (searchSchemas(schema, name.schema)[0] ?? name.schema),
      name.name,
    )
  );
}

/** Whether nothing but what is listed is where an object of the name would be: the whole schema is known, or migrations made it. */
export function isWholeKnown(schema: SchemaView, name: WrittenName): boolean {
  const home = name.schema ?? creationSchema(schema);
  return schema.isComplete || (home !== undefined && (schema.schemas.get(home)?.origin.fileIndex ?? -1) >= 0);
}

/** Table, view, materialized view or foreign table of a name, through the search path. */
export function findRelation(schema: SchemaView, name: WrittenName): Relation | undefined {
  return foundRelation(schema, name).relation;
}

/** What a name stood for when it was last asked about. */
interface FoundRelation {
  readonly relations: SchemaView['relations'];
  readonly searchPath: readonly string[];
  readonly key: string | undefined;
  readonly relation: Relation | undefined;
}

/** The last answer for a name as it stands in a statement: each rule asks for the same one at the same place. */
const lastFound = new WeakMap<WrittenName, FoundRelation>();

function foundRelation(schema: SchemaView, name: WrittenName): FoundRelation {
  const {
    relations,
    session: { searchPath },
  } = schema;
  const last = lastFound.get(name);
  if (last !== undefined && last.relations === relations && last.searchPath === searchPath && !areMapsNoted())
    return last;
  const key = keyAgain(schema, name, last) ?? findKey(schema, relations, name);
  const found = { relations, searchPath, key, relation: key === undefined ? undefined : relations.get(key) };
  lastFound.set(name, found);
  return found;
}

/** The key that a name had before where nothing else can be meant: one made anew is a new string, whose hash each look-up would have to work out. */
function keyAgain(schema: SchemaView, name: WrittenName, last: FoundRelation | undefined): string | undefined {
  if (
    last?.key === undefined ||
    name.schema !== undefined ||
    last.searchPath.length !== 1 ||
    last.searchPath !== schema.session.searchPath ||
    linksOf(schema).temporaryKeys.length > 0
  )
    return undefined;
  return schema.relations.has(last.key) ? last.key : undefined;
}

/** Index of a name, through the search path. */
export function findIndex(schema: SchemaView, name: WrittenName): Index | undefined {
  const key = findKey(schema, schema.indexes, name);
  return key === undefined ? undefined : schema.indexes.get(key);
}

/** Sequence of a name, through the search path. */
export function findSequence(schema: SchemaView, name: WrittenName): Sequence | undefined {
  const key = findKey(schema, schema.sequences, name);
  return key === undefined ? undefined : schema.sequences.get(key);
}

/** Type that a user made, through the search path; undefined for built-in ones. */
export function findType(schema: SchemaView, name: WrittenName): UserType | undefined {
  const key = findKey(schema, schema.types, name);
  return key === undefined ? undefined : schema.types.get(key);
}

/** Function that a user made, through the search path; undefined for built-in ones. */
export function findFunction(schema: SchemaView, name: WrittenName): FunctionObject | undefined {
  const key = findKey(schema, schema.functions, name);
  return key === undefined ? undefined : schema.functions.get(key);
}

/** Whether a function of the name was there, and nothing of it is any more. */
export function isGoneFunction(schema: SchemaView & Pick<Schema, 'dropped'>, name: WrittenName): boolean {
  if (findFunction(schema, name) !== undefined) return false;
  return searchSchemas(schema, name.schema).some((home) =>
    schema.dropped.has(goneFunctionKey(objectKey(home, name.name))),
  );
}

/**
 * The type with the schema that its name stands for: columns of a schema hold types in this form.
 *
 * Built-in types, and types that are not known, stay as they are.
 */
export function resolveTypeName(schema: SchemaView, type: TypeName): TypeName {
  if (type.schema !== undefined || !schema.product.catalog.hasUserTypes) return type;
  const found = findType(schema, type);
  return found === undefined ? type : { ...type, schema: found.schema };
}

/** Indexes on a relation. */
export function indexesOf(schema: SchemaView, relationKey: string): readonly Index[] {
  return present(incoming(linksOf(schema), relationKey).indexes, (key) => schema.indexes.get(key));
}

/** Foreign keys of other relations, and of itself, that reference a relation. */
export function foreignKeysTo(
  schema: SchemaView,
  relationKey: string,
): readonly { readonly relationKey: string; readonly relation: Relation; readonly constraint: Constraint }[] {
  return incoming(linksOf(schema), relationKey).referencing.flatMap((key) => {
    const relation = schema.relations.get(key);
    if (relation === undefined) return [];
    return relation.constraints
      .filter((constraint) => constraint.references?.key === relationKey)
      .map((constraint) => ({ relationKey: key, relation, constraint }));
  });
}

/** Partitions and inheritance children, direct ones, with their keys. */
export function childrenOf(
  schema: SchemaView,
  relationKey: string,
): readonly { readonly key: string; readonly relation: Relation }[] {
  return incoming(linksOf(schema), relationKey).children.flatMap((key) => {
    const relation = schema.relations.get(key);
    return relation === undefined ? [] : [{ key, relation }];
  });
}

/** Direct partitions of a partitioned table, with their keys. */
export function partitionsOf(
  schema: SchemaView,
  relationKey: string,
): readonly { readonly key: string; readonly relation: Relation }[] {
  return childrenOf(schema, relationKey).filter((child) => child.relation.partitionOf?.parentKey === relationKey);
}

/** Views and materialized views that read a relation directly. */
export function dependantsOf(
  schema: SchemaView,
  relationKey: string,
): readonly { readonly key: string; readonly relation: Relation }[] {
  return incoming(linksOf(schema), relationKey).dependants.flatMap((key) => {
    const relation = schema.relations.get(key);
    return relation === undefined ? [] : [{ key, relation }];
  });
}

/** Sequences that belong to a relation's columns, with their keys. */
export function sequencesOf(
  schema: SchemaView,
  relationKey: string,
): readonly { readonly key: string; readonly sequence: Sequence }[] {
  return incoming(linksOf(schema), relationKey).sequences.flatMap((key) => {
    const sequence = schema.sequences.get(key);
    return sequence === undefined ? [] : [{ key, sequence }];
  });
}

/** Whether an index backs it. */
export function isKeyConstraint(constraint: Constraint): constraint is KeyConstraint {
  return constraint.kind === 'unique' || constraint.kind === 'primary-key' || constraint.kind === 'exclusion';
}

/** Whether two column names are the same to the product. */
export function sameName(product: Pick<Product, 'ignoresCase'>, left: string, right: string): boolean {
  return left === right || (product.ignoresCase && left.toLowerCase() === right.toLowerCase());
}

function present<Value>(keys: readonly string[], get: (key: string) => Value | undefined): readonly Value[] {
  return keys.flatMap((key) => {
    const value = get(key);
    return value === undefined ? [] : [value];
  });
}

/** The relation and the column that `table.column%TYPE` names; no column where the relation does not have it. */
export function referredColumn(
  schema: SchemaView,
  type: TypeName,
): { readonly relation: Relation; readonly column: Relation['columns'][number] | undefined } | undefined {
  const [column, name, home, ...others] = type.name
    .replace(/%TYPE$/, '')
    .split('.')
    .toReversed();
  if (name === undefined || others.length > 0) return undefined;
  const relation = findRelation(schema, home === undefined ? { name } : { schema: home, name });
  return relation === undefined
    ? undefined
    : { relation, column: relation.columns.find((candidate) => candidate.name === column) };
}
