import { walkExpression } from '../../model/expression.ts';
import type { DeleteRows, UpdateRows } from '../../model/operation.ts';
import { slugOf } from '../names.ts';
import type { PlanContext } from '../plan.ts';
import { batchedStatement, keyOf } from '../parts/backfill.ts';
import { tableTarget } from '../parts/table-target.ts';
import type { Requirement, Step } from '../step.ts';
import { outerWords, upToToken } from './outer-words.ts';

/** Functions that give the same when they are applied to what they gave. */
const SETTLED = new Set(['lower', 'upper', 'trim', 'btrim', 'ltrim', 'rtrim', 'coalesce']);

/** What a batch of an UPDATE needs to know beside the statement. */
export interface FilledColumns {
  /** Columns that the migration itself adds, which are empty until a row is done. */
  readonly fresh: readonly string[];
}

/**
 * UPDATE or DELETE of many rows in batches by key, with the statement's own assignments, joins and predicate, each batch
 * committed by itself; it may be stopped and run again. A text says why that cannot be.
 */
export function batchedRows(
  operation: UpdateRows | DeleteRows,
  text: string,
  { fresh }: FilledColumns,
  context: PlanContext,
): Step | string {
  const table = tableTarget(context, operation.relation);
  const { quoteName, product } = context.engine;
  if (!product.capabilities.commitsInBlocks)
    return `${product.title} cannot commit inside one statement: change the rows of ${table.shown} in batches from a script, with the same condition.`;
  const isUpdate = operation.kind === 'update-rows';
  const head = (isUpdate ? UPDATE_HEAD : DELETE_HEAD).exec(text);
  if (head === null || operation.query.writes.length > 0)
    return 'Only a plain UPDATE or DELETE is done in batches: write it without WITH.';
  const alias = head.groups?.['alias'];
  const isAlias = alias !== undefined && !/^(?:set|using|where|returning)$/i.test(alias);
  const reference = isAlias ? alias : table.sql;
  if (rereads(operation, text))
    return `The condition reads ${table.shown} again, which each batch changes: say in a column of its own which rows are meant, and change those.`;
  const open = fresh.map((name) => `${reference}.${quoteName(name)} IS NULL`);
  const settled = !isUpdate || fresh.length > 0 ? undefined : unsettledColumn(operation, text);
  if (settled !== undefined)
    return `"${settled}" is set to a value that depends on itself, so that a batch that runs again would change it twice: write the result into a new column, or say by a condition which rows are done.`;
  const { where } = operation;
  // What RETURNING gives, nobody gets in a migration.
  const returning = outerWords(text).find(({ word }) => word === 'returning');
  const end = where === undefined ? returning?.start : beforeWhere(text, where.span.start);
  const body = upToToken(text, 0, end ?? text.length);
  const condition = [
    ...(where === undefined ? [] : [`(${where.text})`]),
    ...(open.length === 0 ? [] : [`(${open.join(' OR ')})`]),
  ];
  const up = batchedStatement(context, table, {
    key: keyOf(context, table, reference),
    reference,
    body,
    condition,
    isSettled: !isUpdate || open.length > 0,
  });
  if (typeof up === 'string') return up;
  const words = isUpdate
    ? `Fill ${operation.columns.map((name) => `${table.shown}.${name}`).join(', ')} in old rows`
    : `Delete rows of ${table.shown}`;
  const deploy: readonly Requirement[] =
    fresh.length === 0
      ? []
      : [
          {
            kind: 'deploy',
            description: `version that writes ${fresh.map((name) => `${table.shown}.${name}`).join(', ')}`,
          },
        ];
  return {
    phase: 'migrate',
    title: words,
    slug: slugOf(isUpdate ? 'fill' : 'delete', table.name, ...(isUpdate ? operation.columns.slice(0, 2) : [])),
    up: up.sql,
    ...(fresh.length > 0
      ? { down: 'SELECT 1; -- Nothing to take back: the values go with the column.' }
      : { irreversible: `the earlier values of ${table.shown} are gone: restore them from a backup.` }),
    transaction: 'none',
    requires: deploy,
    notes: ['Runs in batches by key, each committed by itself: it may be stopped, and run again.'],
  };
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

/** A subquery over the table that the statement changes. */
function rereads({ relation }: UpdateRows | DeleteRows, text: string): boolean {
  const name = relation.name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(
    `\\bselect\\b[\\s\\S]*\\b(?:from|join)\\s+(?:only\\s+)?(?:${NAME}\\s*\\.\\s*)?"?${name}"?(?![\\p{L}\\p{N}_$])`,
    'iu',
  ).test(text);
}

/** The first column whose new value is worked out of its old one in a way that goes on. */
function unsettledColumn({ columns, where }: UpdateRows, text: string): string | undefined {
  const set =
    /\bset\b([\s\S]*)$/i.exec(where === undefined ? text : text.slice(0, beforeWhere(text, where.span.start)))?.[1] ??
    '';
  return columns.find((column) => {
    const name = column.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const uses = [...set.matchAll(new RegExp(`(?<![\\p{L}\\p{N}_$])"?${name}"?(?![\\p{L}\\p{N}_$])`, 'giu'))];
    if (uses.length < 2) return false;
    const settling = new RegExp(`=\\s*(?:${[...SETTLED].join('|')})\\s*\\(`, 'i');
    // Never where the rows that are done fall out of the condition.
    return (
      !settling.test(set) &&
      (where === undefined ||
        ![...walkExpression(where.tree)].some((part) => part.kind === 'column' && part.path.at(-1) === column))
    );
  });
}
