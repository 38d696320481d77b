import { constraintTitle } from '../../model/constraint-title.ts';
import { findIndex, findRelation } from '../../model/lookup.ts';
import type { Column, Relation } from '../../model/schema.ts';
import { changeIdOf, freeName, limitedName, slugOf } from '../names.ts';
import { type ChangeRequest, type PlanContext, type PlanResult, type Recipe, refused } from '../plan.ts';
import type { Step } from '../step.ts';
import { copyStep, keyedLoop } from '../parts/backfill.ts';
import { changeInFlight, constraintsOver, indexesOver } from '../parts/column-users.ts';
import { constraintSql } from '../parts/constraint-sql.ts';
import { createIndexSql } from '../parts/index-sql.ts';
import { copyValues, definitionOf, dropIndexStep, movedParity, whyNotMoved } from '../parts/moved-columns.ts';
import { EITHER_WAY_NOTE, pairTriggers } from '../parts/pair-triggers.ts';
import { tableTarget, type TableTarget } from '../parts/table-target.ts';

/**
 * CREATE TABLE new AS SELECT columns FROM old, meant as a split: the columns move into a table of their own, one row for
 * each row of the old one that has a value, while old and new version write to either.
 */
export const splitTable: Recipe = {
  name: 'split-table',
  title: 'Split a table in two',
  plans: {
    postgresql: plan,
    sqlite:
      'In SQLite a split is written by hand: create the table, copy the rows in the same transaction, and deploy before the columns are dropped.',
  },
};

function plan({ operation }: ChangeRequest, context: PlanContext): PlanResult {
  const source = operation.kind === 'create-table-as' ? operation.query.reads[0]?.relation : undefined;
  if (operation.kind !== 'create-table-as' || source === undefined || operation.query.reads.length !== 1)
    return refused('This is not the split of a table: write CREATE TABLE new AS SELECT columns FROM old.');
  const table = tableTarget(context, source);
  const { relation } = table;
  if (relation === undefined || !relation.columnsKnown || !relation.detailsKnown)
    return refused(
      `The definition of ${table.shown} is in no migration here: connect to the database, so that nothing of it is lost.`,
    );
  const names = operation.query.output;
  const moved = names.flatMap((name) => relation.columns.find((column) => column.name === name) ?? []);
  if (moved.length === 0 || moved.length !== names.length)
    return refused(`Name columns of ${table.shown} alone, without expressions.`);
  const key = relation.constraints.find((constraint) => constraint.kind === 'primary-key');
  const keyColumn =
    key?.columns.length === 1 ? relation.columns.find((column) => column.name === key.columns[0]) : undefined;
  if (keyColumn?.type === undefined || relation.kind !== 'table' || relation.partitionOf !== undefined)
    return refused(
      `${table.shown} must be a plain table with a primary key of one column, by which the new table's rows belong to its own.`,
    );
  const obstacle =
    changeInFlight(table, relation) ??
    moved
      .map((column) => whyNotMoved(context, table, relation, column, new Set(names)))
      .find((reason) => reason !== undefined);
  if (obstacle !== undefined) return refused(obstacle);
  const target = {
    ...(source.schema === undefined ? {} : { schema: relation.schema }),
    name: operation.relation.name,
  };
  if (
    findRelation(context.schema, { schema: relation.schema, name: target.name }) !== undefined ||
    findIndex(context.schema, { schema: relation.schema, name: target.name }) !== undefined
  )
    return refused(`There is a relation "${target.name}" already: choose another name.`);
  return planned(
    context,
    table,
    relation,
    keyColumn,
    moved,
    tableTarget(context, { ...target, span: operation.relation.span }),
  );
}

