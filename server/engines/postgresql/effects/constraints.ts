import type { ConstraintDefinition, TableActionDetail } from '../../../model/operation.ts';
import { childrenOf, findIndex } from '../../../model/lookup.ts';
import type { Constraint } from '../../../model/schema.ts';
import { objectKey } from '../../../model/names.ts';
import { type AlterTable, reached } from './altered-table.ts';
import { foreignKeysInto, holdsRows, storedIndexes, withDescendants, withPartitions } from './family.ts';
import { addForeignKey, dropForeignKey, foreignKeyId, type KeyShape } from './foreign-keys.ts';
import type { LockBook, Touched } from './lock-book.ts';
import { isNotNull, isProvedNotNull } from './proof.ts';

const MANUAL = 'PostgreSQL manual, "ALTER TABLE"';

/** Whether the rows of a table must be read to make sure that a column is never null. */
function mustCheckNotNull(statement: AlterTable, part: Touched, column: string): boolean | 'unknown' {
  const { relation } = part;
  const existing = relation?.columns.find((candidate) => candidate.name === column);
  const isNew = statement.actions.some(({ action }) => action.kind === 'add-column' && action.column.name === column);
  if (existing === undefined && isNew) return true;
  if (relation === undefined) return 'unknown';
  if (existing === undefined)
    return isProvedNotNull(relation, column, statement.droppedConstraints) ? false : 'unknown';
  if (isNotNull(relation, column)) return false;
  if (existing.notNull) return true;
  if (isProvedNotNull(relation, column, statement.droppedConstraints)) return false;
  return relation.detailsKnown ? true : 'unknown';
}

/** Reads the rows of a table for nulls in a column, unless it is known that there are none. */
export function checkNotNull(statement: AlterTable, part: Touched, column: string): void {
  const must = mustCheckNotNull(statement, part, column);
  if (must === false || !holdsRows(part)) return;
  statement.book.add(part, {
    lock: 'AccessExclusiveLock',
    scan: true,
    certainty: must === 'unknown' ? 'may' : 'certain',
    source: `${MANUAL}, SET/DROP NOT NULL`,
    why:
      must === 'unknown'
        ? `Every row of "${part.name}" is read for nulls in "${column}" if no valid CHECK rules them out.`
        : `Every row of "${part.name}" is read to make sure that "${column}" is not null.`,
  });
}

/** With ONLY the partitions of a column that may be null are looked at too: whether theirs may. */
function lockPartitions({ book, touched, only }: AlterTable, columns: readonly string[]): void {
  if (
    !only ||
    touched.kind !== 'partitioned-table' ||
    columns.every(
      (column) => touched.relation?.columns.find((candidate) => candidate.name === column)?.notNull === true,
    )
  )
    return;
  for (const part of withPartitions(book, touched))
    book.add(part, {
      lock: 'AccessExclusiveLock',
      why: `That ${columns.map((column) => `"${column}"`).join(', ')} of "${part.name}" is never null is looked up in the catalog.`,
      source: `${MANUAL}, SET/DROP NOT NULL`,
    });
}

/** SET NOT NULL: reads every row, unless a valid CHECK shows that there are no nulls. */
export function setNotNull(statement: AlterTable, column: string): void {
  const { book, touched } = statement;
  lockPartitions(statement, [column]);
  // 18 has a constraint for it, and goes no further where that is there.
  const isThere =
    book.target.version >= 18 &&
    touched.relation !== undefined &&
    isNotNull(touched.relation, column) &&
    !statement.droppedConstraints.has(notNullOf(touched, column)?.name ?? '');
  for (const part of isThere ? [touched] : reached(statement)) {
    statement.book.add(part, {
      lock: 'AccessExclusiveLock',
      why: `That "${column}" of "${part.name}" is never null is already known, so only the catalog changes.`,
      source: `${MANUAL}, SET/DROP NOT NULL`,
    });
    checkNotNull(statement, part, column);
  }
}

