import { escapePattern } from '../../core/escape-pattern.ts';
import { constraintTitle } from '../../model/constraint-title.ts';
import { walkExpression, type Expression, type ExpressionTree } from '../../model/expression.ts';
import { findType } from '../../model/lookup.ts';
import { displayName, objectKey } from '../../model/names.ts';
import type { UserType } from '../../model/schema.ts';
import { changeIdOf, freeName, limitedName } from '../names.ts';
import { type ChangeRequest, type PlanContext, type PlanResult, type Recipe, refused } from '../plan.ts';
import { replaceColumn } from './alter-type.ts';
import { constraintsOver, indexesOver, keysInto, knownColumn, type KnownColumn } from '../parts/column-users.ts';
import { defaultValue, enumColumns } from '../parts/enum-users.ts';
import { tableTarget, type TableTarget } from '../parts/table-target.ts';

/** ALTER COLUMN TYPE text of a column of an enum, meant as its end: text with a CHECK over the values takes its place. */
export const replaceEnum: Recipe = {
  name: 'replace-enum',
  title: 'Replace an enum by text with a check',
  plans: { postgresql: plan, sqlite: 'SQLite has no enums: change the CHECK by a rebuild of the table, and the rows.' },
};

function plan(request: ChangeRequest, context: PlanContext): PlanResult {
  const { operation } = request;
  if (
    operation.kind !== 'alter-type' ||
    operation.action.type.name !== 'text' ||
    operation.action.type.arrayDimensions > 0
  )
    return refused('This is not the change of an enum to text.');
  const table = tableTarget(context, operation.relation);
  const known = knownColumn(table, operation.action.column);
  if (typeof known === 'string') return refused(known);
  const shown = `${table.shown}."${known.column.name}"`;
  const { type: columnType } = known.column;
  const type = columnType === undefined ? undefined : findType(context.schema, columnType);
  if (columnType === undefined || type?.labels === undefined)
    return refused(
      `${shown} is ${columnType?.display ?? 'of a type that is not known'}, and no migration here makes that an enum: connect to the database if it is one.`,
    );
  if (columnType.arrayDimensions > 0)
    return refused(
      `${shown} holds arrays of ${type.name}: change it by ALTER COLUMN ... TYPE text[] instead, and write the check that you want for its elements.`,
    );
  if (type.labels.length === 0) return refused(`${type.name} has no values, so that no text could be in ${shown}.`);
  const obstacle = whyTied(context, table, known, type);
  if (obstacle !== undefined) return refused(obstacle);
  const checked = withCheck(withoutCasts(context, known, type), table, known, type.labels);
  const planned = replaceColumn(request, checked.context, defaultOf(context, known));
  return planned.kind === 'refused'
    ? planned
    : withNotes(planned, { table, known, type, name: checked.name, others: othersOf(context, known, type) });
}

/** Why text cannot take the enum's place in what is over the column; undefined where it can. */
function whyTied(
  context: PlanContext,
  table: TableTarget,
  { relation, column }: KnownColumn,
  type: UserType,
): string | undefined {
  const shown = `${table.shown}."${column.name}"`;
  const key =
    constraintsOver(relation, column.name).find((constraint) => constraint.kind === 'foreign-key')?.name ??
    keysInto(context, relation, column.name)[0];
  if (key !== undefined)
    return `${shown} is part of the foreign key ${key}, whose other side is ${type.name} too: drop the key first and add it anew behind both changes.`;
  const orders = (expression: Expression | undefined): boolean =>
    expression !== undefined && isOrdered(expression, column.name);
  const constraint = constraintsOver(relation, column.name).find((each) => orders(each.expression));
  if (constraint !== undefined)
    return `The check ${constraintTitle(constraint)} asks for the order of the values of ${shown}, and text has another: write it by the values that it means first.`;
  const index = indexesOver(context.schema, relation, column.name).find(
    (each) =>
      orders(each.where) ||
      each.elements.some(
        (element) =>
          orders(element.expression) || (element.column === column.name && element.operatorClass !== undefined),
      ),
  );
  return index === undefined
    ? undefined
    : `The index "${index.name}" asks for the order of the values of ${shown}, and text has another: drop it first and build it anew behind the change.`;
}

/** Whether an expression compares the column by more than equality. */
function isOrdered({ tree }: Expression, column: string): boolean {
  const isColumn = (operand: ExpressionTree): boolean =>
    operand.kind === 'column'
      ? operand.path.at(-1) === column
      : (operand.kind === 'cast' || operand.kind === 'collate') && isColumn(operand.operands[0]);
  return [...walkExpression(tree)].some(
    (node) =>
      node.kind === 'operator' &&
      /^(?:[<>]=?(?: any| all)?|(?:not )?between.*)$/.test(node.name) &&
      node.operands.some(isColumn),
  );
}

