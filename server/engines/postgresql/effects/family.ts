import {
  childrenOf,
  dependantsOf,
  foreignKeysTo,
  indexesOf,
  partitionsOf,
  sequencesOf,
} from '../../../model/lookup.ts';
import type { LockMode } from '../../../model/effect.ts';
import type { Constraint, Index, Relation } from '../../../model/schema.ts';
import type { LockBook, Touched } from './lock-book.ts';

/** Whether a relation holds rows of its own: a partitioned table, a view and a foreign table do not. */
export function holdsRows(touched: Touched): boolean {
  return touched.kind === 'table' || touched.kind === 'materialized-view';
}

/** The relation and all partitions and inheritance children below it, parents first, each once. */
export function withDescendants(book: LockBook, root: Touched): readonly Touched[] {
  const seen = new Map<string, Touched>([[root.key, root]]);
  const queue = [root];
  for (let current = queue.shift(); current !== undefined; current = queue.shift()) {
    for (const { key, relation } of childrenOf(book.schema, current.key)) {
      if (seen.has(key)) continue;
      const child = book.relation(relation);
      seen.set(key, child);
      queue.push(child);
    }
  }
  return [...seen.values()];
}

/** The partitioned table and all partitions below it; a table that is not partitioned alone. */
export function withPartitions(book: LockBook, root: Touched): readonly Touched[] {
  if (root.kind !== 'partitioned-table') return [root];
  return [
    root,
    ...partitionsOf(book.schema, root.key).flatMap(({ relation }) => withPartitions(book, book.relation(relation))),
  ];
}

/** A partition with the partitioned tables above it, whose rows its own are. */
export function withAncestors(book: LockBook, touched: Touched): readonly Touched[] {
  const parent = touched.relation?.partitionOf?.parentKey;
  return parent === undefined ? [touched] : [touched, ...withAncestors(book, book.keyed(parent))];
}

/** The DEFAULT partition of a partitioned table. */
export function defaultPartition(book: LockBook, parentKey: string): Touched | undefined {
  const found = partitionsOf(book.schema, parentKey).find(
    ({ relation }) => relation.partitionOf?.bound.kind === 'default',
  );
  return found === undefined ? undefined : book.relation(found.relation);
}

/** Indexes on a relation that hold entries, those on partitioned tables left out. */
export function storedIndexes(book: LockBook, key: string): readonly Index[] {
  return indexesOf(book.schema, key).filter((index) => !index.isPartitioned);
}

/** Adds every index of a relation as rebuilt. */
export function rebuildIndexes(
  book: LockBook,
  touched: Touched,
  lock: LockMode,
  why: string,
  isKept: (index: Index) => boolean = () => true,
): void {
  for (const index of storedIndexes(book, touched.key))
    if (isKept(index)) book.add(book.index(index), { lock, rewrite: true, why });
}

/** Adds a rewrite of a relation: a new file for it and for each of its indexes. */
export function rewriteTable(
  book: LockBook,
  touched: Touched,
  why: string,
  options: { readonly certainty?: 'certain' | 'may'; readonly isKept?: (index: Index) => boolean } = {},
): void {
  const certainty = options.certainty ?? 'certain';
  if (!holdsRows(touched)) {
    book.add(touched, { lock: 'AccessExclusiveLock', why, certainty });
    return;
  }
  book.add(touched, { lock: 'AccessExclusiveLock', rewrite: true, scan: true, why, certainty });
  for (const index of storedIndexes(book, touched.key)) {
    if (options.isKept?.(index) === false) continue;
    book.add(book.index(index), {
      lock: 'AccessExclusiveLock',
      rewrite: true,
      certainty,
      why: `The index is built again because "${touched.name}" is rewritten.`,
    });
  }
}

/** Sequences owned by a relation's columns; of one column where it is given. */
export function ownedSequences(book: LockBook, key: string, column?: string): readonly Touched[] {
  return sequencesOf(book.schema, key)
    .filter(({ sequence }) => column === undefined || sequence.ownedBy?.column === column)
    .map(({ sequence }) => book.sequence(sequence));
}

