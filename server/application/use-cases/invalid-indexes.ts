import type { DatabaseFacts } from '../project.ts';

/** An index that a failed build left: it costs every write and serves no read. */
export interface InvalidIndex {
  readonly name: string;
  /** Null where its table is not in the catalog. */
  readonly table: string | null;
}

/** Invalid indexes of a database. */
export function invalidIndexes({ catalog }: DatabaseFacts): readonly InvalidIndex[] {
  if (catalog === undefined) return [];
  // An index of a partitioned table is invalid until each partition has its own, which may be meant.
  return [...catalog.indexes.values()].flatMap((index) =>
    index.valid || index.isPartitioned
      ? []
      : [{ name: index.name, table: catalog.relations.get(index.relationKey)?.name ?? null }],
  );
}
