import { schemaDifference } from '../../model/schema-difference.ts';
import type { ObjectName } from '../../model/names.ts';
import type { DropObjects, Operation } from '../../model/operation.ts';
import type { Definition, Schema } from '../../model/schema.ts';
import { findRelation } from '../../model/lookup.ts';
import type { PlanContext } from '../plan.ts';
import type { Step } from '../step.ts';
import type { UnitStep } from './schedule.ts';
import { conflicts, type Touches, touchesOf } from './touches.ts';
import { sentenceName } from './unit-words.ts';
import type { Unit } from './unit.ts';
import { wayBack } from './way-back.ts';

type Context = Pick<PlanContext, 'engine' | 'target'>;

/** A unit of a migration, and its steps where it has some. */
interface Planned {
  readonly unit: Unit;
  readonly isLeft: boolean;
  readonly steps?: readonly Step[] | undefined;
}

/** What a migration drops before a change that has steps, and makes again after it, in order. */
export interface Remade {
  readonly drops: readonly Unit[];
  readonly makes: readonly Unit[];
}

const NOTHING: Remade = { drops: [], makes: [] };

/**
 * Views, triggers, policies, rules and functions that stand in the way of a change, and that the migration therefore drops
 * and makes again around it: with steps in between they would be missing for days.
 */
export function remadeAround(planned: readonly Planned[], context: Context): Remade {
  const drops: Unit[] = [];
  const makes: Unit[] = [];
  for (const [index, { unit, isLeft, steps }] of planned.entries()) {
    const dropped = steps === undefined && !isLeft ? droppedBy(unit) : undefined;
    if (dropped === undefined) continue;
    const found = planned.flatMap((other, place) =>
      place > index && other.steps === undefined && !other.isLeft && isMadeBy(other.unit, dropped) ? [place] : [],
    );
    const [last] = found;
    if (last === undefined || found.length > 1) continue;
    const make = planned[last]?.unit;
    if (make === undefined || !isInTheWay([unit, make], planned.slice(index + 1, last), context)) continue;
    drops.push(unit);
    makes.push(make);
  }
  const inOrder = new Set(makes);
  return drops.length === 0
    ? NOTHING
    : { drops, makes: planned.flatMap(({ unit }) => (inOrder.has(unit) ? [unit] : [])) };
}

/** What a statement drops alone, without what needs it. */
function droppedBy({ operations }: Unit): DropObjects | undefined {
  const [operation] = operations;
  return operations.length === 1 &&
    operation !== undefined &&
    (operation.kind === 'drop-view' ||
      operation.kind === 'drop-trigger' ||
      operation.kind === 'drop-policy' ||
      operation.kind === 'drop-rule' ||
      operation.kind === 'drop-function') &&
    operation.objects.length === 1 &&
    !operation.cascade
    ? operation
    : undefined;
}

const MADE: Readonly<Record<string, string>> = {
  'drop-view': 'create-view',
  'drop-trigger': 'create-trigger',
  'drop-policy': 'create-policy',
  'drop-rule': 'create-rule',
  'drop-function': 'create-function',
};

function isMadeBy({ operations, before }: Unit, dropped: DropObjects): boolean {
  const [made] = operations;
  const [object] = dropped.objects;
  if (operations.length !== 1 || made === undefined || object === undefined || made.kind !== MADE[dropped.kind])
    return false;
  if (made.kind === 'create-view') return isSame(made.relation, object);
  if (made.kind === 'create-trigger' || made.kind === 'create-policy' || made.kind === 'create-rule')
    return (
      made.name === object.name &&
      // The table may have got another name in between.
      (dropped.relation === undefined ||
        isSame(made.relation, dropped.relation) ||
        findRelation(before, dropped.relation) === undefined)
    );
  return made.kind === 'create-function' && isSame(made.name, object);
}

function isSame(one: Pick<ObjectName, 'schema' | 'name'>, other: Pick<ObjectName, 'schema' | 'name'>): boolean {
  return one.name === other.name && (one.schema ?? 'public') === (other.schema ?? 'public');
}

/** Whether steps in between work with what the dropped or the new object names. */
function isInTheWay(ends: readonly Unit[], between: readonly Planned[], context: Context): boolean {
  const own = ends.map((unit) => touchesOf(unit.text, unit.before, context));
  return between.some(({ unit, steps }) => {
    if (steps === undefined || steps.length === 0) return false;
    const touches = touchesOf(unit.text, unit.before, context);
    return own.some((each) => conflicts(each, touches));
  });
}

/**
 * The steps with the drops and makes in one transaction around the first of them after which the new objects end as they do
 * in the migration itself; a text where no step is such a one.
 */
