import { assertNever } from '../../../core/assert-never.ts';
import type { LockMode } from '../../../model/effect.ts';
import { childrenOf, findIndex } from '../../../model/lookup.ts';
import { objectKey } from '../../../model/names.ts';
import type { TableAction } from '../../../model/operation.ts';
import type { Index } from '../../../model/schema.ts';
import { type AlterTable, type Rewrite, reached, requestRewrite } from './altered-table.ts';
import { addColumn, dropColumn } from './columns.ts';
import {
  addConstraint,
  alterConstraint,
  dropConstraint,
  renameConstraint,
  setNotNull,
  validateConstraint,
} from './constraints.ts';
import { holdsRows, ownedSequences, rewriteTable, withDescendants, withPartitions } from './family.ts';
import type { LockBook, Touched } from './lock-book.ts';
import { attachPartition, detachPartition } from './partitions.ts';
import { changeType, setExpression } from './type-change.ts';

const MANUAL = 'PostgreSQL manual, "ALTER TABLE"';

/** What one ALTER TABLE, ALTER VIEW, ALTER INDEX or ALTER SEQUENCE statement of this grammar does. */
export function alterTable(book: LockBook, actions: readonly TableAction[]): void {
  const [first] = actions;
  if (first === undefined) return;
  const touched = book.named(
    first.relation,
    first.head === 'index'
      ? 'index'
      : first.head === 'sequence'
        ? 'sequence'
        : first.head === 'view'
          ? 'view'
          : first.head === 'materialized-view'
            ? 'materialized-view'
            : first.head === 'foreign-table'
              ? 'foreign-table'
              : 'table',
  );
  const isMissing = !exists(book, touched);
  if (isMissing && (book.schema.isComplete || (first.ifExists && book.schema.dropped.has(touched.key)))) return;
  if (isMissing && first.ifExists) book.maybe = true;
  if (touched.kind === 'index') return alterIndex(book, touched, actions);
  if (touched.kind === 'sequence') return alterSequenceRelation(book, touched, actions);
  const statement: AlterTable = {
    book,
    touched,
    actions,
    only: first.only,
    rewrites: new Map(),
    ownRewrites: new Map(),
    droppedIndexes: new Set(),
    droppedKeys: new Set(),
    droppedConstraints: new Set(
      actions.flatMap((action) => (action.action.kind === 'drop-constraint' ? [action.action.constraint] : [])),
    ),
  };
  // What goes goes first, wherever it is written, and spares the others their work on it.
  for (const action of [...actions.filter(isDrop), ...actions.filter((candidate) => !isDrop(candidate))]) {
    book.focus(action);
    applyAction(statement, action);
  }
  lockBelow(statement);
  book.focus(undefined);
  carryOut(statement, statement.rewrites);
  for (const [action, rewrites] of statement.ownRewrites) {
    book.focus(action, true);
    carryOut(statement, rewrites);
  }
  book.focus(undefined);
}

function isDrop({ action }: TableAction): boolean {
  return action.kind === 'drop-column' || action.kind === 'drop-constraint';
}

/** Actions that take a weaker lock than most, and go down to partitions and children with the lock of the statement as a whole. */
function lockBelow(statement: AlterTable): void {
  const { book, touched, actions } = statement;
  if (actions.length < 2) return;
  const lock = book.lockOn(touched);
  if (lock === undefined) return;
  for (const operation of actions) {
    const { action } = operation;
    const isKey = action.kind === 'add-constraint' && action.constraint.kind === 'foreign-key';
    const isTrigger = action.kind === 'toggle-trigger' && book.target.version >= 15 && !statement.only;
    const parts =
      isKey || isTrigger ? withPartitions(book, touched) : action.kind === 'set-statistics' ? reached(statement) : [];
    // Each is locked for its own action already: only how strongly is still to be told.
    for (const part of parts.slice(1))
      book.add(part, {
        lock,
        why: `"${part.name}" is locked as strongly as "${touched.name}", because the actions of one statement share its lock.`,
        source: MANUAL,
      });
  }
}

function carryOut(statement: AlterTable, rewrites: ReadonlyMap<string, Rewrite>): void {
  if (rewrites.size === 0) return;
  const { book, touched, droppedIndexes } = statement;
  for (const part of withDescendants(book, touched)) {
    const rewrite = rewrites.get(part.key);
    if (rewrite !== undefined)
      rewriteTable(book, part, rewrite.why, {
        certainty: rewrite.certainty,
        isKept: (index) => !droppedIndexes.has(objectKey(index.schema, index.name)),
      });
  }
}

