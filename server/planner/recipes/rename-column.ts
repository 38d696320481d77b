import { findIndex, findRelation } from '../../model/lookup.ts';
import type { Index } from '../../model/schema.ts';
import { changeIdOf, freeName, limitedName, slugOf } from '../names.ts';
import type { ChangeRequest, PlanContext, PlanResult, Recipe } from '../plan.ts';
import type { Step } from '../step.ts';
import { grantsFor, unknownAnnotations } from '../parts/carry-annotations.ts';
import { backfillStep } from '../parts/backfill.ts';
import { domainInTheWay, indexesOver, knownColumn, whyNotInStep } from '../parts/column-users.ts';
import { createIndexSql } from '../parts/index-sql.ts';
import { CONCURRENT_NOTES } from '../parts/index-steps.ts';
import { constraintOver, indexOver } from '../parts/renamed.ts';
import { rowFunctions } from '../parts/row-functions.ts';
import { differs, steadyDefault, syncTrigger, twoWayLines } from '../parts/sync-trigger.ts';
import { tableTarget } from '../parts/table-target.ts';

/**
 * RENAME COLUMN: a second column under the new name, both kept in step, and at the end the old column takes the new name.
 *
 * It is the old column that stays, so that its place, default, constraints, indexes, comment and privileges are those
 * that the direct statement leaves; the second one only serves while both versions run.
 */
export const renameColumn: Recipe = {
  name: 'rename-column',
  title: 'Rename a column',
  plans: {
    postgresql: plan,
    sqlite:
      'SQLite has no trigger that can change the row being written, so two names of one column cannot be kept in step: deploy a version that reads whichever of the two exists, then rename.',
  },
};

function plan({ operation }: ChangeRequest, context: PlanContext): PlanResult {
  if (operation.kind !== 'rename-column') return { kind: 'refused', reason: 'This is not the renaming of a column.' };
  const { column: from, newName: to } = operation.action;
  const table = tableTarget(context, operation.relation);
  const known = knownColumn(table, from);
  if (typeof known === 'string') return { kind: 'refused', reason: known };
  const obstacle = whyNotInStep(context, table, known) ?? domainInTheWay(context, to, known.column.type);
  if (obstacle !== undefined) return { kind: 'refused', reason: obstacle };
  const { relation, column } = known;
  if (relation.columns.some((candidate) => candidate.name === to))
    return { kind: 'refused', reason: `${table.shown} has a column "${to}" already: choose another name.` };
  const indexes = indexesOver(context.schema, relation, from);
  if (relation.kind === 'partitioned-table' && indexes.length > 0) {
    return {
      kind: 'refused',
      reason: `${table.shown} is partitioned and has an index over "${from}", which cannot be built again CONCURRENTLY for the new name: rename in a window in which only one version runs.`,
    };
  }
  const { quoteName } = context.engine;
  const [a, b] = [quoteName(from), quoteName(to)];
  const keptName = freeName(limitedName([to], 'old'), new Set(relation.columns.map((candidate) => candidate.name)));
  const kept = quoteName(keptName);
  const shown = `${table.shown}.${to}`;
  const type = `${column.type?.display ?? ''}${column.collation === undefined ? '' : ` COLLATE ${quoteName(column.collation)}`}`;
  const value = steadyDefault(context, column);
  const setDefault = value === undefined ? [] : [`${table.alter} ALTER COLUMN ${b} SET DEFAULT ${value};`];
  const twoWay = twoWayLines(context, column, to);
  const trigger = syncTrigger(context, table, relation, [from, to], twoWay, `NEW.${b} := NEW.${a};`);
  const afterSwap = syncTrigger(
    context,
    table,
    relation,
    [from, to],
    [`  NEW.${kept} := NEW.${b};`],
    `NEW.${kept} := NEW.${b};`,
  );
  const afterRename = {
    ...table,
    relation: {
      ...relation,
      constraints: relation.constraints.map((constraint) => constraintOver(context, constraint, from, to)),
    },
  };
  const twins = twinsOf(context, indexes, from, to, table.sql);
  const functions = rowFunctions(context, relation, from, to);
  if (typeof functions === 'string') return { kind: 'refused', reason: functions };
  const named = relation.triggers.filter((each) => each.forEachRow);
  const steps: Step[] = [
    {
      phase: 'expand',
      title: `Add ${shown}, kept in step with ${from}`,
      slug: slugOf('add', table.name, to),
      up: [
        `${table.alter} ADD COLUMN ${b} ${type};`,
        ...setDefault,
        ...grantsFor(context, table, column, to),
        trigger.create,
      ].join('\n'),
      down: `${trigger.drop}\n${table.alter} DROP COLUMN ${b};`,
      transaction: 'one',
      requires: [],
      notes: [
        `From here on both names work for writers; ${to} of old rows is filled by the next step.`,
        ...unknownAnnotations(context, `${to} gets no privileges on ${from} alone`),
      ],
    },
    backfillStep(context, {
      table,
      column: to,
      assignment: `${b} = ${a}`,
      predicate: differs(column.type, column.collation, b, a),
      requires: [],
      notes: [],
    }),
    ...twins.map(
      (twin): Step => ({
        phase: 'migrate',
        title: `Build the index ${twin.index.name} for ${to} too`,
        slug: slugOf('build', twin.name),
        up: `${twin.create};`,
        down: `${twin.drop};`,
        transaction: 'none',
        requires: [],
        notes: CONCURRENT_NOTES,
      }),
    ),
    {
      phase: 'contract',
      title: `Give ${table.shown}.${from} the name ${to}`,
      slug: slugOf('rename', table.name, from),
      up: [
        `${table.alter} RENAME COLUMN ${b} TO ${kept};`,
        `${table.alter} RENAME COLUMN ${a} TO ${b};`,
        ...(value === undefined ? [] : [`${table.alter} ALTER COLUMN ${kept} DROP DEFAULT;`]),
        afterSwap.replaceBody([`  NEW.${kept} := NEW.${b};`]),
        ...functions.renamed,
      ].join('\n'),
      down: [
        ...functions.original,
        `${table.alter} RENAME COLUMN ${b} TO ${a};`,
        `${table.alter} RENAME COLUMN ${kept} TO ${b};`,
        ...setDefault,
        trigger.replaceBody(twoWay),
      ].join('\n'),
      transaction: 'one',
      requires: [
        { kind: 'deploy', description: `version that uses ${shown} and no longer ${from}` },
        { kind: 'parity' },
      ],
      parity: { table: table.sql, old: a, new: b },
      notes: [
        'The old column takes the new name, with everything that hangs on it; the copy steps back and is kept filled as a way back.',
        ...functions.names.map((name) => `The function ${name} is written again here with ${to} in place of ${from}.`),
        ...(functions.names.length > 0 ? [] : named).map(
          (trigger) =>
            `If the function of trigger ${trigger.name} names ${from}, replace it in this file by one that names ${to}: it would not find the column any more.`,
        ),
      ],
    },
    ...twins.map(
      (twin): Step => ({
        phase: 'contract',
        title: `Drop the second index of ${twin.index.name}`,
        slug: slugOf('drop', twin.name),
        up: `${twin.drop};`,
        down: `${twin.createOver(keptName)};`,
        transaction: 'none',
        requires: [],
        notes: ['Runs outside a transaction, and reads and writes go on.'],
      }),
    ),
    {
      phase: 'contract',
      title: 'Keep a way back from the next step',
      slug: slugOf('refill', table.name, to),
      up: 'SELECT 1; -- Nothing to do on the way up; the way back fills the copy here.',
      down: backfillStep(context, {
        table: afterRename,
        column: to,
        assignment: `${kept} = ${b}`,
        predicate: differs(column.type, column.collation, kept, b),
        requires: [],
        notes: [],
      }).up,
      transaction: 'none',
      requires: [],
      notes: [],
    },
    {
      phase: 'contract',
      title: `Drop the copy of ${shown}`,
      slug: slugOf('drop', table.name, from, 'copy'),
      up: `${trigger.drop}\n${table.alter} DROP COLUMN ${kept};`,
      down: [`${table.alter} ADD COLUMN ${kept} ${type};`, afterSwap.create].join('\n'),
      transaction: 'one',
      requires: [],
      notes: [`Run it when nobody will go back to the version that used ${from}.`],
    },
  ];
  return {
    kind: 'planned',
    plan: { id: changeIdOf(table.name, from, to), title: `Rename ${table.shown}.${from} to ${to}`, steps },
  };
}

