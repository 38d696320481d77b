import type { Column, ColumnGrant } from '../../model/schema.ts';
import type { PlanContext } from '../plan.ts';
import type { TableTarget } from './table-target.ts';

/** Roles that GRANT names by a word of its own. */
const ROLE_WORDS: ReadonlySet<string> = new Set(['PUBLIC', 'CURRENT_ROLE', 'CURRENT_USER', 'SESSION_USER']);

/** COMMENT ON for a column that takes another one's place; nothing where that has none. */
export function commentFor(
  context: PlanContext,
  table: TableTarget,
  { comment }: Column,
  to: string,
): readonly string[] {
  return comment === undefined
    ? []
    : [`COMMENT ON COLUMN ${table.sql}.${context.engine.quoteName(to)} IS ${context.engine.quoteText(comment)};`];
}

/** GRANTs that give a column the privileges that another one has alone, as far as the schema tells. */
export function grantsFor(
  context: PlanContext,
  table: TableTarget,
  { grants = [] }: Column,
  to: string,
): readonly string[] {
  const byRole = Map.groupBy(grants, ({ grantee, grantable }: ColumnGrant) => JSON.stringify([grantee, grantable]));
  return [...byRole.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const role = ROLE_WORDS.has(first.grantee) ? first.grantee : context.engine.quoteName(first.grantee);
    const rights = same.map(({ privilege }) => `${privilege} (${context.engine.quoteName(to)})`).sort();
    return [`GRANT ${rights.join(', ')} ON ${table.sql} TO ${role}${first.grantable ? ' WITH GRANT OPTION' : ''};`];
  });
}

/** What the reader has to see to where the migrations do not tell all that the database may have; nothing where it is connected. */
export function unknownAnnotations(context: PlanContext, what: string): readonly string[] {
  return context.schema.isComplete ? [] : [`${what} that no migration here gives: write them into this file.`];
}
