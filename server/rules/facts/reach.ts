import { type Expression, type ExpressionTree, type QueryTree, walkExpression } from '../../model/expression.ts';
import { findRelation, findSequence, indexesOf, sameName } from '../../model/lookup.ts';
import { KeptAnswer } from '../../model/kept-answer.ts';
import { isSystemSchema, objectKey } from '../../model/names.ts';
import type { DeleteRows, Operation, Query, UpdateRows } from '../../model/operation.ts';
import type { Relation } from '../../model/schema.ts';
import type { RuleContext, RuleStatement } from '../rule.ts';
import { subjectOf } from './subject.ts';

/**
 * How many rows of a table a condition may hold for.
 *
 * `few`: those of a key, a range of it, or a limit. `some`: those with one value of what is no key: nobody knows how many. `many`: what
 * is left when nothing is singled out. `every`: no condition, or one that is always true.
 */
export type Reach = 'every' | 'many' | 'some' | 'few';

/** Option of the rules about long statements. */
export const SMALL_TABLE_OPTION = {
  smallTableRows: {
    default: 10_000,
    description:
      'Rows below which a table is small enough for one statement, where a connected database tells how many it has.',
  },
} as const;

function smallTableRows(context: RuleContext): number {
  const value = context.options['smallTableRows'];
  return typeof value === 'number' ? value : SMALL_TABLE_OPTION.smallTableRows.default;
}

/** How many rows an UPDATE or DELETE may touch. */
export function reachOf(
  context: RuleContext,
  statement: RuleStatement,
  relation: Relation | undefined,
  operation: UpdateRows | DeleteRows,
): Reach {
  if (relation?.size !== undefined && relation.size.rows < smallTableRows(context)) return 'few';
  // No running version writes there, and its keys are in no migration. Reading a statement writes the schema of such names.
  if (isSystemSchema(operation.relation.schema)) return 'few';
  // A block with a loop that commits in each round goes over batches.
  if (
    (statement.whole ?? statement).body.operations.some(
      (other) => other.kind === 'transaction-control' && other.action === 'commit' && other.branch !== undefined,
    )
  )
    return 'few';
  // The end of a subquery's LIMIT is not in the tree.
  if (
    operation.query.hasLimit ||
    /\blimit\s+\S/i.test(operation.where?.text ?? '') ||
    /\bwhere\s+current\s+of\b/i.test(operation.query.text)
  )
    return 'few';
  return operation.where === undefined ? 'every' : reachOfCondition(statement, relation, operation, operation.where);
}

/** What was last said of a condition: several rules ask, and at the next keystroke most statements meet the tables that they met. */
const lastReach = new WeakMap<
  Expression,
  { readonly relation: Relation | undefined; readonly kept: KeptAnswer<Reach> }
>();

function reachOfCondition(
  statement: RuleStatement,
  relation: Relation | undefined,
  operation: UpdateRows | DeleteRows,
  where: Expression,
): Reach {
  const last = lastReach.get(where);
  const known = last?.relation === relation ? last?.kept : undefined;
  const kept = KeptAnswer.of(known, statement.before, () => workedOutReach(statement, relation, operation, where));
  if (kept !== known) lastReach.set(where, { relation, kept });
  return kept.answer;
}

function workedOutReach(
  statement: RuleStatement,
  relation: Relation | undefined,
  operation: UpdateRows | DeleteRows,
  where: Expression,
): Reach {
  const tree = ofChanged(operation, where.tree);
  const ofTree = fewOf(joinedIn(statement, operation.query)).has(changedAlias(operation))
    ? 'few'
    : reachOfTree(tree, keyTest(statement, relation));
  return ofTree === 'some' && coversKey(statement, relation, tree) ? 'few' : ofTree;
}

/** What a table is called in a statement that changes its rows: PostgreSQL's trees begin with it. */
function changedAlias({ relation, query }: UpdateRows | DeleteRows): string {
  return query.tree?.from[0]?.alias ?? relation.name;
}

/** A condition in which no column of a joined table has the name of one of the changed table. */
function ofChanged(operation: UpdateRows | DeleteRows, tree: ExpressionTree): ExpressionTree {
  const own = operation.query.tree === undefined ? undefined : changedAlias(operation);
  if (own === undefined) return tree;
  const inTree = (node: ExpressionTree): ExpressionTree => {
    if (node.kind === 'column')
      return node.path.length === 1 || node.path.at(-2) === own ? node : { ...node, path: [node.path.join('.')] };
    return 'operands' in node ? ({ ...node, operands: node.operands.map(inTree) } as ExpressionTree) : node;
  };
  return inTree(tree);
}

function keyTest(statement: RuleStatement, relation: Relation | undefined): (column: string) => boolean {
  const keys = keyColumns(statement, relation);
  return (name) => keys.some((key) => sameName(statement.before.product, key, name));
}

