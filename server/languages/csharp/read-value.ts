import type { Node } from 'web-tree-sitter';
import type { ConstantOf } from './constants.ts';
import { foldNumber, numberText } from './fold-number.ts';
import { characterOf, stringText } from './string-text.ts';
import type { Argument, Call, Value } from './call.ts';

export function readValue(node: Node, constantOf: ConstantOf): Value {
  const span = { start: node.startIndex, end: node.endIndex };
  switch (node.type) {
    case 'parenthesized_expression': {
      const inner = node.namedChildren[0];
      return inner === undefined ? unknown(node) : readValue(inner, constantOf);
    }
    case 'cast_expression': {
      const inner = node.childForFieldName('value');
      if (inner === null) return unknown(node);
      const number = foldNumber(node, constantOf);
      if (number !== undefined) return { kind: 'number', sql: String(number), span };
      const value = readValue(inner, constantOf);
      if (node.childForFieldName('type')?.text === 'char' && value.kind === 'number')
        return written(String.fromCharCode(Number(value.sql)), node);
      return { ...value, span };
    }
    case 'checked_expression': {
      const inner = node.namedChildren.find((child) => child.type !== 'comment');
      return inner === undefined ? unknown(node) : { ...readValue(inner, constantOf), span };
    }
    case 'conditional_expression': {
      const condition = node.childForFieldName('condition');
      const decided = condition === null ? undefined : readValue(condition, constantOf);
      if (decided?.kind !== 'boolean') return unknown(node);
      const chosen = node.childForFieldName(decided.value ? 'consequence' : 'alternative');
      return chosen === null ? unknown(node) : { ...readValue(chosen, constantOf), span };
    }
    case 'default_expression':
      return defaultOf(node.childForFieldName('type')?.text, span) ?? unknown(node);
    case 'character_literal': {
      const letter = characterOf(node);
      return letter === undefined ? unknown(node) : written(letter, node);
    }
    case 'boolean_literal':
      return { kind: 'boolean', value: node.text === 'true', span };
    case 'null_literal':
      return { kind: 'null', span };
    case 'integer_literal':
    case 'real_literal': {
      const sql = numberText(node.text);
      return sql === undefined ? unknown(node) : { kind: 'number', sql, span };
    }
    case 'prefix_unary_expression': {
      const inner = node.namedChildren.at(-1);
      const value = inner === undefined ? undefined : readValue(inner, constantOf);
      const operator = node.children[0]?.text;
      if (operator === '!' && value?.kind === 'boolean') return { kind: 'boolean', value: !value.value, span };
      // As it is written, with all the digits that a decimal has.
      if (operator === '-' && value?.kind === 'number' && !value.sql.startsWith('-'))
        return { kind: 'number', sql: `-${value.sql}`, span };
      const number = foldNumber(node, constantOf);
      return number === undefined ? unknown(node) : { kind: 'number', sql: String(number), span };
    }
    case 'typeof_expression':
      return { kind: 'type', name: node.childForFieldName('type')?.text ?? '', span };
    case 'array_creation_expression':
    case 'implicit_array_creation_expression':
    case 'collection_expression': {
      if (node.type === 'collection_expression') {
        const elements = node.namedChildren.filter((child) => child.type !== 'comment').map(elementOf);
        return elements.every((element) => element !== undefined)
          ? { kind: 'list', items: elements.map((element) => readValue(element, constantOf)), span }
          : unknown(node);
      }
      // `new string[0]` has no initializer.
      const holder = node.namedChildren.find((child) => child.type === 'initializer_expression');
      const items = (holder?.namedChildren ?? []).filter((child) => child.type !== 'comment');
      return { kind: 'list', items: items.map((item) => readValue(item, constantOf)), span };
    }
    case 'object_creation_expression':
    case 'implicit_object_creation_expression':
      return {
        kind: 'new',
        type: lastName(node.childForFieldName('type')?.text ?? ''),
        arguments: readArguments(argumentList(node), constantOf),
        span,
      };
    case 'initializer_expression':
      // A row of a table of values: `new object[,] { { 1, "a" } }`.
      return {
        kind: 'list',
        items: node.namedChildren
          .filter((child) => child.type !== 'comment')
          .map((item) => readValue(item, constantOf)),
        span,
      };
    case 'lambda_expression':
      return readLambda(node, constantOf);
    default: {
      const text = stringText(node, constantOf);
      if (text !== undefined) return { kind: 'text', text, span };
      const number = foldNumber(node, constantOf);
      if (number !== undefined) return { kind: 'number', sql: String(number), span };
      const constant =
        node.type === 'identifier' || node.type === 'member_access_expression' ? constantOf(node) : undefined;
      // Constants of constants are texts and numbers, which were read above; what is left is a plain value.
      if (constant !== undefined && constant.type !== 'identifier' && constant.type !== 'member_access_expression')
        return { ...readValue(constant, constantOf), span };
      return node.type === 'member_access_expression' ? { kind: 'member', name: node.text, span } : unknown(node);
    }
  }
}

