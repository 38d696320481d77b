import { type ExpressionTree, walkWithQueries } from '../expression.ts';
import { findFunction } from '../lookup.ts';
import { objectKey } from '../names.ts';
import type { Operation } from '../operation.ts';
import type { CallingPart, Relation } from '../schema.ts';
import type { Draft } from './draft.ts';
import { forgetUser } from './tracked-users.ts';

type Written = { readonly schema?: string; readonly name: string };

/** What `CallingPart.functions` says of calls; a name that the product has itself stands for its own function. */
export function calledFunctions(draft: Draft, calls: readonly Written[]): readonly string[] {
  const { hasFunction } = draft.rules;
  if (hasFunction === undefined) return [];
  const functions = calls.flatMap((written) => {
    if (written.schema === undefined && hasFunction(written.name)) return [];
    const found = findFunction(draft, written);
    if (found === undefined) return [written.name];
    // Which one of several is meant is not looked at.
    return found.overloads.length === 1 ? [objectKey(found.schema, found.name)] : [];
  });
  return [...new Set(functions)].sort();
}

/** Calls in expressions, subqueries included. */
export function callsIn(...trees: readonly (ExpressionTree | undefined)[]): readonly Written[] {
  return trees.flatMap((tree) =>
    tree === undefined ? [] : [...walkWithQueries(tree)].filter((node) => node.kind === 'call'),
  );
}

/** Calls in statements. */
export function callsOf(operations: readonly Operation[]): readonly Written[] {
  return operations.flatMap((operation) =>
    'query' in operation && operation.query !== undefined ? operation.query.functions : [],
  );
}

/** A relation whose part calls these functions, in place of what was noted of that part. */
export function withCalls(
  relation: Relation,
  part: Omit<CallingPart, 'functions'>,
  functions: readonly string[],
): Relation {
  const others = (relation.calls ?? []).filter(
    (other) => other.kind !== part.kind || other.name !== part.name || other.clause !== part.clause,
  );
  if (functions.length === 0 && others.length === (relation.calls ?? []).length) return relation;
  return { ...relation, calls: functions.length === 0 ? others : [...others, { ...part, functions }] };
}

/** Parts of a relation that call a function and are still there. */
export function callersIn(relation: Relation, called: string): readonly CallingPart[] {
  return (relation.calls ?? []).filter(
    ({ kind, name, functions }) =>
      functions.includes(called) &&
      (kind === 'view' ||
        (kind === 'policy' && relation.policies.includes(name)) ||
        (kind === 'rule' && relation.rules.includes(name)) ||
        (kind === 'trigger' && relation.triggers.some((trigger) => trigger.name === name))),
  );
}

/** For sentences: `The policy own of orders`. */
export function callerTitle(relation: Relation, { kind, name }: CallingPart): string {
  return kind === 'view'
    ? `The ${relation.kind.replaceAll('-', ' ')} ${relation.name}`
    : `The ${kind} ${name} of ${relation.name}`;
}

/** Notes the new key of a function. */
export function renameInCalls(draft: Draft, from: string, to: string): void {
  for (const relation of draft.relations.values())
    if (relation.calls?.some(({ functions }) => functions.includes(from)) === true)
      draft.putRelation({
        ...relation,
        calls: relation.calls.map((part) => ({
          ...part,
          functions: part.functions.map((name) => (name === from ? to : name)),
        })),
      });
}

/** Takes policies, rules and triggers off a relation. */
export function dropParts(
  draft: Draft,
  relationKey: string,
  parts: readonly Pick<CallingPart, 'kind' | 'name'>[],
): void {
  const isLost = (kind: CallingPart['kind'], name: string): boolean =>
    parts.some((part) => part.kind === kind && part.name === name);
  for (const { kind, name } of parts) if (kind === 'policy') forgetUser(draft, { kind, owner: relationKey, name });
  draft.changeRelation(relationKey, (current) => ({
    ...current,
    policies: current.policies.filter((name) => !isLost('policy', name)),
    rules: current.rules.filter((name) => !isLost('rule', name)),
    ...(current.ruleActions === undefined
      ? {}
      : { ruleActions: current.ruleActions.filter(({ name }) => !isLost('rule', name)) }),
    triggers: current.triggers.filter(({ name }) => !isLost('trigger', name)),
  }));
}
