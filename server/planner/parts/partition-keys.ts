import { walkExpression, withoutParentheses, type Expression } from '../../model/expression.ts';
import { indexesOf, relationKeyOf } from '../../model/lookup.ts';
import type { Constraint, Index, Relation } from '../../model/schema.ts';
import { slugOf } from '../names.ts';
import type { PlanContext } from '../plan.ts';
import type { Step } from '../step.ts';
import { createIndexSql, storageSql } from './index-sql.ts';
import { concurrentIndexStep } from './index-steps.ts';
import { besideSql, type PartitionNames, type RelationNames } from './partition-names.ts';
import type { TableTarget } from './table-target.ts';

/** What becomes of an index of a table that becomes the first partition of another. SQL statements. */
export interface PartitionedIndex {
  /** Columns of a key that is unique only together with the partition column from then on; undefined for others. */
  readonly narrowed?: readonly string[];
  /** Builds, while writes go on, what the first partition must have. */
  readonly builds: readonly Step[];
  /** On the empty partitioned table, under a name for the time being. */
  readonly create: string;
  /** Frees the old one's name, on the old table under its old name. */
  readonly stepAside: readonly string[];
  /** Gives the partitioned table's index its name, when the tables have theirs. */
  readonly takeName: readonly string[];
  /** The way back from the two above. */
  readonly giveName: readonly string[];
  readonly stepBack: readonly string[];
  /** Makes the key of the old columns again, where the way back has come as far; in a PL/pgSQL block. */
  readonly restore?: readonly string[];
  /** Takes away what only the way back needs. */
  readonly cleanup?: Step;
}

/** What the work on the indexes needs to know of the tables. */
export interface PartitionedTable {
  readonly table: TableTarget;
  readonly relation: Relation;
  readonly column: string;
  readonly names: RelationNames;
  readonly tables: PartitionNames;
}

/** Plans for every index of the table; a text names one that a partitioned table cannot have. */
export function partitionedIndexes(
  context: PlanContext,
  target: PartitionedTable,
): readonly PartitionedIndex[] | string {
  const planned: PartitionedIndex[] = [];
  for (const index of indexesOf(context.schema, relationKeyOf(context.schema, target.relation))) {
    const constraint =
      index.constraint === undefined
        ? undefined
        : target.relation.constraints.find((each) => each.name === index.constraint);
    const reason = whyNotShared(target, index, constraint);
    if (reason !== undefined) return reason;
    planned.push(planIndex(context, target, index, constraint));
  }
  return planned;
}

function whyNotShared(
  { table, column }: PartitionedTable,
  index: Index,
  constraint: Constraint | undefined,
): string | undefined {
  if (index.exclusion || constraint?.period === true)
    return `"${index.name}" of ${table.shown} excludes rows of all partitions by each other, which a partitioned table cannot do everywhere: drop it by a statement of its own first.`;
  if (!index.valid)
    return `The index "${index.name}" of ${table.shown} is not valid: drop it, or build it again, first.`;
  if (isNarrowed(index, column) && constraint?.deferrable === true)
    return `"${index.name}" of ${table.shown} is checked when a transaction ends, and cannot be built beside the old one to be checked so too: drop it first, and add it with "${column}" behind the change.`;
  const expressions = [
    ...index.elements.flatMap((element) => element.expression ?? []),
    ...(index.where === undefined ? [] : [index.where]),
  ];
  if (expressions.some(namesTable))
    return `The index "${index.name}" names ${table.shown} in its expressions, where the table gets another name: make it anew without first.`;
  return undefined;
}

/** Whether columns are written with their table before them. */
export function namesTable(expression: Expression): boolean {
  return [...walkExpression(expression.tree)].some((node) => node.kind === 'column' && node.path.length > 1);
}

function isNarrowed(index: Index, column: string): boolean {
  return index.unique && !index.elements.some((element) => element.column === column);
}

