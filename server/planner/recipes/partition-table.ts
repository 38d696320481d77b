import { INDEX_GOES_NOTE } from '../parts/index-steps.ts';
import { constraintTitle } from '../../model/constraint-title.ts';
import { walkExpression } from '../../model/expression.ts';
import { childrenOf, dependantsOf, foreignKeysTo, indexesOf, relationKeyOf, sequencesOf } from '../../model/lookup.ts';
import { displayName } from '../../model/names.ts';
import type { Operation } from '../../model/operation.ts';
import type { Column, Constraint, Relation } from '../../model/schema.ts';
import { changeIdOf, freeName, limitedName, slugOf } from '../names.ts';
import { type ChangeRequest, type PlanContext, type PlanResult, type Recipe, refused } from '../plan.ts';
import type { Requirement, Step } from '../step.ts';
import { DETACH_CONCURRENTLY_SINCE } from './attach-partition.ts';
import { carryRights } from '../parts/carry-rights.ts';
import { changeInFlight } from '../parts/column-users.ts';
import { constraintSql } from '../parts/constraint-sql.ts';
import {
  namesTable,
  partitionedIndexes,
  type PartitionedIndex,
  type PartitionedTable,
} from '../parts/partition-keys.ts';
import { besideSql, partitionNames, RelationNames } from '../parts/partition-names.ts';
import { rangeBounds } from '../parts/range-bounds.ts';
import { requireSteps } from '../parts/require-steps.ts';
import { tableTarget, type TableTarget } from '../parts/table-target.ts';
import { triggerTexts, type TriggerText } from '../parts/trigger-text.ts';
import { addedStep, checkedStep, READS_EVERY_ROW } from '../parts/late-constraint.ts';

/** First PostgreSQL major with COMPRESSION of columns. Source: PostgreSQL 14 release notes. */
const COMPRESSION_SINCE = 14;

/**
 * CREATE TABLE t (LIKE t, CHECK (c IN (bounds))) PARTITION BY RANGE (c), meant as a change of the table itself: it
 * becomes the first partition, with all its rows, of a partitioned table that takes its name.
 */
export const partitionTable: Recipe = {
  name: 'partition-table',
  title: 'Partition a table by range',
  plans: { postgresql: plan, sqlite: 'SQLite has no partitioned tables.' },
};

function plan({ operation }: ChangeRequest, context: PlanContext): PlanResult {
  const asked = readAsked(operation);
  if (operation.kind !== 'create-table' || asked === undefined)
    return refused(
      'This is not the partitioning of a table: write CREATE TABLE t (LIKE t, CHECK (c IN (bounds))) PARTITION BY RANGE (c).',
    );
  const table = tableTarget(context, operation.relation);
  const { relation } = table;
  if (relation === undefined || !relation.columnsKnown || !relation.detailsKnown)
    return refused(
      `The definition of ${table.shown} is in no migration here: connect to the database, so that nothing of it is lost.`,
    );
  const column = relation.columns.find((candidate) => candidate.name === asked.column);
  if (column === undefined) return refused(`${table.shown} has no column "${asked.column}".`);
  const bounds = rangeBounds(context, column.name, column.type, asked.bounds);
  if (typeof bounds === 'string') return refused(bounds);
  const obstacle =
    whyNotPartitioned(context, table, relation, column) ??
    relation.constraints
      .map((constraint) => whyNotShared(context, table, constraint))
      .find((reason) => reason !== undefined);
  if (obstacle !== undefined) return refused(obstacle);
  const triggers = triggerTexts(context, table, relation);
  if (typeof triggers === 'string') return refused(triggers);
  const names = new RelationNames(context.schema, relation.schema);
  const target: PartitionedTable = {
    table,
    relation,
    column: column.name,
    names,
    tables: partitionNames(names, table.name, bounds.length - 1),
  };
  const indexes = partitionedIndexes(context, target);
  return typeof indexes === 'string'
    ? refused(indexes)
    : {
        kind: 'planned',
        plan: {
          id: changeIdOf('partition', table.name),
          title: `Partition ${table.shown} by ${column.name}`,
          steps: stepsOf(context, { ...target, column, bounds, indexes, triggers }),
        },
      };
}

