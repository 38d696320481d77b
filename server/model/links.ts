import { PersistentMap } from '../core/persistent-map.ts';
import { objectKey } from './names.ts';
import type { Column, IncomingLinks, Index, Links, Relation, Schema, Sequence, UserType } from './schema.ts';
import type { Product } from './product.ts';
import type { TypeName } from './type-name.ts';

export const NO_LINKS: Links = {
  incoming: PersistentMap.empty(),
  constraintNames: PersistentMap.empty(),
  foldedNames: PersistentMap.empty(),
  temporaryKeys: [],
  ruledKeys: [],
};

const NOTHING: IncomingLinks = { indexes: [], sequences: [], referencing: [], children: [], dependants: [] };

/** Key of a type in `Links.incoming`. */
export function typeLinkKey(schema: string, name: string): string {
  return `type\u0000${objectKey(schema, name)}`;
}

/** Key of a function in `Links.incoming`. */
export function functionLinkKey(schema: string, name: string): string {
  return `function\u0000${objectKey(schema, name)}`;
}

/** Key under which `Schema.dropped` has a function that is gone, told apart from what else had its name. */
export function goneFunctionKey(key: string): string {
  return `function\u0000${key}`;
}

/** What points at the object of a key. */
export function incoming(links: Links, key: string): IncomingLinks {
  return links.incoming.get(key) ?? NOTHING;
}

/** A pointer from one object to another. */
interface Edge {
  readonly to: string;
  readonly list: keyof IncomingLinks;
}

/** Keys, each by its list and target, of everything that a relation points at. */
function edgesOfRelation(relation: Relation): readonly Edge[] {
  const edges: Edge[] = [];
  for (const constraint of relation.constraints)
    if (constraint.references !== undefined) edges.push({ to: constraint.references.key, list: 'referencing' });
  if (relation.partitionOf !== undefined) edges.push({ to: relation.partitionOf.parentKey, list: 'children' });
  if (relation.ofType !== undefined) edges.push({ to: `type\u0000${relation.ofType}`, list: 'dependants' });
  for (const parent of relation.inherits) edges.push({ to: parent, list: 'children' });
  for (const read of relation.dependsOn) edges.push({ to: read.key, list: 'dependants' });
  for (const column of relation.columns) {
    if (column.type?.schema !== undefined)
      edges.push({ to: typeLinkKey(column.type.schema, column.type.name), list: 'dependants' });
    const sequence = sequenceOfDefault(column, relation.schema);
    if (sequence !== undefined) edges.push({ to: sequence, list: 'dependants' });
  }
  for (const trigger of relation.triggers) {
    const [schema, name] = trigger.function?.split('.') ?? [];
    if (schema !== undefined && name !== undefined)
      edges.push({ to: functionLinkKey(schema, name), list: 'dependants' });
  }
  return edges;
}

/** Key of the sequence that a default takes its values from; an unqualified one is looked for beside the table. */
export function sequenceOfDefault(column: Column, tableSchema: string): string | undefined {
  let tree = column.default?.tree;
  if (tree?.kind !== 'call' || tree.name !== 'nextval') return undefined;
  tree = tree.operands[0];
  while (tree?.kind === 'cast') tree = tree.operands[0];
  if (tree?.kind !== 'literal' || typeof tree.value !== 'string') return undefined;
  const parts = [...tree.value.matchAll(/"((?:[^"]|"")*)"|([^".]+)/g)].map(
    (match) => match[1]?.replaceAll('""', '"') ?? (match[2] ?? '').toLowerCase(),
  );
  const [first, second] = parts;
  if (first === undefined) return undefined;
  return second === undefined ? objectKey(tableSchema, first) : objectKey(first, second);
}

function edgesOfIndex(index: Index): readonly Edge[] {
  const edges: Edge[] = [{ to: index.relationKey, list: 'indexes' }];
  if (index.parentKey !== undefined) edges.push({ to: index.parentKey, list: 'children' });
  return edges;
}

function edgesOfSequence(sequence: Sequence): readonly Edge[] {
  return sequence.ownedBy === undefined ? [] : [{ to: sequence.ownedBy.relationKey, list: 'sequences' }];
}

function edgesOfType(type: UserType): readonly Edge[] {
  const types: (TypeName | undefined)[] = [
    type.domain?.base,
    ...(type.attributes ?? []).map((attribute) => attribute.type),
  ];
  return types.flatMap((used): readonly Edge[] =>
    used?.schema === undefined ? [] : [{ to: typeLinkKey(used.schema, used.name), list: 'dependants' }],
  );
}

function withEdges(
  map: PersistentMap<IncomingLinks>,
  from: string,
  before: readonly Edge[],
  after: readonly Edge[],
): PersistentMap<IncomingLinks> {
  // Most changes of a table leave everything that it points at.
  if (
    before.length === after.length &&
    before.every((edge, index) => edge.to === after[index]?.to && edge.list === after[index].list)
  )
    return map;
  const name = (edge: Edge): string => `${edge.list} ${edge.to}`;
  const old = new Map(before.map((edge) => [name(edge), edge]));
  const current = new Map(after.map((edge) => [name(edge), edge]));
  let result = map;
  for (const [id, edge] of old) {
    if (current.has(id)) continue;
    const entry = result.get(edge.to);
    if (entry === undefined) continue;
    const left = { ...entry, [edge.list]: entry[edge.list].filter((key) => key !== from) };
    const isEmpty =
      left.indexes.length +
        left.sequences.length +
        left.referencing.length +
        left.children.length +
        left.dependants.length ===
      0;
    result = isEmpty ? result.delete(edge.to) : result.set(edge.to, left);
  }
  for (const [id, edge] of current) {
    if (old.has(id)) continue;
    const entry = result.get(edge.to) ?? NOTHING;
    result = result.set(edge.to, { ...entry, [edge.list]: [...entry[edge.list], from] });
  }
  return result;
}

