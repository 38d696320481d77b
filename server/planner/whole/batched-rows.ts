import { escapePattern } from '../../core/escape-pattern.ts';
import type { DeleteRows, UpdateRows } from '../../model/operation.ts';
import { slugOf } from '../names.ts';
import type { PlanContext } from '../plan.ts';
import { batchedStatement, keyOf } from '../parts/backfill.ts';
import { type TableTarget, tableTarget } from '../parts/table-target.ts';
import type { Requirement, Step } from '../step.ts';
import { keptRows } from './kept-rows.ts';
import { assignedTexts, clausesOf, type Clauses } from './statement-clauses.ts';
import { undoneRows } from './keyless-rows.ts';
import { outerWords, upToToken } from './outer-words.ts';

/** Functions that give the same when they are applied to what they gave. */
const SETTLED = new Set(['lower', 'upper', 'trim', 'btrim', 'ltrim', 'rtrim', 'coalesce']);

/** What a batch of an UPDATE needs to know beside the statement. */
export interface FilledColumns {
  /** Columns that the migration itself adds, which are empty until a row is done. */
  readonly fresh: readonly string[];
  /** Names of tables that other statements keep their rows in. */
  readonly kept: Set<string>;
}

/**
 * UPDATE or DELETE of many rows in batches by key, with the statement's own assignments, joins and predicate, each batch
 * committed by itself; it may be stopped and run again. Where a batch would change what the next one is told by, the rows
 * are found first. A text says why that cannot be.
 */
export function batchedRows(
  operation: UpdateRows | DeleteRows,
  text: string,
  { fresh, kept }: FilledColumns,
  context: PlanContext,
): readonly Step[] | string {
  const table = tableTarget(context, operation.relation);
  const { quoteName, product } = context.engine;
  if (!product.capabilities.commitsInBlocks)
    return `${product.title} cannot commit inside one statement: change the rows of ${table.shown} in batches from a script, with the same condition.`;
  const isUpdate = operation.kind === 'update-rows';
  const verb = outerWords(text).find(({ word }) => word === (isUpdate ? 'update' : 'delete'));
  const head = verb === undefined ? null : (isUpdate ? UPDATE_HEAD : DELETE_HEAD).exec(text.slice(verb.start));
  if (verb === undefined || head === null || operation.query.writes.length > 0)
    return 'A statement that changes rows in its WITH is not done in batches: make a statement of each change.';
  const alias = head.groups?.['alias'];
  const isAlias = alias !== undefined && !/^(?:set|using|where|returning)$/i.test(alias);
  const reference = isAlias ? alias : table.sql;
  const open = fresh.map((name) => `${reference}.${quoteName(name)} IS NULL`);
  const key = keyOf(context, table, reference);
  const deploy: readonly Requirement[] =
    fresh.length === 0
      ? []
      : [
          {
            kind: 'deploy',
            description: `version that writes ${fresh.map((name) => `${table.shown}.${name}`).join(', ')}`,
          },
        ];
  const step: Pick<Step, 'title' | 'slug' | 'down' | 'irreversible'> = {
    title: isUpdate
      ? `Fill ${operation.columns.map((name) => `${table.shown}.${name}`).join(', ')} in old rows`
      : `Delete rows of ${table.shown}`,
    slug: slugOf(isUpdate ? 'fill' : 'delete', table.name, ...(isUpdate ? operation.columns.slice(0, 2) : [])),
    ...(fresh.length > 0
      ? { down: 'SELECT 1; -- Nothing to take back: the values go with the column.' }
      : { irreversible: `the earlier values of ${table.shown} are gone: restore them from a backup.` }),
  };
  const isUnsettled = isUpdate && fresh.length === 0 && unsettledColumn(operation, text) !== undefined;
  if (outerWords(text)[0]?.start !== verb.start || rereads(operation, text.slice(verb.start)) || isUnsettled)
    return keptRows(
      {
        operation,
        text,
        table,
        reference,
        key,
        open: open.length === 0 ? '' : `(${open.join(' OR ')})`,
        taken: kept,
        requires: deploy,
        step,
      },
      context,
    );
  const { where } = operation;
  // What RETURNING gives, nobody gets in a migration.
  const returning = outerWords(text).find(({ word }) => word === 'returning');
  const end = where === undefined ? returning?.start : beforeWhere(text, where.span.start);
  const body = upToToken(text, 0, end ?? text.length);
  const condition = [
    ...(where === undefined ? [] : [`(${where.text})`]),
    ...(open.length === 0 ? [] : [`(${open.join(' OR ')})`]),
  ];
  const isKeyless = key.length === 0 || table.relation?.kind === 'partitioned-table';
  const parts = isKeyless ? clausesOf({ operation, text }) : undefined;
  if (isKeyless && isUpdate) {
    const undone = undoneOf(operation, { reference, parts, fresh }, table, context);
    if (typeof undone === 'string') return undone;
    condition.push(undone.sql);
  }
  const up = batchedStatement(context, table, {
    key,
    reference,
    body,
    condition,
    ...(parts === undefined ? {} : { rows: [parts.target, ...(parts.others === '' ? [] : [parts.others])].join(', ') }),
  });
  if (typeof up === 'string') return up;
  return [
    {
      ...step,
      phase: 'migrate',
      up: up.sql,
      transaction: 'none',
      requires: deploy,
      notes: isKeyless
        ? [
            'Runs in batches, each committed by itself: it may be stopped, and run again.',
            ...(isUpdate ? ['Rows that have the value already are passed over.'] : []),
          ]
        : ['Runs in batches by key, each committed by itself: it may be stopped, and run again.'],
    },
  ];
}

