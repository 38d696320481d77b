import type { Node } from '@pgsql/types';
import type { Mention } from '../../model/operation.ts';
import { expressionTree } from './lower-expression.ts';
import { type NodeOf, nodeAs, stringsOf } from './nodes.ts';
import type { Source } from './source.ts';

/** Parts of relations that statements name which lower to no field of their own: columns of COPY, ANALYZE and publications, and the like. */
export function mentionsIn(source: Source, nodes: readonly Node[]): readonly Mention[] {
  return nodes
    .flatMap((node) => mentionsOf(source, node))
    .filter((mention) => mention.names.length > 0 || mention.condition !== undefined);
}

function mentionsOf(source: Source, node: Node): readonly Mention[] {
  const copy = nodeAs(node, 'CopyStmt');
  if (copy?.relation !== undefined) return [columns(copy.relation, stringsOf(copy.attlist))];
  const vacuum = nodeAs(node, 'VacuumStmt');
  if (vacuum !== undefined)
    return (vacuum.rels ?? []).flatMap((item) => {
      const each = nodeAs(item, 'VacuumRelation');
      return each?.relation === undefined ? [] : [columns(each.relation, stringsOf(each.va_cols))];
    });
  const cluster = nodeAs(node, 'ClusterStmt');
  if (cluster?.relation !== undefined && cluster.indexname !== undefined)
    return [{ relation: named(cluster.relation), kind: 'index', names: [cluster.indexname] }];
  const publication = nodeAs(node, 'CreatePublicationStmt') ?? nodeAs(node, 'AlterPublicationStmt');
  if (publication !== undefined) return (publication.pubobjects ?? []).flatMap((item) => published(source, item));
  const trigger = nodeAs(node, 'CreateTrigStmt');
  if (trigger?.relation !== undefined) return [columns(trigger.relation, stringsOf(trigger.columns))];
  const rename = nodeAs(node, 'RenameStmt');
  const renamed =
    rename?.renameType === 'OBJECT_TRIGGER'
      ? 'trigger'
      : rename?.renameType === 'OBJECT_RULE'
        ? 'rule'
        : rename?.renameType === 'OBJECT_POLICY'
          ? 'policy'
          : undefined;
  if (rename?.relation !== undefined && renamed !== undefined)
    return [{ relation: named(rename.relation), kind: renamed, names: [rename.subname ?? ''] }];
  return [];
}

function columns(range: NodeOf<'RangeVar'>, names: readonly string[]): Mention {
  return { relation: named(range), kind: 'column', names };
}

function published(source: Source, node: Node): readonly Mention[] {
  const table = nodeAs(node, 'PublicationObjSpec')?.pubtable;
  if (table?.relation === undefined) return [];
  return [
    {
      ...columns(table.relation, stringsOf(table.columns)),
      ...(table.whereClause === undefined ? {} : { condition: expressionTree(source, table.whereClause) }),
    },
  ];
}

function named(range: NodeOf<'RangeVar'>): Mention['relation'] {
  return range.schemaname === undefined
    ? { name: range.relname ?? '' }
    : { schema: range.schemaname, name: range.relname ?? '' };
}