function planIndex(
  context: PlanContext,
  target: PartitionedTable,
  index: Index,
  constraint: Constraint | undefined,
): PartitionedIndex {
  const { quoteName } = context.engine;
  const { table, relation, names, tables, column } = target;
  const narrowed = isNarrowed(index, column);
  const shared: Index = narrowed ? { ...index, elements: [...index.elements, { column }] } : index;
  const isOwnName = index.name.startsWith(`${table.name}_`);
  const child = isOwnName
    ? names.take(tables.first, index.name.slice(table.name.length + 1))
    : names.take(index.name, 'p0');
  const beside = names.take(index.name, 'partitioned');
  const rename = (from: string, to: string): string =>
    constraint === undefined
      ? `ALTER INDEX ${besideSql(context, table, relation, from)} RENAME TO ${quoteName(to)};`
      : `${table.alter} RENAME CONSTRAINT ${quoteName(from)} TO ${quoteName(to)};`;
  const parent = besideSql(context, table, relation, tables.beside);
  const base = {
    create:
      constraint === undefined
        ? `${createIndexSql(context, shared, beside, parent, { concurrently: false })};`
        : `ALTER TABLE ${parent} ADD ${keySql(context, shared, constraint, beside)};`,
    takeName: [rename(beside, index.name)],
    giveName: [rename(index.name, beside)],
  };
  if (!narrowed)
    return { ...base, builds: [], stepAside: [rename(index.name, child)], stepBack: [rename(child, index.name)] };
  const [wider, before] = [names.take(index.name, 'wider'), names.take(index.name, 'before')];
  const build = (name: string, built: Index, title: string, allow = ''): Step => ({
    ...concurrentIndexStep(
      title,
      slugOf('build', name),
      `${allow}${createIndexSql(context, built, name, table.sql, { concurrently: true })};`,
      `DROP INDEX CONCURRENTLY IF EXISTS ${besideSql(context, table, relation, name)};`,
    ),
    phase: 'migrate',
  });
  const cleanup: Step = {
    phase: 'contract',
    title: `Drop ${before}`,
    slug: slugOf('drop', before),
    up: `DROP INDEX CONCURRENTLY IF EXISTS ${besideSql(context, table, relation, before)};`,
    down: `${createIndexSql(context, { ...index, primary: false }, before, besideSql(context, table, relation, tables.first), { concurrently: true })};`,
    transaction: 'none',
    requires: [],
    notes: [
      `Run it when nobody will go back to the plain table. Runs outside a transaction, and reads and writes go on.`,
    ],
  };
  const columns = index.elements.map(
    (element) => element.column ?? `(${withoutParentheses(element.expression?.text ?? '')})`,
  );
  const widerStep = build(wider, shared, `Build ${index.name} with ${column} in it`);
  if (constraint === undefined) {
    return {
      ...base,
      narrowed: columns,
      builds: [widerStep],
      stepAside: [rename(index.name, before), rename(wider, child)],
      stepBack: [rename(child, wider), rename(before, index.name)],
      cleanup,
    };
  }
  const words = index.primary ? 'PRIMARY KEY' : 'UNIQUE';
  const name = quoteName(index.name);
  return {
    ...base,
    narrowed: columns,
    cleanup,
    stepBack: [rename(child, index.name)],
    builds: [
      widerStep,
      build(
        before,
        { ...index, primary: false },
        `Build ${index.name} as it is, for the way back`,
        '-- lockstep: allow duplicate-index because going back takes over this one\n',
      ),
    ],
    stepAside: [
      `${table.alter} DROP CONSTRAINT ${name};`,
      `${table.alter} ADD CONSTRAINT ${quoteName(child)} ${words} USING INDEX ${quoteName(wider)};`,
    ],
    restore: [
      `  IF EXISTS (SELECT FROM pg_constraint WHERE conrelid = ${context.engine.quoteText(table.sql)}::regclass AND conname = ${context.engine.quoteText(index.name)} AND cardinality(conkey) > ${columns.length}) THEN`,
      `    ${table.alter} DROP CONSTRAINT ${name};`,
      `    ${table.alter} ADD CONSTRAINT ${name} ${words} USING INDEX ${quoteName(before)};`,
      '  END IF;',
    ],
  };
}

/** `CONSTRAINT name PRIMARY KEY (...)` over the columns of an index. */
function keySql(context: PlanContext, index: Index, constraint: Constraint, name: string): string {
  const { quoteName } = context.engine;
  const words = index.primary ? 'PRIMARY KEY' : `UNIQUE${index.nullsNotDistinct ? ' NULLS NOT DISTINCT' : ''}`;
  const include = index.include.length === 0 ? '' : ` INCLUDE (${index.include.map(quoteName).join(', ')})`;
  const timing = constraint.deferrable ? ` DEFERRABLE${constraint.initiallyDeferred ? ' INITIALLY DEFERRED' : ''}` : '';
  return `CONSTRAINT ${quoteName(name)} ${words} (${index.elements.map((element) => quoteName(element.column ?? '')).join(', ')})${include}${storageSql(context, index.storageParameters)}${timing}`;
}
