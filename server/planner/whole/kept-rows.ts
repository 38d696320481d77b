import { type ExpressionTree, walkExpression } from '../../model/expression.ts';
import { findRelation } from '../../model/lookup.ts';
import type { DeleteRows, UpdateRows } from '../../model/operation.ts';
import { freeName, limitedName, slugOf } from '../names.ts';
import { type KeyPart, queuedLoop } from '../parts/backfill.ts';
import type { TableTarget } from '../parts/table-target.ts';
import type { PlanContext } from '../plan.ts';
import type { Requirement, Step } from '../step.ts';
import { assignedTexts, clausesOf, type Clauses } from './statement-clauses.ts';

/** An UPDATE or DELETE whose rows are found before the first of them changes; all SQL, already quoted. */
export interface KeptRows {
  readonly operation: UpdateRows | DeleteRows;
  /** Without its semicolon. */
  readonly text: string;
  readonly table: TableTarget;
  /** The table as the statement calls it: its name, or its alias. */
  readonly reference: string;
  /** Primary key of the table. */
  readonly key: readonly KeyPart[];
  /** What a row must still meet when its turn comes; empty for none. */
  readonly open: string;
  /** Names that other statements of the migration have taken for the same. */
  readonly taken: Set<string>;
  readonly requires: readonly Requirement[];
  /** Title, name and way back of the step that changes the rows. */
  readonly step: Pick<Step, 'title' | 'slug' | 'down' | 'irreversible'>;
}

/**
 * The steps of an UPDATE or DELETE whose rows or values are told by what it changes itself: keys, and values that come from
 * other rows, are kept in a table first; each batch takes its rows out of there in the transaction that changes them, so that
 * each row is changed once, whatever is stopped and run again. A text says why that cannot be.
 */
export function keptRows(rows: KeptRows, context: PlanContext): readonly Step[] | string {
  const { operation, table, key } = rows;
  const { quoteName } = context.engine;
  if (key.length === 0 || table.relation === undefined)
    return `${table.shown} has no primary key to make batches by: give it one, or change the rows by a script.`;
  const parts = clausesOf(rows);
  if (parts === undefined) return 'Where its clauses begin cannot be told: write it without comments between them.';
  const values = storedValues(rows, parts);
  if (typeof values === 'string') return values;
  const bare = freeName(
    limitedName([table.name], operation.kind === 'update-rows' ? 'to_update' : 'to_delete'),
    taken(rows, context),
  );
  rows.taken.add(bare);
  const schema = operation.relation.schema === undefined ? '' : `${quoteName(operation.relation.schema)}.`;
  const kept = `${schema}${quoteName(bare)}`;
  const keys = key.map((part, index) => ({ ...part, kept: `lockstep_key_${index + 1}` }));
  const stored = values.map((value, index) => ({ ...value, kept: `lockstep_value_${index + 1}` }));
  const empty = `CREATE TABLE ${kept} AS SELECT ${[
    ...keys.map((part) => `${part.name} AS ${part.kept}`),
    ...stored.map((value) => `${quoteName(value.column)} AS ${value.kept}`),
  ].join(', ')} FROM ${table.sql} WITH NO DATA;`;
  const names = [...keys, ...stored].map((part) => part.kept).join(', ');
  const distinct = parts.others === '' ? '' : `DISTINCT ON (${keys.map(({ written }) => written).join(', ')}) `;
  const select = [...keys.map(({ written }) => written), ...stored.map(({ sql }) => sql)].join(', ');
  const from = [parts.target, ...(parts.others === '' ? [] : [parts.others])].join(', ');
  const fill = `INSERT INTO ${kept} (${names}) ${parts.prefix}SELECT ${distinct}${select} FROM ${from}${parts.where === '' ? '' : ` WHERE ${parts.where}`};`;
  const set =
    stored.length === 0
      ? parts.set
      : `SET ${stored.map((value) => `${quoteName(value.column)} = lockstep_kept.${value.kept}`).join(', ')}`;
  const isItsOwn =
    parts.prefix === '' && parts.others === '' && operation.where !== undefined && !hasQuery(operation.where.tree);
  const condition = [
    ...keys.map((part) => `${part.written} = lockstep_kept.${part.kept}`),
    ...(isItsOwn ? [`(${parts.where})`] : []),
    ...(rows.open === '' ? [] : [rows.open]),
  ].join(' AND ');
  const statement =
    operation.kind === 'update-rows'
      ? `UPDATE ${parts.target} ${set} FROM lockstep_kept WHERE ${condition};`
      : `DELETE FROM ${parts.target} USING lockstep_kept WHERE ${condition};`;
  const drop = `DROP TABLE ${kept};`;
  return [
    {
      phase: 'migrate',
      title: `Keep which rows of ${table.shown} are meant`,
      slug: slugOf('keep', bare),
      up: `${empty}\n${fill}`,
      down: drop,
      transaction: 'one',
      requires: rows.requires,
      notes: [
        stored.length === 0
          ? 'Finds the rows before the first of them changes, while reads and writes go on.'
          : 'Finds the rows and works out their new values before the first of them changes, while reads and writes go on.',
      ],
    },
    {
      ...rows.step,
      phase: 'migrate',
      up: queuedLoop(context, { sql: table.sql, kept, statement }),
      transaction: 'none',
      requires: [],
      notes: ['Runs in batches, each committed by itself: it may be stopped, and run again; each row is changed once.'],
    },
    {
      phase: 'contract',
      title: `Drop the list of rows of ${table.shown}`,
      slug: slugOf('drop', bare),
      up: drop,
      down: empty,
      transaction: 'one',
      requires: [],
      notes: [],
    },
  ];
}

/** Names that are not free for a table. */
function taken({ operation, taken: own }: KeptRows, { schema }: PlanContext): ReadonlySet<string> {
  const relation = findRelation(schema, operation.relation);
  return new Set([
    ...own,
    ...[...schema.relations.values()].filter((each) => each.schema === relation?.schema).map(({ name }) => name),
  ]);
}

interface StoredValue {
  /** Unquoted. */
  readonly column: string;
  readonly sql: string;
}

/** Values that are to be worked out with the keys, since other rows give them; none where each row gives its own. */
function storedValues({ operation, table, reference }: KeptRows, parts: Clauses): readonly StoredValue[] | string {
  if (operation.kind !== 'update-rows') return [];
  const assignments = operation.assignments ?? [];
  const isWhole = assignments.length === operation.columns.length;
  if (isWhole && parts.others === '' && !assignments.some(({ value }) => hasQuery(value))) return [];
  const texts = assignedTexts(parts.set);
  if (!isWhole || texts.length !== assignments.length)
    return 'Several columns are set from one query: write each column with a value of its own.';
  const name = reference.replaceAll('"', '').split('.').at(-1);
  const own = new Set(table.relation?.columns.map((column) => column.name));
  const mixed = assignments.find(({ value }) =>
    [...walkExpression(value)].some(
      (part) =>
        part.kind === 'column' && (part.path.length === 1 ? own.has(part.path[0] ?? '') : part.path.at(-2) === name),
    ),
  );
  if (mixed !== undefined)
    return `"${mixed.column}" is set to a value of the row itself and of other rows, which may change before its batch comes: write the result into a new column, or say by a condition which rows are done.`;
  return assignments.map(({ column }, index) => ({ column, sql: texts[index] ?? '' }));
}

function hasQuery(tree: ExpressionTree): boolean {
  return [...walkExpression(tree)].some(({ kind }) => kind === 'subquery');
}
