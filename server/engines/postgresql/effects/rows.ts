import { assertNever } from '../../../core/assert-never.ts';
import type { LockMode } from '../../../model/effect.ts';
import { type ExpressionTree, referencedColumns as columnsIn } from '../../../model/expression.ts';
import { findType, indexesOf, sequencesOf } from '../../../model/lookup.ts';
import type {
  CopyRows,
  DeleteRows,
  InsertRows,
  MergeRows,
  Operation,
  Query,
  Truncate,
  UpdateRows,
} from '../../../model/operation.ts';
import type { Column, Relation } from '../../../model/schema.ts';
import { sequenceNamed, sequencesIn } from './columns.ts';
import {
  columnsReferenced,
  type ForeignKey,
  foreignKeysInto,
  foreignKeysOf,
  foreignKeysOver,
  holdsRows,
  ownedSequences,
  rebuildIndexes,
  relationsUnder,
  withAncestors,
  withDescendants,
  withPartitions,
} from './family.ts';
import { foreignKeyId } from './foreign-keys.ts';
import type { LockBook, Touched } from './lock-book.ts';
import { isDiverted, writtenThrough } from './view-writes.ts';

const LOCKING = 'PostgreSQL manual, "Explicit Locking", table-level locks';

/** Tables below a view that a write through it reaches; the view itself first. */
function reachedBy(book: LockBook, target: Touched, event: string): readonly Touched[] {
  return target.relation === undefined
    ? [target]
    : writtenThrough(book.schema, target.relation, event).map((key) => book.keyed(key));
}

/** Whether a table's children are left alone: by ONLY in the statement, or in the view through which it is written. */
function isAlone(operation: { readonly only: boolean }, targets: readonly Touched[], index: number): boolean {
  const above = targets[index - 1];
  return above === undefined ? operation.only : /\bfrom\s+only\b/i.test(above.relation?.viewText ?? '');
}

/** What INSERT and COPY do to the table that gets the rows, and to those of its partitions that they fit. */
function addsRows(book: LockBook, target: Touched): void {
  book.add(target, {
    lock: 'RowExclusiveLock',
    why: `Rows are added to "${target.name}"; reads and writes of others go on.`,
    source: LOCKING,
  });
  for (const part of withPartitions(book, target).slice(1))
    book.add(part, {
      lock: 'RowExclusiveLock',
      certainty: 'may',
      why: `A row goes to "${part.name}" if it fits that partition.`,
      source: LOCKING,
    });
}

/** INSERT, also as an action of MERGE and ON CONFLICT. */
export function insertRows(book: LockBook, operation: InsertRows): void {
  for (const target of reachedBy(book, book.named(operation.relation), 'insert')) {
    addsRows(book, target);
    const { relation } = target;
    if (relation === undefined || target.kind === 'view') continue;
    const words = wordsOf(operation.query);
    const columns = operation.columns ?? (/\bdefault\s+values\b/i.test(words) ? [] : positional(relation, operation));
    const given = (column: string): Given =>
      columns.includes(column) ? (operation.given?.[columns.indexOf(column)] ?? 'some') : 'default';
    takeNumbers(
      book,
      target,
      relation,
      (column) =>
        column.identity !== undefined && /\boverriding\s+user\s+value\b/i.test(words) ? 'default' : given(column.name),
      operation.rowCount === undefined && !/\bdefault\s+values\b/i.test(words) ? 'may' : 'certain',
    );
    for (const { constraint, parent } of foreignKeysOf(book, target)) {
      const kinds = constraint.columns.map((column) => keyPart(relation, column, given(column)));
      // A key with a NULL in it points at nothing; a row that is checked at the end of the transaction may be gone by then.
      if (constraint.enforced && !kinds.includes('null'))
        lookUp(
          book,
          parent,
          kinds.includes('some') || constraint.initiallyDeferred || operation.onConflict !== undefined
            ? 'may'
            : 'certain',
        );
    }
  }
  query(book, operation.query);
}

/** Columns that an INSERT without a column list fills: the first ones, as many as it gives values. */
function positional(relation: Relation, operation: InsertRows): readonly string[] {
  const count = operation.query.output.length;
  return (count === 0 ? relation.columns : relation.columns.slice(0, count)).map((column) => column.name);
}

