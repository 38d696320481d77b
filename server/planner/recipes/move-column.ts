import { constraintTitle } from '../../model/constraint-title.ts';
import { childrenOf, findIndex, findRelation, indexesOf, relationKeyOf } from '../../model/lookup.ts';
import type { Column, Constraint, Index, Relation } from '../../model/schema.ts';
import { changeIdOf, freeName, limitedName, slugOf } from '../names.ts';
import { type ChangeRequest, type PlanContext, type PlanResult, type Recipe, refused } from '../plan.ts';
import type { Step } from '../step.ts';
import { commentFor, grantsFor, unknownAnnotations } from '../parts/carry-annotations.ts';
import { keyedLoop } from '../parts/backfill.ts';
import { changeInFlight, constraintsOver, indexesOver } from '../parts/column-users.ts';
import { constraintSql } from '../parts/constraint-sql.ts';
import { createIndexSql } from '../parts/index-sql.ts';
import { concurrentIndexStep } from '../parts/index-steps.ts';
import { copyValues, definitionOf, dropIndexStep, movedParity, whyNotMoved } from '../parts/moved-columns.ts';
import { EITHER_WAY_NOTE, pairTriggers } from '../parts/pair-triggers.ts';
import { requireSteps } from '../parts/require-steps.ts';
import { tableTarget, type TableTarget } from '../parts/table-target.ts';
import { addedStep, checkedStep } from '../parts/late-constraint.ts';

/**
 * UPDATE target SET column = source.column FROM source, meant as a move: the columns go to another table whose rows belong
 * to those of their own one to one, while old and new version write to either; at the end the old ones go.
 */
export const moveColumn: Recipe = {
  name: 'move-column',
  title: 'Move a column to another table',
  plans: {
    postgresql: plan,
    sqlite:
      'In SQLite a move is written by hand: add the column, copy the values in the same transaction, and deploy before the old column is dropped.',
  },
};

function plan({ operation }: ChangeRequest, context: PlanContext): PlanResult {
  const from =
    operation.kind === 'update-rows'
      ? operation.query.reads.find(
          (read) => relationKeyOf(context.schema, read.relation) !== relationKeyOf(context.schema, operation.relation),
        )?.relation
      : undefined;
  if (operation.kind !== 'update-rows' || from === undefined)
    return refused('This is not the move of a column to another table: name a table that the columns are not in.');
  const [source, target] = [tableTarget(context, from), tableTarget(context, operation.relation)];
  if (!isKnown(source.relation) || !isKnown(target.relation))
    return refused(
      `The definition of ${source.shown} or of ${target.shown} is in no migration here: connect to the database, so that nothing of it is lost.`,
    );
  const { columns: names } = operation;
  const moved = names.flatMap((name) => source.relation?.columns.find((column) => column.name === name) ?? []);
  const missing = names.find((name) => !moved.some((column) => column.name === name));
  if (missing !== undefined || moved.length === 0) return refused(`${source.shown} has no column "${missing ?? ''}".`);
  const link = linkOf(context, { source, target });
  if (typeof link === 'string') return refused(link);
  const obstacle =
    whyNotTables(context, source, source.relation) ??
    whyNotTables(context, target, target.relation) ??
    whyNotColumns(context, { source, target }, source.relation, target.relation, moved, link);
  return obstacle === undefined
    ? planned(context, { source, target, ownSource: source.relation, ownTarget: target.relation, moved, link })
    : refused(obstacle);
}

/** The two tables of a move. */
interface Tables {
  readonly source: TableTarget;
  readonly target: TableTarget;
}

/** What says that a row of the source and one of the target belong together; both columns are unique. */
interface Link {
  readonly source: string;
  readonly target: string;
  /** Which of the two has the foreign key. */
  readonly holder: 'source' | 'target';
}

function isKnown(relation: Relation | undefined): relation is Relation {
  return relation?.columnsKnown === true && relation.detailsKnown;
}

