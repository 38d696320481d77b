import { constraintTitle } from '../../model/constraint-title.ts';
import { findIndex, findRelation, indexesOf, relationKeyOf } from '../../model/lookup.ts';
import type { Constraint, Index, Relation } from '../../model/schema.ts';
import { limitedName, slugOf } from '../names.ts';
import type { PlanContext } from '../plan.ts';
import type { Step } from '../step.ts';
import { type KnownColumn, constraintsOver, indexesOver } from './column-users.ts';
import { constraintSql } from './constraint-sql.ts';
import { createIndexSql } from './index-sql.ts';
import { concurrentIndexStep, INDEX_GOES_NOTE } from './index-steps.ts';
import { constraintOver, indexOver } from './renamed.ts';
import type { TableTarget } from './table-target.ts';
import { addedStep, checkedStep } from './late-constraint.ts';

/** What an index or constraint over the old column becomes over the new one. */
interface Twin {
  readonly steps: readonly Step[];
  /** Gives it the old one's name when that is gone. */
  readonly rename: readonly string[];
  /** The old one where it must go by itself, before its column: a foreign key, which locks the other table too. */
  readonly dropped?: Constraint;
}

export function twinsOf(
  context: PlanContext,
  table: TableTarget,
  { relation, column }: KnownColumn,
  next: string,
): readonly Twin[] | string {
  const indexes = indexesOver(context.schema, relation, column.name);
  const constraints = constraintsOver(relation, column.name).filter((constraint) => constraint.kind !== 'not-null');
  if (relation.kind === 'partitioned-table' && indexes.length + constraints.length > 0)
    return `${table.shown} is partitioned and has indexes or constraints over "${column.name}", which cannot be made again without blocking: plan a window for it.`;
  const taken = new Set<string>(relation.constraints.map((constraint) => constraint.name));
  const free = (wanted: string): string => {
    let name = limitedName([wanted], 'twin');
    for (
      let number = 2;
      taken.has(name) ||
      findIndex(context.schema, { schema: relation.schema, name }) !== undefined ||
      findRelation(context.schema, { schema: relation.schema, name }) !== undefined;
      number++
    )
      name = limitedName([wanted], `twin${number}`);
    taken.add(name);
    return name;
  };
  const twins: Twin[] = [];
  for (const index of indexes) {
    const constraint =
      index.constraint === undefined
        ? undefined
        : relation.constraints.find((candidate) => candidate.name === index.constraint);
    if (index.exclusion || constraint?.deferrable === true)
      return `"${index.name}" over "${column.name}" cannot be built beside the old one without blocking or checking too early: drop it first and add it anew behind the change.`;
    twins.push(indexTwin(context, table, index, constraint, column.name, next, free(index.name)));
  }
  for (const constraint of constraints) {
    if (
      constraint.index !== undefined ||
      constraint.kind === 'unique' ||
      constraint.kind === 'primary-key' ||
      constraint.kind === 'exclusion'
    )
      continue;
    const twin = checkTwin(context, table, relation, constraint, column.name, next, free(constraint.name));
    if (twin === undefined)
      return `The constraint ${constraintTitle(constraint)} is not known well enough to be written for the new column: drop it first and add it anew behind the change.`;
    twins.push(twin);
  }
  return twins;
}

function indexTwin(
  context: PlanContext,
  table: TableTarget,
  index: Index,
  constraint: Constraint | undefined,
  from: string,
  to: string,
  name: string,
): Twin {
  const { quoteName } = context.engine;
  const schema = table.sql.includes('.') ? `${quoteName(index.schema)}.` : '';
  const build = concurrentIndexStep(
    `Build ${index.name} for the new column`,
    slugOf('build', name),
    `${createIndexSql(context, indexOver(context, index, from, to), name, table.sql, { concurrently: true })};`,
    `DROP INDEX CONCURRENTLY IF EXISTS ${schema}${quoteName(name)};`,
  );
  const commented = [
    ...(constraint === undefined ? [] : constraintComment(context, table, constraint)),
    ...(index.comment === undefined
      ? []
      : [`COMMENT ON INDEX ${schema}${quoteName(index.name)} IS ${context.engine.quoteText(index.comment)};`]),
  ];
  if (constraint?.kind === 'primary-key')
    return {
      steps: [{ ...build, phase: 'migrate' }],
      rename: [
        `${table.alter} ADD CONSTRAINT ${quoteName(constraint.name)} PRIMARY KEY USING INDEX ${quoteName(name)};`,
        ...commented,
      ],
    };
  if (constraint === undefined)
    return {
      steps: [{ ...build, phase: 'migrate' }],
      rename: [`ALTER INDEX ${schema}${quoteName(name)} RENAME TO ${quoteName(index.name)};`, ...commented],
    };
  return {
    steps: [
      { ...build, phase: 'migrate' },
      {
        phase: 'migrate',
        title: `Let the new index be a constraint as ${constraint.name} is`,
        slug: slugOf('add', name),
        up: `${table.alter} ADD CONSTRAINT ${quoteName(name)} UNIQUE USING INDEX ${quoteName(name)};`,
        down: `${table.alter} DROP CONSTRAINT ${quoteName(name)};`,
        transaction: 'one',
        requires: [],
        notes: ['The index is there, so this only touches the catalog.', INDEX_GOES_NOTE],
      },
    ],
    rename: [`${table.alter} RENAME CONSTRAINT ${quoteName(name)} TO ${quoteName(constraint.name)};`, ...commented],
  };
}

function constraintComment(context: PlanContext, table: TableTarget, { name, comment }: Constraint): readonly string[] {
  return comment === undefined
    ? []
    : [
        `COMMENT ON CONSTRAINT ${context.engine.quoteName(name)} ON ${table.sql} IS ${context.engine.quoteText(comment)};`,
      ];
}

function checkTwin(
  context: PlanContext,
  table: TableTarget,
  relation: Relation,
  constraint: Constraint,
  from: string,
  to: string,
  name: string,
): Twin | undefined {
  const { quoteName } = context.engine;
  const sql = constraintSql(context, constraintOver(context, constraint, from, to), name);
  if (sql === undefined) return undefined;
  const late = {
    alter: table.alter,
    name: quoteName(name),
    add: `${table.alter} ADD ${sql}${constraint.enforced ? ' NOT VALID' : ''};`,
  };
  const isBare = constraint.kind === 'foreign-key' && !hasIndex(context, relation, constraint.columns);
  const allow = isBare
    ? '-- lockstep: allow foreign-key-without-index because the old column has no index either\n'
    : '';
  const steps: Step[] = [
    addedStep('migrate', late, {
      title: `Add ${constraint.name} for the new column`,
      slug: slugOf('add', name),
      allow,
    }),
  ];
  if (constraint.validated && constraint.enforced)
    steps.push(
      checkedStep('migrate', late, { title: `Check old rows against ${name}`, slug: slugOf('validate', name) }),
    );
  return {
    steps,
    rename: [
      `${table.alter} RENAME CONSTRAINT ${quoteName(name)} TO ${quoteName(constraint.name)};`,
      ...constraintComment(context, table, constraint),
    ],
    ...(constraint.kind === 'foreign-key' ? { dropped: constraint } : {}),
  };
}

/** Whether an index begins with the columns, in any order. */
function hasIndex(context: PlanContext, relation: Relation, columns: readonly string[]): boolean {
  return indexesOf(context.schema, relationKeyOf(context.schema, relation)).some(
    (index) =>
      index.where === undefined &&
      columns.every((column) => index.elements.slice(0, columns.length).some((element) => element.column === column)),
  );
}
