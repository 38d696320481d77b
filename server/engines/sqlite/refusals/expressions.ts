import type { ExpressionTree } from '../../../model/expression.ts';
import { walkExpression } from '../../../model/expression.ts';
import { sameName } from '../../../model/lookup.ts';
import { SQLITE } from '../product.ts';

/** Where an expression stands, which says what it may hold. */
export type Place = 'a CHECK' | 'a generated column' | 'an index' | 'the WHERE of an index';

const AGGREGATES = new Set([
  'count',
  'sum',
  'total',
  'avg',
  'group_concat',
  'string_agg',
  'json_group_array',
  'json_group_object',
]);

/** Functions whose values change from call to call. Source: sqlite.org/deterministic.html. */
const CHANGING = new Set(['random', 'randomblob', 'changes', 'last_insert_rowid', 'total_changes', 'sqlite_version']);

const CLOCK = new Set(['current_date', 'current_time', 'current_timestamp']);

const ROWID = new Set(['rowid', 'oid', '_rowid_']);

/** A table as far as its expressions see it. */
export interface Columns {
  readonly table: string;
  readonly names: readonly string[];
  /** Whether there are no others. */
  readonly isKnown: boolean;
}

/** Why an expression cannot stand in its place. */
export function refusedTree(tree: ExpressionTree, place: Place, columns: Columns): string | undefined {
  // Whatever a subquery names, it is refused for being one.
  for (const node of walkExpression(tree)) if (node.kind === 'subquery') return `SQLite takes no subquery in ${place}.`;
  for (const node of walkExpression(tree)) {
    const why =
      node.kind === 'call'
        ? wrongCall(node, place)
        : node.kind === 'column'
          ? wrongColumn(node.path, place, columns)
          : node.kind === 'keyword' && CLOCK.has(node.name) && place !== 'a CHECK'
            ? `${node.name.toUpperCase()} changes from moment to moment, which SQLite does not take in ${place}.`
            : undefined;
    if (why !== undefined) return why;
  }
  return undefined;
}

function wrongCall(call: Extract<ExpressionTree, { readonly kind: 'call' }>, place: Place): string | undefined {
  const isAggregate =
    AGGREGATES.has(call.name) || ((call.name === 'max' || call.name === 'min') && call.operands.length === 1);
  if (isAggregate) return `${call.name}() is an aggregate, which SQLite does not take in ${place}.`;
  return CHANGING.has(call.name) && place !== 'a CHECK'
    ? `${call.name}() is not the same at each call, which SQLite does not take in ${place}.`
    : undefined;
}

function wrongColumn(path: readonly string[], place: Place, columns: Columns): string | undefined {
  const name = path.at(-1) ?? '';
  const qualifier = path.at(-2);
  if (qualifier !== undefined && path.length === 2 && !sameName(SQLITE, qualifier, columns.table))
    return `${place.replace(/^./, (letter) => letter.toUpperCase())} sees the columns of ${columns.table} only, not ${qualifier}.${name}.`;
  if (!columns.isKnown || ROWID.has(name.toLowerCase())) return undefined;
  return columns.names.some((own) => sameName(SQLITE, own, name))
    ? undefined
    : `${columns.table} has no column ${name}.`;
}

/** Whether an expression asks for the time of the moment: date('now'). */
export function asksClock(tree: ExpressionTree): boolean {
  for (const node of walkExpression(tree)) {
    if (node.kind !== 'call' || !/^(?:date|time|datetime|julianday|unixepoch|strftime)$/.test(node.name)) continue;
    const given = node.name === 'strftime' ? node.operands.slice(1) : node.operands;
    const [first] = given;
    if (first === undefined || (first.kind === 'literal' && String(first.value).toLowerCase() === 'now')) return true;
  }
  return false;
}
