import { POSTGRESQL } from './product.ts';
import type { Node } from '@pgsql/types';
import type { Operation } from '../../model/operation.ts';
import { lowerAlterTable } from './lower-alter-table.ts';
import { lowerAlterSequence, lowerCreateSequence, lowerPolicy, lowerTrigger, lowerView } from './lower-definition.ts';
import { relationName } from './lower-expression.ts';
import { lowerIndex, lowerReindex, lowerStatistics } from './lower-index.ts';
import {
  lowerComment,
  lowerLabel,
  lowerDrop,
  lowerGrant,
  lowerGrantRole,
  lowerObjectSchema,
  lowerOwner,
  lowerRename,
} from './lower-object.ts';
import { lowerOtherObject } from './lower-other-object.ts';
import { lowerCall, lowerDo, lowerFunction } from './lower-routine.ts';
import {
  lowerCluster,
  lowerLock,
  lowerSet,
  lowerTransaction,
  lowerTruncate,
  lowerVacuum,
  maintenance,
} from './lower-session.ts';
import { lowerQuery, lowerRows } from './lower-query.ts';
import { lowerRule, lowerSchema } from './lower-compound.ts';
import { intoOf, lowerCreateTable, lowerCreateTableAs, lowerSelectInto } from './lower-table.ts';
import { lowerAlterDomain, lowerAlterEnum, lowerCompositeType, lowerDomain } from './lower-type.ts';
import { type NodeKey, type NodeOf, nodeAs, nodeEntry, stringsOf } from './nodes.ts';
import type { Source } from './source.ts';

type Lowering = (source: Source, node: Node) => readonly Operation[];

/** Lowers one type of node to one operation. */
function one<Key extends NodeKey>(
  key: Key,
  lower: (source: Source, fields: NodeOf<Key>) => Operation,
): readonly [Key, Lowering] {
  return [
    key,
    (source, node) => {
      const fields = nodeAs(node, key);
      return fields === undefined ? [] : [lower(source, fields)];
    },
  ];
}

/** Lowers one type of node to any number of operations. */
function many<Key extends NodeKey>(
  key: Key,
  lower: (source: Source, fields: NodeOf<Key>) => readonly Operation[],
): readonly [Key, Lowering] {
  return [
    key,
    (source, node) => {
      const fields = nodeAs(node, key);
      return fields === undefined ? [] : lower(source, fields);
    },
  ];
}

const rows: Lowering = (source, node) => {
  const operation = lowerRows(source, node, source.span);
  return operation === undefined ? [] : [operation];
};

