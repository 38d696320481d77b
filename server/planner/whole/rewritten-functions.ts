import type { FunctionObject, Schema } from '../../model/schema.ts';
import type { PlanContext } from '../plan.ts';
import type { Step } from '../step.ts';

/** Functions that steps of a plan write again, by key: as the migration itself has left them, and as the steps do. */
export type RewrittenFunctions = Map<string, { readonly was: FunctionObject; readonly now: FunctionObject }>;

/**
 * The schema before a statement, with the functions as the steps of the statements before it leave them: a function that
 * names a column which got another name is written again by those steps, and what comes later must build on that text.
 */
export function withRewritten(schema: Schema, rewritten: RewrittenFunctions): Schema {
  let { functions } = schema;
  // A function that the migration itself has replaced since is as it says there.
  for (const [key, { was, now }] of rewritten) if (functions.get(key) === was) functions = functions.set(key, now);
  return functions === schema.functions ? schema : { ...schema, functions };
}

/** Notes which functions the steps leave with another text than the migration does. */
export function noteRewritten(
  steps: readonly Step[],
  before: Schema,
  direct: Schema,
  rewritten: RewrittenFunctions,
  { engine, target }: Pick<PlanContext, 'engine' | 'target'>,
): void {
  const after = steps.reduce(
    (schema, { up }) =>
      engine
        .split(up, { start: 0, end: up.length })
        .reduce(
          (each, { text }) => engine.fold(each, engine.parse(text).operations, { fileIndex: -1 }, target),
          schema,
        ),
    before,
  );
  if (after.functions === before.functions) return;
  for (const [key, now] of after.functions.entries()) {
    const was = direct.functions.get(key);
    if (was !== undefined && now !== before.functions.get(key)) rewritten.set(key, { was, now });
  }
}
