import type { ExpressionTree, FromItem, QueryTree } from '../expression.ts';
import { findRelation, type SchemaView } from '../lookup.ts';
import { objectKey } from '../names.ts';
import type { Relation } from '../schema.ts';

/** A relation that a query reads, and the columns of it that are surely meant. */
export interface SureRead {
  readonly key: string;
  readonly columns: readonly string[];
}

/** Something in FROM under the name that it has there; without a relation, what its columns are is not known. */
interface Item {
  readonly name: string | undefined;
  readonly relation?: Relation;
}

/** What the subqueries of an expression read; columns of the table that the expression is over are left out. */
export function subqueryReads(schema: SchemaView, tree: ExpressionTree): readonly SureRead[] {
  const reads = new Map<string, Set<string>>();
  visitTree(tree, []);
  return [...reads].map(([key, columns]) => ({ key, columns: [...columns] }));

  function visitTree(node: ExpressionTree, frames: readonly (readonly Item[])[]): void {
    if (node.kind === 'subquery') {
      if (node.query !== undefined) visitQuery(node.query, frames, new Set());
      return;
    }
    if (node.kind === 'column') return frames.length === 0 ? undefined : resolve(node.path, frames);
    if ('operands' in node) for (const operand of node.operands) visitTree(operand, frames);
  }

  function visitQuery(query: QueryTree, outer: readonly (readonly Item[])[], hidden: ReadonlySet<string>): void {
    const names = new Set([...hidden, ...query.with.map((table) => table.name)]);
    for (const table of query.with) if (table.query !== undefined) visitQuery(table.query, outer, names);
    if (query.set !== undefined) {
      visitQuery(query.set.left, outer, names);
      visitQuery(query.set.right, outer, names);
      return;
    }
    const items = query.from.flatMap((item) => itemsOf(item, outer, names));
    const frames = [...outer, query.isPartial === true ? [{ name: undefined }] : items];
    for (const item of query.from) visitJoins(item, frames);
    for (const target of query.targets) visitTree(target.value, frames);
    for (const part of [query.where, query.having, ...query.groupBy]) if (part !== undefined) visitTree(part, frames);
  }

  function itemsOf(item: FromItem, outer: readonly (readonly Item[])[], hidden: ReadonlySet<string>): readonly Item[] {
    switch (item.kind) {
      case 'relation': {
        const isCommon = item.relation.schema === undefined && hidden.has(item.relation.name);
        const relation = isCommon ? undefined : findRelation(schema, item.relation);
        const name = item.alias ?? item.relation.name;
        if (relation === undefined) return [{ name }];
        const key = objectKey(relation.schema, relation.name);
        if (!reads.has(key)) reads.set(key, new Set());
        // Names of its own for its columns hide those that they have.
        return [{ name, ...(item.columns.length === 0 ? { relation } : {}) }];
      }
      case 'query':
        visitQuery(item.query, outer, hidden);
        return [{ name: item.alias }];
      case 'join': {
        const inner = [...itemsOf(item.left, outer, hidden), ...itemsOf(item.right, outer, hidden)];
        return item.alias === undefined && !item.natural && item.using === undefined ? inner : [{ name: item.alias }];
      }
      default:
        return [{ name: item.alias }];
    }
  }

  function visitJoins(item: FromItem, frames: readonly (readonly Item[])[]): void {
    if (item.kind !== 'join') return;
    visitJoins(item.left, frames);
    visitJoins(item.right, frames);
    if (item.on !== undefined) visitTree(item.on, frames);
  }

  function resolve(path: readonly string[], frames: readonly (readonly Item[])[]): void {
    const [first = '', second, third] = path;
    if (third !== undefined) return;
    for (const items of frames.toReversed()) {
      if (second !== undefined) {
        const item = items.find((candidate) => candidate.name === first);
        if (item === undefined) continue;
        if (item.relation !== undefined) add(item.relation, second);
        return;
      }
      if (items.some((item) => item.relation?.columnsKnown !== true)) return;
      const holders = items.filter((item) => item.relation?.columns.some((column) => column.name === first));
      const [holder] = holders;
      if (holder?.relation === undefined) continue;
      if (holders.length === 1) add(holder.relation, first);
      return;
    }
  }

  function add(relation: Relation, column: string): void {
    if (relation.columns.some((own) => own.name === column))
      reads.get(objectKey(relation.schema, relation.name))?.add(column);
  }
}
