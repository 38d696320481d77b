import type { Node } from '@pgsql/types';
import { referencedColumns } from '../../model/expression.ts';
import type { ObjectKind, Operation, OtherDefinition } from '../../model/operation.ts';
import { expressionTree } from './lower-expression.ts';
import { optionText, otherDefinition, rangesIn } from './lower-definition.ts';
import { lowerOtherDrop } from './lower-object.ts';
import { argumentText, nodeAs, nodeEntry, roleName, stringsOf } from './nodes.ts';
import { afterKind, namedObject, objectKindOf } from './object-kinds.ts';
import type { Source } from './source.ts';

/** CREATE and ALTER statements that are told apart by a name and a kind only: the field with the name, and the kind. */
const NAMED: Readonly<Record<string, readonly ['create-object' | 'alter-object', ObjectKind, string]>> = {
  CreateAmStmt: ['create-object', 'access-method', 'amname'],
  CreateConversionStmt: ['create-object', 'conversion', 'conversion_name'],
  CreateExtensionStmt: ['create-object', 'extension', 'extname'],
  CreateFdwStmt: ['create-object', 'foreign-data-wrapper', 'fdwname'],
  CreateForeignServerStmt: ['create-object', 'server', 'servername'],
  CreateOpClassStmt: ['create-object', 'operator-class', 'opclassname'],
  CreateOpFamilyStmt: ['create-object', 'operator-family', 'opfamilyname'],
  CreatePublicationStmt: ['create-object', 'publication', 'pubname'],
  CreatePLangStmt: ['create-object', 'language', 'plname'],
  CreateSubscriptionStmt: ['create-object', 'subscription', 'subname'],
  CreateTableSpaceStmt: ['create-object', 'tablespace', 'tablespacename'],
  CreateEventTrigStmt: ['create-object', 'event-trigger', 'trigname'],
  CreateRoleStmt: ['create-object', 'role', 'role'],
  CreatedbStmt: ['create-object', 'database', 'dbname'],
  CreateUserMappingStmt: ['create-object', 'user-mapping', 'servername'],
  CreateCastStmt: ['create-object', 'cast', ''],
  CreateTransformStmt: ['create-object', 'transform', 'lang'],
  AlterOpFamilyStmt: ['alter-object', 'operator-family', 'opfamilyname'],
  AlterEventTrigStmt: ['alter-object', 'event-trigger', 'trigname'],
  AlterCollationStmt: ['alter-object', 'collation', 'collname'],
  AlterDatabaseStmt: ['alter-object', 'database', 'dbname'],
  AlterDatabaseSetStmt: ['alter-object', 'database', 'dbname'],
  AlterDatabaseRefreshCollStmt: ['alter-object', 'database', 'dbname'],
  AlterExtensionStmt: ['alter-object', 'extension', 'extname'],
  AlterExtensionContentsStmt: ['alter-object', 'extension', 'extname'],
  AlterFdwStmt: ['alter-object', 'foreign-data-wrapper', 'fdwname'],
  AlterForeignServerStmt: ['alter-object', 'server', 'servername'],
  AlterPublicationStmt: ['alter-object', 'publication', 'pubname'],
  AlterSubscriptionStmt: ['alter-object', 'subscription', 'subname'],
  AlterStatsStmt: ['alter-object', 'statistics', 'defnames'],
  AlterTSConfigurationStmt: ['alter-object', 'text-search', 'cfgname'],
  AlterTSDictionaryStmt: ['alter-object', 'text-search', 'dictname'],
  AlterTableSpaceOptionsStmt: ['alter-object', 'tablespace', 'tablespacename'],
  AlterUserMappingStmt: ['alter-object', 'user-mapping', 'servername'],
  AlterSystemStmt: ['alter-object', 'parameter', ''],
  AlterDefaultPrivilegesStmt: ['alter-object', 'other', ''],
  LoadStmt: ['alter-object', 'other', ''],
};

/** CREATE EXTENSION ... SCHEMA. */
function extensionHome(node: Node): { readonly home?: string } {
  const options = nodeAs(node, 'CreateExtensionStmt')?.options ?? [];
  const option = options.map((each) => nodeAs(each, 'DefElem')).find((each) => each?.defname === 'schema');
  return option === undefined ? {} : { home: argumentText(option.arg) };
}