function exists(book: LockBook, touched: Touched): boolean {
  return (
    touched.relation !== undefined || book.schema.indexes.has(touched.key) || book.schema.sequences.has(touched.key)
  );
}

/** Storage parameters that need AccessExclusiveLock; all others take ShareUpdateExclusiveLock. Source: `reloptions.c`, the lock mode of each. */
const EXCLUSIVE_PARAMETERS = new Set(['user_catalog_table', 'security_barrier', 'security_invoker', 'check_option']);

function applyAction(statement: AlterTable, operation: TableAction): void {
  const { book, touched } = statement;
  const { action } = operation;
  const name = touched.name;
  const lock = (mode: LockMode, why: string, parts: readonly Touched[] = [touched]): void => {
    for (const part of parts) book.add(part, { lock: mode, why, source: MANUAL });
  };
  switch (action.kind) {
    case 'add-column':
      return addColumn(statement, action.column, action.ifNotExists);
    case 'drop-column':
      return dropColumn(statement, action.column, action.cascade);
    case 'alter-type':
      return changeType(statement, action);
    case 'set-expression':
      return setExpression(statement, action.column);
    case 'set-not-null':
      return setNotNull(statement, action.column);
    case 'add-constraint':
      return addConstraint(statement, action.constraint);
    case 'drop-constraint':
      return dropConstraint(statement, action.constraint, action.cascade);
    case 'validate-constraint':
      return validateConstraint(statement, action.constraint);
    case 'alter-constraint':
      return alterConstraint(statement, action);
    case 'rename-constraint':
      return renameConstraint(statement, action.constraint);
    case 'attach-partition':
      return attachPartition(book, touched, action.partition, action.bound);
    case 'detach-partition':
      return detachPartition(book, touched, action.partition, action.mode);
    case 'rename-column':
      return lock(
        'AccessExclusiveLock',
        `Renaming a column of "${name}" changes only the catalog, under the strongest lock.`,
        reached(statement),
      );
    case 'set-default':
    case 'drop-default':
      return lock(
        'AccessExclusiveLock',
        `The default of a column of "${name}" changes only the catalog; existing rows stay as they are.`,
        reached(statement),
      );
    case 'drop-not-null':
      return lock(
        'AccessExclusiveLock',
        `Dropping NOT NULL on "${name}" changes only the catalog.`,
        dropNotNullParts(statement),
      );
    case 'drop-expression':
      return lock(
        'AccessExclusiveLock',
        `The column of "${name}" keeps its values and is no longer generated.`,
        reached(statement),
      );
    case 'set-statistics':
      return lock(
        'ShareUpdateExclusiveLock',
        `The statistics target of a column of "${name}" changes only the catalog.`,
        reached(statement),
      );
    case 'set-column-options':
      return lock('ShareUpdateExclusiveLock', `The options of a column of "${name}" change only the catalog.`);
    case 'set-storage':
      return lock(
        'AccessExclusiveLock',
        `The storage of a column of "${name}" applies to new rows only.`,
        reached(statement),
      );
    case 'set-compression':
      return lock('AccessExclusiveLock', `The compression of a column of "${name}" applies to new rows only.`);
    case 'add-identity':
      return lock(
        'AccessExclusiveLock',
        `A new sequence is made for the column of "${name}"; existing rows stay as they are.`,
        identityParts(statement),
      );
    case 'alter-identity':
    case 'drop-identity': {
      lock(
        'AccessExclusiveLock',
        `The identity of a column of "${name}" changes only the catalog.`,
        identityParts(statement),
      );
      for (const sequence of ownedSequences(book, touched.key, action.column)) {
        if (action.kind === 'drop-identity')
          book.add(sequence, {
            lock: 'AccessExclusiveLock',
            why: `The identity's sequence "${sequence.name}" is dropped.`,
          });
        else
          book.add(sequence, {
            lock: 'ShareRowExclusiveLock',
            rewrite: action.changesSequence !== false,
            why: `The identity's sequence "${sequence.name}" gets its new options.`,
          });
      }
      return;
    }
    case 'rename-table':
      return lock('AccessExclusiveLock', `Renaming "${name}" changes only the catalog, under the strongest lock.`);
    case 'set-table-schema': {
      lock('AccessExclusiveLock', `Moving "${name}" to another schema changes only the catalog.`);
      for (const sequence of ownedSequences(book, touched.key))
        book.add(sequence, {
          lock: 'AccessExclusiveLock',
          why: `The sequence "${sequence.name}" moves to the other schema with its table.`,
        });
      return;
    }
    case 'change-owner': {
      lock('AccessExclusiveLock', `A new owner of "${name}" changes only the catalog.`);
      const isOther = changesOwner(touched, action.owner);
      if (isOther === false) return;
      for (const sequence of ownedSequences(book, touched.key))
        book.add(sequence, {
          lock: 'AccessExclusiveLock',
          certainty: isOther === true ? 'certain' : 'may',
          why: `The sequence "${sequence.name}" gets the new owner with its table.`,
        });
      return;
    }
    case 'set-logged':
    case 'set-unlogged':
      return setPersistence(statement, action.kind === 'set-logged' ? 'permanent' : 'unlogged');
    case 'set-tablespace':
      return setTablespace(statement, action.tablespace);
    case 'set-access-method': {
      lock('AccessExclusiveLock', `The access method of "${name}" is set.`);
      const current = touched.relation?.accessMethod ?? 'heap';
      const wanted = action.method === '' || action.method.toLowerCase() === 'default' ? 'heap' : action.method;
      if (holdsRows(touched) && current !== wanted)
        requestRewrite(
          statement,
          touched,
          `Another access method stores every row of "${name}" anew.`,
          touched.relation === undefined ? 'may' : 'certain',
        );
      return;
    }
    case 'set-storage-parameters':
    case 'reset-storage-parameters': {
      const isExclusive = action.names.some((parameter) => EXCLUSIVE_PARAMETERS.has(parameter.toLowerCase()));
      return lock(
        isExclusive ? 'AccessExclusiveLock' : 'ShareUpdateExclusiveLock',
        `The storage parameters of "${name}" change only the catalog.`,
      );
    }
    case 'cluster-on':
    case 'set-without-cluster':
      return lock(
        'ShareUpdateExclusiveLock',
        `Which index a later CLUSTER of "${name}" uses changes only the catalog.`,
      );
    case 'replica-identity':
      return lock(
        'AccessExclusiveLock',
        `The replica identity of "${name}" changes only the catalog, under the strongest lock.`,
      );
    case 'row-security':
      return lock(
        'AccessExclusiveLock',
        `Row security of "${name}" changes only the catalog, under the strongest lock.`,
      );
    case 'toggle-trigger':
      return lock(
        'ShareRowExclusiveLock',
        `Switching triggers of "${name}" blocks writes while it happens.`,
        book.target.version >= 15 && !statement.only && !isForStatement(touched, action.trigger)
          ? withPartitions(book, touched)
          : [touched],
      );
    case 'toggle-rule':
      return lock(
        'AccessExclusiveLock',
        `Switching a rule of "${name}" changes only the catalog, under the strongest lock.`,
      );
    case 'inherit': {
      lock(
        'AccessExclusiveLock',
        `"${name}" becomes a child; its columns and constraints are compared in the catalog.`,
      );
      book.add(book.named(action.parent), {
        lock: 'ShareUpdateExclusiveLock',
        why: `"${action.parent.name}" gets a child, which blocks no reads or writes.`,
        source: MANUAL,
      });
      return;
    }
    case 'no-inherit':
      return lock('AccessExclusiveLock', `"${name}" is no longer a child; only the catalog changes.`);
    case 'of-type':
    case 'not-of-type':
      return lock('AccessExclusiveLock', `The type of "${name}" changes only the catalog.`);
    case 'other-table-action': {
      book.add(touched, {
        lock: 'AccessExclusiveLock',
        why: `This action on "${name}" takes the lock that ALTER TABLE takes unless its manual page says otherwise.`,
        certainty: 'may',
        source: MANUAL,
      });
      return;
    }
    default:
      return assertNever(action);
  }
}

