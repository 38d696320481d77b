import type { Node } from 'web-tree-sitter';
import type { MappedText } from '../../core/source-map.ts';
import type { ConstantOf } from './constants.ts';
import { TextBuilder } from './text-builder.ts';

/** A string of C#: what it says, where that is written, and whether it is all known. */
export interface CSharpText extends MappedText {
  /** Parts whose value is only known when the program runs; spans are in `text`, where a name of one word stands in. */
  readonly holes: readonly { readonly start: number; readonly end: number }[];
}

/** What stands in for a value that is not known: a word that no file uses as a name. */
const HOLE = 'unknown_value';

/**
 * The text of a string expression: literals of every form, their concatenation, and constants that `constantOf` knows.
 *
 * Undefined where the expression is no string that can be read at all.
 */
export function stringText(node: Node, constantOf: ConstantOf): CSharpText | undefined {
  const builder = new TextBuilder();
  const holes: { start: number; end: number }[] = [];
  if (!addString(node, builder, holes, constantOf, 0)) return undefined;
  const { text, map } = builder.done();
  return { text, map, span: { start: node.startIndex, end: node.endIndex }, holes };
}

/** Constants may name constants; a circle is broken code. */
const MOST_CONSTANTS = 20;

function addString(
  node: Node,
  builder: TextBuilder,
  holes: { start: number; end: number }[],
  constantOf: ConstantOf,
  depth: number,
): boolean {
  switch (node.type) {
    case 'string_literal':
      // Bytes, and no text: `"x"u8`.
      if (node.namedChildren.some((child) => child.type === 'string_literal_encoding')) return false;
      for (const part of node.namedChildren) addPart(part, builder);
      return true;
    case 'verbatim_string_literal':
      addVerbatim(node.text, node.startIndex, 2, builder);
      return true;
    case 'raw_string_literal':
      if (!node.text.endsWith('"')) return false;
      addRaw(node, builder);
      return true;
    case 'interpolated_string_expression':
      addInterpolated(node, builder, holes, constantOf, depth);
      return true;
    case 'parenthesized_expression': {
      const inner = node.namedChildren[0];
      return inner !== undefined && addString(inner, builder, holes, constantOf, depth);
    }
    case 'binary_expression': {
      const left = node.childForFieldName('left');
      const right = node.childForFieldName('right');
      if (left === null || right === null || !node.children.some((child) => child.type === '+')) return false;
      const isText = (side: Node): boolean => addString(side, new TextBuilder(), [], constantOf, depth + 1);
      // Two values without a string between them need not be a text.
      if (!isText(left) && !isText(right)) return false;
      for (const side of [left, right])
        if (!isNull(side, constantOf) && !addString(side, builder, holes, constantOf, depth))
          addHole(side, builder, holes);
      return true;
    }
    case 'invocation_expression': {
      const name = nameOf(node);
      if (name === undefined) return false;
      builder.add('written', name, node.startIndex, node.endIndex);
      return true;
    }
    case 'identifier':
    case 'member_access_expression': {
      const value = depth < MOST_CONSTANTS ? constantOf(node) : undefined;
      if (value === undefined) return false;
      const inner = new TextBuilder();
      if (!addString(value, inner, [], constantOf, depth + 1)) return false;
      const constant = inner.done();
      // In the same document a constant has a place of its own; a constant of another file stands where it is named.
      if (value.tree.rootNode.id === node.tree.rootNode.id) builder.addAll(constant.text, constant.map);
      else builder.add('made', constant.text, node.startIndex, node.endIndex);
      return true;
    }
    default:
      return false;
  }
}

/** Joined to a text, null is nothing. */
function isNull(node: Node, constantOf: ConstantOf): boolean {
  const value = node.type === 'identifier' ? (constantOf(node) ?? node) : node;
  return value.type === 'null_literal';
}

/** What `nameof(X.Y<Z>)` says; undefined for another call. */
function nameOf(node: Node): string | undefined {
  if (node.childForFieldName('function')?.text !== 'nameof') return undefined;
  const named = node.childForFieldName('arguments')?.namedChildren[0]?.text.replace(/<.*$/s, '');
  return named === undefined ? undefined : /[^.\s@]+\s*$/.exec(named)?.[0].trim();
}

function addHole(node: Node, builder: TextBuilder, holes: { start: number; end: number }[]): void {
  const start = builder.length;
  builder.add('written', HOLE, node.startIndex, node.endIndex);
  holes.push({ start, end: builder.length });
}

function addPart(part: Node, builder: TextBuilder): void {
  if (part.type === 'escape_sequence') builder.add('written', unescaped(part.text), part.startIndex, part.endIndex);
  else if (part.type === 'string_literal_content' || part.type === 'string_content')
    builder.add('plain', part.text, part.startIndex, part.endIndex);
}

/** `@"..."` and the content of `$@"..."`: two quotes are one. */
function addVerbatim(source: string, start: number, skip: number, builder: TextBuilder): void {
  const end = source.endsWith('"') && source.length > skip ? source.length - 1 : source.length;
  addDoubled(source.slice(skip, end), start + skip, /""/g, builder);
}

