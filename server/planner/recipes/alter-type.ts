import { findIndex, findRelation, findSequence, indexesOf, relationKeyOf, sequencesOf } from '../../model/lookup.ts';
import type { Constraint, Index, Relation } from '../../model/schema.ts';
import { changeIdOf, freeName, limitedName, slugOf } from '../names.ts';
import type { ChangeRequest, PlanContext, PlanResult, Recipe } from '../plan.ts';
import type { Requirement, Step } from '../step.ts';
import { commentFor, grantsFor, unknownAnnotations } from '../parts/carry-annotations.ts';
import { backfillStep } from '../parts/backfill.ts';
import {
  constraintsOver,
  domainInTheWay,
  generatedFrom,
  indexesOver,
  knownColumn,
  viewsOver,
  whyNotInStep,
  type KnownColumn,
} from '../parts/column-users.ts';
import { constraintSql } from '../parts/constraint-sql.ts';
import { conversionOf, guarded, isTotal } from '../parts/conversion.ts';
import { incomingKeys } from '../parts/incoming-keys.ts';
import { createIndexSql } from '../parts/index-sql.ts';
import { concurrentIndexStep } from '../parts/index-steps.ts';
import { constraintOver, indexOver } from '../parts/renamed.ts';
import type { Column } from '../../model/schema.ts';
import { functionsAgain } from '../parts/row-functions.ts';
import { requireSteps } from '../parts/require-steps.ts';
import { differs, syncTrigger } from '../parts/sync-trigger.ts';
import { tableTarget, type TableTarget } from '../parts/table-target.ts';
import { planRebuild } from './rebuild-table.ts';

/** First PostgreSQL major whose NOT NULL has a name. Source: PostgreSQL 18 release notes. */
const NAMED_NOT_NULL_SINCE = 18;
/** Beyond it PostgreSQL shortens the name that it gives an identity's sequence: 63 bytes, which these characters may take. */
const LONGEST_SEQUENCE_NAME = 30;

/** ALTER COLUMN TYPE that rewrites: a new column of the new type, kept in step and filled, takes the place of the old one. */
export const alterType: Recipe = {
  name: 'alter-type',
  title: "Change a column's type",
  plans: { postgresql: (request, context) => replaceColumn(request, context, request.newDefault), sqlite: planRebuild },
};

/**
 * The steps that put a new column of another type in a column's place. `defaultSql` is the new column's default where the
 * old one's would not do, null for none.
 */
