import type { Node } from '@pgsql/types';
import type { ObjectName } from '../../model/names.ts';
import type { Comment, DropObjects, Grant, Operation, SetObjectSchema, SetOwner } from '../../model/operation.ts';
import { headOf, newNameSpan, tableAction } from './lower-alter-table.ts';
import { relationName } from './lower-expression.ts';
import { type NodeOf, nodeAs, roleName, stringOf, stringsOf } from './nodes.ts';
import { afterKind, locate, type NamedObject, namedObject, objectKindOf } from './object-kinds.ts';
import type { Source } from './source.ts';

const DROP_KINDS: Readonly<Record<string, DropObjects['kind']>> = {
  OBJECT_TABLE: 'drop-table',
  OBJECT_FOREIGN_TABLE: 'drop-table',
  OBJECT_INDEX: 'drop-index',
  OBJECT_VIEW: 'drop-view',
  OBJECT_MATVIEW: 'drop-materialized-view',
  OBJECT_SEQUENCE: 'drop-sequence',
  OBJECT_TYPE: 'drop-type',
  OBJECT_DOMAIN: 'drop-type',
  OBJECT_FUNCTION: 'drop-function',
  OBJECT_PROCEDURE: 'drop-function',
  OBJECT_ROUTINE: 'drop-function',
  OBJECT_AGGREGATE: 'drop-function',
  OBJECT_TRIGGER: 'drop-trigger',
  OBJECT_POLICY: 'drop-policy',
  OBJECT_RULE: 'drop-rule',
  OBJECT_SCHEMA: 'drop-schema',
  OBJECT_STATISTIC_EXT: 'drop-statistics',
};

/** DROP of one or more objects of one kind. */
export function lowerDrop(source: Source, drop: NodeOf<'DropStmt'>): DropObjects {
  let from = afterKind(source, drop.removeType, 1);
  const found: NamedObject[] = [];
  for (const node of drop.objects ?? []) {
    const named = namedObject(source, drop.removeType, node, from);
    found.push(named);
    from = named.next;
  }
  const kind = DROP_KINDS[drop.removeType ?? ''] ?? 'drop-object';
  const withPart = found.find((named) => named.part !== undefined);
  const start = afterKind(source, drop.removeType, 1);
  return {
    kind,
    span: source.span,
    objectKind: objectKindOf(drop.removeType),
    objects: found.map((named) =>
      named.part === undefined ? named.object : { name: named.part, span: source.spanOf(start, start + 1) },
    ),
    ...(withPart === undefined ? {} : { relation: withPart.object }),
    ifExists: drop.missing_ok === true,
    cascade: drop.behavior === 'DROP_CASCADE',
    concurrently: drop.concurrent === true,
    ...(kind === 'drop-function' ? { signatures: found.map((named) => named.signature) } : {}),
  };
}

/** DROP of what is no object of a schema: roles, databases, subscriptions and the like. */
export function lowerOtherDrop(
  source: Source,
  objectKind: DropObjects['objectKind'],
  names: readonly string[],
  headWords: number,
  ifExists: boolean,
  cascade: boolean,
): DropObjects {
  let from = source.skip(headWords, 'if', 'exists');
  const objects = names.map((name) => {
    const found = locate(source, [name], from);
    from = found.next;
    return found.object;
  });
  return { kind: 'drop-object', span: source.span, objectKind, objects, ifExists, cascade, concurrently: false };
}