/** Whether a conjunction gives each column of a unique key over several its value. */
function coversKey(statement: RuleStatement, relation: Relation | undefined, tree: ExpressionTree): boolean {
  if (relation === undefined) return false;
  const given = conjunctsOf(tree).flatMap((conjunct) => {
    if (conjunct.kind !== 'operator' || (conjunct.name !== '=' && conjunct.name !== 'in')) return [];
    const [left, ...others] = conjunct.operands;
    const column = left === undefined ? undefined : columnOf(left);
    return column !== undefined && others.every(isConstant) ? [column] : [];
  });
  const keys = [
    ...relation.constraints.flatMap(({ kind, columns }) =>
      kind === 'primary-key' || kind === 'unique' ? [columns] : [],
    ),
    ...indexesOf(statement.before, objectKey(relation.schema, relation.name)).flatMap((index) =>
      index.unique && index.where === undefined ? [index.elements.map((element) => element.column)] : [],
    ),
  ];
  return keys.some(
    (columns) => columns.length > 0 && columns.every((column) => column !== undefined && given.includes(column)),
  );
}

function conjunctsOf(tree: ExpressionTree): readonly ExpressionTree[] {
  return tree.kind === 'boolean' && tree.operator === 'and' ? tree.operands.flatMap(conjunctsOf) : [tree];
}

/** Tables that stand beside each other in a statement, with the conditions between them; undefined where that is not all. */
interface Joined {
  readonly items: readonly { readonly alias: string; readonly isKey: (column: string) => boolean }[];
  readonly conditions: readonly ExpressionTree[];
}

/** What stands in the FROM of a query, and for UPDATE and DELETE their table beside what they join it with. */
function joinedIn(statement: RuleStatement, { tree }: Query): Joined | undefined {
  if (tree === undefined || tree.set !== undefined || tree.with.length > 0) return undefined;
  const conditions: ExpressionTree[] = tree.where === undefined ? [] : [...conjunctsOf(tree.where)];
  const items: Joined['items'][number][] = [];
  const stack = [...tree.from];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    if (item.kind === 'join') {
      if (item.on === undefined || item.alias !== undefined) return undefined;
      conditions.push(...conjunctsOf(item.on));
      stack.push(item.left, item.right);
    } else if (item.kind === 'relation')
      items.push({
        alias: item.alias ?? item.relation.name,
        isKey: keyTest(statement, findRelation(statement.before, item.relation)),
      });
    else return undefined;
  }
  return { items, conditions };
}

/**
 * Whether a query reads few rows of each table in it: of one by a key or a list of keys, of the others by a key that a
 * column of such a one is.
 */
function readsFew(statement: RuleStatement, query: Query): boolean {
  const found = joinedIn(statement, query);
  // What stands in a subquery is read too.
  if (found === undefined || found.items.length === 0 || query.reads.length > found.items.length) return false;
  return fewOf(found).size === found.items.length;
}

/** Those of joined tables, by their aliases, of which few rows are singled out. */
function fewOf(found: Joined | undefined): ReadonlySet<string> {
  const few = new Set<string>();
  if (found === undefined) return few;
  const { items, conditions } = found;
  const isOf = (column: ExpressionTree, alias: string): boolean =>
    column.kind === 'column' && (column.path.length > 1 ? column.path.at(-2) === alias : items.length === 1);
  const isFew = (alias: string, isKey: (column: string) => boolean): boolean =>
    conditions.some((condition) => {
      if (condition.kind !== 'operator' || !['=', 'in', '= any'].includes(condition.name)) return false;
      return condition.operands.some((operand, place) => {
        const column = columnOf(operand);
        if (column === undefined || !isKey(column) || !isOf(operand, alias)) return false;
        return condition.operands.every(
          (other, index) =>
            index === place || isConstant(other) || [...few].some((known) => known !== alias && isOf(other, known)),
        );
      });
    });
  for (let count = -1; count < few.size; ) {
    count = few.size;
    for (const { alias, isKey } of items) if (!few.has(alias) && isFew(alias, isKey)) few.add(alias);
  }
  return few;
}

/** Keys below this number are taken for one batch. */
const MOST_BATCH_ROWS = 100_000;

const ORDER: readonly Reach[] = ['few', 'some', 'many', 'every'];