/** Statements about objects without rows: everything that no other file lowers. Empty for a type that is not known here either. */
export function lowerOtherObject(source: Source, node: Node): readonly Operation[] {
  const [type, fields] = nodeEntry(node);
  const named = NAMED[type];
  if (named !== undefined) {
    const [kind, objectKind, field] = named;
    const definition = otherDefinition(source, kind, objectKind, nameOf(fields, field), hasIfNotExists(fields), node);
    const publication = publicationAction(node);
    const operation = {
      ...definition,
      ...(publication === undefined ? {} : { publication }),
      ...(objectKind === 'publication'
        ? { publishedColumns: publishedColumns(source, node), publishing: publishing(node) }
        : {}),
      ...(objectKind === 'extension' ? extensionHome(node) : {}),
      ...usesOf(node),
      ...(isOutsideTransactions(node) ? { refusesTransaction: true as const } : {}),
    };
    if (type !== 'CreateEventTrigStmt') return [operation];
    return [
      operation,
      {
        kind: 'opaque',
        span: source.span,
        reason: 'its function runs with later statements, and what it does there is not followed',
        keepsSchema: true,
      },
    ];
  }
  switch (type) {
    case 'DefineStmt':
      return [lowerDefine(source, node)];
    case 'AlterRoleStmt':
    case 'AlterRoleSetStmt': {
      const role = roleName(nodeAs(node, 'AlterRoleStmt')?.role ?? nodeAs(node, 'AlterRoleSetStmt')?.role);
      return [otherDefinition(source, 'alter-object', 'role', role === '' ? [] : [role], false)];
    }
    case 'AlterFunctionStmt': {
      const alter = nodeAs(node, 'AlterFunctionStmt');
      return [
        otherDefinition(source, 'alter-object', objectKindOf(alter?.objtype), stringsOf(alter?.func?.objname), false),
      ];
    }
    case 'AlterOperatorStmt':
      return [
        otherDefinition(
          source,
          'alter-object',
          'operator',
          stringsOf(nodeAs(node, 'AlterOperatorStmt')?.opername?.objname),
          false,
        ),
      ];
    case 'AlterObjectDependsStmt':
      return [lowerDepends(source, node)];
    case 'DropOwnedStmt':
      return [
        lowerOtherDrop(
          source,
          'owned',
          (nodeAs(node, 'DropOwnedStmt')?.roles ?? []).map((role) => roleName(nodeAs(role, 'RoleSpec'))),
          3,
          false,
          nodeAs(node, 'DropOwnedStmt')?.behavior === 'DROP_CASCADE',
        ),
        { kind: 'opaque', span: source.span, reason: 'which objects the role owns is not in this statement' },
      ];
    case 'ReassignOwnedStmt':
      return [
        otherDefinition(source, 'alter-object', 'owned', [], false),
        {
          kind: 'opaque',
          span: source.span,
          reason: 'which objects the role owns is not in this statement',
          keepsSchema: true,
        },
      ];
    case 'DropSubscriptionStmt':
      return [
        lowerOtherDrop(
          source,
          'subscription',
          [nodeAs(node, 'DropSubscriptionStmt')?.subname ?? ''],
          2,
          nodeAs(node, 'DropSubscriptionStmt')?.missing_ok === true,
          false,
        ),
      ];
    case 'DropTableSpaceStmt':
      return [
        lowerOtherDrop(
          source,
          'tablespace',
          [nodeAs(node, 'DropTableSpaceStmt')?.tablespacename ?? ''],
          2,
          nodeAs(node, 'DropTableSpaceStmt')?.missing_ok === true,
          false,
        ),
      ];
    case 'DropRoleStmt':
      return [
        lowerOtherDrop(
          source,
          'role',
          (nodeAs(node, 'DropRoleStmt')?.roles ?? []).map((role) => roleName(nodeAs(role, 'RoleSpec'))),
          2,
          nodeAs(node, 'DropRoleStmt')?.missing_ok === true,
          false,
        ),
      ];
    case 'DropUserMappingStmt':
      return [
        lowerOtherDrop(
          source,
          'user-mapping',
          [nodeAs(node, 'DropUserMappingStmt')?.servername ?? ''],
          3,
          nodeAs(node, 'DropUserMappingStmt')?.missing_ok === true,
          false,
        ),
      ];
    case 'DropdbStmt':
      return [
        lowerOtherDrop(
          source,
          'database',
          [nodeAs(node, 'DropdbStmt')?.dbname ?? ''],
          2,
          nodeAs(node, 'DropdbStmt')?.missing_ok === true,
          false,
        ),
      ];
    case 'AlterTableMoveAllStmt':
      return [
        { kind: 'opaque', span: source.span, reason: 'which relations lie in the tablespace is not in this statement' },
      ];
    case 'ImportForeignSchemaStmt':
      return [
        otherDefinition(source, 'create-object', 'foreign-table', [], false),
        { kind: 'opaque', span: source.span, reason: 'which foreign tables it makes is not in this statement' },
      ];
    default:
      return [];
  }
}

