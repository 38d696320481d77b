import { findRelation } from '../../model/lookup.ts';
import type { Schema } from '../../model/schema.ts';
import { planChange } from '../plan-change.ts';
import type { PlanContext } from '../plan.ts';
import type { Step } from '../step.ts';
import { askedDeploy } from './asked-deploy.ts';
import type { Filling } from './filling.ts';
import { CONSTRAINT_RECIPES, guardedSteps } from './guarded-unit.ts';
import { ABOUT_SHARING, ofRows } from './left-block.ts';
import { movedStep } from './moved-step.ts';
import type { UnitStep } from './schedule.ts';
import { heldTables } from './shared-files.ts';
import { conflicts, touchesOf } from './touches.ts';
import type { Unit } from './unit.ts';

const DROPS_KEY = 'drop-locks-parent';
const SEVERAL_TABLES = 'several-tables-locked';

/** A unit with what is done about it. */
export interface PlannedUnit {
  readonly unit: Unit;
  readonly isLeft: boolean;
  /** Why it has no steps although a finding objects to it. */
  readonly refused?: string;
  readonly steps?: readonly Step[] | undefined;
}

/** Which statements may stay, since nothing that is taken out before them matters to them, and the steps of all others. */
export function placed(
  planned: readonly PlannedUnit[],
  context: Pick<PlanContext, 'engine' | 'target'>,
): {
  readonly stays: ReadonlySet<number>;
  readonly steps: readonly UnitStep[];
  /** Rows are made fit for a key before the version is there that keeps them so, since their statement cannot be moved. */
  readonly isOutOfPlace: boolean;
} {
  const stays = new Set<number>();
  const steps: UnitStep[] = [];
  const byStatement = new Map<number, PlannedUnit[]>();
  for (const each of planned)
    byStatement.set(each.unit.statement, [...(byStatement.get(each.unit.statement) ?? []), each]);
  // The finding is about a transaction: whatever of it works on another table than its first one goes, and not one statement alone.
  const isSplit = planned.some(({ unit }) => unit.objections.some(({ code }) => code === SEVERAL_TABLES));
  const held = new Set<string>();
  // What a key or a constraint asks of the next version is asked before the rows are made fit for it.
  let isOutOfPlace = false;
  const asking = planned.map(({ unit, steps: own }) => {
    const step = own?.find((each) => each.requires.some(({ kind }) => kind === 'deploy'));
    return step === undefined ? undefined : { unit, touches: touchesOf(step.up, unit.before, context) };
  });
  const isForLater = (each: PlannedUnit): boolean =>
    ofRows(each.unit) &&
    asking.slice(planned.indexOf(each) + 1).some((later) => {
      if (later === undefined) return false;
      return conflicts(touchesOf(each.unit.text, each.unit.before, context), later.touches);
    });
  // Of several keys to one table the finding is told once, and is about each.
  const isOfKeys = planned.some(({ unit }) => unit.objections.some(({ code }) => code === DROPS_KEY));
  let number = 0;
  for (const [statement, units] of byStatement) {
    const [first] = units;
    const tables =
      !isSplit || first === undefined
        ? []
        : heldTables(units.map(({ unit }) => `${unit.text};`).join('\n'), first.unit.before, context).filter((table) =>
            isOld(table, planned[0]?.unit.before),
          );
    const stepsOf = ({ unit, steps: safe, refused }: PlannedUnit, isMoved: boolean): readonly UnitStep[] => {
      let schema = unit.before;
      const found = safe ?? (isMoved ? movedSteps(unit, planned[0]?.unit.before, context) : undefined);
      return (found ?? [movedStep(unit, context)]).map((written): UnitStep => {
        const step: Step =
          safe === undefined && ofRows(unit) && written.phase === 'expand' ? { ...written, phase: 'migrate' } : written;
        const touches = touchesOf(step.up, schema, context);
        schema = touches.after;
        return {
          unit: number + units.findIndex((each) => each.unit === unit) + 1,
          step,
          touches,
          ...(tables[0] === undefined ? {} : { table: tables[0] }),
          ...(safe === undefined && ofRows(unit) ? { changesRows: true } : {}),
          ...(refused === undefined || ofRows(unit)
            ? {}
            : { refused: unit.objections.length > 0 ? 'always' : 'behind a deploy' }),
        };
      });
    };
    const own = units.flatMap((each) => stepsOf(each, false));
    const mayStay =
      (held.size === 0 || tables.every((table) => held.has(table))) &&
      units.every(
        (each) =>
          each.steps === undefined &&
          !(isOfKeys && dropsForeignKey(each.unit)) &&
          (each.isLeft || !isForLater(each)) &&
          (each.isLeft || !each.unit.objections.some(({ code }) => ABOUT_SHARING.has(code))),
      ) &&
      (units.every(({ isLeft }) => isLeft) ||
        !steps.some((earlier) => own.some((step) => conflicts(earlier.touches, step.touches))));
    if (mayStay) {
      stays.add(statement);
      isOutOfPlace ||= units.some(isForLater);
      for (const table of tables) held.add(table);
    } else steps.push(...units.flatMap((each) => stepsOf(each, true)));
    number += units.length;
  }
  return { stays, steps, isOutOfPlace };
}

