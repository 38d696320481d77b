import type { Span } from '../../core/span.ts';
import { mapSpans } from '../../core/map-spans.ts';
import { findFunction, findRelation } from '../../model/lookup.ts';
import type { ObjectName } from '../../model/names.ts';
import type { Operation, Query } from '../../model/operation.ts';
import type { FunctionObject, Relation, Schema } from '../../model/schema.ts';
import type { Problem, StatementBody } from '../engine.ts';
import { maybe } from './body.ts';
import { extensionCall } from './extension-calls.ts';
import { settleGuards } from './guards.ts';
import { writtenThrough } from './effects/view-writes.ts';
import { isBuiltIn } from './effects/volatility.ts';

/** Functions and rules in each other that are followed. */
const MAX_DEPTH = 4;

interface Routine {
  readonly schema?: string;
  readonly name: string;
  /** Of a call by a trigger: whether it is certain that the trigger fires. */
  readonly fires?: 'certain' | 'may';
}

/**
 * A statement with what the functions and procedures that it calls do, where migrations made them: their operations stand
 * behind the one that calls, with its span. A call of which nothing is known is a problem. Undefined where no call matters.
 *
 * The same holds for the functions of triggers that a statement fires, and for what rules add to it. Built-in functions,
 * and own ones that are declared STABLE or IMMUTABLE, change nothing. A call for each row of a table only may happen. A
 * statement of a DO block that runs where something is not there yet is certain where the schema lacks it.
 */
export function resolveCalls(body: StatementBody, schema: Schema): StatementBody | undefined {
  const called = withCalled(body, schema);
  const settled = settleGuards((called ?? body).operations, schema);
  return settled === undefined ? called : { operations: settled, problems: (called ?? body).problems };
}

function withCalled(body: StatementBody, schema: Schema): StatementBody | undefined {
  if (
    !body.operations.some((operation) => callsOf(operation, schema).length > 0 || ruledBy(operation, schema).length > 0)
  )
    return undefined;
  const operations: Operation[] = [];
  const problems: Problem[] = [];
  const known = new Set<Operation>();
  let isChanged = false;
  for (const [index, operation] of body.operations.entries()) {
    if (known.has(operation)) continue;
    operations.push(operation);
    for (const resolved of behind(operation, schema, 0, [])) {
      isChanged = true;
      operations.push(...resolved.operations);
      problems.push(...resolved.problems);
      // Behind a CALL stands the operation that says that nothing is known of it.
      const next = body.operations[index + 1];
      if (operation.kind === 'call' && next?.kind === 'opaque') known.add(next);
    }
  }
  if (!isChanged) return undefined;
  const spans = [...known].map((operation) => operation.span);
  const all = [
    ...body.problems.filter(
      (problem) => !spans.some((span) => span.start === problem.span.start && span.end === problem.span.end),
    ),
    ...problems,
  ];
  return {
    operations,
    problems: all.filter((problem, index) => all.findIndex((other) => isSameProblem(other, problem)) === index),
  };
}

/** Several statements of one function that cannot be read, for one reason, are one problem to its caller. */
function isSameProblem(left: Problem, right: Problem): boolean {
  return left.message === right.message && left.span.start === right.span.start && left.span.end === right.span.end;
}

/** What an operation sets off: routines that it calls, triggers that it fires, rules that rewrite it. */
function behind(
  operation: Operation,
  schema: Schema,
  depth: number,
  callers: readonly string[],
): readonly StatementBody[] {
  return [
    ...callsOf(operation, schema).flatMap((routine) => resolve(routine, operation, schema, depth, callers) ?? []),
    ...ruledBy(operation, schema).flatMap((ruled) => rewritten(ruled, operation, schema, depth, callers) ?? []),
  ];
}

/** A relation with rules that a statement writes to, and the event. */
interface Ruled {
  readonly relation: Relation;
  readonly event: string;
}

function ruledBy(operation: Operation, schema: Schema): readonly Ruled[] {
  const event = { 'insert-rows': 'insert', 'update-rows': 'update', 'delete-rows': 'delete' }[operation.kind as string];
  if (
    event === undefined ||
    !('relation' in operation) ||
    operation.relation === undefined ||
    !('name' in operation.relation)
  )
    return [];
  return relationsWritten(schema, operation.relation, event)
    .filter((relation) => relation.rules.some((rule) => rule !== '_RETURN'))
    .map((relation) => ({ relation, event }));
}