function reachOfTree(tree: ExpressionTree, isKey: (column: string) => boolean): Reach {
  if (tree.kind === 'boolean' && tree.operator === 'and') {
    const bounded = boundedColumns(tree.operands);
    if (bounded.some(isKey)) return 'few';
    return least([
      ...tree.operands.map((operand) => reachOfTree(operand, isKey)),
      ...(bounded.length > 0 ? ['some' as const] : []),
    ]);
  }
  if (tree.kind === 'boolean' && tree.operator === 'or')
    return most(tree.operands.map((operand) => reachOfTree(operand, isKey)));
  const constant = constantValue(tree);
  if (constant !== undefined) return constant === true ? 'every' : 'few';
  if (tree.kind === 'operator') {
    const [left, ...others] = tree.operands;
    if (left === undefined) return 'many';
    const column = columnOf(left) ?? (tree.name === '=' && others[0] !== undefined ? columnOf(others[0]) : undefined);
    const rest = columnOf(left) === undefined ? [left] : others;
    if (column === undefined || !rest.every(isConstant)) return 'many';
    if (tree.name === '=' || tree.name === 'in' || tree.name === '= any') return isKey(column) ? 'few' : 'some';
    if (tree.name.startsWith('between')) return isKey(column) ? 'few' : 'some';
    if (
      (tree.name === '<' || tree.name === '<=') &&
      columnOf(left) !== undefined &&
      isKey(column) &&
      others.every(
        (other) => other.kind === 'literal' && typeof other.value === 'number' && other.value <= MOST_BATCH_ROWS,
      )
    )
      return 'few';
    // Without a wildcard it is an equality.
    if (
      tree.name === 'like' &&
      isKey(column) &&
      rest.every((operand) => operand.kind === 'literal' && !/[%_\\]/.test(String(operand.value)))
    )
      return 'few';
    if (tree.name === 'like' || tree.name === 'ilike')
      return rest.every((operand) => operand.kind === 'literal' && /^%+$/.test(String(operand.value)))
        ? 'many'
        : 'some';
  }
  return 'many';
}

/** Columns with a lower and an upper bound in a conjunction: the batches of a loop. */
function boundedColumns(conjuncts: readonly ExpressionTree[]): readonly string[] {
  const below = new Set<string>();
  const above = new Set<string>();
  for (const conjunct of conjuncts) {
    if (conjunct.kind !== 'operator') continue;
    const [left, right] = conjunct.operands;
    if (left === undefined || right === undefined) continue;
    const column = columnOf(left) ?? columnOf(right);
    if (column === undefined || !isConstant(columnOf(left) === undefined ? left : right)) continue;
    const isUpper = conjunct.name.startsWith('<') === (columnOf(left) !== undefined);
    if (conjunct.name === '<' || conjunct.name === '<=' || conjunct.name === '>' || conjunct.name === '>=')
      (isUpper ? below : above).add(column);
  }
  return [...below].filter((column) => above.has(column));
}

function least(reaches: readonly Reach[]): Reach {
  return ORDER[Math.min(...reaches.map((reach) => ORDER.indexOf(reach)))] ?? 'every';
}

function most(reaches: readonly Reach[]): Reach {
  return ORDER[Math.max(...reaches.map((reach) => ORDER.indexOf(reach)))] ?? 'every';
}

/** Truth of a condition that is the same for every row (`true`, `1 = 1`, `NOT false`, `id = id` but for NULLs); undefined where it depends on the row. */
function constantValue(tree: ExpressionTree): boolean | null | undefined {
  if (tree.kind === 'literal') return tree.value === null ? null : tree.value !== false && tree.value !== 0;
  if (tree.kind === 'boolean' && tree.operator === 'not') {
    const [operand] = tree.operands;
    const value = operand === undefined ? undefined : constantValue(operand);
    return typeof value === 'boolean' ? !value : value;
  }
  if (tree.kind === 'null-test')
    return tree.operands[0].kind === 'literal' ? (tree.operands[0].value === null) !== tree.negated : undefined;
  if (tree.kind !== 'operator' || tree.name !== '=') return undefined;
  const [left, right] = tree.operands;
  if (left?.kind === 'literal' && right?.kind === 'literal')
    return left.value === null || right.value === null ? null : left.value === right.value;
  return left?.kind === 'column' && right?.kind === 'column' && left.path.join('.') === right.path.join('.')
    ? true
    : undefined;
}

function columnOf(tree: ExpressionTree): string | undefined {
  if (tree.kind === 'cast') return columnOf(tree.operands[0]);
  return tree.kind === 'column' ? tree.path.at(-1) : undefined;
}

/** Nothing of any row: a value that is worked out once. */
function isConstant(tree: ExpressionTree): boolean {
  if (tree.kind === 'column' || tree.kind === 'subquery') return false;
  return !('operands' in tree) || tree.operands.every(isConstant);
}

/** Columns that tell rows apart on their own, and the row's place. */
function keyColumns(statement: RuleStatement, relation: Relation | undefined): readonly string[] {
  if (relation === undefined) return ['id', 'ctid'];
  const keys = relation.constraints.flatMap((constraint) =>
    (constraint.kind === 'primary-key' || constraint.kind === 'unique') && constraint.columns.length === 1
      ? constraint.columns
      : [],
  );
  const unique = indexesOf(statement.before, objectKey(relation.schema, relation.name)).flatMap((index) => {
    const [element, ...more] = index.elements;
    return index.unique && more.length === 0 && element?.column !== undefined ? [element.column] : [];
  });
  return [...keys, ...unique, 'ctid', 'rowid', ...(relation.columnsKnown ? [] : ['id'])];
}