/** ADD CONSTRAINT of every kind. */
export function addConstraint(statement: AlterTable, constraint: ConstraintDefinition): void {
  const { book, touched } = statement;
  const looks = constraint.notValid !== true && constraint.notEnforced !== true;
  switch (constraint.kind) {
    case 'check': {
      const parts = constraint.noInherit === true && book.target.version < 18 ? [touched] : reached(statement);
      for (const part of parts) {
        const isChecked = looks && holdsRows(part) && (constraint.noInherit !== true || part.key === touched.key);
        book.add(part, {
          lock: 'AccessExclusiveLock',
          scan: isChecked,
          source: `${MANUAL}, ADD table_constraint`,
          why: isChecked
            ? `Every row of "${part.name}" is checked while nobody else may read or write it.`
            : `The CHECK of "${part.name}" is added to the catalog; existing rows are not read.`,
        });
      }
      return;
    }
    case 'not-null': {
      const column = constraint.columns[0] ?? '';
      for (const part of reached(statement)) {
        const isConcerned = constraint.noInherit !== true || part.key === touched.key;
        book.add(part, {
          lock: 'AccessExclusiveLock',
          why: isConcerned
            ? `NOT NULL of "${column}" is added to the catalog of "${part.name}".`
            : `"${part.name}" inherits from "${touched.name}" and is locked with it.`,
          source: `${MANUAL}, ADD table_constraint`,
        });
        if (looks && isConcerned) checkNotNull(statement, part, column);
      }
      return;
    }
    case 'foreign-key': {
      if (constraint.references === undefined) return;
      const isValidated = statement.actions.some(
        ({ action }) => action.kind === 'validate-constraint' && action.constraint === constraint.name,
      );
      const parent = book.named(constraint.references.relation);
      addForeignKey(book, touched, parent, {
        childLock: 'ShareRowExclusiveLock',
        checksRows: looks || isValidated,
        constraint: shapeOf(constraint, parent),
      });
      // 18 takes the lock on inheritance children too, though the constraint does not reach them.
      if (book.target.version >= 18 && !statement.only)
        for (const part of withDescendants(book, touched))
          book.add(part, {
            lock: 'ShareRowExclusiveLock',
            why: `"${part.name}" inherits from "${touched.name}" and is locked with it.`,
          });
      return;
    }
    case 'unique':
    case 'primary-key':
    case 'exclusion':
      return addKey(statement, constraint);
  }
}

/** A foreign key as the schema would hold it: the columns that it leaves out are those of the primary key. */
function shapeOf(
  { columns, references, deferrable, initiallyDeferred, notEnforced }: ConstraintDefinition,
  parent: Touched,
): KeyShape {
  const primary = parent.relation?.constraints.find((constraint) => constraint.kind === 'primary-key');
  const isDeferred = initiallyDeferred === true;
  const written = references?.columns ?? [];
  return {
    columns,
    deferrable: deferrable ?? isDeferred,
    initiallyDeferred: isDeferred,
    enforced: notEnforced !== true,
    ...(references === undefined
      ? {}
      : {
          references: {
            ...references,
            key: parent.key,
            schema: parent.schema,
            name: parent.name,
            columns: written.length > 0 ? written : (primary?.columns ?? []),
          },
        }),
  };
}

/** A constraint that needs an index: built while the lock is held, unless USING INDEX names one. */
export function addKey(statement: AlterTable, constraint: ConstraintDefinition): void {
  const { book, touched } = statement;
  const isPrimary = constraint.kind === 'primary-key';
  const columns =
    constraint.usingIndex === undefined ? constraint.columns : indexColumns(statement, constraint.usingIndex);
  // Before 18, columns that are NOT NULL already are not made so again, and partitions are then locked for the index only.
  const isRequired =
    isPrimary &&
    touched.kind === 'partitioned-table' &&
    columns.every(
      (column) => touched.relation?.columns.find((candidate) => candidate.name === column)?.notNull === true,
    );
  book.add(touched, {
    lock: 'AccessExclusiveLock',
    why: `The finished index becomes the constraint of "${touched.name}"; no row is read.`,
    source: `${MANUAL}, ADD table_constraint_using_index`,
  });
  if (constraint.usingIndex === undefined) {
    remake(statement, constraint);
    const parts = statement.only ? [touched] : withPartitions(book, touched);
    for (const part of parts) {
      const isUnder = part.key !== touched.key && (!isPrimary || isRequired) && book.target.version < 18;
      book.add(part, {
        // A deferrable constraint checks by a trigger, which is made on each part.
        lock: !isUnder ? 'AccessExclusiveLock' : constraint.deferrable === true ? 'ShareRowExclusiveLock' : 'ShareLock',
        scan: holdsRows(part),
        source: `${MANUAL}, ADD table_constraint`,
        why: `The index of the new constraint is built from every row of "${part.name}" while the lock is held.`,
      });
    }
    // 18 takes the lock on inheritance children too, though their rows are not concerned.
    if (book.target.version >= 18 && !statement.only)
      for (const part of withDescendants(book, touched))
        book.add(part, {
          lock: 'AccessExclusiveLock',
          why: `"${part.name}" inherits from "${touched.name}" and is locked with it.`,
        });
  }
  // Its columns are not known, but most likely those of the key of the same name that goes.
  if (
    isPrimary &&
    constraint.usingIndex !== undefined &&
    touched.relation?.columnsKnown !== true &&
    statement.actions.some(
      ({ action }) =>
        action.kind === 'drop-constraint' && action.constraint === (constraint.name ?? constraint.usingIndex),
    )
  )
    return;
  if (isPrimary) lockPartitions(statement, columns);
  if (isPrimary)
    for (const column of columns)
      for (const part of isRequired && book.target.version < 18 ? [touched] : reached(statement)) {
        book.add(part, {
          lock: 'AccessExclusiveLock',
          why: `The columns of the primary key of "${part.name}" become NOT NULL.`,
        });
        if (constraint.usingIndex !== undefined || part.key !== touched.key) checkNotNull(statement, part, column);
      }
}

