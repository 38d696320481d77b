import { type ExpressionTree, referencedColumns as treeColumns, walkExpression } from '../../../model/expression.ts';
import { findSequence, findType } from '../../../model/lookup.ts';
import { objectKey } from '../../../model/names.ts';
import type { ColumnDefinition } from '../../../model/operation.ts';
import { type AlterTable, reached, requestRewrite } from './alter-table.ts';
import { isConstrainedDomain } from './casts.ts';
import { addKey } from './constraints.ts';
import { foreignKeysInto, foreignKeysOf, holdsRows, isInherited, ownedSequences, storedIndexes, viewsOver, withDescendants } from './family.ts';
import { addForeignKey, dropForeignKey, foreignKeyId } from './foreign-keys.ts';
import type { LockBook, Touched } from './lock-book.ts';
import { isOver } from './type-change.ts';
import { isVolatile } from './volatility.ts';

const MANUAL = 'PostgreSQL manual, "ALTER TABLE", Notes';

/** Why adding the column writes every row, if it does. */
function rewriteReason(book: LockBook, column: ColumnDefinition): { readonly why: string; readonly certainty: 'certain' | 'may' } | undefined {
  if (column.serial !== undefined) return { why: `Each existing row gets its own number from the new sequence of "${column.name}".`, certainty: 'certain' };
  if (column.identity !== undefined) return { why: `Each existing row gets its own number for the identity column "${column.name}".`, certainty: 'certain' };
  if (column.generated !== undefined) return column.generated.stored ? { why: `The value of the generated column "${column.name}" is computed and stored in each existing row.`, certainty: 'certain' } : undefined;
  if (column.type !== undefined && isConstrainedDomain(book.schema, column.type)) {
    return { why: `The domain ${column.type.display} has a constraint, and PostgreSQL checks it by writing "${column.name}" into each existing row.`, certainty: 'certain' };
  }
  const value = column.default ?? (column.type === undefined ? undefined : findType(book.schema, column.type)?.domain?.default);
  if (value === undefined) return undefined;
  const volatile = isVolatile(value, book.schema, book.target.version);
  if (volatile === false) return undefined;
  if (volatile === true) return { why: `The default of "${column.name}" is volatile, so each existing row gets a value of its own.`, certainty: 'certain' };
  return { why: `The default of "${column.name}" calls a function whose volatility is not known: if it is volatile, each existing row gets a value of its own.`, certainty: 'may' };
}

/** ADD COLUMN: the catalog alone, unless the new value differs from row to row or must be checked in each. */
export function addColumn(statement: AlterTable, column: ColumnDefinition, ifNotExists: boolean): void {
  const { book, touched } = statement;
  const parts = reached(statement);
  const isThere = touched.relation?.columns.some((existing) => existing.name === column.name) === true;
  for (const part of isThere && ifNotExists ? [touched] : parts) {
    book.add(part, { lock: 'AccessExclusiveLock', why: `The column "${column.name}" is added to the catalog; existing rows are not read or written.`, source: MANUAL });
  }
  if (isThere && ifNotExists) return;
  const reason = rewriteReason(book, column);
  if (reason !== undefined) {
    for (const part of parts) if (holdsRows(part)) requestRewrite(statement, part, reason.why, reason.certainty);
    if (column.default !== undefined) for (const sequence of sequencesIn(book, column.default.tree)) {
      book.add(sequence, { lock: 'RowExclusiveLock', why: `Each existing row takes a number from the sequence "${sequence.name}".` });
    }
  }
  const isFilled = column.default !== undefined || column.serial !== undefined || column.identity !== undefined || column.generated !== undefined;
  const isNullDefault = column.default?.tree.kind === 'literal' && column.default.tree.value === null;
  const checks = column.constraints.some((constraint) => constraint.kind === 'check' && constraint.notValid !== true && constraint.notEnforced !== true);
  const mustLook = checks || (column.notNull !== undefined && (!isFilled || isNullDefault || column.generated?.stored === false));
  if (mustLook) {
    for (const part of parts) if (holdsRows(part)) book.add(part, { lock: 'AccessExclusiveLock', scan: true, why: `Each existing row of "${part.name}" is checked against the constraint of "${column.name}".`, source: MANUAL });
  }
  for (const constraint of column.constraints) {
    if (constraint.kind === 'foreign-key' && constraint.references !== undefined) {
      addForeignKey(book, touched, book.named(constraint.references.relation), { childLock: 'AccessExclusiveLock', checksRows: isFilled && constraint.notValid !== true && constraint.notEnforced !== true, readsParent: !isNullDefault });
    }
    if (constraint.kind === 'unique' || constraint.kind === 'primary-key' || constraint.kind === 'exclusion') addKey(statement, constraint);
  }
}

