import { findType } from '../../model/lookup.ts';
import { displayName } from '../../model/names.ts';
import type { UserType } from '../../model/schema.ts';
import { changeIdOf, freeName, limitedName, slugOf } from '../names.ts';
import { type ChangeRequest, type PlanContext, type PlanResult, type Recipe, refused } from '../plan.ts';
import type { Requirement, Step } from '../step.ts';
import { backfillStep } from '../parts/backfill.ts';
import { addedStep, checkedStep, READS_EVERY_ROW } from '../parts/late-constraint.ts';
import {
  defaultValue,
  enumColumns,
  type EnumColumn,
  valuesElsewhere,
  viewsNaming,
  whyNotExchanged,
} from '../parts/enum-users.ts';

/** Longest value of an enum, in bytes. Source: PostgreSQL manual, "Enumerated Types", implementation details. */
const MOST_VALUE_BYTES = 63;
/** Longest part of a check's name that tells which value it refuses. */
const LONGEST_ENDING = 30;

/**
 * ALTER TYPE ... RENAME VALUE: the new value is added beside the old one, the rows go over in batches, and checks keep
 * the old one out. It stays in the type, which the direct statement would not leave: PostgreSQL removes no value.
 */
export const renameEnumValue: Recipe = {
  name: 'rename-enum-value',
  title: 'Rename a value of an enum',
  plans: { postgresql: plan, sqlite: 'SQLite has no enums.' },
};

function plan({ operation }: ChangeRequest, context: PlanContext): PlanResult {
  if (operation.kind !== 'alter-type-definition' || operation.action.kind !== 'rename-value')
    return refused('This is not the renaming of a value of an enum.');
  const type = findType(context.schema, operation.name);
  const { value, newValue } = operation.action;
  if (type?.labels === undefined)
    return refused(
      `The values of ${displayName(operation.name)} are in no migration here: connect to the database, so that all columns of it are found.`,
    );
  if (!type.labels.includes(value)) return refused(`${displayName(operation.name)} has no value "${value}".`);
  if (type.labels.includes(newValue))
    return refused(`${displayName(operation.name)} has a value "${newValue}" already: choose another one.`);
  if (new TextEncoder().encode(newValue).length > MOST_VALUE_BYTES)
    return refused(`"${newValue}" is longer than the 63 bytes that a value of an enum may have.`);
  const columns = enumColumns(context, type);
  const obstacle =
    valuesElsewhere(context, type) ??
    columns
      .map((column) => whyNotExchanged(context, column, value) ?? whyNotDefault(context, column, value))
      .find((reason) => reason !== undefined);
  return obstacle === undefined
    ? planned(context, {
        type,
        sql: nameOf(context, operation.name),
        shown: displayName(operation.name),
        columns,
        value,
        newValue,
      })
    : refused(obstacle);
}

function nameOf(context: PlanContext, name: { readonly schema?: string | undefined; readonly name: string }): string {
  return `${name.schema === undefined ? '' : `${context.engine.quoteName(name.schema)}.`}${context.engine.quoteName(name.name)}`;
}

/** Why the column's default cannot be written with the new value; undefined where it can, or need not. */
function whyNotDefault(context: PlanContext, entry: EnumColumn, value: string): string | undefined {
  const text = entry.column.default?.text ?? '';
  const isNamed = entry.isArray ? text.includes(value) : text.includes(context.engine.quoteText(value));
  return isNamed && (entry.isArray || defaultValue(entry.column) !== value)
    ? `The default of ${entry.table.shown}."${entry.column.name}" is made of "${value}": drop it first, behind a version that always gives a value.`
    : undefined;
}

/** A renaming that nothing stands against. */
interface Renaming {
  readonly type: UserType;
  /** As it must be written in SQL. */
  readonly sql: string;
  readonly shown: string;
  readonly columns: readonly EnumColumn[];
  readonly value: string;
  readonly newValue: string;
}