export function replaceColumn(
  { operation }: ChangeRequest,
  context: PlanContext,
  defaultSql?: string | null,
): PlanResult {
  if (operation.kind !== 'alter-type') return { kind: 'refused', reason: "This is not the change of a column's type." };
  const { action } = operation;
  const table = tableTarget(context, operation.relation);
  const known = knownColumn(table, action.column);
  if (typeof known === 'string') return { kind: 'refused', reason: known };
  const obstacle =
    whyNotInStep(context, table, known) ??
    whyNotReplaced(context, table, known) ??
    domainInTheWay(context, action.column, action.type);
  if (obstacle !== undefined) return { kind: 'refused', reason: obstacle };
  const { relation, column } = known;
  const { quoteName } = context.dialect;
  const collation =
    action.collation === undefined ? '' : ` COLLATE ${action.collation.split('.').map(quoteName).join('.')}`;
  const type = action.type.display;
  const conversion = conversionOf(context, table, column, action, type);
  if (typeof conversion === 'string') return { kind: 'refused', reason: conversion };
  const taken = new Set(relation.columns.map((candidate) => candidate.name));
  const nextName = freeName(limitedName([column.name], 'new'), taken);
  const [current, next, kept] = [
    quoteName(column.name),
    quoteName(nextName),
    quoteName(freeName(limitedName([column.name], 'old'), taken)),
  ];
  const shown = `${table.shown}.${column.name}`;
  const forward = conversion.lines(`NEW.${next}`);
  const trigger = syncTrigger(
    context,
    table,
    relation,
    [column.name],
    forward,
    forward.map((line) => line.trim()).join(' '),
  );
  const back = guarded(isTotal(action.type, column.type ?? action.type), `NEW.${kept}`, `NEW.${current}`);
  const behind = syncTrigger(context, table, relation, [column.name], back, back.map((line) => line.trim()).join(' '));
  const twins = twinsOf(context, table, known, nextName);
  if (typeof twins === 'string') return { kind: 'refused', reason: twins };
  const incoming = incomingKeys(context, relation, column.name, nextName, action.type);
  if (typeof incoming === 'string') return { kind: 'refused', reason: incoming };
  const isKey = relation.constraints.some(
    (constraint) => constraint.kind === 'primary-key' && constraint.columns.includes(column.name),
  );
  const hasWayBack = conversion.hasWayBack && !isKey && incoming.length === 0 && column.identity === undefined;
  const identity = identityMove(context, table, known, nextName);
  if (typeof identity === 'string') return { kind: 'refused', reason: identity };
  const old = column.type?.display ?? '';
  const deploy: Requirement = {
    kind: 'deploy',
    description: `version that works with ${old} and with ${type} in ${shown}${conversion.isTotal ? '' : ', and writes only what both can hold'}`,
  };
  const required = column.notNull
    ? requireSteps(context, table, nextName, []).map((step): Step => ({ ...step, phase: 'migrate' }))
    : [];
  const sequences = sequencesOf(context.schema, relationKeyOf(context.schema, relation))
    .filter(({ sequence }) => sequence.ownedBy?.column === column.name && !sequence.identity)
    .map(({ sequence }) => `${quoteName(sequence.schema)}.${quoteName(sequence.name)}`);
  const own = (name: string): readonly string[] =>
    sequences.map((sequence) => `ALTER SEQUENCE ${sequence} OWNED BY ${table.sql}.${name};`);
  const value = defaultSql === null ? undefined : (defaultSql ?? carriedDefault(column));
  const renames = [
    ...twins.flatMap((twin) => twin.rename),
    ...(column.notNull && context.target.version >= NAMED_NOT_NULL_SINCE
      ? renameNotNull(context, table, relation, column.name, nextName)
      : []),
  ];
  const notes = [
    `${column.name} becomes the last column of ${table.shown}.`,
    ...relation.triggers
      .filter((each) => each.forEachRow)
      .map((each) => `The function of trigger ${each.name} meets ${type} in ${column.name} from here on.`),
  ];
  const requires: readonly Requirement[] = conversion.isTotal ? [deploy, { kind: 'parity' }] : [{ kind: 'parity' }];
  const parity = { table: table.sql, old: conversion.compared, new: next };
  const again = functionsAgain(context, relation, column.name);
  const swap = [
    `${table.alter} RENAME COLUMN ${current} TO ${kept};`,
    `${table.alter} RENAME COLUMN ${next} TO ${current};`,
  ];
  const setDefault = value === undefined ? [] : [`${table.alter} ALTER COLUMN ${current} SET DEFAULT ${value};`];
  const restoreDefault =
    column.default === undefined ? [] : [`${table.alter} ALTER COLUMN ${current} SET DEFAULT ${column.default.text};`];
  const freed = twins
    .flatMap((twin) => twin.dropped ?? [])
    .map(
      (constraint): Step => ({
        phase: 'contract',
        title: `Drop the old ${constraint.name}`,
        slug: slugOf('drop', constraint.name, 'old'),
        up: `${table.alter} DROP CONSTRAINT ${quoteName(constraint.name)};`,
        irreversible: 'the foreign key of the old column is gone; that of the new one holds.',
        transaction: 'one',
        requires: [],
        notes: [
          `Takes ACCESS EXCLUSIVE on ${constraint.references?.name ?? 'the other table'} too for a moment, so that it goes in a transaction of its own.`,
        ],
      }),
    );
  freed.push(...incoming.map((key) => key.freed));
  const last: readonly Step[] = hasWayBack
    ? [
        {
          phase: 'contract',
          title: `Let ${shown} be ${type}`,
          slug: slugOf('swap', table.name, column.name),
          up: [
            ...swap,
            ...setDefault,
            ...own(current),
            ...(column.default === undefined ? [] : [`${table.alter} ALTER COLUMN ${kept} DROP DEFAULT;`]),
            ...(column.notNull ? [`${table.alter} ALTER COLUMN ${kept} DROP NOT NULL;`] : []),
            behind.replaceBody(back),
            ...again,
          ].join('\n'),
          down: [
            `${table.alter} RENAME COLUMN ${current} TO ${next};`,
            `${table.alter} RENAME COLUMN ${kept} TO ${current};`,
            ...(column.notNull
              ? [
                  '-- lockstep: allow blocking-alter because going back reads every row while nobody else may use the table, and fails where a value does not fit the old type',
                  requireAgain(context, table, relation, column.name),
                ]
              : []),
            ...restoreDefault,
            ...own(current),
            ...(value === undefined ? [] : [`${table.alter} ALTER COLUMN ${next} DROP DEFAULT;`]),
            trigger.replaceBody(forward),
            ...again,
          ].join('\n'),
          transaction: 'one',
          requires,
          parity,
          notes: [
            ...notes,
            'The old column steps back and is kept filled as a way back; a value that it cannot hold is left empty there.',
          ],
        },
        ...freed,
        {
          phase: 'contract',
          title: `Drop the old ${shown}`,
          slug: slugOf('drop', table.name, column.name, 'old'),
          up: [behind.drop, `${table.alter} DROP COLUMN ${kept};`, ...renames].join('\n'),
          irreversible: `the old values of ${shown} are gone: change the type back by a new migration, which gets steps of its own.`,
          transaction: 'one',
          requires: [],
          notes: [`Run it when nobody will go back to ${old}.`],
        },
      ]
    : [
        ...freed.map((step, index): Step => (index === 0 ? { ...step, requires, parity } : step)),
        {
          phase: 'contract',
          title: `Let ${shown} be ${type}`,
          slug: slugOf('swap', table.name, column.name),
          up: [
            ...own(next),
            ...identity.before,
            trigger.drop,
            `${table.alter} DROP COLUMN ${current};`,
            swap[1] ?? '',
            ...setDefault,
            ...identity.after,
            ...renames,
            ...again,
          ].join('\n'),
          irreversible: conversion.hasWayBack
            ? `the old ${shown} is gone: change the type back by a new migration, which gets steps of its own.`
            : `USING tells no way back, and the old values of ${shown} are gone: restore them from a backup.`,
          transaction: 'one',
          ...(freed.length === 0 ? { requires, parity } : { requires: [] }),
          notes: [
            ...notes,
            ...identity.notes,
            ...(sequences.length > 0
              ? [
                  `The sequence keeps its own type: where that is too small for ${type}, follow with ALTER SEQUENCE ... AS.`,
                ]
              : []),
          ],
        },
        ...incoming.map((key) => key.renamed),
      ];
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf(table.name, column.name, 'type'),
      title: `Change ${shown} from ${old} to ${type}`,
      steps: [
        {
          phase: 'expand',
          title: `Add ${table.shown}.${nextName} as ${type}, kept in step`,
          slug: slugOf('add', table.name, nextName),
          up: [
            `${table.alter} ADD COLUMN ${next} ${type}${collation};`,
            ...commentFor(context, table, column, nextName),
            ...grantsFor(context, table, column, nextName),
            trigger.create,
          ].join('\n'),
          down: `${trigger.drop}\n${table.alter} DROP COLUMN ${next};`,
          transaction: 'one',
          requires: [],
          notes: [
            `Writers go on with ${column.name}; what they write is converted beside it.`,
            ...unknownAnnotations(
              context,
              `${next} gets no comment on ${column.name} and no privileges on ${column.name} alone`,
            ),
          ],
        },
        backfillStep(context, {
          table,
          column: nextName,
          assignment: `${next} = ${conversion.assigned}`,
          predicate: differs(action.type, action.collation, next, conversion.compared),
          requires: conversion.isTotal ? [] : [deploy],
          notes: conversion.isTotal
            ? []
            : ['It stops at a value that cannot be converted: mend the row, then run it again.'],
        }),
        ...twins.flatMap((twin) => twin.steps),
        ...required,
        ...incoming.flatMap((key) => key.steps),
        ...last,
      ],
    },
  };
}

