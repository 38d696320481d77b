import { type ExpressionTree, referencedColumns } from '../../../model/expression.ts';
import { indexesOf } from '../../../model/lookup.ts';
import { objectKey } from '../../../model/names.ts';
import type { TableActionDetail } from '../../../model/operation.ts';
import type { Column, Constraint, Index } from '../../../model/schema.ts';
import type { TypeName } from '../../../model/type-name.ts';
import { type AlterTable, reached, requestRewrite } from './altered-table.ts';
import { comparedAs, typeChange } from './casts.ts';
import { foreignKeyId } from './foreign-keys.ts';
import {
  columnsReferenced,
  foreignKeysInto,
  foreignKeysOf,
  holdsRows,
  type ForeignKey,
  isInherited,
  ownedSequences,
  withDescendants,
  withPartitions,
} from './family.ts';
import type { LockBook, Touched } from './lock-book.ts';

const MANUAL = 'PostgreSQL manual, "ALTER TABLE", SET DATA TYPE';

type ChangeOfType = Extract<TableActionDetail, { kind: 'alter-type' }>;

/** ALTER COLUMN TYPE: the catalog, the indexes, the CHECKs or every row, and whatever refers to the column. */
export function changeType(statement: AlterTable, action: ChangeOfType): void {
  const { book } = statement;
  const rewritten = rewrittenByTypes(statement);
  for (const part of withDescendants(book, statement.touched)) {
    const column = part.relation?.columns.find((candidate) => candidate.name === action.column);
    const change = typeChange(book.schema, action.column, column?.type, action.type, action.using?.tree, book.timeZone);
    book.add(part, {
      lock: 'AccessExclusiveLock',
      why: `The type of "${action.column}" changes in the catalog only: ${change.because}.`,
      source: MANUAL,
    });
    // A virtual column is in no row.
    const isStored = column?.generated?.stored !== false;
    if (change.rewrite !== false && isStored && holdsRows(part)) {
      requestRewrite(
        statement,
        part,
        change.rewrite === 'unknown'
          ? `Every row of "${part.name}" is written again if the change needs it: ${change.because}.`
          : `Every row of "${part.name}" is written again: ${change.because}.`,
        change.rewrite === 'unknown' ? 'may' : 'certain',
      );
    }
    const isDropped = statement.actions.some(
      (other) => other.action.kind === 'drop-identity' && other.action.column === action.column,
    );
    if (column?.identity !== undefined && !isDropped)
      for (const sequence of ownedSequences(book, part.key, action.column)) {
        book.add(sequence, {
          lock: 'ShareRowExclusiveLock',
          rewrite: true,
          why: `The identity's sequence "${sequence.name}" gets the column's type; nextval waits.`,
          source: MANUAL,
        });
      }
    recheck(statement, part, action.column, change.rewrite === true && isStored);
    reindex(statement, part, column, action);
    for (const key of [
      ...foreignKeysOf(book, part).filter(({ constraint }) => constraint.columns.includes(action.column)),
      ...foreignKeysInto(book, part).filter((key) => columnsReferenced(key).includes(action.column)),
    ]) {
      if (!statement.droppedKeys.has(foreignKeyId(key)))
        recreateForeignKey(
          book,
          key,
          part,
          { from: column?.type, to: action.type },
          change.rewrite !== false || rewritten.has(part.key),
        );
    }
  }
}

/** By statement, since each of its changes of type asks for all of them. */
const typeRewrites = new WeakMap<AlterTable, ReadonlySet<string>>();

/** Keys of the relations that any change of type in the statement writes anew: foreign keys over the other columns are then looked through too. */
function rewrittenByTypes(statement: AlterTable): ReadonlySet<string> {
  const known = typeRewrites.get(statement);
  if (known !== undefined) return known;
  const { book, touched, actions } = statement;
  const changes = actions.flatMap(({ action }) => (action.kind === 'alter-type' ? [action] : []));
  const rewritten = new Set(
    changes.length < 2
      ? []
      : withDescendants(book, touched)
          .filter((part) =>
            changes.some((change) => {
              const column = part.relation?.columns.find((candidate) => candidate.name === change.column);
              return (
                typeChange(book.schema, change.column, column?.type, change.type, change.using?.tree, book.timeZone)
                  .rewrite === true
              );
            }),
          )
          .map((part) => part.key),
  );
  typeRewrites.set(statement, rewritten);
  return rewritten;
}

/** CHECKs over the column are dropped and added again, which reads every row. */
function recheck(
  { book, touched, droppedConstraints }: AlterTable,
  part: Touched,
  column: string,
  isRewritten: boolean,
): void {
  const isGone = (constraint: Constraint): boolean =>
    droppedConstraints.has(constraint.name) && (part.key === touched.key || !constraint.noInherit);
  const isChecked = (constraint: Constraint): boolean =>
    constraint.kind === 'check' &&
    !isGone(constraint) &&
    constraint.validated &&
    constraint.enforced &&
    (constraint.columns.includes(column) ||
      (constraint.expression !== undefined && referencedColumns(constraint.expression.tree).includes(column)));
  const check = part.relation?.constraints.find(isChecked);
  if (check === undefined || isRewritten || !holdsRows(part)) return;
  book.add(part, {
    lock: 'AccessExclusiveLock',
    scan: true,
    why: `The CHECK "${check.name}" names the column, is added again, and reads every row of "${part.name}".`,
    source: MANUAL,
  });
}

function uses(tree: ExpressionTree | undefined, column: string): boolean {
  return tree !== undefined && referencedColumns(tree).includes(column);
}

