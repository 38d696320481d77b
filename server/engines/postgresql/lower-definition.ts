import type { Node } from '@pgsql/types';
import type { ObjectName } from '../../model/names.ts';
import type {
  AlterSequence,
  CreatePolicy,
  CreateSequence,
  CreateTrigger,
  CreateView,
  ObjectKind,
  OtherDefinition,
} from '../../model/operation.ts';
import { parenthesized } from './lower-constraint.ts';
import { createdName, expressionIn, relationName } from './lower-expression.ts';
import { lowerQuery } from './lower-query.ts';
import {
  argumentText,
  itemsOf,
  type NodeOf,
  nodeAs,
  nodeEntry,
  optionNumber,
  optionOf,
  stringOf,
  stringsOf,
} from './nodes.ts';
import { locate } from './object-kinds.ts';
import { objectName, type Source } from './source.ts';
import { lowerType } from './type-names.ts';

/** CREATE VIEW. */
export function lowerView(source: Source, view: NodeOf<'ViewStmt'>): CreateView {
  const relation: ObjectName =
    view.view === undefined ? { name: '', span: source.span } : createdName(source, view.view);
  const length = source.tokens.length;
  const from = source.findWord(source.indexAt(relation.span.end), length, 'as') + 1;
  const checkStart = view.withCheckOption === 'LOCAL_CHECK_OPTION' ? 4 : source.isWord(length - 3, 'cascaded') ? 4 : 3;
  const to =
    view.withCheckOption === undefined || view.withCheckOption === 'NO_CHECK_OPTION' ? length : length - checkStart;
  return {
    kind: 'create-view',
    span: source.span,
    relation,
    orReplace: view.replace === true,
    ifNotExists: false,
    temporary: view.view?.relpersistence === 't',
    recursive: source.findWord(0, Math.min(5, length), 'recursive') < Math.min(5, length),
    ...(view.aliases === undefined ? {} : { columns: stringsOf(view.aliases) }),
    withData: true,
    query: lowerQuery(source, view.query, source.spanOf(Math.min(from, to), to)),
    sql: source.text.slice(source.span.start, source.span.end),
  };
}

/** CREATE SEQUENCE. */
export function lowerCreateSequence(source: Source, create: NodeOf<'CreateSeqStmt'>): CreateSequence {
  const relation: ObjectName =
    create.sequence === undefined ? { name: '', span: source.span } : createdName(source, create.sequence);
  const owner = ownedBy(source, create.options);
  const type = nodeAs(optionOf(create.options, 'as')?.arg, 'TypeName');
  const start = optionNumber(create.options, 'start');
  return {
    kind: 'create-sequence',
    span: source.span,
    relation,
    ifNotExists: create.if_not_exists === true,
    temporary: create.sequence?.relpersistence === 't',
    ...(create.sequence?.relpersistence === 'u' ? { unlogged: true as const } : {}),
    ...(owner === undefined || owner === 'none' ? {} : { ownedBy: owner }),
    ...(type === undefined ? {} : { dataType: lowerType(source, type) }),
    ...(start === undefined ? {} : { start }),
  };
}

/** ALTER SEQUENCE but for what ALTER TABLE's grammar covers. */
export function lowerAlterSequence(source: Source, alter: NodeOf<'AlterSeqStmt'>): AlterSequence {
  const relation: ObjectName =
    alter.sequence === undefined ? { name: '', span: source.span } : relationName(source, alter.sequence);
  const owner = ownedBy(source, alter.options);
  const type = nodeAs(optionOf(alter.options, 'as')?.arg, 'TypeName');
  const restart = optionOf(alter.options, 'restart')?.arg;
  return {
    kind: 'alter-sequence',
    span: source.span,
    relation,
    ifExists: alter.missing_ok === true,
    restart: optionOf(alter.options, 'restart') !== undefined,
    ...(restart === undefined ? {} : { restartWith: Number(argumentText(restart)) }),
    ...(owner === undefined ? {} : { ownedBy: owner }),
    ...(type === undefined ? {} : { dataType: lowerType(source, type) }),
  };
}

function ownedBy(source: Source, options: readonly Node[] | undefined): AlterSequence['ownedBy'] {
  const element = optionOf(options, 'owned_by');
  if (element === undefined) return undefined;
  const parts = itemsOf(element.arg).map(stringOf);
  if (parts.length === 1) return 'none';
  const name = source.skip(source.indexAt(source.at(element.location)), 'owned', 'by');
  return {
    relation: objectName(parts.slice(0, -1), source.spanOf(name, Math.max(name + 1, source.nameEnd(name) - 2))),
    column: parts.at(-1) ?? '',
  };
}

