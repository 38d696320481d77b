import { type ExpressionTree, referencedColumns, walkExpression } from '../../../model/expression.ts';
import { findSequence, findType } from '../../../model/lookup.ts';
import { objectKey } from '../../../model/names.ts';
import { usersOf } from '../../../model/fold/tracked-users.ts';
import type { ColumnDefinition } from '../../../model/operation.ts';
import { type AlterTable, reached, requestRewrite } from './altered-table.ts';
import { isConstrainedDomain } from './casts.ts';
import { addKey, checkNotNull } from './constraints.ts';
import {
  columnsReferenced,
  foreignKeysInto,
  foreignKeysOf,
  holdsRows,
  isInherited,
  ownedSequences,
  storedIndexes,
  viewsOver,
  withDescendants,
} from './family.ts';
import { addForeignKey, dropForeignKey, foreignKeyId } from './foreign-keys.ts';
import { dropPolicies } from './dropped-policies.ts';
import type { LockBook, Touched } from './lock-book.ts';
import { isOver } from './type-change.ts';
import { isVolatile } from './volatility.ts';

/** First PostgreSQL major whose NOT NULL is a constraint with a name. Source: PostgreSQL 18 release notes. */
const NAMED_NOT_NULL_SINCE = 18;
const MANUAL = 'PostgreSQL manual, "ALTER TABLE", Notes';

/** Why adding the column writes every row, if it does. */
function rewriteReason(
  book: LockBook,
  column: ColumnDefinition,
): { readonly why: string; readonly certainty: 'certain' | 'may' } | undefined {
  if (column.serial !== undefined)
    return {
      why: `Each existing row gets its own number from the new sequence of "${column.name}".`,
      certainty: 'certain',
    };
  if (column.identity !== undefined)
    return {
      why: `Each existing row gets its own number for the identity column "${column.name}".`,
      certainty: 'certain',
    };
  if (column.generated !== undefined)
    return column.generated.stored
      ? {
          why: `The value of the generated column "${column.name}" is computed and stored in each existing row.`,
          certainty: 'certain',
        }
      : undefined;
  if (column.type !== undefined && isConstrainedDomain(book.schema, column.type)) {
    return {
      why: `The domain ${column.type.display} has a constraint, and PostgreSQL checks it by writing "${column.name}" into each existing row.`,
      certainty: 'certain',
    };
  }
  const value =
    column.default ?? (column.type === undefined ? undefined : findType(book.schema, column.type)?.domain?.default);
  if (value === undefined) return undefined;
  const volatile = isVolatile(value, book.schema, book.target.version);
  if (volatile === false) return undefined;
  if (volatile === true)
    return {
      why: `The default of "${column.name}" is volatile, so each existing row gets a value of its own.`,
      certainty: 'certain',
    };
  return {
    why: `The default of "${column.name}" calls a function whose volatility is not known: if it is volatile, each existing row gets a value of its own.`,
    certainty: 'may',
  };
}

