import type { Node } from '@pgsql/types';
import type { ObjectName } from '../../model/names.ts';
import type { Query } from '../../model/operation.ts';
import { columnPath, relationName } from './lower-expression.ts';
import { type NodeOf, nodeAs, nodeEntry } from './nodes.ts';
import type { Source } from './source.ts';

/** Something in FROM: a relation under its name or alias, or, without one, what has columns that the text does not tell. */
interface Item {
  readonly alias: string | undefined;
  readonly relation?: ObjectName;
}

/** One query's names; those of the queries around it are in `outer`. */
interface Scope {
  readonly items: readonly Item[];
  /** Names that ORDER BY, GROUP BY and DISTINCT ON may mean before they mean columns. */
  readonly outputs: ReadonlySet<string>;
  /** Names of common table expressions. */
  readonly hidden: ReadonlySet<string>;
  readonly outer: Scope | undefined;
}

interface Found {
  readonly needs: NonNullable<Query['needs']>[number][];
  twice: string | undefined;
}

/** Clauses in which a plain name is an output column's first. */
const BY_OUTPUT = new Set(['sortClause', 'groupClause', 'distinctClause']);

/**
 * Names of columns in a statement that can only be columns of relations which it names: where a function, a subquery or a
 * common table expression stands beside them in FROM, a plain name may be a column of that, and is left out.
 *
 * Source: PostgreSQL manual, "Value Expressions" and "SELECT"; checked by test/database/refusal-probes.test.ts.
 */
export function lowerNames(source: Source, node: Node): Pick<Query, 'needs' | 'twice'> {
  const found: Found = { needs: [], twice: undefined };
  visit(source, node, undefined, found, false);
  return {
    ...(found.needs.length === 0 ? {} : { needs: found.needs }),
    ...(found.twice === undefined ? {} : { twice: found.twice }),
  };
}

function visit(source: Source, value: unknown, scope: Scope | undefined, found: Found, byOutput: boolean): void {
  if (value === null || typeof value !== 'object') return;
  if (Array.isArray(value)) {
    for (const item of value) visit(source, item, scope, found, byOutput);
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (inner === null || typeof inner !== 'object') continue;
    switch (key) {
      // The key names the node's type in each of these cases, so its fields are those of that type.
      case 'SelectStmt':
      case 'larg':
      case 'rarg':
        visitSelect(source, inner as NodeOf<'SelectStmt'>, scope, found);
        break;
      case 'InsertStmt':
        visitInsert(source, inner as NodeOf<'InsertStmt'>, scope, found);
        break;
      case 'UpdateStmt': {
        const update = inner as NodeOf<'UpdateStmt'>;
        visitWrite(source, update, [targetItem(source, update.relation)], update.fromClause ?? [], scope, found);
        break;
      }
      case 'DeleteStmt': {
        const remove = inner as NodeOf<'DeleteStmt'>;
        visitWrite(source, remove, [targetItem(source, remove.relation)], remove.usingClause ?? [], scope, found);
        break;
      }
      // Its clauses see different tables.
      case 'MergeStmt':
      case 'TypeName':
        break;
      case 'ColumnRef':
        addNeed(columnPath((inner as NodeOf<'ColumnRef'>).fields), scope, found, byOutput);
        break;
      default:
        visit(source, inner, scope, found, byOutput);
    }
  }
}

function targetItem(source: Source, range: NodeOf<'RangeVar'> | undefined): Item {
  return range === undefined
    ? { alias: undefined }
    : { alias: range.alias?.aliasname ?? range.relname, relation: relationName(source, range) };
}

function visitSelect(source: Source, select: NodeOf<'SelectStmt'>, outer: Scope | undefined, found: Found): void {
  const { fromClause = [], withClause, larg, rarg, ...rest } = select;
  const hidden = visitWith(source, withClause, outer, found);
  const outputs = new Set(
    (select.targetList ?? []).flatMap((target) => {
      const { name } = nodeAs(target, 'ResTarget') ?? {};
      return name === undefined ? [] : [name];
    }),
  );
  const scope: Scope = { items: itemsIn(source, fromClause, hidden), outputs, hidden, outer };
  noteTwice(scope, found);
  for (const side of [larg, rarg])
    if (side !== undefined) visitSelect(source, side, { items: [], outputs: new Set(), hidden, outer }, found);
  // Names in ORDER BY of a UNION are those of its columns.
  if (larg !== undefined) return;
  visitFrom(source, fromClause, scope, found);
  for (const [key, clause] of Object.entries(rest)) visit(source, clause, scope, found, BY_OUTPUT.has(key));
}

function visitInsert(
  source: Source,
  { relation, selectStmt, withClause, onConflictClause, returningClause }: NodeOf<'InsertStmt'>,
  outer: Scope | undefined,
  found: Found,
): void {
  const hidden = visitWith(source, withClause, outer, found);
  visit(source, selectStmt, { items: [], outputs: new Set(), hidden, outer }, found, false);
  const target = targetItem(source, relation);
  const scope = { items: [target], outputs: new Set<string>(), hidden, outer };
  visit(source, returningClause?.exprs, scope, found, false);
  const excluded = relation === undefined ? [] : [{ alias: 'excluded', relation: relationName(source, relation) }];
  for (const part of [onConflictClause?.targetList, onConflictClause?.whereClause])
    visit(source, part, { ...scope, items: [target, ...excluded] }, found, false);
  visit(source, onConflictClause?.infer?.whereClause, scope, found, false);
}