/** The schema with text in place of the enum in what casts to it over the column: the server writes each value with a cast. */
function withoutCasts(context: PlanContext, { relation, column }: KnownColumn, type: UserType): PlanContext {
  const { quoteName } = context.engine;
  const escaped = (name: string): string => escapePattern(quoteName(name));
  const cast = new RegExp(
    `'(?:[^']|'')*'|(::\\s*|\\bas\\s+)(?:${escaped(type.schema)}\\s*\\.\\s*)?${escaped(type.name)}(?![\\w$.\\u0080-\\uffff])`,
    quoteName(type.name) === type.name ? 'gi' : 'g',
  );
  const plain = <Part extends Expression | undefined>(expression: Part): Part =>
    expression === undefined
      ? expression
      : {
          ...expression,
          text: expression.text.replaceAll(cast, (token: string, head: string | undefined) =>
            head === undefined ? token : `${head}text`,
          ),
        };
  const over = new Set(constraintsOver(relation, column.name));
  const constraints = relation.constraints.map((constraint) =>
    over.has(constraint) && constraint.expression !== undefined
      ? { ...constraint, expression: plain(constraint.expression) }
      : constraint,
  );
  let { indexes } = context.schema;
  for (const index of indexesOver(context.schema, relation, column.name)) {
    const elements = index.elements.map((element) =>
      element.expression === undefined ? element : { ...element, expression: plain(element.expression) },
    );
    indexes = indexes.set(objectKey(index.schema, index.name), {
      ...index,
      elements,
      ...(index.where === undefined ? {} : { where: plain(index.where) }),
    });
  }
  return {
    ...context,
    schema: {
      ...context.schema,
      indexes,
      relations: context.schema.relations.set(objectKey(relation.schema, relation.name), { ...relation, constraints }),
    },
  };
}

/** The schema as though the column had the check already, so that the new column gets it as it gets all others. */
function withCheck(
  context: PlanContext,
  table: TableTarget,
  { relation, column }: KnownColumn,
  labels: readonly string[],
): { readonly context: PlanContext; readonly name: string } {
  const { engine, schema, target } = context;
  const name = freeName(
    limitedName([table.name, column.name], 'check'),
    new Set(relation.constraints.map((constraint) => constraint.name)),
  );
  const { operations } = engine.parse(
    `${table.alter} ADD CONSTRAINT ${engine.quoteName(name)} CHECK (${engine.quoteName(column.name)} IN (${labels.map((label) => engine.quoteText(label)).join(', ')}))`,
  );
  return { context: { ...context, schema: engine.fold(schema, operations, { fileIndex: -1 }, target) }, name };
}

/** The default as text; undefined where there is none. */
function defaultOf(context: PlanContext, { column }: KnownColumn): string | undefined {
  const value = defaultValue(column);
  if (value !== undefined) return context.engine.quoteText(value);
  return column.default === undefined ? undefined : `CAST(${column.default.text} AS text)`;
}

/** Other columns of the type, in words. */
function othersOf(context: PlanContext, { relation, column }: KnownColumn, type: UserType): readonly string[] {
  return enumColumns(context, type)
    .filter((other) => other.relation !== relation || other.column.name !== column.name)
    .map((other) => `${other.table.shown}.${other.column.name}`);
}

interface Replaced {
  readonly table: TableTarget;
  readonly known: KnownColumn;
  readonly type: UserType;
  readonly name: string;
  readonly others: readonly string[];
}

function withNotes(
  { plan }: Extract<PlanResult, { readonly kind: 'planned' }>,
  { table, known, type, name, others }: Replaced,
): PlanResult {
  const column = `${table.shown}.${known.column.name}`;
  const shown = displayName({ name: type.name });
  const last = plan.steps.length - 1;
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf(table.name, known.column.name, 'text'),
      title: `Replace ${shown} in ${column} by text with the check ${name}`,
      steps: plan.steps.map((step, index) => {
        if (index === 0)
          return {
            ...step,
            notes: [
              ...step.notes,
              `As text ${column} sorts and compares by its letters, no longer by the order of the values, and what casts to ${shown} (${known.column.name} = $1::${shown}) fails: a version without such casts works with both.`,
            ],
          };
        if (index !== last) return step;
        return {
          ...step,
          notes: [
            ...step.notes,
            others.length > 0
              ? `The type ${shown} stays for ${others.join(', ')}.`
              : `No other column is known to be of the type ${shown}: DROP TYPE ${shown}, in a migration of its own, when no function and no running version names it any more.`,
          ],
        };
      }),
    },
  };
}
