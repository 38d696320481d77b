import { AGGREGATES_AND_WINDOW_FUNCTIONS } from '../../engines/postgresql/effects/built-in-functions.ts';
import { type ExpressionTree, type FromItem, type QueryTree, walkExpression } from '../../model/expression.ts';
import { findRelation, indexesOf } from '../../model/lookup.ts';
import { objectKey } from '../../model/names.ts';
import type { InsertRows } from '../../model/operation.ts';
import type { Relation } from '../../model/schema.ts';
import { slugOf } from '../names.ts';
import { batchedStatement, keyOf } from '../parts/backfill.ts';
import { tableTarget } from '../parts/table-target.ts';
import type { PlanContext } from '../plan.ts';
import type { Step } from '../step.ts';
import { outerWords, upToToken } from './outer-words.ts';

/** Clauses that may follow the condition of a SELECT in an INSERT that is done in batches. */
const BEHIND_WHERE = new Set(['order', 'on', 'returning']);

/**
 * INSERT ... SELECT in batches by the key of the table that it reads first, each committed by itself. Rows that an earlier
 * try has put there are passed over by their own unique key, so that it may be stopped and run again; where there is none,
 * the statement cannot be told from a second one, and a text says so.
 */
export function batchedInsert(
  operation: InsertRows,
  text: string,
  { isNew }: { readonly isNew: boolean },
  context: PlanContext,
): Step | string {
  const target = tableTarget(context, operation.relation);
  const { tree } = operation.query;
  if (!context.engine.product.capabilities.commitsInBlocks || tree === undefined || !isRowByRow(tree))
    return 'Only rows that each come from one row of a table are copied in batches.';
  const [first] = tree.from;
  const driving = first === undefined ? undefined : leftmost(first);
  if (driving === undefined) return 'The rows come from no table.';
  const source = tableTarget(context, { ...driving.relation, span: operation.relation.span });
  const reads = operation.query.reads.map(({ relation }) => findRelation(context.schema, relation));
  if (source.relation === undefined || target.relation === undefined || reads.includes(target.relation))
    return `Each batch would change what the next one reads of ${target.shown}.`;
  const words = outerWords(text);
  const select = words.find(({ word }) => word === 'select');
  const conflict = words.find(({ word }, index) => word === 'on' && words[index + 1]?.word === 'conflict');
  const where = words.find(({ word }) => word === 'where');
  const isClause = ({ word, start }: (typeof words)[number]): boolean =>
    start > (where?.start ?? select?.start ?? 0) &&
    BEHIND_WHERE.has(word) &&
    (word !== 'on' || start === conflict?.start);
  const behind = words.find(isClause);
  // An outer join from the other side has rows that no row of the first table gives.
  if (select === undefined || words.some(({ word }) => word === 'right' || word === 'full'))
    return 'Only rows that each come from one row of a table are copied in batches.';
  const reference = context.engine.quoteName(driving.alias ?? driving.relation.name);
  const done =
    operation.onConflict === undefined ? passedOver(operation, tree, { source, target, driving }, context) : '';
  if (done === undefined || (operation.onConflict === 'update' && readsOldRow(operation)))
    return `Rows that are in ${target.shown} already cannot be told from those that are still to come: give it a unique key that the rows bring with them.`;
  const ending = behind?.start ?? text.length;
  const up = batchedStatement(context, source, {
    key: keyOf(context, source, reference),
    reference,
    body: upToToken(text, 0, where?.start ?? ending),
    condition: [
      ...(where === undefined ? [] : [`(${upToToken(text, where.end, ending).trim()})`]),
      ...(done === '' ? [] : [done]),
    ],
    tail: tailOf(text, words.filter(isClause)),
  });
  if (typeof up === 'string') return up;
  return {
    phase: 'migrate',
    title: `Copy rows of ${source.shown} into ${target.shown}`,
    slug: slugOf('copy', source.name, target.name),
    up: up.sql,
    ...(isNew
      ? { down: 'SELECT 1; -- Nothing to take back: the rows go with the table.' }
      : { irreversible: `which rows of ${target.shown} came by it is not known afterwards: delete them by hand.` }),
    transaction: 'none',
    requires: [],
    notes: [
      'Runs in batches by key, each committed by itself: it may be stopped, and run again.',
      ...(done === '' ? [] : ['Rows whose key is there already are passed over.']),
    ],
  };
}

/** The clauses behind the condition, without RETURNING, of which nobody gets anything in a migration. */
function tailOf(text: string, clauses: ReturnType<typeof outerWords>): string {
  return clauses
    .map(({ word, start }, index) =>
      word === 'returning' ? '' : upToToken(text, start, clauses[index + 1]?.start ?? text.length),
    )
    .filter((clause) => clause !== '')
    .join(' ');
}

