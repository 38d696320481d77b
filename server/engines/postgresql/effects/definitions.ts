import { incoming, linksOf, typeLinkKey } from '../../../model/links.ts';
import { findRelation, findSequence, findType } from '../../../model/lookup.ts';
import {
  type AlterSequence,
  type AlterType,
  type Comment,
  type CreateFunction,
  type CreateRule,
  type CreateTable,
  type CreateTrigger,
  type CreateView,
  type Operation,
  type OtherDefinition,
  type RenameObject,
  tableActionOf,
} from '../../../model/operation.ts';
import { asTableAction, type AttributeAction } from '../../../model/fold/typed-tables.ts';
import { objectKey, type ObjectName } from '../../../model/names.ts';
import { alterTable } from './alter-table.ts';
import { holdsRows, withDescendants, withPartitions } from './family.ts';
import { addForeignKey } from './foreign-keys.ts';
import type { LockBook, Touched } from './lock-book.ts';
import { createPartition } from './partitions.ts';

/** CREATE TABLE: locks only what it refers to. */
export function createTable(book: LockBook, operation: CreateTable): void {
  const self = book.named(operation.relation);
  if (operation.ifNotExists && findRelation(book.schema, operation.relation) !== undefined) return;
  const made = operation.persistence === 'temporary' ? `pg_temp\u0000${operation.relation.name}` : self.key;
  book.created(made);
  for (const parent of operation.inherits) {
    const touched = book.named(parent);
    book.add(touched, {
      lock: 'ShareUpdateExclusiveLock',
      why: `"${touched.name}" gets a child, which blocks no reads or writes.`,
      source: 'PostgreSQL manual, "CREATE TABLE", INHERITS',
    });
  }
  if (operation.partitionOf !== undefined)
    createPartition(book, operation.partitionOf.parent, operation.partitionOf.bound);
  const constraints = [...operation.constraints, ...operation.columns.flatMap((column) => column.constraints)];
  for (const constraint of constraints) {
    if (constraint.kind !== 'foreign-key' || constraint.references === undefined) continue;
    const parent = constraint.references.relation;
    const isSelf = parent.name === operation.relation.name && (parent.schema ?? self.schema) === self.schema;
    if (!isSelf)
      addForeignKey(
        book,
        { key: made, schema: self.schema, name: operation.relation.name, kind: 'table' },
        book.named(parent),
        { childLock: 'AccessExclusiveLock', checksRows: false },
      );
  }
}

/** CREATE VIEW: only a view that is replaced is locked. */
export function createView(book: LockBook, operation: CreateView): void {
  const existing = findRelation(book.schema, operation.relation);
  if (existing === undefined || !operation.orReplace) return;
  book.add(book.relation(existing), {
    lock: 'AccessExclusiveLock',
    why: `The definition of "${existing.name}" is replaced; queries on it wait.`,
    source: 'PostgreSQL manual, "CREATE VIEW"',
  });
}

/** CREATE TRIGGER, on a partitioned table with every partition when it fires for each row. */
export function createTrigger(book: LockBook, operation: CreateTrigger): void {
  const table = book.named(operation.relation);
  for (const part of operation.forEachRow ? withPartitions(book, table) : [table]) {
    book.add(part, {
      lock: 'ShareRowExclusiveLock',
      why: `The trigger is added to "${part.name}" while writes wait.`,
      source: 'PostgreSQL manual, "CREATE TRIGGER"',
    });
  }
}

/** CREATE RULE: the table, and what the rule's own statements would write. */
export function createRule(book: LockBook, operation: CreateRule): void {
  const table = book.named(operation.relation);
  book.add(table, {
    lock: 'AccessExclusiveLock',
    why: `Queries on "${table.name}" are rewritten by the rule from now on.`,
    source: 'PostgreSQL manual, "CREATE RULE"',
  });
  for (const name of writtenBy(operation.body)) {
    const written = book.named(name);
    book.add(written, {
      lock: 'RowExclusiveLock',
      why: `The rule's own statement writes "${written.name}", which is locked while the rule is read.`,
    });
  }
}

