import { CATALOG_RELATIONS } from './catalog-relations.ts';
import type { Node } from '@pgsql/types';
import type { Span } from '../../core/span.ts';
import type { Expression, ExpressionTree } from '../../model/expression.ts';
import type { ObjectName } from '../../model/names.ts';
import { argumentText, itemsOf, type NodeOf, nodeAs, nodeEntry, stringsOf } from './nodes.ts';
import { objectName, type Source } from './source.ts';
import { lowerQueryTree, type Parts } from './lower-query-tree.ts';
import { lowerType } from './type-names.ts';

/** An expression whose text stands in the tokens [from, to); parentheses around the whole stay part of the text. */
export function lowerExpression(source: Source, node: Node, from: number, to: number): Expression {
  return expressionIn(source, node, source.spanOf(from, to));
}

/** An expression whose range is known. */
export function expressionIn(source: Source, node: Node, span: Span): Expression {
  return { text: source.text.slice(span.start, span.end), span, tree: expressionTree(source, node) };
}

/** How a query in a statement's text is read. */
export function partsOf(source: Source): Parts {
  return {
    expression: (node) => expressionTree(source, node),
  };
}

/** Value functions of the grammar, by their parse tree name. */
const VALUE_FUNCTIONS: Readonly<Record<string, string>> = {
  SVFOP_CURRENT_DATE: 'current_date',
  SVFOP_CURRENT_TIME: 'current_time',
  SVFOP_CURRENT_TIME_N: 'current_time',
  SVFOP_CURRENT_TIMESTAMP: 'current_timestamp',
  SVFOP_CURRENT_TIMESTAMP_N: 'current_timestamp',
  SVFOP_LOCALTIME: 'localtime',
  SVFOP_LOCALTIME_N: 'localtime',
  SVFOP_LOCALTIMESTAMP: 'localtimestamp',
  SVFOP_LOCALTIMESTAMP_N: 'localtimestamp',
  SVFOP_CURRENT_ROLE: 'current_role',
  SVFOP_CURRENT_USER: 'current_user',
  SVFOP_USER: 'user',
  SVFOP_SESSION_USER: 'session_user',
  SVFOP_CURRENT_CATALOG: 'current_catalog',
  SVFOP_CURRENT_SCHEMA: 'current_schema',
};

/** Meaning of an expression. */
export function expressionTree(source: Source, node: Node): ExpressionTree {
  const [key] = nodeEntry(node);
  const tree = (inner: Node | undefined): readonly ExpressionTree[] =>
    inner === undefined ? [] : itemsOf(inner).map((item) => expressionTree(source, item));
  const trees = (inner: readonly Node[] | undefined): readonly ExpressionTree[] =>
    (inner ?? []).flatMap((item) => tree(item));
  switch (key) {
    case 'ColumnRef':
      return { kind: 'column', path: columnPath(nodeAs(node, 'ColumnRef')?.fields) };
    case 'A_Const':
      return literal(node);
    case 'FuncCall': {
      const call = nodeAs(node, 'FuncCall');
      const named = (call?.args ?? []).map((argument) => nodeAs(argument, 'NamedArgExpr'));
      const args = (call?.args ?? []).flatMap((argument, place) => tree(named[place]?.arg ?? argument));
      const hasNames = named.some((argument) => argument !== undefined);
      const [filter] = tree(call?.agg_filter);
      const operands = [...args, ...trees(call?.agg_order), ...(filter === undefined ? [] : [filter])];
      const isPlain = call?.func_variadic !== true && call?.agg_within_group !== true && !hasNames;
      return callTree(stringsOf(call?.funcname), operands, {
        ...(isPlain ? { arity: args.length } : {}),
        ...(hasNames && call?.func_variadic !== true ? { argumentNames: named.map((argument) => argument?.name) } : {}),
        ...(call?.agg_star === true ? { star: true as const } : {}),
        ...(call?.over === undefined ? {} : { over: true as const }),
        ...(filter === undefined ? {} : { filter }),
      });
    }
    case 'A_Expr':
      return operatorTree(nodeAs(node, 'A_Expr'), tree);
    case 'TypeCast': {
      const cast = nodeAs(node, 'TypeCast');
      const [operand] = tree(cast?.arg);
      if (cast?.typeName === undefined || operand === undefined) return { kind: 'other', operands: tree(cast?.arg) };
      return { kind: 'cast', type: lowerType(source, cast.typeName), operands: [operand] };
    }
    case 'CollateClause': {
      const collate = nodeAs(node, 'CollateClause');
      const [operand] = tree(collate?.arg);
      return operand === undefined
        ? { kind: 'other', operands: [] }
        : { kind: 'collate', collation: stringsOf(collate?.collname).join('.'), operands: [operand] };
    }
    case 'NullTest': {
      const test = nodeAs(node, 'NullTest');
      const [operand] = tree(test?.arg);
      return operand === undefined
        ? { kind: 'other', operands: [] }
        : { kind: 'null-test', negated: test?.nulltesttype === 'IS_NOT_NULL', operands: [operand] };
    }
    case 'BoolExpr': {
      const boolean = nodeAs(node, 'BoolExpr');
      const operator = boolean?.boolop === 'OR_EXPR' ? 'or' : boolean?.boolop === 'NOT_EXPR' ? 'not' : 'and';
      return { kind: 'boolean', operator, operands: trees(boolean?.args) };
    }
    case 'SQLValueFunction': {
      const value = nodeAs(node, 'SQLValueFunction');
      return { kind: 'keyword', name: VALUE_FUNCTIONS[value?.op ?? ''] ?? 'other' };
    }
    case 'SetToDefault':
      return { kind: 'keyword', name: 'default' };
    case 'SubLink': {
      const link = nodeAs(node, 'SubLink');
      const query = nodeAs(link?.subselect, 'SelectStmt');
      return {
        kind: 'subquery',
        relations: relationsOf(source, link?.subselect),
        operands: tree(link?.testexpr),
        form: SUBQUERY_FORMS[link?.subLinkType ?? ''] ?? 'compared',
        ...(query === undefined ? {} : { query: lowerQueryTree(partsOf(source), query) }),
      };
    }
    case 'CaseExpr':
      return caseTree(nodeAs(node, 'CaseExpr'), tree);
    case 'CoalesceExpr':
      return { kind: 'call', name: 'coalesce', operands: trees(nodeAs(node, 'CoalesceExpr')?.args) };
    case 'MinMaxExpr': {
      const minmax = nodeAs(node, 'MinMaxExpr');
      return { kind: 'call', name: minmax?.op === 'IS_LEAST' ? 'least' : 'greatest', operands: trees(minmax?.args) };
    }
    case 'BooleanTest': {
      const test = nodeAs(node, 'BooleanTest');
      return {
        kind: 'operator',
        name: (test?.booltesttype ?? 'IS_TRUE').toLowerCase().replaceAll('_', ' '),
        operands: tree(test?.arg),
      };
    }
    default:
      return { kind: 'other', operands: childTrees(source, node) };
  }
}