type Given = NonNullable<InsertRows['given']>[number];

/** Whether a column of a foreign key gets a value: what DEFAULT is may itself be NULL. */
function keyPart(relation: Relation, column: string, given: Given): Given {
  if (given !== 'default') return given;
  const found = relation.columns.find((candidate) => candidate.name === column);
  if (found?.generated !== undefined) return 'some';
  if (found?.default === undefined) return found?.identity === undefined ? 'null' : 'value';
  return found.default.tree.kind === 'literal' ? (found.default.tree.value === null ? 'null' : 'value') : 'some';
}

/** A statement's text without its constants and quoted names. */
function wordsOf({ text }: Query): string {
  return text.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$(?:[A-Za-z_]\w*)?\$)[\s\S]*?\1/g, "''");
}

/**
 * Sequences that fill the columns for which a statement gives the default, or may give it. `rows`: whether there is a row
 * for certain.
 */
function takeNumbers(
  book: LockBook,
  target: Touched,
  relation: Relation,
  given: (column: Column) => Given,
  rows: 'certain' | 'may' = 'certain',
): void {
  for (const column of relation.columns) {
    const kind = given(column);
    if (kind === 'value' || kind === 'null') continue;
    const value =
      column.default ?? (column.type === undefined ? undefined : findType(book.schema, column.type)?.domain?.default);
    const sequences =
      column.identity !== undefined
        ? sequencesOf(book.schema, identityHolder(book, target))
            .filter(({ sequence }) => sequence.ownedBy?.column === column.name)
            .map(({ sequence }) => book.sequence(sequence))
        : value === undefined
          ? []
          : sequencesIn(book, value.tree);
    for (const sequence of sequences) {
      book.add(sequence, {
        lock: 'RowExclusiveLock',
        certainty: kind === 'default' ? rows : 'may',
        source: LOCKING,
        why:
          kind === 'default'
            ? `The default of "${column.name}" takes a number from the sequence "${sequence.name}".`
            : `Where DEFAULT stands for "${column.name}", it takes a number from the sequence "${sequence.name}".`,
      });
    }
  }
}

/** From 17 on the identity of a partition is that of the partitioned table at the top, and so is its sequence. */
function identityHolder(book: LockBook, target: Touched): string {
  return book.target.version < 17 ? target.key : (withAncestors(book, target).at(-1)?.key ?? target.key);
}

/** The row locks that a foreign key takes on the table it points at. */
function lookUp(book: LockBook, parent: Touched, certainty: 'certain' | 'may'): void {
  // Partitions that cannot hold the row are left alone.
  for (const part of withPartitions(book, parent))
    book.add(part, {
      lock: 'RowShareLock',
      certainty: part.key === parent.key ? certainty : 'may',
      why: `The foreign key locks the referenced row of "${part.name}" against deletion.`,
      source: LOCKING,
    });
}

/** UPDATE. */
export function updateRows(book: LockBook, operation: UpdateRows): void {
  const targets = reachedBy(book, book.named(operation.relation), 'update');
  const isDefault = /\bdefault\b/i.test(wordsOf(operation.query));
  for (const [index, target] of targets.entries()) {
    const scan = reads(book, target, operation.where?.tree, 'update');
    write(book, target, isAlone(operation, targets, index), scan, 'changed', operation.where?.tree);
    const { relation } = target;
    if (relation === undefined) continue;
    if (isDefault && target.kind !== 'view')
      takeNumbers(book, target, relation, (column) => (operation.columns.includes(column.name) ? 'some' : 'value'));
    // A row that goes to another partition is a new one there.
    const moves = withPartitions(book, target).some(
      (part) =>
        part.relation?.partitionKey?.elements.some(
          (element) => element.column === undefined || operation.columns.includes(element.column),
        ) === true,
    );
    for (const key of foreignKeysOf(book, target))
      if (
        key.constraint.enforced &&
        (moves || key.constraint.columns.some((column) => operation.columns.includes(column)))
      )
        lookUp(book, key.parent, 'may');
    for (const key of foreignKeysOver(book, target)) {
      if (columnsReferenced(key).some((column) => operation.columns.includes(column))) follow(book, key, 'update');
    }
  }
  query(
    book,
    operation.query,
    targets.map((target) => target.key),
  );
}