/** CREATE FUNCTION in SQL, whose body is read when it is made. */
export function createFunction(book: LockBook, operation: CreateFunction): void {
  // pg_dump switches the look at bodies off.
  if (
    operation.language.toLowerCase() !== 'sql' ||
    /^(?:off|false|no|0)$/i.test(book.schema.session.variables['check_function_bodies'] ?? 'on')
  )
    return;
  for (const name of writtenBy(operation.body)) {
    const written = book.named(name);
    book.add(written, {
      lock: 'RowExclusiveLock',
      why: `The function's body writes "${written.name}", which is locked while the body is read.`,
    });
  }
}

/** Relations that statements write to, in their WITH clauses too. */
function writtenBy(body: readonly Operation[]): readonly ObjectName[] {
  return body.flatMap((operation): readonly ObjectName[] => {
    const query = 'query' in operation ? operation.query : undefined;
    const inner = query === undefined ? [] : writtenBy(query.writes);
    return operation.kind === 'insert-rows' ||
      operation.kind === 'update-rows' ||
      operation.kind === 'delete-rows' ||
      operation.kind === 'merge-rows'
      ? [operation.relation, ...inner]
      : inner;
  });
}

/** COMMENT ON a relation or a column of one; other objects lock no relation. */
export function comment(book: LockBook, operation: Comment): void {
  const kinds: readonly string[] = ['table', 'view', 'materialized-view', 'foreign-table', 'sequence', 'column'];
  if (!kinds.includes(operation.objectKind)) return;
  // A column may belong to a composite type, which is no relation.
  if (
    operation.objectKind === 'column' &&
    findType(book.schema, operation.object) !== undefined &&
    findRelation(book.schema, operation.object) === undefined
  )
    return;
  const touched = book.named(
    operation.object,
    operation.objectKind === 'view'
      ? 'view'
      : operation.objectKind === 'sequence'
        ? 'sequence'
        : operation.objectKind === 'materialized-view'
          ? 'materialized-view'
          : 'table',
  );
  book.add(touched, {
    lock: 'ShareUpdateExclusiveLock',
    why: `A comment on "${touched.name}" changes only the catalog; reads and writes go on.`,
    source: 'PostgreSQL manual, "COMMENT"',
  });
}

/** ALTER SEQUENCE but for name, owner and schema. */
export function alterSequence(book: LockBook, operation: AlterSequence): void {
  const found = findSequence(book.schema, operation.relation);
  if (found === undefined && (book.schema.isComplete || operation.ifExists)) {
    if (book.schema.isComplete || book.schema.dropped.has(book.named(operation.relation, 'sequence').key)) return;
    book.maybe = true;
  }
  const touched = { ...book.named(operation.relation, 'sequence'), kind: 'sequence' as const };
  const isRewritten = operation.ownedBy === undefined || operation.restart || operation.dataType !== undefined;
  book.add(touched, {
    lock: 'ShareRowExclusiveLock',
    rewrite: isRewritten,
    source: 'PostgreSQL manual, "ALTER SEQUENCE"',
    why: isRewritten
      ? `The sequence "${touched.name}" gets a new file with its new state; nextval waits.`
      : `Only who owns the sequence "${touched.name}" changes in the catalog; nextval waits.`,
  });
}

/** ALTER TYPE and ALTER DOMAIN: a constraint that a domain gets is checked in every column of it. */
export function alterType(book: LockBook, operation: AlterType): void {
  const { action } = operation;
  if (action.kind === 'add-attribute' || action.kind === 'drop-attribute' || action.kind === 'alter-attribute')
    return alterTypedTables(book, operation, action);
  const looks =
    action.kind === 'domain-set-not-null' ||
    (action.kind === 'domain-add-constraint' && action.constraint.notValid !== true) ||
    action.kind === 'domain-validate-constraint';
  if (!looks) return;
  const source = 'PostgreSQL manual, "ALTER DOMAIN"';
  const domain = findType(book.schema, operation.name);
  if (domain?.domain === undefined) return;
  const isRequired =
    action.kind === 'domain-set-not-null' ||
    (action.kind === 'domain-add-constraint' && action.constraint.kind === 'not-null');
  if (isRequired && domain.domain.notNull) return;
  for (const table of tablesWith(book, domain.schema, domain.name)) {
    book.add(table, {
      lock: 'ShareLock',
      scan: holdsRows(table),
      why: `Every row of "${table.name}" is checked, because a column of it has the domain, while writes wait.`,
      source,
    });
  }
}