function withNames(
  map: PersistentMap<number>,
  schema: string,
  before: readonly { readonly name: string }[],
  after: readonly { readonly name: string }[],
): PersistentMap<number> {
  if (before === after) return map;
  const changes = new Map<string, number>();
  for (const { name } of before) changes.set(name, (changes.get(name) ?? 0) - 1);
  for (const { name } of after) changes.set(name, (changes.get(name) ?? 0) + 1);
  let result = map;
  for (const [name, change] of changes) {
    if (change === 0 || name === '') continue;
    const key = objectKey(schema, name);
    const count = (result.get(key) ?? 0) + change;
    result = count === 0 ? result.delete(key) : result.set(key, count);
  }
  return result;
}

function withFolded(links: Links, product: Product, key: string, exists: boolean): PersistentMap<string> {
  if (!product.ignoresCase) return links.foldedNames;
  return exists ? links.foldedNames.set(key.toLowerCase(), key) : links.foldedNames.delete(key.toLowerCase());
}

function withTemporary(
  links: Links,
  product: Product,
  key: string,
  existed: boolean,
  exists: boolean,
): readonly string[] {
  return key.startsWith(`${product.temporarySchema}\u0000`)
    ? withKey(links.temporaryKeys, key, existed, exists)
    : links.temporaryKeys;
}

function withKey(keys: readonly string[], key: string, was: boolean, is: boolean): readonly string[] {
  if (was === is) return keys;
  return is ? [...keys, key] : keys.filter((other) => other !== key);
}

/** The links after a relation was made, changed (both given) or dropped. */
export function relinkRelation(
  links: Links,
  product: Product,
  key: string,
  before: Relation | undefined,
  after: Relation | undefined,
): Links {
  const schema = (after ?? before)?.schema ?? '';
  const isSame =
    before !== undefined &&
    after !== undefined &&
    before.constraints === after.constraints &&
    before.columns === after.columns &&
    before.inherits === after.inherits &&
    before.ofType === after.ofType &&
    before.partitionOf === after.partitionOf &&
    before.dependsOn === after.dependsOn &&
    before.triggers === after.triggers &&
    before.ruleActions === after.ruleActions;
  if (isSame) return links;
  return {
    incoming: withEdges(
      links.incoming,
      key,
      before === undefined ? [] : edgesOfRelation(before),
      after === undefined ? [] : edgesOfRelation(after),
    ),
    constraintNames: withNames(links.constraintNames, schema, before?.constraints ?? [], after?.constraints ?? []),
    foldedNames:
      (before === undefined) === (after === undefined)
        ? links.foldedNames
        : withFolded(links, product, key, after !== undefined),
    temporaryKeys: withTemporary(links, product, key, before !== undefined, after !== undefined),
    ruledKeys: withKey(links.ruledKeys, key, isRuled(before), isRuled(after)),
  };
}

function isRuled(relation: Relation | undefined): boolean {
  return (relation?.ruleActions ?? []).length > 0;
}

/** The links after an index was made, changed or dropped. */
export function relinkIndex(
  links: Links,
  product: Product,
  key: string,
  before: Index | undefined,
  after: Index | undefined,
): Links {
  return {
    ...links,
    incoming: withEdges(
      links.incoming,
      key,
      before === undefined ? [] : edgesOfIndex(before),
      after === undefined ? [] : edgesOfIndex(after),
    ),
    foldedNames:
      (before === undefined) === (after === undefined)
        ? links.foldedNames
        : withFolded(links, product, key, after !== undefined),
  };
}

/** The links after a sequence was made, changed or dropped. */
export function relinkSequence(
  links: Links,
  product: Product,
  key: string,
  before: Sequence | undefined,
  after: Sequence | undefined,
): Links {
  return {
    ...links,
    incoming: withEdges(
      links.incoming,
      key,
      before === undefined ? [] : edgesOfSequence(before),
      after === undefined ? [] : edgesOfSequence(after),
    ),
    temporaryKeys: withTemporary(links, product, key, before !== undefined, after !== undefined),
  };
}

/** The links after a type was made, changed or dropped. */
export function relinkType(links: Links, before: UserType | undefined, after: UserType | undefined): Links {
  const type = after ?? before;
  if (type === undefined) return links;
  const from = typeLinkKey(type.schema, type.name);
  return {
    ...links,
    incoming: withEdges(
      links.incoming,
      from,
      before === undefined ? [] : edgesOfType(before),
      after === undefined ? [] : edgesOfType(after),
    ),
    constraintNames: withNames(
      links.constraintNames,
      type.schema,
      before?.domain?.constraints ?? [],
      after?.domain?.constraints ?? [],
    ),
  };
}

const worked = new WeakMap<object, Links>();

/** Links of a schema: those that the fold kept, or worked out once from all its objects (a catalog's, a test's). */
export function linksOf(
  schema: Pick<Schema, 'product' | 'relations' | 'indexes' | 'sequences' | 'types' | 'links'>,
): Links {
  if (schema.links !== undefined) return schema.links;
  const known = worked.get(schema);
  if (known !== undefined) return known;
  let links = NO_LINKS;
  for (const [key, relation] of schema.relations.entries())
    links = relinkRelation(links, schema.product, key, undefined, relation);
  for (const [key, index] of schema.indexes.entries())
    links = relinkIndex(links, schema.product, key, undefined, index);
  for (const [key, sequence] of schema.sequences.entries())
    links = relinkSequence(links, schema.product, key, undefined, sequence);
  for (const type of schema.types.values()) links = relinkType(links, undefined, type);
  worked.set(schema, links);
  return links;
}
