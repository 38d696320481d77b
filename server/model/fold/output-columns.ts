import type { FromItem, QueryTree } from '../expression.ts';
import { findRelation, resolveTypeName } from '../lookup.ts';
import type { CreateTableAs } from '../operation.ts';
import type { Column } from '../schema.ts';
import type { TypeName } from '../type-name.ts';
import type { Draft } from './draft.ts';

/** A column that a query gives; its name is absent where the tree does not tell it, its type where it is worked out. */
interface Output {
  readonly name?: string;
  readonly type?: TypeName;
}

/** Outputs in order; undefined where it is not known how many there are. */
type Outputs = readonly Output[] | undefined;

/** What FROM holds: by the names that stand for it, and in the order in which a star gives it. */
interface Seen {
  readonly star: Outputs;
  readonly byName: ReadonlyMap<string, Outputs>;
}

/** Common table expressions in scope. */
type Tables = ReadonlyMap<string, Outputs>;

/**
 * Columns of a query's result: named by the statement, then by the query; a star gives the columns of what it stands for,
 * where those are known. Types are given where a column or a cast has them.
 */
export function outputColumns(
  draft: Draft,
  explicit: readonly string[] | undefined,
  query: CreateTableAs['query'],
): { readonly columns: readonly Column[]; readonly columnsKnown: boolean } {
  const outputs = renamed(outputsOfQuery(draft, query), explicit ?? []) ?? [];
  const isComplete = outputs.length > 0 && outputs.every(({ name }) => name !== undefined);
  const shown: readonly Output[] = isComplete ? outputs : (explicit ?? []).map((name) => ({ name }));
  return {
    columns: shown.map(({ name = '', type }) => ({
      name,
      ...(type === undefined ? {} : { type: resolveTypeName(draft, type) }),
      notNull: false,
      origin: draft.origin,
      isLocal: true,
    })),
    columnsKnown: isComplete,
  };
}

function outputsOfQuery(draft: Draft, query: CreateTableAs['query']): Outputs {
  const { tree, output } = query;
  if (tree !== undefined) {
    const outputs = outputsOf(draft, tree, new Map(), output);
    if (outputs !== undefined) return outputs;
  }
  const hasStar = query.columns.some((column) => column.name === '*') && output.includes(undefined);
  return hasStar ? loneStar(draft, query) : output.map((name) => (name === undefined ? {} : { name }));
}

/** SELECT * or TABLE of one relation, in a language whose queries have no tree. */
function loneStar(draft: Draft, { reads, output, text, tree }: CreateTableAs['query']): Outputs {
  const [only, ...others] = reads;
  const isLoneStar = output.length === 1 && /^\s*(select|table)\s+(\*|\w+\s*$)/i.test(text);
  return only === undefined || others.length > 0 || tree !== undefined || !isLoneStar
    ? undefined
    : columnsOf(draft, only.relation);
}

function columnsOf(draft: Draft, name: { readonly schema?: string; readonly name: string }): Outputs {
  const relation = findRelation(draft, name);
  return relation?.columnsKnown === true ? relation.columns : undefined;
}

/** `names` are those of the written outputs, where the tree alone does not tell them. */
function outputsOf(draft: Draft, tree: QueryTree, outer: Tables, names: readonly (string | undefined)[] = []): Outputs {
  const tables = new Map(outer);
  for (const { name, recursive } of tree.with) if (recursive) tables.set(name, undefined);
  for (const { name, query, columns } of tree.with)
    tables.set(name, query === undefined ? undefined : renamed(outputsOf(draft, query, tables), columns));
  // Both sides decide a type, the left one alone the names.
  if (tree.set !== undefined)
    return outputsOf(draft, tree.set.left, tables, names)?.map(({ name }) => (name === undefined ? {} : { name }));
  if (tree.values !== undefined) return tree.values[0]?.map((_, index) => ({ name: `column${index + 1}` }));
  const seen = together(tree.from.map((item) => seenIn(draft, item, tables)));
  const outputs: Output[] = [];
  for (const [place, { name: given, value }] of tree.targets.entries()) {
    const [last, qualifier] = value.kind === 'column' ? value.path.toReversed() : [];
    if (last === '*') {
      const star = qualifier === undefined ? seen.star : seen.byName.get(qualifier);
      if (star === undefined) return undefined;
      outputs.push(...star);
      continue;
    }
    const name = given ?? last ?? names[place];
    const type = value.kind === 'cast' ? value.type : last === undefined ? undefined : typeOf(seen, last, qualifier);
    outputs.push({ ...(name === undefined ? {} : { name }), ...(type === undefined ? {} : { type }) });
  }
  return outputs;
}

function typeOf({ byName }: Seen, name: string, qualifier: string | undefined): TypeName | undefined {
  const items = qualifier === undefined ? [...byName.values()] : [byName.get(qualifier)];
  if (items.includes(undefined)) return undefined;
  const found = items.flatMap((columns) => columns?.filter((column) => column.name === name) ?? []);
  return found.length === 1 ? found[0]?.type : undefined;
}

function seenIn(draft: Draft, item: FromItem, tables: Tables): Seen {
  switch (item.kind) {
    case 'relation': {
      const { relation, alias } = item;
      const isTable = relation.schema === undefined && tables.has(relation.name);
      const columns = isTable ? tables.get(relation.name) : columnsOf(draft, relation);
      return one(alias ?? relation.name, renamed(columns, item.columns));
    }
    case 'query':
      return one(item.alias, renamed(outputsOf(draft, item.query, tables), item.columns));
    case 'join': {
      const left = seenIn(draft, item.left, tables);
      const right = seenIn(draft, item.right, tables);
      const both = together([left, right]);
      const star = item.natural || item.using !== undefined ? merged(left.star, right.star, item.using) : both.star;
      if (item.alias === undefined) return { ...both, star };
      // An alias of a JOIN hides the names in it, one of USING stands for its columns alone.
      return item.using === undefined
        ? one(item.alias, star)
        : { star, byName: new Map([...both.byName, [item.alias, undefined]]) };
    }
    default:
      return one(item.alias, undefined);
  }
}

function one(alias: string | undefined, columns: Outputs): Seen {
  return { star: columns, byName: new Map([[alias ?? '', columns]]) };
}

function together(items: readonly Seen[]): Seen {
  const stars = items.map(({ star }) => star);
  return {
    star: stars.includes(undefined) ? undefined : stars.flatMap((star) => star ?? []),
    byName: new Map(items.flatMap(({ byName }) => [...byName])),
  };
}

/** What a star gives of a JOIN with USING: its columns once and first. NATURAL has all that both sides name. */
function merged(left: Outputs, right: Outputs, using: readonly string[] | undefined): Outputs {
  if (left === undefined || right === undefined) return undefined;
  const shared = (using ?? left.flatMap(({ name }) => name ?? [])).filter((name) =>
    right.some((column) => column.name === name),
  );
  const isShared = ({ name }: Output): boolean => name !== undefined && shared.includes(name);
  return [
    // Two types become one that both have in common.
    ...shared.map((name) => ({ name })),
    ...left.filter((column) => !isShared(column)),
    ...right.filter((column) => !isShared(column)),
  ];
}

function renamed(outputs: Outputs, names: readonly string[]): Outputs {
  return outputs?.map((output, place) => {
    const name = names[place];
    return name === undefined ? output : { ...output, name };
  });
}
