import { escapePattern } from '../../core/escape-pattern.ts';
import { isTableAction, type Operation } from '../../model/operation.ts';
import type { Schema } from '../../model/schema.ts';
import { findRelation } from '../../model/lookup.ts';
import { functionsAgain } from '../parts/row-functions.ts';
import { planChange } from '../plan-change.ts';
import type { PlanContext } from '../plan.ts';
import { slugOf } from '../names.ts';
import type { Plan, Step } from '../step.ts';
import { askedDeploy } from './asked-deploy.ts';
import { batchedInsert } from './batched-insert.ts';
import { batchedRows } from './batched-rows.ts';
import { defaultsAround, typedSteps, type TypeWithDefault } from './default-around-type.ts';
import { droppedDefault } from './dropped-default.ts';
import { emptiedTables } from './emptied-tables.ts';
import { functionsAfterColumns } from './functions-after-columns.ts';
import { withFewDeploys } from './one-deploy.ts';
import { ABOUT_SHARING, leftBlock, ofRows } from './left-block.ts';
import { keysBeforeColumns } from './keys-before-columns.ts';
import { keysBeforeDrops } from './keys-before-drops.ts';
import { noteRewritten, type RewrittenFunctions, withRewritten } from './rewritten-functions.ts';
import { remadeAround, withRemade } from './remade-objects.ts';
import { withReplacedIndexes } from './replaced-index.ts';
import { replacedTable } from './replaced-table.ts';
import { scheduled, type UnitStep } from './schedule.ts';
import { settledNulls } from './settled-nulls.ts';
import { CONSTRAINT_RECIPES, guardedSteps } from './guarded-unit.ts';
import { heldTables, sharingFiles } from './shared-files.ts';
import { conflicts, type Touches, touchesOf } from './touches.ts';
import type { Unit } from './unit.ts';
import { unitsOf } from './units-of.ts';
import { sentenceName } from './unit-words.ts';
import { wayBack } from './way-back.ts';
import type { WholeStatement } from './whole-statement.ts';

export interface WholeOptions {
  /** Of the change where it is made of several: `0007-add-status`. One that a single recipe makes is named as that is. */
  readonly id: string;
  readonly title: string;
  /** `phases`: all expand steps first, then all others; `statements`: each statement in full before the next one. */
  readonly order: 'phases' | 'statements';
  readonly files: 'shared' | 'one-each';
  /** Whether a file that runs outside a transaction is sent statement by statement. */
  readonly sendsStatements: boolean;
  /** Statements that nothing is done about, by index. */
  readonly leave: ReadonlySet<number>;
}

/** A migration as one change. */
export interface WholePlan {
  readonly plan: Plan;
  /** Behind what stays, where the steps begin. */
  readonly before: Schema;
  /** Indexes of the statements that stay in the migration's own file, which runs first. */
  readonly stays: ReadonlySet<number>;
  /** Indexes of the statements of which a part has no steps of its own: it goes as it is. */
  readonly bare: ReadonlySet<number>;
  /** A statement that stays makes rows fit for what a later step asks of the next version: it would come too early. */
  readonly isOutOfPlace: boolean;
  /** Operations of the statements that go, as they are written there. */
  readonly taken: readonly Operation[];
  /** What the steps touch, whatever order they have. */
  readonly touches: readonly Touches[];
  /** Keys of the indexes that it makes and the steps do not, since another one does what each is for. */
  readonly leftOut: readonly string[];
  /** Findings that nothing is done about, each with what to do instead. */
  readonly left: readonly { readonly code: string; readonly statement: number; readonly reason: string }[];
}

const DUPLICATE_INDEX = 'duplicate-index';
const DROPS_KEY = 'drop-locks-parent';
const SEVERAL_TABLES = 'several-tables-locked';
/** What is known of the columns and tables that a migration fills itself. */
interface Filling {
  /** `table.column` of those that it adds without a value. */
  readonly fresh: Set<string>;
  /** The same of all that it adds. */
  readonly added: Set<string>;
  /** Those that steps give another type. */
  readonly retyped: Set<string>;
  /** Of those, and of columns that were there before, whose empty rows an UPDATE or DELETE of it sees to. */
  readonly filled: Set<string>;
  /** Tables that it makes. */
  readonly made: Set<string>;
  /** Tables that steps keep rows in, by name. */
  readonly kept: Set<string>;
}

