import { findRelation } from '../../model/lookup.ts';
import { isTableAction, type Operation } from '../../model/operation.ts';
import type { PlanContext } from '../plan.ts';
import { tableTarget } from '../parts/table-target.ts';
import type { Step } from '../step.ts';
import type { Unit } from './unit.ts';

/** Recipe of each kind of constraint that is added. */
export const CONSTRAINT_RECIPES: Readonly<Record<string, string>> = {
  'foreign-key': 'add-foreign-key',
  check: 'add-check',
  unique: 'add-unique',
  'primary-key': 'add-primary-key',
};

const NAME = '(?:"(?:[^"]|"")+"|[\\p{L}_][\\p{L}\\p{N}_$]*)';
const HEAD = `alter\\s+table\\s+(?:only\\s+)?${NAME}(?:\\s*\\.\\s*${NAME})?\\s+$`;
const PASSES_OVER = 'exception\\s+when\\s+duplicate_\\w+(?:\\s+or\\s+duplicate_\\w+)*\\s+then\\s+null\\s*;\\s*';

/** What stands in front of an action: the beginning of the block, or what is between it and the one before. */
interface Before {
  readonly opening: RegExp;
  readonly between: RegExp;
}

function beforeAction(asks: string): Before {
  const asked = `(?:if\\s+${asks}exists\\s*\\([^;]*\\)\\s*then\\s+)?`;
  return {
    /** `DO $$ BEGIN`, what asks whether something is there, and the head of ALTER TABLE. */
    opening: new RegExp(`^do\\s+\\$\\w*\\$\\s*begin\\s+(?:begin\\s+)?${asked}${HEAD}`, 'iu'),
    /** The end of what asks, or of a block of its own that passes over what is there, and the head of the next one. */
    between: new RegExp(
      `^\\s*;\\s*(?:end\\s+if\\s*;\\s*)?(?:(?:${PASSES_OVER})?end\\s*;\\s*)?(?:begin\\s+)?${asked}${HEAD}`,
      'iu',
    ),
  };
}

const BEFORE: Readonly<Record<Guarded['kind'], Before>> = {
  'add-constraint': beforeAction('not\\s+'),
  'drop-constraint': beforeAction(''),
};
/** What takes no notice of what is there already, and the end. */
const CLOSING = new RegExp(
  `^\\s*;\\s*(?:end\\s+if\\s*;\\s*)?(?:${PASSES_OVER})?(?:end\\s*;\\s*)?end\\s*;?\\s*\\$\\w*\\$(?:\\s*language\\s+'?plpgsql'?)?\\s*$`,
  'i',
);

type Guarded = Extract<Operation, { readonly kind: 'add-constraint' | 'drop-constraint' }>;

/**
 * The constraints that a block adds where they are not there, as the plain statements that these are where the history shows
 * that they are not there, and those that it drops where they are. Undefined for anything else that a block does.
 */
export function unguarded(
  unit: Unit,
  { engine, target }: Pick<PlanContext, 'engine' | 'target'>,
): readonly Unit[] | undefined {
  const operations = unit.operations.filter((each) => !asksCatalog(each));
  const added = operations.filter(
    (each): each is Guarded =>
      each.kind === 'add-constraint' || (each.kind === 'drop-constraint' && each.certainty !== 'may'),
  );
  const [first] = added;
  const last = added.at(-1);
  if (first === undefined || last === undefined || added.length < operations.length) return undefined;
  if (
    !BEFORE[first.kind].opening.test(unit.text.slice(0, first.span.start)) ||
    !CLOSING.test(unit.text.slice(last.span.end))
  )
    return undefined;
  const units: Unit[] = [];
  let schema = unit.before;
  for (const [index, operation] of added.entries()) {
    const next = added[index + 1];
    if (next !== undefined && !BEFORE[next.kind].between.test(unit.text.slice(operation.span.end, next.span.start)))
      return undefined;
    const own =
      operation.kind === 'add-constraint'
        ? plain({ ...unit, before: schema }, operation, added, { engine, target })
        : plainDrop({ ...unit, before: schema }, operation, added, { engine, target });
    // What finds a constraint there ends the block that it stands in, with all that comes after it there.
    if (own === undefined || (own.isGuarded === true && added.length > 1)) return undefined;
    units.push(own);
    schema = engine.fold(schema, own.operations, { fileIndex: -1 }, target);
  }
  return units;
}

