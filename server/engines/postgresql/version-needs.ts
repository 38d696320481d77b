import type { Node } from '@pgsql/types';
import type { Span } from '../../core/span.ts';
import type { VersionNeed } from '../../model/operation.ts';
import { argumentText, type NodeOf, nodeAs, stringOf, visitNodes } from './nodes.ts';

/** Functions that came after PostgreSQL 13, by the major. Source: `pg_proc` of each; what only the server calls is left out. */
const FUNCTIONS: Readonly<Record<number, string>> = {
  14: 'bit_count bit_xor date_bin pg_log_backend_memory_contexts range_agg string_to_table trim_array unistr datemultirange int4multirange int8multirange nummultirange tsmultirange tstzmultirange',
  15: 'regexp_count regexp_instr regexp_like regexp_substr has_parameter_privilege',
  16: 'any_value array_sample array_shuffle date_add date_subtract erf erfc random_normal system_user',
  17: 'jsonb_populate_record_valid to_bin to_oct to_regtypemod unicode_assigned unicode_version uuid_extract_timestamp uuid_extract_version xmltext',
  18: 'array_reverse array_sort casefold crc32 crc32c gamma lgamma uuidv4 uuidv7',
};

/** The first major that has a function of a name; undefined where all have it, or none. */
export const FUNCTION_SINCE: ReadonlyMap<string, number> = new Map(
  Object.entries(FUNCTIONS).flatMap(([major, names]) => names.split(' ').map((name) => [name, Number(major)] as const)),
);

/** Roles that came after PostgreSQL 13, by the major. Source: postgresql.org/docs/current/predefined-roles.html and the release notes. */
const ROLES: Readonly<Record<string, number>> = {
  pg_read_all_data: 14,
  pg_write_all_data: 14,
  pg_checkpoint: 15,
  pg_create_subscription: 16,
  pg_use_reserved_connections: 16,
  pg_maintain: 17,
  pg_signal_autovacuum_worker: 18,
};

/** Options of EXPLAIN. */
const EXPLAINED: Readonly<Record<string, number>> = { generic_plan: 16, serialize: 17, memory: 17 };

/** Nodes of the parse tree that stand for syntax of one major alone. */
const NODES: ReadonlyMap<string, readonly [version: number, feature: string]> = new Map([
  ['JsonTable', [17, 'JSON_TABLE']],
  ['JsonFuncExpr', [17, 'JSON_EXISTS, JSON_QUERY and JSON_VALUE']],
  ['JsonParseExpr', [17, 'JSON()']],
  ['JsonScalarExpr', [17, 'JSON_SCALAR']],
  ['JsonSerializeExpr', [17, 'JSON_SERIALIZE']],
  ['JsonObjectConstructor', [16, 'JSON_OBJECT']],
  ['JsonArrayConstructor', [16, 'JSON_ARRAY']],
  ['JsonArrayQueryConstructor', [16, 'JSON_ARRAY']],
  ['JsonObjectAgg', [16, 'JSON_OBJECTAGG']],
  ['JsonArrayAgg', [16, 'JSON_ARRAYAGG']],
  ['JsonIsPredicate', [16, 'IS JSON']],
]);

const MULTIRANGE = 'multirange';

/**
 * Syntax that servers of the supported majors refuse below one of them.
 *
 * Source: the release notes (postgresql.org/docs/release/); checked on servers by test/database/refusal-probes.test.ts.
 */
export function neededVersions(nodes: readonly Node[], span: Span): readonly VersionNeed[] {
  const found = new Map<string, VersionNeed>();
  visitNodes(nodes, (key, fields) => {
    const need = NODES.get(key) ?? needOf(key, fields);
    if (need !== undefined) found.set(need[1], { version: need[0], feature: need[1], span });
    return true;
  });
  return [...found.values()];
}

