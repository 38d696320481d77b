import type { Node } from '@pgsql/types';
import type { Mention, NamedObject } from '../../model/operation.ts';
import { expressionTree } from './lower-expression.ts';
import { type NodeOf, nodeAs, stringsOf } from './nodes.ts';
import type { Source } from './source.ts';
import { lowerType } from './type-names.ts';

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

/** Routines by their argument types, foreign servers and wrappers that statements name and do not make. */
export function namedObjectsIn(source: Source, nodes: readonly Node[]): readonly NamedObject[] {
  return nodes.flatMap((node) => namedObjectsOf(source, node));
}

const ROUTINES: ReadonlySet<string | undefined> = new Set(['OBJECT_FUNCTION', 'OBJECT_PROCEDURE', 'OBJECT_ROUTINE']);

function namedObjectsOf(source: Source, node: Node): readonly NamedObject[] {
  const server = nodeAs(node, 'CreateForeignServerStmt');
  if (server !== undefined) return [{ kind: 'foreign-data-wrapper', name: server.fdwname ?? '' }];
  const table = nodeAs(node, 'CreateForeignTableStmt');
  const mapping = nodeAs(node, 'CreateUserMappingStmt');
  const imported = nodeAs(node, 'ImportForeignSchemaStmt');
  const used = table?.servername ?? mapping?.servername ?? imported?.server_name;
  if (used !== undefined) return [{ kind: 'server', name: used }];
  const comment = nodeAs(node, 'CommentStmt');
  if (comment !== undefined) return ROUTINES.has(comment.objtype) ? routine(source, comment.object) : [];
  const alter = nodeAs(node, 'AlterFunctionStmt');
  if (alter !== undefined)
    return ROUTINES.has(alter.objtype) && alter.func !== undefined
      ? routine(source, { ObjectWithArgs: alter.func })
      : [];
  const rename = nodeAs(node, 'RenameStmt');
  if (rename !== undefined) return ROUTINES.has(rename.renameType) ? routine(source, rename.object) : [];
  const owner = nodeAs(node, 'AlterOwnerStmt') ?? nodeAs(node, 'AlterObjectSchemaStmt');
  if (owner !== undefined) return ROUTINES.has(owner.objectType) ? routine(source, owner.object) : [];
  const grant = nodeAs(node, 'GrantStmt');
  return grant !== undefined && grant.targtype === 'ACL_TARGET_OBJECT' && ROUTINES.has(grant.objtype)
    ? (grant.objects ?? []).flatMap((object) => routine(source, object))
    : [];
}

function routine(source: Source, node: Node | undefined): readonly NamedObject[] {
  const named = nodeAs(node, 'ObjectWithArgs');
  const parts = stringsOf(named?.objname);
  const schema = parts.at(-2);
  const types = (named?.objargs ?? []).map((item) => nodeAs(item, 'TypeName'));
  if (named === undefined || types.includes(undefined)) return [];
  return [
    {
      kind: 'routine',
      ...(schema === undefined ? {} : { schema }),
      name: parts.at(-1) ?? '',
      ...(named.args_unspecified === true
        ? {}
        : { types: types.flatMap((type) => (type === undefined ? [] : [lowerType(source, type)])) }),
    },
  ];
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
