import type { Engine, Target } from '../engines/engine.ts';
import type { EngineId } from '../model/engine-id.ts';
import type { Operation } from '../model/operation.ts';
import type { Schema } from '../model/schema.ts';
import type { Plan } from './step.ts';

/** A change that a rule's fix, or a person, asks for: one operation of one statement, to be made safe. */
export interface ChangeRequest {
  /** Recipe: `required-column`, `set-not-null`, `foreign-key`, ... the file name below recipes/. */
  readonly recipe: string;
  readonly operation: Operation;
  /** Another step of the same plan gives every old row its value. */
  readonly isFilled?: boolean;
  /** SQL of the default that a column has when its type is another one; null where it has none then. Absent: the old one's. */
  readonly newDefault?: string | null;
}

/** What a recipe may look at. */
export interface PlanContext {
  readonly engine: Engine;
  readonly target: Target;
  /** Before the statement. */
  readonly schema: Schema;
  /** Before the migration: what the version that runs while it is applied was written for. Absent: `schema`. */
  readonly running?: Schema;
  /** SQL of values for old rows that a person gave, by `table.column` or `column`. */
  readonly values?: ReadonlyMap<string, string>;
  /** Text of the whole statement, and of the operation's part by its span. */
  readonly statementText: string;
}

/** A plan, or the reason why there is none: a sentence that says what to do instead. */
export type PlanResult =
  | { readonly kind: 'planned'; readonly plan: Plan }
  | { readonly kind: 'refused'; readonly reason: string };

/** That there is no plan, and why: a sentence that says what to do instead. */
export function refused(reason: string): PlanResult {
  return { kind: 'refused', reason };
}

export type Planner = (request: ChangeRequest, context: PlanContext) => PlanResult;

/** One change, one file below recipes/. */
export interface Recipe {
  readonly name: string;
  readonly title: string;
  /** For each engine how the change is planned, or why it is not: a sentence that says what to do instead. */
  readonly plans: Readonly<Record<EngineId, Planner | string>>;
}

/** A change as a recipe plans it on the engine at hand. */
export function planBy(recipe: Recipe, request: ChangeRequest, context: PlanContext): PlanResult {
  const plan = recipe.plans[context.engine.id];
  return typeof plan === 'string' ? refused(plan) : plan(request, context);
}