/** The relation that a statement names, and those that it writes to through views. */
function relationsWritten(
  schema: Schema,
  name: { readonly schema?: string; readonly name: string },
  event: string,
): readonly Relation[] {
  const relation = findRelation(schema, name);
  return relation === undefined
    ? []
    : writtenThrough(schema, relation, event).flatMap((key) => schema.relations.get(key) ?? []);
}

/** What the rules of a relation put behind a statement, or in its place; they run for the rows that it means, if there are any. */
function rewritten(
  { relation, event }: Ruled,
  caller: Operation,
  schema: Schema,
  depth: number,
  callers: readonly string[],
): StatementBody | undefined {
  const { span } = caller;
  const unknown = relation.rules.filter(
    (rule) => rule !== '_RETURN' && relation.ruleActions?.some((action) => action.name === rule) !== true,
  );
  const actions = (relation.ruleActions ?? []).filter(
    (action) => action.event === event && relation.rules.includes(action.name),
  );
  const problems = unknown.flatMap(
    (rule) => notKnown(span, `what the rule ${rule} of ${relation.name} does is not in any migration`).problems,
  );
  const key = `rule ${event} ${relation.schema}.${relation.name}`;
  if (callers.includes(key) || (actions.length === 0 && problems.length === 0)) return undefined;
  if (depth >= MAX_DEPTH) return notKnown(span, `what the rules of ${relation.name} do is not followed further`);
  const parts = actions.map((action) => movedTo(action.body, `the rule ${action.name}`, caller, false));
  const operations = parts.flatMap((part) => part.operations);
  const below = operations.flatMap((operation) => behind(operation, schema, depth + 1, [...callers, key]));
  return {
    operations: [...operations, ...below.flatMap((part) => part.operations)],
    problems: [...problems, ...[...parts, ...below].flatMap((part) => part.problems)],
  };
}

/** Routines that an operation calls while it runs, and those of the triggers that it fires; those of pg_catalog left out. */
function callsOf(operation: Operation, schema: Schema): readonly Routine[] {
  if (operation.kind === 'call') return operation.routine === undefined ? [] : [operation.routine];
  const query = queryOf(operation);
  const called: readonly Routine[] =
    query === undefined ? [] : query.functions.filter((routine) => routine.schema !== 'pg_catalog');
  const fired = firedBy(operation, schema);
  return fired.length === 0 ? called : [...called, ...fired];
}

/** Functions of the triggers that a statement fires. A trigger for each row fires for certain where rows are certain. */
function firedBy(operation: Operation, schema: Schema): readonly Routine[] {
  switch (operation.kind) {
    case 'insert-rows': {
      const isCertain = operation.rowCount !== undefined && operation.onConflict === undefined;
      return [
        ...triggersOf(schema, operation.relation, 'insert', isCertain),
        ...(operation.onConflict === 'update' ? triggersOf(schema, operation.relation, 'update', false) : []),
      ];
    }
    case 'update-rows':
      return triggersOf(schema, operation.relation, 'update', operation.where === undefined, operation.columns);
    case 'delete-rows':
      return triggersOf(schema, operation.relation, 'delete', operation.where === undefined);
    case 'merge-rows':
      return operation.actions.flatMap((action) =>
        action === 'nothing' ? [] : triggersOf(schema, operation.relation, action, false),
      );
    case 'copy-rows':
      return operation.relation === undefined || operation.direction === 'to'
        ? []
        : triggersOf(schema, operation.relation, 'insert', false);
    case 'truncate':
      return operation.relations.flatMap(({ relation }) => triggersOf(schema, relation, 'truncate', false));
    default:
      return [];
  }
}

function triggersOf(
  schema: Schema,
  name: ObjectName,
  event: string,
  hasRows: boolean,
  columns?: readonly string[],
): readonly Routine[] {
  const triggers = relationsWritten(schema, name, event).flatMap((relation) => relation.triggers);
  return triggers.flatMap((trigger): readonly Routine[] => {
    if (
      !trigger.enabled ||
      !trigger.events.includes(event) ||
      trigger.function === undefined ||
      trigger.function.startsWith('pg_catalog.')
    )
      return [];
    if (
      columns !== undefined &&
      trigger.updateColumns.length > 0 &&
      !trigger.updateColumns.some((column) => columns.includes(column))
    )
      return [];
    const dot = trigger.function.indexOf('.');
    const isCertain = trigger.conditional !== true && (!trigger.forEachRow || hasRows);
    return [
      {
        ...(dot < 0 ? {} : { schema: trigger.function.slice(0, dot) }),
        name: trigger.function.slice(dot + 1),
        fires: isCertain ? 'certain' : 'may',
      },
    ];
  });
}