/** One of the constraints that a block drops, as a statement of its own; IF EXISTS where the history does not show it. */
function plainDrop(
  unit: Unit,
  operation: Extract<Guarded, { readonly kind: 'drop-constraint' }>,
  added: readonly Operation[],
  context: Pick<PlanContext, 'engine' | 'target'>,
): Unit | undefined {
  const { constraint: name, cascade } = operation.action;
  const isThere =
    findRelation(unit.before, operation.relation)?.constraints.some((constraint) => constraint.name === name) === true;
  const action = `DROP CONSTRAINT ${isThere ? '' : 'IF EXISTS '}${context.engine.quoteName(name)}${cascade ? ' CASCADE' : ''}`;
  return ofItsOwn(unit, operation, action, added, context);
}

/** What is said of one of the actions of a block; what is said of none of them is said of the block, and so of each. */
function ofOne({ objections }: Unit, operation: Operation, added: readonly Operation[]): Unit['objections'] {
  return objections.filter((objection) => objection.operation === operation || !added.includes(objection.operation));
}

/** One of the constraints that a block adds, as a statement of its own. */
function plain(
  unit: Unit,
  operation: Extract<Guarded, { readonly kind: 'add-constraint' }>,
  added: readonly Operation[],
  context: Pick<PlanContext, 'engine' | 'target'>,
): Unit | undefined {
  const { span } = operation;
  const relation = findRelation(unit.before, operation.relation);
  const { name } = operation.action.constraint;
  const isKnown = relation?.detailsKnown === true;
  if (name === undefined || relation?.constraints.some((constraint) => constraint.name === name) === true)
    return undefined;
  // Where the history does not say whether it is there, the block goes on asking, which takes a constraint that is added NOT VALID.
  if (!isKnown && !/^(?:check|foreign-key)$/.test(operation.action.constraint.kind)) return undefined;
  const own = ofItsOwn(unit, operation, unit.text.slice(span.start, span.end).trim(), added, context);
  if (own === undefined) return undefined;
  return {
    ...own,
    ...(isKnown ? {} : { isGuarded: true as const }),
    objections: ofOne(unit, operation, added).map((objection, index) => {
      // A rule has no remedy of its own for a block of several statements.
      const recipe = objection.recipe ?? CONSTRAINT_RECIPES[operation.action.constraint.kind];
      const isAboutIt = objection.operation === operation || objection.operation.kind === operation.kind;
      return { ...(own.objections[index] ?? objection), ...(recipe === undefined || !isAboutIt ? {} : { recipe }) };
    }),
  };
}

/** An action of a block as an ALTER TABLE of its own, with what is said of it; undefined where it cannot be read as one. */
function ofItsOwn(
  unit: Unit,
  operation: Guarded,
  action: string,
  added: readonly Operation[],
  { engine, target }: Pick<PlanContext, 'engine' | 'target'>,
): Unit | undefined {
  const table = tableTarget({ engine, target, schema: unit.before, statementText: unit.text }, operation.relation);
  const text = `${table.alter} ${action}`;
  const { operations, problems } = engine.parse(text);
  const [own] = operations;
  if (own === undefined || operations.length > 1 || problems.length > 0 || !isTableAction(own)) return undefined;
  return {
    ...unit,
    text,
    operations,
    written: [operation],
    objections: ofOne(unit, operation, added).map((objection) => ({ ...objection, operation: own })),
  };
}

/** The steps of a constraint that may be there already: it is added by a block that passes over that, as it was written. */
export function guardedSteps(steps: readonly Step[]): readonly Step[] {
  return steps.map((step) =>
    /^ALTER TABLE [^;]* ADD CONSTRAINT [^]* NOT VALID;$/.test(step.up)
      ? { ...step, up: `DO $guard$ BEGIN\n  ${step.up}\nEXCEPTION WHEN duplicate_object THEN NULL;\nEND $guard$;` }
      : /^ALTER TABLE [^;]* VALIDATE CONSTRAINT [^;]*;$/.test(step.up)
        ? { ...step, down: 'SELECT 1; -- Nothing to take back: a constraint stays checked until it goes.' }
        : step,
  );
}

/** `SELECT 1 FROM pg_constraint ...`, as a block asks before it adds something. */
export function asksCatalog(operation: Operation): boolean {
  return (
    operation.kind === 'select-rows' &&
    operation.query.writes.length === 0 &&
    operation.query.functions.length === 0 &&
    operation.query.reads.every(({ relation }) => /^(?:pg_catalog|information_schema)$/.test(relation.schema ?? ''))
  );
}