/** The one foreign key that ties the tables one to one; a text says why there is none. */
function linkOf(context: PlanContext, { source, target }: Tables): Link | string {
  const [left, right] = [source.relation, target.relation];
  if (left === undefined || right === undefined)
    return `The definition of ${source.shown} or of ${target.shown} is not known.`;
  const links: readonly Link[] = [
    ...keysBetween(context, right, left).map(
      ({ own, other }): Link => ({ source: other, target: own, holder: 'target' }),
    ),
    ...keysBetween(context, left, right).map(
      ({ own, other }): Link => ({ source: own, target: other, holder: 'source' }),
    ),
  ];
  const unique = links.filter((link) => isUnique(context, link.holder === 'target' ? right : left, link[link.holder]));
  const [only] = unique;
  if (only !== undefined && unique.length === 1) return only;
  if (only !== undefined)
    return `Several foreign keys tie ${source.shown} and ${target.shown} one to one, and which of them says where a value belongs cannot be told: move it by hand, or drop the others first.`;
  const [loose] = links;
  if (loose === undefined)
    return `No foreign key of one column ties ${target.shown} to ${source.shown}, so that nothing says which row a value belongs to: add one over a unique column first.`;
  return loose.holder === 'target'
    ? `Several rows of ${target.shown} may belong to one row of ${source.shown}, for "${loose.target}" is not unique, and each would need a value of its own: make "${loose.target}" unique first, or split the column off into a table of its own.`
    : `Several rows of ${source.shown} may point at one row of ${target.shown}, for "${loose.source}" is not unique, and that row could hold the value of one of them only: make "${loose.source}" unique first, or leave the column where it is.`;
}

/** Columns of foreign keys of one column from one table to another. */
function keysBetween(
  context: PlanContext,
  from: Relation,
  to: Relation,
): readonly { readonly own: string; readonly other: string }[] {
  const primary = to.constraints.find((constraint) => constraint.kind === 'primary-key')?.columns ?? [];
  return from.constraints.flatMap(({ kind, enforced, columns, references }) => {
    if (kind !== 'foreign-key' || !enforced || references?.key !== relationKeyOf(context.schema, to)) return [];
    const [own, more] = columns;
    const [other] = references.columns.length === 0 ? primary : references.columns;
    return own === undefined || more !== undefined || other === undefined ? [] : [{ own, other }];
  });
}

function isUnique(context: PlanContext, relation: Relation, column: string): boolean {
  return indexesOf(context.schema, relationKeyOf(context.schema, relation)).some(
    (index) =>
      index.unique &&
      index.valid &&
      index.where === undefined &&
      index.elements.length === 1 &&
      index.elements[0]?.column === column,
  );
}

function whyNotTables(context: PlanContext, table: TableTarget, relation: Relation): string | undefined {
  if (
    relation.kind !== 'table' ||
    relation.partitionOf !== undefined ||
    childrenOf(context.schema, relationKeyOf(context.schema, relation)).length > 0
  )
    return `${table.shown} must be a plain table without partitions or children.`;
  if (relation.constraints.find((constraint) => constraint.kind === 'primary-key')?.columns.length !== 1)
    return `${table.shown} has no primary key of one column, by which its rows could be gone through in batches.`;
  return changeInFlight(table, relation);
}

function whyNotColumns(
  context: PlanContext,
  { source, target }: Tables,
  own: Relation,
  other: Relation,
  moved: readonly Column[],
  link: Link,
): string | undefined {
  const names = new Set<string | undefined>(moved.map((column) => column.name));
  if (names.has(link.source)) return `"${link.source}" ties ${source.shown} to ${target.shown} and cannot leave.`;
  const clash = moved.find((column) => other.columns.some((each) => each.name === column.name));
  if (clash !== undefined) return `${target.shown} has a column "${clash.name}" already: rename one of the two first.`;
  return moved.map((column) => whyNotMoved(context, source, own, column, names)).find((reason) => reason !== undefined);
}

/** A move that nothing stands against. */
interface Move extends Tables {
  readonly ownSource: Relation;
  readonly ownTarget: Relation;
  readonly moved: readonly Column[];
  readonly link: Link;
}

