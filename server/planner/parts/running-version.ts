import { findRelation, findType, indexesOf, relationKeyOf, sameName } from '../../model/lookup.ts';
import type { Value } from '../../model/constant-truth.ts';
import { literal } from '../../model/constant-truth.ts';
import type { Expression, ExpressionTree } from '../../model/expression.ts';
import { referencedColumns } from '../../model/expression.ts';
import type { ObjectName } from '../../model/names.ts';
import type { ConstraintDefinition, CreateIndex, IndexElement } from '../../model/operation.ts';
import type { Column, ForeignKeyConstraint, Relation, Schema } from '../../model/schema.ts';
import type { PlanContext } from '../plan.ts';
import type { Requirement, Step } from '../step.ts';
import { conjunctsOf, implies, isMetByType, isSameTree, isSurelyMet } from './check-truth.ts';

/*
 * A constraint holds for new rows from its first step on, and the version that runs by then was written before it. Whether
 * that version's writes meet it is told from the schema alone: columns and tables that come with the migration, which it
 * does not write, and what the database kept it to already.
 */

type Name = Pick<ObjectName, 'schema' | 'name'>;

/** A table as it is when the step runs, and as the running version knows it; undefined is one that it does not know. */
interface TwoViews {
  readonly context: PlanContext;
  readonly now: Relation | undefined;
  readonly known: Relation | undefined;
  readonly running: Schema;
  isNew(column: string): boolean;
}

function viewsOf(context: PlanContext, name: Name): TwoViews {
  const running = context.running ?? context.schema;
  const now = findRelation(context.schema, name);
  const alike = [...running.relations.values()];
  const known =
    findRelation(running, name) ??
    // Under the name that it had before this migration.
    (now === undefined ? undefined : alike.find((relation) => relation.origin === now.origin));
  const origins = new Set(known?.columns.map(({ origin }) => origin));
  const isNamed = (relation: Relation | undefined, column: string): boolean =>
    relation?.columns.some((each) => sameName(context.engine.product, each.name, column)) === true;
  return {
    context,
    now,
    known,
    running,
    isNew: (column) => {
      const own = now?.columns.find((each) => sameName(context.engine.product, each.name, column));
      // A column that is renamed keeps where it comes from.
      return own !== undefined && !isNamed(known, column) && !origins.has(own.origin);
    },
  };
}

/** Whether the running version cannot write into the table at all: it comes with the migration. */
function isNewTable({ now, known, running }: TwoViews): boolean {
  // One that no migration made is known by what statements say of it alone.
  return known === undefined && (now === undefined ? running.isComplete : now.detailsKnown);
}

/** Whether each value that the running version writes meets a CHECK. */
export function meetsCheck(context: PlanContext, name: Name, expression: Expression | undefined): boolean {
  const views = viewsOf(context, name);
  if (isNewTable(views)) return true;
  if (expression === undefined) return false;
  const columns = referencedColumns(expression.tree);
  // Without a value of its own a row has what the column's default says; whatever fills it later keeps to the check itself.
  if (columns.length > 0 && columns.every((column) => views.isNew(column)))
    return isSurelyMet(expression.tree, (column) => defaultOf(views, column));
  const held = heldBy(views.known);
  return conjunctsOf(expression.tree).every(
    (wanted) =>
      held.some((one) => implies(one, wanted)) ||
      isMetByType(
        wanted,
        (column) => views.known?.columns.find((each) => each.name === column && !isReplaced(views, each)),
        (column) => labelsOf(views.running, column),
      ),
  );
}

/** What no row could break before the migration; NOT VALID leaves old rows out, and no new one. */
function heldBy(relation: Relation | undefined): readonly ExpressionTree[] {
  return (relation?.constraints ?? []).flatMap((constraint) =>
    constraint.kind === 'check' && constraint.enforced && constraint.expression !== undefined
      ? conjunctsOf(constraint.expression.tree)
      : [],
  );
}

