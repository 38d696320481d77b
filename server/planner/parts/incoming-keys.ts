import { constraintTitle } from '../../model/constraint-title.ts';
import { foreignKeysTo, indexesOf, relationKeyOf } from '../../model/lookup.ts';
import { displayName } from '../../model/names.ts';
import type { Constraint, Relation } from '../../model/schema.ts';
import type { TypeName } from '../../model/type-name.ts';
import { freeName, limitedName, slugOf } from '../names.ts';
import type { PlanContext } from '../plan.ts';
import type { Step } from '../step.ts';
import { constraintSql } from './constraint-sql.ts';
import { addedStep, checkedStep } from './late-constraint.ts';

/** A foreign key of another table, or of the same one, that points at a column which another column replaces. */
export interface IncomingKey {
  /** Adds and validates a second key to the new column. */
  readonly steps: readonly Step[];
  /** Drops the old key, in a transaction of its own. */
  readonly freed: Step;
  /** Gives the second key the name of the old one. */
  readonly renamed: Step;
}

/** Second foreign keys to a new column for all that point at the old one; a text names one that cannot be written. */
export function incomingKeys(
  context: PlanContext,
  relation: Relation,
  column: string,
  next: string,
  type: TypeName,
): readonly IncomingKey[] | string {
  const primary = relation.constraints.find((constraint) => constraint.kind === 'primary-key')?.columns ?? [];
  const keys: IncomingKey[] = [];
  for (const { relation: child, constraint } of foreignKeysTo(
    context.schema,
    relationKeyOf(context.schema, relation),
  )) {
    const { references } = constraint;
    const pointed = references === undefined || references.columns.length === 0 ? primary : references.columns;
    if (references === undefined || !pointed.includes(column)) continue;
    const name = freeName(limitedName([constraint.name], 'twin'), new Set(child.constraints.map((each) => each.name)));
    const key = keyOf(
      context,
      child,
      { ...constraint, references: { ...references, columns: pointed.map((each) => (each === column ? next : each)) } },
      name,
      constraint.columns[pointed.indexOf(column)],
      type,
    );
    if (child.kind !== 'table' || child.partitionOf !== undefined || key === undefined)
      return `The foreign key ${constraintTitle(constraint)} of ${displayName({ name: child.name })} points at it and cannot be added a second time without blocking: plan a window for it.`;
    keys.push(key);
  }
  return keys;
}

function keyOf(
  context: PlanContext,
  child: Relation,
  twin: Constraint,
  name: string,
  own: string | undefined,
  type: TypeName,
): IncomingKey | undefined {
  const { quoteName } = context.engine;
  const sql = constraintSql(context, twin, name);
  if (sql === undefined) return undefined;
  const alter = `ALTER TABLE ${quoteName(child.schema)}.${quoteName(child.name)}`;
  const shown = displayName({ name: child.name });
  const quoted = quoteName(name);
  const ownType = child.columns.find((column) => column.name === own)?.type;
  const isBare = !indexesOf(context.schema, relationKeyOf(context.schema, child)).some(
    (index) =>
      index.where === undefined &&
      twin.columns.every((column) =>
        index.elements.slice(0, twin.columns.length).some((element) => element.column === column),
      ),
  );
  const allows = [
    ...(isBare ? ['-- lockstep: allow foreign-key-without-index because the old foreign key has no index either'] : []),
    ...(ownType !== undefined && !isAlike(ownType, type)
      ? ['-- lockstep: allow mismatched-key-type because the referencing column changes by a change of its own']
      : []),
  ];
  const late = { alter, name: quoted, add: `${alter} ADD ${sql} NOT VALID;` };
  return {
    steps: [
      addedStep('migrate', late, {
        title: `Let ${shown} point at the new column too`,
        slug: slugOf('add', name),
        allow: allows.map((line) => `${line}\n`).join(''),
      }),
      checkedStep('migrate', late, { title: `Check old rows against ${name}`, slug: slugOf('validate', name) }),
    ],
    freed: {
      phase: 'contract',
      title: `Drop the old ${twin.name} of ${shown}`,
      slug: slugOf('drop', twin.name, 'old'),
      up: `${alter} DROP CONSTRAINT ${quoteName(twin.name)};`,
      irreversible: 'the foreign key to the old column is gone; that to the new one holds.',
      transaction: 'one',
      requires: [],
      notes: ['Takes ACCESS EXCLUSIVE on both tables for a moment, so that it goes in a transaction of its own.'],
    },
    renamed: {
      phase: 'contract',
      title: `Give ${name} its old name`,
      slug: slugOf('rename', name),
      up: `${alter} RENAME CONSTRAINT ${quoted} TO ${quoteName(twin.name)};`,
      down: `${alter} RENAME CONSTRAINT ${quoteName(twin.name)} TO ${quoted};`,
      transaction: 'one',
      requires: [],
      notes:
        ownType !== undefined && !isAlike(ownType, type)
          ? [`${shown}.${own ?? ''} is ${ownType.display} still: change it by a change of its own.`]
          : [],
    },
  };
}

const TEXTS: readonly string[] = ['text', 'varchar', 'bpchar'];

function isAlike(left: TypeName, right: TypeName): boolean {
  return left.name === right.name || (TEXTS.includes(left.name) && TEXTS.includes(right.name));
}