/** ADD COLUMN: the catalog alone, unless the new value differs from row to row or must be checked in each. */
export function addColumn(statement: AlterTable, column: ColumnDefinition, ifNotExists: boolean): void {
  const { book, touched } = statement;
  const isThere = touched.relation?.columns.some((existing) => existing.name === column.name) === true;
  const { parts, merged } =
    statement.only || isThere ? { parts: [touched], merged: [] } : gettingColumn(book, touched, column.name);
  for (const part of parts) {
    book.add(part, {
      lock: 'AccessExclusiveLock',
      why: `The column "${column.name}" is added to the catalog; existing rows are not read or written.`,
      source: MANUAL,
    });
  }
  for (const part of merged)
    book.add(part, {
      lock: 'AccessExclusiveLock',
      why: `"${part.name}" has a column "${column.name}" already, which becomes an inherited one; nothing below it changes.`,
      source: MANUAL,
    });
  if (isThere && ifNotExists) return;
  // From 18 on NOT NULL is a constraint, which goes down to the columns that were there too.
  if (column.notNull !== undefined && book.target.version >= NAMED_NOT_NULL_SINCE) {
    for (const part of merged.flatMap((child) => withDescendants(book, child))) {
      book.add(part, {
        lock: 'AccessExclusiveLock',
        why: `"${column.name}" of "${part.name}" becomes NOT NULL with that of its parent.`,
        source: MANUAL,
      });
      checkNotNull(statement, part, column.name);
    }
  }
  const reason = rewriteReason(book, column);
  if (reason !== undefined) {
    for (const part of parts) if (holdsRows(part)) requestRewrite(statement, part, reason.why, reason.certainty);
    if (column.default !== undefined)
      for (const sequence of sequencesIn(book, column.default.tree)) {
        book.add(sequence, {
          lock: 'RowExclusiveLock',
          why: `Each existing row takes a number from the sequence "${sequence.name}".`,
        });
      }
  }
  const isFilled =
    column.default !== undefined ||
    column.serial !== undefined ||
    column.identity !== undefined ||
    column.generated !== undefined;
  const isNullDefault = column.default?.tree.kind === 'literal' && column.default.tree.value === null;
  const checks = column.constraints.some(
    (constraint) => constraint.kind === 'check' && constraint.notValid !== true && constraint.notEnforced !== true,
  );
  const mustLook =
    checks || (column.notNull !== undefined && (!isFilled || isNullDefault || column.generated?.stored === false));
  if (mustLook) {
    for (const part of checks ? reached(statement) : parts)
      if (holdsRows(part))
        book.add(part, {
          lock: 'AccessExclusiveLock',
          scan: true,
          why: `Each existing row of "${part.name}" is checked against the constraint of "${column.name}".`,
          source: MANUAL,
        });
  }
  for (const constraint of column.constraints) {
    if (constraint.kind === 'foreign-key' && constraint.references !== undefined) {
      addForeignKey(book, touched, book.named(constraint.references.relation), {
        childLock: 'AccessExclusiveLock',
        checksRows: isFilled && constraint.notValid !== true && constraint.notEnforced !== true,
        readsParent: !isNullDefault,
      });
    }
    if (constraint.kind === 'unique' || constraint.kind === 'primary-key' || constraint.kind === 'exclusion')
      addKey(statement, constraint);
  }
}

/** The table and what is below it as far as a new column goes down: a child that has one of its name keeps it, and its own children theirs. */
function gettingColumn(
  book: LockBook,
  root: Touched,
  column: string,
): { readonly parts: readonly Touched[]; readonly merged: readonly Touched[] } {
  const parts = new Map([[root.key, root]]);
  const merged = new Map<string, Touched>();
  for (const part of parts.values()) {
    for (const child of directChildren(book, part))
      (child.relation?.columns.some((own) => own.name === column) === true ? merged : parts).set(child.key, child);
  }
  return { parts: [...parts.values()], merged: [...merged.values()] };
}

/** The table and what is below it as far as a column goes from it: a child that has the column from elsewhere too keeps it. */
function losingColumn(
  book: LockBook,
  root: Touched,
  column: string,
): { readonly parts: readonly Touched[]; readonly kept: readonly Touched[] } {
  const parts = new Map([[root.key, root]]);
  const kept = new Map<string, Touched>();
  for (const part of parts.values()) {
    for (const child of directChildren(book, part)) {
      const own = child.relation?.columns.find((candidate) => candidate.name === column);
      const parents = [
        ...(child.relation?.inherits ?? []),
        ...(child.relation?.partitionOf === undefined ? [] : [child.relation.partitionOf.parentKey]),
      ];
      const isKept =
        own?.isLocal === true ||
        parents.filter(
          (key) => book.schema.relations.get(key)?.columns.some((candidate) => candidate.name === column) === true,
        ).length > 1;
      (isKept ? kept : parts).set(child.key, child);
    }
  }
  return { parts: [...parts.values()], kept: [...kept.values()] };
}

