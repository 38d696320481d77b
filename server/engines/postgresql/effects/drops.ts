import { functionCallers } from '../../../model/function-callers.ts';
import { findFunction, findType } from '../../../model/lookup.ts';
import { functionLinkKey, incoming, linksOf, typeLinkKey } from '../../../model/links.ts';
import type { DropObjects } from '../../../model/operation.ts';
import { objectKey, type ObjectName } from '../../../model/names.ts';
import {
  defaultPartition,
  foreignKeysInto,
  foreignKeysOf,
  foreignKeysOver,
  isInherited,
  ownedSequences,
  viewsOver,
  withDescendants,
  withPartitions,
} from './family.ts';
import { extensionUsers } from '../extension-users.ts';
import { dropPolicies } from './dropped-policies.ts';
import { dropForeignKey } from './foreign-keys.ts';
import type { LockBook, Touched } from './lock-book.ts';

/** Whether DROP of a name that no migration created does nothing, or may not happen. */
function isAbsent(book: LockBook, touched: Touched, ifExists: boolean): boolean {
  const isKnown =
    touched.relation !== undefined || book.schema.indexes.has(touched.key) || book.schema.sequences.has(touched.key);
  if (isKnown) return false;
  if (book.schema.isComplete || (ifExists && book.schema.dropped.has(touched.key))) return true;
  if (ifExists) book.maybe = true;
  return false;
}

/** DROP of every kind of object that holds a lock on a relation. */
export function dropObjects(book: LockBook, operation: DropObjects): void {
  switch (operation.kind) {
    case 'drop-table':
    case 'drop-view':
    case 'drop-materialized-view':
    case 'drop-sequence': {
      const kind =
        operation.kind === 'drop-table'
          ? 'table'
          : operation.kind === 'drop-view'
            ? 'view'
            : operation.kind === 'drop-sequence'
              ? 'sequence'
              : 'materialized-view';
      const isConditional = book.maybe;
      for (const name of operation.objects) {
        const touched = book.named(name, kind);
        if (!isAbsent(book, touched, operation.ifExists)) dropRelation(book, touched, operation.cascade);
        book.maybe = isConditional;
      }
      return;
    }
    case 'drop-index':
      return dropIndexes(book, operation);
    case 'drop-trigger':
    case 'drop-policy':
    case 'drop-rule':
      return dropPart(book, operation);
    case 'drop-schema': {
      if (!operation.cascade) return;
      for (const { name } of operation.objects) {
        for (const relation of book.schema.relations.values())
          if (relation.schema === name) dropRelation(book, book.relation(relation), true);
        for (const sequence of book.schema.sequences.values())
          if (sequence.schema === name) dropRelation(book, book.sequence(sequence), true);
      }
      return;
    }
    case 'drop-type': {
      if (operation.cascade) for (const name of operation.objects) dropUses(book, name, 'type');
      return;
    }
    case 'drop-function': {
      if (operation.cascade)
        for (const name of operation.objects) {
          dropUses(book, name, 'function');
          dropCallers(book, name);
        }
      return;
    }
    case 'drop-statistics': {
      for (const name of operation.objects) {
        const table = [...book.schema.relations.values()].find(
          (relation) => relation.statistics?.includes(name.name) === true,
        );
        if (table !== undefined)
          book.add(book.relation(table), {
            lock: 'ShareUpdateExclusiveLock',
            why: `The extended statistics of "${table.name}" go; reads and writes go on.`,
            source: 'PostgreSQL manual, "DROP STATISTICS"',
          });
      }
      return;
    }
    case 'drop-object': {
      if (operation.objectKind === 'extension' && operation.cascade)
        for (const { name } of operation.objects) dropExtension(book, name);
      return;
    }
  }
}