function planned(context: PlanContext, renaming: Renaming): PlanResult {
  const { type, sql, shown, columns, value, newValue } = renaming;
  const { quoteName, quoteText } = context.engine;
  const [old, next] = [quoteText(value), quoteText(newValue)];
  const deploy: Requirement = {
    kind: 'deploy',
    description: `version that writes ${next} and no longer ${old}, and reads both`,
  };
  const defaults = columns.filter((entry) => defaultValue(entry.column) === value);
  const setDefaults = (to: string): string =>
    defaults
      .map(({ table, column }) => `${table.alter} ALTER COLUMN ${quoteName(column.name)} SET DEFAULT ${to};`)
      .join('\n');
  const views = viewsNaming(context, columns, value);
  const first: Step = {
    phase: 'expand',
    title: `Add ${next} to ${shown}`,
    slug: slugOf('add', type.name, newValue),
    up: `ALTER TYPE ${sql} ADD VALUE IF NOT EXISTS ${next} AFTER ${old};`,
    down: `SELECT 1; -- Nothing to take back: ${next.replaceAll(/[\r\n]+/g, ' ')} stays in the type, where nobody uses it: PostgreSQL removes no value.`,
    transaction: 'one',
    requires: [],
    notes: [
      `RENAME VALUE would make the running version fail, which goes on sending ${old}. ${old} stays in ${shown} at the end, behind checks that keep it out: PostgreSQL removes no value. To be rid of it, make a type without it and change each column by ALTER COLUMN ... TYPE ... USING column::text::type, which has steps of its own.`,
      ...(views.length > 0
        ? [
            `${views.length === 1 ? 'The view' : 'The views'} ${views.join(', ')} name${views.length === 1 ? 's' : ''} ${old}: let ${views.length === 1 ? 'it' : 'them'} know both values before the next deploy.`,
          ]
        : []),
      `So must functions, policies, rules and conditions of triggers that name ${old}; they are not looked through.`,
      ...(columns.length === 0 ? [`No column of ${shown} is known: nothing is filled.`] : []),
    ],
  };
  const kept = columns.map(
    (entry, index): Step => ({
      phase: 'expand',
      title: `Keep a way back for ${entry.table.shown}.${entry.column.name}`,
      slug: slugOf('keep', entry.table.name, entry.column.name),
      up: `SELECT 1; -- Nothing to do on the way up; the way back writes ${old} again.`,
      down: exchange(context, entry, newValue, value, []).up,
      transaction: 'none',
      requires: [],
      notes:
        index < columns.length - 1
          ? []
          : [
              `Deploy next, one behind the other: a version that reads ${old} and ${next} as the same and writes ${old}; when no older instance is left, one that writes ${next}.`,
            ],
    }),
  );
  const filled = columns.map(
    (entry): Step => ({
      ...exchange(context, entry, value, newValue, [`Rows that hold ${old} get ${next}.`]),
      down: 'SELECT 1; -- Nothing to take back here: who reads both values needs none of them gone.',
    }),
  );
  const migrate: readonly Step[] = [
    ...(defaults.length === 0
      ? []
      : [
          {
            phase: 'migrate' as const,
            title: `Let ${next} be the default`,
            slug: slugOf('default', type.name, newValue),
            up: setDefaults(next),
            down: setDefaults(old),
            transaction: 'one' as const,
            requires: [],
            notes: [],
          },
        ]),
    ...filled,
  ];
  const checks = columns.flatMap((entry) => checkSteps(context, entry, value));
  const steps = [
    first,
    ...kept,
    ...migrate.map((step, index) => (index === 0 ? { ...step, requires: [deploy] } : step)),
    ...checks,
  ];
  return {
    kind: 'planned',
    plan: { id: changeIdOf(type.name, value, newValue), title: `Rename ${old} of ${shown} to ${next}`, steps },
  };
}

/** The step that writes one value in place of another. */
function exchange(
  context: PlanContext,
  { table, column, isArray }: EnumColumn,
  from: string,
  to: string,
  notes: readonly string[],
): Step {
  const { quoteName, quoteText } = context.engine;
  const [name, old, next] = [quoteName(column.name), quoteText(from), quoteText(to)];
  return backfillStep(context, {
    table,
    column: column.name,
    assignment: `${name} = ${isArray ? `array_replace(${name}, ${old}, ${next})` : next}`,
    predicate: isArray ? `${old} = ANY (${name})` : `${name} = ${old}`,
    requires: [],
    notes,
  });
}

/** Steps that keep a value out of a column. */
function checkSteps(
  context: PlanContext,
  { table, relation, column, isArray }: EnumColumn,
  value: string,
): readonly Step[] {
  const { quoteName, quoteText } = context.engine;
  const [quoted, old] = [quoteName(column.name), quoteText(value)];
  const name = freeName(
    limitedName([table.name, column.name], slugOf('not', value).slice(0, LONGEST_ENDING)),
    new Set(relation.constraints.map((constraint) => constraint.name)),
  );
  const late = {
    alter: table.alter,
    name: quoteName(name),
    add: `${table.alter} ADD CONSTRAINT ${quoteName(name)} CHECK (${isArray ? `NOT ${old} = ANY (${quoted})` : `${quoted} <> ${old}`}) NOT VALID;`,
  };
  return [
    addedStep('contract', late, {
      title: `Keep ${old} out of ${table.shown}.${column.name}`,
      slug: slugOf('add', name),
      notes: [
        `From here on nobody can write ${old} there. What a version that writes it still left is filled by running the fill again.`,
      ],
    }),
    checkedStep('contract', late, {
      title: `Check old rows against ${name}`,
      slug: slugOf('validate', name),
      notes: [
        `${READS_EVERY_ROW} It fails where a row holds ${old} still: fill again, then run this again. Behind it a version that no longer knows ${old} may be deployed.`,
      ],
    }),
  ];
}