/** Why another column cannot take the place of this one; undefined where it can. */
function whyNotReplaced(
  context: PlanContext,
  table: TableTarget,
  { relation, column }: KnownColumn,
): string | undefined {
  const name = `"${column.name}"`;
  const view = viewsOver(context, relation, column.name)[0];
  if (view !== undefined)
    return `The view ${view} reads ${table.shown}.${name}, and PostgreSQL refuses to change its type: drop the view first and make it anew behind the change.`;
  const generated = generatedFrom(relation, column.name)[0];
  if (generated !== undefined)
    return `The generated column "${generated}" is made of ${name}: drop it first and add it anew behind the change.`;
  if (relation.policies.length > 0)
    return `${table.shown} has row security policies (${relation.policies.join(', ')}), which would go on meaning the old column if they name ${name}: drop them first and make them anew behind the change.`;
  if (relation.rules.length > 0 || (relation.statistics?.length ?? 0) > 0)
    return `${table.shown} has rules or extended statistics, which would go on meaning the old column if they name ${name}: drop them first and make them anew behind the change.`;
  if (!relation.detailsKnown)
    return `Not all constraints and triggers of ${table.shown} are known: connect to the database, so that none is lost.`;
  return undefined;
}

/** What an index or constraint over the old column becomes over the new one. */
interface Twin {
  readonly steps: readonly Step[];
  /** Gives it the old one's name when that is gone. */
  readonly rename: readonly string[];
  /** The old one where it must go by itself, before its column: a foreign key, which locks the other table too. */
  readonly dropped?: Constraint;
}