type DrivingTable = Extract<FromItem, { readonly kind: 'relation' }>;

function leftmost(item: FromItem): DrivingTable | undefined {
  if (item.kind === 'join') return leftmost(item.left);
  return item.kind === 'relation' ? item : undefined;
}

/** Whether each row of the result comes of its own rows of the tables, so that parts of it may be made apart. */
function isRowByRow(tree: QueryTree): boolean {
  return (
    tree.set === undefined &&
    tree.values === undefined &&
    tree.with.length === 0 &&
    tree.groupBy.length === 0 &&
    tree.having === undefined &&
    tree.limit === undefined &&
    tree.distinct === undefined &&
    tree.isPartial !== true &&
    tree.locksRows !== true &&
    !tree.targets.some(({ value }) => [...walkExpression(value)].some(gathers))
  );
}

function gathers(part: ExpressionTree): boolean {
  return (
    part.kind === 'call' &&
    (part.star === true ||
      part.over === true ||
      part.filter !== undefined ||
      AGGREGATES_AND_WINDOW_FUNCTIONS.has(part.name.toLowerCase()))
  );
}

/** Whether ON CONFLICT DO UPDATE builds on what is there, so that a batch that runs again would change it twice. */
function readsOldRow({ conflict }: InsertRows): boolean {
  return (conflict?.assignments ?? [undefined]).some(
    (assignment) =>
      assignment === undefined ||
      [...walkExpression(assignment.value)].some((part) => part.kind === 'column' && part.path.at(-2) !== 'excluded'),
  );
}

interface Tables {
  readonly source: ReturnType<typeof tableTarget>;
  readonly target: ReturnType<typeof tableTarget>;
  readonly driving: DrivingTable;
}

/** The condition that leaves out the rows that are there; undefined where no unique key of them comes from the first table's own. */
function passedOver(
  operation: InsertRows,
  tree: QueryTree,
  { source, target, driving }: Tables,
  context: PlanContext,
): string | undefined {
  const { quoteName } = context.engine;
  const { relation } = target;
  const own = source.relation?.constraints.find(({ kind }) => kind === 'primary-key')?.columns ?? [];
  if (relation === undefined || own.length === 0) return undefined;
  const values = valuesByColumn(operation, relation, tree, source.relation);
  const isAlone = tree.from.length === 1 && tree.from[0]?.kind === 'relation';
  const name = driving.alias ?? driving.relation.name;
  /** The column of the first table that a column of the target is filled from. */
  const drivingColumn = (column: string): string | undefined => {
    const value = values?.get(column);
    const [last, qualifier] = value?.kind === 'column' ? value.path.toReversed() : [];
    return qualifier === name || (qualifier === undefined && isAlone) ? last : undefined;
  };
  const key = uniqueKeys(relation, context).find((columns) => {
    const from = columns.map(drivingColumn);
    return columns.length > 0 && !from.includes(undefined) && own.every((column) => from.includes(column));
  });
  if (key === undefined) return undefined;
  const there = key.map(
    (column) =>
      `lockstep_there.${quoteName(column)} = ${quoteName(name)}.${quoteName(drivingColumn(column) ?? column)}`,
  );
  return `NOT EXISTS (SELECT FROM ${target.sql} AS lockstep_there WHERE ${there.join(' AND ')})`;
}

function uniqueKeys(relation: Relation, { schema }: PlanContext): readonly (readonly string[])[] {
  return [
    ...relation.constraints.flatMap(({ kind, columns }) =>
      kind === 'primary-key' || kind === 'unique' ? [columns] : [],
    ),
    ...indexesOf(schema, objectKey(relation.schema, relation.name)).flatMap((index) => {
      const columns = index.elements.flatMap(({ column }) => column ?? []);
      return index.unique && index.where === undefined && columns.length === index.elements.length ? [columns] : [];
    }),
  ];
}

/** What fills each column; undefined where it is not known which value goes where. */
function valuesByColumn(
  operation: InsertRows,
  relation: Relation,
  { targets, from }: QueryTree,
  source: Relation | undefined,
): ReadonlyMap<string, ExpressionTree> | undefined {
  const values = targets.flatMap(({ value }): readonly (ExpressionTree | undefined)[] => {
    if (value.kind !== 'column' || value.path.at(-1) !== '*') return [value];
    return from.length === 1 && from[0]?.kind === 'relation' && source?.columnsKnown === true
      ? source.columns.map((column): ExpressionTree => ({ kind: 'column', path: [column.name] }))
      : [undefined];
  });
  const columns = operation.columns ?? (relation.columnsKnown ? relation.columns.map(({ name }) => name) : undefined);
  if (columns === undefined || values.includes(undefined)) return undefined;
  return new Map(columns.flatMap((column, index) => (values[index] === undefined ? [] : [[column, values[index]]])));
}
