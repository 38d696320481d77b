import { assertNever } from '../../core/assert-never.ts';
import type { Effect } from '../../model/effect.ts';
import { isTableAction, type Operation, type TableAction } from '../../model/operation.ts';
import type { Schema } from '../../model/schema.ts';
import type { Target } from '../engine.ts';
import { alterTable } from './effects/alter-table.ts';
import {
  alterSequence,
  alterType,
  comment,
  createFunction,
  createRule,
  createStatistics,
  createTable,
  createTrigger,
  createView,
  otherDefinition,
  renameObject,
} from './effects/definitions.ts';
import { dropObjects } from './effects/drops.ts';
import { LockBook } from './effects/lock-book.ts';
import { createIndex, maintain, refresh, reindex } from './effects/maintenance.ts';
import { copyRows, lockTables, plan, query, truncate, writeRows } from './effects/rows.ts';

/**
 * What one PostgreSQL statement, all its operations together, does to relations that existed before it.
 *
 * One entry for each relation that is locked with more than AccessShareLock, with its strongest lock, and one for each
 * index that gets a new file. `scan`: a sequential scan reads every row, as `pg_stat_xact_user_tables` counts it;
 * `rewrite`: `pg_relation_filenode` changes. `certainty` is `may` where the schema or a condition leaves it open.
 * Source: measured statement by statement on PostgreSQL 13 to 18 by test/database/locks.test.ts.
 */
export function postgresEffects(operations: readonly Operation[], schema: Schema, target: Target): readonly Effect[] {
  const book = new LockBook(schema, target);
  write(book, operations);
  return book.effects();
}

/** What each of the operations adds to it: they are read together, because one may spare another its work. */
export function postgresEffectsApart(
  operations: readonly Operation[],
  schema: Schema,
  target: Target,
): ReadonlyMap<Operation, readonly Effect[]> {
  const book = new LockBook(schema, target, true);
  write(book, operations);
  return book.effectsApart();
}

function write(book: LockBook, operations: readonly Operation[]): void {
  let actions: TableAction[] = [];
  const alter = (): void => {
    const [first] = actions;
    book.maybe = first?.certainty === 'may';
    alterTable(book, actions);
    actions = [];
  };
  for (const operation of operations) {
    if (isTableAction(operation)) {
      const [first] = actions;
      if (
        first !== undefined &&
        (first.relation.name !== operation.relation.name ||
          first.relation.schema !== operation.relation.schema ||
          first.certainty !== operation.certainty)
      )
        alter();
      actions.push(operation);
      continue;
    }
    if (actions.length > 0) alter();
    book.maybe = operation.certainty === 'may';
    book.focus(operation);
    apply(book, operation);
  }
  if (actions.length > 0) alter();
}

function apply(book: LockBook, operation: Exclude<Operation, TableAction>): void {
  switch (operation.kind) {
    case 'create-table':
      return createTable(book, operation);
    case 'create-table-as':
      return query(book, operation.query);
    case 'drop-table':
    case 'drop-index':
    case 'drop-view':
    case 'drop-materialized-view':
    case 'drop-sequence':
    case 'drop-type':
    case 'drop-function':
    case 'drop-trigger':
    case 'drop-policy':
    case 'drop-rule':
    case 'drop-schema':
    case 'drop-statistics':
    case 'drop-object':
      return dropObjects(book, operation);
    case 'create-index':
      return createIndex(book, operation);
    case 'reindex':
      return reindex(book, operation);
    case 'create-view':
    case 'create-materialized-view':
      return createView(book, operation);
    case 'refresh-materialized-view':
      return refresh(book, operation);
    case 'alter-type-definition':
      return alterType(book, operation);
    case 'alter-sequence':
      return alterSequence(book, operation);
    case 'create-trigger':
      return createTrigger(book, operation);
    case 'create-policy':
    case 'alter-policy': {
      const table = book.named(operation.relation);
      book.add(table, {
        lock: 'AccessExclusiveLock',
        why: `A policy of "${table.name}" changes only the catalog, under the strongest lock.`,
        source: 'PostgreSQL manual, "CREATE POLICY"',
      });
      return;
    }
    case 'create-rule':
      return createRule(book, operation);
    case 'create-function':
      return createFunction(book, operation);
    case 'create-statistics':
      return createStatistics(book, operation.relation);
    case 'rename-object':
      return renameObject(book, operation);
    case 'comment':
      return comment(book, operation);
    case 'create-object':
    case 'alter-object':
      return otherDefinition(book, operation);
    case 'insert-rows':
    case 'update-rows':
    case 'delete-rows':
    case 'merge-rows':
      return writeRows(book, operation);
    case 'copy-rows':
      return copyRows(book, operation);
    case 'truncate':
      return truncate(book, operation);
    case 'select-rows':
      return query(book, operation.query);
    case 'lock-table':
      return lockTables(book, operation);
    case 'vacuum':
    case 'analyze':
    case 'cluster':
      return maintain(book, operation);
    // No relation that existed before is locked with more than AccessShareLock.
    case 'create-type':
    case 'create-sequence':
    case 'create-schema':
    case 'set-object-schema':
    case 'set-owner':
    case 'grant':
    case 'revoke':
    case 'set-variable':
    case 'transaction-control':
    case 'pragma':
    case 'attach-index-partition':
    case 'alter-index-depends':
    case 'checkpoint':
    case 'discard':
    case 'notify':
    case 'call':
    case 'attach-database':
    case 'detach-database':
    case 'execute':
    case 'opaque':
      return;
    case 'prepare':
    case 'explain':
    case 'cursor': {
      for (const planned of operation.planned ?? []) plan(book, planned);
      return;
    }
    default:
      return assertNever(operation);
  }
}
