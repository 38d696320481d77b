import type { Operation } from '../../model/operation.ts';

/** Pragmas that fail, or silently do nothing, inside a transaction when they are given a value. */
const REFUSED_WITH_VALUE: ReadonlySet<string> = new Set(['foreign_keys', 'journal_mode', 'synchronous']);

/**
 * Whether a statement fails or silently does nothing inside a transaction.
 *
 * VACUUM, also INTO a file, `PRAGMA synchronous = ...` and `PRAGMA wal_checkpoint` fail there; `PRAGMA foreign_keys = ...`
 * and `PRAGMA journal_mode = ...` change nothing. ATTACH and DETACH are not among them: SQLite takes both, unless the
 * transaction has used the database that is detached. Source: sqlite.org/lang_vacuum.html and sqlite.org/pragma.html;
 * each is run in test/engines/sqlite/transaction.test.ts.
 */
export function refusesTransaction(operation: Operation): boolean {
  switch (operation.kind) {
    case 'vacuum':
      return true;
    case 'pragma':
      return (
        operation.name === 'wal_checkpoint' || (operation.value !== undefined && REFUSED_WITH_VALUE.has(operation.name))
      );
    default:
      return false;
  }
}