function readAsked(operation: Operation): { readonly column: string; readonly bounds: readonly string[] } | undefined {
  if (operation.kind !== 'create-table' || operation.partitionBy?.strategy !== 'range' || operation.like.length !== 1)
    return undefined;
  const [element, ...more] = operation.partitionBy.elements;
  const bounds = operation.constraints.flatMap((constraint) =>
    [...walkExpression(constraint.expression?.tree ?? { kind: 'other', operands: [] })].flatMap((node) =>
      node.kind === 'literal' ? [String(node.value)] : [],
    ),
  );
  return element?.column === undefined || more.length > 0 ? undefined : { column: element.column, bounds };
}

/** Why the table cannot become a partition of another one of its name; undefined where it can. */
function whyNotPartitioned(
  context: PlanContext,
  table: TableTarget,
  relation: Relation,
  column: Column,
): string | undefined {
  const key = relationKeyOf(context.schema, relation);
  if (relation.kind === 'partitioned-table') return `${table.shown} is partitioned already.`;
  if (relation.kind !== 'table' || relation.persistence !== 'permanent')
    return `${table.shown} must be a plain table that is neither temporary nor unlogged.`;
  if (relation.partitionOf !== undefined || relation.inherits.length > 0 || childrenOf(context.schema, key).length > 0)
    return `${table.shown} inherits, or is inherited from, which a partition cannot: take it out of its tree first.`;
  if (column.generated !== undefined)
    return `"${column.name}" of ${table.shown} is a generated column, by which no table can be partitioned.`;
  const inFlight = changeInFlight(table, relation);
  if (inFlight !== undefined) return inFlight;
  const view = dependantsOf(context.schema, key)[0]?.relation;
  if (view !== undefined)
    return `The view ${displayName({ name: view.name })} reads ${table.shown} and would go on reading its old rows alone: drop the view first, and make it anew behind the change.`;
  const pointing = foreignKeysTo(context.schema, key)[0];
  if (pointing !== undefined)
    return `The foreign key ${constraintTitle(pointing.constraint)} of ${displayName({ name: pointing.relation.name })} points at ${table.shown}, whose keys are unique only together with "${column.name}" from then on: drop it by a statement of its own first.`;
  if (relation.policies.length > 0 || relation.rowSecurity)
    return `${table.shown} has row security, and for a moment or by mistake rows would be seen that must not: plan a window for it, in which the policies are made anew.`;
  if (relation.rules.length > 0)
    return `${table.shown} has rules (${relation.rules.join(', ')}), which would stay with the old rows: make triggers of them first.`;
  const publication = Object.entries(context.schema.publications ?? {}).find(([, tables]) => tables.includes(key))?.[0];
  if (publication !== undefined)
    return `The publication "${publication}" names ${table.shown}, and its subscribers would miss the rows of the other partitions: take ${table.shown} out of it first, and put it back with publish_via_partition_root behind the change.`;
  const replica = relation.replicaIdentity;
  if (replica !== undefined && !['default', 'full', 'nothing'].includes(replica))
    return `The replica identity of ${table.shown} is the index "${replica}", which the other partitions have under another name: set it to DEFAULT or FULL first.`;
  return undefined;
}

/** Why the partitioned table cannot have a constraint; undefined where it can, keys excepted, which have their indexes. */
function whyNotShared(context: PlanContext, table: TableTarget, constraint: Constraint): string | undefined {
  const named = `The constraint ${constraintTitle(constraint)} of ${table.shown}`;
  if (!constraint.enforced)
    return `${named} is not enforced, which a partitioned table cannot take over without reading every row: drop it first.`;
  if (!constraint.validated)
    return `${named} is not validated, which would be done while nobody can use the table: validate it first.`;
  if (constraint.noInherit)
    return `${named} is NO INHERIT, which a partitioned table cannot have: make it anew without first.`;
  if (constraint.expression !== undefined && namesTable(constraint.expression))
    return `${named} names its table in its expression, where the table gets another name: make it anew without first.`;
  if (constraint.kind === 'foreign-key' && constraintSql(context, constraint) === undefined)
    return `${named} is not known well enough to be written a second time: drop it by a statement of its own first.`;
  return undefined;
}