/** A relation and all that goes with it. */
export function dropRelation(book: LockBook, touched: Touched, cascade: boolean): void {
  const source = touched.kind === 'sequence' ? 'PostgreSQL manual, "DROP SEQUENCE"' : 'PostgreSQL manual, "DROP TABLE"';
  if (touched.kind === 'sequence') {
    book.add(touched, { lock: 'AccessExclusiveLock', why: `The sequence "${touched.name}" is dropped.`, source });
    if (!cascade) return;
    for (const key of incoming(linksOf(book.schema), touched.key).dependants)
      book.add(book.keyed(key), {
        lock: 'AccessExclusiveLock',
        why: `A default of "${book.keyed(key).name}" uses the sequence and goes with it, because of CASCADE.`,
        source,
      });
    return;
  }
  const { relation } = touched;
  const whole = touched.kind === 'partitioned-table' || cascade ? withDescendants(book, touched) : [touched];
  for (const part of whole) {
    book.add(part, { lock: 'AccessExclusiveLock', why: `"${part.name}" is dropped.`, source });
    for (const key of foreignKeysOf(book, part)) {
      if (part.relation === undefined || !isInherited(book, part.relation, key.constraint))
        dropForeignKey(book, key, { withTable: true });
    }
    if (cascade) {
      // A key to the partitioned table above goes whole, because a part of it would.
      for (const key of foreignKeysOver(book, part)) if (key.child.key !== part.key) dropForeignKey(book, key);
      for (const view of viewsOver(book, part.key))
        book.add(view, {
          lock: 'AccessExclusiveLock',
          why: `"${view.name}" reads "${part.name}" and is dropped with it, because of CASCADE.`,
          source,
        });
      dropPolicies(book, part.relation?.trackedBy ?? []);
    }
    for (const sequence of ownedSequences(book, part.key))
      book.add(sequence, {
        lock: 'AccessExclusiveLock',
        why: `The sequence "${sequence.name}" belongs to the table and is dropped with it.`,
        source,
      });
  }
  const parentKey = relation?.partitionOf?.parentKey;
  if (parentKey === undefined) return;
  const parent = book.keyed(parentKey);
  book.add(parent, {
    lock: 'AccessExclusiveLock',
    why: `"${parent.name}" loses the partition under the strongest lock; DETACH PARTITION CONCURRENTLY first avoids it.`,
    source,
  });
  const rest = defaultPartition(book, parentKey);
  if (rest !== undefined)
    book.add(rest, {
      lock: 'AccessExclusiveLock',
      why: `The bounds of the DEFAULT partition "${rest.name}" change with it.`,
      source,
    });
}

function dropIndexes(book: LockBook, operation: DropObjects): void {
  const lock = operation.concurrently ? 'ShareUpdateExclusiveLock' : 'AccessExclusiveLock';
  for (const name of operation.objects) {
    const touched = book.named(name, 'index');
    const index = book.schema.indexes.get(touched.key);
    if (index === undefined) continue;
    const table = book.keyed(index.relationKey);
    const why = operation.concurrently
      ? `The index "${index.name}" goes while reads and writes of "${table.name}" go on.`
      : `Dropping the index "${index.name}" locks its table "${table.name}" too.`;
    for (const part of index.isPartitioned ? withPartitions(book, table) : [table])
      book.add(part, { lock, why, source: 'PostgreSQL manual, "DROP INDEX"' });
    if (!operation.cascade || !index.unique) continue;
    for (const key of foreignKeysInto(book, table)) {
      const columns = key.constraint.references?.columns ?? [];
      if (
        columns.length === index.elements.length &&
        index.elements.every((element) => element.column !== undefined && columns.includes(element.column))
      )
        dropForeignKey(book, key);
    }
  }
}

function dropPart(book: LockBook, operation: DropObjects): void {
  if (operation.relation === undefined) return;
  const table = book.named(operation.relation);
  const name = operation.objects[0]?.name ?? '';
  const { relation } = table;
  if (relation === undefined && book.schema.isComplete) return;
  const word = operation.kind === 'drop-trigger' ? 'trigger' : operation.kind === 'drop-policy' ? 'policy' : 'rule';
  const isThere =
    relation !== undefined &&
    (word === 'trigger'
      ? relation.triggers.some((trigger) => trigger.name === name)
      : word === 'policy'
        ? relation.policies.includes(name)
        : relation.rules.includes(name));
  if (!isThere && operation.ifExists && relation?.detailsKnown === true) return;
  const isRow = word === 'trigger' && relation?.triggers.find((trigger) => trigger.name === name)?.forEachRow === true;
  for (const part of isRow ? withPartitions(book, table) : [table]) {
    book.add(part, {
      lock: 'AccessExclusiveLock',
      certainty: !isThere && operation.ifExists ? 'may' : 'certain',
      why: `The ${word} "${name}" of "${part.name}" goes under the strongest lock.`,
      source: `PostgreSQL manual, "DROP ${word.toUpperCase()}"`,
    });
  }
}

