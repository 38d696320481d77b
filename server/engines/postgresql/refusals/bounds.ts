import type { ExpressionTree } from '../../../model/expression.ts';
import { findRelation, partitionsOf } from '../../../model/lookup.ts';
import { objectKey } from '../../../model/names.ts';
import { isTableAction, type Operation, type PartitionBound } from '../../../model/operation.ts';
import type { Relation, Schema } from '../../../model/schema.ts';
import type { Refusal } from '../../engine.ts';
import { isAssignable } from '../types/assignable.ts';
import { baseType, type ValueType, valueType } from '../types/value-type.ts';
import { unfitIn } from './expressions.ts';

/** A partition whose rows another one of the table would hold too, or whose bound is of another kind than the table is partitioned by. */
export function refusedBound(operation: Operation, schema: Schema, version: number): Refusal | undefined {
  const part =
    operation.kind === 'create-table'
      ? operation.partitionOf === undefined
        ? undefined
        : { parent: operation.partitionOf.parent, bound: operation.partitionOf.bound, name: operation.relation.name }
      : isTableAction(operation) && operation.action.kind === 'attach-partition'
        ? { parent: operation.relation, bound: operation.action.bound, name: operation.action.partition.name }
        : undefined;
  const parent = part === undefined ? undefined : findRelation(schema, part.parent);
  if (part === undefined || parent?.kind !== 'partitioned-table') return undefined;
  const why =
    wrongKind(part.bound, parent) ??
    unfitBound(part.bound, parent, schema, version) ??
    overlapping(part.bound, parent, schema, part.name);
  return why === undefined ? undefined : { span: operation.span, message: why };
}

function wrongKind(bound: PartitionBound, { name, partitionKey }: Relation): string | undefined {
  if (partitionKey === undefined) return undefined;
  if (bound.kind === 'default')
    return partitionKey.strategy === 'hash'
      ? `${name} is partitioned BY HASH, and has no default partition.`
      : undefined;
  return bound.kind === partitionKey.strategy
    ? undefined
    : `${name} is partitioned BY ${partitionKey.strategy.toUpperCase()}, and this bound is of another kind.`;
}

/** A literal that is no value of the column that the table is partitioned by. */
function unfitBound(
  bound: PartitionBound,
  { partitionKey, columns }: Relation,
  schema: Schema,
  version: number,
): string | undefined {
  if (bound.kind !== 'list' && bound.kind !== 'range') return undefined;
  const typeOf = (place: number): ValueType | undefined => {
    const name = partitionKey?.elements[place]?.column;
    return valueType(schema, columns.find((column) => column.name === name)?.type);
  };
  const given =
    bound.kind === 'list'
      ? bound.values.map((tree) => ({ tree, type: typeOf(0) }))
      : [bound.from, bound.to].flatMap((trees) => trees.map((tree, place) => ({ tree, type: typeOf(place) })));
  for (const { tree, type } of given) {
    if (type === undefined || tree.kind !== 'literal') continue;
    const unfit = unfitIn(tree, type, version);
    if (unfit !== undefined) return unfit;
    if (typeof tree.value === 'number' && isAssignable(baseType('int4'), type) === false)
      return `${tree.value} is no value of the type ${type.name}, by which the table is partitioned.`;
  }
  return undefined;
}

function overlapping(bound: PartitionBound, parent: Relation, schema: Schema, name: string): string | undefined {
  for (const { relation } of partitionsOf(schema, objectKey(parent.schema, parent.name))) {
    const other = relation.partitionOf?.bound;
    if (other === undefined || relation.name === name) continue;
    if (bound.kind === 'hash' && other.kind === 'hash') {
      const [small, large] = [Math.min(bound.modulus, other.modulus), Math.max(bound.modulus, other.modulus)];
      if (small > 0 && large % small !== 0)
        return `The MODULUS ${bound.modulus} and that of ${relation.name}, ${other.modulus}, are no multiples of each other.`;
    }
    if (bound.kind === 'default' && other.kind === 'default')
      return `${parent.name} has a default partition already: ${relation.name}.`;
    if (bound.kind !== 'default' && overlaps(bound, other))
      return `Rows of this partition belong to ${relation.name} already.`;
  }
  return undefined;
}

function overlaps(bound: Exclude<PartitionBound, { readonly kind: 'default' }>, other: PartitionBound): boolean {
  if (bound.kind === 'list' && other.kind === 'list')
    return bound.values.some((value) => {
      const literal = plain(value);
      return literal !== undefined && other.values.some((each) => plain(each) === literal);
    });
  if (bound.kind === 'hash' && other.kind === 'hash') {
    const [small, large] = bound.modulus <= other.modulus ? [bound, other] : [other, bound];
    return large.modulus % small.modulus === 0 && large.remainder % small.modulus === small.remainder;
  }
  if (bound.kind !== 'range' || other.kind !== 'range') return false;
  const [from, to, start, end] = [bound.from, bound.to, other.from, other.to].map((trees) =>
    trees.length === 1 && trees[0] !== undefined ? plain(trees[0]) : undefined,
  );
  if (from === undefined || to === undefined || start === undefined || end === undefined) return false;
  if ([from, to, start, end].every((value): value is number => typeof value === 'number'))
    return from < end && start < to;
  // Days as text are in order where they are all written alike.
  return (
    [from, to, start, end].every((value) => typeof value === 'string' && IS_DAY.test(value)) && from < end && start < to
  );
}

/** Whether a value surely is none of a partition's. */
export function isOutside(tree: ExpressionTree, bound: PartitionBound | undefined): boolean {
  const value = plain(tree);
  if (value === undefined || bound === undefined) return false;
  const isAlike = (each: string | number | undefined): boolean =>
    typeof each === typeof value && (typeof each !== 'string' || (IS_DAY.test(each) && IS_DAY.test(String(value))));
  if (bound.kind === 'list') {
    const all = bound.values.map(plain);
    // Texts that differ may be the same under a collation, but for those whose digits and small letters differ.
    return all.every(
      (each) =>
        typeof each === typeof value && letters(each) !== letters(value) && isPlainText(each) && isPlainText(value),
    );
  }
  if (bound.kind !== 'range' || bound.from.length !== 1 || bound.to.length !== 1) return false;
  const [from, to] = [bound.from[0], bound.to[0]].map((each) => (each === undefined ? undefined : plain(each)));
  if (from === undefined || to === undefined || !isAlike(from) || !isAlike(to)) return false;
  return value < from || value >= to;
}

const IS_DAY = /^\d{4}-\d\d-\d\d$/;

function isPlainText(value: string | number | undefined): boolean {
  return typeof value !== 'string' || /^[a-z\d_-]+$/.test(value);
}

/** What every collation tells apart. */
function letters(value: string | number | undefined): string {
  return String(value).replaceAll(/[_-]/g, '');
}

/** A literal as it is written; undefined for MINVALUE, casts and the like. */
function plain(tree: ExpressionTree): string | number | undefined {
  return tree.kind === 'literal' && (typeof tree.value === 'string' || typeof tree.value === 'number')
    ? tree.value
    : undefined;
}