/** DELETE. */
export function deleteRows(book: LockBook, operation: DeleteRows): void {
  const targets = reachedBy(book, book.named(operation.relation), 'delete');
  for (const [index, target] of targets.entries()) {
    write(
      book,
      target,
      isAlone(operation, targets, index),
      reads(book, target, operation.where?.tree, 'delete'),
      'removed',
      operation.where?.tree,
    );
    if (target.relation === undefined || !isDiverted(target.relation, 'delete'))
      for (const key of foreignKeysOver(book, target)) follow(book, key, 'delete');
  }
  query(
    book,
    operation.query,
    targets.map((target) => target.key),
  );
}

/** MERGE joins the target with the source, which reads it whole; from 17 on through views too. */
export function mergeRows(book: LockBook, operation: MergeRows): void {
  const event = operation.actions.find((action) => action !== 'nothing') ?? 'update';
  // What does nothing to rows only reads what is below a view.
  const reached = reachedBy(book, book.named(operation.relation), event);
  const targets = operation.actions.every((action) => action === 'nothing') ? reached.slice(0, 1) : reached;
  const does = (action: MergeRows['actions'][number]): boolean => operation.actions.includes(action);
  for (const [index, target] of targets.entries()) {
    const { relation } = target;
    if (relation !== undefined && isDiverted(relation, event))
      book.add(target, {
        lock: 'RowExclusiveLock',
        why: `What is done to rows of "${target.name}" is left to its triggers.`,
        source: LOCKING,
      });
    else write(book, target, isAlone({ only: false }, targets, index), true, 'merged');
    if (relation === undefined) continue;
    if (does('insert') && target.kind !== 'view') takeNumbers(book, target, relation, () => 'some');
    if (does('insert') || does('update'))
      for (const key of foreignKeysOf(book, target)) if (key.constraint.enforced) lookUp(book, key.parent, 'may');
    if (does('update') || does('delete'))
      for (const key of foreignKeysOver(book, target)) {
        if (does('update')) follow(book, key, 'update');
        if (does('delete')) follow(book, key, 'delete');
      }
  }
  query(
    book,
    operation.query,
    targets.map((target) => target.key),
  );
}

/**
 * Tables whose rows point at the ones that go or change, and on to those that point at what changes there.
 *
 * `seen` holds the foreign keys followed so far, by event.
 */
function follow(book: LockBook, key: ForeignKey, event: 'delete' | 'update', seen: Set<string> = new Set()): void {
  const { child, constraint } = key;
  const id = `${event} ${foreignKeyId(key)}`;
  if (!constraint.enforced || seen.has(id)) return;
  seen.add(id);
  const { columns } = constraint;
  const action = (event === 'delete' ? constraint.references?.onDelete : constraint.references?.onUpdate) ?? '';
  const writes = /cascade|set/i.test(action);
  for (const part of withPartitions(book, child)) {
    const hasIndex = indexesOf(book.schema, part.key).some(
      (index) => index.valid && index.where === undefined && columns.includes(index.elements[0]?.column ?? ''),
    );
    book.add(part, {
      // Partitions that cannot hold such rows are left alone.
      lock: writes ? 'RowExclusiveLock' : 'RowShareLock',
      scan: !hasIndex && holdsRows(part),
      source: LOCKING,
      // Where no row goes or changes, nothing is looked at.
      certainty: 'may',
      why: writes
        ? `The foreign key of "${part.name}" follows each row, ${hasIndex ? 'through its index' : 'reading the table whole because no index begins with its columns'}.`
        : `The foreign key of "${part.name}" looks for rows that still reference the old one, ${hasIndex ? 'through its index' : 'reading the table whole because no index begins with its columns'}.`,
    });
  }
  if (!writes) return;
  if (event === 'delete' && /cascade/i.test(action)) {
    for (const next of foreignKeysOver(book, child)) follow(book, next, 'delete', seen);
    return;
  }
  // Rows that point elsewhere now, or nowhere.
  if (!/null/i.test(action))
    for (const own of foreignKeysOf(book, child))
      if (own.constraint.enforced && own.constraint.columns.some((column) => columns.includes(column)))
        lookUp(book, own.parent, 'may');
  for (const next of foreignKeysOver(book, child))
    if (columnsReferenced(next).some((column) => columns.includes(column))) follow(book, next, 'update', seen);
}