function planned(context: PlanContext, move: Move): PlanResult {
  const { source, target, ownSource, ownTarget, moved, link } = move;
  const { quoteName } = context.engine;
  const keys = { left: quoteName(link.source), right: quoteName(link.target) };
  const columns = moved.map((column) => quoteName(column.name));
  const shown = moved.map((column) => column.name).join(', ');
  const required = moved.filter((column) => column.notNull);
  const constraints = [...new Set(moved.flatMap((column) => constraintsOver(ownSource, column.name)))].filter(
    (constraint) => constraint.kind !== 'not-null',
  );
  const fresh = freshNames(context, move);
  const [checks, freed]: [Step[], Step[]] = [[], []];
  for (const constraint of constraints) {
    const steps = constraintSteps(context, move, constraint, fresh(constraint.name));
    const gone = dropConstraintStep(context, source, constraint);
    if (steps === undefined || gone === undefined)
      return refused(
        `The constraint ${constraintTitle(constraint)} is not known well enough to be written for ${target.shown}: drop it by a statement of its own first.`,
      );
    checks.push(...steps);
    freed.push(gone);
  }
  // A row of the target without a partner has no value; where each has one, what was required stays so.
  const isWhole =
    link.holder === 'target' && ownTarget.columns.find((column) => column.name === link.target)?.notNull === true;
  const requiring = isWhole ? required.flatMap((column) => requireSteps(context, target, column.name, [])) : [];
  const indexes = [...new Set(moved.flatMap((column) => indexesOver(context.schema, ownSource, column.name)))].filter(
    (index) => index.constraint === undefined,
  );
  const { there, back } = pairTriggers(context, {
    left: source,
    right: target,
    keys: { left: link.source, right: link.target },
    columns: moved.map((column) => column.name),
    rows: 'own',
  });
  const carry = required.map((column) => `${source.alter} ALTER COLUMN ${quoteName(column.name)} DROP NOT NULL;`);
  const before: readonly Step[] = [
    {
      phase: 'expand',
      title: `Add ${shown} to ${target.shown}`,
      slug: slugOf('add', target.name, ...moved.map((column) => column.name)),
      up: moved
        .flatMap((column) => [
          `${target.alter} ADD COLUMN ${definitionOf(context, column)};`,
          ...commentFor(context, target, column, column.name),
          ...grantsFor(context, target, column, column.name),
        ])
        .join('\n'),
      down: columns.map((column) => `${target.alter} DROP COLUMN ${column};`).join('\n'),
      transaction: 'one',
      requires: [],
      notes: unknownAnnotations(
        context,
        `${shown} of ${target.shown} gets no comments and no privileges on single columns`,
      ),
    },
    {
      phase: 'expand',
      title: `Carry ${shown} of ${source.shown} into ${target.shown}`,
      slug: slugOf('carry', source.name, target.name),
      up: [...carry, there.create].join('\n'),
      down: [
        there.drop,
        ...required.flatMap((column) => [
          '-- lockstep: allow blocking-alter because going back reads every row while nobody else may use the table, and fails where a row was written without a value',
          `${source.alter} ALTER COLUMN ${quoteName(column.name)} SET NOT NULL;`,
        ]),
      ].join('\n'),
      transaction: 'one',
      requires: [],
      notes: linkNotes(move, shown),
    },
    {
      phase: 'expand',
      title: `Carry ${target.shown} back into ${source.shown}`,
      slug: slugOf('carry', target.name, source.name),
      up: back.create,
      down: back.drop,
      transaction: 'one',
      requires: [],
      notes: [EITHER_WAY_NOTE],
    },
    {
      phase: 'migrate',
      title: `Fill ${shown} in old rows of ${target.shown}`,
      slug: slugOf('fill', target.name, ...moved.map((column) => column.name)),
      up: keyedLoop(context, source, (range) =>
        copyValues(source, target, { from: keys.left, to: keys.right }, columns, range),
      ),
      down: 'SELECT 1; -- Nothing to take back: the values go with the columns.',
      transaction: 'none',
      requires: [],
      notes: partnerNotes(move, keys, columns),
    },
    ...indexes.map((index) => indexStep(context, target, index, fresh(index.name))),
  ];
  const contract: readonly Step[] = [
    // Going back, the values are in place again before the constraints of the source are.
    ...checks,
    ...requiring,
    ...freed,
    {
      phase: 'contract',
      title: 'Keep a way back from the next steps',
      slug: slugOf('refill', source.name, ...moved.map((column) => column.name)),
      up: 'SELECT 1; -- Nothing to do on the way up; the way back fills the columns here.',
      down: keyedLoop(context, target, (range) =>
        copyValues(target, source, { from: keys.right, to: keys.left }, columns, range),
      ),
      transaction: 'none',
      requires: [],
      notes: [],
    },
    ...indexes.map((index) => dropIndexStep(context, source, index)),
    {
      phase: 'contract',
      title: `Stop carrying ${target.shown} back`,
      slug: slugOf('stop', target.name, source.name),
      up: back.drop,
      down: back.create,
      transaction: 'one',
      requires: [],
      notes: [],
    },
    {
      phase: 'contract',
      title: `Drop ${shown} of ${source.shown}`,
      slug: slugOf('drop', source.name, ...moved.map((column) => column.name)),
      up: [there.drop, ...columns.map((column) => `${source.alter} DROP COLUMN ${column};`)].join('\n'),
      down: [
        ...moved.map((column) => `${source.alter} ADD COLUMN ${definitionOf(context, column)};`),
        there.create,
      ].join('\n'),
      transaction: 'one',
      requires: [],
      notes: [],
    },
  ];
  const requires: Step['requires'] = [
    { kind: 'deploy', description: `version that uses ${shown} of ${target.shown} and no longer of ${source.shown}` },
    { kind: 'parity' },
  ];
  const steps = [
    ...before,
    ...contract.map((step, index) =>
      index === 0
        ? { ...step, requires, parity: movedParity(source, target, keys, columns, quoteName(source.name)) }
        : step,
    ),
  ];
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf('move', source.name, ...moved.map((column) => column.name), target.name),
      title: `Move ${shown} of ${source.shown} to ${target.shown}`,
      steps,
    },
  };
}

