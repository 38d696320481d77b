import type { Node } from '@pgsql/types';
import { argumentText, itemsOf, type NodeOf, nodeAs, stringsOf, visitNodes } from './nodes.ts';

/**
 * What the grammar reads and no server takes, whatever its database holds: a sentence; undefined where nothing is.
 *
 * Source: the PostgreSQL manual's pages of the commands; checked by test/database/refusal-probes.test.ts.
 */
export function neverTaken(nodes: readonly Node[]): string | undefined {
  let found: string | undefined;
  visitNodes(nodes, (key, fields) => {
    found ??= CHECKS.get(key)?.(fields);
    // Expressions of rows have none of these, and there may be many.
    return found === undefined && key !== 'valuesLists';
  });
  return found;
}

type Check = (fields: object) => string | undefined;

/** A check of one type of node; the key names the node's type, so its fields are those of that type. */
function of<Key extends Parameters<typeof nodeAs>[1]>(
  key: Key,
  check: (fields: NodeOf<Key>) => string | undefined,
): readonly [string, Check] {
  return [key, (fields) => check(fields as NodeOf<Key>)];
}

const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  of('CreatePolicyStmt', ({ cmd_name: command, qual, with_check: check }) => {
    if (command === 'insert' && qual !== undefined) return 'A policy FOR INSERT has a WITH CHECK only, and no USING.';
    return (command === 'select' || command === 'delete') && check !== undefined
      ? `A policy FOR ${command.toUpperCase()} has a USING only, and no WITH CHECK.`
      : undefined;
  }),
  of('CreateTrigStmt', trigger),
  of('CreateEventTrigStmt', ({ eventname: event = '' }) =>
    EVENTS.has(event) ? undefined : `There is no event "${event}" for an event trigger.`,
  ),
  of('CreateSeqStmt', ({ options }) => sequence(options)),
  of('CreateDomainStmt', ({ constraints, typeName }) => {
    const kinds = (constraints ?? []).map((node) => nodeAs(node, 'Constraint')?.contype);
    if (kinds.includes('CONSTR_NULL') && kinds.includes('CONSTR_NOTNULL'))
      return 'A domain is NULL or NOT NULL, not both.';
    if (kinds.some((kind) => kind === 'CONSTR_UNIQUE' || kind === 'CONSTR_PRIMARY' || kind === 'CONSTR_FOREIGN'))
      return 'A domain has no keys: NOT NULL and CHECK are all that it takes.';
    const name = stringsOf(typeName?.names).at(-1) ?? '';
    return SERIALS.has(name) ? `${name} is no type: it stands for a column with a sequence.` : undefined;
  }),
  of('CreateEnumStmt', ({ vals }) => {
    const labels = stringsOf(vals);
    const twice = labels.find((label, place) => labels.indexOf(label) !== place);
    return twice === undefined ? undefined : `The label '${twice}' stands here twice.`;
  }),
  of('CompositeTypeStmt', ({ coldeflist }) => {
    const names = (coldeflist ?? []).map((node) => nodeAs(node, 'ColumnDef')?.colname ?? '');
    const twice = names.find((name, place) => names.indexOf(name) !== place);
    return twice === undefined ? undefined : `The attribute "${twice}" stands here twice.`;
  }),
  of('ColumnDef', column),
  of('TypeCast', ({ typeName: type }) => serialType(type)),
  of('FunctionParameter', ({ argType }) => serialType(argType)),
  of('TypeName', (type) => typeName(type)),
  ['typeName', (fields) => typeName(fields as NodeOf<'TypeName'>)],
  ['partspec', (fields) => partitioned(fields as NodeOf<'PartitionSpec'>)],
  ['partbound', (fields) => bound(fields as NodeOf<'PartitionBoundSpec'>)],
  ['bound', (fields) => bound(fields as NodeOf<'PartitionBoundSpec'>)],
  of('CreateSchemaStmt', ({ schemaname = '' }) =>
    schemaname.startsWith('pg_') ? 'Names of schemas that begin with "pg_" are the system\'s own.' : undefined,
  ),
  of('CreateFunctionStmt', routine),
  of('CreateStatsStmt', ({ exprs }) => {
    const elements = (exprs ?? []).map((node) => nodeAs(node, 'StatsElem'));
    return elements.length === 1 && elements[0]?.expr === undefined
      ? 'Extended statistics are on two columns at least.'
      : undefined;
  }),
  of('VacuumRelation', ({ va_cols: columns }) => {
    const names = stringsOf(columns);
    const twice = names.find((name, place) => names.indexOf(name) !== place);
    return twice === undefined ? undefined : `The column "${twice}" stands here twice.`;
  }),
  of('CreatePublicationStmt', ({ pubobjects, options }) => {
    const wrong = published(options);
    if (wrong !== undefined) return wrong;
    const objects = (pubobjects ?? []).map((node) => nodeAs(node, 'PublicationObjSpec'));
    const hasColumns = objects.some((object) => (object?.pubtable?.columns ?? []).length > 0);
    return hasColumns && objects.some((object) => object?.pubobjtype === 'PUBLICATIONOBJ_TABLES_IN_SCHEMA')
      ? 'A publication of a whole schema takes no columns of single tables.'
      : undefined;
  }),
  of('MultiAssignRef', ({ source, ncolumns = 0 }) => {
    const row = nodeAs(source, 'RowExpr');
    return row === undefined || (row.args ?? []).length === ncolumns
      ? undefined
      : `There are ${ncolumns} columns here for ${(row.args ?? []).length} values.`;
  }),
  of('AlterTableCmd', (fields) => alterTable(fields)),
  of('AlterTableStmt', ({ cmds, objtype }) =>
    objtype === 'OBJECT_TABLE'
      ? (cmds ?? [])
          .map((node) => nodeAs(node, 'AlterTableCmd'))
          .map((command) =>
            command?.subtype === 'AT_SetRelOptions' && command.def !== undefined
              ? unknownOption(itemsOf(command.def), ALTERED_OPTIONS)
              : undefined,
          )
          .find((why) => why !== undefined)
      : undefined,
  ),
  of(
    'CreateStmt',
    ({ options, tableElts, accessMethod }) =>
      (tableElts ?? [])
        .map((node) => systemName(nodeAs(node, 'ColumnDef')?.colname))
        .find((why) => why !== undefined) ??
      storage(options, TABLE_OPTIONS) ??
      (accessMethod === undefined || accessMethod === 'heap' ? unknownOption(options, TABLE_OPTIONS) : undefined),
  ),
  of('RenameStmt', ({ renameType, relationType, newname }) =>
    renameType === 'OBJECT_COLUMN' && relationType === 'OBJECT_TABLE' ? systemName(newname) : undefined,
  ),
  of('IndexStmt', ({ options, accessMethod }) => {
    const known = INDEX_OPTIONS[accessMethod ?? 'btree'];
    return known === undefined ? undefined : (storage(options, known) ?? unknownOption(options, known));
  }),
  of('AlterSeqStmt', ({ options }) => {
    const names = (options ?? []).map((node) => nodeAs(node, 'DefElem')?.defname);
    return names.includes('minvalue') && names.includes('maxvalue') ? sequence(options) : undefined;
  }),
  of('AlterPublicationStmt', ({ options }) => published(options)),
]);

