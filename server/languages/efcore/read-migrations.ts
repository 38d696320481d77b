import type { Node } from 'web-tree-sitter';
import type { Span } from '../../core/span.ts';
import { basesOf, type ConstantOf, constantsOf } from '../csharp/constants.ts';
import { readCSharp } from '../csharp/csharp-parser.ts';
import { bodySpanOf, walkStatements } from '../csharp/statements.ts';
import { withinText } from '../csharp/within-text.ts';
import type { Call } from '../csharp/call.ts';
import type { MigrationClass, MigrationMethod } from './migration-class.ts';
import { lastName, plainName, readCalls, readValue } from '../csharp/read-value.ts';

/** The name of EF Core's builder where a method does not name its parameter, which is broken code. */
const BUILDER = 'migrationBuilder';

/**
 * Classes of a C# document that may be EF Core migrations: those with `Up(MigrationBuilder)`, `Down(MigrationBuilder)` or
 * the attribute `[Migration("...")]`. FluentMigrator's class of the same name has methods without a parameter and an
 * attribute with a number, and is none.
 */
export function readMigrations(text: string): readonly MigrationClass[] {
  return readCSharp(text, (root) => {
    const constantOf = constantsOf(root);
    const classes = root.descendantsOfType('class_declaration').flatMap((node) => {
      const read = readClass(node, constantOf);
      return read === undefined ? [] : [read];
    });
    return root.endIndex > text.length ? withinText(classes, text.length) : classes;
  });
}

function readClass(node: Node, constantOf: ConstantOf): MigrationClass | undefined {
  const name = node.childForFieldName('name');
  if (name === null) return undefined;
  let id: string | undefined;
  let context: string | undefined;
  for (const attribute of node.namedChildren
    .filter((child) => child.type === 'attribute_list')
    .flatMap((list) => list.namedChildren.filter((child) => child.type === 'attribute'))) {
    const kind = lastName(attribute.childForFieldName('name')?.text ?? '').replace(/Attribute$/, '');
    const list = attribute.namedChildren.find((child) => child.type === 'attribute_argument_list');
    const first = list?.namedChildren[0]?.namedChildren.at(-1);
    const value = first === undefined ? undefined : readValue(first, constantOf);
    if (kind === 'Migration' && value?.kind === 'text') id = value.text.text;
    if (kind === 'DbContext' && value?.kind === 'type') context = lastName(value.name);
  }
  const methods =
    node.childForFieldName('body')?.namedChildren.filter((child) => child.type === 'method_declaration') ?? [];
  const method = (wanted: string): MigrationMethod | undefined => {
    const found = methods.find(
      (candidate) =>
        candidate.childForFieldName('name')?.text === wanted &&
        /\bMigrationBuilder\b/.test(candidate.childForFieldName('parameters')?.text ?? ''),
    );
    return found === undefined ? undefined : readMethod(found, constantOf);
  };
  const up = method('Up');
  const down = method('Down');
  const bases = basesOf(node);
  // What derives from a class has its attributes.
  const isBase = context !== undefined && bases.length > 0 && !bases.includes('ModelSnapshot');
  if (id === undefined && up === undefined && down === undefined && !isBase) return undefined;
  return {
    name: plainName(name),
    nameSpan: { start: name.startIndex, end: name.endIndex },
    ...(id === undefined ? {} : { id }),
    ...(context === undefined ? {} : { context }),
    isAbstract: node.children.some((child) => child.type === 'modifier' && child.text === 'abstract'),
    isGeneric: node.namedChildren.some((child) => child.type === 'type_parameter_list'),
    ...(up === undefined ? {} : { up }),
    ...(down === undefined ? {} : { down }),
  };
}

function readMethod(node: Node, constantOf: ConstantOf): MigrationMethod {
  const body = node.childForFieldName('body');
  const parameter = node
    .childForFieldName('parameters')
    ?.namedChildren.find((child) => child.type === 'parameter')
    ?.childForFieldName('name')?.text;
  const steps: MigrationMethod['steps'][number][] = [];
  const receiver = parameter ?? BUILDER;
  const expression = (at: Node, certainty: 'certain' | 'may'): void => {
    steps.push(...readExpression(at, receiver, constantOf, certainty));
  };
  if (body !== null) walkStatements(body, expression);
  return {
    span: { start: node.startIndex, end: node.endIndex },
    bodySpan: bodySpanOf(node),
    steps,
  };
}

/** The calls of the builder in an expression, or in a statement without others in it; where more may happen, it says so. */
function readExpression(
  at: Node,
  receiver: string,
  constantOf: ConstantOf,
  certainty: 'certain' | 'may',
): MigrationMethod['steps'] {
  const span = { start: at.startIndex, end: at.endIndex };
  if (at.type === 'invocation_expression') {
    const read = readCalls(at, receiver, constantOf, certainty);
    if (read !== undefined) return read.map((call) => ({ kind: 'call', ...call }));
    const called = at.childForFieldName('function')?.text ?? at.text;
    return mentions(at, receiver) || /^base\./.test(at.text)
      ? [{ kind: 'other', reason: `what "${called}" does with the migration is not known`, span }]
      : [];
  }
  const names = at.descendantsOfType('identifier').filter((child) => child.text === receiver);
  if (names.length === 0) return [];
  const calls: Call[] = [];
  for (const node of at.descendantsOfType('invocation_expression')) {
    const isInner = calls.some(({ span: outer }) => isWithin(node, outer));
    if (!isInner) calls.push(...(readCalls(node, receiver, constantOf, certainty) ?? []));
  }
  const isAllRead =
    at
      .descendantsOfType('lambda_expression')
      .every((lambda) => calls.some(({ span: outer }) => isWithin(lambda, outer))) &&
    names.every((name) => calls.some(({ span: outer }) => isWithin(name, outer)));
  if (isAllRead) return calls.map((call) => ({ kind: 'call' as const, ...call }));
  return [{ kind: 'other', reason: 'this code cannot be followed', span }];
}

function isWithin(node: Node, { start, end }: Span): boolean {
  return node.startIndex >= start && node.endIndex <= end;
}

function mentions(node: Node, name: string): boolean {
  return node.descendantsOfType('identifier').some((child) => child?.text === name);
}