function write(
  book: LockBook,
  target: Touched,
  only: boolean,
  scan: boolean,
  word: string,
  where?: ExpressionTree,
): void {
  const keys = (target.relation?.partitionKey?.elements ?? []).flatMap((element) => element.column ?? []);
  // Partitions that the condition rules out are not locked.
  const isPruned = where !== undefined && columnsIn(where).some((column) => keys.includes(column));
  for (const part of only ? [target] : withDescendants(book, target)) {
    const certainty = isPruned && part.key !== target.key ? 'may' : 'certain';
    const isRead = scan && holdsRows(part);
    // Whether an index is used is the planner's choice; the answer is what it takes on a table of some size.
    book.add(part, {
      lock: 'RowExclusiveLock',
      scan: isRead,
      certainty,
      why: isRead
        ? `Rows of "${part.name}" are ${word} while it is read from end to end.`
        : `Rows of "${part.name}" are ${word}; reads and writes of other rows go on.`,
      source: LOCKING,
    });
  }
}

/** Whether a statement reads its target whole: without a WHERE, or with one that no index answers. */
function reads(book: LockBook, target: Touched, where: ExpressionTree | undefined, event: string): boolean {
  if (target.relation !== undefined && target.kind === 'table' && isDiverted(target.relation, event)) return false;
  if (where === undefined) return target.kind !== 'view';
  if (target.kind === 'view') return false;
  const leading = new Set(
    indexesOf(book.schema, target.key)
      .filter((index) => index.valid && index.where === undefined)
      .flatMap((index) => index.elements[0]?.column ?? []),
  );
  if (target.kind === 'partitioned-table')
    for (const part of withPartitions(book, target))
      for (const index of indexesOf(book.schema, part.key))
        if (index.where === undefined && index.elements[0]?.column !== undefined) leading.add(index.elements[0].column);
  const partial = indexesOf(book.schema, target.key).some(
    (index) => index.valid && index.where !== undefined && normal(index.where.text) === normalTree(where),
  );
  return (
    !partial && !conjuncts(where).some((tree) => isPoint(tree, leading, target)) && !isRange(conjuncts(where), leading)
  );
}

function normal(text: string): string {
  return text.replaceAll(/[()\s]/g, '').toLowerCase();
}

/** Text of a null test, the one predicate of partial indexes that a WHERE repeats word by word. */
function normalTree(tree: ExpressionTree): string {
  if (tree.kind !== 'null-test' || tree.operands[0].kind !== 'column') return '';
  return `${tree.operands[0].path.at(-1) ?? ''}is${tree.negated ? 'not' : ''}null`.toLowerCase();
}

function conjuncts(tree: ExpressionTree): readonly ExpressionTree[] {
  return tree.kind === 'boolean' && tree.operator === 'and' ? tree.operands.flatMap(conjuncts) : [tree];
}

/** Whether a condition picks few rows by an index: a column that leads one is equal to something that is no column. */
function isPoint(tree: ExpressionTree, leading: ReadonlySet<string>, target: Touched): boolean {
  const isLeading = (operand: ExpressionTree | undefined): boolean =>
    operand?.kind === 'column' &&
    leading.has(operand.path.at(-1) ?? '') &&
    (operand.path.length === 1 || operand.path.at(-2) === target.name);
  if (tree.kind === 'subquery') return tree.operands.some(isLeading);
  if (tree.kind !== 'operator' || !['=', 'in', '= any'].includes(tree.name)) return false;
  const [left, right] = tree.operands;
  const hasColumn = (operand: ExpressionTree | undefined): boolean => operand?.kind === 'column';
  return (isLeading(left) && !hasColumn(right)) || (isLeading(right) && !hasColumn(left));
}

