import { constraintTitle } from '../../model/constraint-title.ts';
import { dependantsOf, foreignKeysTo, indexesOf, relationKeyOf } from '../../model/lookup.ts';
import { displayName } from '../../model/names.ts';
import type { Column, Relation, UserType } from '../../model/schema.ts';
import type { PlanContext } from '../plan.ts';
import { changeInFlight, constraintsOver, indexesOver } from './column-users.ts';
import { tableTarget, type TableTarget } from './table-target.ts';

/** A column that holds values of an enum, or arrays of them. */
export interface EnumColumn {
  readonly table: TableTarget;
  readonly relation: Relation;
  readonly column: Column;
  readonly isArray: boolean;
}

/** Columns of tables that hold values of an enum; those of partitions and children are their parents'. */
export function enumColumns(context: PlanContext, type: UserType): readonly EnumColumn[] {
  return [...context.schema.relations.values()].flatMap((relation) => {
    if (
      (relation.kind !== 'table' && relation.kind !== 'partitioned-table' && relation.kind !== 'foreign-table') ||
      relation.partitionOf !== undefined
    )
      return [];
    const columns = relation.columns.filter(
      (column) =>
        column.type?.name === type.name &&
        column.type.schema === type.schema &&
        (column.isLocal || relation.inherits.length === 0),
    );
    // Where new tables go nobody writes the schema.
    const name = {
      ...(relation.schema === (context.schema.session.searchPath[0] ?? '') ? {} : { schema: relation.schema }),
      name: relation.name,
      span: { start: 0, end: 0 },
    };
    return columns.map((column) => ({
      table: tableTarget(context, name),
      relation,
      column,
      isArray: (column.type?.arrayDimensions ?? 0) > 0,
    }));
  });
}

/** Why the values of the type cannot all be found in columns; undefined where they can. */
export function valuesElsewhere(context: PlanContext, type: UserType): string | undefined {
  for (const other of context.schema.types.values()) {
    const isOver = (inner: { readonly name: string; readonly schema?: string } | undefined): boolean =>
      inner?.name === type.name && inner.schema === type.schema;
    if (isOver(other.domain?.base))
      return `The domain ${displayName({ name: other.name })} is made of ${type.name}: change its columns to ${type.name} first, and write its rules as checks.`;
    if (other.attributes?.some((attribute) => isOver(attribute.type)) === true)
      return `The type ${displayName({ name: other.name })} has an attribute of ${type.name}, which no UPDATE in batches reaches: change that by hand first.`;
  }
  return undefined;
}

/** Why a value in the rows of a column cannot give way to another one in its own time; undefined where it can. */
export function whyNotExchanged(
  context: PlanContext,
  { table, relation, column }: EnumColumn,
  value: string,
): string | undefined {
  const name = `${table.shown}."${column.name}"`;
  const literal = context.engine.quoteText(value);
  if (relation.kind === 'foreign-table')
    return `${name} is a column of a foreign table: change its values where they are kept.`;
  if (column.generated !== undefined)
    return `${name} is a generated column: let its expression give the new value first.`;
  const key = constraintsOver(relation, column.name).find(
    (constraint) =>
      constraint.kind === 'primary-key' || constraint.kind === 'foreign-key' || constraint.kind === 'exclusion',
  );
  if (key !== undefined)
    return `${name} is part of "${key.name}", and two values that mean the same would count as two: rename in a window in which only one version runs.`;
  const pointing = foreignKeysTo(context.schema, relationKeyOf(context.schema, relation)).find(
    ({ constraint }) => constraint.references?.columns.includes(column.name) === true,
  );
  if (pointing !== undefined)
    return `The foreign key ${constraintTitle(pointing.constraint)} of ${displayName({ name: pointing.relation.name })} points at ${name}: rename in a window in which only one version runs.`;
  const unique = indexesOver(context.schema, relation, column.name).find((index) => index.unique);
  if (unique !== undefined)
    return `${name} is part of the unique index "${unique.name}", and two values that mean the same would count as two: rename in a window in which only one version runs.`;
  if (relation.partitionKey?.elements.some((element) => element.column === column.name) === true)
    return `${name} is part of the partition key, and rows of the new value would go to another partition: rename in a window in which only one version runs.`;
  const check = relation.constraints.find((constraint) => constraint.expression?.text.includes(literal) === true);
  if (check !== undefined)
    return `The check ${constraintTitle(check)} of ${table.shown} names ${literal}: let it allow both values first.`;
  const index = indexesOf(context.schema, relationKeyOf(context.schema, relation)).find(
    (each) =>
      each.where?.text.includes(literal) === true ||
      each.elements.some((element) => element.expression?.text.includes(literal) === true),
  );
  if (index !== undefined)
    return `The index "${index.name}" names ${literal}: build one that knows both values first, and drop it.`;
  const made = relation.columns.find((other) => other.generated?.expression.text.includes(literal) === true);
  if (made !== undefined)
    return `The generated column "${made.name}" of ${table.shown} names ${literal}: let it know both values first.`;
  return changeInFlight(table, relation);
}

/** The value that a column's default is, bare or behind casts; undefined where it is none or more than that. */
export function defaultValue(column: Column): string | undefined {
  let tree = column.default?.tree;
  while (tree?.kind === 'cast') [tree] = tree.operands;
  return tree?.kind === 'literal' && typeof tree.value === 'string' ? tree.value : undefined;
}

/** Views, in words, that read a table of one of the columns and name a value. */
export function viewsNaming(context: PlanContext, columns: readonly EnumColumn[], value: string): readonly string[] {
  const literal = context.engine.quoteText(value);
  return [
    ...new Set(
      columns.flatMap(({ relation }) =>
        dependantsOf(context.schema, relationKeyOf(context.schema, relation)).flatMap(({ relation: view }) =>
          view.viewText?.includes(literal) === true ? [displayName({ name: view.name })] : [],
        ),
      ),
    ),
  ];
}