/** A foreign key of a relation, and both sides of it. */
export interface ForeignKey {
  readonly child: Touched;
  readonly parent: Touched;
  readonly constraint: Constraint;
}

/** Columns that a foreign key points at: those written, or the primary key. */
export function columnsReferenced({ constraint, parent }: ForeignKey): readonly string[] {
  const written = constraint.references?.columns ?? [];
  return written.length > 0
    ? written
    : (parent.relation?.constraints.find((candidate) => candidate.kind === 'primary-key')?.columns ?? []);
}

/** Whether a constraint of a partition is the copy of its parent's. */
export function isInherited(book: LockBook, relation: Relation, constraint: Constraint): boolean {
  const parentKey = relation.partitionOf?.parentKey;
  const parent = parentKey === undefined ? undefined : book.schema.relations.get(parentKey);
  if (parent === undefined) return false;
  return (
    !constraint.isLocal ||
    parent.constraints.some(
      (other) =>
        other.kind === constraint.kind &&
        other.references?.key === constraint.references?.key &&
        other.columns.join() === constraint.columns.join() &&
        other.kind === 'foreign-key',
    )
  );
}

/** Foreign keys that a relation declares. */
export function foreignKeysOf(book: LockBook, touched: Touched): readonly ForeignKey[] {
  return (touched.relation?.constraints ?? []).flatMap((constraint) =>
    constraint.kind === 'foreign-key' && constraint.references !== undefined
      ? [{ child: touched, parent: book.keyed(constraint.references.key), constraint }]
      : [],
  );
}

/** Foreign keys of other relations, and its own, that point at a relation. */
export function foreignKeysInto(book: LockBook, touched: Touched): readonly ForeignKey[] {
  return foreignKeysTo(book.schema, touched.key).map(({ relation, constraint }) => ({
    child: book.relation(relation),
    parent: touched,
    constraint,
  }));
}

/** Foreign keys that point at a relation or at a partitioned table above it, each once: the copies that partitions have are left out. */
export function foreignKeysOver(book: LockBook, touched: Touched): readonly ForeignKey[] {
  return withAncestors(book, touched)
    .flatMap((whole) => foreignKeysInto(book, whole))
    .filter(({ child, constraint }) => child.relation === undefined || !isInherited(book, child.relation, constraint));
}

/** Views and materialized views over a relation, directly or through others; over some columns where they are given. */
export function viewsOver(book: LockBook, key: string, columns?: readonly string[]): readonly Touched[] {
  const found = new Map<string, Touched>();
  const visit = (current: string, used: readonly string[] | undefined): void => {
    for (const { key: viewKey, relation } of dependantsOf(book.schema, current)) {
      if (relation.kind !== 'view' && relation.kind !== 'materialized-view') continue;
      const reads = relation.dependsOn.find((dependency) => dependency.key === current);
      const isTouched =
        used === undefined ||
        reads === undefined ||
        reads.columns === 'unknown' ||
        reads.columns.some((column) => column === '*' || used.includes(column));
      if (!isTouched || found.has(viewKey)) continue;
      found.set(viewKey, book.relation(relation));
      visit(viewKey, undefined);
    }
  };
  visit(key, columns);
  return [...found.values()];
}

/** Relations that a view reads, through other views down to tables; a materialized view holds rows of its own and is not looked through. */
export function relationsUnder(book: LockBook, view: Touched): readonly Touched[] {
  const found = new Map<string, Touched>();
  const visit = (current: Touched): void => {
    for (const dependency of current.relation?.dependsOn ?? []) {
      if (found.has(dependency.key)) continue;
      const under = book.keyed(dependency.key);
      found.set(dependency.key, under);
      if (under.kind === 'view') visit(under);
    }
  };
  visit(view);
  return [...found.values()];
}
