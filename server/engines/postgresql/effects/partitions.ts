import { type Expression, withoutParentheses } from '../../../model/expression.ts';
import { indexesOf, partitionsOf } from '../../../model/lookup.ts';
import type { ObjectName } from '../../../model/names.ts';
import type { PartitionBound } from '../../../model/operation.ts';
import type { Index, Relation } from '../../../model/schema.ts';
import {
  defaultPartition,
  foreignKeysOf,
  foreignKeysOver,
  holdsRows,
  withDescendants,
  withPartitions,
} from './family.ts';
import { addForeignKey, isTakenOver } from './foreign-keys.ts';
import type { LockBook, Touched } from './lock-book.ts';
import { isNotNull, provesBound, provesOutside } from './proof.ts';

const SOURCE = 'PostgreSQL manual, "ALTER TABLE", ATTACH PARTITION';

/** ATTACH PARTITION: reads the new partition unless its constraints prove that it fits, and the DEFAULT partition unless it proves that nothing there belongs to the new one. */
export function attachPartition(book: LockBook, parent: Touched, name: ObjectName, bound: PartitionBound): void {
  const child = book.named(name);
  book.add(parent, {
    lock: 'ShareUpdateExclusiveLock',
    why: `"${parent.name}" gets a partition; reads and writes of the others go on.`,
    source: SOURCE,
  });
  const isFirst = withPartitions(book, parent).length <= 1;
  const isUnbounded = bound.kind === 'default' && isFirst;
  for (const part of withDescendants(book, child)) {
    const isProved =
      isUnbounded ||
      provesDefault(book, parent, part, bound) ||
      (part.relation !== undefined && provesBound(part.relation, parent.relation?.partitionKey, bound));
    const isKnown = part.relation !== undefined && parent.relation?.partitionKey !== undefined;
    const why = isProved
      ? `The constraints of "${part.name}" prove that every row fits, so none is read.`
      : `Every row of "${part.name}" is read to make sure that it fits the partition.`;
    book.add(part, {
      lock: 'AccessExclusiveLock',
      scan: !isProved && holdsRows(part),
      certainty: isProved || isKnown ? 'certain' : 'may',
      why,
      source: SOURCE,
    });
    const missing = parent.relation === undefined ? undefined : missingIndex(book, parent, part);
    if (missing !== undefined && holdsRows(part))
      book.add(part, {
        lock: 'AccessExclusiveLock',
        scan: true,
        why: `"${part.name}" has no index like "${missing.name}" of its new parent, so one is built.`,
        source: SOURCE,
      });
    if (parent.relation !== undefined && part.relation !== undefined)
      checkInheritedNotNull(book, parent.relation, part, part.relation);
  }
  lookThroughDefault(book, parent, bound, child.key);
  const own = (child.relation?.constraints ?? []).filter((constraint) => constraint.kind === 'foreign-key');
  for (const key of foreignKeysOf(book, parent)) {
    const equal = own.findIndex((constraint) => isTakenOver(book, constraint, key.constraint));
    const [taken] = equal < 0 ? [] : own.splice(equal, 1);
    addForeignKey(book, child, key.parent, {
      childLock: 'AccessExclusiveLock',
      checksRows: key.constraint.validated,
      constraint: key.constraint,
      ...(taken === undefined ? {} : { taken }),
    });
  }
  if (book.target.version < 15) return;
  for (const key of foreignKeysOver(book, parent))
    book.add(key.child, {
      lock: 'ShareRowExclusiveLock',
      why: `"${key.child.name}" references "${parent.name}", so its foreign key is extended to the new partition.`,
      source: SOURCE,
    });
}

/** Whether a new DEFAULT partition's constraints rule out the rows of every other partition. */
function provesDefault(book: LockBook, parent: Touched, part: Touched, bound: PartitionBound): boolean {
  const { relation } = part;
  if (bound.kind !== 'default' || relation === undefined) return false;
  return partitionsOf(book.schema, parent.key).every((sibling) => {
    const taken = sibling.relation.partitionOf?.bound;
    return taken !== undefined && provesOutside(relation, parent.relation?.partitionKey, taken);
  });
}

/** A primary key of the parent needs its columns non-null in the partition; a column that may be null is refused, not read. */
function checkInheritedNotNull(book: LockBook, parent: Relation, part: Touched, relation: Relation): void {
  const primary = parent.constraints.find((constraint) => constraint.kind === 'primary-key');
  for (const column of primary?.columns ?? []) {
    if (!isNotNull(relation, column) && holdsRows(part))
      book.add(part, {
        lock: 'AccessExclusiveLock',
        scan: true,
        why: `Every row of "${part.name}" is read to make sure that "${column}" is not null.`,
        source: SOURCE,
      });
  }
}

function missingIndex(book: LockBook, parent: Touched, child: Touched): Index | undefined {
  const own = indexesOf(book.schema, child.key);
  return indexesOf(book.schema, parent.key).find((index) => !own.some((candidate) => isAlike(index, candidate)));
}

