import type { ObjectName } from '../../model/names.ts';
import type { CreateIndex, CreateStatistics, Reindex } from '../../model/operation.ts';
import { referencedColumns } from '../../model/expression.ts';
import { expressionTree, lowerExpression, relationName } from './lower-expression.ts';
import { lowerIndexElements, storageParameters } from './lower-index-element.ts';
import { argumentText, type NodeOf, nodeAs, stringsOf } from './nodes.ts';
import type { Source } from './source.ts';

/** CREATE INDEX. */
export function lowerIndex(source: Source, index: NodeOf<'IndexStmt'>): CreateIndex {
  const relation: ObjectName =
    index.relation === undefined ? { name: '', span: source.span } : relationName(source, index.relation);
  const end = source.tokens.length;
  const open = source.find(
    source.nameEnd(source.indexAt(relation.span.start)),
    end,
    (token) => token.kind === 'symbol' && token.value === '(',
  );
  const close = source.closing(open);
  const parameters = storageParameters(index.options);
  const nameStart = source.skip(0, 'create', 'unique', 'index', 'concurrently', 'if', 'not', 'exists');
  return {
    kind: 'create-index',
    span: source.span,
    relation,
    ...(index.idxname === undefined ? {} : { name: index.idxname, nameSpan: source.spanOf(nameStart, nameStart + 1) }),
    unique: index.unique === true,
    concurrently: index.concurrent === true,
    ifNotExists: index.if_not_exists === true,
    only: index.relation?.inh !== true,
    method: index.accessMethod ?? 'btree',
    elements: lowerIndexElements(source, index.indexParams ?? [], source.items(open + 1, close)),
    include: (index.indexIncludingParams ?? []).map((node) => nodeAs(node, 'IndexElem')?.name ?? ''),
    ...(index.whereClause === undefined
      ? {}
      : { where: lowerExpression(source, index.whereClause, source.findWord(close + 1, end, 'where') + 1, end) }),
    ...(index.nulls_not_distinct === true ? { nullsNotDistinct: true } : {}),
    ...(index.tableSpace === undefined ? {} : { tablespace: index.tableSpace }),
    ...(parameters === undefined ? {} : { storageParameters: parameters }),
  };
}

const REINDEX_TARGETS = {
  REINDEX_OBJECT_INDEX: 'index',
  REINDEX_OBJECT_TABLE: 'table',
  REINDEX_OBJECT_SCHEMA: 'schema',
  REINDEX_OBJECT_SYSTEM: 'system',
  REINDEX_OBJECT_DATABASE: 'database',
} as const;

/** Whether an option such as `(FULL off)` is on; absent and without value are what they say. */
export function isOn(options: NodeOf<'ReindexStmt'>['params'], name: string): boolean {
  const option = (options ?? [])
    .map((node) => nodeAs(node, 'DefElem'))
    .findLast((element) => element?.defname === name);
  if (option === undefined) return false;
  return option.arg === undefined || !/^(?:off|false|0|no|f|n)$/i.test(argumentText(option.arg));
}

/** REINDEX. */
export function lowerReindex(source: Source, reindex: NodeOf<'ReindexStmt'>): Reindex {
  const last = source.tokens.length - 1;
  const tablespace = (reindex.params ?? [])
    .map((node) => nodeAs(node, 'DefElem'))
    .find((element) => element?.defname === 'tablespace');
  return {
    kind: 'reindex',
    span: source.span,
    target: REINDEX_TARGETS[reindex.kind ?? 'REINDEX_OBJECT_INDEX'],
    concurrently: isOn(reindex.params, 'concurrently'),
    ...(reindex.relation !== undefined
      ? { object: relationName(source, reindex.relation) }
      : reindex.name === undefined
        ? {}
        : { object: { name: reindex.name, span: source.spanOf(last, last + 1) } }),
    ...(tablespace === undefined ? {} : { tablespace: argumentText(tablespace.arg) }),
  };
}

/** CREATE STATISTICS. */
export function lowerStatistics(source: Source, statistics: NodeOf<'CreateStatsStmt'>): CreateStatistics {
  const relations = (statistics.relations ?? []).flatMap((node) => nodeAs(node, 'RangeVar') ?? []);
  const [relation] = relations;
  const columns = (statistics.exprs ?? []).flatMap((node) => {
    const element = nodeAs(node, 'StatsElem');
    if (element?.name !== undefined) return [element.name];
    return element?.expr === undefined ? [] : referencedColumns(expressionTree(source, element.expr));
  });
  const nameStart = source.skip(0, 'create', 'statistics', 'if', 'not', 'exists');
  const names = stringsOf(statistics.defnames);
  return {
    kind: 'create-statistics',
    span: source.span,
    ...(names.length === 0 ? {} : { name: source.name(names, nameStart) }),
    relation: relation === undefined ? { name: '', span: source.span } : relationName(source, relation),
    columns: [...new Set(columns)],
    parts: (statistics.exprs ?? []).map((node) => nodeAs(node, 'StatsElem')?.name ?? 'expr'),
    ifNotExists: statistics.if_not_exists === true,
  };
}