/** Whether the server refuses this form in a transaction block. Source: the reference pages of these statements. */
function isOutsideTransactions(node: Node): boolean {
  const subscription = nodeAs(node, 'CreateSubscriptionStmt');
  if (subscription !== undefined) {
    const isOff = (name: string): boolean =>
      /^(?:false|off|no|0|none)$/i.test(optionText(subscription.options, name) ?? 'true');
    return (
      !isOff('connect') && !isOff('create_slot') && !/^none$/i.test(optionText(subscription.options, 'slot_name') ?? '')
    );
  }
  const altered = nodeAs(node, 'AlterSubscriptionStmt');
  if (altered !== undefined) {
    const refreshes =
      altered.kind === 'ALTER_SUBSCRIPTION_SET_PUBLICATION' ||
      altered.kind === 'ALTER_SUBSCRIPTION_ADD_PUBLICATION' ||
      altered.kind === 'ALTER_SUBSCRIPTION_DROP_PUBLICATION';
    if (refreshes) return !/^(?:false|off|no|0)$/i.test(optionText(altered.options, 'refresh') ?? 'true');
    return (
      altered.kind === 'ALTER_SUBSCRIPTION_REFRESH' ||
      optionText(altered.options, 'failover') !== undefined ||
      optionText(altered.options, 'two_phase') !== undefined
    );
  }
  const database = nodeAs(node, 'AlterDatabaseStmt');
  if (database !== undefined) return optionText(database.options, 'tablespace') !== undefined;
  return nodeAs(node, 'AlterSystemStmt') !== undefined;
}

/** What a publication's column lists and row filters name, table by table. */
function publishedColumns(source: Source, node: Node): readonly (readonly string[])[] {
  const objects =
    nodeAs(node, 'CreatePublicationStmt')?.pubobjects ?? nodeAs(node, 'AlterPublicationStmt')?.pubobjects ?? [];
  return objects.flatMap((object) => {
    const table = nodeAs(object, 'PublicationObjSpec')?.pubtable;
    return table?.relation === undefined
      ? []
      : [
          [
            ...stringsOf(table.columns),
            ...(table.whereClause === undefined ? [] : referencedColumns(expressionTree(source, table.whereClause))),
          ],
        ];
  });
}

/** Whether a publication has all tables, those of which schemas, and which changes `publish` says that it sends. */
function publishing(node: Node): NonNullable<OtherDefinition['publishing']> {
  const statement = nodeAs(node, 'CreatePublicationStmt') ?? nodeAs(node, 'AlterPublicationStmt');
  const changes = optionText(statement?.options, 'publish');
  return {
    isAll: statement?.for_all_tables === true,
    schemas: (statement?.pubobjects ?? []).flatMap((node): readonly (string | null)[] => {
      const object = nodeAs(node, 'PublicationObjSpec');
      if (object?.pubobjtype === 'PUBLICATIONOBJ_TABLES_IN_CUR_SCHEMA') return [null];
      return object?.pubobjtype === 'PUBLICATIONOBJ_TABLES_IN_SCHEMA' ? [object.name ?? ''] : [];
    }),
    ...(changes === undefined ? {} : { changes: changes.split(',').map((each) => each.trim().toLowerCase()) }),
  };
}

