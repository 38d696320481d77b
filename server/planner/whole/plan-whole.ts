import { escapePattern } from '../../core/escape-pattern.ts';
import type { Operation } from '../../model/operation.ts';
import type { Schema } from '../../model/schema.ts';
import type { PlanContext } from '../plan.ts';
import type { Plan } from '../step.ts';
import { defaultsAround } from './default-around-type.ts';
import { type Filling, noteFresh, renamedAnew } from './filling.ts';
import { functionsAfterColumns } from './functions-after-columns.ts';
import { withFewDeploys } from './one-deploy.ts';
import { leftBlock } from './left-block.ts';
import { keysBeforeColumns } from './keys-before-columns.ts';
import { keysBeforeDrops } from './keys-before-drops.ts';
import { placed, type PlannedUnit, withAskedDeploys } from './placed-units.ts';
import { noteRewritten, type RewrittenFunctions, withRewritten } from './rewritten-functions.ts';
import { remadeAround, withRemade } from './remade-objects.ts';
import { withReplacedIndexes } from './replaced-index.ts';
import { replacedTable } from './replaced-table.ts';
import { scheduled, type UnitStep } from './schedule.ts';
import { sharingFiles } from './shared-files.ts';
import { type Touches, touchesOf } from './touches.ts';
import type { Unit } from './unit.ts';
import { guardedSafe, safeSteps } from './unit-steps.ts';
import { unitsOf } from './units-of.ts';
import { sentenceName } from './unit-words.ts';
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
