import type { LockMode } from '../../../model/effect.ts';
import type { LockBook, Touched } from './lock-book.ts';
import { type ForeignKey, holdsRows, withPartitions } from './family.ts';

/** Adds a new foreign key: triggers on both sides, and a look at every row unless it says NOT VALID or NOT ENFORCED. */
export function addForeignKey(book: LockBook, child: Touched, parent: Touched, options: {
  readonly childLock: LockMode; readonly checksRows: boolean; readonly readsParent?: boolean; readonly certainty?: 'certain' | 'may';
}): void {
  const certainty = options.certainty ?? 'certain';
  for (const part of withPartitions(book, child)) {
    book.add(part, {
      lock: options.childLock, scan: options.checksRows && holdsRows(part), certainty,
      why: options.checksRows ? `Every row of "${part.name}" is looked up in "${parent.name}" while the lock is held.` : `The foreign key puts triggers on "${part.name}" without looking at its rows.`,
      source: 'PostgreSQL manual, "ALTER TABLE", ADD table_constraint',
    });
  }
  for (const part of withPartitions(book, parent)) {
    book.add(part, {
      lock: 'ShareRowExclusiveLock', scan: options.checksRows && options.readsParent !== false && holdsRows(part), certainty,
      why: options.checksRows ? `The foreign key puts triggers on "${part.name}" and reads it to find each referenced row.` : `The foreign key puts triggers on the referenced table "${part.name}".`,
      source: 'PostgreSQL manual, "ALTER TABLE", ADD table_constraint',
    });
  }
}

/** Tells foreign keys apart within a schema. */
export function foreignKeyId(key: ForeignKey): string {
  return `${key.child.key}\u0000${key.constraint.name}`;
}

/** Adds the removal of a foreign key: its triggers go from both tables. */
export function dropForeignKey(book: LockBook, key: ForeignKey, options: { readonly withTable?: boolean } = {}): void {
  for (const part of withPartitions(book, key.child)) {
    book.add(part, { lock: 'AccessExclusiveLock', why: `The foreign key "${key.constraint.name}" of "${part.name}" goes.` });
  }
  for (const part of withPartitions(book, key.parent)) {
    // Before 15 dropping the table left the partitioned parent itself alone: only its partitions had the triggers.
    if (options.withTable === true && book.target.version < 15 && part.kind === 'partitioned-table' && part.key === key.parent.key) continue;
    book.add(part, { lock: 'AccessExclusiveLock', why: `The foreign key's triggers on the referenced table "${part.name}" go with it, and that locks the table too.` });
  }
}

