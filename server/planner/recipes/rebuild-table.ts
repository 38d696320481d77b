import { rebuildTable } from '../../dialects/sqlite/rebuild.ts';
import { findRelation, relationKeyOf, sameName } from '../../model/lookup.ts';
import { isTableAction, type TableActionDetail } from '../../model/operation.ts';
import type { Relation } from '../../model/schema.ts';
import { changeIdOf, slugOf } from '../names.ts';
import type { PlanContext, Recipe } from '../plan.ts';
import { tableTarget, type TableTarget } from './table-target.ts';

/** What ALTER TABLE of SQLite, or of this version of it, cannot do: the table is copied into a new one that takes its place. */
export const rebuildSqliteTable: Recipe = {
  name: 'rebuild-table',
  title: 'Rebuild the table',
  plan({ operation }, context) {
    if (context.dialect.id !== 'sqlite' || !isTableAction(operation)) return { kind: 'refused', reason: 'This is not a change of a table of SQLite.' };
    const { action } = operation;
    const table = tableTarget(context, operation.relation);
    const words = wordsOf(action);
    if (words === undefined) return { kind: 'refused', reason: `Rebuilding ${table.shown} for this change is not something that can be written here: write the new table by hand.` };
    const changed = action.kind === 'add-column' ? withColumn(context, table, action)
      : findRelation(context.dialect.fold(context.schema, [operation], { fileIndex: -1 }, context.target), operation.relation);
    if (table.relation === undefined || changed === undefined) return { kind: 'refused', reason: `The definition of ${table.shown} is in no migration here: connect to the database, so that nothing of it is lost.` };
    const { relation } = table;
    if (action.kind !== 'drop-not-null' && changed.columns.length === relation.columns.length && changed.constraints.length === relation.constraints.length) {
      return { kind: 'refused', reason: `This does not apply to ${table.shown} as the migrations leave it: correct the names in it first.` };
    }
    const up = rebuildTable(context.schema, relation, (old) => changedTable(old, changed, action), { values: valuesOf(action) });
    if (up.kind === 'refused') return { kind: 'refused', reason: up.reason };
    const after = { ...context.schema, relations: context.schema.relations.set(relationKeyOf(context.schema, relation), changedTable(relation, changed, action)) };
    const down = rebuildTable(after, relation, () => relation);
    return {
      kind: 'planned',
      plan: {
        id: changeIdOf(table.name, ...words.slug), title: `${words.title} in ${table.shown}`,
        steps: [{
          phase: 'contract', title: `${words.title} in ${table.shown}`, slug: slugOf('rebuild', table.name, ...words.slug), up: up.script.join('\n'),
          ...(down.kind === 'refused' ? { irreversible: down.reason } : { down: down.script.join('\n') }),
          transaction: 'none', requires: [{ kind: 'deploy', description: words.deploy(table.shown) }],
          notes: [
            `${table.shown} is copied into a new table that takes its place, in one transaction: ALTER TABLE cannot do this.`,
            'It holds the database\'s write lock while the rows are copied; readers go on in WAL mode. It fails, and changes nothing, where a row breaks the new definition.',
          ],
        }],
      },
    };
  },
};

interface Words {
  readonly title: string;
  readonly slug: readonly string[];
  deploy(table: string): string;
}

function wordsOf(action: TableActionDetail): Words | undefined {
  switch (action.kind) {
    case 'add-constraint': return action.constraint.kind === 'check' ? { title: 'Add a check', slug: ['check', ...(action.constraint.name === undefined ? [] : [action.constraint.name])], deploy: (table) => `version that writes no row of ${table} that breaks the check` } : undefined;
    case 'drop-constraint': return { title: `Drop ${action.constraint}`, slug: ['drop', action.constraint], deploy: (table) => `version that expects rows of ${table} that ${action.constraint} kept out` };
    case 'drop-not-null': return { title: `Let ${action.column} be empty`, slug: [action.column, 'optional'], deploy: (table) => `version that expects ${table}.${action.column} to be empty` };
    case 'add-column': return action.column.constraints.some((constraint) => constraint.kind === 'primary-key') ? undefined
      : { title: `Add ${action.column.name}`, slug: [action.column.name], deploy: (table) => `version that can do with ${table}.${action.column.name}` };
    default: return undefined;
  }
}

/** The table after the change: for a column, what is added to it; else what the fold makes of it. */
function changedTable(old: Relation, changed: Relation, action: TableActionDetail): Relation {
  if (action.kind === 'drop-not-null') return { ...old, columns: old.columns.map((column) => (sameName('sqlite', column.name, action.column) ? { ...column, notNull: false } : column)) };
  return { ...old, columns: changed.columns, constraints: changed.constraints };
}

/** The table with the new column behind the others, read as CREATE TABLE reads it: ALTER TABLE would not take it. */
function withColumn(context: PlanContext, table: TableTarget, action: Extract<TableActionDetail, { readonly kind: 'add-column' }>): Relation | undefined {
  const { relation } = table;
  if (relation === undefined || relation.columns.some((column) => sameName('sqlite', column.name, action.column.name))) return undefined;
  const definition = context.statementText.slice(action.column.span.start, action.column.span.end);
  const { dialect } = context;
  const made = findRelation(dialect.fold(dialect.emptySchema(true), dialect.parse(`CREATE TABLE ${dialect.quoteName(relation.name)} (${definition})`).operations, { fileIndex: -1 }, context.target), { name: relation.name });
  return made === undefined ? undefined : { ...relation, columns: [...relation.columns, ...made.columns], constraints: [...relation.constraints, ...made.constraints] };
}

/** A default that is worked out for each row must be named, for a new table takes it for new rows only. */
function valuesOf(action: TableActionDetail): Readonly<Record<string, string>> {
  if (action.kind !== 'add-column' || action.column.default === undefined || action.column.generated !== undefined) return {};
  return { [action.column.name]: action.column.default.text };
}
