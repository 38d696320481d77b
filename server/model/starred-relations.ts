import { type ExpressionTree, type FromItem, type QueryTree, walkExpression } from './expression.ts';
import { findRelation, type SchemaView } from './lookup.ts';
import type { Relation } from './schema.ts';

/** What a star may stand for in a query: the items of its FROM and those around it, and names of its WITH. */
interface Scope {
  readonly items: readonly FromItem[];
  readonly tables: ReadonlySet<string>;
  readonly outer: Scope | undefined;
}

/**
 * Relations all of whose columns a query names by a star, those of its subqueries included; undefined where one of them is
 * behind a name that is not known.
 */
export function starredRelations(tree: QueryTree, schema: SchemaView): ReadonlySet<Relation> | undefined {
  const found = new Set<Relation>();
  return visit(tree, undefined, schema, found) ? found : undefined;
}

function visit(tree: QueryTree, outer: Scope | undefined, schema: SchemaView, found: Set<Relation>): boolean {
  const tables = new Set([...(outer?.tables ?? []), ...tree.with.map(({ name }) => name)]);
  const scope: Scope = { items: plainItems(tree.from), tables, outer };
  const inner = [...tree.with.flatMap(({ query }) => query ?? []), ...(tree.set === undefined ? [] : sides(tree.set))];
  for (const item of scope.items) if (item.kind === 'query') inner.push(item.query);
  const trees = [
    ...tree.targets.map(({ value }) => value),
    ...(tree.values ?? []).flat(),
    ...tree.groupBy,
    ...tree.orderBy,
    ...joinConditions(tree.from),
    ...scope.items.flatMap((item) => (item.kind === 'other' ? item.operands : [])),
    ...[tree.where, tree.having, tree.limit].flatMap((each) => each ?? []),
  ];
  for (const { value } of tree.targets)
    if (value.kind === 'column' && value.path.at(-1) === '*' && !noteStar(value.path.at(-2), scope, schema, found))
      return false;
  for (const expression of trees)
    for (const node of walkExpression(expression))
      if (node.kind === 'subquery' && node.query !== undefined) inner.push(node.query);
  return inner.every((query) => visit(query, scope, schema, found));
}

function sides({ left, right }: NonNullable<QueryTree['set']>): readonly QueryTree[] {
  return [left, right];
}

/** Items of FROM, those of joins one by one. */
function plainItems(from: readonly FromItem[]): readonly FromItem[] {
  return from.flatMap((item) => (item.kind === 'join' ? plainItems([item.left, item.right]) : [item]));
}

function joinConditions(from: readonly FromItem[]): readonly ExpressionTree[] {
  return from.flatMap((item) =>
    item.kind === 'join'
      ? [...(item.on === undefined ? [] : [item.on]), ...joinConditions([item.left, item.right])]
      : [],
  );
}

/** Whether it is known what a star stands for. */
function noteStar(qualifier: string | undefined, scope: Scope, schema: SchemaView, found: Set<Relation>): boolean {
  const note = (item: FromItem): void => {
    if (item.kind !== 'relation') return;
    // A common table expression has its own query.
    if (item.relation.schema === undefined && scope.tables.has(item.relation.name)) return;
    const relation = findRelation(schema, item.relation);
    if (relation !== undefined) found.add(relation);
  };
  if (qualifier === undefined) {
    for (const item of scope.items) note(item);
    return true;
  }
  for (let each: Scope | undefined = scope; each !== undefined; each = each.outer) {
    const item = each.items.find((candidate) => aliasOf(candidate) === qualifier);
    if (item === undefined) continue;
    note(item);
    return true;
  }
  return false;
}

function aliasOf(item: FromItem): string | undefined {
  return item.alias ?? (item.kind === 'relation' ? item.relation.name : undefined);
}