/** Whether another column has taken the name, or the column another type. */
function isReplaced({ now }: TwoViews, column: Column): boolean {
  const own = now?.columns.find(({ name }) => name === column.name);
  return own?.origin !== column.origin;
}

function labelsOf(schema: Schema, { type }: Column): readonly string[] | undefined {
  return type === undefined || type.arrayDimensions > 0 ? undefined : findType(schema, type)?.labels;
}

/** What a column holds of which nothing is written; undefined where that is not known. */
function defaultOf({ now, context }: TwoViews, name: string): Value {
  const column = now?.columns.find((each) => sameName(context.engine.product, each.name, name));
  if (column === undefined || column.generated !== undefined || column.identity !== undefined) return undefined;
  return column.default === undefined ? null : constant(column.default.tree);
}

function constant(tree: ExpressionTree): Value {
  // `'new'::text` is the text; a cast to another type may change it.
  if (tree.kind === 'cast' && /^(?:text|varchar)$/.test(tree.type.name) && tree.type.modifiers.length === 0)
    return constant(tree.operands[0]);
  return tree.kind === 'literal' ? literal(tree.value) : undefined;
}

const NEVER_NULL: ReadonlySet<string> = new Set([
  'now',
  'clock_timestamp',
  'statement_timestamp',
  'transaction_timestamp',
  'gen_random_uuid',
  'uuid_generate_v4',
  'uuidv7',
  'nextval',
  'random',
]);
const NUMBERS_ROWS: ReadonlySet<string> = new Set(['gen_random_uuid', 'uuid_generate_v4', 'uuidv7', 'nextval']);

function isCallOf(column: Column | undefined, names: ReadonlySet<string>): boolean {
  const tree = column?.default?.tree;
  return tree?.kind === 'call' && names.has(tree.name);
}

/** Whether the running version gives a column a value in each row that it writes. */
export function meetsNotNull(context: PlanContext, name: Name, column: string): boolean {
  const views = viewsOf(context, name);
  if (isNewTable(views)) return true;
  const { product } = context.engine;
  const old = views.known?.columns.find((each) => sameName(product, each.name, column));
  if (old?.notNull === true && !isReplaced(views, old)) return true;
  const wanted: ExpressionTree = {
    kind: 'null-test',
    negated: true,
    operands: [{ kind: 'column', path: [column] }],
  };
  if (heldBy(views.known).some((held) => isSameTree(held, wanted))) return true;
  if (!views.isNew(column)) return false;
  const own = views.now?.columns.find((each) => sameName(product, each.name, column));
  if (own?.identity !== undefined || isCallOf(own, NEVER_NULL)) return true;
  const tree = own?.default?.tree;
  const value = tree?.kind === 'cast' ? tree.operands[0] : tree;
  return value?.kind === 'literal' ? value.value !== null : value?.kind === 'keyword' && /^current_/.test(value.name);
}

/** What is to be unique, of a constraint or an index. */
export interface UniqueKey {
  readonly elements: readonly Pick<IndexElement, 'column' | 'expression' | 'collation' | 'operatorClass'>[];
  readonly where?: Expression | undefined;
  readonly nullsNotDistinct?: boolean | undefined;
  readonly deferrable?: boolean | undefined;
}

export function keyOfConstraint({ columns, nullsNotDistinct, deferrable }: ConstraintDefinition): UniqueKey {
  return { elements: columns.map((column) => ({ column })), nullsNotDistinct, deferrable };
}

export function keyOfIndex({ elements, where, nullsNotDistinct }: CreateIndex): UniqueKey {
  return { elements, where, nullsNotDistinct };
}

