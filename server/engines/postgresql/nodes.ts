import type { Node } from '@pgsql/types';

/** Names of the parse tree's node types. */
export type NodeKey = Node extends infer One ? (One extends unknown ? keyof One : never) : never;

/** Fields of one node type. */
export type NodeOf<Key extends NodeKey> = Extract<Node, Record<Key, unknown>>[Key];

/** The node's fields when it is of the given type. */
export function nodeAs<Key extends NodeKey>(node: Node | undefined, key: Key): NodeOf<Key> | undefined {
  // A node is an object with exactly one key, its type; the union says so.
  return node === undefined ? undefined : (node as unknown as Partial<Record<Key, NodeOf<Key>>>)[key];
}

/** The node's type and its fields, with no type of their own. */
export function nodeEntry(node: Node): readonly [string, unknown] {
  return Object.entries(node)[0] ?? ['', undefined];
}

/** Every node of the trees with its type, parents first; those below one for which `visit` says no are left out. */
export function visitNodes(nodes: readonly Node[], visit: (key: string, fields: object) => boolean): void {
  const stack: unknown[] = [...nodes];
  while (stack.length > 0) {
    const value = stack.pop();
    if (Array.isArray(value)) stack.push(...value);
    else if (value !== null && typeof value === 'object')
      // Every statement that is typed is walked through: no list of its fields is made.
      for (const key in value) {
        const inner: unknown = value[key as never];
        if (inner !== null && typeof inner === 'object' && visit(key, inner)) stack.push(inner);
      }
  }
}

/** A String node's text; empty for any other node. */
export function stringOf(node: Node | undefined): string {
  return nodeAs(node, 'String')?.sval ?? '';
}

/** Texts of a list of String nodes. */
export function stringsOf(nodes: readonly Node[] | undefined): readonly string[] {
  return (nodes ?? []).map(stringOf);
}

/** Items of a List node; the node itself where it is no list. */
export function itemsOf(node: Node | undefined): readonly Node[] {
  if (node === undefined) return [];
  return nodeAs(node, 'List')?.items ?? [node];
}

/** The option of a name in a list of DefElem nodes: `START WITH 5` is `start`. */
export function optionOf(options: readonly Node[] | undefined, name: string): NodeOf<'DefElem'> | undefined {
  return (options ?? []).map((node) => nodeAs(node, 'DefElem')).find((element) => element?.defname === name);
}

/** Number that an option of a sequence is given; undefined where it is not there. */
export function optionNumber(options: readonly Node[] | undefined, name: string): number | undefined {
  const argument = optionOf(options, name)?.arg;
  return argument === undefined ? undefined : Number(argumentText(argument));
}

/** Text of a DefElem's argument, however the grammar wraps it; `true` options without one are `''`. */
export function argumentText(node: Node | undefined): string {
  if (node === undefined) return '';
  const [key, fields] = nodeEntry(node);
  switch (key) {
    case 'String':
      return nodeAs(node, 'String')?.sval ?? '';
    case 'Integer':
      return String(nodeAs(node, 'Integer')?.ival ?? 0);
    case 'Float':
      return nodeAs(node, 'Float')?.fval ?? '0';
    case 'Boolean':
      return String(nodeAs(node, 'Boolean')?.boolval ?? false);
    case 'TypeName':
      return stringsOf(nodeAs(node, 'TypeName')?.names).join('.');
    case 'List':
      return itemsOf(node).map(argumentText).join('.');
    case 'A_Const':
      return constantText(node);
    case 'RoleSpec':
      return roleName(nodeAs(node, 'RoleSpec'));
    default:
      return fields === undefined ? '' : key;
  }
}

function constantText(node: Node): string {
  const constant = nodeAs(node, 'A_Const');
  if (constant === undefined || constant.isnull === true) return '';
  if (constant.sval !== undefined) return constant.sval.sval ?? '';
  if (constant.fval !== undefined) return constant.fval.fval ?? '0';
  if (constant.boolval !== undefined) return String(constant.boolval.boolval ?? false);
  if (constant.bsval !== undefined) return constant.bsval.bsval ?? '';
  return String(constant.ival?.ival ?? 0);
}

/** A role as written; the special ones by their keyword. */
export function roleName(role: NodeOf<'RoleSpec'> | undefined): string {
  switch (role?.roletype) {
    case 'ROLESPEC_CURRENT_ROLE':
      return 'CURRENT_ROLE';
    case 'ROLESPEC_CURRENT_USER':
      return 'CURRENT_USER';
    case 'ROLESPEC_SESSION_USER':
      return 'SESSION_USER';
    case 'ROLESPEC_PUBLIC':
      return 'PUBLIC';
    default:
      return role?.rolename ?? '';
  }
}
