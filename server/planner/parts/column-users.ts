import { constraintTitle } from '../../model/constraint-title.ts';
import { isConstrainedDomain } from '../../engines/postgresql/effects/casts.ts';
import { referencedColumns } from '../../model/expression.ts';
import { childrenOf, dependantsOf, foreignKeysTo, indexesOf, relationKeyOf, sameName } from '../../model/lookup.ts';
import { displayName } from '../../model/names.ts';
import type { Column, Constraint, Index, Relation, Schema } from '../../model/schema.ts';
import type { PlanContext } from '../plan.ts';
import type { TableTarget } from './table-target.ts';

/** A column of a table whose whole definition is known. */
export interface KnownColumn {
  readonly relation: Relation;
  readonly column: Column;
}

/** The table and column of a change, or the sentence that says what is not known of them. */
export function knownColumn(table: TableTarget, name: string): KnownColumn | string {
  const { relation } = table;
  const column = relation?.columns.find((candidate) => candidate.name === name);
  if (relation === undefined || column === undefined || !relation.columnsKnown) {
    return `The definition of ${table.shown}."${name}" is in no migration here: connect to the database, so that nothing of it is lost.`;
  }
  if (relation.kind !== 'table' && relation.kind !== 'partitioned-table')
    return `${table.shown} is no table, so its columns cannot be kept in step by a trigger.`;
  return { relation, column };
}

/** Indexes that name a column: as a key, included, in an expression or in their condition. */
export function indexesOver(schema: Schema, relation: Relation, column: string): readonly Index[] {
  const isNamed = (name: string | undefined): boolean => name !== undefined && sameName(schema.product, name, column);
  return indexesOf(schema, relationKeyOf(schema, relation)).filter(
    (index) =>
      index.include.some(isNamed) ||
      (index.where !== undefined && referencedColumns(index.where.tree).some(isNamed)) ||
      index.elements.some(
        (element) =>
          isNamed(element.column) ||
          (element.expression !== undefined && referencedColumns(element.expression.tree).some(isNamed)),
      ),
  );
}

/** Constraints of the table that name a column. */
export function constraintsOver(relation: Relation, column: string): readonly Constraint[] {
  return relation.constraints.filter(
    (constraint) =>
      constraint.columns.includes(column) ||
      (constraint.expression !== undefined && referencedColumns(constraint.expression.tree).includes(column)),
  );
}

/** Views, in words, that read a column of a table or may do so. */
export function viewsOver(context: PlanContext, relation: Relation, column: string): readonly string[] {
  const key = relationKeyOf(context.schema, relation);
  return dependantsOf(context.schema, key).flatMap(({ relation: reader }) => {
    const read = reader.dependsOn.find((dependence) => dependence.key === key);
    return read === undefined || (read.columns !== 'unknown' && !read.columns.includes(column))
      ? []
      : [displayName({ name: reader.name })];
  });
}

/** Why an index over the column must stay: it is the replica identity; undefined where none is. */
export function replicaIdentityOver(
  context: PlanContext,
  table: TableTarget,
  relation: Relation,
  column: string,
): string | undefined {
  const index = indexesOver(context.schema, relation, column).find(({ name }) => name === relation.replicaIdentity);
  return index === undefined
    ? undefined
    : `"${index.name}" is the replica identity of ${table.shown}, and replication would stop without it: give it another one by ALTER TABLE ... REPLICA IDENTITY first.`;
}

/** Generated columns of the table whose expression names a column. */
export function generatedFrom(relation: Relation, column: string): readonly string[] {
  return relation.columns
    .filter(
      (candidate) =>
        candidate.generated !== undefined && referencedColumns(candidate.generated.expression.tree).includes(column),
    )
    .map((candidate) => candidate.name);
}

/** Foreign keys of other tables, in words, that point at a column. */
export function keysInto(context: PlanContext, relation: Relation, column: string): readonly string[] {
  const primary = relation.constraints.find((constraint) => constraint.kind === 'primary-key')?.columns ?? [];
  return foreignKeysTo(context.schema, relationKeyOf(context.schema, relation))
    .filter(({ constraint }) => {
      const named = constraint.references?.columns ?? [];
      return (named.length > 0 ? named : primary).includes(column);
    })
    .map(({ relation: child, constraint }) => {
      const title = constraint.name === '' ? `the foreign key ${constraintTitle(constraint)}` : constraint.name;
      return `${title} of ${displayName({ name: child.name })}`;
    });
}

/** Why a trigger of ours cannot keep a second column in step with this one; undefined where it can. */
export function whyNotInStep(
  context: PlanContext,
  table: TableTarget,
  { relation, column }: KnownColumn,
): string | undefined {
  const name = `"${column.name}"`;
  if (column.type === undefined) return `The type of ${table.shown}.${name} is not known: connect to the database.`;
  if (column.generated !== undefined)
    return `${table.shown}.${name} is a generated column, which no trigger can set: add a generated column of the new name, move the readers, then drop this one.`;
  if (
    relation.partitionKey?.elements.some(
      (element) =>
        element.column === column.name ||
        (element.expression !== undefined && referencedColumns(element.expression.tree).includes(column.name)),
    ) === true
  ) {
    return `${name} is part of the partition key of ${table.shown}, and a trigger must not move a row to another partition: make a new partitioned table and move the rows.`;
  }
  if (relation.partitionOf !== undefined) return `${table.shown} is a partition: change its parent.`;
  if (
    relation.kind !== 'partitioned-table' &&
    childrenOf(context.schema, relationKeyOf(context.schema, relation)).length > 0
  )
    return `Other tables inherit from ${table.shown}, and a trigger would not fire for their rows: change each of them by hand.`;
  const inFlight = changeInFlight(table, relation);
  if (inFlight !== undefined) return inFlight;
  const watching = relation.triggers.find((trigger) => trigger.updateColumns.includes(column.name));
  if (watching !== undefined)
    return `The trigger "${watching.name}" fires on UPDATE OF ${name} only and would miss what is written to the new column: let it fire on every UPDATE first.`;
  return undefined;
}

/** Why the table must be left alone for now: another change of it keeps its columns in step; undefined where none does. */
export function changeInFlight(table: TableTarget, relation: Relation): string | undefined {
  const trigger = relation.triggers.find((each) => /(^|\.)lockstep_/.test(each.function ?? ''));
  return trigger === undefined
    ? undefined
    : `Another change of ${table.shown} is under way (its trigger is "${trigger.name}"): finish that one first, for two would write over each other.`;
}

/** Why a column of this type cannot be added without writing every row; undefined where it can. */
export function domainInTheWay(context: PlanContext, name: string, type: Column['type']): string | undefined {
  if (type === undefined || !isConstrainedDomain(context.schema, type)) return undefined;
  return `${type.display} is a domain with rules of its own, which are checked in every row when a column "${name}" of it is added: use the type below it, and the rules as a CHECK.`;
}