const EVENTS = new Set(['ddl_command_start', 'ddl_command_end', 'table_rewrite', 'sql_drop', 'login']);

const SERIALS = new Set(['serial', 'bigserial', 'smallserial', 'serial2', 'serial4', 'serial8']);

/** Columns that every table has by itself. */
function systemName(name: string | undefined): string | undefined {
  return name !== undefined && SYSTEM_COLUMNS.has(name)
    ? `"${name}" is the name of a column that every table has by itself.`
    : undefined;
}

const SYSTEM_COLUMNS = new Set(['tableoid', 'ctid', 'xmin', 'xmax', 'cmin', 'cmax']);

/** Changes that a publication does not know. */
function published(options: readonly Node[] | undefined): string | undefined {
  const option = (options ?? []).map((node) => nodeAs(node, 'DefElem')).find((each) => each?.defname === 'publish');
  const unknown =
    option === undefined
      ? undefined
      : argumentText(option.arg)
          .split(',')
          .map((word) => word.trim().toLowerCase())
          .find((word) => word !== '' && !['insert', 'update', 'delete', 'truncate'].includes(word));
  return unknown === undefined
    ? undefined
    : `A publication sends insert, update, delete and truncate, and no ${unknown}.`;
}

/** Types of the system that have no collations. */
const NOT_COLLATED = new Set(
  'int2 int4 int8 float4 float8 numeric bool date timestamp timestamptz time timetz interval uuid json jsonb bytea inet cidr macaddr money oid bit varbit'.split(
    ' ',
  ),
);