/** An index that the same statement drops and makes again under its name. */
function remake(statement: AlterTable, constraint: ConstraintDefinition): void {
  const { book, touched } = statement;
  for (const part of withPartitions(book, touched)) {
    const written = part.key === touched.key ? constraint.name : undefined;
    const index = book.schema.indexes.get(objectKey(part.schema, written ?? chosenName(part.name, constraint)));
    if (
      index === undefined ||
      index.isPartitioned ||
      !statement.droppedIndexes.has(objectKey(index.schema, index.name))
    )
      continue;
    book.add(book.index(index), {
      lock: 'AccessExclusiveLock',
      rewrite: true,
      why: `The index "${index.name}" is dropped and built again under its name.`,
    });
  }
}

/** Name that PostgreSQL gives the index of a constraint without one. Source: `ChooseIndexName`. */
function chosenName(table: string, constraint: ConstraintDefinition): string {
  if (constraint.kind === 'primary-key') return `${table}_pkey`;
  const columns =
    constraint.kind === 'exclusion'
      ? (constraint.elements ?? []).map((element) => element.column ?? 'expr')
      : constraint.columns;
  return `${table}_${columns.join('_')}_${constraint.kind === 'exclusion' ? 'excl' : 'key'}`;
}

function indexColumns(statement: AlterTable, name: string): readonly string[] {
  const index = findIndex(statement.book.schema, { schema: statement.touched.schema, name });
  return (index?.elements ?? []).flatMap((element) => (element.column === undefined ? [] : [element.column]));
}

/** The constraint behind NOT NULL of a column, which 18 has. */
function notNullOf(touched: Touched, column: string): Constraint | undefined {
  return touched.relation?.constraints.find(
    (constraint) => constraint.kind === 'not-null' && constraint.columns[0] === column,
  );
}

function constraintNamed(touched: Touched, name: string): Constraint | undefined {
  return touched.relation?.constraints.find((constraint) => constraint.name === name);
}

