import type { Engine, Target } from '../engines/engine.ts';
import { blockedBy, type Effect } from '../model/effect.ts';
import { objectKey } from '../model/names.ts';
import type { Schema } from '../model/schema.ts';
import type { Step } from '../planner/step.ts';
import type { StepLock } from './report.ts';

/**
 * What each step keeps others from while it runs, the strongest lock of each relation in use; what keeps nobody out, and
 * what the step itself makes, is left out. SQLite's one lock is that of its database.
 */
export function stepLocks(
  steps: readonly Pick<Step, 'up'>[],
  before: Schema,
  { engine, target }: { readonly engine: Engine; readonly target: Target },
): readonly (readonly StepLock[])[] {
  let schema = before;
  return steps.map(({ up }) => {
    const start = schema;
    const strongest = new Map<string, Effect>();
    for (const { text } of engine.split(up, { start: 0, end: up.length })) {
      const body = engine.parse(text);
      const { operations } = engine.resolveCalls(body, schema) ?? body;
      for (const effect of engine.effects(operations, schema, target)) {
        if (effect.relationKind === 'index' || !effect.blocks.some((blocked) => blocked !== 'ddl')) continue;
        const made = objectKey(effect.schema, effect.relation);
        if (schema.relations.has(made) && !start.relations.has(made)) continue;
        const key = effect.lock === 'DatabaseWriteLock' ? effect.schema : `${effect.schema}.${effect.relation}`;
        const known = strongest.get(key);
        if (known === undefined || blockedBy(effect.lock).length > blockedBy(known.lock).length)
          strongest.set(key, effect);
      }
      schema = engine.fold(schema, operations, { fileIndex: -1 }, target);
    }
    return [...strongest].map(([relation, { lock, blocks }]) => ({ relation, lock, blocks }));
  });
}