/** Kinds of operations that may work long without keeping others out by themselves. */
export const LONG_WORK: readonly Operation['kind'][] = [
  'update-rows',
  'delete-rows',
  'insert-rows',
  'merge-rows',
  'create-table-as',
  'create-materialized-view',
  'refresh-materialized-view',
  'select-rows',
  'validate-constraint',
];

/** Functions whose value an index gives without reading the rest, and the one that is called with it. */
const EDGES: ReadonlySet<string> = new Set(['max', 'min', 'setval']);

/** Long work of a statement that reads or changes rows without keeping others out by itself, in words: `this UPDATE of users`. */
export function longWork(context: RuleContext, statement: RuleStatement, operation: Operation): string | undefined {
  switch (operation.kind) {
    case 'update-rows':
    case 'delete-rows': {
      const subject = subjectOf(context, statement, operation.relation);
      const reach = subject.isInUse ? reachOf(context, statement, subject.relation, operation) : 'few';
      if (reach === 'few') return undefined;
      const rows = reach === 'every' ? 'every row' : reach === 'many' ? 'many rows' : 'maybe many rows';
      return `${operation.kind === 'update-rows' ? 'UPDATE' : 'DELETE'} of ${rows} of ${subject.shown}`;
    }
    case 'insert-rows': {
      if (operation.rowCount !== undefined) return undefined;
      const source = readWhole(context, statement, operation.query);
      return source === undefined ? undefined : `INSERT of what it reads from ${source}`;
    }
    case 'merge-rows': {
      const subject = subjectOf(context, statement, operation.relation);
      return subject.isInUse ? `MERGE into ${subject.shown}` : undefined;
    }
    case 'create-table-as': {
      const source = operation.withData ? readWhole(context, statement, operation.query) : undefined;
      return source === undefined ? undefined : `CREATE TABLE AS over ${source}`;
    }
    case 'create-materialized-view': {
      const source = operation.withData ? readWhole(context, statement, operation.query) : undefined;
      return source === undefined ? undefined : `filling of ${operation.relation.name} from ${source}`;
    }
    case 'refresh-materialized-view':
      return operation.withData ? `REFRESH of ${operation.relation.name}` : undefined;
    case 'select-rows': {
      // EXISTS stops at the first row, and the greatest key is at the end of its index.
      const isShort =
        operation.query.hasWhere ||
        (operation.query.tree !== undefined && narrows(operation.query.tree)) ||
        /\bexists\s*\(/i.test(operation.query.text) ||
        operation.query.functions.some((call) => EDGES.has(call.name));
      const source = isShort ? undefined : readWhole(context, statement, operation.query);
      return source === undefined ? undefined : `SELECT over ${source}`;
    }
    case 'validate-constraint': {
      if (!('head' in operation) || operation.action.kind !== 'validate-constraint') return undefined;
      const subject = subjectOf(context, statement, operation.relation);
      const isDone =
        subject.relation?.constraints.some(
          (constraint) =>
            operation.action.kind === 'validate-constraint' &&
            constraint.name === operation.action.constraint &&
            constraint.validated,
        ) === true;
      return subject.isInUse && !isDone ? `validation of "${operation.action.constraint}"` : undefined;
    }
    default:
      return undefined;
  }
}

/** Whether a query that reads no table itself asks each of its subqueries for rows by a condition, or for one row. */
function narrows(tree: QueryTree): boolean {
  if (tree.from.length > 0 || tree.set !== undefined || tree.with.length > 0) return false;
  return tree.targets.every(({ value }) =>
    [...walkExpression(value)].every(
      (part) =>
        part.kind !== 'subquery' ||
        part.form === 'exists' ||
        (part.query !== undefined &&
          (part.query.where !== undefined || part.query.limit !== undefined || narrows(part.query))),
    ),
  );
}

/** The first table in use that a query reads without a limit. */
function readWhole(context: RuleContext, statement: RuleStatement, query: Query): string | undefined {
  if (query.hasLimit || readsFew(statement, query)) return undefined;
  for (const { relation } of query.reads) {
    const subject = subjectOf(context, statement, relation);
    // Extensions have more tables there than the servers bring.
    if (isSystemSchema(relation.schema) || /^pg_/.test(relation.name)) continue;
    // A sequence is one row.
    if (findSequence(statement.before, relation) !== undefined) continue;
    if (
      subject.isInUse &&
      (subject.relation?.size === undefined || subject.relation.size.rows >= smallTableRows(context))
    )
      return subject.shown;
  }
  return undefined;
}