/** What ALTER PUBLICATION does to the tables that it names. */
function publicationAction(node: Node): OtherDefinition['publication'] {
  const alter = nodeAs(node, 'AlterPublicationStmt');
  if (alter?.pubobjects === undefined) return undefined;
  return alter.action === 'AP_SetObjects' ? 'set' : alter.action === 'AP_DropObjects' ? 'drop' : 'add';
}

/** CREATE TYPE of a base type, CREATE AGGREGATE, OPERATOR, COLLATION and TEXT SEARCH objects. */
function lowerDefine(source: Source, node: Node): Operation {
  const define = nodeAs(node, 'DefineStmt');
  const names = stringsOf(define?.defnames);
  if (define?.kind === 'OBJECT_TYPE') {
    return {
      kind: 'create-type',
      span: source.span,
      name: source.name(names, 2),
      definition: { kind: define.definition === undefined ? 'shell' : 'base' },
    };
  }
  return {
    ...otherDefinition(source, 'create-object', objectKindOf(define?.kind), names, define?.if_not_exists === true),
    ...usesOf(node),
  };
}

/** Options of CREATE OPERATOR and CREATE AGGREGATE that name a function. */
const FUNCTIONS: ReadonlySet<string> = new Set(['function', 'procedure', 'sfunc', 'finalfunc', 'combinefunc']);

/** What an object needs that is written in its definition. */
function usesOf(node: Node): Pick<OtherDefinition, 'uses'> {
  const server = nodeAs(node, 'CreateForeignServerStmt')?.fdwname;
  if (server !== undefined) return { uses: [{ kind: 'foreign-data-wrapper', name: server }] };
  const trigger = nodeAs(node, 'CreateEventTrigStmt')?.funcname;
  if (trigger !== undefined) return { uses: [usedFunction(stringsOf(trigger))] };
  const define = nodeAs(node, 'DefineStmt');
  if (define?.kind !== 'OBJECT_OPERATOR' && define?.kind !== 'OBJECT_AGGREGATE') return {};
  const functions = (define.definition ?? []).flatMap((option) => {
    const element = nodeAs(option, 'DefElem');
    const names = FUNCTIONS.has(element?.defname ?? '') ? stringsOf(nodeAs(element?.arg, 'TypeName')?.names) : [];
    return names.length === 0 ? [] : [usedFunction(names)];
  });
  return functions.length === 0 ? {} : { uses: functions };
}

function usedFunction(parts: readonly string[]): NonNullable<OtherDefinition['uses']>[number] {
  const schema = parts.at(-2);
  return { kind: 'function', ...(schema === undefined ? {} : { schema }), name: parts.at(-1) ?? '' };
}

/** ALTER ... DEPENDS ON EXTENSION. */
function lowerDepends(source: Source, node: Node): Operation {
  const depends = nodeAs(node, 'AlterObjectDependsStmt');
  const relations = rangesIn(source, node);
  const [relation] = relations;
  if (depends?.objectType === 'OBJECT_INDEX' && relation !== undefined)
    return { kind: 'alter-index-depends', span: source.span, index: relation };
  const found =
    depends?.object === undefined
      ? undefined
      : namedObject(source, depends.objectType, depends.object, afterKind(source, depends.objectType, 1));
  return {
    kind: 'alter-object',
    span: source.span,
    objectKind: objectKindOf(depends?.objectType),
    relations,
    description: 'DEPENDS ON EXTENSION',
    ...(found === undefined ? (relation === undefined ? {} : { object: relation }) : { object: found.object }),
  };
}

/** Parts of a name that a field holds as a text or as a list of String nodes. */
function nameOf(fields: unknown, field: string): readonly string[] {
  if (field === '' || fields === null || typeof fields !== 'object') return [];
  // Read only: the field exists in every node type of the table above, and is left out where it is empty.
  const value = (fields as Readonly<Record<string, unknown>>)[field];
  if (typeof value === 'string') return value === '' ? [] : [value];
  // The grammar has a list of String nodes wherever it has no text.
  return Array.isArray(value) ? stringsOf(value as readonly Node[]) : [];
}

function hasIfNotExists(fields: unknown): boolean {
  return fields !== null && typeof fields === 'object' && 'if_not_exists' in fields && fields.if_not_exists === true;
}