function alterTable({ subtype, def }: NodeOf<'AlterTableCmd'>): string | undefined {
  if (subtype === 'AT_AddColumn') {
    const wrong = systemName(nodeAs(def, 'ColumnDef')?.colname);
    if (wrong !== undefined) return wrong;
  }
  if (subtype === 'AT_SetOptions') return def === undefined ? undefined : unknownOption(itemsOf(def), COLUMN_OPTIONS);
  if (subtype === 'AT_SetRelOptions') return storage(def === undefined ? [] : itemsOf(def), TABLE_OPTIONS);
  const type = subtype === 'AT_AlterColumnType' ? nodeAs(def, 'ColumnDef')?.typeName : undefined;
  const name = stringsOf(type?.names).at(-1) ?? '';
  return type !== undefined && type.names?.length === 1 && SERIALS.has(name)
    ? `${name} is no type: it stands for a new column with a sequence. Change the type to ${WHOLE[name] ?? ''}, and add an identity.`
    : undefined;
}

function serialType(type: NodeOf<'TypeName'> | undefined): string | undefined {
  const name = stringsOf(type?.names).at(-1) ?? '';
  return type?.names?.length === 1 && SERIALS.has(name)
    ? `${name} is no type: it stands for a new column with a sequence. ${WHOLE[name] ?? ''} is the type of its values.`
    : undefined;
}

const WHOLE: Readonly<Record<string, string>> = {
  serial: 'integer',
  serial4: 'integer',
  bigserial: 'bigint',
  serial8: 'bigint',
  smallserial: 'smallint',
  serial2: 'smallint',
};

const TRIGGER = { row: true, before: 2, insert: 4, delete: 8, update: 16, truncate: 32, instead: 64 } as const;

function trigger(fields: NodeOf<'CreateTrigStmt'>): string | undefined {
  const { events = 0, timing = 0, row = false, transitionRels = [], columns = [], isconstraint = false } = fields;
  if (row && (events & TRIGGER.truncate) !== 0) return 'A trigger on TRUNCATE is FOR EACH STATEMENT.';
  if (timing === TRIGGER.instead && !row) return 'An INSTEAD OF trigger is FOR EACH ROW.';
  if (timing === TRIGGER.instead && fields.whenClause !== undefined) return 'An INSTEAD OF trigger has no WHEN.';
  if (timing === TRIGGER.instead && columns.length > 0) return 'An INSTEAD OF trigger has no list of columns.';
  if (isconstraint && (timing !== 0 || !row)) return 'A constraint trigger is AFTER and FOR EACH ROW.';
  if (transitionRels.length === 0) return undefined;
  if (timing !== 0) return 'Only an AFTER trigger has transition tables.';
  const count = [TRIGGER.insert, TRIGGER.delete, TRIGGER.update].filter((event) => (events & event) !== 0).length;
  if (count > 1) return 'A trigger for more than one event has no transition tables: make one for each.';
  return columns.length > 0 ? 'A trigger with a list of columns has no transition tables.' : undefined;
}

/** The greatest value of a sequence of a type. */
const LIMITS: Readonly<Record<string, number>> = { int2: 32_767, int4: 2_147_483_647, int8: Number.POSITIVE_INFINITY };