interface Ready extends Omit<PartitionedTable, 'column'> {
  readonly column: Column;
  readonly bounds: readonly string[];
  readonly indexes: readonly PartitionedIndex[];
  readonly triggers: readonly TriggerText[];
}

function stepsOf(context: PlanContext, ready: Ready): readonly Step[] {
  const { table, relation, column, bounds, indexes } = ready;
  const quoted = context.engine.quoteName(column.name);
  const proof = context.engine.quoteName(
    freeName(limitedName([table.name], 'bound'), new Set(relation.constraints.map((constraint) => constraint.name))),
  );
  const late = {
    alter: table.alter,
    name: proof,
    add: `${table.alter} ADD CONSTRAINT ${proof} CHECK (${quoted} IS NOT NULL AND ${quoted} < ${bounds[0] ?? ''}) NOT VALID;`,
  };
  const restored = indexes.flatMap((index) => index.restore ?? []);
  const required = column.notNull
    ? []
    : requireSteps(context, table, column.name, [
        { kind: 'deploy', description: `version that gives ${table.shown}.${column.name} in every INSERT` },
      ]).map((step): Step => ({ ...step, phase: 'expand' }));
  return [
    ...required,
    addedStep('expand', late, {
      title: `Let no new row of ${table.shown} reach ${bounds[0] ?? ''}`,
      slug: slugOf('add', table.name, 'bound'),
      notes: [
        `From here on no row with ${column.name} at or above ${bounds[0] ?? ''} can be written: the whole change must be through before the application has one.`,
      ],
    }),
    checkedStep('expand', late, {
      title: `Check old rows of ${table.shown} against ${bounds[0] ?? ''}`,
      slug: slugOf('validate', table.name, 'bound'),
      notes: [`${READS_EVERY_ROW} It fails if an old row is there already: choose bounds above all rows.`],
    }),
    ...indexes.flatMap((index) => index.builds),
    ...(restored.length === 0
      ? []
      : [
          {
            phase: 'migrate' as const,
            title: `Keep a way back for the keys of ${table.shown}`,
            slug: slugOf('keep', table.name, 'keys'),
            up: 'SELECT 1; -- Nothing to do on the way up; the way back gives the keys their old columns here.',
            down: ['DO $lockstep$', 'BEGIN', ...restored, 'END', '$lockstep$;'].join('\n'),
            transaction: 'one' as const,
            requires: [],
            notes: [],
          },
        ]),
    besideStep(context, ready, proof),
    swapStep(context, ready, { add: late.add, proof }),
    ...indexes.flatMap((index) => index.cleanup ?? []),
  ];
}