/** Roles that stand for whoever runs the statement. */
const RUNNING_ROLES = new Set(['CURRENT_USER', 'CURRENT_ROLE', 'SESSION_USER']);

/** Whether a table gets an owner that it does not have; undefined where nothing tells who that is. */
function changesOwner({ relation }: Touched, owner: string): boolean | undefined {
  if (relation === undefined) return undefined;
  const isOwn = RUNNING_ROLES.has(owner);
  // Migrations are run by one role, which owns what they make.
  if (relation.owner === undefined) return isOwn && relation.origin.fileIndex >= 0 ? false : undefined;
  return isOwn === RUNNING_ROLES.has(relation.owner) ? !isOwn && relation.owner !== owner : undefined;
}

/** 13 to 17 take the lock on every child to drop NOT NULL; 18 only where there is a constraint to drop. */
function dropNotNullParts(statement: AlterTable): readonly Touched[] {
  const { book, touched, actions } = statement;
  if (book.target.version < 18) return reached(statement);
  const columns = actions.flatMap((action) => (action.action.kind === 'drop-not-null' ? [action.action.column] : []));
  const isSet = touched.relation?.columns.some((column) => columns.includes(column.name) && column.notNull) ?? false;
  if (!isSet) return [touched];
  // With ONLY the children keep it as their own.
  return statement.only
    ? [touched, ...childrenOf(book.schema, touched.key).map(({ relation }) => book.relation(relation))]
    : reached(statement);
}

