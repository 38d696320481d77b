import type { Span } from '../../core/span.ts';
import { type Operation, type TableAction, type TableActionDetail, tableActionOf } from '../../model/operation.ts';
import { lowerCollation, lowerColumn } from './lower-column.ts';
import { lowerConstraint } from './lower-constraint.ts';
import { lowerExpression, relationName } from './lower-expression.ts';
import { storageParameters } from './lower-index-element.ts';
import { lowerPartitionBound, typeObject } from './lower-table.ts';
import { lowerTypeAttribute } from './lower-type.ts';
import { itemsOf, type NodeOf, nodeAs, optionNumber, optionOf, roleName, stringOf } from './nodes.ts';
import type { Source } from './source.ts';
import { lowerType } from './type-names.ts';

const HEADS: Readonly<Record<string, TableAction['head']>> = {
  OBJECT_TABLE: 'table',
  OBJECT_FOREIGN_TABLE: 'foreign-table',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized-view',
  OBJECT_INDEX: 'index',
  OBJECT_SEQUENCE: 'sequence',
};

/** GENERATED ALWAYS, as the parser writes it for SET. Source: PostgreSQL's `catalog/pg_attribute.h`. */
const ALWAYS = 'a'.charCodeAt(0);

/** What a statement's head calls the relation. */
export function headOf(type: string | undefined): TableAction['head'] | undefined {
  return HEADS[type ?? ''];
}

/** Fields that all actions of one statement share. */
export interface ActionHead {
  readonly relation: TableAction['relation'];
  readonly head: TableAction['head'];
  readonly ifExists: boolean;
  readonly only: boolean;
}

/** One action as an operation. */
export function tableAction(head: ActionHead, span: Span, action: TableActionDetail): TableAction {
  return tableActionOf({ span, ...head }, action);
}

/** ALTER TABLE, and ALTER VIEW, INDEX, SEQUENCE, TYPE and the like where they share its grammar: one operation an action. */
export function lowerAlterTable(source: Source, alter: NodeOf<'AlterTableStmt'>): readonly Operation[] {
  if (alter.relation === undefined) return [];
  const relation = relationName(source, alter.relation);
  const nameStart = source.indexAt(relation.span.start);
  const afterName = source.nameEnd(nameStart);
  let from = source.isSymbol(afterName, '*') ? afterName + 1 : afterName;
  if (source.isSymbol(from, ')')) from++;
  const commands = (alter.cmds ?? []).flatMap((node) => nodeAs(node, 'AlterTableCmd') ?? []);
  const ranges = source.items(from, source.tokens.length);
  const head = headOf(alter.objtype);
  return commands.map((command, index): Operation => {
    const [start, end] =
      commands.length === ranges.length
        ? (ranges[index] ?? [from, source.tokens.length])
        : [from, source.tokens.length];
    if (alter.objtype === 'OBJECT_TYPE') return lowerTypeAttribute(source, relation, command, start, end);
    const span = source.spanOf(start, end);
    if (head === undefined) return { kind: 'opaque', span, reason: 'this form of ALTER is not known' };
    const partition = nodeAs(command.def, 'PartitionCmd');
    if (head === 'index' && command.subtype === 'AT_AttachPartition' && partition?.name !== undefined) {
      return { kind: 'attach-index-partition', span, index: relation, partition: relationName(source, partition.name) };
    }
    const shared: ActionHead = {
      relation,
      head,
      ifExists: alter.missing_ok === true,
      only: head === 'table' && alter.relation?.inh !== true,
    };
    return tableAction(shared, span, lowerAction(source, command, start, end));
  });
}