interface Twin {
  readonly index: Index;
  readonly name: string;
  readonly create: string;
  readonly drop: string;
  /** The same over a column of another name. */
  createOver(column: string): string;
}

/** A second index over the new column for each that names the old one, so that queries of both versions find theirs. */
function twinsOf(
  context: PlanContext,
  indexes: readonly Index[],
  from: string,
  to: string,
  tableSql: string,
): readonly Twin[] {
  const taken = new Set<string>();
  return indexes
    .filter((index) => !index.exclusion)
    .map((index) => {
      let name = limitedName([index.name], 'twin');
      for (
        let number = 2;
        taken.has(name) ||
        findIndex(context.schema, { schema: index.schema, name }) !== undefined ||
        findRelation(context.schema, { schema: index.schema, name }) !== undefined;
        number++
      ) {
        name = limitedName([index.name], `twin${number}`);
      }
      taken.add(name);
      const constraint =
        index.constraint === undefined
          ? undefined
          : context.schema.relations
              .get(index.relationKey)
              ?.constraints.find((candidate) => candidate.name === index.constraint);
      // A unique index checks at once, which a deferrable constraint does not: the twin of that one only finds rows.
      const source = { ...index, unique: index.unique && constraint?.deferrable !== true };
      const schema = tableSql.includes('.') ? `${context.engine.quoteName(index.schema)}.` : '';
      return {
        index,
        name,
        create: createIndexSql(context, indexOver(context, source, from, to), name, tableSql, { concurrently: true }),
        drop: `DROP INDEX CONCURRENTLY IF EXISTS ${schema}${context.engine.quoteName(name)}`,
        createOver: (column) =>
          createIndexSql(context, indexOver(context, source, from, column), name, tableSql, { concurrently: true }),
      };
    });
}
