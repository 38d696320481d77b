import type { Node } from '@pgsql/types';
import type { Definition } from '../../model/schema.ts';
import { argumentText, nodeAs, nodeEntry, stringsOf } from './nodes.ts';
import type { Parser } from './parser.ts';

/** A parse tree as JSON has it: an object with one key is a node of that type, where its value is an object. */
type Tree = null | string | number | boolean | readonly Tree[] | { readonly [member: string]: Tree };

/** Where something stands in the text, and how a call was spelt. */
const SPELLING = new Set(['location', 'list_start', 'list_end', 'rexpr_list_start', 'rexpr_list_end', 'funcformat']);
/** The object's own name, which may be another since, and that it may take the place of one that is there. */
const OWN_NAME: Readonly<Record<string, readonly string[]>> = {
  ViewStmt: ['view', 'replace'],
  CreateTableAsStmt: ['into', 'if_not_exists'],
  CreateFunctionStmt: ['funcname', 'replace'],
  CreateTrigStmt: ['trigname', 'relation', 'funcname', 'replace'],
  CreatePolicyStmt: ['policy_name', 'table'],
  AlterPolicyStmt: ['policy_name', 'table'],
  RuleStmt: ['rulename', 'relation', 'replace'],
};
/** What CREATE FUNCTION takes where nothing is written. Source: PostgreSQL manual, CREATE FUNCTION. */
const FUNCTION_DEFAULTS: Readonly<Record<string, string>> = {
  volatility: 'volatile',
  security: 'false',
  strict: 'false',
  leakproof: 'false',
  parallel: 'unsafe',
  cost: '100',
  rows: '1000',
  window: 'false',
};

/** Whether two definitions parse to trees that mean the same; true where one of them cannot be read. */
export function isSameDefinition(parser: Parser, one: Definition, other: Definition): boolean {
  if (one.length === other.length && one.every((text, index) => text === other[index])) return true;
  const [left, right] = [read(parser, one), read(parser, other)];
  if (left === undefined || right === undefined) return true;
  const [leftText, rightText] = [JSON.stringify(left), JSON.stringify(right)];
  // A star stands for columns that are not looked up here.
  return leftText === rightText || starsOf(leftText) !== starsOf(rightText);
}

function starsOf(text: string): number {
  return text.split('A_Star').length;
}

function read(parser: Parser, definition: Definition): Tree | undefined {
  const nodes: Node[] = [];
  for (const text of definition) {
    const outcome = parser.parse(text);
    const [node] = outcome.kind === 'parsed' ? outcome.nodes : [];
    if (node === undefined) return undefined;
    nodes.push(node);
  }
  const [first, ...later] = nodes;
  if (first === undefined) return undefined;
  return plainNode(...nodeEntry(withAlterations(first, later)));
}

/** CREATE POLICY with what each ALTER POLICY behind it says. */
function withAlterations(first: Node, later: readonly Node[]): Node {
  let policy = nodeAs(first, 'CreatePolicyStmt');
  if (policy === undefined) return first;
  for (const node of later) policy = { ...policy, ...nodeAs(node, 'AlterPolicyStmt') };
  return { CreatePolicyStmt: policy };
}

function plainNode(type: string, fields: unknown): Tree {
  // JSON from the parser, and nothing else.
  const node = fields as Readonly<Record<string, Tree>>;
  switch (type) {
    case 'String':
      return { String: node['sval'] ?? '' };
    case 'A_Const':
      return { constant: constantOf(node) };
    case 'TypeCast':
      // Literals are printed with the type that they have anyway.
      return plain(node['arg'] ?? null);
    case 'TypeName':
      return { TypeName: [lastOf(node['names']), plain(node['typmods'] ?? null), plain(node['arrayBounds'] ?? null)] };
    case 'ColumnRef':
      return { ColumnRef: lastOf(node['fields']) };
    case 'RangeVar':
      return { RangeVar: [node['relname'] ?? '', plain(node['alias'] ?? null), node['inh'] ?? false] };
    case 'FuncCall':
      return { FuncCall: members(node, (name, value) => (name === 'funcname' ? lastOf(value) : plain(value))) };
    case 'ResTarget':
      return plainTarget(node);
    case 'A_Expr':
      return plainOperator(node);
    case 'BoolExpr':
      return plainBoolean(node);
    case 'SortBy':
      return {
        SortBy: members(node, (name, value) =>
          name === 'sortby_dir' && value === 'SORTBY_ASC' ? 'SORTBY_DEFAULT' : plain(value),
        ),
      };
    case 'FunctionParameter':
      return {
        FunctionParameter: members(node, (name, value) =>
          name === 'mode' && value === 'FUNC_PARAM_IN' ? 'FUNC_PARAM_DEFAULT' : plain(value),
        ),
      };
    case 'CreateFunctionStmt':
      return {
        CreateFunctionStmt: members(
          node,
          (name, value) => (name === 'options' ? plainOptions(value) : plain(value)),
          OWN_NAME[type],
        ),
      };
    case 'CreatePolicyStmt':
      return {
        CreatePolicyStmt: members(
          { permissive: true, cmd_name: 'all', ...node },
          (_, value) => plain(value),
          OWN_NAME[type],
        ),
      };
    default:
      return { [type]: members(node, (_, value) => plain(value), OWN_NAME[type]) };
  }
}