function needOf(key: string, fields: object): readonly [version: number, feature: string] | undefined {
  // The key names the node's type in each of these cases, so its fields are those of that type.
  switch (key) {
    case 'RangeSubselect':
      return (fields as NodeOf<'RangeSubselect'>).alias === undefined
        ? [16, 'a subquery in FROM without an alias']
        : undefined;
    case 'SelectStmt':
      return (fields as NodeOf<'SelectStmt'>).groupDistinct === true ? [14, 'GROUP BY DISTINCT'] : undefined;
    case 'CommonTableExpr': {
      const expression = fields as NodeOf<'CommonTableExpr'>;
      return expression.search_clause !== undefined || expression.cycle_clause !== undefined
        ? [14, 'SEARCH and CYCLE']
        : undefined;
    }
    case 'Constraint': {
      const constraint = fields as NodeOf<'Constraint'>;
      // Only one that stands beside the columns names its column.
      if (constraint.contype === 'CONSTR_NOTNULL' && (constraint.keys ?? []).length > 0)
        return [18, 'NOT NULL as a constraint of a table'];
      return (constraint.fk_del_set_cols ?? []).length > 0
        ? [15, 'SET NULL and SET DEFAULT of single columns']
        : undefined;
    }
    case 'MergeWhenClause':
      return (fields as NodeOf<'MergeWhenClause'>).matchKind === 'MERGE_WHEN_NOT_MATCHED_BY_SOURCE'
        ? [17, 'WHEN NOT MATCHED BY SOURCE']
        : undefined;
    case 'returningClause':
      return ((fields as NodeOf<'ReturningClause'>).options ?? []).length > 0 ||
        ((fields as NodeOf<'ReturningClause'>).exprs ?? []).some(isOldOrNew)
        ? [18, 'OLD and NEW in RETURNING']
        : undefined;
    case 'ColumnDef':
      return (fields as NodeOf<'ColumnDef'>).storage_name === undefined ? undefined : [16, 'STORAGE of a new column'];
    case 'AlterTableCmd':
      return ofTableCommand(fields as NodeOf<'AlterTableCmd'>);
    case 'TypeName':
    case 'typeName':
      return ofType(fields as NodeOf<'TypeName'>);
    case 'StatsElem':
      return (fields as NodeOf<'StatsElem'>).expr === undefined ? undefined : [14, 'statistics on expressions'];
    case 'CreateSeqStmt':
      return (fields as NodeOf<'CreateSeqStmt'>).sequence?.relpersistence === 'u'
        ? [15, 'unlogged sequences']
        : undefined;
    case 'GrantStmt': {
      const grant = fields as NodeOf<'GrantStmt'>;
      if (grant.objtype === 'OBJECT_PARAMETER_ACL') return [15, 'rights on parameters'];
      const isMaintain = (grant.privileges ?? []).some(
        (right) => nodeAs(right, 'AccessPriv')?.priv_name === 'maintain',
      );
      return isMaintain ? [17, 'the right MAINTAIN'] : undefined;
    }
    case 'CopyStmt': {
      const names = optionsOf((fields as NodeOf<'CopyStmt'>).options);
      if (names.includes('on_error')) return [17, 'ON_ERROR of COPY'];
      return names.includes('default') ? [16, 'DEFAULT of COPY'] : undefined;
    }
    case 'ReindexStmt':
      return optionsOf((fields as NodeOf<'ReindexStmt'>).params).includes('tablespace')
        ? [14, 'TABLESPACE of REINDEX']
        : undefined;
    case 'CreateFunctionStmt': {
      const create = fields as NodeOf<'CreateFunctionStmt'>;
      if (create.sql_body !== undefined) return [14, 'function bodies of SQL without quotes'];
      const isOut = (create.parameters ?? []).some(
        (parameter) => nodeAs(parameter, 'FunctionParameter')?.mode === 'FUNC_PARAM_OUT',
      );
      return create.is_procedure === true && isOut ? [14, 'OUT arguments of a procedure'] : undefined;
    }
    case 'CreateStatsStmt':
      return ((fields as NodeOf<'CreateStatsStmt'>).defnames ?? []).length === 0
        ? [16, 'statistics without a name']
        : undefined;
    case 'AlterStatsStmt':
      return (fields as NodeOf<'AlterStatsStmt'>).stxstattarget === undefined
        ? [17, 'SET STATISTICS DEFAULT']
        : undefined;
    case 'GrantRoleStmt':
      return ofRoles(fields as NodeOf<'GrantRoleStmt'>);
    case 'AlterTableStmt': {
      const alter = fields as NodeOf<'AlterTableStmt'>;
      const isLogging = (alter.cmds ?? []).some((command) =>
        ['AT_SetLogged', 'AT_SetUnLogged'].includes(nodeAs(command, 'AlterTableCmd')?.subtype ?? ''),
      );
      return alter.objtype === 'OBJECT_SEQUENCE' && isLogging ? [15, 'unlogged sequences'] : undefined;
    }
    case 'DefineStmt': {
      const define = fields as NodeOf<'DefineStmt'>;
      const isBuiltIn = (define.definition ?? []).some((node) => {
        const option = nodeAs(node, 'DefElem');
        return option?.defname === 'provider' && argumentText(option.arg)?.toLowerCase() === 'builtin';
      });
      return define.kind === 'OBJECT_COLLATION' && isBuiltIn ? [17, 'the collation provider builtin'] : undefined;
    }
    case 'ExplainStmt': {
      const option = optionsOf((fields as NodeOf<'ExplainStmt'>).options).find((name) => name in EXPLAINED);
      return option === undefined ? undefined : [EXPLAINED[option] ?? 0, `${option.toUpperCase()} of EXPLAIN`];
    }
    case 'CreatePublicationStmt':
    case 'AlterPublicationStmt':
      return optionsOf((fields as NodeOf<'CreatePublicationStmt'>).options).includes('publish_generated_columns')
        ? [18, 'publish_generated_columns']
        : undefined;
    case 'ViewStmt':
      return optionsOf((fields as NodeOf<'ViewStmt'>).options).includes('security_invoker')
        ? [15, 'security_invoker']
        : undefined;
    case 'PublicationObjSpec': {
      const object = fields as NodeOf<'PublicationObjSpec'>;
      if (object.pubobjtype === 'PUBLICATIONOBJ_TABLES_IN_SCHEMA') return [15, 'FOR TABLES IN SCHEMA'];
      if (object.pubtable?.whereClause !== undefined) return [15, 'WHERE of a publication'];
      return (object.pubtable?.columns ?? []).length > 0 ? [15, 'columns of a publication'] : undefined;
    }
    default:
      return undefined;
  }
}