const LOWERINGS: ReadonlyMap<string, Lowering> = new Map<string, Lowering>([
  one('CreateStmt', lowerCreateTable),
  one('CreateForeignTableStmt', (source, create) =>
    lowerCreateTable(source, create.base ?? {}, create.servername ?? ''),
  ),
  one('CreateTableAsStmt', lowerCreateTableAs),
  many('AlterTableStmt', lowerAlterTable),
  one('DropStmt', lowerDrop),
  one('IndexStmt', lowerIndex),
  one('ReindexStmt', lowerReindex),
  one('ViewStmt', lowerView),
  one('RefreshMatViewStmt', (source, refresh) => ({
    kind: 'refresh-materialized-view',
    span: source.span,
    relation: refresh.relation === undefined ? { name: '', span: source.span } : relationName(source, refresh.relation),
    concurrently: refresh.concurrent === true,
    withData: refresh.skipData !== true,
  })),
  one('CompositeTypeStmt', lowerCompositeType),
  one('CreateEnumStmt', (source, create) => ({
    kind: 'create-type',
    span: source.span,
    name: source.name(stringsOf(create.typeName), 2),
    definition: { kind: 'enum', labels: stringsOf(create.vals) },
  })),
  one('CreateRangeStmt', (source, create) => ({
    kind: 'create-type',
    span: source.span,
    name: source.name(stringsOf(create.typeName), 2),
    definition: { kind: 'range' },
  })),
  one('CreateDomainStmt', lowerDomain),
  one('AlterDomainStmt', lowerAlterDomain),
  one('AlterEnumStmt', lowerAlterEnum),
  one('AlterTypeStmt', (source, alter) => ({
    kind: 'alter-type-definition',
    span: source.span,
    name: source.name(stringsOf(alter.typeName), 2),
    action: { kind: 'set-type-options' },
  })),
  one('CreateSeqStmt', lowerCreateSequence),
  one('AlterSeqStmt', lowerAlterSequence),
  one('CreateFunctionStmt', lowerFunction),
  one('CreateTrigStmt', lowerTrigger),
  one('CreatePolicyStmt', (source, policy) => lowerPolicy(source, policy, 'create-policy')),
  one('AlterPolicyStmt', (source, policy) => lowerPolicy(source, policy, 'alter-policy')),
  one('RuleStmt', lowerRule),
  one('CreateStatsStmt', lowerStatistics),
  many('CreateSchemaStmt', lowerSchema),
  one('RenameStmt', lowerRename),
  one('AlterObjectSchemaStmt', lowerObjectSchema),
  one('AlterOwnerStmt', lowerOwner),
  one('CommentStmt', lowerComment),
  one('SecLabelStmt', lowerLabel),
  one('GrantStmt', lowerGrant),
  one('GrantRoleStmt', lowerGrantRole),
  ['InsertStmt', rows],
  ['UpdateStmt', rows],
  ['DeleteStmt', rows],
  ['MergeStmt', rows],
  [
    'SelectStmt',
    (source, node) => {
      const into = intoOf(nodeAs(node, 'SelectStmt'));
      return [
        into === undefined
          ? { kind: 'select-rows', span: source.span, query: lowerQuery(source, node, source.span) }
          : lowerSelectInto(source, node, into),
      ];
    },
  ],
  one('CopyStmt', (source, copy) => ({
    kind: 'copy-rows',
    span: source.span,
    direction: copy.is_from === true ? 'from' : 'to',
    ...(copy.is_from === true && copy.filename === undefined ? { client: POSTGRESQL.client?.name ?? '' } : {}),
    ...(copy.relation === undefined ? {} : { relation: relationName(source, copy.relation) }),
    ...(copy.query === undefined ? {} : { query: lowerQuery(source, copy.query, source.spanOf(2, source.closing(1))) }),
  })),
  one('TruncateStmt', lowerTruncate),
  one('LockStmt', lowerLock),
  one('VariableSetStmt', lowerSet),
  one('ConstraintsSetStmt', (source, set) => ({
    kind: 'set-variable',
    span: source.span,
    name: 'constraints',
    values: [set.deferred === true ? 'deferred' : 'immediate'],
    scope: 'local',
    toDefault: false,
  })),
  one('TransactionStmt', lowerTransaction),
  one('VacuumStmt', lowerVacuum),
  one('ClusterStmt', lowerCluster),
  one('CheckPointStmt', (source) => maintenance(source, 'checkpoint')),
  one('DiscardStmt', (source, discard) => ({
    ...maintenance(source, 'discard'),
    ...(discard.target === 'DISCARD_ALL' ? { refusesTransaction: true as const } : {}),
  })),
  one('NotifyStmt', (source) => maintenance(source, 'notify')),
  one('ListenStmt', (source) => maintenance(source, 'notify')),
  one('UnlistenStmt', (source) => maintenance(source, 'notify')),
  one('DeallocateStmt', (source) => maintenance(source, 'prepare')),
  one('ClosePortalStmt', (source) => maintenance(source, 'cursor')),
  one('FetchStmt', (source) => maintenance(source, 'cursor')),
  [
    'DeclareCursorStmt',
    (source, node) => {
      const inner = nodeAs(node, 'DeclareCursorStmt')?.query;
      const relations = lowerQuery(source, inner, source.span).reads.map((read) => read.relation);
      return [{ ...maintenance(source, 'cursor', relations), ...planned(source, inner) }];
    },
  ],
  one('PrepareStmt', (source, prepare) => ({ ...maintenance(source, 'prepare'), ...planned(source, prepare.query) })),
  one('VariableShowStmt', (source) => ({
    kind: 'select-rows',
    span: source.span,
    query: lowerQuery(source, undefined, source.span),
  })),
  many('ExplainStmt', (source, explain) => {
    const analyses = (explain.options ?? []).some((option) => nodeAs(option, 'DefElem')?.defname === 'analyze');
    // EXPLAIN ANALYZE runs its statement; without ANALYZE it is only planned.
    const inner = analyses && explain.query !== undefined ? lowerNode(source, explain.query) : [];
    return [{ ...maintenance(source, 'explain'), ...(analyses ? {} : planned(source, explain.query)) }, ...inner];
  }),
  many('ExecuteStmt', (source) => [
    maintenance(source, 'execute'),
    { kind: 'opaque', span: source.span, reason: 'what the prepared statement does is not in this statement' },
  ]),
  many('CallStmt', lowerCall),
  many('DoStmt', lowerDo),
]);

/** What a statement would do that is only planned. */
function planned(source: Source, node: Node | undefined): { readonly planned?: readonly Operation[] } {
  return node === undefined ? {} : { planned: lowerNode(source, node) };
}

/** What a statement does; never empty. */
export function lowerNode(source: Source, node: Node): readonly Operation[] {
  const [type] = nodeEntry(node);
  const lowering = LOWERINGS.get(type);
  const operations = lowering === undefined ? lowerOtherObject(source, node) : lowering(source, node);
  return operations.length > 0
    ? operations
    : [{ kind: 'opaque', span: source.span, reason: `this kind of statement (${type}) is not known` }];
}