function twinsOf(
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
      return `The constraint "${constraint.name}" is not known well enough to be written for the new column: drop it first and add it anew behind the change.`;
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
  const { quoteName } = context.dialect;
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
      : [`COMMENT ON INDEX ${schema}${quoteName(index.name)} IS ${context.dialect.quoteText(index.comment)};`]),
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
        notes: ['The index is there, so this only touches the catalog. Going back drops the index too.'],
      },
    ],
    rename: [`${table.alter} RENAME CONSTRAINT ${quoteName(name)} TO ${quoteName(constraint.name)};`, ...commented],
  };
}

function constraintComment(context: PlanContext, table: TableTarget, { name, comment }: Constraint): readonly string[] {
  return comment === undefined
    ? []
    : [
        `COMMENT ON CONSTRAINT ${context.dialect.quoteName(name)} ON ${table.sql} IS ${context.dialect.quoteText(comment)};`,
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
  const { quoteName } = context.dialect;
  const sql = constraintSql(context, constraintOver(context, constraint, from, to), name);
  if (sql === undefined) return undefined;
  const add = `${table.alter} ADD ${sql}${constraint.enforced ? ' NOT VALID' : ''};`;
  const drop = `${table.alter} DROP CONSTRAINT ${quoteName(name)};`;
  const isBare = constraint.kind === 'foreign-key' && !hasIndex(context, relation, constraint.columns);
  const allow = isBare
    ? '-- lockstep: allow foreign-key-without-index because the old column has no index either\n'
    : '';
  const steps: Step[] = [
    {
      phase: 'migrate',
      title: `Add ${constraint.name} for the new column`,
      slug: slugOf('add', name),
      up: `${allow}${add}`,
      down: drop,
      transaction: 'one',
      requires: [],
      notes: [],
    },
  ];
  if (constraint.validated && constraint.enforced) {
    steps.push({
      phase: 'migrate',
      title: `Check old rows against ${name}`,
      slug: slugOf('validate', name),
      up: `${table.alter} VALIDATE CONSTRAINT ${quoteName(name)};`,
      down: `${drop}\n${add}`,
      transaction: 'one',
      requires: [],
      notes: ['Reads every row, while reads and writes go on.'],
    });
  }
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

/** Statements that give the new column an identity whose sequence goes on where the old one stands. */
function identityMove(
  context: PlanContext,
  table: TableTarget,
  { relation, column }: KnownColumn,
  next: string,
):
  | { readonly before: readonly string[]; readonly after: readonly string[]; readonly notes: readonly string[] }
  | string {
  if (column.identity === undefined) return { before: [], after: [], notes: [] };
  const { quoteName, quoteText } = context.dialect;
  const old = sequencesOf(context.schema, relationKeyOf(context.schema, relation)).find(
    ({ sequence }) => sequence.identity && sequence.ownedBy?.column === column.name,
  )?.sequence;
  const made = `${table.name}_${next}_seq`;
  if (
    old === undefined ||
    made.length > LONGEST_SEQUENCE_NAME ||
    findSequence(context.schema, { schema: relation.schema, name: made }) !== undefined
  ) {
    return `"${column.name}" is an identity column whose sequence cannot be told: plan a window for it.`;
  }
  const sequence = `${quoteName(relation.schema)}.${quoteName(made)}`;
  return {
    before: [
      `${table.alter} ALTER COLUMN ${quoteName(next)} ADD GENERATED ${column.identity === 'always' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY;`,
      `SELECT setval(${quoteText(sequence)}, last_value, is_called) FROM ${quoteName(old.schema)}.${quoteName(old.name)};`,
    ],
    after: [`ALTER SEQUENCE ${sequence} RENAME TO ${quoteName(old.name)};`],
    notes: [
      'The identity gets a new sequence that goes on where the old one stands; INCREMENT, MAXVALUE and CYCLE, where they were set, are not carried over.',
    ],
  };
}

/** NOT NULL of the old column, under the name that it had. */
function requireAgain(context: PlanContext, table: TableTarget, relation: Relation, column: string): string {
  const { quoteName } = context.dialect;
  if (context.target.version < NAMED_NOT_NULL_SINCE)
    return `${table.alter} ALTER COLUMN ${quoteName(column)} SET NOT NULL;`;
  return `${table.alter} ADD CONSTRAINT ${quoteName(notNullName(table, relation, column))} NOT NULL ${quoteName(column)};`;
}

function notNullName(table: TableTarget, relation: Relation, column: string): string {
  return (
    relation.constraints.find((constraint) => constraint.kind === 'not-null' && constraint.columns.includes(column))
      ?.name ?? limitedName([table.name, column], 'not_null')
  );
}

/** From 18 on NOT NULL is a constraint with a name: the new column's takes that of the old one. */
function renameNotNull(
  context: PlanContext,
  table: TableTarget,
  relation: Relation,
  column: string,
  next: string,
): readonly string[] {
  const { quoteName } = context.dialect;
  const own = notNullName(table, relation, column);
  const made = freeName(
    limitedName([table.name, next], 'not_null'),
    new Set(relation.constraints.map((constraint) => constraint.name)),
  );
  return [`${table.alter} RENAME CONSTRAINT ${quoteName(made)} TO ${quoteName(own)};`];
}

/**
 * A column's default for a new column of another type. A text has been made a value of the old type, and goes on as such; a
 * number stays the number that it was, and anything else is converted where it is used.
 *
 * Source: ATExecAlterColumnType, which strips what was converted silently; asserted by test/database/plan/.
 */
function carriedDefault({ default: value, type }: Column): string | undefined {
  if (value?.tree.kind !== 'literal' || typeof value.tree.value !== 'string' || type === undefined) return value?.text;
  // A cast that names a length stays in the default; one that does not is part of the literal.
  const bare = type.display.replace(/\s*\(\s*\d+(?:\s*,\s*\d+)?\s*\)/, '');
  return `CAST(${value.text} AS ${bare})`;
}
