import { findRelation } from '../../model/lookup.ts';
import { isTableAction, type Operation } from '../../model/operation.ts';
import type { Schema } from '../../model/schema.ts';
import { functionsAgain } from '../parts/row-functions.ts';
import { planChange } from '../plan-change.ts';
import type { PlanContext } from '../plan.ts';
import type { Step } from '../step.ts';
import { batchedInsert } from './batched-insert.ts';
import { batchedRows } from './batched-rows.ts';
import { typedSteps, type TypeWithDefault } from './default-around-type.ts';
import { droppedDefault } from './dropped-default.ts';
import { emptiedTables } from './emptied-tables.ts';
import type { Filling } from './filling.ts';
import { guardedSteps } from './guarded-unit.ts';
import { ABOUT_SHARING, leftBlock } from './left-block.ts';
import { movedStep } from './moved-step.ts';
import { settledNulls } from './settled-nulls.ts';
import type { Unit } from './unit.ts';

/** Steps, and the change's name where a recipe has planned them. */
export interface Safe {
  readonly steps: readonly Step[];
  readonly id?: string;
}

/** The steps of a unit that a finding objects to; undefined where it is left as it is, a text where it should not be. */
export function safeSteps(
  unit: Unit,
  running: Schema | undefined,
  { engine, target, values }: Pick<PlanContext, 'engine' | 'target' | 'values'>,
  filling: Filling,
  typed: TypeWithDefault | undefined,
): Safe | string | undefined {
  const context: PlanContext = {
    engine,
    target,
    schema: unit.before,
    ...(running === undefined ? {} : { running }),
    statementText: unit.text,
    ...(values === undefined ? {} : { values }),
  };
  if (typed !== undefined) {
    const steps = typedSteps(unit, typed, { engine, target });
    return typeof steps === 'string' ? steps : { steps };
  }
  const block = leftBlock(unit, context);
  if (block !== undefined) return block;
  const [operation] = unit.operations;
  if (operation === undefined || unit.operations.length > 1) {
    const objection = unit.objections.find(({ recipe }) => recipe !== undefined);
    return objection === undefined ? undefined : 'Write each of its parts as a statement of its own.';
  }
  if (operation.kind === 'alter-type' && unit.objections.length === 0)
    return typeWithFunctions(operation, unit, context);
  if (operation.kind === 'truncate' && unit.objections.length > 0)
    return emptiedTables(operation, context, filling.kept);
  if ((operation.kind === 'update-rows' || operation.kind === 'delete-rows') && unit.objections.length > 0) {
    const columns = operation.kind === 'update-rows' ? operation.columns : [];
    const fresh = columns.filter((column) => filling.fresh.has(`${operation.relation.name}.${column}`));
    for (const column of settledNulls(operation)) filling.filled.add(`${operation.relation.name}.${column}`);
    const steps = batchedRows(operation, unit.text, { fresh, kept: filling.kept }, context);
    if (typeof steps === 'string') return steps;
    for (const column of fresh) filling.filled.add(`${operation.relation.name}.${column}`);
    return { steps };
  }
  if (operation.kind === 'insert-rows' && operation.rowCount === undefined && unit.objections.length > 0) {
    const step = batchedInsert(operation, unit.text, { isNew: filling.made.has(operation.relation.name) }, context);
    if (typeof step !== 'string') return { steps: [step] };
    // One statement of its own locks nothing that others need.
    return unit.objections.every(({ code }) => ABOUT_SHARING.has(code)) ? undefined : step;
  }
  if (operation.kind === 'drop-default') {
    const isObjected = unit.objections.some(({ code }) => code === 'dropped-default');
    const step = isObjected ? droppedDefault(operation, unit.text, context) : undefined;
    return step === undefined ? undefined : { steps: [step] };
  }
  if (operation.kind === 'set-expression' && unit.objections.length > 0 && engine.product.capabilities.altersInPlace)
    return `${engine.product.title} works out all stored values of "${operation.action.column}" in one statement: add a column under another name with the new expression by "fix --statement", deploy a version that reads that one, and then drop "${operation.action.column}".`;
  const objection = unit.objections.find(({ recipe }) => recipe !== undefined);
  if (objection?.recipe === undefined) return undefined;
  if (
    engine.product.capabilities.altersInPlace &&
    operation.kind === 'add-column' &&
    operation.action.column.generated?.stored === true
  )
    return `${engine.product.title} makes no column GENERATED STORED without writing the table anew: "fix --statement" makes "${operation.action.column.name}" a plain column that a trigger computes.`;
  if (operation.kind === 'alter-type') {
    // A version would have to write it in a type that is neither that of before nor of after.
    const { name } = operation.relation;
    const column = `${name}.${operation.action.column}`;
    if (filling.added.has(column) && !filling.made.has(name))
      return `This migration adds "${operation.action.column}" itself: write the type that it ends in where it is added.`;
    if (filling.retyped.has(column))
      return `This migration changes the type of "${operation.action.column}" twice: write the type that it ends in alone.`;
    filling.retyped.add(column);
  }
  const columns =
    operation.kind === 'set-not-null'
      ? [operation.action.column]
      : operation.kind === 'add-constraint'
        ? operation.action.constraint.columns
        : [];
  const isFilled =
    isTableAction(operation) && columns.some((column) => filling.filled.has(`${operation.relation.name}.${column}`));
  const result = planChange({ recipe: objection.recipe, operation, ...(isFilled ? { isFilled } : {}) }, context);
  return result.kind === 'refused' ? result.reason : { steps: result.plan.steps, id: result.plan.id };
}

/** A change of type that nothing is said about, with the trigger functions that read the column: sessions keep their plans. */
function typeWithFunctions(
  operation: Extract<Operation, { readonly kind: 'alter-type' }>,
  unit: Unit,
  context: PlanContext,
): Safe | undefined {
  const relation = findRelation(context.schema, operation.relation);
  const again = relation === undefined ? [] : functionsAgain(context, relation, operation.action.column);
  if (again.length === 0) return undefined;
  const step = movedStep(unit, context);
  const down = step.down === undefined ? {} : { down: [step.down, ...again].join('\n') };
  const notes = [
    'Trigger functions that read the column are written again: sessions keep plans for the type that it had.',
  ];
  return { steps: [{ ...step, ...down, up: [step.up, ...again].join('\n'), notes }] };
}

/** The same where a block asks first whether it is there already. */
export function guardedSafe(unit: Unit, safe: Safe | string | undefined): Safe | string | undefined {
  return unit.isGuarded === true && typeof safe === 'object' ? { ...safe, steps: guardedSteps(safe.steps) } : safe;
}