function addDoubled(inside: string, start: number, doubled: RegExp, builder: TextBuilder): void {
  let at = 0;
  for (const match of inside.matchAll(doubled)) {
    builder.add('plain', inside.slice(at, match.index), start + at, start + match.index);
    at = match.index + match[0].length;
    builder.add('written', match[0].slice(0, 1), start + match.index, start + at);
  }
  builder.add('plain', inside.slice(at), start + at, start + inside.length);
}

/** A raw string over several lines loses its first and last line break and the indentation of its last line. */
function addRaw(node: Node, builder: TextBuilder): void {
  const content = node.namedChildren.find((child) => child.type === 'raw_string_content');
  if (content !== undefined) addRawContent(content.text, content.startIndex, indentOf(content.text), builder);
}

/** The white space before the closing quotes; undefined for a raw string of one line. */
function indentOf(content: string): string | undefined {
  const match = /\r?\n([ \t]*)$/.exec(content);
  return /^[ \t]*\r?\n/.test(content) ? match?.[1] : undefined;
}

function addRawContent(content: string, start: number, indent: string | undefined, builder: TextBuilder): void {
  if (indent === undefined) {
    builder.add('plain', content, start, start + content.length);
    return;
  }
  const first = /^[ \t]*\r?\n/.exec(content)?.[0].length ?? 0;
  const last = /\r?\n[ \t]*$/.exec(content)?.index ?? content.length;
  if (last >= first) addLines(content.slice(first, last), start + first, indent, true, builder);
}

/** Lines without their indentation; `isLineStart` says whether the first of them is a whole line. */
function addLines(text: string, start: number, indent: string, isLineStart: boolean, builder: TextBuilder): void {
  let offset = 0;
  for (const [index, line] of text.split(/(?<=\n)/).entries()) {
    const skip = (index > 0 || isLineStart) && line.startsWith(indent) ? indent.length : 0;
    builder.add('plain', line.slice(skip), start + offset + skip, start + offset + line.length);
    offset += line.length;
  }
}

function addInterpolated(
  node: Node,
  builder: TextBuilder,
  holes: { start: number; end: number }[],
  constantOf: ConstantOf,
  depth: number,
): void {
  const children = node.children;
  const isRaw =
    children.some((child) => child.type === 'interpolation_quote' && child.text.startsWith('"""')) ||
    /^\$+"""/.test(node.text);
  const isVerbatim = /^(?:\$@|@\$)/.test(node.text);
  const indent = isRaw
    ? indentOf(`\n${node.text.slice(node.text.indexOf('\n') + 1, node.text.lastIndexOf('"""'))}`)
    : undefined;
  const isBlock = isRaw && /^\$+"""+[ \t]*\r?\n/.test(node.text);
  const contents = children.filter(
    (child) => child.type === 'string_content' || child.type === 'escape_sequence' || child.type === 'interpolation',
  );
  for (const [index, child] of contents.entries()) {
    if (child.type === 'escape_sequence') addPart(child, builder);
    else if (child.type === 'string_content') {
      if (!isRaw) addDoubled(child.text, child.startIndex, isVerbatim ? /""|\{\{|\}\}/g : /\{\{|\}\}/g, builder);
      else if (!isBlock || indent === undefined) builder.add('plain', child.text, child.startIndex, child.endIndex);
      else {
        const isFirst = index === 0;
        const isLast = index === contents.length - 1;
        const first = isFirst ? (/^[ \t]*\r?\n/.exec(child.text)?.[0].length ?? 0) : 0;
        const last = isLast ? (/\r?\n[ \t]*$/.exec(child.text)?.index ?? child.text.length) : child.text.length;
        if (last >= first) addLines(child.text.slice(first, last), child.startIndex + first, indent, isFirst, builder);
      }
    } else {
      // An alignment or a format makes another text of the value.
      const [inner, ...more] = child.namedChildren.filter(
        (part) => part.type !== 'interpolation_brace' && part.type !== 'comment',
      );
      const constant =
        inner !== undefined && more.length === 0 && addString(inner, builder, holes, constantOf, depth + 1);
      if (!constant) addHole(child, builder, holes);
    }
  }
}

/** The letter of `'x'`; undefined for a literal without one. */
export function characterOf(node: Node): string | undefined {
  const content = node.namedChildren[0];
  if (content === undefined) return undefined;
  return content.type === 'escape_sequence' ? unescaped(content.text) : content.text;
}

/** What an escape sequence of a regular string says. */
function unescaped(sequence: string): string {
  const simple: Readonly<Record<string, string>> = {
    n: '\n',
    t: '\t',
    r: '\r',
    '0': '\0',
    a: '\u0007',
    b: '\b',
    f: '\f',
    v: '\v',
    e: '\u001B',
  };
  const code = /^\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{1,4}))$/.exec(sequence);
  const digits = code?.[1] ?? code?.[2] ?? code?.[3];
  if (digits !== undefined) {
    const point = Number.parseInt(digits, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : '\uFFFD';
  }
  const letter = sequence.slice(1);
  return simple[letter] ?? letter;
}
