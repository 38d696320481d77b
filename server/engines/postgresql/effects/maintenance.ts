import { findIndex, indexesOf } from '../../../model/lookup.ts';
import { incoming, linksOf } from '../../../model/links.ts';
import type { CreateIndex, Maintenance, RefreshMaterializedView, Reindex } from '../../../model/operation.ts';
import type { Index } from '../../../model/schema.ts';
import { holdsRows, rebuildIndexes, rewriteTable, storedIndexes, withDescendants, withPartitions } from './family.ts';
import type { LockBook, Touched } from './lock-book.ts';

/** CREATE INDEX: reads the table whole under a lock that blocks writes, or with CONCURRENTLY under one that does not. */
export function createIndex(book: LockBook, operation: CreateIndex): void {
  const table = book.named(operation.relation);
  if (table.relation === undefined && book.schema.isComplete) return;
  const lock = operation.concurrently ? 'ShareUpdateExclusiveLock' : 'ShareLock';
  const source = 'PostgreSQL manual, "CREATE INDEX"';
  const name = operation.name;
  const isThere =
    operation.ifNotExists && name !== undefined && findIndex(book.schema, { schema: table.schema, name }) !== undefined;
  if (isThere) {
    book.add(table, {
      lock,
      why: `An index of that name exists, so "${table.name}" is locked for a moment and nothing is built.`,
      source,
    });
    return;
  }
  for (const part of operation.only ? [table] : withPartitions(book, table)) {
    const isRead = holdsRows(part) && !(operation.only && part.kind === 'partitioned-table');
    book.add(part, {
      lock,
      scan: isRead,
      source,
      why: !isRead
        ? `The index of "${part.name}" is made without entries of its own.`
        : operation.concurrently
          ? `Every row of "${part.name}" is read, twice, while reads and writes go on.`
          : `Every row of "${part.name}" is read while writes wait.`,
    });
  }
}

/** Indexes attached below a partitioned index that hold entries, with every partitioned index between. */
function indexTree(book: LockBook, index: Index): readonly Index[] {
  const children = incoming(linksOf(book.schema), book.index(index).key).children.flatMap((key) => {
    const child = book.schema.indexes.get(key);
    return child === undefined ? [] : indexTree(book, child);
  });
  return [index, ...children];
}

/** REINDEX of an index, a table, a schema or the database. */
export function reindex(book: LockBook, operation: Reindex): void {
  const tableLock = operation.concurrently ? 'ShareUpdateExclusiveLock' : 'ShareLock';
  const indexLock = operation.concurrently ? 'ShareUpdateExclusiveLock' : 'AccessExclusiveLock';
  const source = 'PostgreSQL manual, "REINDEX"';
  const rebuild = (table: Touched, indexes: readonly Index[]): void => {
    book.add(table, {
      lock: tableLock,
      scan: indexes.length > 0 && holdsRows(table),
      why: operation.concurrently
        ? `"${table.name}" is read to build its indexes again while reads and writes go on.`
        : `"${table.name}" is read to build its indexes again while writes wait.`,
      source,
    });
    for (const index of indexes)
      book.add(book.index(index), {
        lock: indexLock,
        rewrite: true,
        why: `The index "${index.name}" is built again${operation.concurrently ? ' beside the old one' : '; queries that would use it wait'}.`,
        source,
      });
  };
  if (operation.target === 'index') {
    const index = operation.object === undefined ? undefined : findIndex(book.schema, operation.object);
    if (index === undefined) return;
    const all = indexTree(book, index);
    if (index.isPartitioned)
      book.add(book.keyed(index.relationKey), {
        lock: tableLock,
        why: `The partitions' indexes below "${index.name}" are built again one by one.`,
        source,
      });
    for (const one of all) if (!one.isPartitioned) rebuild(book.keyed(one.relationKey), [one]);
    return;
  }
  if (operation.target === 'table') {
    if (operation.object === undefined) return;
    const table = book.named(operation.object);
    for (const part of withPartitions(book, table)) rebuild(part, storedIndexes(book, part.key));
    return;
  }
  const schemaName = operation.target === 'schema' ? operation.object?.name : undefined;
  for (const relation of book.schema.relations.values()) {
    if (relation.kind !== 'table' && relation.kind !== 'materialized-view') continue;
    if (schemaName !== undefined && relation.schema !== schemaName) continue;
    rebuild(book.relation(relation), storedIndexes(book, book.relation(relation).key));
  }
}

/** REFRESH MATERIALIZED VIEW. */
export function refresh(book: LockBook, operation: RefreshMaterializedView): void {
  const view = book.named(operation.relation, 'materialized-view');
  const source = 'PostgreSQL manual, "REFRESH MATERIALIZED VIEW"';
  if (operation.concurrently) {
    book.add(view, {
      lock: 'ExclusiveLock',
      scan: true,
      why: `The new rows are compared with "${view.name}" whole; reads go on.`,
      source,
    });
    return;
  }
  const hasIndex = indexesOf(book.schema, view.key).length > 0;
  book.add(view, {
    lock: 'AccessExclusiveLock',
    rewrite: true,
    scan: hasIndex && operation.withData,
    why: `"${view.name}" gets a new file with the query's rows while nobody can read it.`,
    source,
  });
  rebuildIndexes(book, view, 'AccessExclusiveLock', `The index is built again for the new rows of "${view.name}".`);
}

/** VACUUM, ANALYZE and CLUSTER, of the tables that they name or of all. */
export function maintain(book: LockBook, operation: Maintenance): void {
  const named = operation.relations.map((name) => book.named(name));
  switch (operation.kind) {
    case 'vacuum': {
      for (const part of (named.length === 0 ? everyTable(book) : named).flatMap((table) =>
        withPartitions(book, table),
      )) {
        if (operation.full === true && holdsRows(part))
          rewriteTable(book, part, `Every row of "${part.name}" is written to a new file while nobody can read it.`);
        else
          book.add(part, {
            lock: operation.full === true ? 'AccessExclusiveLock' : 'ShareUpdateExclusiveLock',
            why: `Dead rows of "${part.name}" are cleared while reads and writes go on.`,
            source: 'PostgreSQL manual, "VACUUM"',
          });
      }
      return;
    }
    case 'analyze': {
      for (const table of named.length === 0 ? everyTable(book) : named) {
        // 18 analyses inheritance children with their parent; partitions were always visited.
        const parts =
          table.kind === 'partitioned-table' || book.target.version >= 18 ? withDescendants(book, table) : [table];
        for (const part of parts)
          book.add(part, {
            lock: 'ShareUpdateExclusiveLock',
            why: `A sample of "${part.name}" is read for the planner while reads and writes go on.`,
            source: 'PostgreSQL manual, "ANALYZE"',
          });
      }
      return;
    }
    case 'cluster': {
      const tables =
        named.length > 0 ? named : everyTable(book).filter((table) => table.relation?.clusterIndex !== undefined);
      for (const table of tables.flatMap((one) => withPartitions(book, one)))
        rewriteTable(
          book,
          table,
          `Every row of "${table.name}" is written to a new file in the order of an index while nobody can read it.`,
        );
      return;
    }
    default:
      return;
  }
}

function everyTable(book: LockBook): readonly Touched[] {
  return [...book.schema.relations.values()]
    .filter((relation) => relation.kind === 'table' || relation.kind === 'materialized-view')
    .map((relation) => book.relation(relation));
}