function lowerAction(source: Source, command: NodeOf<'AlterTableCmd'>, start: number, end: number): TableActionDetail {
  const name = command.name ?? '';
  const cascade = command.behavior === 'DROP_CASCADE';
  const ifExists = command.missing_ok === true;
  const other = (): TableActionDetail => {
    const span = source.spanOf(start, end);
    return { kind: 'other-table-action', description: source.text.slice(span.start, span.end) };
  };
  /** Range of the column's or constraint's name behind the given words. */
  const nameSpan = (...words: readonly string[]): Span => {
    const index = source.skip(start, ...words);
    return source.spanOf(index, index + 1);
  };
  const columnSpan = (): Span => nameSpan('alter', 'column');
  const options = (): readonly string[] =>
    itemsOf(command.def).map((option) => {
      const element = nodeAs(option, 'DefElem');
      return element?.defnamespace === undefined
        ? (element?.defname ?? '')
        : `${element.defnamespace}.${element.defname ?? ''}`;
    });
  switch (command.subtype) {
    case 'AT_AddColumn': {
      const column = nodeAs(command.def, 'ColumnDef');
      const from = source.skip(start, 'add', 'column', 'if', 'not', 'exists');
      return column === undefined
        ? other()
        : { kind: 'add-column', column: lowerColumn(source, column, from, end), ifNotExists: ifExists };
    }
    case 'AT_DropColumn':
      return {
        kind: 'drop-column',
        column: name,
        columnSpan: nameSpan('drop', 'column', 'if', 'exists'),
        ifExists,
        cascade,
      };
    case 'AT_AlterColumnType': {
      const column = nodeAs(command.def, 'ColumnDef');
      if (column?.typeName === undefined) return other();
      const type = lowerType(source, column.typeName);
      const using =
        column.raw_default === undefined
          ? undefined
          : lowerExpression(source, column.raw_default, source.findWord(start, end, 'using') + 1, end);
      return {
        kind: 'alter-type',
        column: name,
        columnSpan: columnSpan(),
        type,
        ...lowerCollation(column, type),
        ...(using === undefined ? {} : { using }),
      };
    }
    case 'AT_ColumnDefault':
      if (command.def === undefined) return { kind: 'drop-default', column: name, columnSpan: columnSpan() };
      return {
        kind: 'set-default',
        column: name,
        columnSpan: columnSpan(),
        default: lowerExpression(
          source,
          command.def,
          source.skip(source.skip(start, 'alter', 'column') + 1, 'set', 'default'),
          end,
        ),
      };
    case 'AT_SetNotNull':
      return { kind: 'set-not-null', column: name, columnSpan: columnSpan() };
    case 'AT_DropNotNull':
      return { kind: 'drop-not-null', column: name, columnSpan: columnSpan() };
    case 'AT_SetExpression': {
      if (command.def === undefined) return other();
      const open = source.find(start, end, (token) => token.kind === 'symbol' && token.value === '(');
      return {
        kind: 'set-expression',
        column: name,
        columnSpan: columnSpan(),
        expression: lowerExpression(source, command.def, open + 1, source.closing(open)),
      };
    }
    case 'AT_DropExpression':
      return { kind: 'drop-expression', column: name, columnSpan: columnSpan(), ifExists };
    case 'AT_AddIdentity': {
      const identity = nodeAs(command.def, 'Constraint');
      const start = optionNumber(identity?.options, 'start');
      return {
        kind: 'add-identity',
        column: name,
        columnSpan: columnSpan(),
        always: identity?.generated_when === 'a',
        ...(start === undefined ? {} : { start }),
      };
    }
    case 'AT_SetIdentity': {
      const options = itemsOf(command.def);
      // A letter, as its character code.
      const generated = optionNumber(options, 'generated');
      return {
        kind: 'alter-identity',
        column: name,
        columnSpan: columnSpan(),
        changesSequence: options.some((option) => nodeAs(option, 'DefElem')?.defname !== 'generated'),
        ...(generated === undefined ? {} : { always: generated === ALWAYS }),
        ...(optionOf(options, 'restart') === undefined ? {} : { restart: true as const }),
      };
    }
    case 'AT_DropIdentity':
      return { kind: 'drop-identity', column: name, columnSpan: columnSpan(), ifExists };
    case 'AT_SetStatistics':
      return { kind: 'set-statistics', column: command.name ?? String(command.num ?? '') };
    case 'AT_SetStorage':
      return { kind: 'set-storage', column: name, storage: stringOf(command.def).toLowerCase() };
    case 'AT_SetCompression':
      return { kind: 'set-compression', column: name, method: stringOf(command.def) };
    case 'AT_SetOptions':
      return { kind: 'set-column-options', column: name, reset: false };
    case 'AT_ResetOptions':
      return { kind: 'set-column-options', column: name, reset: true };
    case 'AT_AddConstraint': {
      const constraint = nodeAs(command.def, 'Constraint');
      const lowered =
        constraint === undefined ? undefined : lowerConstraint(source, constraint, source.skip(start, 'add'), end);
      return lowered === undefined ? other() : { kind: 'add-constraint', constraint: lowered };
    }
    case 'AT_DropConstraint':
      return {
        kind: 'drop-constraint',
        constraint: name,
        constraintSpan: nameSpan('drop', 'constraint', 'if', 'exists'),
        ifExists,
        cascade,
      };
    case 'AT_ValidateConstraint':
      return { kind: 'validate-constraint', constraint: name, constraintSpan: nameSpan('validate', 'constraint') };
    case 'AT_AlterConstraint': {
      const change = nodeAs(command.def, 'ATAlterConstraint');
      return {
        kind: 'alter-constraint',
        constraint: change?.conname ?? '',
        ...(change?.alterDeferrability === true
          ? { deferrable: change.deferrable === true, initiallyDeferred: change.initdeferred === true }
          : {}),
        ...(change?.alterEnforceability === true ? { enforced: change.is_enforced === true } : {}),
        ...(change?.alterInheritability === true ? { noInherit: change.noinherit === true } : {}),
      };
    }
    case 'AT_AttachPartition': {
      const partition = nodeAs(command.def, 'PartitionCmd');
      if (partition?.name === undefined || partition.bound === undefined) return other();
      return {
        kind: 'attach-partition',
        partition: relationName(source, partition.name),
        bound: lowerPartitionBound(source, partition.bound),
      };
    }
    case 'AT_DetachPartition':
    case 'AT_DetachPartitionFinalize': {
      const partition = nodeAs(command.def, 'PartitionCmd');
      if (partition?.name === undefined) return other();
      const mode =
        command.subtype === 'AT_DetachPartitionFinalize'
          ? 'finalize'
          : partition.concurrent === true
            ? 'concurrently'
            : 'plain';
      return { kind: 'detach-partition', partition: relationName(source, partition.name), mode };
    }
    case 'AT_SetLogged':
      return { kind: 'set-logged' };
    case 'AT_SetUnLogged':
      return { kind: 'set-unlogged' };
    case 'AT_SetTableSpace':
      return { kind: 'set-tablespace', tablespace: name };
    case 'AT_SetAccessMethod':
      return { kind: 'set-access-method', method: command.name ?? 'default' };
    case 'AT_SetRelOptions': {
      const values = storageParameters(itemsOf(command.def));
      return { kind: 'set-storage-parameters', names: options(), ...(values === undefined ? {} : { values }) };
    }
    case 'AT_ResetRelOptions':
      return { kind: 'reset-storage-parameters', names: options() };
    case 'AT_ClusterOn':
      return { kind: 'cluster-on', index: name };
    case 'AT_DropCluster':
      return { kind: 'set-without-cluster' };
    case 'AT_ReplicaIdentity': {
      const identity = nodeAs(command.def, 'ReplicaIdentityStmt');
      const mode =
        identity?.identity_type === 'f'
          ? 'full'
          : identity?.identity_type === 'n'
            ? 'nothing'
            : identity?.identity_type === 'i'
              ? 'index'
              : 'default';
      return { kind: 'replica-identity', mode, ...(identity?.name === undefined ? {} : { index: identity.name }) };
    }
    case 'AT_ChangeOwner':
      return { kind: 'change-owner', owner: roleName(command.newowner) };
    case 'AT_EnableRowSecurity':
      return { kind: 'row-security', mode: 'enable' };
    case 'AT_DisableRowSecurity':
      return { kind: 'row-security', mode: 'disable' };
    case 'AT_ForceRowSecurity':
      return { kind: 'row-security', mode: 'force' };
    case 'AT_NoForceRowSecurity':
      return { kind: 'row-security', mode: 'no-force' };
    case 'AT_EnableTrig':
    case 'AT_EnableAlwaysTrig':
    case 'AT_EnableReplicaTrig':
      return { kind: 'toggle-trigger', enabled: true, target: 'one', trigger: name };
    case 'AT_DisableTrig':
      return { kind: 'toggle-trigger', enabled: false, target: 'one', trigger: name };
    case 'AT_EnableTrigAll':
      return { kind: 'toggle-trigger', enabled: true, target: 'all' };
    case 'AT_DisableTrigAll':
      return { kind: 'toggle-trigger', enabled: false, target: 'all' };
    case 'AT_EnableTrigUser':
      return { kind: 'toggle-trigger', enabled: true, target: 'user' };
    case 'AT_DisableTrigUser':
      return { kind: 'toggle-trigger', enabled: false, target: 'user' };
    case 'AT_EnableRule':
    case 'AT_EnableAlwaysRule':
    case 'AT_EnableReplicaRule':
      return { kind: 'toggle-rule', enabled: true, rule: name };
    case 'AT_DisableRule':
      return { kind: 'toggle-rule', enabled: false, rule: name };
    case 'AT_AddInherit':
    case 'AT_DropInherit': {
      const parent = nodeAs(command.def, 'RangeVar');
      if (parent === undefined) return other();
      return {
        kind: command.subtype === 'AT_AddInherit' ? 'inherit' : 'no-inherit',
        parent: relationName(source, parent),
      };
    }
    case 'AT_AddOf': {
      const type = nodeAs(command.def, 'TypeName');
      return type === undefined ? other() : { kind: 'of-type', type: typeObject(source, type) };
    }
    case 'AT_DropOf':
      return { kind: 'not-of-type' };
    // ALTER COLUMN ... OPTIONS, OPTIONS (...) of foreign tables, SET WITHOUT OIDS, and what later versions add.
    default:
      return other();
  }
}

/** Name behind the last `TO`, for renames. */
export function newNameSpan(source: Source): Span {
  const last = source.tokens.length - 1;
  return source.spanOf(last, last + 1);
}