/** The arguments of `new X(...)`; those of `new(...)` have no name in the grammar. */
function argumentList(node: Node): Node | null {
  return (
    node.childForFieldName('arguments') ?? node.namedChildren.find((child) => child.type === 'argument_list') ?? null
  );
}

/** The expression of an element of `[a, b]`; undefined for `.. others`. */
function elementOf(element: Node): Node | undefined {
  const inner = element.type === 'collection_element' ? element.namedChildren[0] : element;
  return inner?.type === 'expression_element' ? inner.namedChildren[0] : undefined;
}

/** What `default(T)` is, where it is a constant. */
function defaultOf(type: string | undefined, span: Value['span']): Value | undefined {
  if (type === undefined) return undefined;
  if (/\?$/.test(type) || /^(?:string|object)$/.test(type)) return { kind: 'null', span };
  if (type === 'bool') return { kind: 'boolean', value: false, span };
  return /^(?:s?byte|u?short|u?int|u?long|float|double|decimal)$/.test(type)
    ? { kind: 'number', sql: '0', span }
    : undefined;
}

/** A text that an expression stands for as a whole. */
function written(text: string, node: Node): Value {
  const span = { start: node.startIndex, end: node.endIndex };
  const map = [{ kind: 'written' as const, text: { start: 0, end: text.length }, source: span }];
  return { kind: 'text', text: { text, span, map, holes: [] }, span };
}

/** Arguments of a call, or of an attribute, whose nodes are of another `kind`. */
export function readArguments(
  list: Node | null,
  constantOf: ConstantOf,
  kind: 'argument' | 'attribute_argument' = 'argument',
): readonly Argument[] {
  if (list === null) return [];
  return list.namedChildren
    .filter((child) => child.type === kind)
    .flatMap((child): readonly Argument[] => {
      const name = child.childForFieldName('name');
      const value = child.namedChildren.findLast((part) => part.type !== 'comment' && part.id !== name?.id);
      if (value === undefined) return [];
      return [
        {
          ...(name === null ? {} : { name: plainName(name) }),
          value: readValue(value, constantOf),
          span: { start: child.startIndex, end: child.endIndex },
        },
      ];
    });
}

/** A call on `receiver` with what is chained to it; undefined where the expression is none. */
export function readCall(
  node: Node,
  receiver: string,
  constantOf: ConstantOf,
  certainty: Call['certainty'] = 'certain',
): Call | undefined {
  return readCalls(node, receiver, constantOf, certainty)?.at(-1);
}

/**
 * The calls on `receiver` that an expression is, each with what is chained to it; undefined where it is none. There are
 * several where a semicolon is not written yet: the parser then takes the next statement for a part of the chain.
 */