/** Plans all statements of a migration as one change; without steps where nothing can be made safer. */
export function planWhole(
  statements: readonly WholeStatement[],
  context: Pick<PlanContext, 'engine' | 'target' | 'values'>,
  options: WholeOptions,
): WholePlan {
  const left: { code: string; statement: number; reason: string }[] = [];
  const filling: Filling = {
    fresh: new Set(),
    added: new Set(),
    retyped: new Set(),
    filled: new Set(),
    made: new Set(),
    kept: new Set(),
  };
  const units = keysBeforeDrops(
    keysBeforeColumns(functionsAfterColumns(unitsOf(statements, context), context), context),
    context,
  );
  const typed = defaultsAround(units);
  const replaced = context.engine.product.capabilities.altersInPlace ? replacedTable(statements) : undefined;
  const anew =
    replaced === undefined
      ? undefined
      : `A new table takes the place of ${replaced}, and what is written into the old one while rows are copied would be lost with it: write what is to differ as statements of ALTER TABLE, each of which has steps of its own.`;
  const temporary = units.flatMap(({ operations }) =>
    operations.flatMap((operation) =>
      (operation.kind === 'create-table' || operation.kind === 'create-table-as') &&
      operation.persistence === 'temporary'
        ? [operation.relation.name]
        : [],
    ),
  );
  const rewritten: RewrittenFunctions = new Map();
  const running = statements[0]?.before;
  const leftOut: string[] = [];
  const eachPlanned = units.map((direct): PlannedUnit & { readonly id?: string | undefined } => {
    const unit = { ...direct, before: withRewritten(direct.before, rewritten) };
    const question = questionOf(statements[unit.statement]) ?? anew ?? temporaryIn(unit, temporary);
    const isLeft =
      options.leave.has(unit.statement) || statements[unit.statement]?.isMovable === false || question !== undefined;
    const covered = isLeft ? [] : coveredIndexes(unit, context);
    leftOut.push(...covered);
    const safe = isLeft
      ? unit.objections.length > 0
        ? (question ?? (options.leave.has(unit.statement) ? undefined : leftBlock(unit, context)))
        : undefined
      : covered.length > 0
        ? { steps: [] }
        : guardedSafe(unit, safeSteps(unit, running, context, filling, typed.get(direct)));
    const renamed = safe === undefined && !isLeft ? renamedAnew(unit, filling) : undefined;
    noteFresh(unit, filling);
    if (renamed !== undefined) return { unit, isLeft, refused: renamed };
    if (safe !== undefined && typeof safe !== 'string')
      noteRewritten(safe.steps, unit.before, direct.before, rewritten, context);
    if (typeof safe === 'string')
      for (const { code } of unit.objections.slice(0, 1)) left.push({ code, statement: unit.statement, reason: safe });
    return { unit, isLeft, ...(typeof safe === 'string' ? { refused: safe } : { steps: safe?.steps, id: safe?.id }) };
  });
  const planned = withReplacedIndexes(eachPlanned, context);
  const remade = remadeAround(planned, context);
  const apart = new Set(
    [...remade.drops, ...remade.makes].map(({ text, statement }) => JSON.stringify([statement, text])),
  );
  const isApart = ({ statement, text }: Unit): boolean => apart.has(JSON.stringify([statement, text]));
  const { stays, steps, isOutOfPlace } = placed(
    withAskedDeploys(
      planned.filter(({ unit }) => !isApart(unit)),
      running,
      filling,
      context,
    ),
    context,
  );
  const taken = planned.filter(({ unit }) => !stays.has(unit.statement)).flatMap(({ unit }) => unit.written);
  const first = statements[0]?.before;
  const ids = new Set(planned.flatMap(({ id: own }) => own ?? []));
  const id = ids.size === 1 ? ([...ids][0] ?? options.id) : options.id;
  const ordered = options.order === 'phases' ? scheduled(steps) : inPlace(steps);
  const after = afterAll(statements, context);
  const before = afterStaying(statements, stays, context) ?? context.engine.emptySchema(false);
  const order =
    remade.drops.length === 0 || after === undefined
      ? ordered
      : withRemade(ordered, remade, { before, after }, context);
  const nothing = {
    plan: { id, title: options.title, steps: [] },
    before,
    stays: new Set(statements.keys()),
    bare: new Set<number>(),
    isOutOfPlace: false,
    taken: [],
    touches: [],
    leftOut: [],
  };
  // Behind a deploy nothing would be said of what no version can stand.
  const deploy = order?.findIndex(({ step }) => step.requires.some(({ kind }) => kind === 'deploy')) ?? -1;
  const isHidden = order?.some(
    ({ refused, step }, index) =>
      step.phase === 'contract' &&
      // What the migration adds is nothing to anyone before there is a version that knows it.
      (refused === 'always' || (refused === 'behind a deploy' && deploy >= 0 && deploy <= index)),
  );
  if (isHidden === true)
    return {
      ...nothing,
      left: [
        ...left,
        ...planned.flatMap(({ unit, refused }) =>
          refused === undefined || unit.objections.length > 0
            ? []
            : [{ code: 'rename-in-use', statement: unit.statement, reason: refused }],
        ),
      ],
    };
  if (order === undefined)
    return {
      ...nothing,
      left: planned.flatMap(({ unit }) =>
        unit.objections.slice(0, 1).map(({ code }) => ({
          code,
          statement: unit.statement,
          reason: `"${sentenceName(remade.drops[0] ?? unit)}" and what makes that again cannot go into one transaction with a step of this change: make a migration of each.`,
        })),
      ),
    };
  const few = withFewDeploys(order);
  const written =
    options.files === 'one-each' || first === undefined
      ? few
      : sharingFiles(few, before, context, { ...options, id, running: first });
  return {
    plan: { id, title: options.title, steps: written },
    before,
    stays,
    isOutOfPlace,
    bare: new Set(planned.flatMap(({ unit, steps: own }) => (own === undefined ? [unit.statement] : []))),
    taken,
    touches: [
      ...steps.map(({ touches }) => touches),
      ...planned.flatMap(({ unit, steps: own }) =>
        own?.length === 0 ? [touchesOf(unit.text, unit.before, context)] : [],
      ),
    ],
    leftOut,
    left,
  };
}

