import { relationKeyOf, sequencesOf } from '../../model/lookup.ts';
import type { Column, Relation } from '../../model/schema.ts';
import { changeIdOf, freeName, limitedName, slugOf } from '../names.ts';
import { backfillStep } from '../parts/backfill.ts';
import { commentFor, grantsFor, unknownAnnotations } from '../parts/carry-annotations.ts';
import { twinsOf } from '../parts/column-twin.ts';
import {
  type KnownColumn,
  domainInTheWay,
  generatedFrom,
  knownColumn,
  viewsOver,
  whyNotInStep,
  replicaIdentityOver,
} from '../parts/column-users.ts';
import { conversionOf, guarded, isTotal } from '../parts/conversion.ts';
import { identityMove } from '../parts/identity-move.ts';
import { incomingKeys } from '../parts/incoming-keys.ts';
import { requireSteps } from '../parts/require-steps.ts';
import { functionsAgain } from '../parts/row-functions.ts';
import { differs, syncTrigger } from '../parts/sync-trigger.ts';
import { type TableTarget, tableTarget } from '../parts/table-target.ts';
import type { ChangeRequest, PlanContext, PlanResult, Recipe } from '../plan.ts';
import type { Requirement, Step } from '../step.ts';
import { planRebuild } from './rebuild-table.ts';

/** First PostgreSQL major whose NOT NULL has a name. Source: PostgreSQL 18 release notes. */
const NAMED_NOT_NULL_SINCE = 18;

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
  const { quoteName } = context.engine;
  const collation =
    action.collation === undefined ? '' : ` COLLATE ${action.collation.split('.').map(quoteName).join('.')}`;
  const type = action.type.display;
  const replica = replicaIdentityOver(context, table, relation, column.name);
  if (replica !== undefined) return { kind: 'refused', reason: replica };
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

/** NOT NULL of the old column, under the name that it had. */
function requireAgain(context: PlanContext, table: TableTarget, relation: Relation, column: string): string {
  const { quoteName } = context.engine;
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
  const { quoteName } = context.engine;
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