/** The partitioned table and its empty partitions, beside the old table. */
function besideStep(
  context: PlanContext,
  { table, relation, column, bounds, indexes, tables }: Ready,
  proof: string,
): Step {
  const sql = (name: string): string => besideSql(context, table, relation, name);
  const parent = sql(tables.beside);
  const place = `${relation.accessMethod === undefined ? '' : ` USING ${context.engine.quoteName(relation.accessMethod)}`}${relation.tablespace === undefined ? '' : ` TABLESPACE ${context.engine.quoteName(relation.tablespace)}`}`;
  const parts = [...tables.later, tables.rest];
  const options = [
    'COMMENTS',
    ...(context.target.version >= COMPRESSION_SINCE ? ['COMPRESSION'] : []),
    'CONSTRAINTS',
    'DEFAULTS',
    'GENERATED',
    'IDENTITY',
    'STORAGE',
  ];
  const identity =
    relation.replicaIdentity === 'full' || relation.replicaIdentity === 'nothing'
      ? relation.replicaIdentity.toUpperCase()
      : undefined;
  const keys = relation.constraints.filter((constraint) => constraint.kind === 'foreign-key');
  const up = [
    `CREATE TABLE ${parent} (LIKE ${table.sql} ${options.map((option) => `INCLUDING ${option}`).join(' ')}) PARTITION BY RANGE (${context.engine.quoteName(column.name)});`,
    `ALTER TABLE ${parent} DROP CONSTRAINT ${proof};`,
    ...tables.later.map(
      (name, index) =>
        `CREATE TABLE ${sql(name)} PARTITION OF ${parent} FOR VALUES FROM (${bounds[index] ?? ''}) TO (${bounds[index + 1] ?? ''})${place};`,
    ),
    `CREATE TABLE ${sql(tables.rest)} PARTITION OF ${parent} DEFAULT${place};`,
    ...(identity === undefined
      ? []
      : [parent, ...parts.map(sql)].map((name) => `ALTER TABLE ${name} REPLICA IDENTITY ${identity};`)),
    ...indexes.map((index) => index.create),
    ...keys.map(
      (key) =>
        `${isBare(context, relation, key) ? '-- lockstep: allow foreign-key-without-index because the old table has none either\n' : ''}ALTER TABLE ${parent} ADD ${constraintSql(context, key) ?? ''};`,
    ),
  ];
  return {
    phase: 'migrate',
    title: `Create ${tables.beside}, partitioned and empty`,
    slug: slugOf('create', tables.beside),
    up: up.join('\n'),
    down: `DROP TABLE ${parent};`,
    transaction: 'one',
    requires: [],
    notes: [
      `${tables.rest} takes what no other partition does. Partitions that come later need a CHECK of ${tables.rest} first, or rows of it moved.`,
      `From here on columns, constraints and indexes of ${table.shown} must stay as they are until the next step is through.`,
      ...((relation.statistics?.length ?? 0) > 0
        ? [
            `The extended statistics ${(relation.statistics ?? []).join(', ')} stay with the old rows: make them anew for ${tables.beside} where they are needed.`,
          ]
        : []),
    ],
  };
}

/** Whether no index begins with the columns of a foreign key. */
function isBare(context: PlanContext, relation: Relation, key: Constraint): boolean {
  return !indexesOf(context.schema, relationKeyOf(context.schema, relation)).some(
    (index) =>
      index.where === undefined &&
      key.columns.every((column) =>
        index.elements.slice(0, key.columns.length).some((element) => element.column === column),
      ),
  );
}