function isAlike(left: Index, right: Index): boolean {
  const textOf = (expression: Expression | undefined): string | undefined =>
    expression === undefined ? undefined : withoutParentheses(expression.text);
  const shape = (index: Index): string =>
    JSON.stringify([
      index.method,
      index.unique,
      index.elements.map((element) => [
        element.column,
        textOf(element.expression),
        element.collation,
        element.operatorClass,
        element.descending,
      ]),
      index.include,
      textOf(index.where),
    ]);
  return shape(left) === shape(right) && (left.constraint === undefined || right.constraint !== undefined);
}

/** Reads the DEFAULT partition for rows that belong to a new one. */
function lookThroughDefault(book: LockBook, parent: Touched, bound: PartitionBound, newKey: string): void {
  const rest = defaultPartition(book, parent.key);
  if (rest === undefined || rest.key === newKey || bound.kind === 'default') return;
  for (const part of withPartitions(book, rest)) {
    const isProved = part.relation !== undefined && provesOutside(part.relation, parent.relation?.partitionKey, bound);
    book.add(part, {
      lock: 'AccessExclusiveLock',
      scan: !isProved && holdsRows(part),
      source: SOURCE,
      why: isProved
        ? `A CHECK of the DEFAULT partition "${part.name}" rules out rows of the new partition, so none is read.`
        : `Every row of the DEFAULT partition "${part.name}" is read, because it may belong to the new partition.`,
    });
  }
}

/** CREATE TABLE ... PARTITION OF: the parent under the strongest lock, and the DEFAULT partition as ATTACH reads it. */
export function createPartition(book: LockBook, parentName: ObjectName, bound: PartitionBound): void {
  const parent = book.named(parentName, 'partitioned-table');
  book.add(parent, {
    lock: 'AccessExclusiveLock',
    why: `A partition made in place changes "${parent.name}" under the strongest lock; ATTACH PARTITION takes a weaker one.`,
    source: 'PostgreSQL manual, "CREATE TABLE", PARTITION OF',
  });
  lookThroughDefault(book, parent, bound, '');
  for (const key of foreignKeysOf(book, parent)) {
    for (const part of withPartitions(book, key.parent))
      book.add(part, {
        lock: 'ShareRowExclusiveLock',
        why: `The new partition has its parent's foreign key, which puts triggers on "${part.name}".`,
      });
  }
  // Before 15 the referencing table needed no lock for it.
  if (book.target.version < 15) return;
  for (const key of foreignKeysOver(book, parent))
    book.add(key.child, {
      lock: 'ShareRowExclusiveLock',
      why: `"${key.child.name}" references "${parent.name}", so its foreign key is extended to the new partition.`,
    });
}

/** DETACH PARTITION in its three modes. */
export function detachPartition(
  book: LockBook,
  parent: Touched,
  name: ObjectName,
  mode: 'plain' | 'concurrently' | 'finalize',
): void {
  const child = book.named(name);
  const source = 'PostgreSQL manual, "ALTER TABLE", DETACH PARTITION';
  const isPlain = mode === 'plain';
  book.add(parent, {
    lock: isPlain ? 'AccessExclusiveLock' : 'ShareUpdateExclusiveLock',
    why: isPlain
      ? `"${parent.name}" loses a partition under the strongest lock.`
      : `"${parent.name}" loses a partition while reads and writes go on.`,
    source,
  });
  const isKeyed =
    (child.kind !== 'partitioned-table' && foreignKeysOver(book, parent).length > 0) ||
    foreignKeysOf(book, parent).some((key) => key.parent.kind === 'partitioned-table');
  for (const part of withPartitions(book, child)) {
    const isWeak = isPlain && book.target.version < 14 && part.key === child.key && !isKeyed;
    book.add(part, {
      lock: isWeak ? 'ShareUpdateExclusiveLock' : 'AccessExclusiveLock',
      why: isWeak
        ? `"${part.name}" becomes a table of its own; reads and writes of it go on.`
        : `"${part.name}" becomes a table of its own under the strongest lock.`,
      source,
    });
  }
  const rest = defaultPartition(book, parent.key);
  if (isPlain && rest !== undefined)
    book.add(rest, {
      lock: 'AccessExclusiveLock',
      why: `The DEFAULT partition "${rest.name}" now takes the rows of the partition that goes, so its bounds change.`,
      source,
    });
  for (const key of foreignKeysOf(book, parent)) {
    // Before 15 a partitioned table got no triggers for it.
    if (book.target.version < 15 && key.parent.kind === 'partitioned-table') continue;
    for (const part of withPartitions(book, key.parent))
      book.add(part, {
        lock: 'ShareRowExclusiveLock',
        why: `"${child.name}" keeps its foreign key as its own, which puts triggers on "${part.name}".`,
        source,
      });
  }
  for (const key of foreignKeysOver(book, parent)) {
    book.add(key.child, {
      lock: 'AccessExclusiveLock',
      why: `The foreign key of "${key.child.name}" no longer reaches the partition that goes, which locks the table under the strongest lock.`,
      source,
    });
    for (const part of withPartitions(book, key.child))
      book.read(part, `Every row of "${part.name}" is read, because it must not reference the partition that goes.`);
    for (const part of withPartitions(book, child))
      book.read(part, `Every row of "${part.name}" is compared with those that reference it.`);
  }
}