const SUBQUERY_FORMS: Readonly<Record<string, 'scalar' | 'exists' | 'array'>> = {
  EXPR_SUBLINK: 'scalar',
  EXISTS_SUBLINK: 'exists',
  ARRAY_SUBLINK: 'array',
};

function caseTree(
  node: NodeOf<'CaseExpr'> | undefined,
  tree: (node: Node | undefined) => readonly ExpressionTree[],
): ExpressionTree {
  const arms = (node?.args ?? []).flatMap((item) => {
    const arm = nodeAs(item, 'CaseWhen');
    const [when] = tree(arm?.expr);
    const [then] = tree(arm?.result);
    return when === undefined || then === undefined ? [] : [{ when, then }];
  });
  const [subject] = tree(node?.arg);
  const [otherwise] = tree(node?.defresult);
  return {
    kind: 'other',
    operands: [
      ...(subject === undefined ? [] : [subject]),
      ...arms.flatMap(({ when, then }) => [when, then]),
      ...(otherwise === undefined ? [] : [otherwise]),
    ],
    case: {
      ...(subject === undefined ? {} : { subject }),
      arms,
      ...(otherwise === undefined ? {} : { otherwise }),
    },
  };
}

function callTree(
  names: readonly string[],
  operands: readonly ExpressionTree[],
  more: Omit<Extract<ExpressionTree, { readonly kind: 'call' }>, 'kind' | 'schema' | 'name' | 'operands'>,
): ExpressionTree {
  const schema = names.at(-2);
  const name = names.at(-1) ?? '';
  return schema === undefined || schema === 'pg_catalog'
    ? { kind: 'call', name, operands, ...more }
    : { kind: 'call', schema, name, operands, ...more };
}

