import { findIndex, findRelation, findSequence } from '../../model/lookup.ts';
import { changeIdOf, slugOf } from '../names.ts';
import type { ChangeRequest, PlanContext, PlanResult, Recipe } from '../plan.ts';
import { tableTarget } from '../parts/table-target.ts';

/** First PostgreSQL major whose views may use the privileges and policies of who asks. Source: PostgreSQL 15 release notes. */
const SECURITY_INVOKER_SINCE = 15;

/** RENAME TO: in the same transaction a view takes the old name, through which the old version goes on reading and writing. */
export const renameTable: Recipe = {
  name: 'rename-table',
  title: 'Rename a table',
  plans: {
    postgresql: plan,
    sqlite:
      'A view of SQLite cannot take ON CONFLICT and RETURNING, so it cannot stand in for the table: deploy a version that uses whichever of the two names exists, then rename.',
  },
};

function plan({ operation }: ChangeRequest, context: PlanContext): PlanResult {
  if (operation.kind !== 'rename-table') return { kind: 'refused', reason: 'This is not the renaming of a table.' };
  const { newName } = operation.action;
  const table = tableTarget(context, operation.relation);
  const { relation } = table;
  const { quoteName } = context.engine;
  if (relation === undefined || !relation.columnsKnown)
    return {
      kind: 'refused',
      reason: `The columns of ${table.shown} are in no migration here: connect to the database, so that the view of the old name has them all.`,
    };
  if (relation.kind !== 'table' && relation.kind !== 'partitioned-table')
    return {
      kind: 'refused',
      reason: `${table.shown} is no table: make a second view of the new name instead, and drop the old one when nobody uses it.`,
    };
  const target = { schema: relation.schema, name: newName };
  if (
    findRelation(context.schema, target) !== undefined ||
    findIndex(context.schema, target) !== undefined ||
    findSequence(context.schema, target) !== undefined
  ) {
    return { kind: 'refused', reason: `There is a relation "${newName}" already: choose another name.` };
  }
  const hasInvoker = context.target.version >= SECURITY_INVOKER_SINCE;
  if (relation.rowSecurity && !hasInvoker) {
    return {
      kind: 'refused',
      reason: `${table.shown} has row security, which a view before PostgreSQL 15 would pass over: rename in a window in which only one version runs.`,
    };
  }
  const renamed = `${operation.relation.schema === undefined ? '' : `${quoteName(operation.relation.schema)}.`}${quoteName(newName)}`;
  const columns = relation.columns.map((column) => quoteName(column.name)).join(', ');
  const view = `CREATE VIEW ${table.sql}${hasInvoker ? ' WITH (security_invoker = true)' : ''} AS SELECT ${columns} FROM ${renamed};`;
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf(table.name, newName),
      title: `Rename ${table.shown} to ${newName}`,
      steps: [
        {
          phase: 'expand',
          title: `Rename ${table.shown} to ${newName}, with a view of the old name`,
          slug: slugOf('rename', table.name, newName),
          up: `${table.alter} RENAME TO ${quoteName(newName)};\n${view}`,
          down: `DROP VIEW ${table.sql};\nALTER TABLE ${renamed} RENAME TO ${quoteName(table.name)};`,
          transaction: 'one',
          requires: [],
          notes: [
            'Reads and writes through the view reach the table. Grant on the view what roles other than its owner may do with the table.',
            'Not through a view: TRUNCATE, COPY FROM, ON CONFLICT ON CONSTRAINT, system columns such as xmin. A version that uses one of these must not run on it.',
          ],
        },
        {
          phase: 'contract',
          title: `Drop the view ${table.shown}`,
          slug: slugOf('drop', table.name, 'view'),
          up: `DROP VIEW ${table.sql};`,
          down: view,
          transaction: 'one',
          requires: [{ kind: 'deploy', description: `version that uses ${newName} and no longer ${table.shown}` }],
          notes: [],
        },
      ],
    },
  };
}