export function withRemade(
  order: readonly UnitStep[],
  { drops, makes }: Remade,
  ends: { readonly before: Schema; readonly after: Schema },
  context: Context,
): readonly UnitStep[] | undefined {
  const fold = (schema: Schema, sql: string): Schema =>
    context.engine.split(sql, { start: 0, end: sql.length }).reduce((each, { text }) => {
      const body = context.engine.parse(text);
      const { operations } = context.engine.resolveCalls(body, each) ?? body;
      return context.engine.fold(each, operations, { fileIndex: -1 }, context.target);
    }, schema);
  const [prefix, suffix] = [drops, makes].map((units) => units.map(({ text }) => `${text};`));
  let before = ends.before;
  for (const [index, unitStep] of order.entries()) {
    const { step } = unitStep;
    const up = [...(prefix ?? []), step.up, ...(suffix ?? [])].join('\n');
    if (step.transaction === 'one') {
      const end = order.slice(index + 1).reduce((schema, later) => fold(schema, later.step.up), fold(before, up));
      if (
        schemaDifference(end, ends.after) === undefined &&
        !changesNamed(order.slice(index + 1), touchesOf((suffix ?? []).join('\n'), fold(before, step.up), context))
      )
        return order.map((each) =>
          each === unitStep
            ? {
                ...unitStep,
                touches: touchesOf(up, before, context),
                step: {
                  ...withoutBack(step),
                  up,
                  ...backOf(step, drops, makes, context),
                  notes: [
                    ...step.notes,
                    `${drops.map((unit) => shownObject(unit)).join(', ')} ${drops.length === 1 ? 'is' : 'are'} made again here, in one transaction, so that nobody meets the table without.`,
                  ],
                },
              }
            : each,
        );
    }
    before = fold(before, step.up);
  }
  return undefined;
}

/** Whether later steps give other meaning to a table or column that the new objects name: they would follow the old one. */
function changesNamed(later: readonly UnitStep[], { reads }: Touches): boolean {
  return later.some(({ touches }) => [...touches.writes].some((key) => /^[ct]/.test(key) && reads.has(key)));
}

function shownObject({ operations }: Unit): string {
  const [operation] = operations as readonly DropObjects[];
  const word = operation?.kind.slice('drop-'.length) ?? '';
  return `The ${word} ${operation?.objects[0]?.name ?? ''}`;
}

function withoutBack({ down: _down, irreversible: _irreversible, ...step }: Step): Omit<Step, 'down' | 'irreversible'> {
  return step;
}

/** The new objects dropped, the step's own way back, and the old ones made as they were. */
function backOf(
  step: Step,
  drops: readonly Unit[],
  makes: readonly Unit[],
  { engine, target }: Context,
): Pick<Step, 'down' | 'irreversible'> {
  const away = makes.toReversed().map((unit) => {
    const [made] = unit.operations;
    if (made?.kind === 'create-function') return dropFunction(made, engine.quoteName);
    return wayBack(unit, { engine, target, schema: unit.before, statementText: unit.text }).down?.replace(/;$/, '');
  });
  const old = drops.toReversed().map((unit) => originalOf(unit));
  if (step.down === undefined) return step.irreversible === undefined ? {} : { irreversible: step.irreversible };
  const missing = away.includes(undefined) ? drops[0] : drops.toReversed()[old.indexOf(undefined)];
  if (missing !== undefined)
    return { irreversible: `what "${sentenceName(missing)}" drops is not known as it was: write it by hand.` };
  return {
    down: [...away.map((sql) => `${sql ?? ''};`), step.down, ...old.map((sql) => `${sql ?? ''};`)].join('\n'),
  };
}

type Quote = (name: string) => string;

function qualified(name: Pick<ObjectName, 'schema' | 'name'>, quoteName: Quote): string {
  return name.schema === undefined ? quoteName(name.name) : `${quoteName(name.schema)}.${quoteName(name.name)}`;
}

function dropFunction(made: Extract<Operation, { readonly kind: 'create-function' }>, quoteName: Quote): string {
  return `DROP ${made.procedure ? 'PROCEDURE' : 'FUNCTION'} ${qualified(made.name, quoteName)}(${made.argumentTypes.map(({ display }) => display).join(', ')})`;
}

/** The statement that made what a unit drops, where its text is known. */
function originalOf({ operations: [operation], before }: Unit): string | undefined {
  const dropped = operation as DropObjects | undefined;
  const [object] = dropped?.objects ?? [];
  if (dropped === undefined || object === undefined) return undefined;
  if (dropped.kind === 'drop-view') {
    const view = findRelation(before, object);
    return view?.kind === 'view' ? wholeDefinition(view.definition) : undefined;
  }
  const table = dropped.relation === undefined ? undefined : findRelation(before, dropped.relation);
  if (dropped.kind === 'drop-trigger') return table?.triggers.find(({ name }) => name === object.name)?.sql;
  if (dropped.kind === 'drop-policy') return wholeDefinition(table?.policyDefinitions?.[object.name]);
  if (dropped.kind === 'drop-rule')
    return wholeDefinition(table?.ruleActions?.find(({ name }) => name === object.name)?.definition);
  if (dropped.kind === 'drop-function') {
    const made = [...before.functions.values()].find(
      ({ name, schema }) => name === object.name && (object.schema ?? 'public') === schema,
    );
    return made?.overloads.length === 1 ? made.overloads[0]?.sql : undefined;
  }
  return undefined;
}

function wholeDefinition(definition: Definition | undefined): string | undefined {
  return definition?.map((statement) => statement.replace(/;\s*$/, '')).join(';\n');
}