/** Sequences that an expression takes numbers from or sets. */
export function sequencesIn(book: LockBook, tree: ExpressionTree): readonly Touched[] {
  const found: Touched[] = [];
  for (const node of walkExpression(tree)) {
    if (node.kind !== 'call' || !['nextval', 'setval', 'currval'].includes(node.name)) continue;
    let operand = node.operands[0];
    while (operand?.kind === 'cast') operand = operand.operands[0];
    if (operand?.kind === 'literal' && typeof operand.value === 'string')
      found.push(...sequenceNamed(book, operand.value));
  }
  return found;
}

/** The sequence of a name in a text literal, as `nextval` reads it. */
export function sequenceNamed(book: LockBook, text: string): readonly Touched[] {
  const parts = [...text.matchAll(/"((?:[^"]|"")*)"|([^".]+)/g)].map(
    (match) => match[1]?.replaceAll('""', '"') ?? (match[2] ?? '').toLowerCase(),
  );
  const name = parts.at(-1);
  if (name === undefined) return [];
  const schema = parts.length > 1 ? parts.at(-2) : undefined;
  const sequence = findSequence(book.schema, { schema, name });
  if (sequence !== undefined) return [book.sequence(sequence)];
  return book.schema.isComplete
    ? []
    : [
        {
          ...book.named({ ...(schema === undefined ? {} : { schema }), name, span: { start: 0, end: 0 } }, 'sequence'),
          kind: 'sequence',
        },
      ];
}

/** DROP COLUMN: the catalog alone, with everything that hangs on the column. */
export function dropColumn(statement: AlterTable, column: string, cascade: boolean): void {
  const { book, touched } = statement;
  const { parts, kept } = statement.only
    ? { parts: [touched], kept: directChildren(book, touched) }
    : losingColumn(book, touched, column);
  for (const part of kept)
    book.add(part, {
      lock: 'AccessExclusiveLock',
      why: `The column "${column}" of "${part.name}" stays as its own.`,
      source: MANUAL,
    });
  for (const part of parts) {
    book.add(part, {
      lock: 'AccessExclusiveLock',
      why: `The column "${column}" of "${part.name}" is marked as dropped; its values stay in the rows until they are written again.`,
      source: MANUAL,
    });
  }
  for (const part of parts) {
    // With CASCADE the generated columns that are computed from it go, too.
    const gone = [
      column,
      ...(cascade
        ? (part.relation?.columns ?? []).flatMap((other) =>
            other.generated !== undefined && referencedColumns(other.generated.expression.tree).includes(column)
              ? [other.name]
              : [],
          )
        : []),
    ];
    for (const index of storedIndexes(book, part.key))
      if (gone.some((name) => isOver(index, name))) statement.droppedIndexes.add(objectKey(index.schema, index.name));
    for (const key of foreignKeysOf(book, part)) {
      if (!key.constraint.columns.includes(column)) continue;
      statement.droppedKeys.add(foreignKeyId(key));
      if (
        part.relation !== undefined &&
        (part.key === touched.key || !isInherited(book, part.relation, key.constraint))
      )
        dropForeignKey(book, key, { withTable: true });
    }
    for (const key of foreignKeysInto(book, part)) {
      if (!cascade || !columnsReferenced(key).includes(column)) continue;
      statement.droppedKeys.add(foreignKeyId(key));
      dropForeignKey(book, key);
    }
    for (const sequence of ownedSequences(book, part.key, column))
      book.add(sequence, {
        lock: 'AccessExclusiveLock',
        why: `The sequence "${sequence.name}" belongs to the column and is dropped with it.`,
      });
    if (!cascade) continue;
    for (const view of viewsOver(book, part.key, [column]))
      book.add(view, {
        lock: 'AccessExclusiveLock',
        why: `"${view.name}" reads the column and is dropped with it, because of CASCADE.`,
      });
    dropPolicies(book, part.relation === undefined ? [] : usersOf(part.relation, column));
  }
}

function directChildren(book: LockBook, touched: Touched): readonly Touched[] {
  return withDescendants(book, touched).filter(
    (part) =>
      part.relation?.inherits.includes(touched.key) === true || part.relation?.partitionOf?.parentKey === touched.key,
  );
}
