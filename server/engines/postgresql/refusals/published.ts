import { findRelation } from '../../../model/lookup.ts';
import { objectKey } from '../../../model/names.ts';
import type { Operation } from '../../../model/operation.ts';
import type { Relation, Schema } from '../../../model/schema.ts';
import type { Refusal } from '../../engine.ts';

/**
 * UPDATE or DELETE of a table whose publication sends them, while nothing tells its rows apart for the subscribers.
 *
 * Source: PostgreSQL manual, "Logical Replication", "Publication": such operations fail on the publisher.
 */
export function refusedPublished(operation: Operation, schema: Schema): Refusal | undefined {
  if (operation.kind !== 'update-rows' && operation.kind !== 'delete-rows') return undefined;
  const publishing = Object.entries(schema.publishing ?? {});
  if (publishing.length === 0) return undefined;
  const relation = findRelation(schema, operation.relation);
  if (relation === undefined || isTold(relation)) return undefined;
  const change = operation.kind === 'update-rows' ? 'update' : 'delete';
  const key = objectKey(relation.schema, relation.name);
  const sender = publishing.find(
    ([name, { isAll, changes, schemas }]) =>
      changes.includes(change) &&
      (isAll || schema.publications?.[name]?.includes(key) === true || schemas?.includes(relation.schema) === true),
  )?.[0];
  return sender === undefined
    ? undefined
    : {
        span: operation.span,
        message: `The publication ${sender} sends every ${change.toUpperCase()} of ${relation.name}, whose rows nothing tells apart for the subscribers: PostgreSQL refuses it until the table has a primary key or another REPLICA IDENTITY.`,
      };
}

/** Whether rows have an identity, or it cannot be told; partitions may be sent by what is above them. */
function isTold(relation: Relation): boolean {
  if (
    relation.kind !== 'table' ||
    !relation.detailsKnown ||
    !relation.columnsKnown ||
    relation.persistence !== 'permanent' ||
    relation.partitionOf !== undefined ||
    // A rule may do something else instead.
    relation.rules.length > 0
  )
    return true;
  if (relation.replicaIdentity === 'nothing') return false;
  if (relation.replicaIdentity !== undefined && relation.replicaIdentity !== 'default') return true;
  return relation.constraints.some((constraint) => constraint.kind === 'primary-key' && !constraint.deferrable);
}
