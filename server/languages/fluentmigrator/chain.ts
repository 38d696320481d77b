import type { Node } from 'web-tree-sitter';
import type { Span } from '../../core/span.ts';
import type { ConstantOf } from '../csharp/constants.ts';
import type { Argument, Value } from '../csharp/call.ts';
import { plainName, readArguments, readValue } from '../csharp/read-value.ts';

/** A column with the value that a row gives it. */
export interface Cell {
  readonly name: string;
  readonly span: Span;
  readonly value: Value;
}

/** One link of a chain: `.WithColumn("Id")`. */
export interface Link {
  readonly name: string;
  readonly nameSpan: Span;
  /** Undefined where it is a property: `.Create`. */
  readonly arguments: readonly Argument[] | undefined;
  /** The rows that arguments are, as far as they are `new { A = 1 }` or a dictionary of literal keys. */
  readonly rows: readonly (readonly Cell[] | undefined)[];
}

/** `Create.Table("Users").WithColumn("Id").AsInt32()`: what it begins with, and its links. */
export interface Chain {
  readonly root: string;
  readonly links: readonly Link[];
  readonly span: Span;
}

/** A chain of calls and properties on a name, on `this` or on `base`; undefined where an expression is none. */
export function readChain(node: Node, constantOf: ConstantOf): Chain | undefined {
  const links: Link[] = [];
  let at: Node | null = node;
  while (at !== null) {
    const call: Node | undefined = at.type === 'invocation_expression' ? at : undefined;
    const target: Node | null = call === undefined ? at : call.childForFieldName('function');
    if (target === null) return undefined;
    if (target.type === 'member_access_expression') {
      const name = target.childForFieldName('name');
      if (name === null) return undefined;
      links.unshift(linkOf(name, call, constantOf));
      at = target.childForFieldName('expression');
      continue;
    }
    if (target.type === 'identifier' || target.type === 'generic_name') links.unshift(linkOf(target, call, constantOf));
    else if (!/^(?:this|base)(?:_expression)?$/.test(target.type) && !/^(?:this|base)$/.test(target.text))
      return undefined;
    break;
  }
  const [first, ...others] = links;
  if (first === undefined) return undefined;
  const span = { start: node.startIndex, end: node.endIndex };
  // `Create` is a property; `IfDatabase("postgres")` is a call, whose arguments are those of the chain's first link.
  return { root: first.name, links: first.arguments === undefined ? others : [first, ...others], span };
}

function linkOf(name: Node, call: Node | undefined, constantOf: ConstantOf): Link {
  const identifier =
    name.type === 'generic_name' ? (name.namedChildren.find((child) => child.type === 'identifier') ?? name) : name;
  const list = call?.childForFieldName('arguments') ?? null;
  return {
    name: plainName(identifier),
    nameSpan: { start: identifier.startIndex, end: identifier.endIndex },
    arguments: call === undefined ? undefined : readArguments(list, constantOf),
    rows: (list?.namedChildren ?? [])
      .filter((child) => child.type === 'argument')
      .map((argument) =>
        rowOf(
          argument.namedChildren.findLast((child) => child.type !== 'comment'),
          constantOf,
        ),
      ),
  };
}

/** The cells of `new { A = 1, B }` or of `new Dictionary<string, object> { ["A"] = 1 }` or `{ { "A", 1 } }`. */
function rowOf(node: Node | undefined, constantOf: ConstantOf): readonly Cell[] | undefined {
  if (node?.type === 'anonymous_object_creation_expression') return anonymousRow(node, constantOf);
  if (node?.type !== 'object_creation_expression') return undefined;
  const entries = node.namedChildren.find((child) => child.type === 'initializer_expression')?.namedChildren ?? [];
  const cells = entries
    .filter((entry) => entry.type !== 'comment')
    .map((entry): Cell | undefined => {
      const parts = entry.namedChildren.filter((child) => child.type !== 'comment');
      const [key, value] = entry.type === 'assignment_expression' ? [parts[0], parts.at(-1)] : parts;
      const name = key === undefined ? undefined : readValue(innermost(key), constantOf);
      if (name?.kind !== 'text' || name.text.holes.length > 0 || value === undefined) return undefined;
      return { name: name.text.text, span: name.span, value: readValue(value, constantOf) };
    });
  return cells.every((cell) => cell !== undefined) ? cells : undefined;
}

/** The expression in `["A"]`. */
function innermost(node: Node): Node {
  const [only, ...more] = node.namedChildren;
  return /^(?:element_binding_expression|bracketed_argument_list|argument|implicit_element_access)$/.test(node.type) &&
    only !== undefined &&
    more.length === 0
    ? innermost(only)
    : node;
}

function anonymousRow(node: Node, constantOf: ConstantOf): readonly Cell[] {
  const cells: Cell[] = [];
  const parts = node.children.filter((child) => child.type !== 'comment');
  for (const [index, part] of parts.entries()) {
    if (!part.isNamed || parts[index + 1]?.type === '=') continue;
    const name = parts[index - 1]?.type === '=' ? parts[index - 2] : undefined;
    const named = name ?? part;
    cells.push({
      // `new { user.Name }` is called as its last part is.
      name: plainName(named).replace(/^.*\./s, ''),
      span: { start: named.startIndex, end: named.endIndex },
      value: readValue(part, constantOf),
    });
  }
  return cells;
}