/** RENAME in all its forms. */
export function lowerRename(source: Source, rename: NodeOf<'RenameStmt'>): Operation {
  const newName = rename.newname ?? '';
  const ifExists = rename.missing_ok === true;
  const span = source.span;
  const relation = rename.relation === undefined ? undefined : relationName(source, rename.relation);
  const type = rename.renameType;
  const headType =
    type === 'OBJECT_COLUMN' || type === 'OBJECT_ATTRIBUTE'
      ? rename.relationType
      : type === 'OBJECT_TABCONSTRAINT'
        ? 'OBJECT_TABLE'
        : type;
  const head = headOf(headType);
  if (relation !== undefined && type === 'OBJECT_ATTRIBUTE') {
    return {
      kind: 'alter-type-definition',
      span,
      name: relation,
      action: {
        kind: 'alter-attribute',
        attribute: rename.subname ?? '',
        newName,
        cascade: rename.behavior === 'DROP_CASCADE',
      },
    };
  }
  if (relation !== undefined && head !== undefined) {
    const afterName = source.nameEnd(source.indexAt(relation.span.start));
    const index = source.findWord(afterName, source.tokens.length, 'rename');
    const shared = { relation, head, ifExists, only: head === 'table' && rename.relation?.inh !== true };
    const actionSpan = source.spanOf(index, source.tokens.length);
    if (type === 'OBJECT_COLUMN') {
      const column = source.skip(index, 'rename', 'column');
      return tableAction(shared, actionSpan, {
        kind: 'rename-column',
        column: rename.subname ?? '',
        columnSpan: source.spanOf(column, column + 1),
        newName,
      });
    }
    if (type === 'OBJECT_TABCONSTRAINT')
      return tableAction(shared, actionSpan, { kind: 'rename-constraint', constraint: rename.subname ?? '', newName });
    return tableAction(shared, actionSpan, { kind: 'rename-table', newName, newNameSpan: newNameSpan(source) });
  }
  const from = afterKind(source, type, 1);
  if (relation !== undefined) {
    return {
      kind: 'rename-object',
      span,
      objectKind: objectKindOf(type),
      object: locate(source, [rename.subname ?? ''], from).object,
      relation,
      newName,
      ifExists,
    };
  }
  if (type === 'OBJECT_DOMCONSTRAINT' && rename.object !== undefined) {
    const domain = namedObject(source, 'OBJECT_DOMAIN', rename.object, afterKind(source, 'OBJECT_DOMAIN', 1));
    return {
      kind: 'rename-object',
      span,
      objectKind: 'constraint',
      object: locate(source, [rename.subname ?? ''], domain.next).object,
      relation: domain.object,
      newName,
      ifExists,
    };
  }
  const object =
    rename.object === undefined
      ? locate(source, [rename.subname ?? ''], from).object
      : namedObject(source, type, rename.object, from).object;
  return { kind: 'rename-object', span, objectKind: objectKindOf(type), object, newName, ifExists };
}

/** SET SCHEMA. */
export function lowerObjectSchema(source: Source, alter: NodeOf<'AlterObjectSchemaStmt'>): Operation {
  const head = headOf(alter.objectType);
  const schema = alter.newschema ?? '';
  const ifExists = alter.missing_ok === true;
  if (alter.relation !== undefined && head !== undefined) {
    const relation = relationName(source, alter.relation);
    const from = source.findWord(source.nameEnd(source.indexAt(relation.span.start)), source.tokens.length, 'set');
    const shared = { relation, head, ifExists, only: head === 'table' && alter.relation.inh !== true };
    return tableAction(shared, source.spanOf(from, source.tokens.length), { kind: 'set-table-schema', schema });
  }
  const found = objectIn(source, alter.objectType, alter.object, 1);
  return {
    kind: 'set-object-schema',
    span: source.span,
    objectKind: objectKindOf(alter.objectType),
    object: found.object,
    schema,
    ifExists,
  } satisfies SetObjectSchema;
}

/** OWNER TO of everything that ALTER TABLE's grammar does not cover. */
export function lowerOwner(source: Source, alter: NodeOf<'AlterOwnerStmt'>): SetOwner {
  const found = objectIn(source, alter.objectType, alter.object, 1);
  return {
    kind: 'set-owner',
    span: source.span,
    objectKind: objectKindOf(alter.objectType),
    object: found.object,
    owner: roleName(alter.newowner),
  };
}

