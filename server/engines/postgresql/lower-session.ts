import type { Node } from '@pgsql/types';
import type {
  LockTable,
  Maintenance,
  Operation,
  SetVariable,
  TransactionControl,
  Truncate,
} from '../../model/operation.ts';
import type { ObjectName } from '../../model/names.ts';
import { LOCK_MODES } from '../../model/effect.ts';
import { relationName } from './lower-expression.ts';
import { isOn } from './lower-index.ts';
import { argumentText, type NodeOf, nodeAs } from './nodes.ts';
import type { Source } from './source.ts';

const ACTIONS = {
  TRANS_STMT_BEGIN: 'begin',
  TRANS_STMT_START: 'begin',
  TRANS_STMT_COMMIT: 'commit',
  TRANS_STMT_ROLLBACK: 'rollback',
  TRANS_STMT_SAVEPOINT: 'savepoint',
  TRANS_STMT_RELEASE: 'release',
  TRANS_STMT_ROLLBACK_TO: 'rollback-to',
  TRANS_STMT_PREPARE: 'prepare',
  TRANS_STMT_COMMIT_PREPARED: 'commit-prepared',
  TRANS_STMT_ROLLBACK_PREPARED: 'rollback-prepared',
} as const;

/** BEGIN, COMMIT, SAVEPOINT and their kin. */
export function lowerTransaction(source: Source, statement: NodeOf<'TransactionStmt'>): TransactionControl {
  return {
    kind: 'transaction-control',
    span: source.span,
    action: ACTIONS[statement.kind ?? 'TRANS_STMT_BEGIN'],
    ...(statement.savepoint_name === undefined ? {} : { savepoint: statement.savepoint_name }),
  };
}

/** SET, RESET, and SET TRANSACTION, which is a variable of the transaction. */
export function lowerSet(source: Source, set: NodeOf<'VariableSetStmt'>): SetVariable {
  const name = set.kind === 'VAR_RESET_ALL' ? '*' : (set.name ?? '').toLowerCase();
  return {
    kind: 'set-variable',
    span: source.span,
    name,
    values: (set.args ?? []).map(variableValue),
    scope: set.is_local === true ? 'local' : 'session',
    toDefault: set.kind === 'VAR_SET_DEFAULT' || set.kind === 'VAR_RESET' || set.kind === 'VAR_RESET_ALL',
  };
}

/** A time zone may be an interval, which comes as a cast. */
function variableValue(node: Node): string {
  const cast = nodeAs(node, 'TypeCast');
  const option = nodeAs(node, 'DefElem');
  if (option !== undefined) return `${option.defname ?? ''} ${argumentText(option.arg)}`.trim();
  return cast?.arg === undefined ? argumentText(node) : argumentText(cast.arg);
}

/** LOCK TABLE. */
export function lowerLock(source: Source, lock: NodeOf<'LockStmt'>): LockTable {
  return {
    kind: 'lock-table',
    span: source.span,
    relations: relationsWithOnly(source, lock.relations),
    // The tree has the lock's number, counted from AccessShareLock as 1.
    mode: LOCK_MODES[(lock.mode ?? LOCK_MODES.length) - 1] ?? 'AccessExclusiveLock',
    noWait: lock.nowait === true,
  };
}

/** TRUNCATE. */
export function lowerTruncate(source: Source, truncate: NodeOf<'TruncateStmt'>): Truncate {
  return {
    kind: 'truncate',
    span: source.span,
    relations: relationsWithOnly(source, truncate.relations),
    cascade: truncate.behavior === 'DROP_CASCADE',
    restartIdentity: truncate.restart_seqs === true,
  };
}

/** VACUUM and ANALYZE. */
export function lowerVacuum(source: Source, vacuum: NodeOf<'VacuumStmt'>): Maintenance {
  const relations = (vacuum.rels ?? [])
    .flatMap((node) => nodeAs(node, 'VacuumRelation')?.relation ?? [])
    .map((range) => relationName(source, range));
  return {
    kind: vacuum.is_vacuumcmd === true ? 'vacuum' : 'analyze',
    span: source.span,
    relations,
    ...(isOn(vacuum.options, 'full') ? { full: true } : {}),
  };
}

/** CLUSTER. */
export function lowerCluster(source: Source, cluster: NodeOf<'ClusterStmt'>): Maintenance {
  return {
    kind: 'cluster',
    span: source.span,
    relations: cluster.relation === undefined ? [] : [relationName(source, cluster.relation)],
    ...(cluster.indexname === undefined ? {} : { index: cluster.indexname }),
  };
}

/** A statement that only concerns the session or the server. */
export function maintenance(
  source: Source,
  kind: Maintenance['kind'],
  relations: readonly ObjectName[] = [],
): Operation {
  return { kind, span: source.span, relations };
}

function relationsWithOnly(source: Source, nodes: readonly Node[] | undefined): LockTable['relations'] {
  return (nodes ?? [])
    .flatMap((node) => nodeAs(node, 'RangeVar') ?? [])
    .map((range) => ({ relation: relationName(source, range), only: range.inh !== true }));
}
