import { constraintTitle } from '../../model/constraint-title.ts';
import { bodiesNamingColumn } from '../../model/body-names.ts';
import { triggerNames } from '../../model/fold/drop-column.ts';
import { trackedUserTitle, usersOf } from '../../model/fold/tracked-users.ts';
import type { Column, Index, Relation } from '../../model/schema.ts';
import { slugOf } from '../names.ts';
import type { PlanContext } from '../plan.ts';
import type { ParityCheck, Step } from '../step.ts';
import { constraintsOver, domainInTheWay, generatedFrom, indexesOver, keysInto, viewsOver } from './column-users.ts';
import { createIndexSql } from './index-sql.ts';
import type { TableTarget } from './table-target.ts';

/** Why a column cannot leave its table with the others in `moved`; undefined where it can. */
export function whyNotMoved(
  context: PlanContext,
  table: TableTarget,
  relation: Relation,
  column: Column,
  moved: ReadonlySet<string | undefined>,
): string | undefined {
  const name = `"${column.name}"`;
  if (column.type === undefined || column.generated !== undefined || column.identity !== undefined)
    return `${table.shown}.${name} is generated or an identity, which a trigger cannot write: it must stay.`;
  if (column.default !== undefined)
    return `${table.shown}.${name} has a default, so that a row of the new version, which leaves it out, looks like one of the old: drop the default first, behind a version that always gives a value.`;
  const domain = domainInTheWay(context, column.name, column.type);
  if (domain !== undefined) return domain;
  const user = [
    ...viewsOver(context, relation, column.name).map((view) => `the view ${view}`),
    ...generatedFrom(relation, column.name).map((other) => `the generated column "${other}"`),
    ...keysInto(context, relation, column.name),
  ][0];
  if (user !== undefined) return `${name} of ${table.shown} is used by ${user}: change that first.`;
  const constraint = constraintsOver(relation, column.name).find(
    (each) =>
      each.kind === 'primary-key' || each.kind === 'exclusion' || each.columns.some((other) => !moved.has(other)),
  );
  if (constraint !== undefined)
    return `The constraint ${constraintTitle(constraint)} ties ${name} to what stays in ${table.shown}: drop it by a statement of its own first.`;
  const unique = indexesOver(context.schema, relation, column.name).find((each) => each.unique);
  if (unique !== undefined)
    return `${name} is unique by "${unique.name}", and a writer that changes a unique value would wait for the copy of its row while the copy waits for the writer: drop the uniqueness first and add it to the other table behind the change.`;
  const index = indexesOver(context.schema, relation, column.name).find(
    (each) =>
      each.where !== undefined ||
      each.elements.some((element) => element.column === undefined || !moved.has(element.column)) ||
      each.include.some((other) => !moved.has(other)),
  );
  if (index !== undefined)
    return `The index "${index.name}" ties ${name} to what stays in ${table.shown}: drop it by a statement of its own first.`;
  if (relation.policies.length > 0 || relation.rules.length > 0)
    return `${table.shown} has policies or rules, which may name ${name}: drop them first and make them anew behind the change.`;
  const watching = relation.triggers.find((trigger) => triggerNames(trigger, column.name));
  if (watching !== undefined) return `The trigger "${watching.name}" watches ${name}: drop it first.`;
  const [elsewhere] = usersOf(relation, column.name);
  if (elsewhere !== undefined)
    return `${trackedUserTitle(elsewhere)} needs ${name} of ${table.shown}: drop or change that first.`;
  const [body] = bodiesNamingColumn(context.schema, relation, column.name);
  return body === undefined
    ? undefined
    : `The function ${body.shown} names ${name} of ${table.shown} in its body, which stays as it is when the column leaves: replace it first by one that does not.`;
}

/** `name type COLLATE collation` of a column, without constraints and default. */
export function definitionOf(context: PlanContext, column: Column): string {
  const { quoteName } = context.engine;
  return `${quoteName(column.name)} ${column.type?.display ?? ''}${column.collation === undefined ? '' : ` COLLATE ${quoteName(column.collation)}`}`;
}

/** What the table's own columns hold against what its partner holds; a row without a partner must hold nothing. All names quoted. */
export function movedParity(
  table: TableTarget,
  partner: TableTarget,
  keys: { readonly left: string; readonly right: string },
  columns: readonly string[],
  tableName: string,
): ParityCheck {
  const asText = (prefix: string): string =>
    `CAST(ROW(${columns.map((column) => `${prefix}${column}`).join(', ')}) AS text)`;
  return {
    table: table.sql,
    old: asText(''),
    new: `coalesce((SELECT ${asText('kept.')} FROM ${partner.sql} AS kept WHERE kept.${keys.right} = ${tableName}.${keys.left}), '(${','.repeat(columns.length - 1)})')`,
  };
}

/**
 * UPDATE that copies the values of a range of rows into the rows of another table that belong to them. The rows that are
 * read are locked, so that a value which a writer is just writing is not overtaken by an older one. All names quoted.
 */
export function copyValues(
  from: TableTarget,
  to: TableTarget,
  keys: { readonly from: string; readonly to: string },
  columns: readonly string[],
  range: string,
): string {
  return [
    `UPDATE ${to.sql} AS own SET ${columns.map((column) => `${column} = kept.${column}`).join(', ')}`,
    `FROM (SELECT * FROM ${from.sql} WHERE ${range} FOR SHARE) AS kept`,
    `WHERE kept.${keys.from} = own.${keys.to} AND record_image_ne(ROW(${columns.map((column) => `own.${column}`).join(', ')}), ROW(${columns.map((column) => `kept.${column}`).join(', ')}));`,
  ].join(' ');
}

/** The step that drops the index of columns that have moved. */
export function dropIndexStep(context: PlanContext, table: TableTarget, index: Index): Step {
  const schema = table.sql.includes('.') ? `${context.engine.quoteName(index.schema)}.` : '';
  return {
    phase: 'contract',
    title: `Drop index ${index.name}`,
    slug: slugOf('drop', index.name),
    up: `DROP INDEX CONCURRENTLY IF EXISTS ${schema}${context.engine.quoteName(index.name)};`,
    down: `${createIndexSql(context, index, index.name, table.sql, { concurrently: true })};`,
    transaction: 'none',
    requires: [],
    notes: ['Runs outside a transaction, and reads and writes go on.'],
  };
}