/** From 17 on partitions share the identity of their partitioned table. */
function identityParts(statement: AlterTable): readonly Touched[] {
  return statement.book.target.version >= 17 ? withPartitions(statement.book, statement.touched) : [statement.touched];
}

/** Whether it is known that a trigger fires once a statement: partitions have no copy of it. */
function isForStatement({ relation }: Touched, trigger: string | undefined): boolean {
  return relation?.triggers.find((candidate) => candidate.name === trigger)?.forEachRow === false;
}

function setPersistence(statement: AlterTable, wanted: 'permanent' | 'unlogged'): void {
  const { book, touched } = statement;
  book.add(touched, {
    lock: 'AccessExclusiveLock',
    why: `"${touched.name}" is already ${wanted === 'permanent' ? 'logged' : 'unlogged'}, so nothing is written.`,
    source: MANUAL,
  });
  const current = touched.relation?.persistence;
  if (current === wanted || !holdsRows(touched)) return;
  requestRewrite(
    statement,
    touched,
    `Every row of "${touched.name}" is written to a new file that is ${wanted === 'permanent' ? 'logged' : 'not logged'}.`,
    current === undefined ? 'may' : 'certain',
  );
  if (book.target.version < 15) return;
  const gone = new Set(
    statement.actions.flatMap(({ action }) =>
      action.kind === 'drop-column'
        ? ownedSequences(book, touched.key, action.column).map((sequence) => sequence.key)
        : [],
    ),
  );
  for (const sequence of ownedSequences(book, touched.key)) {
    if (gone.has(sequence.key)) continue;
    book.add(sequence, {
      lock: 'AccessExclusiveLock',
      rewrite: true,
      why: `The sequence "${sequence.name}" is rewritten with its table.`,
    });
  }
}

/** The database's own tablespace, under whatever name. */
function tablespaceOf(name: string | undefined): string {
  return name === undefined || name === '' ? 'pg_default' : name;
}

function setTablespace(statement: AlterTable, tablespace: string): void {
  const { book, touched } = statement;
  const isMove = holdsRows(touched) && tablespaceOf(touched.relation?.tablespace) !== tablespaceOf(tablespace);
  book.add(touched, {
    lock: 'AccessExclusiveLock',
    rewrite: isMove,
    certainty: isMove && touched.relation === undefined ? 'may' : 'certain',
    source: MANUAL,
    why: isMove
      ? `The files of "${touched.name}" are copied to the tablespace ${tablespace}, block by block.`
      : `"${touched.name}" is in that tablespace already, or has no file of its own.`,
  });
}

/** ALTER INDEX locks the index alone; only a move to another tablespace gives it a new file. */
function alterIndex(book: LockBook, touched: Touched, actions: readonly TableAction[]): void {
  const index: Index | undefined = findIndex(book.schema, { schema: touched.schema, name: touched.name });
  for (const operation of actions) {
    const { action } = operation;
    book.focus(operation);
    if (action.kind !== 'set-tablespace' || index === undefined || index.isPartitioned) continue;
    if (tablespaceOf(index.tablespace) === tablespaceOf(action.tablespace)) continue;
    book.add(touched, {
      lock: 'AccessExclusiveLock',
      rewrite: true,
      why: `The file of the index "${touched.name}" is copied to the tablespace ${action.tablespace}.`,
      source: 'PostgreSQL manual, "ALTER INDEX"',
    });
  }
}

function alterSequenceRelation(book: LockBook, touched: Touched, actions: readonly TableAction[]): void {
  for (const operation of actions) {
    const { action } = operation;
    book.focus(operation);
    const isPersistence = action.kind === 'set-logged' || action.kind === 'set-unlogged';
    const isSame =
      isPersistence &&
      book.schema.sequences.get(touched.key)?.persistence === (action.kind === 'set-logged' ? 'permanent' : 'unlogged');
    book.add(touched, {
      lock: 'AccessExclusiveLock',
      rewrite: isPersistence && !isSame,
      why: `Name, owner, schema and persistence of the sequence "${touched.name}" change under the strongest lock.`,
      source: 'PostgreSQL manual, "ALTER SEQUENCE"',
    });
  }
}
