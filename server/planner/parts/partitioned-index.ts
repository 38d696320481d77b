import { findRelation, indexesOf, relationKeyOf } from '../../model/lookup.ts';
import { objectKey } from '../../model/names.ts';
import type { CreateIndex } from '../../model/operation.ts';
import type { Index, Schema } from '../../model/schema.ts';
import { changeIdOf, slugOf } from '../names.ts';
import type { PlanContext, PlanResult } from '../plan.ts';
import type { Step } from '../step.ts';
import { createIndexSql } from './index-sql.ts';
import { concurrentIndexStep } from './index-steps.ts';
import type { TableTarget } from './table-target.ts';

/**
 * CREATE INDEX on a partitioned table, where CONCURRENTLY is not allowed: the parent's index alone, which is not valid at
 * first, then one for each partition while writes go on, then all are attached.
 */
export function partitionedIndexPlan(context: PlanContext, operation: CreateIndex, table: TableTarget): PlanResult {
  const { quoteName } = context.engine;
  const key = relationKeyOf(context.schema, operation.relation);
  const after = context.engine.fold(context.schema, [operation], { fileIndex: -1 }, context.target);
  const before = new Set(indexesOf(context.schema, key).map((index) => index.name));
  const root = indexesOf(after, key).find((index) => !before.has(index.name));
  if (root === undefined || findRelation(context.schema, operation.relation)?.columnsKnown !== true) {
    return {
      kind: 'refused',
      reason: `The partitions of ${table.shown} are in no migration here: connect to the database, so that an index is built on each.`,
    };
  }
  const tree = [{ index: root, parent: undefined as Index | undefined }, ...descendants(after, root)];
  const sqlOf = (schema: string, name: string): string =>
    table.sql.includes('.') || schema !== table.relation?.schema
      ? `${quoteName(schema)}.${quoteName(name)}`
      : quoteName(name);
  const tableOf = (index: Index): string => {
    const relation = after.relations.get(index.relationKey);
    return relation === undefined ? '' : sqlOf(relation.schema, relation.name);
  };
  const isThere = (index: Index): boolean => context.schema.indexes.has(objectKey(index.schema, index.name));
  const heads = tree
    .filter(({ index }) => index.isPartitioned && !isThere(index))
    .map(
      ({ index }): Step => ({
        phase: 'expand',
        title: `Create index ${index.name}, not valid yet`,
        slug: slugOf('create', index.name),
        up: `${createIndexSql(context, index, index.name, tableOf(index), { concurrently: false, only: true })};`,
        down: `DROP INDEX IF EXISTS ${sqlOf(index.schema, index.name)};`,
        transaction: 'one',
        requires: [],
        notes: [
          'Holds no rows of its own, so nothing is read. It becomes valid when every partition has its part attached.',
        ],
      }),
    );
  const leaves = tree
    .filter(({ index }) => !index.isPartitioned && !isThere(index))
    .map(({ index }) =>
      concurrentIndexStep(
        `Build its part ${index.name}`,
        slugOf('build', index.name),
        `${createIndexSql(context, index, index.name, tableOf(index), { concurrently: true })};`,
        `DROP INDEX CONCURRENTLY IF EXISTS ${sqlOf(index.schema, index.name)};`,
      ),
    );
  const attached = tree.flatMap(({ index, parent }) =>
    parent === undefined
      ? []
      : [`ALTER INDEX ${sqlOf(parent.schema, parent.name)} ATTACH PARTITION ${sqlOf(index.schema, index.name)};`],
  );
  const steps: Step[] = [...heads, ...leaves];
  if (attached.length > 0) {
    steps.push({
      phase: 'contract',
      title: `Attach the parts of ${root.name}`,
      slug: slugOf('attach', root.name),
      up: attached.join('\n'),
      irreversible: `a part cannot be taken off again: drop ${root.name}, and its parts with it, by a new migration.`,
      transaction: 'one',
      requires: [],
      notes: [
        'Touches the catalog only. Partitions that no migration made need a part of their own: the index stays invalid without.',
      ],
    });
  }
  return { kind: 'planned', plan: { id: changeIdOf(root.name), title: `Build index ${root.name}`, steps } };
}

function descendants(
  schema: Schema,
  parent: Index,
): readonly { readonly index: Index; readonly parent: Index | undefined }[] {
  const key = objectKey(parent.schema, parent.name);
  const own: { readonly index: Index; readonly parent: Index | undefined }[] = [];
  for (const index of schema.indexes.values()) {
    if (index.parentKey !== key) continue;
    own.push({ index, parent }, ...descendants(schema, index));
  }
  return own;
}
