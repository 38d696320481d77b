import { coversIndex } from '../../model/covered-index.ts';
import { findRelation, indexesOf, relationKeyOf } from '../../model/lookup.ts';
import { objectKey } from '../../model/names.ts';
import type { CreateIndex, Operation } from '../../model/operation.ts';
import type { Schema } from '../../model/schema.ts';
import type { PlanContext } from '../plan.ts';
import type { Step } from '../step.ts';

const ALLOW = '-- lockstep: allow duplicate-index because';

/**
 * The steps, with the reason at each index that does what another one does and that a later statement of them needs: one that
 * becomes a constraint's, takes the place of another one, or is the only one that is left. An index that the migration asks for
 * beside one that stays has no such reason.
 */
export function withOwnIndexesSaid(
  steps: readonly Step[],
  schema: Schema,
  { engine, target }: Pick<PlanContext, 'engine' | 'target'>,
): readonly Step[] {
  if (!steps.some(({ up }) => /\bINDEX\s+CONCURRENTLY\b/i.test(up))) return steps;
  const read = steps.map(({ up }) =>
    engine
      .split(up, { start: 0, end: up.length })
      .map(({ text, span }) => ({ operations: engine.parse(text).operations, at: span.start })),
  );
  const all = read.flat().flatMap(({ operations }) => operations);
  const last = all.length === 0 ? schema : engine.fold(schema, all, { fileIndex: -1 }, target);
  let before = schema;
  return steps.map((step, index) => {
    const found: { readonly at: number; readonly why: string }[] = [];
    const statements = read[index] ?? [];
    const end = statements.reduce(
      (each, { operations }) => engine.fold(each, operations, { fileIndex: -1 }, target),
      before,
    );
    for (const { operations, at } of statements) {
      const [operation] = operations;
      if (operation?.kind === 'create-index' && isCovered(operation, before, end)) {
        const why =
          neededFor(operation, all) ?? (isCovered(operation, last, last) ? undefined : 'the other one goes later');
        if (why !== undefined) found.push({ at, why });
      }
      before = engine.fold(before, operations, { fileIndex: -1 }, target);
    }
    const up = found.reduceRight(
      (text, { at, why }) => `${text.slice(0, at)}${ALLOW} ${why}\n${text.slice(at)}`,
      step.up,
    );
    return found.length === 0 ? step : { ...step, up };
  });
}

/** What an index is built for, where that is no query. */
function neededFor({ name: own }: CreateIndex, all: readonly Operation[]): string | undefined {
  if (own === undefined) return undefined;
  for (const operation of all) {
    if (operation.kind === 'add-constraint' && operation.action.constraint.usingIndex === own)
      return operation.action.constraint.kind === 'primary-key'
        ? 'the primary key takes this one over'
        : 'the constraint takes this one over';
    if (operation.kind === 'rename-table' && operation.relation.name === own)
      return 'it takes the place of one over the old column';
  }
  return undefined;
}

/** Whether another index does all that it does, and stays while this file runs. */
function isCovered(operation: CreateIndex, before: Schema, end: Schema): boolean {
  const relation = findRelation(before, operation.relation);
  return (
    relation !== undefined &&
    indexesOf(before, relationKeyOf(before, relation)).some(
      (other) =>
        other.name !== operation.name &&
        coversIndex(other, operation) &&
        end.indexes.has(objectKey(other.schema, other.name)),
    )
  );
}