/**
 * The steps of what nothing is said about where it stands: a table that the migration makes or holds already is nobody's,
 * and in a file of its own it is in use. Undefined where moving it as it is does no harm.
 */
function movedSteps(
  unit: Unit,
  running: Schema | undefined,
  { engine, target }: Pick<PlanContext, 'engine' | 'target'>,
): readonly Step[] | undefined {
  const [operation, ...others] = unit.operations;
  if (
    !engine.product.capabilities.altersInPlace ||
    operation === undefined ||
    others.length > 0 ||
    running === undefined
  )
    return undefined;
  const isNew = 'relation' in operation && findRelation(running, operation.relation) === undefined;
  const recipe =
    operation.kind === 'create-index' && !operation.concurrently
      ? 'create-index'
      : operation.kind === 'drop-index' && !operation.concurrently
        ? 'drop-index'
        : operation.kind === 'add-constraint' &&
            operation.action.constraint.notValid !== true &&
            operation.action.constraint.usingIndex === undefined &&
            (!isNew || operation.action.constraint.kind === 'foreign-key')
          ? CONSTRAINT_RECIPES[operation.action.constraint.kind]
          : undefined;
  if (recipe === undefined) return undefined;
  const planned = planChange(
    { recipe, operation },
    { engine, target, schema: unit.before, running, statementText: unit.text },
  );
  if (planned.kind === 'refused') return undefined;
  return unit.isGuarded === true ? guardedSteps(planned.plan.steps) : planned.plan.steps;
}

function dropsForeignKey({ operations, before }: Unit): boolean {
  return operations.some(
    (operation) =>
      operation.kind === 'drop-constraint' &&
      findRelation(before, operation.relation)?.constraints.some(
        ({ name, kind }) => name === operation.action.constraint && kind === 'foreign-key',
      ) === true,
  );
}

/** Whether a table, as `schema.name`, is there before the migration. */
function isOld(table: string, before: Unit['before'] | undefined): boolean {
  return [...(before?.relations.values() ?? [])].some(({ schema, name }) => `${schema}.${name}` === table);
}

/** Beside other steps, what the running version's writes may break waits for a version that meets it. */
export function withAskedDeploys(
  planned: readonly PlannedUnit[],
  running: Schema | undefined,
  { filled }: Filling,
  context: Pick<PlanContext, 'engine' | 'target'>,
): readonly PlannedUnit[] {
  if (!context.engine.product.capabilities.altersInPlace || planned.every(({ steps }) => (steps?.length ?? 0) === 0))
    return planned;
  return planned.map((each) => {
    const description =
      each.isLeft || each.steps !== undefined ? undefined : askedDeploy(each.unit, running, filled, context);
    return description === undefined
      ? each
      : {
          ...each,
          steps: [
            {
              ...movedStep(each.unit, context),
              phase: 'contract' as const,
              requires: [{ kind: 'deploy' as const, description }],
            },
          ],
        };
  });
}
