import { constraintTitle } from '../../model/constraint-title.ts';
import { childrenOf, dependantsOf, foreignKeysTo, indexesOf, relationKeyOf } from '../../model/lookup.ts';
import { displayName } from '../../model/names.ts';
import type { Column, Relation } from '../../model/schema.ts';
import { changeIdOf, freeName, limitedName, slugOf } from '../names.ts';
import { type ChangeRequest, type PlanContext, type PlanResult, type Recipe, refused } from '../plan.ts';
import type { Step } from '../step.ts';
import { keyedLoop } from '../parts/backfill.ts';
import { changeInFlight, domainInTheWay } from '../parts/column-users.ts';
import { createIndexSql } from '../parts/index-sql.ts';
import { concurrentIndexStep } from '../parts/index-steps.ts';
import { copyValues, definitionOf } from '../parts/moved-columns.ts';
import { EITHER_WAY_NOTE, pairTriggers } from '../parts/pair-triggers.ts';
import { tableTarget, type TableTarget } from '../parts/table-target.ts';

/**
 * INSERT INTO main SELECT FROM part, meant as a merge: the columns of a table whose key is that of another move into that
 * other one, while old and new version write to either; at the end the part goes.
 */
export const mergeTables: Recipe = {
  name: 'merge-tables',
  title: 'Merge two tables into one',
  plans: {
    postgresql: plan,
    sqlite:
      'In SQLite a merge is written by hand: add the columns, copy the values in the same transaction, and deploy before the table is dropped.',
  },
};

function plan({ operation }: ChangeRequest, context: PlanContext): PlanResult {
  const source = operation.kind === 'insert-rows' ? operation.query.reads[0]?.relation : undefined;
  if (operation.kind !== 'insert-rows' || source === undefined || operation.query.reads.length !== 1)
    return refused('This is not the merge of two tables: write INSERT INTO main SELECT FROM part.');
  const main = tableTarget(context, operation.relation);
  const part = tableTarget(context, source);
  if (
    main.relation === undefined ||
    part.relation === undefined ||
    !main.relation.columnsKnown ||
    !part.relation.columnsKnown ||
    !part.relation.detailsKnown
  ) {
    return refused(
      `The definition of ${main.shown} or of ${part.shown} is in no migration here: connect to the database, so that nothing of it is lost.`,
    );
  }
  const key = keyOf(part.relation);
  const link = part.relation.constraints.find(
    (constraint) =>
      constraint.kind === 'foreign-key' &&
      constraint.columns.join() === key &&
      constraint.references?.key === relationKeyOf(context.schema, main.relation ?? { name: main.name }),
  );
  if (key === undefined || link === undefined || keyOf(main.relation) !== key)
    return refused(
      `The primary key of ${part.shown} must be one column, of the name that the key of ${main.shown} has, and a foreign key to it: only then has each row of ${main.shown} one row there at most.`,
    );
  const moved = part.relation.columns.filter((column) => column.name !== key);
  const obstacle = whyNotMerged(context, main, part, moved, link.name);
  return obstacle === undefined ? planned(context, main, part, moved, { key, link: link.name }) : refused(obstacle);
}

function keyOf(relation: Relation): string | undefined {
  const columns = relation.constraints.find((constraint) => constraint.kind === 'primary-key')?.columns ?? [];
  return columns.length === 1 ? columns[0] : undefined;
}

/** Why the tables cannot become one; undefined where they can. */
function whyNotMerged(
  context: PlanContext,
  main: TableTarget,
  part: TableTarget,
  moved: readonly Column[],
  link: string,
): string | undefined {
  const { relation } = part;
  if (
    relation === undefined ||
    main.relation === undefined ||
    relation.kind !== 'table' ||
    main.relation.kind !== 'table'
  )
    return `${main.shown} and ${part.shown} must be plain tables.`;
  const inFlight = changeInFlight(main, main.relation) ?? changeInFlight(part, relation);
  if (inFlight !== undefined) return inFlight;
  if (moved.length === 0) return `${part.shown} has no columns besides its key: drop it when nobody uses it.`;
  const clash = moved.find((column) => main.relation?.columns.some((own) => own.name === column.name));
  if (clash !== undefined)
    return `${main.shown} has a column "${clash.name}" already: rename that of ${part.shown} first.`;
  const fixed = moved.find(
    (column) => column.type === undefined || column.generated !== undefined || column.identity !== undefined,
  );
  if (fixed !== undefined)
    return `"${fixed.name}" of ${part.shown} is generated or an identity, which a trigger cannot write: drop it first.`;
  const domain = moved
    .map((column) => domainInTheWay(context, column.name, column.type))
    .find((reason) => reason !== undefined);
  if (domain !== undefined) return domain;
  const key = relationKeyOf(context.schema, relation);
  const reader = dependantsOf(context.schema, key)[0]?.relation;
  if (reader !== undefined)
    return `The view ${displayName({ name: reader.name })} reads ${part.shown}: change it first.`;
  const pointing = foreignKeysTo(context.schema, key)[0];
  if (pointing !== undefined)
    return `The foreign key ${constraintTitle(pointing.constraint)} of ${displayName({ name: pointing.relation.name })} points at ${part.shown}: let it point at ${main.shown} first.`;
  if (
    childrenOf(context.schema, key).length > 0 ||
    relation.triggers.length > 0 ||
    relation.policies.length > 0 ||
    relation.rules.length > 0
  )
    return `${part.shown} has triggers, policies, rules or children of its own, which would go with it: move what they do first.`;
  const constraint = relation.constraints.find(
    (each) => each.kind !== 'primary-key' && each.kind !== 'not-null' && each.name !== link,
  );
  if (constraint !== undefined)
    return `The constraint ${constraintTitle(constraint)} of ${part.shown} would go with it: drop it first, and add it to ${main.shown} behind the change.`;
  const index = indexesOf(context.schema, key).find((each) => each.constraint === undefined && each.unique);
  return index === undefined
    ? undefined
    : `The unique index "${index.name}" of ${part.shown} would make writers wait for the copy: drop it first, and build one on ${main.shown} behind the change.`;
}