function isOldOrNew(node: Node): boolean {
  const [first, second] = nodeAs(nodeAs(node, 'ResTarget')?.val, 'ColumnRef')?.fields ?? [];
  return first !== undefined && second !== undefined && ['old', 'new'].includes(argumentText(first));
}

function ofRoles({ granted_roles = [], opt = [] }: NodeOf<'GrantRoleStmt'>): readonly [number, string] | undefined {
  const role = granted_roles
    .flatMap((node) => nodeAs(node, 'AccessPriv')?.priv_name ?? [])
    .find((name) => name in ROLES);
  if (role !== undefined) return [ROLES[role] ?? 0, `the role ${role}`];
  const option = optionsOf(opt).find((name) => name === 'inherit' || name === 'set');
  return option === undefined ? undefined : [16, `${option.toUpperCase()} of a membership`];
}

function optionsOf(options: readonly Node[] | undefined): readonly string[] {
  return (options ?? []).flatMap((option) => nodeAs(option, 'DefElem')?.defname ?? []);
}

function ofTableCommand(command: NodeOf<'AlterTableCmd'>): readonly [number, string] | undefined {
  if (command.subtype === 'AT_SetStorage' && command.def !== undefined && argumentText(command.def) === 'default')
    return [16, 'SET STORAGE DEFAULT'];
  if (command.subtype === 'AT_SetStatistics' && command.def === undefined) return [17, 'SET STATISTICS DEFAULT'];
  const options = command.subtype === 'AT_SetRelOptions' ? optionsOf(nodeAs(command.def, 'List')?.items) : [];
  if (options.includes('autovacuum_vacuum_max_threshold')) return [18, 'autovacuum_vacuum_max_threshold'];
  return options.includes('security_invoker') ? [15, 'security_invoker'] : undefined;
}

function ofType({ names, typmods }: NodeOf<'TypeName'>): readonly [number, string] | undefined {
  const name = stringOf(names?.at(-1));
  if (name.endsWith(MULTIRANGE)) return [14, 'multiranges'];
  if (name !== 'numeric' || typmods?.length !== 2) return undefined;
  const [precision, scale] = typmods.map((node) => nodeAs(node, 'A_Const')?.ival?.ival);
  const isNegative = nodeAs(typmods[1], 'A_Expr') !== undefined || (scale !== undefined && scale < 0);
  return isNegative || (precision !== undefined && scale !== undefined && scale > precision)
    ? [15, 'a scale of numeric below zero or above the precision']
    : undefined;
}