function sequence(options: readonly Node[] | undefined): string | undefined {
  const all = (options ?? []).flatMap((node) => nodeAs(node, 'DefElem') ?? []);
  const argumentOf = (name: string): Node | undefined => all.find((element) => element.defname === name)?.arg;
  const numberOf = (name: string): number | undefined => {
    const argument = argumentOf(name);
    return argument === undefined ? undefined : Number(argumentText(argument));
  };
  const type = stringsOf(nodeAs(argumentOf('as'), 'TypeName')?.names).at(-1);
  if (type !== undefined && LIMITS[type] === undefined) return 'A sequence is of smallint, integer or bigint.';
  const increment = numberOf('increment') ?? 1;
  if (increment === 0) return 'The INCREMENT of a sequence is not 0.';
  const limit = LIMITS[type ?? 'int8'] ?? Number.POSITIVE_INFINITY;
  const least = numberOf('minvalue') ?? (increment > 0 ? 1 : -limit - 1);
  const most = numberOf('maxvalue') ?? (increment > 0 ? limit : -1);
  if (most > limit) return `MAXVALUE ${most} does not fit into the type of the sequence.`;
  if (least >= most) return `MINVALUE ${least} is not below MAXVALUE ${most}.`;
  const start = numberOf('start');
  if (start === undefined) return undefined;
  if (start < least) return `START ${start} is below MINVALUE ${least}.`;
  return start > most ? `START ${start} is above MAXVALUE ${most}.` : undefined;
}

function column({ colname = '', collClause, constraints, typeName: type }: NodeOf<'ColumnDef'>): string | undefined {
  const kinds = (constraints ?? []).map((node) => nodeAs(node, 'Constraint')?.contype);
  if (kinds.includes('CONSTR_NULL') && (kinds.includes('CONSTR_NOTNULL') || kinds.includes('CONSTR_PRIMARY')))
    return `"${colname}" is NULL or NOT NULL, not both.`;
  const name = stringsOf(type?.names).at(-1) ?? '';
  const isSerial = type?.names?.length === 1 && SERIALS.has(name);
  const defaults = kinds.filter((kind) => kind === 'CONSTR_DEFAULT').length + (isSerial ? 1 : 0);
  if (defaults > 1) return `"${colname}" has more than one default.`;
  if (isSerial && (type?.arrayBounds ?? []).length > 0) return `There are no arrays of ${name}.`;
  const isBare = type?.names?.length === 1 || stringsOf(type?.names)[0] === 'pg_catalog';
  if (isBare && collClause !== undefined && NOT_COLLATED.has(name))
    return `"${colname}" is ${name}, which has no collations.`;
  return isBare && PSEUDO.has(name) ? `${name} is a pseudo-type, of which no column can be.` : undefined;
}

const PSEUDO = new Set([
  'unknown',
  'record',
  'void',
  'any',
  'anyelement',
  'anyarray',
  'anynonarray',
  'anyenum',
  'anyrange',
  'trigger',
  'event_trigger',
  'internal',
  'cstring',
]);

/** Types of the system that take no modifier. */
const BARE = new Set([
  'text',
  'bool',
  'uuid',
  'json',
  'jsonb',
  'bytea',
  'date',
  'inet',
  'cidr',
  'xml',
  'money',
  'int2',
  'int4',
  'int8',
  'float4',
  'float8',
  'name',
  'oid',
]);

function typeName({ names, typmods }: NodeOf<'TypeName'>): string | undefined {
  if (typmods === undefined || typmods.length === 0) return undefined;
  const parts = stringsOf(names);
  const name = parts.at(-1) ?? '';
  if (parts.length > 1 && parts[0] !== 'pg_catalog') return undefined;
  const [first] = typmods.map((node) => nodeAs(node, 'A_Const')?.ival?.ival ?? (isZero(node) ? 0 : undefined));
  if (BARE.has(name)) return `${name} takes no length or precision.`;
  if (first === undefined) return undefined;
  if (name === 'numeric' && (first < 1 || first > 1000)) return `The precision of numeric is 1 to 1000, not ${first}.`;
  if (['varchar', 'bpchar', 'bit', 'varbit'].includes(name) && first < 1) return `The length of ${name} is at least 1.`;
  return (name === 'varchar' || name === 'bpchar') && first > 10_485_760
    ? `The length of ${name} is at most 10485760.`
    : undefined;
}

/** The parser leaves zeros out. */
function isZero(node: Node): boolean {
  const constant = nodeAs(node, 'A_Const');
  return constant?.ival !== undefined && constant.ival.ival === undefined;
}

function partitioned({ strategy, partParams }: NodeOf<'PartitionSpec'>): string | undefined {
  return strategy === 'PARTITION_STRATEGY_LIST' && (partParams ?? []).length > 1
    ? 'A table is partitioned BY LIST of one column only.'
    : undefined;
}