/** Whether an index has anything to do with a column: a key, an included column, an expression or its WHERE. */
export function isOver(index: Index, column: string): boolean {
  return (
    index.include.includes(column) ||
    uses(index.where?.tree, column) ||
    index.elements.some((element) => element.column === column || uses(element.expression?.tree, column))
  );
}

/** Collation as compared: none written is the default. */
function collationOf(collation: string | undefined): string {
  return collation === undefined || collation === 'default' || collation === 'pg_catalog.default'
    ? ''
    : collation.replace(/^pg_catalog\./, '');
}

/** Indexes over the column keep their file where type, operator class and collation compare the same, and are built again otherwise. */
function reindex(
  { book, droppedIndexes }: AlterTable,
  part: Touched,
  column: Column | undefined,
  action: ChangeOfType,
): void {
  for (const index of indexesOf(book.schema, part.key)) {
    if (index.isPartitioned || !isOver(index, action.column) || droppedIndexes.has(objectKey(index.schema, index.name)))
      continue;
    // The part of a partitioned index is made anew with that, which has no file to keep.
    const isPlain =
      index.parentKey === undefined &&
      index.where === undefined &&
      index.elements.every((element) => element.expression === undefined);
    const isCompatible =
      isPlain &&
      column?.type !== undefined &&
      index.elements.every((element) => {
        if (element.column !== action.column) return true;
        const sameClass =
          element.operatorClass !== undefined ||
          comparedAs(book.schema, action.type) ===
            (column.type === undefined ? '' : comparedAs(book.schema, column.type));
        const sameCollation =
          element.collation !== undefined || collationOf(column.collation) === collationOf(action.collation);
        return sameClass && sameCollation;
      });
    if (isCompatible) continue;
    const certainty = column?.type === undefined ? 'may' : 'certain';
    book.add(part, {
      lock: 'AccessExclusiveLock',
      scan: true,
      certainty,
      why: `The index "${index.name}" over the column is built again, which reads every row of "${part.name}".`,
      source: MANUAL,
    });
    book.add(book.index(index), {
      lock: 'AccessExclusiveLock',
      rewrite: true,
      certainty,
      why: `The index is built again because the type of "${action.column}" changes.`,
      source: MANUAL,
    });
  }
}

/** A foreign key over the column is dropped and added again; its rows are looked up again only if they now compare otherwise. */
function recreateForeignKey(
  book: LockBook,
  key: ForeignKey,
  part: Touched,
  compared: { readonly from: TypeName | undefined; readonly to: TypeName } | undefined,
  isRewritten: boolean,
): void {
  if (
    key.child.relation !== undefined &&
    key.child.key !== key.parent.key &&
    isInherited(book, key.child.relation, key.constraint)
  ) {
    // It is made anew with that of its partitioned table.
    if (part.key !== key.child.key)
      book.add(key.child, {
        lock: 'AccessExclusiveLock',
        why: `The foreign key "${key.constraint.name}" over the column is dropped and added again.`,
        source: MANUAL,
      });
    return;
  }
  const isUnknown = compared !== undefined && compared.from === undefined;
  const differs =
    isRewritten ||
    compared?.from === undefined ||
    comparedAs(book.schema, compared.from) !== comparedAs(book.schema, compared.to);
  const looks = key.constraint.validated && key.constraint.enforced && differs;
  const certainty = isUnknown ? 'may' : 'certain';
  for (const side of [key.child, key.parent]) {
    const isReferenced = side.key === key.parent.key && side.key !== part.key;
    for (const table of isReferenced ? withPartitions(book, side) : [side]) {
      // Before 15 a partitioned table had no triggers of its own to drop, and one that is not enforced has none.
      const isSpared =
        isReferenced && (!key.constraint.enforced || (book.target.version < 15 && table.kind === 'partitioned-table'));
      book.add(table, {
        lock: isSpared ? 'ShareRowExclusiveLock' : 'AccessExclusiveLock',
        why: `The foreign key "${key.constraint.name}" over the column is dropped and added again, which locks both of its tables.`,
        source: MANUAL,
      });
    }
    if (!looks) continue;
    for (const table of withDescendants(book, side)) {
      if (holdsRows(table) && (side.kind === 'partitioned-table' || table.key === side.key))
        book.add(table, {
          lock: 'AccessExclusiveLock',
          scan: true,
          certainty,
          why: `The foreign key "${key.constraint.name}" is checked again for every row, because its columns now compare another way.`,
          source: MANUAL,
        });
    }
  }
}

/** SET EXPRESSION (17): a stored value is computed again in every row, a virtual one in none. */
export function setExpression(statement: AlterTable, columnName: string): void {
  const { book } = statement;
  const added = statement.actions.flatMap(({ action }) =>
    action.kind === 'add-column' && action.column.name === columnName ? [action.column] : [],
  )[0];
  for (const part of reached(statement)) {
    const column = part.relation?.columns.find((candidate) => candidate.name === columnName);
    const generated = column?.generated ?? added?.generated;
    book.add(part, {
      lock: 'AccessExclusiveLock',
      why: `The expression of "${columnName}" changes only the catalog, because the column is virtual.`,
      source: MANUAL,
    });
    if (generated?.stored === false || !holdsRows(part)) {
      recheck(statement, part, columnName, false);
      continue;
    }
    requestRewrite(
      statement,
      part,
      `The value of the generated column "${columnName}" is computed again for every row of "${part.name}".`,
      generated === undefined ? 'may' : 'certain',
    );
    for (const key of [
      ...foreignKeysOf(book, part).filter(({ constraint }) => constraint.columns.includes(columnName)),
      ...foreignKeysInto(book, part).filter((candidate) => columnsReferenced(candidate).includes(columnName)),
    ]) {
      if (!statement.droppedKeys.has(foreignKeyId(key))) recreateForeignKey(book, key, part, undefined, true);
    }
  }
}
