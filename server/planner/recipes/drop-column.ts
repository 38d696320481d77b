import { constraintTitle } from '../../model/constraint-title.ts';
import { walkExpression } from '../../model/expression.ts';
import { sameName } from '../../model/lookup.ts';
import { changeIdOf, slugOf } from '../names.ts';
import type { ChangeRequest, PlanContext, PlanResult, Recipe } from '../plan.ts';
import type { Requirement, Step } from '../step.ts';
import {
  constraintsOver,
  domainInTheWay,
  generatedFrom,
  indexesOver,
  keysInto,
  viewsOver,
  replicaIdentityOver,
} from '../parts/column-users.ts';
import { createIndexSql } from '../parts/index-sql.ts';
import { tableTarget, type TableTarget } from '../parts/table-target.ts';

/** DROP COLUMN: optional first where the new version leaves it out, dropped when no running version names it. */
export const dropColumn: Recipe = {
  name: 'drop-column',
  title: 'Drop a column',
  plans: { postgresql: plan, sqlite: plan },
};

function plan({ operation }: ChangeRequest, context: PlanContext): PlanResult {
  if (operation.kind !== 'drop-column') return { kind: 'refused', reason: 'This is not the drop of a column.' };
  const { column: name, cascade } = operation.action;
  const table = tableTarget(context, operation.relation);
  const { relation } = table;
  const column = relation?.columns.find((candidate) => sameName(context.engine.product, candidate.name, name));
  if (cascade)
    return {
      kind: 'refused',
      reason:
        'CASCADE drops whatever depends on the column: drop or change that by statements of its own first, then drop the column without CASCADE.',
    };
  const user =
    relation === undefined
      ? undefined
      : [
          ...viewsOver(context, relation, name).map((view) => `the view ${view}`),
          ...generatedFrom(relation, name).map((other) => `the generated column "${other}"`),
          ...keysInto(context, relation, name),
        ][0];
  const identity = relation === undefined ? undefined : replicaIdentityOver(context, table, relation, name);
  if (identity !== undefined) return { kind: 'refused', reason: identity };
  if (user !== undefined)
    return { kind: 'refused', reason: `"${name}" of ${table.shown} is used by ${user}: change that first.` };
  const over = relation === undefined ? [] : constraintsOver(relation, name);
  if (over.some((constraint) => constraint.kind === 'primary-key'))
    return {
      kind: 'refused',
      reason: `"${name}" is in the primary key of ${table.shown}: give the table another key first.`,
    };
  const needed = over.find((constraint) => constraint.kind !== 'not-null');
  if (needed !== undefined && (needed.columns.length > 1 || !context.engine.product.capabilities.altersInPlace))
    return {
      kind: 'refused',
      reason: `The constraint ${constraintTitle(needed)} names "${name}" and would go with it: drop it by a statement of its own first.`,
    };
  const quoted = context.engine.quoteName(name);
  const deploy: Requirement = {
    kind: 'deploy',
    description: `version that neither reads nor writes ${table.shown}.${name}`,
  };
  const isRequired =
    column?.notNull === true &&
    column.default === undefined &&
    column.identity === undefined &&
    column.generated === undefined;
  const steps: Step[] = [];
  if (isRequired) {
    if (!context.engine.product.capabilities.altersInPlace) {
      return {
        kind: 'refused',
        reason: `"${name}" of ${table.shown} is required and has no default, so a version that leaves it out cannot insert: give it a default first, which in SQLite takes a rebuild of the table.`,
      };
    }
    steps.push({
      phase: 'expand',
      title: `Let ${table.shown}.${name} be empty`,
      slug: slugOf('optional', table.name, name),
      up: `${table.alter} ALTER COLUMN ${quoted} DROP NOT NULL;`,
      down: `-- lockstep: allow blocking-alter because going back reads every row while nobody else may use the table, and fails where a row was written without a value\n${table.alter} ALTER COLUMN ${quoted} SET NOT NULL;`,
      transaction: 'one',
      requires: [],
      notes: [`Deploy next: a version that neither reads nor writes ${table.shown}.${name}.`],
    });
  }
  const indexes =
    !context.engine.product.capabilities.buildsConcurrently ||
    relation === undefined ||
    relation.kind === 'partitioned-table'
      ? []
      : indexesOver(context.schema, relation, name).filter((index) => index.constraint === undefined && !index.primary);
  for (const index of indexes) {
    const schema = table.sql.includes('.') ? `${context.engine.quoteName(index.schema)}.` : '';
    steps.push({
      phase: 'contract',
      title: `Drop index ${index.name}`,
      slug: slugOf('drop', index.name),
      up: `DROP INDEX CONCURRENTLY IF EXISTS ${schema}${context.engine.quoteName(index.name)};`,
      down: `${createIndexSql(context, index, index.name, table.sql, { concurrently: true })};`,
      transaction: 'none',
      requires: steps.some((step) => step.phase === 'contract') ? [] : [deploy],
      notes: ['Runs outside a transaction, and reads and writes go on.'],
    });
  }
  steps.push({
    phase: 'contract',
    title: `Drop ${table.shown}.${name}`,
    slug: slugOf('drop', table.name, name),
    up: `${table.alter} DROP COLUMN ${quoted};`,
    ...restored(context, table, name, needed !== undefined),
    transaction: 'one',
    requires: steps.some((step) => step.phase === 'contract') ? [] : [deploy],
    notes: ['The values go with the column: keep a copy if anyone may ask for them.'],
  });
  return {
    kind: 'planned',
    plan: { id: changeIdOf(table.name, name, 'drop'), title: `Drop ${table.shown}.${name}`, steps },
  };
}

/** The way back: the column as it was, but empty. */
function restored(
  context: PlanContext,
  table: TableTarget,
  name: string,
  hadConstraints: boolean,
): Pick<Step, 'down' | 'irreversible'> {
  const column = table.relation?.columns.find((candidate) => sameName(context.engine.product, candidate.name, name));
  const type = column?.type?.display;
  if (
    column === undefined ||
    type === undefined ||
    column.generated !== undefined ||
    column.identity !== undefined ||
    hadConstraints ||
    !context.engine.product.capabilities.altersInPlace ||
    domainInTheWay(context, name, column.type) !== undefined
  ) {
    return { irreversible: `the values of ${table.shown}.${name} are gone: restore them from a backup.` };
  }
  const collation = column.collation === undefined ? '' : ` COLLATE ${context.engine.quoteName(column.collation)}`;
  const quoted = context.engine.quoteName(name);
  // Where the column was required, a constant default gives each row a value without a rewrite.
  if (
    column.notNull &&
    column.default !== undefined &&
    [...walkExpression(column.default.tree)].every((part) => part.kind === 'literal' || part.kind === 'cast')
  ) {
    return {
      down: `-- The values are gone: this brings back the column with its default in every row, as the last one. Fill it from a backup.\n${table.alter} ADD COLUMN ${quoted} ${type}${collation} NOT NULL DEFAULT ${column.default.text};`,
    };
  }
  const allowed =
    column.notNull && column.default !== undefined
      ? '-- lockstep: allow down-leaves-differences because the values are gone, and a required column would need some\n'
      : '';
  const value =
    column.default === undefined
      ? ''
      : `\n${allowed}${table.alter} ALTER COLUMN ${quoted} SET DEFAULT ${column.default.text};`;
  return {
    down: `-- The values are gone: this brings back an empty column, as the last one. Fill it from a backup.\n${table.alter} ADD COLUMN ${quoted} ${type}${collation};${value}`,
  };
}