/** Which row a value goes to, and which of two values counts. */
function linkNotes({ source, target, moved, link }: Move, shown: string): readonly string[] {
  const isRequired = moved.some((column) => column.notNull);
  return [
    `A row of ${target.shown} belongs to the row of ${source.shown} whose "${link.source}" is its "${link.target}". One that is pointed at another row takes the value of that row of ${source.shown}, where it has one.`,
    `When a row of ${target.shown} is deleted, ${source.shown} keeps its value: for the running version it is its own.`,
    ...(isRequired
      ? [`${shown} of ${source.shown} may be empty from here on, for the new version leaves it out.`]
      : []),
  ];
}

/** What becomes of values whose row has no partner. */
function partnerNotes(
  { source, target, ownTarget, link }: Move,
  keys: { readonly left: string; readonly right: string },
  columns: readonly string[],
): readonly string[] {
  const lonely = `FROM ${source.sql} AS own WHERE (${columns.map((column) => `own.${column} IS NOT NULL`).join(' OR ')}) AND NOT EXISTS (SELECT 1 FROM ${target.sql} AS kept WHERE kept.${keys.right} = own.${keys.left})`;
  const needed = ownTarget.columns.filter(
    (column) =>
      column.name !== link.target &&
      column.notNull &&
      column.default === undefined &&
      column.identity === undefined &&
      column.generated === undefined,
  );
  const way =
    link.holder === 'source'
      ? `Point each at a row of ${target.shown}, or empty it.`
      : needed.length > 0
        ? `Make a row of ${target.shown} for each, which needs ${needed.map((column) => column.name).join(', ')} too, or empty it.`
        : `Empty them, or make their rows when no running version inserts one for them any more: INSERT INTO ${target.sql} (${[keys.right, ...columns].join(', ')}) SELECT ${[keys.left, ...columns].map((column) => `own.${column}`).join(', ')} ${lonely} ON CONFLICT DO NOTHING`;
  return [
    `No row of ${target.shown} is made here, for a running version that then inserts its own would fail. What a row of ${source.shown} holds that has none there stays in place, and parity, which the contract waits for, counts it.`,
    `Such rows are found by: SELECT own.${keys.left} ${lonely}`,
    way,
  ];
}

