import { planChange } from '../planner/plan-change.ts';
import type { Wish } from '../planner/wishes.ts';
import type { Schema } from '../model/schema.ts';
import type { Target } from '../dialects/dialect.ts';
import { writePlan, type FixInput } from './fix.ts';
import type { PlannedChange } from './report.ts';

/** What a wish needs to know of the folder. */
export interface WishInput extends Pick<FixInput, 'adapter' | 'folder' | 'existing' | 'dialect' | 'now' | 'changeIds'> {
  readonly target: Target;
  /** After the newest migration. */
  readonly schema: Schema;
}

/** The change written out, or a sentence that says why it is not. */
export type WishResult = { readonly kind: 'planned'; readonly change: PlannedChange } | { readonly kind: 'refused'; readonly reason: string };

/** Plans a change that no migration has asked for yet; `values` are those of the wish's parts. */
export function planWish(input: WishInput, wish: Wish, values: readonly string[]): WishResult {
  const statementText = wish.statement(values, input.dialect);
  const [source, ...more] = input.dialect.split(statementText, { start: 0, end: statementText.length });
  // A type or a condition that ends the statement and begins another is no type and no condition.
  if (source === undefined || more.length > 0 || source.unterminated !== undefined) return { kind: 'refused', reason: `This is not one statement: ${statementText}` };
  const { operations, problems } = input.dialect.parse(source.text);
  const [problem] = problems;
  if (problem !== undefined) return { kind: 'refused', reason: `${problem.message} It was read as: ${statementText}` };
  const [operation, second] = operations;
  if (operation === undefined || second !== undefined || operation.kind === 'opaque') return { kind: 'refused', reason: `This is not one change: ${statementText}` };
  const planned = planChange({ recipe: wish.name, operation }, { dialect: input.dialect, target: input.target, schema: input.schema, statementText: source.text });
  if (planned.kind === 'refused') return planned;
  const { changeId, steps, files } = writePlan(input, planned.plan);
  return { kind: 'planned', change: { change: changeId, title: planned.plan.title, steps, files } };
}