/** Indexes that a statement makes although another one does all that each is for. */
function coveredIndexes(unit: Unit, { engine, target }: Pick<PlanContext, 'engine' | 'target'>): readonly string[] {
  const [operation] = unit.operations;
  if (
    operation?.kind !== 'create-index' ||
    unit.operations.length > 1 ||
    !unit.objections.some(({ code }) => code === DUPLICATE_INDEX)
  )
    return [];
  const after = engine.fold(unit.before, unit.operations, { fileIndex: -1 }, target);
  // Those of partitions go with the one that they are parts of.
  return [...after.indexes.entries()]
    .filter(([key]) => !unit.before.indexes.has(key))
    .sort(([, one], [, other]) => Number(one.parentKey !== undefined) - Number(other.parentKey !== undefined))
    .map(([key]) => key);
}

/** What a person has to say or mend of a statement before anything is done about it. */
function questionOf(statement: WholeStatement | undefined): string | undefined {
  const objections = statement?.objections ?? [];
  if (objections.some(({ code }) => code === 'column-replaced'))
    return 'A column goes and one comes that may stand for it. If it gets another name, write RENAME COLUMN; if it gets another type, write ALTER COLUMN ... TYPE; if its values may go, allow column-replaced with the reason.';
  const refusal = objections.find(({ code, recipe }) => code === 'statement-not-supported' && recipe === undefined);
  return refusal === undefined ? undefined : `The database refuses this statement as it is. ${refusal.message}`;
}

