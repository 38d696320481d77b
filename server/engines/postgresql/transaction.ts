import type { Operation } from '../../model/operation.ts';

/** Kinds of objects whose CREATE and DROP are refused in a transaction block. */
const CLUSTER_WIDE = new Set(['database', 'tablespace']);

/**
 * Whether PostgreSQL refuses the statement inside a transaction block, as far as the statement itself shows.
 *
 * Source: the reference page of each statement in the PostgreSQL manual, and `PreventInTransactionBlock` in the server.
 */
export function refusesTransaction(operation: Operation): boolean {
  switch (operation.kind) {
    case 'create-index':
    case 'drop-index':
      return operation.concurrently;
    case 'reindex':
      return (
        operation.concurrently ||
        operation.target === 'schema' ||
        operation.target === 'database' ||
        operation.target === 'system'
      );
    case 'vacuum':
      return true;
    case 'cluster':
      return operation.relations.length === 0;
    case 'detach-partition':
      return operation.action.kind === 'detach-partition' && operation.action.mode === 'concurrently';
    case 'drop-object':
      return CLUSTER_WIDE.has(operation.objectKind) || operation.objectKind === 'subscription';
    case 'create-object':
      return CLUSTER_WIDE.has(operation.objectKind) || operation.refusesTransaction === true;
    case 'transaction-control':
      return operation.action === 'commit-prepared' || operation.action === 'rollback-prepared';
    default:
      return operation.refusesTransaction === true;
  }
}