function plain(value: Tree): Tree {
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map(plain);
  const entries = Object.entries(value);
  const [only] = entries;
  if (only !== undefined && entries.length === 1 && /^[A-Z]/.test(only[0])) return plainNode(only[0], only[1]);
  // Where the grammar allows one type of node only, its name is left out.
  if ('relname' in value) return plainNode('RangeVar', value);
  if ('names' in value && 'typemod' in value) return plainNode('TypeName', value);
  return members(value, (_, inner) => plain(inner));
}

function isList(value: Tree): value is readonly Tree[] {
  return Array.isArray(value);
}

/** Members in one order, without those that only say how something was written. */
function members(
  node: Readonly<Record<string, Tree>>,
  change: (name: string, value: Tree) => Tree,
  left: readonly string[] = [],
): { readonly [member: string]: Tree } {
  return Object.fromEntries(
    Object.entries(node)
      .filter(([name]) => !SPELLING.has(name) && !left.includes(name))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, value]) => [name, change(name, value)]),
  );
}

/** The last part of a name: the schema or the table before it is written or not. */
function lastOf(names: Tree | undefined): Tree {
  const last = names !== undefined && isList(names) ? names.at(-1) : undefined;
  return last === undefined ? null : plain(last);
}

/** A constant as text: `1` and `'1'::integer` are one. */
function constantOf(node: Readonly<Record<string, Tree>>): Tree {
  if (node['isnull'] === true) return null;
  // The members of this node are those of its type.
  return argumentText({ A_Const: node } as unknown as Node);
}

/** `SELECT a AS a` is `SELECT a`. */
function plainTarget(node: Readonly<Record<string, Tree>>): Tree {
  const value = plain(node['val'] ?? null);
  const name = node['name'] ?? null;
  const isOwn = name !== null && JSON.stringify(value) === JSON.stringify({ ColumnRef: { String: name } });
  return { ResTarget: { ...members(node, (_, inner) => plain(inner)), name: isOwn ? null : name, val: value } };
}

function plainOperator(node: Readonly<Record<string, Tree>>): Tree {
  const kind = node['kind'];
  const name = lastOf(node['name']);
  const left = plain(node['lexpr'] ?? null);
  const right = plain(node['rexpr'] ?? null);
  const sign = JSON.stringify(name);
  // What is printed for IN is ANY of an array, and ALL for NOT IN.
  if (kind === 'AEXPR_IN' && isListNode(right))
    return {
      A_Expr: [
        sign.includes('<>') ? 'AEXPR_OP_ALL' : 'AEXPR_OP_ANY',
        name,
        left,
        { A_ArrayExpr: { elements: right.List.items ?? [] } },
      ],
    };
  const bounds = kind === 'AEXPR_BETWEEN' && isListNode(right) ? right.List.items : undefined;
  if (bounds?.length === 2)
    return {
      BoolExpr: [
        'AND_EXPR',
        [
          { A_Expr: ['AEXPR_OP', { String: '>=' }, left, bounds[0] ?? null] },
          { A_Expr: ['AEXPR_OP', { String: '<=' }, left, bounds[1] ?? null] },
        ],
      ],
    };
  if (kind === 'AEXPR_OP' && left === null && sign.includes('"-"') && isConstant(right))
    return { constant: `-${String(right.constant)}` };
  return { A_Expr: [kind === 'AEXPR_LIKE' || kind === 'AEXPR_ILIKE' ? 'AEXPR_OP' : (kind ?? null), name, left, right] };
}

function isListNode(value: Tree): value is { readonly List: { readonly items?: readonly Tree[] } } {
  return value !== null && typeof value === 'object' && 'List' in value;
}

function isConstant(value: Tree): value is { readonly constant: string } {
  return value !== null && typeof value === 'object' && 'constant' in value && typeof value['constant'] === 'string';
}

/** `a AND (b AND c)` is `a AND b AND c`. */
function plainBoolean(node: Readonly<Record<string, Tree>>): Tree {
  const operator = node['boolop'] ?? null;
  const written = node['args'];
  const operands = (written !== undefined && isList(written) ? written : []).flatMap((operand) => {
    const inner = plain(operand);
    const isSame =
      operator !== 'NOT_EXPR' &&
      inner !== null &&
      typeof inner === 'object' &&
      'BoolExpr' in inner &&
      isList(inner['BoolExpr'] ?? null);
    const [own, parts] = isSame ? (inner as { readonly BoolExpr: readonly Tree[] }).BoolExpr : [];
    return own === operator && parts !== undefined && isList(parts) ? parts : [inner];
  });
  return { BoolExpr: [operator, operands] };
}

/** Options of CREATE FUNCTION in one order, without those that say what holds anyway. */
function plainOptions(options: Tree): Tree {
  return (isList(options) ? options : [])
    .flatMap((option): readonly { readonly name: string; readonly value: Tree }[] => {
      const element = nodeAs(option as unknown as Node, 'DefElem');
      const name = element?.defname ?? '';
      const text = argumentText(element?.arg);
      if (name === 'as') return [{ name, value: stringsOf(nodeAs(element?.arg, 'List')?.items).map(plainBody) }];
      if (name === 'language') return [{ name, value: text.toLowerCase() }];
      if (FUNCTION_DEFAULTS[name] === text) return [];
      return [{ name, value: name === 'set' ? plain((element?.arg ?? null) as unknown as Tree) : text }];
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** A body's text: white space, comments and the case of words outside of quotes say nothing. */
function plainBody(text: string): string {
  return [...text.matchAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[^]*?\*\/|[\w$\u0080-\uffff]+|\S/g)]
    .flatMap(([token]) =>
      token.startsWith('--') || token.startsWith('/*') ? [] : [/^['"]/.test(token) ? token : token.toLowerCase()],
    )
    .join(' ');
}