function planned(
  context: PlanContext,
  table: TableTarget,
  relation: Relation,
  key: Column,
  moved: readonly Column[],
  target: TableTarget,
): PlanResult {
  const { quoteName } = context.engine;
  const id = quoteName(key.name);
  const columns = moved.map((column) => quoteName(column.name));
  const required = moved.filter((column) => column.notNull);
  const constraints = [...new Set(moved.flatMap((column) => constraintsOver(relation, column.name)))].filter(
    (constraint) => constraint.kind !== 'not-null',
  );
  const taken = new Set<string>();
  const fresh = (name: string): string => {
    const free = freeName(
      limitedName([target.name], name.startsWith(`${table.name}_`) ? name.slice(table.name.length + 1) : name),
      taken,
    );
    taken.add(free);
    return free;
  };
  const written: string[] = [];
  for (const constraint of constraints) {
    const sql = constraintSql(context, constraint, fresh(constraint.name));
    if (sql === undefined)
      return refused(
        `The constraint ${constraintTitle(constraint)} is not known well enough to be written for ${target.shown}: drop it by a statement of its own first.`,
      );
    written.push(sql);
  }
  const indexes = [...new Set(moved.flatMap((column) => indexesOver(context.schema, relation, column.name)))];
  const own = indexes.filter((index) => index.constraint === undefined);
  const { there, back } = pairTriggers(context, {
    left: table,
    right: target,
    keys: { left: key.name, right: key.name },
    columns: moved.map((column) => column.name),
    rows: 'made',
  });
  const some = required.length > 0 ? '' : ` AND (${columns.map((column) => `${column} IS NOT NULL`).join(' OR ')})`;
  const drop = required.map((column) => `${table.alter} ALTER COLUMN ${quoteName(column.name)} DROP NOT NULL;`);
  const create = [
    `CREATE TABLE ${target.sql} (`,
    `  ${[`${id} ${key.type?.display ?? ''} PRIMARY KEY REFERENCES ${table.sql} (${id}) ON UPDATE CASCADE ON DELETE CASCADE`, ...moved.map((column) => `${definitionOf(context, column)}${column.notNull ? ' NOT NULL' : ''}`), ...written].join(',\n  ')}`,
    ');',
    ...own.map((index) => `${createIndexSql(context, index, fresh(index.name), target.sql, { concurrently: false })};`),
  ];
  const gone = own.map((index) => dropIndexStep(context, table, index));
  const shown = moved.map((column) => column.name).join(', ');
  const steps: Step[] = [
    {
      phase: 'expand',
      title: `Create ${target.shown} for ${shown} of ${table.shown}`,
      slug: slugOf('create', target.name),
      up: create.join('\n'),
      down: `DROP TABLE ${target.sql};`,
      transaction: 'one',
      requires: [],
      notes: [
        `Takes SHARE ROW EXCLUSIVE on ${table.shown} for a moment. Grant on ${target.shown} what roles may do with ${table.shown}.`,
      ],
    },
    {
      phase: 'expand',
      title: `Carry ${shown} of ${table.shown} into ${target.shown}`,
      slug: slugOf('carry', table.name, target.name),
      up: [...drop, there.create].join('\n'),
      down: [
        there.drop,
        // What stays would not follow the table any more, and the copy leaves rows alone that are there.
        '-- lockstep: allow several-tables-locked because nobody uses this one yet',
        `TRUNCATE ${target.sql};`,
        ...required.flatMap((column) => [
          '-- lockstep: allow blocking-alter because going back reads every row while nobody else may use the table',
          `${table.alter} ALTER COLUMN ${quoteName(column.name)} SET NOT NULL;`,
        ]),
      ].join('\n'),
      transaction: 'one',
      requires: [],
      notes: [`A row of ${table.shown} without any of them has no row in ${target.shown}.`],
    },
    {
      phase: 'expand',
      title: `Carry ${target.shown} back into ${table.shown}`,
      slug: slugOf('carry', target.name, table.name),
      up: back.create,
      down: back.drop,
      transaction: 'one',
      requires: [],
      notes: [EITHER_WAY_NOTE],
    },
    copyStep(context, {
      table,
      column: target.name,
      into: `INSERT INTO ${target.sql} (${[id, ...columns].join(', ')}) SELECT ${[id, ...columns].join(', ')} FROM ${table.sql}`,
      predicate: `true${some}`,
      conflict: `ON CONFLICT (${id}) DO NOTHING`,
    }),
    {
      phase: 'contract',
      title: 'Keep a way back from the next steps',
      slug: slugOf('refill', table.name),
      up: 'SELECT 1; -- Nothing to do on the way up; the way back fills the columns here.',
      down: keyedLoop(context, table, (range) => copyValues(target, table, { from: id, to: id }, columns, range)),
      transaction: 'none',
      requires: [
        { kind: 'deploy', description: `version that uses ${target.shown} and no longer ${shown} of ${table.shown}` },
        { kind: 'parity' },
      ],
      parity: movedParity(table, target, { left: quoteName(key.name), right: id }, columns, quoteName(table.name)),
      notes: [],
    },
    ...gone,
    {
      phase: 'contract',
      title: `Stop carrying ${target.shown} back`,
      slug: slugOf('stop', target.name, table.name),
      up: back.drop,
      down: back.create,
      transaction: 'one',
      requires: [],
      notes: [],
    },
    {
      phase: 'contract',
      title: `Drop ${shown} of ${table.shown}`,
      slug: slugOf('drop', table.name, 'moved'),
      up: [there.drop, ...columns.map((column) => `${table.alter} DROP COLUMN ${column};`)].join('\n'),
      ...(constraints.length > 0
        ? {
            irreversible: `the constraints of ${table.shown} over ${shown} went with them: move the columns back by a new change.`,
          }
        : {
            down: [
              ...moved.map((column) => `${table.alter} ADD COLUMN ${definitionOf(context, column)};`),
              there.create,
            ].join('\n'),
          }),
      transaction: 'one',
      requires: [],
      notes: [],
    },
  ];
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf('split', table.name, target.name),
      title: `Split ${target.shown} off ${table.shown}`,
      steps,
    },
  };
}