function visitWrite(
  source: Source,
  fields: { readonly withClause?: NodeOf<'WithClause'>; readonly whereClause?: Node } & (
    | NodeOf<'UpdateStmt'>
    | NodeOf<'DeleteStmt'>
  ),
  target: readonly Item[],
  from: readonly Node[],
  outer: Scope | undefined,
  found: Found,
): void {
  const hidden = visitWith(source, fields.withClause, outer, found);
  const scope: Scope = { items: [...target, ...itemsIn(source, from, hidden)], outputs: new Set(), hidden, outer };
  noteTwice(scope, found);
  visitFrom(source, from, scope, found);
  visit(source, fields.whereClause, scope, found, false);
  visit(source, fields.returningClause?.exprs, scope, found, false);
  if ('targetList' in fields) visit(source, fields.targetList, scope, found, false);
}

/** Names that a WITH clause gives, beside those of the queries around it; its own queries are visited. */
function visitWith(
  source: Source,
  clause: NodeOf<'WithClause'> | undefined,
  outer: Scope | undefined,
  found: Found,
): ReadonlySet<string> {
  const hidden = new Set(outer?.hidden ?? []);
  const own = new Set<string>();
  const expressions = (clause?.ctes ?? []).flatMap((node) => nodeAs(node, 'CommonTableExpr') ?? []);
  for (const { ctename = '', ctequery } of expressions) {
    if (own.has(ctename)) found.twice ??= ctename;
    own.add(ctename);
    const seen =
      clause?.recursive === true ? new Set([...hidden, ...expressions.map((each) => each.ctename ?? '')]) : hidden;
    visit(source, ctequery, { items: [], outputs: new Set(), hidden: new Set(seen), outer }, found, false);
    hidden.add(ctename);
  }
  return hidden;
}

function itemsIn(source: Source, from: readonly Node[], hidden: ReadonlySet<string>): readonly Item[] {
  return from.flatMap((node): readonly Item[] => {
    const range = nodeAs(node, 'RangeVar');
    if (range !== undefined) {
      const alias = range.alias?.aliasname ?? range.relname;
      const isHidden = range.schemaname === undefined && hidden.has(range.relname ?? '');
      const isRenamed = (range.alias?.colnames ?? []).length > 0;
      return [isHidden || isRenamed ? { alias } : { alias, relation: relationName(source, range) }];
    }
    const join = nodeAs(node, 'JoinExpr');
    if (join !== undefined) {
      const sides = itemsIn(
        source,
        [join.larg, join.rarg].flatMap((side) => side ?? []),
        hidden,
      );
      return join.alias === undefined ? sides : [...sides, { alias: join.alias.aliasname }];
    }
    const [, fields] = nodeEntry(node);
    // Every other node of FROM may have an alias.
    return [{ alias: (fields as { readonly alias?: { readonly aliasname?: string } }).alias?.aliasname }];
  });
}

/** Conditions of joins, arguments of functions and queries in FROM; those that are LATERAL see the whole FROM. */
function visitFrom(source: Source, from: readonly Node[], scope: Scope, found: Found): void {
  for (const node of from) {
    const join = nodeAs(node, 'JoinExpr');
    const subquery = nodeAs(node, 'RangeSubselect');
    if (join !== undefined) {
      visitFrom(
        source,
        [join.larg, join.rarg].flatMap((side) => side ?? []),
        scope,
        found,
      );
      visit(source, join.quals, scope, found, false);
    } else if (subquery !== undefined) {
      const outer = subquery.lateral === true ? scope : { ...scope, items: [] };
      visit(source, subquery.subquery, outer, found, false);
    } else if (nodeAs(node, 'RangeVar') === undefined) visit(source, node, scope, found, false);
  }
}

function noteTwice({ items }: Scope, found: Found): void {
  const aliases = items.flatMap((item) => item.alias ?? []);
  const isPlain = (alias: string): boolean =>
    items.filter((item) => item.alias === alias).every((item) => item.relation?.schema === undefined);
  found.twice ??= aliases.find((alias, place) => aliases.indexOf(alias) !== place && isPlain(alias));
}

function addNeed(path: readonly string[], scope: Scope | undefined, found: Found, byOutput: boolean): void {
  const name = path.at(-1) ?? '';
  if (scope === undefined || name === '*' || path.length > 2) return;
  const chain: Scope[] = [];
  for (let each: Scope | undefined = scope; each !== undefined; each = each.outer) chain.push(each);
  if (path.length === 2) {
    const item = chain.flatMap((each) => each.items).find((each) => each.alias === path[0]);
    if (item?.relation !== undefined) found.needs.push({ name, qualifier: path[0] ?? '', among: [item.relation] });
    return;
  }
  const items = chain.flatMap((each) => each.items);
  if (byOutput && scope.outputs.has(name)) return;
  // The whole row of a relation may be meant, or a column of what is not known.
  if (items.length === 0 || items.some((item) => item.relation === undefined || item.alias === name)) return;
  found.needs.push({ name, among: items.flatMap((item) => item.relation ?? []) });
}
