import type { PersistentMap } from '../core/persistent-map.ts';
import type { Expression, ExpressionTree } from './expression.ts';
import { displayName } from './names.ts';
import type { Relation, Schema } from './schema.ts';

/** What says where an object comes from, or how it was written, and not what it is. */
const BESIDE = new Set([
  'origin',
  'span',
  'size',
  'sql',
  'viewText',
  'definition',
  'policyDefinitions',
  'calls',
  'rights',
  'body',
  'within',
  'inlineOf',
]);

/**
 * In what two schemas differ, as a phrase: `the column users.age`; undefined where both hold the same objects. The order of
 * columns and where an object was made do not count.
 */
export function schemaDifference(left: Schema, right: Schema): string | undefined {
  const relations = keysOf(left.relations, right.relations);
  for (const key of relations) {
    const [one, other] = [left.relations.get(key), right.relations.get(key)];
    const relation = one ?? other;
    if (relation === undefined || isSame(one, other)) continue;
    const name = displayName({ name: relation.name });
    if (one === undefined || other === undefined) return `the table ${name}`;
    const part = differingPart(one, other);
    if (part !== undefined) return `${part} of ${name}`;
  }
  for (const [word, one, other] of [
    ['index', left.indexes, right.indexes],
    ['sequence', left.sequences, right.sequences],
    ['type', left.types, right.types],
    ['function', left.functions, right.functions],
    ['schema', left.schemas, right.schemas],
  ] as const) {
    const maps: readonly [PersistentMap<{ readonly name: string }>, PersistentMap<{ readonly name: string }>] = [
      one,
      other,
    ];
    for (const key of keysOf(...maps)) {
      const [before, after] = [maps[0].get(key), maps[1].get(key)];
      if (!isSame(before, after)) return `the ${word} ${(before ?? after)?.name ?? ''}`;
    }
  }
  return undefined;
}

function keysOf<Value extends NonNullable<unknown>>(
  one: PersistentMap<Value>,
  other: PersistentMap<Value>,
): ReadonlySet<string> {
  return new Set([...one.entries(), ...other.entries()].map(([key]) => key));
}

function differingPart(one: Relation, other: Relation): string | undefined {
  for (const [word, left, right] of [
    ['column', one.columns, other.columns],
    ['constraint', one.constraints, other.constraints],
    ['trigger', one.triggers, other.triggers],
  ] as const) {
    const lists: readonly [readonly { readonly name: string }[], readonly { readonly name: string }[]] = [left, right];
    for (const name of new Set([...lists[0], ...lists[1]].map((part) => part.name))) {
      const [before, after] = lists.map((list) => list.find((part) => part.name === name));
      if (!isSame(before, after)) return `the ${word} ${name}`;
    }
  }
  const { columns: _columns, constraints: _constraints, triggers: _triggers, ...left } = one;
  const { columns: _otherColumns, constraints: _otherConstraints, triggers: _otherTriggers, ...right } = other;
  return isSame(left, right) ? undefined : 'the definition';
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || textOf(one) === textOf(other);
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (key, inner: unknown) => {
    if (BESIDE.has(key)) return undefined;
    if (key === 'default' && isExpression(inner)) return treeText(inner.tree);
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner;
    // Members in one order, whoever made the object.
    return Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)));
  });
}

function isExpression(value: unknown): value is Expression {
  return typeof value === 'object' && value !== null && 'tree' in value && 'text' in value;
}

/** A default without the casts of literals: what they are made of is the column's type, which is compared by itself. */
function treeText(tree: ExpressionTree): string {
  let inner = tree;
  while (inner.kind === 'cast') [inner] = inner.operands;
  return JSON.stringify(inner.kind === 'literal' ? inner : tree, (key, part: unknown) =>
    // A word of serial and nextval('...') written out are the same default.
    key === 'arity' ? undefined : isSequenceName(part) ? part.operands[0] : part,
  );
}

/** `'users_id_seq'::regclass` */
function isSequenceName(part: unknown): part is Extract<ExpressionTree, { readonly kind: 'cast' }> {
  if (typeof part !== 'object' || part === null || !('kind' in part) || part.kind !== 'cast') return false;
  // What has this kind is a cast: these are the trees of our own parsers.
  const { type, operands } = part as Extract<ExpressionTree, { readonly kind: 'cast' }>;
  return type.name === 'regclass' && operands[0].kind === 'literal';
}