/** Whether conditions bound a column that leads an index from both sides, as a batch does. */
function isRange(trees: readonly ExpressionTree[], leading: ReadonlySet<string>): boolean {
  const bounds = (names: readonly string[]): readonly string[] =>
    trees.flatMap((tree) => {
      if (tree.kind !== 'operator' || !names.includes(tree.name)) return [];
      const [left] = tree.operands;
      return left?.kind === 'column' && leading.has(left.path.at(-1) ?? '') ? [left.path.at(-1) ?? ''] : [];
    });
  const upper = bounds(['<', '<=', 'between']);
  return bounds(['>', '>=', 'between']).some((column) => upper.includes(column));
}

/** COPY: into a table like INSERT, out of it like SELECT. */
export function copyRows(book: LockBook, operation: CopyRows): void {
  if (operation.query !== undefined) query(book, operation.query);
  if (operation.relation === undefined || operation.direction === 'to') return;
  const target = book.named(operation.relation);
  addsRows(book, target);
  for (const key of foreignKeysOf(book, target))
    for (const part of withPartitions(book, key.parent))
      book.add(part, {
        lock: 'RowShareLock',
        certainty: 'may',
        why: `The foreign key locks the referenced row of "${part.name}" if the file has such rows.`,
        source: LOCKING,
      });
}

/** Row locks of a SELECT, writes of its WITH clauses, sequences that its functions move. */
export function query(book: LockBook, source: Query, already: readonly string[] = []): void {
  for (const read of source.reads) {
    const touched = book.named(read.relation);
    if (already.includes(touched.key)) continue;
    // The condition of INSERT ... SELECT stands in the query below it, which only the text shows.
    const whole =
      !source.hasWhere &&
      !source.hasLimit &&
      !(/^\s*insert\b/i.test(source.text) && /\b(where|limit)\b/i.test(source.text));
    if (read.lock === undefined) {
      if (whole)
        for (const part of withDescendants(book, touched))
          if (holdsRows(part)) book.read(part, `"${part.name}" is read from end to end by the query.`);
      continue;
    }
    const under = touched.kind === 'view' ? [touched, ...relationsUnder(book, touched)] : [touched];
    for (const table of under.flatMap((relation) => withDescendants(book, relation))) {
      book.add(table, {
        lock: 'RowShareLock',
        scan: whole && holdsRows(table),
        why: `Rows of "${table.name}" are locked against writers; others may read them.`,
        source: LOCKING,
      });
    }
  }
  for (const write of source.writes) writeRows(book, write);
  for (const sequence of sequencesOfText(book, source))
    book.add(sequence, {
      lock: 'RowExclusiveLock',
      why: `The query moves the sequence "${sequence.name}".`,
      source: LOCKING,
    });
}

/** Sequences that nextval and setval of a query name in a literal, also through pg_get_serial_sequence. */
function sequencesOfText(book: LockBook, source: Query): readonly Touched[] {
  if (!source.functions.some((called) => called.name === 'nextval' || called.name === 'setval')) return [];
  const found: Touched[] = [];
  for (const match of source.text.matchAll(
    /\b(?:nextval|setval)\s*\(\s*(?:pg_catalog\.)?(?:pg_get_serial_sequence\s*\(\s*'((?:[^']|'')+)'\s*,\s*'((?:[^']|'')+)'|'((?:[^']|'')+)')/gi,
  )) {
    const [, table, column, sequence] = match;
    if (sequence !== undefined) found.push(...sequenceNamed(book, sequence.replaceAll("''", "'")));
    if (table === undefined || column === undefined) continue;
    const parts = [...table.matchAll(/"((?:[^"]|"")*)"|([^".]+)/g)].map(
      (part) => part[1]?.replaceAll('""', '"') ?? (part[2] ?? '').toLowerCase(),
    );
    const name = parts.at(-1) ?? '';
    const schema = parts.length > 1 ? parts.at(-2) : undefined;
    found.push(
      ...ownedSequences(
        book,
        book.named({ ...(schema === undefined ? {} : { schema }), name, span: source.span }).key,
        column,
      ),
    );
  }
  return found;
}

