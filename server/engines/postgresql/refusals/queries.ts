import { type ExpressionTree, type QueryTree, walkExpression } from '../../../model/expression.ts';
import { findRelation } from '../../../model/lookup.ts';
import type { CreateView, InsertRows, Operation, Query } from '../../../model/operation.ts';
import type { Relation, Schema } from '../../../model/schema.ts';
import type { Refusal } from '../../engine.ts';
import { type Analysis, named, type Seen, type SeenColumn } from '../types/analysis.ts';
import { isAssignable } from '../types/assignable.ts';
import { analysis, NOTHING, queryColumns } from '../types/query-columns.ts';
import { baseType, valueType } from '../types/value-type.ts';

/** What the names and types in a query, and in UPDATE and DELETE, are refused for. */
export function refusedQuery(
  operation: Operation,
  schema: Schema,
  version: number,
  siblings: readonly Operation[],
): Refusal | undefined {
  if (operation.kind === 'call' && operation.call !== undefined)
    return refusedCall(operation.call, operation, schema, version);
  const query: Query | undefined = 'query' in operation ? operation.query : undefined;
  if (query?.tree === undefined) return undefined;
  const isInBlock = operation.within !== undefined && !namesNothing(query.tree);
  // What the block makes or changes before is not there yet.
  if (isInBlock && siblings.some((other) => !ROWS.has(other.kind))) return undefined;
  const context = analysis(schema, version, isInBlock);
  const columns = queryColumns(context, query.tree, undefined);
  const why = context.problem ?? wrongColumns(operation, columns, context);
  return why === undefined ? undefined : { span: operation.span, message: why };
}

/** Operations that make nothing and change no definition. */
const ROWS: ReadonlySet<Operation['kind']> = new Set([
  'select-rows',
  'insert-rows',
  'update-rows',
  'delete-rows',
  'merge-rows',
  'lock-table',
  'truncate',
]);

/** CALL with what the procedure does not take. */
function refusedCall(
  call: ExpressionTree,
  { within, span }: Operation,
  schema: Schema,
  version: number,
): Refusal | undefined {
  const context = analysis(schema, version);
  // In a block, names may be its variables.
  context.typeOf(call, within === undefined ? NOTHING : OPEN, 'no-aggregates');
  return context.problem === undefined ? undefined : { span, message: context.problem };
}

/** Names may stand for anything. */
const OPEN: Seen = { ...NOTHING, items: [{ alias: undefined, columns: undefined }] };

/** Whether a query is made of values alone. */
function namesNothing({ from, with: tables, set, values, where, targets }: QueryTree): boolean {
  return (
    from.length === 0 &&
    tables.length === 0 &&
    set === undefined &&
    values === undefined &&
    where === undefined &&
    targets.every(({ value }) =>
      [...walkExpression(value)].every(({ kind }) => kind === 'literal' || kind === 'cast' || kind === 'collate'),
    )
  );
}

function wrongColumns(
  operation: Operation,
  columns: readonly SeenColumn[] | undefined,
  context: Analysis,
): string | undefined {
  if (columns === undefined) return undefined;
  switch (operation.kind) {
    case 'create-view':
    case 'create-materialized-view':
    case 'create-table-as':
      return wrongOutput(
        operation.columns ?? [],
        columns,
        operation.kind === 'create-table-as' ? undefined : operation,
        context,
      );
    case 'insert-rows':
      return wrongInsert(operation, columns, context.schema);
    default:
      return undefined;
  }
}

function wrongOutput(
  names: readonly string[],
  columns: readonly SeenColumn[],
  view: CreateView | undefined,
  context: Analysis,
): string | undefined {
  if (names.length > columns.length)
    return `There are more names for columns here than columns: ${names.length} for ${columns.length}.`;
  const all = columns.map((column, index) => ({ ...column, name: names[index] ?? column.name }));
  const known = all.filter((column) => column.name !== '').map((column) => column.name);
  const twice = known.find((name, index) => known.indexOf(name) !== index);
  if (twice !== undefined)
    return `Two columns of this query have the name "${twice}"${twice === '?column?' ? ', which stands for one without a name' : ''}: give one of them another by AS.`;
  const old = view?.orReplace === true ? findRelation(context.schema, view.relation) : undefined;
  return old?.kind === 'view' ? retyped(old, all, context.schema) : undefined;
}

/** CREATE OR REPLACE VIEW that gives a column another name or type. */
function retyped(old: Relation, columns: readonly SeenColumn[], schema: Schema): string | undefined {
  for (const [index, column] of old.columns.entries()) {
    const name = columns[index]?.name;
    if (name !== undefined && name !== '' && name !== '?column?' && name !== column.name)
      return `CREATE OR REPLACE VIEW cannot put "${name}" where "${column.name}" of ${old.name} is: new columns go to the end. Drop the view and create it again in one transaction.`;
    const before = valueType(schema, column.type ?? column.computedType);
    const given = columns[index]?.type;
    // A text without a type becomes one of the type text.
    const after = given?.name === 'unknown' ? baseType('text') : given;
    if (before === undefined || after === undefined) continue;
    if (before.name !== after.name || before.isArray !== after.isArray || before.enum !== after.enum)
      return `CREATE OR REPLACE VIEW cannot change "${column.name}" of ${old.name} from ${named(before)} to ${named(after)}: drop the view and create it again in one transaction.`;
  }
  return undefined;
}

/** What a query gives to the columns of an INSERT. */
function wrongInsert(operation: InsertRows, given: readonly SeenColumn[], schema: Schema): string | undefined {
  const relation = findRelation(schema, operation.relation);
  if (relation === undefined || !relation.columnsKnown) return undefined;
  const places = operation.columns?.map((name) => relation.columns.find((column) => column.name === name)) ?? [
    ...relation.columns,
  ];
  if (given.length > places.length)
    return `There are more values here than columns: ${given.length} for ${places.length}.`;
  if (operation.columns !== undefined && given.length < places.length)
    return `There are fewer values here than columns: ${given.length} for ${places.length}.`;
  for (const [index, { type }] of given.entries()) {
    const column = places[index];
    const to = valueType(schema, column?.type);
    if (column !== undefined && type !== undefined && to !== undefined && isAssignable(type, to) === false)
      return `A value of the type ${named(type)} does not become one of "${column.name}", which is ${column.type?.display ?? ''}: PostgreSQL refuses this without a cast.`;
  }
  return undefined;
}