export function readCalls(
  node: Node,
  receiver: string,
  constantOf: ConstantOf,
  certainty: Call['certainty'] = 'certain',
): readonly Call[] | undefined {
  const chain: { readonly node: Node; readonly access: Node }[] = [];
  let at: Node | null = node;
  while (at?.type === 'invocation_expression') {
    const access: Node | null = at.childForFieldName('function');
    if (access?.type !== 'member_access_expression') return undefined;
    chain.unshift({ node: at, access });
    const next = access.children.find((child) => child.type === 'ERROR' && child.text === receiver);
    at = access.childForFieldName('expression');
    if (next === undefined) continue;
    const before = at === null ? undefined : readCalls(at, receiver, constantOf, certainty);
    return [...(before ?? []), ...callOf(chain, next, constantOf, certainty)];
  }
  if (at?.type !== 'identifier' || at.text !== receiver) return undefined;
  return callOf(chain, at, constantOf, certainty);
}

function callOf(
  chain: readonly { readonly node: Node; readonly access: Node }[],
  at: Node,
  constantOf: ConstantOf,
  certainty: Call['certainty'],
): readonly Call[] {
  const calls = chain.map(({ node: invocation, access }): Call => {
    const name = access.childForFieldName('name');
    const isGeneric = name?.type === 'generic_name';
    const identifier = isGeneric ? name.namedChildren.find((child) => child.type === 'identifier') : name;
    const types = isGeneric ? name.namedChildren.find((child) => child.type === 'type_argument_list') : undefined;
    const typeArgument = types?.namedChildren[0]?.text;
    return {
      method: identifier?.text ?? '',
      ...(typeArgument === undefined ? {} : { typeArgument }),
      arguments: readArguments(invocation.childForFieldName('arguments'), constantOf),
      chained: [],
      span: { start: at.startIndex, end: invocation.endIndex },
      nameSpan: { start: identifier?.startIndex ?? access.startIndex, end: identifier?.endIndex ?? access.endIndex },
      certainty,
    };
  });
  const [first, ...chained] = calls;
  const end = chained.at(-1)?.span.end;
  return first === undefined
    ? []
    : [{ ...first, chained, span: { start: first.span.start, end: end ?? first.span.end } }];
}

function readLambda(node: Node, constantOf: ConstantOf): Value {
  const span = { start: node.startIndex, end: node.endIndex };
  const parameter = node.childForFieldName('parameters')?.text.replace(/[()\s]/g, '') ?? '';
  const body = node.childForFieldName('body');
  if (body === null) return unknown(node);
  if (body.type === 'member_access_expression') {
    const name = body.childForFieldName('name');
    return name === null
      ? unknown(node)
      : { kind: 'columns', names: [{ name: name.text, span: { start: name.startIndex, end: name.endIndex } }], span };
  }
  if (body.type === 'anonymous_object_creation_expression') {
    const parts = body.namedChildren.filter((child) => child.type !== 'comment');
    if (parts.every((part) => part.type === 'member_access_expression')) {
      return {
        kind: 'columns',
        names: parts.flatMap((part) => {
          const name = part.childForFieldName('name');
          return name === null ? [] : [{ name: plainName(name), span: { start: name.startIndex, end: name.endIndex } }];
        }),
        span,
      };
    }
    const members: { name: string; span: { start: number; end: number }; call: Call }[] = [];
    for (const [index, part] of parts.entries()) {
      const value = parts[index + 1];
      if (part.type !== 'identifier' || value === undefined) continue;
      const call = readCall(value, parameter, constantOf);
      if (call !== undefined)
        members.push({ name: plainName(part), span: { start: part.startIndex, end: part.endIndex }, call });
    }
    return { kind: 'members', members, span };
  }
  const statements = body.type === 'block' ? body.namedChildren : [body];
  const calls = statements.flatMap((statement) => {
    const expression = statement.type === 'expression_statement' ? statement.namedChildren[0] : statement;
    const call = expression === undefined ? undefined : readCall(expression, parameter, constantOf);
    return call === undefined ? [] : [call];
  });
  return { kind: 'calls', calls, span };
}

function unknown(node: Node): Value {
  return { kind: 'unknown', source: node.text, span: { start: node.startIndex, end: node.endIndex } };
}

/** A name without the mark that makes a name of a key word. */
export function plainName(node: Node): string {
  return node.text.replace(/^@/, '');
}

/** The last part of a qualified name. */
export function lastName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