/** Why what works with a temporary table of the migration stays: in another file it would not be there. */
function temporaryIn({ text }: Unit, temporary: readonly string[]): string | undefined {
  const name = temporary.find((each) =>
    new RegExp(`(?<![\\p{L}\\p{N}_$])${escapePattern(each)}(?![\\p{L}\\p{N}_$])`, 'iu').test(text),
  );
  return name === undefined
    ? undefined
    : `The temporary table ${name} is there for this migration only, and not for a step in a file of its own: use a plain table that a later migration drops.`;
}

function guardedSafe(unit: Unit, safe: Safe | string | undefined): Safe | string | undefined {
  return unit.isGuarded === true && typeof safe === 'object' ? { ...safe, steps: guardedSteps(safe.steps) } : safe;
}

/** Steps, and the change's name where a recipe has planned them. */
interface Safe {
  readonly steps: readonly Step[];
  readonly id?: string;
}

/** The steps of a unit that a finding objects to; undefined where it is left as it is, a text where it should not be. */
function safeSteps(
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

/** Why a column that the migration itself adds is not given another name: behind a deploy, versions would need both. */
function renamedAnew({ operations }: Unit, { added, made }: Filling): string | undefined {
  const renamed = operations.find(
    (operation) =>
      operation.kind === 'rename-column' &&
      added.has(`${operation.relation.name}.${operation.action.column}`) &&
      !made.has(operation.relation.name),
  );
  return renamed?.kind === 'rename-column'
    ? `This migration adds "${renamed.action.column}" itself: write the name that it ends in where it is added.`
    : undefined;
}

function noteFresh({ operations }: Unit, { fresh, added, made }: Filling): void {
  for (const operation of operations)
    if (operation.kind === 'create-table') made.add(operation.relation.name);
    else if (operation.kind === 'add-column') {
      const name = `${operation.relation.name}.${operation.action.column.name}`;
      added.add(name);
      if (operation.action.column.default === undefined) fresh.add(name);
    }
}

interface PlannedUnit {
  readonly unit: Unit;
  readonly isLeft: boolean;
  /** Why it has no steps although a finding objects to it. */
  readonly refused?: string;
  readonly steps?: readonly Step[] | undefined;
}

/** Which statements may stay, since nothing that is taken out before them matters to them, and the steps of all others. */
function placed(
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
function withAskedDeploys(
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

/** A statement as it is, in a file of its own. */
function movedStep(unit: Unit, { engine, target }: Pick<PlanContext, 'engine' | 'target'>): Step {
  const [operation] = unit.operations;
  return {
    phase: 'expand',
    title: sentenceName(unit),
    slug: slugOf(...sentenceName(unit).split(' ').slice(0, 6)),
    up: `${unit.text};`,
    ...wayBack(unit, { engine, target, schema: unit.before, statementText: unit.text }),
    transaction: operation !== undefined && engine.refusesTransaction(operation) ? 'none' : 'one',
    requires: [],
    notes: [],
  };
}

/** The steps as they stand; what comes after a later phase belongs to that phase. */
function inPlace(steps: readonly UnitStep[]): readonly UnitStep[] {
  const phases = ['expand', 'migrate', 'contract'] as const;
  let most = 0;
  return steps.map((each) => {
    most = Math.max(most, phases.indexOf(each.step.phase));
    return { ...each, step: { ...each.step, phase: phases[most] ?? 'contract' } };
  });
}

function afterAll(
  statements: readonly WholeStatement[],
  { engine, target }: Pick<PlanContext, 'engine' | 'target'>,
): WholeStatement['before'] | undefined {
  const last = statements.at(-1);
  return last === undefined ? undefined : engine.fold(last.before, last.operations, { fileIndex: -1 }, target);
}

function afterStaying(
  statements: readonly WholeStatement[],
  stays: ReadonlySet<number>,
  { engine, target }: Pick<PlanContext, 'engine' | 'target'>,
): WholeStatement['before'] | undefined {
  let schema = statements[0]?.before;
  for (const [index, { operations }] of statements.entries())
    if (stays.has(index) && schema !== undefined) schema = engine.fold(schema, operations, { fileIndex: -1 }, target);
  return schema;
}