/** The moment in which the partitioned table takes the name, and the old one becomes its first partition. */
function swapStep(
  context: PlanContext,
  { table, relation, column, bounds, indexes, tables, triggers, names }: Ready,
  { add, proof }: { readonly add: string; readonly proof: string },
): Step {
  const { quoteName } = context.engine;
  const sql = (name: string): string => besideSql(context, table, relation, name);
  const [parent, first] = [sql(tables.beside), sql(tables.first)];
  const sequences = sequencesMoved(context, table, relation, tables.beside, names);
  const foreign = [
    ...new Set(
      relation.constraints.flatMap((constraint) =>
        constraint.kind !== 'foreign-key' || constraint.references === undefined
          ? []
          : [`${quoteName(constraint.references.schema)}.${quoteName(constraint.references.name)}`],
      ),
    ),
  ];
  const lock =
    foreign.length === 0
      ? []
      : [
          '-- lockstep: allow explicit-table-lock because attaching locks these tables too, and taking them first leaves no writer half-way between them',
          `LOCK TABLE ${[...foreign, table.sql].join(', ')} IN ACCESS EXCLUSIVE MODE;`,
        ];
  const up = carryRights(context, {
    from: table.sql,
    to: parent,
    left: first,
    parts: [...tables.later, tables.rest].map(sql),
    ...(sequences.identity === undefined ? {} : { sequence: sequences.identity }),
  });
  const down = carryRights(context, {
    from: table.sql,
    to: first,
    parts: [],
    ...(sequences.identity === undefined ? {} : { sequence: sequences.identity }),
  });
  const columns = relation.columns
    .filter((each) => each.generated === undefined)
    .map((each) => quoteName(each.name))
    .join(', ');
  const narrowed = indexes.flatMap((index) => (index.narrowed === undefined ? [] : [index.narrowed.join(', ')]));
  const requires: readonly Requirement[] =
    narrowed.length === 0
      ? []
      : [
          {
            kind: 'deploy',
            description: `version that relies on no key of ${table.shown} without ${column.name}: ${narrowed.map((key) => `ON CONFLICT (${key}, ${column.name}) instead of ON CONFLICT (${key})`).join(', ')}`,
          },
        ];
  return {
    phase: 'contract',
    title: `Let ${tables.beside} be ${table.shown}, and the old table its first partition`,
    slug: slugOf('swap', table.name),
    up: [
      // Nothing is read here but after the way back, which leaves it NOT VALID: then before the locks are taken.
      `${table.alter} VALIDATE CONSTRAINT ${proof};`,
      ...lock,
      up.keep,
      ...triggers.map((trigger) => trigger.drop),
      ...indexes.flatMap((index) => index.stepAside),
      ...sequences.aside,
      `${table.alter} RENAME TO ${quoteName(tables.first)};`,
      '-- lockstep: allow several-tables-locked because nobody uses this one yet',
      `ALTER TABLE ${parent} RENAME TO ${quoteName(table.name)};`,
      ...indexes.flatMap((index) => index.takeName),
      ...sequences.taken(first),
      `-- lockstep: allow blocking-alter because ${tables.rest} is empty: nobody could write to it yet`,
      `${table.alter} ATTACH PARTITION ${first} FOR VALUES FROM (MINVALUE) TO (${bounds[0] ?? ''});`,
      `ALTER TABLE ${first} DROP CONSTRAINT ${proof};`,
      ...triggers.map((trigger) => trigger.create),
      up.give,
    ].join('\n'),
    down: [
      ...lock,
      down.keep,
      ...triggers.map((trigger) => trigger.drop),
      ...(context.target.version < DETACH_CONCURRENTLY_SINCE
        ? []
        : ['-- lockstep: allow blocking-partition because the table is going back to one piece']),
      `${table.alter} DETACH PARTITION ${first};`,
      ...indexes.flatMap((index) => index.giveName),
      ...sequences.given,
      `${table.alter} RENAME TO ${quoteName(tables.beside)};`,
      `ALTER TABLE ${first} RENAME TO ${quoteName(table.name)};`,
      ...indexes.flatMap((index) => index.stepBack),
      `WITH moved AS (DELETE FROM ${parent} RETURNING ${columns}) INSERT INTO ${table.sql} (${columns}) SELECT ${columns} FROM moved;`,
      ...sequences.back,
      add,
      ...triggers.map((trigger) => trigger.create),
      down.give,
    ].join('\n'),
    transaction: 'one',
    requires,
    notes: [
      'Touches the catalog alone: the validated check proves the bound, and the indexes and foreign keys of the old table are taken over.',
      ...(narrowed.length === 0
        ? []
        : [
            `A key without ${column.name} (${narrowed.join('; ')}) is unique within one partition only from here on; GROUP BY it alone, ON CONFLICT of it and ON CONFLICT ON CONSTRAINT stop working or mean something else.`,
          ]),
      ...(triggers.length === 0
        ? []
        : [
            `A trigger that changes ${column.name} before the row is written must not move the row into another partition.`,
          ]),
      'A publication of all tables publishes the partitions under their own names from here on, unless it says publish_via_partition_root.',
      'Going back moves the rows of the other partitions into the old table while nobody else can use it.',
      ...(indexes.some((index) => index.restore !== undefined) ? [INDEX_GOES_NOTE] : []),
      ...sequences.notes,
    ],
  };
}