/** What calls a function, and goes with it because of CASCADE. */
function dropCallers(book: LockBook, name: ObjectName): void {
  const object = findFunction(book.schema, name);
  if (object === undefined || object.overloads.length > 1) return;
  for (const { relationKey, isView, title } of functionCallers(book.schema, object, book.target.version)) {
    if (relationKey === undefined) continue;
    const table = book.keyed(relationKey);
    if (isView === true) {
      dropRelation(book, table, true);
      continue;
    }
    for (const part of withDescendants(book, table))
      book.add(part, {
        lock: 'AccessExclusiveLock',
        why: `${title} calls the function and goes with it, because of CASCADE.`,
        source: 'PostgreSQL manual, "DROP FUNCTION"',
      });
  }
}

/** What goes with an extension that a migration made, because of CASCADE. */
function dropExtension(book: LockBook, name: string): void {
  if (book.schema.extensions?.includes(name) !== true) return;
  for (const user of extensionUsers(book.schema, name) ?? []) {
    const table = user.relationKey === undefined ? undefined : book.keyed(user.relationKey);
    if (user.kind === 'extension') dropExtension(book, user.name);
    else if (user.kind === 'type') dropUses(book, namedBy(user.name), 'type');
    else if (user.kind === 'function') dropUses(book, namedBy(user.name), 'function');
    else if (table === undefined) continue;
    else if (user.kind === 'view') dropRelation(book, table, true);
    else
      for (const part of withDescendants(book, table))
        book.add(part, {
          lock: 'AccessExclusiveLock',
          why: `${user.title} needs the extension and goes with it, because of CASCADE.`,
          source: 'PostgreSQL manual, "DROP EXTENSION"',
        });
    if (user.kind === 'column' && table !== undefined)
      for (const view of viewsOver(book, table.key, [user.name]))
        book.add(view, {
          lock: 'AccessExclusiveLock',
          why: `"${view.name}" reads a column that goes with the extension, because of CASCADE.`,
          source: 'PostgreSQL manual, "DROP EXTENSION"',
        });
  }
}

function namedBy(key: string): ObjectName {
  const [schema = '', name = ''] = key.split('\u0000');
  return { schema, name, span: { start: 0, end: 0 } };
}

/** Whether a trigger's function, as it was written, is that of a name with its schema. */
function isFunction(written: string | undefined, full: string): boolean {
  return written === full || written === full.slice(full.indexOf('.') + 1);
}

/** Columns, defaults and triggers that a dropped type or function takes with it. */
function dropUses(book: LockBook, name: ObjectName, kind: 'type' | 'function'): void {
  const found = kind === 'type' ? findType(book.schema, name) : findFunction(book.schema, name);
  if (found === undefined) return;
  const key = kind === 'type' ? typeLinkKey(found.schema, found.name) : functionLinkKey(found.schema, found.name);
  for (const user of incoming(linksOf(book.schema), key).dependants) {
    const table = book.schema.relations.get(user);
    if (table === undefined) {
      const [, schema, typeName] = user.split('\u0000');
      if (user.startsWith('type\u0000') && schema !== undefined && typeName !== undefined)
        dropUses(book, { schema, name: typeName, span: { start: 0, end: 0 } }, 'type');
      continue;
    }
    if (kind === 'type' && table.ofType === objectKey(found.schema, found.name)) {
      dropRelation(book, book.relation(table), true);
      continue;
    }
    const shownName = kind === 'function' ? `${found.schema}.${found.name}` : '';
    const isForStatements =
      kind === 'function' &&
      table.triggers.some((trigger) => isFunction(trigger.function, shownName)) &&
      table.triggers.every((trigger) => !isFunction(trigger.function, shownName) || !trigger.forEachRow) &&
      !table.columns.some((column) => column.default !== undefined);
    for (const part of isForStatements ? [book.relation(table)] : withDescendants(book, book.relation(table))) {
      book.add(part, {
        lock: 'AccessExclusiveLock',
        why:
          kind === 'type'
            ? `Columns of "${part.name}" have the type and go with it, because of CASCADE.`
            : `Triggers or defaults of "${part.name}" use the function and go with it, because of CASCADE.`,
      });
    }
    const columns = table.columns
      .filter((column) => column.type?.name === found.name && (column.type.schema ?? found.schema) === found.schema)
      .map((column) => column.name);
    if (kind === 'type')
      for (const view of viewsOver(book, user, columns))
        book.add(view, {
          lock: 'AccessExclusiveLock',
          why: `"${view.name}" reads a column of the type and goes with it.`,
        });
  }
}