function bound({
  strategy,
  modulus = 0,
  remainder = 0,
  lowerdatums,
  upperdatums,
}: NodeOf<'PartitionBoundSpec'>): string | undefined {
  if (strategy === 'h' && modulus > 0 && remainder >= modulus)
    return `The REMAINDER ${remainder} is not below the MODULUS ${modulus}.`;
  if (strategy !== 'r') return undefined;
  const [from, to] = [lowerdatums, upperdatums].map((nodes) =>
    nodes?.length === 1 ? nodeAs(nodes[0], 'A_Const') : undefined,
  );
  const isDay = (text: string | undefined): text is string => text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text);
  const [first, last] = [from?.sval?.sval, to?.sval?.sval];
  const isEmpty =
    (isDay(first) && isDay(last) && first >= last) ||
    (from?.ival !== undefined && to?.ival !== undefined && (from.ival.ival ?? 0) >= (to.ival.ival ?? 0));
  return isEmpty ? 'The range of this partition is empty: FROM is not below TO.' : undefined;
}

function routine({
  parameters,
  is_procedure: isProcedure = false,
  returnType,
}: NodeOf<'CreateFunctionStmt'>): string | undefined {
  let hasDefault = false;
  for (const node of parameters ?? []) {
    const parameter = nodeAs(node, 'FunctionParameter');
    if (parameter === undefined || ['FUNC_PARAM_OUT', 'FUNC_PARAM_TABLE'].includes(parameter.mode ?? '')) continue;
    if (hasDefault && parameter.defexpr === undefined && parameter.mode !== 'FUNC_PARAM_VARIADIC')
      return 'Arguments after one with a default have defaults too.';
    hasDefault ||= parameter.defexpr !== undefined;
  }
  const hasOutput = (parameters ?? []).some((node) =>
    ['FUNC_PARAM_OUT', 'FUNC_PARAM_INOUT', 'FUNC_PARAM_TABLE'].includes(nodeAs(node, 'FunctionParameter')?.mode ?? ''),
  );
  const isSerial = serialType(returnType);
  if (isSerial !== undefined) return isSerial;
  const wrong = isProcedure ? undefined : wrongOutputs(parameters, returnType);
  if (wrong !== undefined) return wrong;
  return !isProcedure && returnType === undefined && !hasOutput ? 'A function says what it RETURNS.' : undefined;
}

/** RETURNS beside OUT arguments says the type of the one, or record for several. */
function wrongOutputs(
  parameters: readonly Node[] | undefined,
  returnType: NodeOf<'TypeName'> | undefined,
): string | undefined {
  const outputs = (parameters ?? []).flatMap((node) => {
    const parameter = nodeAs(node, 'FunctionParameter');
    return parameter?.mode === 'FUNC_PARAM_OUT' || parameter?.mode === 'FUNC_PARAM_INOUT' ? [parameter] : [];
  });
  const isTable = (parameters ?? []).some((node) => nodeAs(node, 'FunctionParameter')?.mode === 'FUNC_PARAM_TABLE');
  const bareName = (type: NodeOf<'TypeName'> | undefined): string | undefined => {
    const names = stringsOf(type?.names);
    const isOwn = names.length === 1 || names[0] === 'pg_catalog';
    return isOwn && (type?.arrayBounds ?? []).length === 0 && KNOWN_TYPES.has(names.at(-1) ?? '')
      ? names.at(-1)
      : undefined;
  };
  const [only] = outputs;
  const given = bareName(returnType);
  if (returnType === undefined || isTable || only === undefined || given === undefined) return undefined;
  if (outputs.length > 1)
    return given === 'record' ? undefined : 'A function with several OUT arguments RETURNS record, or leaves it out.';
  const wanted = bareName(only.argType);
  return wanted === undefined || wanted === given
    ? undefined
    : `The OUT argument is ${wanted}, and RETURNS says ${given}: it is left out, or the same.`;
}

/** Types whose names stand for themselves. */
const KNOWN_TYPES = new Set([...BARE, ...NOT_COLLATED, 'varchar', 'bpchar', 'record']);

/** Numbers that a storage parameter takes, both ends included, or `boolean`. */
type Option = readonly [number, number] | 'boolean' | 'any';