/** Any of the four statements that write rows. */
export function writeRows(book: LockBook, operation: InsertRows | UpdateRows | DeleteRows | MergeRows): void {
  switch (operation.kind) {
    case 'insert-rows':
      return insertRows(book, operation);
    case 'update-rows':
      return updateRows(book, operation);
    case 'delete-rows':
      return deleteRows(book, operation);
    case 'merge-rows':
      return mergeRows(book, operation);
    default:
      return assertNever(operation);
  }
}

/** What planning a statement locks that is not run: the tables that it would write or whose rows it would lock. */
export function plan(book: LockBook, operation: Operation): void {
  const why = (name: string): string => `The statement is only planned, and planning it locks "${name}".`;
  if (operation.kind === 'select-rows') {
    for (const read of operation.query.reads) {
      if (read.lock === undefined) continue;
      const touched = book.named(read.relation);
      const under = touched.kind === 'view' ? [touched, ...relationsUnder(book, touched)] : [touched];
      for (const part of under.flatMap((table) => withDescendants(book, table)))
        book.add(part, { lock: 'RowShareLock', why: why(part.name), source: LOCKING });
    }
    return;
  }
  if (
    operation.kind !== 'insert-rows' &&
    operation.kind !== 'update-rows' &&
    operation.kind !== 'delete-rows' &&
    operation.kind !== 'merge-rows'
  )
    return;
  const event = { 'insert-rows': 'insert', 'update-rows': 'update', 'delete-rows': 'delete', 'merge-rows': 'merge' }[
    operation.kind
  ];
  const targets = reachedBy(book, book.named(operation.relation), event);
  for (const [index, target] of targets.entries()) {
    const parts =
      operation.kind === 'insert-rows' || isAlone({ only: 'only' in operation && operation.only }, targets, index)
        ? [target]
        : withDescendants(book, target);
    for (const part of parts) book.add(part, { lock: 'RowExclusiveLock', why: why(part.name), source: LOCKING });
  }
}

/** TRUNCATE: a new empty file for each table and index. */
export function truncate(book: LockBook, operation: Truncate): void {
  const seen = new Set<string>();
  const empty = (touched: Touched, because: string): void => {
    if (seen.has(touched.key)) return;
    seen.add(touched.key);
    book.add(touched, {
      lock: 'AccessExclusiveLock',
      rewrite: holdsRows(touched),
      why: `"${touched.name}" is emptied ${because}, by giving it a new file.`,
      source: 'PostgreSQL manual, "TRUNCATE"',
    });
    rebuildIndexes(book, touched, 'AccessExclusiveLock', `The index starts anew because "${touched.name}" is emptied.`);
    if (operation.restartIdentity)
      for (const sequence of ownedSequences(book, touched.key))
        book.add(sequence, {
          lock: 'AccessExclusiveLock',
          rewrite: true,
          why: `The sequence "${sequence.name}" starts anew, because of RESTART IDENTITY.`,
          source: 'PostgreSQL manual, "TRUNCATE"',
        });
    if (operation.cascade)
      for (const whole of withAncestors(book, touched))
        for (const key of foreignKeysInto(book, whole))
          for (const part of withDescendants(book, key.child)) empty(part, `because it references "${touched.name}"`);
  };
  for (const { relation, only } of operation.relations) {
    const touched = book.named(relation);
    for (const part of only ? [touched] : withDescendants(book, touched)) empty(part, 'whole');
  }
}

/** LOCK TABLE, which goes through views to their tables and down to children. */
export function lockTables(book: LockBook, operation: Extract<Operation, { kind: 'lock-table' }>): void {
  // The parser writes the eight modes as pg_locks does.
  const mode = operation.mode as LockMode;
  for (const { relation, only } of operation.relations) {
    const touched = book.named(relation);
    const under = touched.kind === 'view' ? [touched, ...relationsUnder(book, touched)] : [touched];
    for (const part of under.flatMap((table) => (only ? [table] : withDescendants(book, table)))) {
      book.add(part, {
        lock: mode,
        why: `${operation.documented === undefined ? 'The statement asks for' : `${operation.documented} takes`} this lock on "${part.name}".`,
        source: operation.documented === undefined ? 'PostgreSQL manual, "LOCK"' : 'documentation of the extension',
      });
    }
  }
}