function queryOf(operation: Operation): Query | undefined {
  switch (operation.kind) {
    case 'select-rows':
    case 'insert-rows':
    case 'update-rows':
    case 'delete-rows':
    case 'merge-rows':
    case 'create-table-as':
      return operation.query;
    case 'create-materialized-view':
      return operation.withData ? operation.query : undefined;
    default:
      return undefined;
  }
}

function resolve(
  routine: Routine,
  caller: Operation,
  schema: Schema,
  depth: number,
  callers: readonly string[],
): StatementBody | undefined {
  const { span } = caller;
  const shown = routine.schema === undefined ? routine.name : `${routine.schema}.${routine.name}`;
  const own = findFunction(schema, routine);
  if (own === undefined)
    return routine.fires === undefined
      ? unknownCall(routine, caller, shown, schema)
      : notKnown(span, `what the trigger function ${shown} does is not in any migration`);
  const overloads = own.overloads.filter((overload) => overload.procedure === (caller.kind === 'call'));
  const candidates = (overloads.length === 0 ? own.overloads : overloads).filter(
    (overload) => overload.procedure || overload.volatility === 'volatile',
  );
  if (candidates.length === 0) return undefined;
  const key = `${own.schema}.${own.name}`;
  // Two triggers that fire each other: what they do is among what they did the first time.
  if (routine.fires !== undefined && callers.includes(key)) return undefined;
  if (depth >= MAX_DEPTH || callers.includes(key)) return notKnown(span, `what ${shown} does is not followed further`);
  const isCertain =
    caller.certainty !== 'may' &&
    (routine.fires === undefined ? own.overloads.length === 1 && isCalledOnce(caller) : routine.fires === 'certain');
  const parts = candidates.map((overload) => bodyOf(overload, shown, caller, isCertain));
  const operations = parts.flatMap((part) => part.operations);
  const below = operations.flatMap((operation) => behind(operation, schema, depth + 1, [...callers, key]));
  return {
    operations: [...operations, ...below.flatMap((part) => part.operations)],
    problems: [...parts, ...below].flatMap((part) => part.problems),
  };
}

/** Whether a call in the statement is certain to be made: it stands in a SELECT without a table, or in a CALL. */
function isCalledOnce(caller: Operation): boolean {
  return caller.kind === 'call' || (caller.kind === 'select-rows' && caller.query.reads.length === 0);
}

function bodyOf(
  overload: FunctionObject['overloads'][number],
  shown: string,
  caller: Operation,
  isCertain: boolean,
): StatementBody {
  return overload.body === undefined
    ? notKnown(caller.span, `what ${shown} does is not in any migration`)
    : movedTo(overload.body, shown, caller, isCertain);
}

/** Operations as though they stood where the caller does. */
function movedTo(body: readonly Operation[], shown: string, { span }: Operation, isCertain: boolean): StatementBody {
  const operations = body.map((operation): Operation => {
    const moved = { ...mapSpans(operation, () => span.start), span };
    return isCertain ? moved : (maybe([moved])[0] ?? moved);
  });
  return {
    operations: operations.filter((operation) => operation.kind !== 'opaque'),
    problems: operations.flatMap((operation) =>
      operation.kind === 'opaque' ? notKnown(span, `in ${shown}: ${operation.reason}`).problems : [],
    ),
  };
}

/** A function that no migration made: of an extension, or made outside; told where the statement does nothing but call it. */
function unknownCall(routine: Routine, caller: Operation, shown: string, schema: Schema): StatementBody | undefined {
  if (caller.kind === 'call' || caller.kind !== 'select-rows' || caller.query.reads.length > 0) return undefined;
  if (routine.schema === undefined ? isBuiltIn(routine.name) : routine.schema === 'information_schema')
    return undefined;
  const documented = extensionCall(routine, caller.query, caller.span);
  if (documented !== undefined) return documented;
  return notKnown(
    caller.span,
    schema.isComplete
      ? `what the function ${shown} does is not known: an extension brings it, or it does not exist`
      : `what the function ${shown} does is not in any migration`,
  );
}

function notKnown(span: Span, reason: string): StatementBody {
  return { operations: [], problems: [{ kind: 'not-analysed', message: `Not analysed: ${reason}.`, span }] };
}
