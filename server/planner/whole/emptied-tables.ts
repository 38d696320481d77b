import { findRelation, foreignKeysTo, relationKeyOf } from '../../model/lookup.ts';
import type { ObjectName } from '../../model/names.ts';
import type { Operation } from '../../model/operation.ts';
import type { PlanContext } from '../plan.ts';
import { tableTarget } from '../parts/table-target.ts';
import type { Step } from '../step.ts';
import { batchedRows } from './batched-rows.ts';

type Truncate = Extract<Operation, { readonly kind: 'truncate' }>;

/**
 * TRUNCATE as the deletion of all rows, which keeps nobody out: of each table, those first that point at others. A text says
 * what to do where that is not the same. `kept`: names of tables that steps keep rows in.
 */
export function emptiedTables(
  operation: Truncate,
  context: PlanContext,
  kept: Set<string>,
): { readonly steps: readonly Step[] } | string {
  if (operation.restartIdentity)
    return 'Take RESTART IDENTITY out, so that the rows are deleted in batches, and restart the sequences by ALTER SEQUENCE in a migration after them.';
  const tables = childrenFirst(allOf(operation, context), context);
  if (tables === undefined)
    return 'The tables point at each other, so that none can be emptied first: set the columns that point to NULL, then delete the rows in batches.';
  const steps: Step[] = [];
  for (const relation of tables) {
    const own = emptied(relation, context, kept);
    if (typeof own === 'string') return own;
    steps.push(...own);
  }
  return { steps };
}

function emptied(relation: Name, context: PlanContext, kept: Set<string>): readonly Step[] | string {
  const table = tableTarget(context, relation);
  if (table.relation?.detailsKnown !== true)
    return `What points at ${table.shown} and which triggers it has is in no migration, so that the deletion of its rows may do something else: connect to the database, or write the DELETE that is meant.`;
  const trigger = table.relation?.triggers.find(
    ({ events }) => events.includes('delete') || events.includes('truncate'),
  );
  if (trigger !== undefined)
    return `TRUNCATE and the deletion of the rows of ${table.shown} fire other triggers than each other (${trigger.name}): write the DELETE or the TRUNCATE that is meant, the latter with an allow line.`;
  const text = `DELETE FROM ${relation.only ? 'ONLY ' : ''}${table.sql}`;
  const [operation] = context.engine.parse(text).operations;
  return operation?.kind === 'delete-rows'
    ? batchedRows(operation, text, { fresh: [], kept }, { ...context, statementText: text })
    : `${table.shown} cannot be emptied in batches: write DELETE FROM ${table.sql}.`;
}

interface Name extends ObjectName {
  readonly only: boolean;
}

/** The tables of a TRUNCATE, with CASCADE also those that point at them. */
function allOf({ relations, cascade }: Truncate, { schema }: PlanContext): readonly Name[] {
  const all: Name[] = relations.map(({ relation, only }) => ({ ...relation, only }));
  if (!cascade) return all;
  const keys = new Set(all.map((relation) => relationKeyOf(schema, relation)));
  // Grows while it is gone through.
  for (const relation of all)
    for (const { relationKey, relation: child } of foreignKeysTo(schema, relationKeyOf(schema, relation))) {
      if (keys.has(relationKey)) continue;
      keys.add(relationKey);
      const { span } = relation;
      // Written as the first one is: without its schema where that is the same.
      const isSame = relation.schema === undefined && findRelation(schema, relation)?.schema === child.schema;
      all.push({ span, name: child.name, only: false, ...(isSame ? {} : { schema: child.schema }) });
    }
  return all;
}

/** Tables in an order in which none is pointed at by a later one; undefined where they point at each other. */
function childrenFirst(tables: readonly Name[], { schema }: PlanContext): readonly Name[] | undefined {
  const left = new Map(tables.map((table) => [relationKeyOf(schema, table), table]));
  const order: Name[] = [];
  while (left.size > 0) {
    const free = [...left].find(([key]) =>
      foreignKeysTo(schema, key).every(({ relationKey }) => relationKey === key || !left.has(relationKey)),
    );
    if (free === undefined) return undefined;
    left.delete(free[0]);
    order.push(free[1]);
  }
  return order;
}