/** DROP CONSTRAINT: the catalog alone, on both tables of a foreign key. */
export function dropConstraint(statement: AlterTable, name: string, cascade: boolean): void {
  const { book, touched } = statement;
  const constraint = constraintNamed(touched, name);
  book.add(touched, {
    lock: 'AccessExclusiveLock',
    why: `The constraint "${name}" of "${touched.name}" is removed from the catalog.`,
    source: `${MANUAL}, DROP CONSTRAINT`,
  });
  if (constraint === undefined) return;
  if (constraint.kind === 'foreign-key') {
    if (constraint.references === undefined) return;
    const key = { child: touched, parent: book.keyed(constraint.references.key), constraint };
    statement.droppedKeys.add(foreignKeyId(key));
    dropForeignKey(book, key);
    return;
  }
  if (statement.only && (constraint.kind === 'check' || constraint.kind === 'not-null') && !constraint.noInherit) {
    // A partitioned table makes sure that none of its partitions is in use.
    if (touched.kind === 'partitioned-table')
      for (const part of withPartitions(book, touched))
        book.add(part, {
          lock: 'AccessExclusiveLock',
          why: `The constraint "${name}" of "${part.name}" stays as its own.`,
          source: `${MANUAL}, DROP CONSTRAINT`,
        });
    for (const { relation } of childrenOf(book.schema, touched.key))
      book.add(book.relation(relation), {
        lock: 'AccessExclusiveLock',
        why: `The constraint "${name}" of "${relation.name}" stays as its own.`,
        source: `${MANUAL}, DROP CONSTRAINT`,
      });
  }
  const reaches =
    constraint.kind === 'check' || constraint.kind === 'not-null'
      ? constraint.noInherit
        ? [touched]
        : reached(statement)
      : withPartitions(book, touched);
  for (const part of reaches) {
    book.add(part, { lock: 'AccessExclusiveLock', why: `The constraint "${name}" goes from "${part.name}" too.` });
    const copy =
      part.key === touched.key
        ? constraint
        : part.relation?.constraints.find(
            (candidate) => candidate.kind === constraint.kind && candidate.columns.join() === constraint.columns.join(),
          );
    if (copy?.index !== undefined)
      for (const index of storedIndexes(book, part.key))
        if (index.name === copy.index) statement.droppedIndexes.add(objectKey(index.schema, index.name));
  }
  if (!cascade || (constraint.kind !== 'primary-key' && constraint.kind !== 'unique')) return;
  for (const key of withPartitions(book, touched).flatMap((part) => foreignKeysInto(book, part))) {
    const columns = key.constraint.references?.columns ?? [];
    const points =
      columns.length === 0
        ? constraint.kind === 'primary-key'
        : columns.length === constraint.columns.length &&
          columns.every((column) => constraint.columns.includes(column));
    if (!points) continue;
    statement.droppedKeys.add(foreignKeyId(key));
    dropForeignKey(book, key);
  }
}

/** VALIDATE CONSTRAINT: reads every row under a lock that lets reads and writes go on. */
export function validateConstraint(statement: AlterTable, name: string): void {
  const { book, touched } = statement;
  const source = `${MANUAL}, VALIDATE CONSTRAINT`;
  const added = statement.actions.flatMap(({ action }) =>
    action.kind === 'add-constraint' && action.constraint.name === name ? [action.constraint] : [],
  )[0];
  const constraint = constraintNamed(touched, name);
  book.add(touched, {
    lock: 'ShareUpdateExclusiveLock',
    why: `"${name}" is already valid, so no row of "${touched.name}" is read.`,
    source,
  });
  if (added !== undefined) {
    // A foreign key's look-up is part of adding it; a CHECK reads the rows that its own NOT VALID had spared.
    if (added.kind !== 'foreign-key')
      for (const part of reached(statement))
        if (holdsRows(part))
          book.add(part, {
            lock: 'ShareUpdateExclusiveLock',
            scan: true,
            why: `Every row of "${part.name}" is checked under the lock that adding the constraint took.`,
            source,
          });
    return;
  }
  if (constraint === undefined) {
    if (holdsRows(touched))
      book.add(touched, {
        lock: 'ShareUpdateExclusiveLock',
        scan: true,
        certainty: 'may',
        why: `Every row of "${touched.name}" is checked if the constraint is not valid yet, while reads and writes go on.`,
        source,
      });
    return;
  }
  if (constraint.validated) return;
  if (constraint.kind !== 'foreign-key') {
    for (const part of constraint.noInherit ? [touched] : reached(statement)) {
      const isValid = constraintNamed(part, name)?.validated === true;
      book.add(part, {
        lock: 'ShareUpdateExclusiveLock',
        scan: holdsRows(part) && !isValid,
        why: isValid
          ? `"${name}" is already valid for "${part.name}", so none of its rows is read.`
          : `Every row of "${part.name}" is checked while reads and writes go on.`,
        source,
      });
    }
    return;
  }
  validateForeignKey(book, touched, constraint);
}

