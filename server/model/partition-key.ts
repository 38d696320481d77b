import type { IndexElement, PartitionKey } from './operation.ts';

/**
 * What of a partition key a unique key over columns does not hold, an expression before a column; undefined where it
 * holds all of it, as the key of a partitioned table must. Source: PostgreSQL manual, "Table Partitioning", limitations.
 */
export function outsideUniqueKey(
  key: PartitionKey | undefined,
  columns: readonly (string | undefined)[],
): IndexElement | undefined {
  const elements = key?.elements ?? [];
  return (
    elements.find(({ column }) => column === undefined) ?? elements.find(({ column }) => !columns.includes(column))
  );
}