interface MovedSequences {
  /** Name of the identity's sequence, as SQL. */
  readonly identity?: string;
  readonly aside: readonly string[];
  taken(first: string): readonly string[];
  readonly given: readonly string[];
  readonly back: readonly string[];
  readonly notes: readonly string[];
}

/** Statements that let the numbers of an identity or serial column go on. */
function sequencesMoved(
  context: PlanContext,
  table: TableTarget,
  relation: Relation,
  beside: string,
  names: RelationNames,
): MovedSequences {
  const { quoteName, quoteText } = context.engine;
  const sql = (name: string): string => besideSql(context, table, relation, name);
  const all = sequencesOf(context.schema, relationKeyOf(context.schema, relation)).map(({ sequence }) => sequence);
  const owned = all
    .filter((sequence) => !sequence.identity)
    .map(
      (sequence) =>
        `ALTER SEQUENCE ${quoteName(sequence.schema)}.${quoteName(sequence.name)} OWNED BY ${table.sql}.${quoteName(sequence.ownedBy?.column ?? '')};`,
    );
  const identity = relation.columns.find((column) => column.identity !== undefined);
  const old = all.find((sequence) => sequence.identity && sequence.ownedBy?.column === identity?.name);
  if (identity === undefined || old === undefined)
    return { aside: [], taken: () => owned, given: [], back: owned, notes: [] };
  const made = identitySequence(context, relation, beside, identity.name);
  const kept = names.take(old.name, 'p0');
  const column = quoteName(identity.name);
  const words = identity.identity === 'always' ? 'ALWAYS' : 'BY DEFAULT';
  return {
    identity: sql(old.name),
    aside: [
      `ALTER SEQUENCE ${sql(old.name)} RENAME TO ${quoteName(kept)};`,
      ...(old.dataType === 'int8' ? [] : [`ALTER SEQUENCE ${sql(made)} AS ${old.dataType};`]),
      `ALTER SEQUENCE ${sql(made)} RENAME TO ${quoteName(old.name)};`,
    ],
    taken: (first) => [
      `SELECT setval(${quoteText(sql(old.name))}, last_value, is_called) FROM ${sql(kept)};`,
      `ALTER TABLE ${first} ALTER COLUMN ${column} DROP IDENTITY;`,
      ...owned,
    ],
    given: [`ALTER SEQUENCE ${sql(old.name)} RENAME TO ${quoteName(made)};`],
    back: [
      `${table.alter} ALTER COLUMN ${column} ADD GENERATED ${words} AS IDENTITY (SEQUENCE NAME ${sql(old.name)});`,
      `SELECT setval(${quoteText(sql(old.name))}, last_value, is_called) FROM ${sql(made)};`,
      ...owned,
    ],
    notes: [
      'On the way back the identity gets a new sequence that goes on where the other one stands; INCREMENT, MAXVALUE and CYCLE, where they were set, are not carried back.',
    ],
  };
}

/** Name that the server gives the sequence of an identity column that LIKE copies. */
function identitySequence(context: PlanContext, relation: Relation, beside: string, column: string): string {
  const target = { schema: relation.schema, name: beside };
  const created = `CREATE TABLE ${context.engine.quoteName(target.schema)}.${context.engine.quoteName(target.name)} (LIKE ${context.engine.quoteName(relation.schema)}.${context.engine.quoteName(relation.name)} INCLUDING IDENTITY)`;
  const after = context.engine.fold(
    context.schema,
    context.engine.parse(created).operations,
    { fileIndex: -1 },
    context.target,
  );
  return (
    sequencesOf(after, relationKeyOf(after, target)).find(
      ({ sequence }) => sequence.identity && sequence.ownedBy?.column === column,
    )?.sequence.name ?? limitedName([beside, column], 'seq')
  );
}