/** Bits of a trigger's events and timing. Source: PostgreSQL's `catalog/pg_trigger.h`. */
const TRIGGER_EVENTS = [
  [4, 'insert'],
  [8, 'delete'],
  [16, 'update'],
  [32, 'truncate'],
] as const;
const TRIGGER_BEFORE = 2;
const TRIGGER_INSTEAD = 64;

/** CREATE TRIGGER. */
export function lowerTrigger(source: Source, trigger: NodeOf<'CreateTrigStmt'>): CreateTrigger {
  const relation: ObjectName =
    trigger.relation === undefined ? { name: '', span: source.span } : relationName(source, trigger.relation);
  const names = stringsOf(trigger.funcname);
  const execute = source.findWord(source.indexAt(relation.span.end), source.tokens.length, 'execute');
  const timing = trigger.timing ?? 0;
  return {
    kind: 'create-trigger',
    span: source.span,
    name: trigger.trigname ?? '',
    relation,
    orReplace: trigger.replace === true,
    constraint: trigger.isconstraint === true,
    ...(trigger.initdeferred === true ? { initiallyDeferred: true as const } : {}),
    ...(trigger.constrrel === undefined ? {} : { from: relationName(source, trigger.constrrel) }),
    timing: (timing & TRIGGER_INSTEAD) !== 0 ? 'instead-of' : (timing & TRIGGER_BEFORE) !== 0 ? 'before' : 'after',
    events: TRIGGER_EVENTS.filter(([bit]) => ((trigger.events ?? 0) & bit) !== 0).map(([, event]) => event),
    updateColumns: stringsOf(trigger.columns),
    forEachRow: trigger.row === true,
    ...(names.length === 0 ? {} : { function: locate(source, names, execute + 2).object }),
    ...(trigger.whenClause === undefined
      ? {}
      : {
          when: expressionIn(
            source,
            trigger.whenClause,
            parenthesized(source, source.indexAt(relation.span.end), source.tokens.length, 'when'),
          ),
        }),
    sql: source.text.slice(source.span.start, source.span.end),
  };
}

/** CREATE POLICY and ALTER POLICY. */
export function lowerPolicy(
  source: Source,
  policy: NodeOf<'CreatePolicyStmt'>,
  kind: CreatePolicy['kind'],
): CreatePolicy {
  const relation: ObjectName =
    policy.table === undefined ? { name: '', span: source.span } : relationName(source, policy.table);
  const from = source.indexAt(relation.span.end);
  const to = source.tokens.length;
  return {
    kind,
    span: source.span,
    name: policy.policy_name ?? '',
    relation,
    ...(policy.qual === undefined
      ? {}
      : { using: expressionIn(source, policy.qual, parenthesized(source, from, to, 'using')) }),
    ...(policy.with_check === undefined
      ? {}
      : { check: expressionIn(source, policy.with_check, parenthesized(source, from, to, 'check')) }),
    sql: source.text.slice(source.span.start, source.span.end),
  };
}

/** CREATE or ALTER of an object without rows: its name where the statement has one, and the relations that it names. */
export function otherDefinition(
  source: Source,
  kind: OtherDefinition['kind'],
  objectKind: ObjectKind,
  names: readonly string[],
  ifNotExists: boolean,
  node?: Node,
): OtherDefinition {
  const head = source.spanOf(0, Math.min(source.tokens.length, 3));
  return {
    kind,
    span: source.span,
    objectKind,
    ...(names.length === 0 ? {} : { object: locate(source, names, 1).object }),
    ...(ifNotExists ? { ifNotExists: true } : {}),
    relations: node === undefined ? [] : rangesIn(source, node),
    description: source.text.slice(head.start, head.end),
  };
}

/** Relations that the fields of a statement name in any depth. */
export function rangesIn(source: Source, node: Node): readonly ObjectName[] {
  const names: ObjectName[] = [];
  const visit = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return;
    // Every object with a `relname` is a RangeVar: no other node type has that field.
    const range = value as NodeOf<'RangeVar'>;
    if (typeof range.relname === 'string') names.push(relationName(source, range));
    else for (const inner of Object.values(value)) visit(inner);
  };
  visit(nodeEntry(node)[1]);
  return names;
}

/** Text of a statement's option; undefined where it is not given. */
export function optionText(options: readonly Node[] | undefined, name: string): string | undefined {
  const element = optionOf(options, name);
  return element === undefined ? undefined : argumentText(element.arg);
}