/** Whether the running version writes no two rows with the same key. */
export function meetsUnique(context: PlanContext, name: Name, key: UniqueKey): boolean {
  const views = viewsOf(context, name);
  if (isNewTable(views)) return true;
  const columns = key.elements.map(({ column }) => column);
  if (columns.every((column) => column !== undefined && views.isNew(column))) {
    const found = columns.map((column) => views.now?.columns.find((each) => each.name === column));
    // Rows with a NULL are never the same, unless the key says so; numbers that the database gives are each another.
    if (found.some((column) => column?.identity !== undefined || isCallOf(column, NUMBERS_ROWS))) return true;
    if (key.nullsNotDistinct !== true && columns.some((column) => defaultOf(views, column ?? '') === null)) return true;
  }
  const { known, running } = views;
  if (known === undefined) return false;
  return indexesOf(running, relationKeyOf(running, known)).some((index) => {
    const constraint = known.constraints.find(({ name: own }) => own === index.constraint);
    if (!index.unique || !index.valid || (constraint?.deferrable === true && key.deferrable !== true)) return false;
    if (index.where !== undefined && (key.where === undefined || !isSameTree(index.where.tree, key.where.tree)))
      return false;
    // NULLs that the old key told apart may be the same for the new one.
    if (key.nullsNotDistinct === true && !index.nullsNotDistinct && !index.primary) return false;
    return index.elements.every((element) => key.elements.some((own) => isSameElement(element, own)));
  });
}

function isSameElement(left: UniqueKey['elements'][number], right: UniqueKey['elements'][number]): boolean {
  if (left.collation !== right.collation || left.operatorClass !== right.operatorClass) return false;
  if (left.column !== undefined || right.column !== undefined) return left.column === right.column;
  return (
    left.expression !== undefined &&
    right.expression !== undefined &&
    isSameTree(left.expression.tree, right.expression.tree)
  );
}

/**
 * Whether the running version writes no row whose parent is missing and deletes no parent that is needed. `isFilled`: the
 * migration itself lets old rows point at parents.
 */
export function meetsForeignKey(
  context: PlanContext,
  name: Name,
  definition: Extract<ConstraintDefinition, { readonly kind: 'foreign-key' }>,
  isFilled: boolean,
): boolean {
  const views = viewsOf(context, name);
  const { references, columns } = definition;
  const parent = viewsOf(context, references.relation);
  if (isNewTable(views)) return true;
  const isEmpty = columns.every((column) => views.isNew(column) && defaultOf(views, column) === null);
  const lets = /^(?:cascade|set null|set default)$/i.test(references.onDelete ?? '');
  if (isEmpty && (!isFilled || lets || isNewTable(parent))) return true;
  const key = parent.now === undefined ? undefined : relationKeyOf(context.schema, references.relation);
  const pointed =
    references.columns.length > 0
      ? references.columns
      : (parent.now?.constraints.find(({ kind }) => kind === 'primary-key')?.columns ?? []);
  return (views.known?.constraints ?? []).some(
    (constraint): constraint is ForeignKeyConstraint =>
      constraint.kind === 'foreign-key' &&
      constraint.enforced &&
      constraint.references.key === key &&
      constraint.columns.join('\0') === columns.join('\0') &&
      constraint.references.columns.join('\0') === pointed.join('\0') &&
      (constraint.references.match ?? 'simple') === (references.match ?? 'simple') &&
      (!constraint.deferrable || definition.deferrable === true) &&
      isNoStricter(constraint.references.onDelete, references.onDelete) &&
      isNoStricter(constraint.references.onUpdate, references.onUpdate),
  );
}

/** Whether what was done to a parent row still can be: what the old key kept from being done nobody does. */
function isNoStricter(old: string | undefined, now: string | undefined): boolean {
  const plain = (action: string | undefined): string => action?.toLowerCase() ?? 'no action';
  return plain(old) === plain(now) || /^(?:no action|restrict)$/.test(plain(old)) || plain(now) === 'cascade';
}

/**
 * The steps of a constraint with the deploy that its first one waits for where the running version may break it: new rows
 * are kept to it from there on, so that nothing of it can come before that version.
 */
export function afterDeploy(steps: readonly Step[], isMet: boolean, description: string): readonly Step[] {
  if (isMet) return steps;
  const deploy: Requirement = { kind: 'deploy', description };
  return steps.map((step, index) => ({
    ...step,
    phase: step.phase === 'expand' ? 'contract' : step.phase,
    requires: index === 0 ? [deploy, ...step.requires] : step.requires,
  }));
}