const TABLE_OPTIONS: Readonly<Record<string, Option>> = {
  fillfactor: [10, 100],
  toast_tuple_target: [128, 8160],
  parallel_workers: [0, 1024],
  autovacuum_enabled: 'boolean',
  user_catalog_table: 'boolean',
  vacuum_index_cleanup: 'any',
  vacuum_truncate: 'boolean',
  vacuum_max_eager_freeze_failure_rate: [0, 1],
  log_autovacuum_min_duration: 'any',
  autovacuum_vacuum_threshold: [0, 2_147_483_647],
  autovacuum_vacuum_max_threshold: [-1, 2_147_483_647],
  autovacuum_vacuum_scale_factor: [0, 100],
  autovacuum_vacuum_insert_threshold: [-1, 2_147_483_647],
  autovacuum_vacuum_insert_scale_factor: [0, 100],
  autovacuum_analyze_threshold: [0, 2_147_483_647],
  autovacuum_analyze_scale_factor: [0, 100],
  autovacuum_vacuum_cost_delay: 'any',
  autovacuum_vacuum_cost_limit: [1, 10_000],
  autovacuum_freeze_min_age: 'any',
  autovacuum_freeze_max_age: 'any',
  autovacuum_freeze_table_age: 'any',
  autovacuum_multixact_freeze_min_age: 'any',
  autovacuum_multixact_freeze_max_age: 'any',
  autovacuum_multixact_freeze_table_age: 'any',
  oids: 'any',
};

const COLUMN_OPTIONS: Readonly<Record<string, Option>> = { n_distinct: 'any', n_distinct_inherited: 'any' };

const INDEX_OPTIONS: Readonly<Record<string, Readonly<Record<string, Option>>>> = {
  btree: { fillfactor: [10, 100], deduplicate_items: 'boolean' },
  hash: { fillfactor: [10, 100] },
  gist: { fillfactor: [10, 100], buffering: 'any' },
  spgist: { fillfactor: [10, 100] },
  gin: { fastupdate: 'boolean', gin_pending_list_limit: 'any' },
  brin: { autosummarize: 'boolean', pages_per_range: [1, 131_072] },
};

/** What ALTER TABLE sets, which may be said of a view or an index too. */
const ALTERED_OPTIONS: Readonly<Record<string, Option>> = {
  ...TABLE_OPTIONS,
  ...Object.assign({}, ...Object.values(INDEX_OPTIONS)),
  security_barrier: 'boolean',
  security_invoker: 'boolean',
  check_option: 'any',
};

/** A storage parameter that no server knows; one with a prefix is an extension's. */
function unknownOption(
  options: readonly Node[] | undefined,
  known: Readonly<Record<string, Option>>,
): string | undefined {
  for (const node of options ?? []) {
    const element = nodeAs(node, 'DefElem');
    if (element?.defname !== undefined && element.defnamespace === undefined && known[element.defname] === undefined)
      return `There is no parameter "${element.defname}" here.`;
  }
  return undefined;
}

/** What a value of a boolean setting may be, or the beginning of. */
export function isTruth(word: string): boolean {
  const text = word.toLowerCase();
  return (
    text === '' ||
    ['on', 'of', 'off', '0', '1'].includes(text) ||
    ['true', 'false', 'yes', 'no'].some((whole) => whole.startsWith(text))
  );
}

function storage(options: readonly Node[] | undefined, known: Readonly<Record<string, Option>>): string | undefined {
  for (const node of options ?? []) {
    const element = nodeAs(node, 'DefElem');
    if (element === undefined || element.defnamespace !== undefined) continue;
    const { defname: name = '', arg } = element;
    const text = argumentText(arg);
    if (name === 'oids' && isTruth(text) && /^(?:|t|y|on|1)/i.test(text))
      return 'No server of the supported versions has tables WITH OIDS.';
    const option = known[name];
    if (Array.isArray(option) && arg !== undefined && itemsOf(arg).length === 1) {
      const value = Number(text);
      if (text !== '' && (Number.isNaN(value) || value < (option[0] ?? 0) || value > (option[1] ?? 0)))
        return `${name} is ${option[0]} to ${option[1]}, not ${text}.`;
    }
    if (option === 'boolean' && !isTruth(text)) return `${name} is true or false, not ${text}.`;
  }
  return undefined;
}