function operatorTree(
  expression: NodeOf<'A_Expr'> | undefined,
  tree: (node: Node | undefined) => readonly ExpressionTree[],
): ExpressionTree {
  const operands = [...tree(expression?.lexpr), ...tree(expression?.rexpr)];
  const name = stringsOf(expression?.name).at(-1) ?? '';
  switch (expression?.kind) {
    case 'AEXPR_OP':
      return { kind: 'operator', name, operands };
    case 'AEXPR_IN':
      return { kind: 'operator', name: name === '<>' ? 'not in' : 'in', operands };
    case 'AEXPR_OP_ANY':
      return { kind: 'operator', name: `${name} any`, operands };
    case 'AEXPR_OP_ALL':
      return { kind: 'operator', name: `${name} all`, operands };
    case 'AEXPR_DISTINCT':
      return { kind: 'operator', name: 'is distinct from', operands };
    case 'AEXPR_NOT_DISTINCT':
      return { kind: 'operator', name: 'is not distinct from', operands };
    case 'AEXPR_NULLIF':
      return { kind: 'call', name: 'nullif', operands };
    case 'AEXPR_LIKE':
      return { kind: 'operator', name: name.startsWith('!') ? 'not like' : 'like', operands };
    case 'AEXPR_ILIKE':
      return { kind: 'operator', name: name.startsWith('!') ? 'not ilike' : 'ilike', operands };
    case 'AEXPR_SIMILAR':
      return { kind: 'operator', name: name.startsWith('!') ? 'not similar to' : 'similar to', operands };
    case 'AEXPR_BETWEEN':
    case 'AEXPR_NOT_BETWEEN':
    case 'AEXPR_BETWEEN_SYM':
    case 'AEXPR_NOT_BETWEEN_SYM':
      return { kind: 'operator', name: name.toLowerCase(), operands };
    default:
      return { kind: 'other', operands };
  }
}

function literal(node: Node): ExpressionTree {
  const constant = nodeAs(node, 'A_Const');
  if (constant === undefined || constant.isnull === true) return { kind: 'literal', value: null };
  if (constant.sval !== undefined) return { kind: 'literal', value: constant.sval.sval ?? '' };
  if (constant.boolval !== undefined) return { kind: 'literal', value: constant.boolval.boolval ?? false };
  if (constant.bsval !== undefined) return { kind: 'literal', value: constant.bsval.bsval ?? '', isBits: true };
  if (constant.fval !== undefined) return { kind: 'literal', value: exactNumber(constant.fval.fval ?? '0') };
  return { kind: 'literal', value: constant.ival?.ival ?? 0 };
}

/** A number where JavaScript keeps it exactly, the text otherwise. */
function exactNumber(text: string): number | string {
  const value = Number(text);
  return Number.isFinite(value) && String(value) === text ? value : text;
}

/** Parts of a column reference, `*` for a star. */
export function columnPath(fields: readonly Node[] | undefined): readonly string[] {
  return (fields ?? []).map((field) => (nodeAs(field, 'A_Star') === undefined ? argumentText(field) : '*'));
}

/** Trees of all nodes directly or indirectly inside, down to those that have a meaning of their own. */
function childTrees(source: Source, node: Node): readonly ExpressionTree[] {
  const [, fields] = nodeEntry(node);
  return nodesIn(fields).map((child) => expressionTree(source, child));
}

/** Nodes that a node's fields hold; field values that are plain structures are looked through. */
function nodesIn(value: unknown): readonly Node[] {
  if (value === null || typeof value !== 'object') return [];
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  const keys = Object.keys(value);
  const [key] = keys;
  // Node types begin with a capital, fields of a structure with a small letter: that is how the tree's JSON is made.
  if (keys.length === 1 && key !== undefined && /^[A-Z]/.test(key)) return [value as Node];
  return Object.values(value).flatMap(nodesIn);
}

/** Relations named anywhere inside, common table expressions' names left out. */
export function relationsOf(source: Source, node: Node | undefined): readonly ObjectName[] {
  const relations: ObjectName[] = [];
  const hidden = new Set<string>();
  const visit = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return;
    if (Array.isArray(value)) {
      for (const item of value) visit(item);
      return;
    }
    for (const [key, inner] of Object.entries(value)) {
      // The key names the node's type, so its fields are those of that type.
      if (key === 'CommonTableExpr') hidden.add((inner as NodeOf<'CommonTableExpr'>).ctename ?? '');
      if (key === 'RangeVar' || key === 'relation') {
        const range = inner as NodeOf<'RangeVar'>;
        const isHidden = range.schemaname === undefined && hidden.has(range.relname ?? '');
        if (range.relname !== undefined && !isHidden) relations.push(relationName(source, range));
      } else visit(inner);
    }
  };
  visit(node);
  return relations.filter((relation) => relation.schema !== undefined || !hidden.has(relation.name));
}

/** Name of a relation with the range of its text; one of the catalog with its schema, which is searched first. */
export function relationName(source: Source, range: NodeOf<'RangeVar'>): ObjectName {
  const name = createdName(source, range);
  return name.schema === undefined && CATALOG_RELATIONS.has(name.name) ? { ...name, schema: 'pg_catalog' } : name;
}

/** The same of something that is made: it goes into the search path, whatever the catalog holds. */
export function createdName(source: Source, range: NodeOf<'RangeVar'>): ObjectName {
  const parts = range.schemaname === undefined ? [range.relname ?? ''] : [range.schemaname, range.relname ?? ''];
  return objectName(parts, source.nameSpan(source.indexAt(source.at(range.location))));
}
