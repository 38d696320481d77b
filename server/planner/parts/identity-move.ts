import { findSequence, relationKeyOf, sequencesOf } from '../../model/lookup.ts';
import type { PlanContext } from '../plan.ts';
import type { KnownColumn } from './column-users.ts';
import type { TableTarget } from './table-target.ts';

/** Beyond it PostgreSQL shortens the name that it gives an identity's sequence: 63 bytes, which these characters may take. */
const LONGEST_SEQUENCE_NAME = 30;

/** Statements that give the new column an identity whose sequence goes on where the old one stands. */
export function identityMove(
  context: PlanContext,
  table: TableTarget,
  { relation, column }: KnownColumn,
  next: string,
):
  | { readonly before: readonly string[]; readonly after: readonly string[]; readonly notes: readonly string[] }
  | string {
  if (column.identity === undefined) return { before: [], after: [], notes: [] };
  const { quoteName, quoteText } = context.engine;
  const old = sequencesOf(context.schema, relationKeyOf(context.schema, relation)).find(
    ({ sequence }) => sequence.identity && sequence.ownedBy?.column === column.name,
  )?.sequence;
  const made = `${table.name}_${next}_seq`;
  if (
    old === undefined ||
    made.length > LONGEST_SEQUENCE_NAME ||
    findSequence(context.schema, { schema: relation.schema, name: made }) !== undefined
  ) {
    return `"${column.name}" is an identity column whose sequence cannot be told: plan a window for it.`;
  }
  const sequence = `${quoteName(relation.schema)}.${quoteName(made)}`;
  return {
    before: [
      `${table.alter} ALTER COLUMN ${quoteName(next)} ADD GENERATED ${column.identity === 'always' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY;`,
      `SELECT setval(${quoteText(sequence)}, last_value, is_called) FROM ${quoteName(old.schema)}.${quoteName(old.name)};`,
    ],
    after: [`ALTER SEQUENCE ${sequence} RENAME TO ${quoteName(old.name)};`],
    notes: [
      'The identity gets a new sequence that goes on where the old one stands; INCREMENT, MAXVALUE and CYCLE, where they were set, are not carried over.',
    ],
  };
}