function planned(
  context: PlanContext,
  main: TableTarget,
  part: TableTarget,
  moved: readonly Column[],
  { key, link }: { readonly key: string; readonly link: string },
): PlanResult {
  const { quoteName } = context.engine;
  const id = quoteName(key);
  const columns = moved.map((column) => quoteName(column.name));
  const shown = moved.map((column) => column.name).join(', ');
  const { there, back } = pairTriggers(context, {
    left: main,
    right: part,
    keys: { left: key, right: key },
    columns: moved.map((column) => column.name),
    rows: 'made',
  });
  const typed = moved.map((column) => definitionOf(context, column));
  const asText = (prefix: string): string =>
    `CAST(ROW(${columns.map((column) => `${prefix}${column}`).join(', ')}) AS text)`;
  const schema = main.sql.includes('.') && main.relation !== undefined ? `${quoteName(main.relation.schema)}.` : '';
  const taken = new Set<string>();
  const indexes = indexesOf(
    context.schema,
    part.relation === undefined ? '' : relationKeyOf(context.schema, part.relation),
  )
    .filter((index) => index.constraint === undefined)
    .map((index): Step => {
      const name = freeName(
        limitedName(
          [main.name],
          index.name.startsWith(`${part.name}_`) ? index.name.slice(part.name.length + 1) : index.name,
        ),
        taken,
      );
      taken.add(name);
      return {
        ...concurrentIndexStep(
          `Build ${name} as ${index.name} is`,
          slugOf('build', name),
          `${createIndexSql(context, index, name, main.sql, { concurrently: true })};`,
          `DROP INDEX CONCURRENTLY IF EXISTS ${schema}${quoteName(name)};`,
        ),
        phase: 'migrate',
      };
    });
  const steps: Step[] = [
    {
      phase: 'expand',
      title: `Add ${shown} to ${main.shown}`,
      slug: slugOf('add', main.name, part.name),
      up: typed.map((column) => `${main.alter} ADD COLUMN ${column};`).join('\n'),
      down: columns.map((column) => `${main.alter} DROP COLUMN ${column};`).join('\n'),
      transaction: 'one',
      requires: [],
      notes: ['They stay empty in rows that have none, NOT NULL or not.'],
    },
    {
      phase: 'expand',
      title: `Carry ${part.shown} into ${main.shown}`,
      slug: slugOf('carry', part.name, main.name),
      up: back.create,
      down: back.drop,
      transaction: 'one',
      requires: [],
      notes: [],
    },
    {
      phase: 'expand',
      title: `Carry ${shown} of ${main.shown} back`,
      slug: slugOf('carry', main.name, part.name),
      up: there.create,
      down: there.drop,
      transaction: 'one',
      requires: [],
      notes: [
        ...(moved.some((column) => column.notNull)
          ? [
              `Until the contract the new version gives ${moved
                .filter((column) => column.notNull)
                .map((column) => column.name)
                .join(', ')} whenever it gives any of ${shown}: ${part.shown} requires it.`,
            ]
          : []),
        EITHER_WAY_NOTE,
      ],
    },
    {
      phase: 'migrate',
      title: `Fill ${shown} in old rows of ${main.shown}`,
      slug: slugOf('fill', main.name, part.name),
      up: keyedLoop(context, part, (range) => copyValues(part, main, { from: id, to: id }, columns, range)),
      down: 'SELECT 1; -- Nothing to take back: the values go with the columns.',
      transaction: 'none',
      requires: [],
      notes: [],
    },
    ...indexes,
    {
      phase: 'contract',
      title: `Stop carrying ${shown} of ${main.shown} back`,
      slug: slugOf('stop', main.name, part.name),
      up: there.drop,
      irreversible: `what is written from then on is in ${main.shown} only.`,
      transaction: 'one',
      requires: [
        { kind: 'deploy', description: `version that uses ${shown} of ${main.shown} and no longer ${part.shown}` },
        { kind: 'parity' },
      ],
      parity: {
        table: part.sql,
        old: asText(''),
        new: `(SELECT ${asText('own.')} FROM ${main.sql} AS own WHERE own.${id} = ${quoteName(part.name)}.${id})`,
      },
      notes: [],
    },
    {
      phase: 'contract',
      title: `Drop foreign key ${link} of ${part.shown}`,
      slug: slugOf('drop', link),
      up: `${part.alter} DROP CONSTRAINT ${quoteName(link)};`,
      irreversible: 'write the foreign key anew by a new migration.',
      transaction: 'one',
      requires: [],
      notes: [`Takes ACCESS EXCLUSIVE on ${main.shown} too for a moment, so that it goes in a transaction of its own.`],
    },
    {
      phase: 'contract',
      title: `Drop ${part.shown}`,
      slug: slugOf('drop', part.name),
      up: `${back.drop}\nDROP TABLE ${part.sql};`,
      irreversible: `the rows of ${part.shown} are in ${main.shown} now: split them off again by a new change.`,
      transaction: 'one',
      requires: [],
      notes: [],
    },
  ];
  return {
    kind: 'planned',
    plan: { id: changeIdOf('merge', part.name, main.name), title: `Merge ${part.shown} into ${main.shown}`, steps },
  };
}
