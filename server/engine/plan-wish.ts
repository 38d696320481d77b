import { planChange } from '../planner/plan-change.ts';
import { definedAction } from '../planner/table-definition.ts';
import type { Wish } from '../planner/wishes.ts';
import type { Schema } from '../model/schema.ts';
import type { Dialect, Target } from '../dialects/dialect.ts';
import type { Operation } from '../model/operation.ts';
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
  if (input.dialect.id === 'sqlite' && wish.notInSqlite !== undefined) return { kind: 'refused', reason: wish.notInSqlite };
  const asked = input.dialect.id === 'sqlite' && wish.definition !== undefined ? definedAction(input.dialect, wish.definition(values, input.dialect)) : statedOperation(input.dialect, wish.statement(values, input.dialect));
  if (typeof asked === 'string') return { kind: 'refused', reason: asked };
  const planned = planChange({ recipe: wish.name, operation: asked.operation }, { dialect: input.dialect, target: input.target, schema: input.schema, statementText: asked.statementText });
  if (planned.kind === 'refused') return planned;
  const { changeId, steps, files } = writePlan(input, planned.plan);
  return { kind: 'planned', change: { change: changeId, title: planned.plan.title, steps, files } };
}

/** The one operation of a statement; a text says why it is not one. */
function statedOperation(dialect: Dialect, text: string): { readonly operation: Operation; readonly statementText: string } | string {
  const [source, ...more] = dialect.split(text, { start: 0, end: text.length });
  // A type or a condition that ends the statement and begins another is no type and no condition.
  if (source === undefined || more.length > 0 || source.unterminated !== undefined) return `This is not one statement: ${text}`;
  const { operations, problems } = dialect.parse(source.text);
  const [problem] = problems;
  if (problem !== undefined) return `${problem.message} It was read as: ${text}`;
  const [operation, second] = operations;
  return operation === undefined || second !== undefined || operation.kind === 'opaque' ? `This is not one change: ${text}` : { operation, statementText: source.text };
}