const NAME = '(?:"(?:[^"]|"")+"|[\\p{L}_][\\p{L}\\p{N}_$]*)';
const TARGET = `(?:only\\s+)?${NAME}(?:\\s*\\.\\s*${NAME})?(?:\\s+(?:as\\s+)?(?<alias>${NAME}))?`;
const UPDATE_HEAD = new RegExp(`^update\\s+${TARGET}`, 'iu');
const DELETE_HEAD = new RegExp(`^delete\\s+from\\s+${TARGET}`, 'iu');

/** Where the word WHERE begins that a condition follows. */
function beforeWhere(text: string, condition: number): number {
  const found = [...text.slice(0, condition).matchAll(/\bwhere\b/gi)].at(-1);
  return found?.index ?? condition;
}

/** What tells the rows that an UPDATE has yet to change in a table without a key; a text says why nothing does. */
function undoneOf(
  { assignments = [], columns }: UpdateRows,
  {
    reference,
    parts,
    fresh,
  }: { readonly reference: string; readonly parts: Clauses | undefined; readonly fresh: readonly string[] },
  table: TableTarget,
  context: PlanContext,
): ReturnType<typeof undoneRows> {
  const texts = parts === undefined ? [] : assignedTexts(parts.set);
  if (parts === undefined || assignments.length !== columns.length || texts.length !== columns.length)
    return `${table.shown} has no primary key to make batches by: give it one, or change the rows by a script.`;
  const assigned = assignments.map(({ column, value }, index) => ({ column, value, sql: texts[index] ?? '' }));
  return undoneRows({ reference, assigned, fresh, hasOthers: parts.others !== '' }, table, context);
}

/** A query over the table that the statement changes, or that table once more beside itself. */
function rereads({ relation, query }: UpdateRows | DeleteRows, text: string): boolean {
  if (query.reads.some(({ relation: read }) => read.name === relation.name)) return true;
  const name = escapePattern(relation.name);
  return new RegExp(
    `\\bselect\\b[\\s\\S]*\\b(?:from|join)\\s+(?:only\\s+)?(?:${NAME}\\s*\\.\\s*)?"?${name}"?(?![\\p{L}\\p{N}_$])`,
    'iu',
  ).test(text);
}

/** The first column whose new value is worked out of its old one in a way that goes on. */
function unsettledColumn({ columns, where }: UpdateRows, text: string): string | undefined {
  const begins = outerWords(text).find(({ word }) => word === 'set');
  const set = text.slice(begins?.end ?? 0, where === undefined ? text.length : beforeWhere(text, where.span.start));
  return columns.find((column) => {
    const name = escapePattern(column);
    const uses = [...set.matchAll(new RegExp(`(?<![\\p{L}\\p{N}_$])"?${name}"?(?![\\p{L}\\p{N}_$])`, 'giu'))];
    if (uses.length < 2) return false;
    const settling = new RegExp(`=\\s*(?:${[...SETTLED].join('|')})\\s*\\(`, 'i');
    return !settling.test(set);
  });
}