/** Names that neither a constraint of the target nor a relation beside it has, made of those in the source. */
function freshNames(context: PlanContext, { source, target, ownTarget }: Move): (name: string) => string {
  const taken = new Set(ownTarget.constraints.map((constraint) => constraint.name));
  return (name) => {
    const wanted = limitedName(
      [target.name],
      name.startsWith(`${source.name}_`) ? name.slice(source.name.length + 1) : name,
    );
    let free = freeName(wanted, taken);
    for (
      const where = { schema: ownTarget.schema };
      findIndex(context.schema, { ...where, name: free }) !== undefined ||
      findRelation(context.schema, { ...where, name: free }) !== undefined;
    ) {
      taken.add(free);
      free = freeName(wanted, taken);
    }
    taken.add(free);
    return free;
  };
}

function indexStep(context: PlanContext, target: TableTarget, index: Index, name: string): Step {
  const { quoteName } = context.engine;
  const schema =
    target.sql.includes('.') && target.relation !== undefined ? `${quoteName(target.relation.schema)}.` : '';
  return {
    ...concurrentIndexStep(
      `Build ${name} as ${index.name} is`,
      slugOf('build', name),
      `${createIndexSql(context, index, name, target.sql, { concurrently: true })};`,
      `DROP INDEX CONCURRENTLY IF EXISTS ${schema}${quoteName(name)};`,
    ),
    phase: 'migrate',
  };
}

/** A constraint of the source on the target, when only versions that give the values there still write; undefined where it cannot be written. */
function constraintSteps(
  context: PlanContext,
  { target, ownSource }: Move,
  constraint: Constraint,
  name: string,
): readonly Step[] | undefined {
  const sql = constraintSql(context, constraint, name);
  if (sql === undefined) return undefined;
  const late = {
    alter: target.alter,
    name: context.engine.quoteName(name),
    add: `${target.alter} ADD ${sql}${constraint.enforced ? ' NOT VALID' : ''};`,
  };
  const isBare =
    constraint.kind === 'foreign-key' &&
    !indexesOf(context.schema, relationKeyOf(context.schema, ownSource)).some(
      (index) => index.where === undefined && index.elements[0]?.column === constraint.columns[0],
    );
  const allow = isBare
    ? '-- lockstep: allow foreign-key-without-index because the old column has no index either\n'
    : '';
  const step = addedStep('contract', late, {
    title: `Add ${name} as ${constraint.name} is`,
    slug: slugOf('add', name),
    allow,
  });
  if (!constraint.validated || !constraint.enforced) return [step];
  return [
    step,
    checkedStep('contract', late, {
      title: `Check old rows against ${name}`,
      slug: slugOf('validate', name),
    }),
  ];
}

/** A constraint of the source goes by itself: a foreign key locks the other table too. */
function dropConstraintStep(context: PlanContext, source: TableTarget, constraint: Constraint): Step | undefined {
  const sql = constraintSql(context, constraint);
  if (sql === undefined) return undefined;
  const isWhole = constraint.validated && constraint.enforced;
  const allow = isWhole
    ? '-- lockstep: allow blocking-alter because going back reads every row while nobody else may use the table\n'
    : '';
  return {
    phase: 'contract',
    title: `Drop ${constraint.name} of ${source.shown}`,
    slug: slugOf('drop', constraint.name),
    up: `${source.alter} DROP CONSTRAINT ${context.engine.quoteName(constraint.name)};`,
    down: `${allow}${source.alter} ADD ${sql}${isWhole || !constraint.enforced ? '' : ' NOT VALID'};`,
    transaction: 'one',
    requires: [],
    notes:
      constraint.kind === 'foreign-key'
        ? [
            `Takes ACCESS EXCLUSIVE on ${constraint.references?.name ?? 'the other table'} too for a moment, so that it goes in a transaction of its own.`,
          ]
        : [],
  };
}
