import type { Node } from 'web-tree-sitter';
import { stringText } from '../csharp/string-text.ts';
import type { Argument, Call, Value } from './call.ts';

/** Names of constants to their values, in this document or another. */
export type ConstantOf = (name: string) => Node | undefined;

export function readValue(node: Node, constantOf: ConstantOf): Value {
  const span = { start: node.startIndex, end: node.endIndex };
  switch (node.type) {
    case 'parenthesized_expression': {
      const inner = node.namedChildren[0];
      return inner === undefined ? unknown(node) : readValue(inner, constantOf);
    }
    case 'cast_expression': {
      const inner = node.childForFieldName('value');
      return inner === null ? unknown(node) : { ...readValue(inner, constantOf), span };
    }
    case 'boolean_literal':
      return { kind: 'boolean', value: node.text === 'true', span };
    case 'null_literal':
      return { kind: 'null', span };
    case 'integer_literal':
    case 'real_literal': {
      const sql = numberOf(node.text);
      return sql === undefined ? unknown(node) : { kind: 'number', sql, span };
    }
    case 'prefix_unary_expression': {
      const inner = node.namedChildren[0];
      const value = inner === undefined ? undefined : readValue(inner, constantOf);
      return node.text.startsWith('-') && value?.kind === 'number'
        ? { kind: 'number', sql: `-${value.sql}`, span }
        : unknown(node);
    }
    case 'typeof_expression':
      return { kind: 'type', name: node.childForFieldName('type')?.text ?? '', span };
    case 'invocation_expression':
      return node.childForFieldName('function')?.text === 'nameof' ? nameOf(node) : unknown(node);
    case 'array_creation_expression':
    case 'implicit_array_creation_expression':
    case 'collection_expression': {
      const holder =
        node.type === 'collection_expression'
          ? node
          : node.namedChildren.find((child) => child.type === 'initializer_expression');
      // `new string[0]` has no initializer.
      const items = (holder?.namedChildren ?? []).filter((child) => child.type !== 'comment');
      return { kind: 'list', items: items.map((item) => readValue(item, constantOf)), span };
    }
    case 'object_creation_expression':
    case 'implicit_object_creation_expression':
      return {
        kind: 'new',
        type: lastName(node.childForFieldName('type')?.text ?? ''),
        arguments: readArguments(node.childForFieldName('arguments'), constantOf),
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
      const constant =
        node.type === 'identifier' || node.type === 'member_access_expression' ? constantOf(node.text) : undefined;
      // Constants of constants are texts, which were read above; what is left is a plain value.
      if (constant !== undefined && constant.type !== 'identifier' && constant.type !== 'member_access_expression')
        return { ...readValue(constant, constantOf), span };
      return node.type === 'member_access_expression' ? { kind: 'member', name: node.text, span } : unknown(node);
    }
  }
}

export function readArguments(list: Node | null, constantOf: ConstantOf): readonly Argument[] {
  if (list === null) return [];
  return list.namedChildren
    .filter((child) => child.type === 'argument')
    .flatMap((child): readonly Argument[] => {
      const name = child.childForFieldName('name');
      const value = child.namedChildren.findLast((part) => part.type !== 'comment' && part.id !== name?.id);
      if (value === undefined) return [];
      return [
        {
          ...(name === null ? {} : { name: name.text.replace(/^@/, '') }),
          value: readValue(value, constantOf),
          span: { start: child.startIndex, end: child.endIndex },
        },
      ];
    });
}

/** A call on `receiver`, or one chained to such a call; undefined where the expression is none. */
export function readCall(
  node: Node,
  receiver: string,
  constantOf: ConstantOf,
  certainty: Call['certainty'] = 'certain',
): Call | undefined {
  const chain: { readonly node: Node; readonly access: Node }[] = [];
  let at: Node | null = node;
  while (at?.type === 'invocation_expression') {
    const access: Node | null = at.childForFieldName('function');
    if (access?.type !== 'member_access_expression') return undefined;
    chain.unshift({ node: at, access });
    at = access.childForFieldName('expression');
  }
  if (at?.type !== 'identifier' || at.text !== receiver) return undefined;
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
  return first === undefined ? undefined : { ...first, chained, span: { start: node.startIndex, end: node.endIndex } };
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
          return name === null ? [] : [{ name: name.text, span: { start: name.startIndex, end: name.endIndex } }];
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
        members.push({ name: part.text.replace(/^@/, ''), span: { start: part.startIndex, end: part.endIndex }, call });
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

/** `nameof(X.Y)` is a text that stands there as it is. */
function nameOf(node: Node): Value {
  const name = lastName(node.childForFieldName('arguments')?.namedChildren[0]?.text ?? '');
  const span = { start: node.startIndex, end: node.endIndex };
  return {
    kind: 'text',
    text: {
      text: name,
      span,
      map: [{ kind: 'written', text: { start: 0, end: name.length }, source: span }],
      holes: [],
    },
    span,
  };
}

function unknown(node: Node): Value {
  return { kind: 'unknown', source: node.text, span: { start: node.startIndex, end: node.endIndex } };
}

/** A C# number as SQL writes it; undefined for what has no such form. */
function numberOf(source: string): string | undefined {
  const plain = source.replaceAll('_', '');
  if (/^0[xb]/i.test(plain)) return String(BigInt(plain.replace(/[uUlL]+$/, '')));
  const digits = plain.replace(/[uUlLfFdDmM]+$/, '');
  return /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(digits) ? digits : undefined;
}

/** The last part of a qualified name. */
export function lastName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
