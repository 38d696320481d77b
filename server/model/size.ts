import { partitionsOf } from './lookup.ts';
import type { RelationSize, Schema } from './schema.ts';

/** Rows and bytes of a relation, for a partitioned table the sum of its partitions; undefined where any of them is not known. */
export function sizeOf(schema: Schema, relationKey: string): RelationSize | undefined {
  const relation = schema.relations.get(relationKey);
  if (relation?.kind !== 'partitioned-table') return relation?.size;
  let sum: RelationSize | undefined;
  for (const partition of partitionsOf(schema, relationKey)) {
    const size = sizeOf(schema, partition.key);
    if (size === undefined) return undefined;
    sum = sum === undefined ? size : added(sum, size);
  }
  return sum;
}

function added(left: RelationSize, right: RelationSize): RelationSize {
  const parts =
    left.heapBytes === undefined || right.heapBytes === undefined
      ? {}
      : {
          heapBytes: left.heapBytes + right.heapBytes,
          toastBytes: (left.toastBytes ?? 0) + (right.toastBytes ?? 0),
          indexBytes: (left.indexBytes ?? 0) + (right.indexBytes ?? 0),
        };
  return { rows: left.rows + right.rows, bytes: left.bytes + right.bytes, ...parts };
}

/** Sizes of the relations of a schema, by key. */
export function sizesIn(schema: Schema): ReadonlyMap<string, RelationSize> {
  return new Map(
    [...schema.relations.entries()].flatMap(([key, { size }]) => (size === undefined ? [] : [[key, size] as const])),
  );
}

/** The schema with the sizes of some relations, by key; those of others stay as they are. */
export function withSizes(schema: Schema, sizes: ReadonlyMap<string, RelationSize>): Schema {
  let { relations } = schema;
  for (const [key, size] of sizes) {
    const relation = relations.get(key);
    if (relation !== undefined) relations = relations.set(key, { ...relation, size });
  }
  return relations === schema.relations ? schema : { ...schema, relations };
}
