import { planChange } from '../planner/plan-change.ts';
import { definedAction } from '../planner/table-definition.ts';
import type { Wish } from '../planner/wishes.ts';
import { writtenColumn, writtenName } from '../planner/written-names.ts';
import { findRelation, sameName } from '../model/lookup.ts';
import type { Schema } from '../model/schema.ts';
import type { Engine, Target } from '../engines/engine.ts';
import type { Operation } from '../model/operation.ts';
import type { Objection, ProposedFolder } from './fix-whole.ts';
import { writePlan, type FixInput } from './fix.ts';
import type { PlannedChange } from './report.ts';

/** What a wish needs to know of the folder. */
export interface WishInput extends Pick<FixInput, 'format' | 'folder' | 'engine' | 'now' | 'changeIds' | 'values'> {
  readonly target: Target;
  /** After the newest migration. */
  readonly schema: Schema;
  /** Runs the files against the engine: what it objects to is not planned. */
  check(proposed: Pick<ProposedFolder, 'files' | 'added'>): Objection;
}

/** The change written out, or a sentence that says why it is not. */
export type WishResult =
  | { readonly kind: 'planned'; readonly change: PlannedChange }
  | { readonly kind: 'refused'; readonly reason: string };

/** Plans a change that no migration has asked for yet; `values` are those of the wish's parts. */
export function planWish(input: WishInput, wish: Wish, values: readonly string[]): WishResult {
  const none = wish.notIn?.[input.engine.id];
  if (none !== undefined) return { kind: 'refused', reason: none };
  const { altersInPlace } = input.engine.product.capabilities;
  const unknown = unknownName(input.schema, wish, values);
  if (unknown !== undefined) return { kind: 'refused', reason: unknown };
  const asked =
    !altersInPlace && wish.definition !== undefined
      ? definedAction(input.engine, wish.definition(values, input.engine))
      : statedOperation(input.engine, wish.statement(values, input.engine));
  if (typeof asked === 'string') return { kind: 'refused', reason: asked };
  const planned = planChange(
    { recipe: wish.name, operation: asked.operation },
    {
      engine: input.engine,
      target: input.target,
      schema: input.schema,
      statementText: asked.statementText,
      ...(input.values === undefined ? {} : { values: input.values }),
    },
  );
  if (planned.kind === 'refused') return planned;
  // What the direct statement is refused for, its steps would be too. Where ALTER TABLE has no words for half of the wishes, there is nothing to ask.
  const refusal =
    altersInPlace && wish.standsIn !== true
      ? input.engine.refusal(asked.operation, input.schema, input.target)
      : undefined;
  if (refusal !== undefined && refusal.unlessPrepared !== true) return { kind: 'refused', reason: refusal.message };
  const written = writePlan(input, planned.plan);
  if (written.kind === 'refused') return written;
  const { changeId, steps, files, migrations, values: open } = written;
  const objection = input.check({ files, added: migrations });
  if (objection !== undefined) return { kind: 'refused', reason: objection.reason };
  return { kind: 'planned', change: { change: changeId, title: planned.plan.title, steps, files, values: open } };
}

/** What a value names that no migration makes, as a sentence; undefined where all is there, or where the columns of a table are not known. */
function unknownName(schema: Schema, wish: Wish, values: readonly string[]): string | undefined {
  for (const [index, part] of wish.parts.entries()) {
    const value = values[index] ?? '';
    const isColumn = part.kind === 'column' || part.kind === 'columns' || part.kind === 'new-column';
    if (!isColumn && part.kind !== 'table') continue;
    const { table, columns } = isColumn ? writtenColumn(value) : { table: value, columns: [] };
    const relation = findRelation(schema, writtenName(table));
    if (relation === undefined)
      return `${table} is in no migration here: correct the name, or connect to the database so that its tables are known.`;
    if (part.kind === 'new-column' || !relation.columnsKnown) continue;
    const missing = columns.find(
      (column) => !relation.columns.some((candidate) => sameName(schema.product, candidate.name, column)),
    );
    if (missing !== undefined) return `${relation.name} has no column "${missing}".`;
  }
  return undefined;
}

/** The one operation of a statement; a text says why it is not one. */
function statedOperation(
  engine: Engine,
  text: string,
): { readonly operation: Operation; readonly statementText: string } | string {
  const [source, ...more] = engine.split(text, { start: 0, end: text.length });
  // A type or a condition that ends the statement and begins another is no type and no condition.
  if (source === undefined || more.length > 0 || source.unterminated !== undefined)
    return `This is not one statement: ${text}`;
  const { operations, problems } = engine.parse(source.text);
  const [problem] = problems;
  if (problem !== undefined) return `${problem.message} It was read as: ${text}`;
  const [operation, second] = operations;
  return operation === undefined || second !== undefined || operation.kind === 'opaque'
    ? `This is not one change: ${text}`
    : { operation, statementText: source.text };
}