/** Sequences that an expression takes numbers from or sets. */
export function sequencesIn(book: LockBook, tree: ExpressionTree): readonly Touched[] {
  const found: Touched[] = [];
  for (const node of walkExpression(tree)) {
    if (node.kind !== 'call' || (node.name !== 'nextval' && node.name !== 'setval')) continue;
    let operand = node.operands[0];
    while (operand?.kind === 'cast') operand = operand.operands[0];
    if (operand?.kind === 'literal' && typeof operand.value === 'string') found.push(...sequenceNamed(book, operand.value));
  }
  return found;
}

/** The sequence of a name in a text literal, as `nextval` reads it. */
export function sequenceNamed(book: LockBook, text: string): readonly Touched[] {
  const parts = [...text.matchAll(/"((?:[^"]|"")*)"|([^".]+)/g)].map((match) => match[1]?.replaceAll('""', '"') ?? (match[2] ?? '').toLowerCase());
  const name = parts.at(-1);
  if (name === undefined) return [];
  const schema = parts.length > 1 ? parts.at(-2) : undefined;
  const sequence = findSequence(book.schema, { schema, name });
  if (sequence !== undefined) return [book.sequence(sequence)];
  return book.schema.isComplete ? [] : [{ ...book.named({ ...(schema === undefined ? {} : { schema }), name, span: { start: 0, end: 0 } }, 'sequence'), kind: 'sequence' }];
}

/** DROP COLUMN: the catalog alone, with everything that hangs on the column. */
export function dropColumn(statement: AlterTable, column: string, cascade: boolean): void {
  const { book, touched } = statement;
  const parts = statement.only ? [touched, ...directChildren(book, touched)] : reached(statement);
  for (const part of parts) {
    book.add(part, { lock: 'AccessExclusiveLock', why: `The column "${column}" of "${part.name}" is marked as dropped; its values stay in the rows until they are written again.`, source: MANUAL });
  }
  for (const part of statement.only ? [touched] : parts) {
    // With CASCADE the generated columns that are computed from it go, too.
    const gone = [column, ...(cascade ? (part.relation?.columns ?? []).flatMap((other) => (other.generated !== undefined && treeColumns(other.generated.expression.tree).includes(column) ? [other.name] : [])) : [])];
    for (const index of storedIndexes(book, part.key)) if (gone.some((name) => isOver(index, name))) statement.droppedIndexes.add(objectKey(index.schema, index.name));
    for (const key of foreignKeysOf(book, part)) {
      if (!key.constraint.columns.includes(column)) continue;
      statement.droppedKeys.add(foreignKeyId(key));
      if (part.relation !== undefined && (part.key === touched.key || !isInherited(book, part.relation, key.constraint))) dropForeignKey(book, key, { withTable: true });
    }
    for (const key of foreignKeysInto(book, part)) {
      if (!cascade || !referencedColumns(key.constraint.references?.columns, part).includes(column)) continue;
      statement.droppedKeys.add(foreignKeyId(key));
      dropForeignKey(book, key);
    }
    for (const sequence of ownedSequences(book, part.key, column)) book.add(sequence, { lock: 'AccessExclusiveLock', why: `The sequence "${sequence.name}" belongs to the column and is dropped with it.` });
    if (cascade) for (const view of viewsOver(book, part.key, [column])) book.add(view, { lock: 'AccessExclusiveLock', why: `"${view.name}" reads the column and is dropped with it, because of CASCADE.` });
  }
}

function directChildren(book: LockBook, touched: Touched): readonly Touched[] {
  return withDescendants(book, touched).filter((part) => part.relation?.inherits.includes(touched.key) === true || part.relation?.partitionOf?.parentKey === touched.key);
}

/** Columns that a foreign key points at: those written, or the primary key. */
export function referencedColumns(written: readonly string[] | undefined, parent: Touched): readonly string[] {
  if (written !== undefined && written.length > 0) return written;
  return parent.relation?.constraints.find((constraint) => constraint.kind === 'primary-key')?.columns ?? [];
}