/** COMMENT ON: an empty text takes the comment away, as NULL does. */
export function lowerComment(source: Source, comment: NodeOf<'CommentStmt'>): Comment {
  return {
    ...annotated(source, comment),
    ...(comment.comment === undefined || comment.comment === '' ? {} : { text: comment.comment }),
  };
}

/** SECURITY LABEL stores a text beside an object in the same way. */
export function lowerLabel(source: Source, label: NodeOf<'SecLabelStmt'>): Comment {
  return { ...annotated(source, label), isLabel: true };
}

function annotated(source: Source, node: NodeOf<'CommentStmt'> | NodeOf<'SecLabelStmt'>): Comment {
  const found = objectIn(source, node.objtype, node.object, source.findWord(0, source.tokens.length, 'on') + 1);
  return {
    kind: 'comment',
    span: source.span,
    objectKind: objectKindOf(node.objtype),
    object: found.object,
    ...(found.part === undefined ? {} : { part: found.part }),
  };
}

/** Rights that ALL stands for on a column. */
const OF_COLUMNS = ['SELECT', 'INSERT', 'UPDATE', 'REFERENCES'] as const;

function privilegesOf(grant: NodeOf<'GrantStmt'>): Grant['privileges'] {
  return grant.privileges?.flatMap((node) => {
    const access = nodeAs(node, 'AccessPriv');
    const columns = stringsOf(access?.cols);
    const names = access?.priv_name === undefined ? OF_COLUMNS : [access.priv_name.toUpperCase()];
    return names.map((name) => ({ name, columns }));
  });
}

/** Kinds of which ALL ... IN SCHEMA gives rights; procedures are left out: the schema does not tell them from functions. */
const ALL_IN: Readonly<Record<string, Grant['allIn']>> = {
  OBJECT_TABLE: 'table',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_FUNCTION: 'function',
  OBJECT_ROUTINE: 'function',
};

/** GRANT and REVOKE of rights on objects. */
export function lowerGrant(source: Source, grant: NodeOf<'GrantStmt'>): Grant {
  const from = source.findWord(0, source.tokens.length, 'on') + 1;
  let next = afterKind(source, grant.objtype, from);
  const objects = (grant.objects ?? []).map((node): ObjectName => {
    const range = nodeAs(node, 'RangeVar');
    if (range !== undefined) return relationName(source, range);
    const found = namedObject(source, grant.objtype, node, next);
    next = found.next;
    return found.object;
  });
  // ALL TABLES IN SCHEMA names schemas, whose objects are not known here.
  const isAll = grant.targtype === 'ACL_TARGET_ALL_IN_SCHEMA';
  const objectKind = isAll ? 'schema' : objectKindOf(grant.objtype);
  const allIn = isAll ? (ALL_IN[grant.objtype ?? ''] ?? 'other') : undefined;
  const grantees = (grant.grantees ?? []).map((node) => roleName(nodeAs(node, 'RoleSpec')));
  const privileges = privilegesOf(grant);
  return {
    kind: grant.is_grant === true ? 'grant' : 'revoke',
    span: source.span,
    objectKind,
    ...(allIn === undefined ? {} : { allIn }),
    objects,
    grantees,
    ...(privileges === undefined ? {} : { privileges }),
    ...(grant.grant_option === true ? { grantOption: true } : {}),
  };
}

/** GRANT and REVOKE of membership in roles. */
export function lowerGrantRole(source: Source, grant: NodeOf<'GrantRoleStmt'>): Grant {
  const objects = (grant.granted_roles ?? []).map(
    (node) => locate(source, [nodeAs(node, 'AccessPriv')?.priv_name ?? stringOf(node)], 1).object,
  );
  return { kind: grant.is_grant === true ? 'grant' : 'revoke', span: source.span, objectKind: 'role', objects };
}

function objectIn(source: Source, type: string | undefined, node: Node | undefined, from: number): NamedObject {
  if (node === undefined) return { object: { name: '', span: source.span }, next: source.tokens.length };
  return namedObject(source, type, node, afterKind(source, type, from));
}