/** ALTER TYPE ... CASCADE of an attribute: tables made OF the type are altered as by ALTER TABLE. */
function alterTypedTables(book: LockBook, { name, span }: AlterType, action: AttributeAction): void {
  const type = findType(book.schema, name);
  const detail = asTableAction(action);
  if (type === undefined || detail === undefined || !action.cascade) return;
  for (const table of tablesWith(book, type.schema, type.name)) {
    if (table.relation?.ofType !== objectKey(type.schema, type.name)) continue;
    alterTable(book, [
      tableActionOf(
        {
          span,
          relation: { schema: table.schema, name: table.name, span },
          head: 'table',
          ifExists: false,
          only: false,
        },
        detail,
      ),
    ]);
  }
}

/** Tables with a column of a type, or of a domain over it. */
function tablesWith(book: LockBook, schema: string, name: string): readonly Touched[] {
  const found = new Map<string, Touched>();
  const visit = (key: string): void => {
    for (const user of incoming(linksOf(book.schema), key).dependants) {
      if (user.startsWith('type\u0000')) {
        visit(user);
        continue;
      }
      const relation = book.schema.relations.get(user);
      if (relation !== undefined && relation.kind !== 'view') found.set(user, book.relation(relation));
    }
  };
  visit(typeLinkKey(schema, name));
  return [...found.values()];
}

/** RENAME of what hangs on a table: its triggers, rules and policies. */
export function renameObject(book: LockBook, operation: RenameObject): void {
  if (operation.relation === undefined || operation.objectKind === 'constraint') return;
  const table = book.named(operation.relation);
  // From 15 on partitions are locked for the copies that they may have of it.
  const reachesPartitions = operation.objectKind === 'trigger' && book.target.version >= 15;
  for (const part of reachesPartitions ? withPartitions(book, table) : [table])
    book.add(part, {
      lock: 'AccessExclusiveLock',
      why: `The ${operation.objectKind} of "${part.name}" gets another name, under the strongest lock.`,
    });
}

/** Statements on other objects that name tables: publications and their like. */
export function otherDefinition(book: LockBook, operation: OtherDefinition): void {
  if (operation.objectKind !== 'publication') return;
  const source = 'PostgreSQL manual, "ALTER PUBLICATION"';
  for (const name of operation.relations) {
    const table = book.named(name);
    for (const part of publishedParts(book, table))
      book.add(part, {
        lock: 'ShareUpdateExclusiveLock',
        why: `What "${part.name}" publishes changes in the catalog; reads and writes go on.`,
        source,
      });
  }
  if (operation.publication !== 'set') return;
  for (const key of book.schema.publications?.[operation.object?.name ?? ''] ?? []) {
    const table = book.keyed(key);
    if (table.relation === undefined) continue;
    for (const part of publishedParts(book, table))
      book.add(part, {
        lock: 'ShareUpdateExclusiveLock',
        why: `"${part.name}" was in the publication, and is taken out of it unless it is named again.`,
        source,
      });
  }
}

/** A publication takes in inheritance children with their parent, but a partitioned table alone. */
function publishedParts(book: LockBook, table: Touched): readonly Touched[] {
  return table.kind === 'partitioned-table' ? [table] : withDescendants(book, table);
}

/** CREATE STATISTICS. */
export function createStatistics(book: LockBook, relation: ObjectName): void {
  const table = book.named(relation);
  book.add(table, {
    lock: 'ShareUpdateExclusiveLock',
    why: `The definition of the statistics is added to the catalog; reads and writes of "${table.name}" go on.`,
    source: 'PostgreSQL manual, "CREATE STATISTICS"',
  });
}