/** Rows of a foreign key that are not known to be valid yet; its partitions have copies of it, each valid or not. */
function validateForeignKey(book: LockBook, touched: Touched, constraint: Constraint): void {
  const source = `${MANUAL}, VALIDATE CONSTRAINT`;
  if (constraint.validated || constraint.references === undefined) return;
  const parent = book.keyed(constraint.references.key);
  book.add(touched, {
    lock: 'ShareUpdateExclusiveLock',
    scan: holdsRows(touched),
    why: `Every row of "${touched.name}" is looked up in the referenced table while reads and writes go on.`,
    source,
  });
  if (holdsRows(touched)) {
    book.add(parent, {
      lock: 'RowShareLock',
      scan: holdsRows(parent),
      scanCertainty: 'may',
      why: `The referenced table "${parent.name}" is read to find each row, while reads and writes go on.`,
      source,
    });
    for (const part of withPartitions(book, parent))
      book.add(part, {
        lock: 'AccessShareLock',
        scan: holdsRows(part),
        scanCertainty: 'may',
        why: `The referenced table "${part.name}" is read to find each row, while reads and writes go on.`,
      });
  }
  if (touched.kind !== 'partitioned-table') return;
  for (const { relation } of childrenOf(book.schema, touched.key)) {
    const own = relation.constraints.find(
      (candidate) =>
        candidate.kind === 'foreign-key' &&
        !candidate.isLocal &&
        candidate.references?.key === constraint.references?.key &&
        candidate.columns.join() === constraint.columns.join(),
    );
    if (own !== undefined) validateForeignKey(book, book.relation(relation), own);
  }
}

type ChangeOfConstraint = Extract<TableActionDetail, { kind: 'alter-constraint' }>;

/** ALTER CONSTRAINT: the catalog and the triggers; from 18 on it can also begin to be enforced, which reads the rows. */
export function alterConstraint(statement: AlterTable, action: ChangeOfConstraint): void {
  const { book, touched } = statement;
  const source = `${MANUAL}, ALTER CONSTRAINT`;
  const constraint = constraintNamed(touched, action.constraint);
  const isAsItIs =
    constraint !== undefined && action.deferrable === undefined && action.enforced === true && constraint.enforced;
  for (const part of isAsItIs ? [touched] : withPartitions(book, touched))
    book.add(part, {
      lock: 'AccessExclusiveLock',
      why: `The constraint "${action.constraint}" of "${part.name}" changes only the catalog.`,
      source,
    });
  if (constraint?.kind === 'not-null' && action.noInherit !== undefined && action.noInherit !== constraint.noInherit)
    alterInheritance(statement, touched, constraint, action.noInherit);
  if (constraint?.references === undefined || action.enforced === undefined || action.enforced === constraint.enforced)
    return;
  const parent = book.keyed(constraint.references.key);
  if (action.enforced) addForeignKey(book, touched, parent, { childLock: 'AccessExclusiveLock', checksRows: true });
  else
    for (const part of withPartitions(book, parent))
      book.add(part, {
        lock: 'AccessExclusiveLock',
        why: `The triggers of the foreign key on "${part.name}" go, because it is no longer enforced.`,
        source,
      });
}

/** NOT NULL with INHERIT or NO INHERIT (18): children lose nothing, or get it and read their rows where they do not have it yet. */
function alterInheritance(statement: AlterTable, parent: Touched, constraint: Constraint, noInherit: boolean): void {
  const { book } = statement;
  const [column = ''] = constraint.columns;
  for (const { relation } of childrenOf(book.schema, parent.key)) {
    const child = book.relation(relation);
    book.add(child, {
      lock: 'AccessExclusiveLock',
      why: noInherit
        ? `NOT NULL of "${child.name}" stays as its own.`
        : `"${child.name}" gets NOT NULL from "${parent.name}".`,
      source: `${MANUAL}, ALTER CONSTRAINT`,
    });
    if (noInherit || isNotNull(relation, column)) continue;
    checkNotNull(statement, child, column);
    alterInheritance(statement, child, constraint, noInherit);
  }
}

/** RENAME CONSTRAINT: the catalog alone; an inherited CHECK is renamed in every child. */
export function renameConstraint(statement: AlterTable, name: string): void {
  const { book, touched } = statement;
  const constraint = constraintNamed(touched, name);
  const isInherited = (constraint?.kind === 'check' || constraint?.kind === 'not-null') && !constraint.noInherit;
  for (const part of isInherited ? reached(statement) : [touched])
    book.add(part, {
      lock: 'AccessExclusiveLock',
      why: `The constraint "${name}" of "${part.name}" gets another name in the catalog.`,
      source: MANUAL,
    });
}
