import type { LockMode } from '../../../model/effect.ts';
import type { Constraint } from '../../../model/schema.ts';
import type { LockBook, Touched } from './lock-book.ts';
import { type ForeignKey, holdsRows, isInherited, withPartitions } from './family.ts';

/** Adds a new foreign key: triggers on both sides, and a look at every row unless it says NOT VALID or NOT ENFORCED. */
export function addForeignKey(
  book: LockBook,
  child: Touched,
  parent: Touched,
  options: {
    readonly childLock: LockMode;
    readonly checksRows: boolean;
    readonly readsParent?: boolean;
    readonly certainty?: 'certain' | 'may';
    /** What is added, so that partitions that have it already are known. */
    readonly constraint?: KeyShape;
    /** The table's own key that becomes what is added. */
    readonly taken?: Constraint;
  },
): void {
  const certainty = options.certainty ?? 'certain';
  let readsParent = false;
  for (const part of withPartitions(book, child)) {
    const taken = part.key === child.key ? options.taken : takenOver(book, part, options);
    if (taken?.enforced === true)
      dropReferencedTriggers(
        book,
        parent,
        `The foreign key of "${part.name}" becomes a part of the one above it, and its own triggers`,
      );
    const isChecked = options.checksRows && taken?.validated !== true;
    readsParent ||= isChecked && options.readsParent !== false && part.kind !== 'partitioned-table';
    book.add(part, {
      lock: options.childLock,
      scan: isChecked && holdsRows(part),
      certainty,
      why: isChecked
        ? `Every row of "${part.name}" is looked up in "${parent.name}" while the lock is held.`
        : `The foreign key puts triggers on "${part.name}" without looking at its rows.`,
      source: 'PostgreSQL manual, "ALTER TABLE", ADD table_constraint',
    });
  }
  for (const part of withPartitions(book, parent)) {
    book.add(part, {
      lock: 'ShareRowExclusiveLock',
      scan: readsParent && holdsRows(part),
      // What few rows point at is found through its key.
      scanCertainty: 'may',
      certainty,
      why: readsParent
        ? `The foreign key puts triggers on "${part.name}" and reads it to find each referenced row.`
        : `The foreign key puts triggers on the referenced table "${part.name}".`,
      source: 'PostgreSQL manual, "ALTER TABLE", ADD table_constraint',
    });
  }
}

/** What two foreign keys must share for one to become a part of the other. */
export type KeyShape = Pick<Constraint, 'columns' | 'references' | 'deferrable' | 'initiallyDeferred' | 'enforced'>;

/** Whether a foreign key of a table can be a part of that of its partitioned table, so that no row is looked up again. Source: `tryAttachPartitionForeignKey`. */
export function isTakenOver(book: LockBook, own: Constraint, whole: KeyShape): boolean {
  const shape = ({ columns, references, deferrable, initiallyDeferred, enforced }: KeyShape): string =>
    JSON.stringify([
      columns,
      references?.key,
      references?.columns,
      references?.onDelete ?? '',
      references?.onUpdate ?? '',
      references?.match ?? '',
      deferrable,
      initiallyDeferred,
      enforced,
    ]);
  // One that is not valid is taken over from 18 on, and then looked through.
  return (own.validated || book.target.version >= 18) && shape(own) === shape(whole);
}

/** The foreign key of a partition that becomes a part of a new one: its own, or with its parent's the copy of that. */
function takenOver(
  book: LockBook,
  part: Touched,
  { constraint, taken }: { readonly constraint?: KeyShape; readonly taken?: Constraint },
): Constraint | undefined {
  const { relation } = part;
  if (constraint === undefined || relation === undefined) return undefined;
  return relation.constraints.find(
    (own) =>
      own.kind === 'foreign-key' &&
      (taken !== undefined || !isInherited(book, relation, own)) &&
      isTakenOver(book, own, constraint),
  );
}

/** The triggers of a foreign key that another one takes over go from the table that it references. */
export function dropReferencedTriggers(book: LockBook, parent: Touched, what: string): void {
  for (const part of withPartitions(book, parent)) {
    // Before 15 a partitioned table had none.
    if (book.target.version < 15 && part.kind === 'partitioned-table') continue;
    book.add(part, {
      lock: 'AccessExclusiveLock',
      why: `${what} on "${part.name}" go.`,
      source: 'PostgreSQL manual, "ALTER TABLE", ATTACH PARTITION',
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
    book.add(part, {
      lock: 'AccessExclusiveLock',
      why: `The foreign key "${key.constraint.name}" of "${part.name}" goes.`,
    });
  }
  // One that is not enforced has no triggers: only the constraint itself is there to go.
  if (!key.constraint.enforced && options.withTable === true) return;
  for (const part of key.constraint.enforced ? withPartitions(book, key.parent) : [key.parent]) {
    // Before 15 only the partitions that hold rows had the triggers; the constraint itself locks the table that it names.
    if (
      book.target.version < 15 &&
      part.kind === 'partitioned-table' &&
      (options.withTable === true || part.key !== key.parent.key)
    )
      continue;
    book.add(part, {
      lock: 'AccessExclusiveLock',
      why: `The foreign key's triggers on the referenced table "${part.name}" go with it, and that locks the table too.`,
    });
  }
}
