import type { Node } from 'web-tree-sitter';
import type { Span } from '../../core/span.ts';
import { basesOf, type ConstantOf, constantsOf } from '../csharp/constants.ts';
import { readCSharp } from '../csharp/csharp-parser.ts';
import type { Call, MigrationClass, MigrationMethod } from './call.ts';
import { lastName, plainName, readCalls, readValue } from './read-value.ts';

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
    return root.endIndex > text.length ? within(classes, text.length) : classes;
  });
}

/** The same with no place behind `end`, where the text ends and what is open in it was closed to be read. */
function within<Part>(part: Part, end: number): Part {
  if (Array.isArray(part)) {
    // Every element stays what it is.
    return part.map((item: unknown) => within(item, end)) as Part;
  }
  if (typeof part !== 'object' || part === null) return part;
  const entries = Object.entries(part).map(([key, value]: [string, unknown]) => [
    key,
    /^(?:start|end)$/.test(key) && typeof value === 'number' ? Math.min(value, end) : within(value, end),
  ]);
  // The same members, some numbers of which are smaller.
  return Object.fromEntries(entries) as Part;
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
  // Behind a return under a condition nothing is certain.
  let mayHaveReturned = false;
  const walk = (at: Node, given: 'certain' | 'may'): void => {
    const certainty = mayHaveReturned ? 'may' : given;
    switch (at.type) {
      case 'block':
      case 'arrow_expression_clause':
      case 'preproc_if':
      case 'preproc_else':
      case 'preproc_elif':
      case 'else_clause':
      case 'checked_statement':
      case 'unsafe_statement':
      case 'fixed_statement':
      case 'labeled_statement':
      case 'using_statement':
      case 'lock_statement':
      case 'try_statement':
      case 'finally_clause':
        for (const child of at.namedChildren) walk(child, at.type.startsWith('preproc') ? 'may' : certainty);
        return;
      case 'local_function_statement': {
        // Whether and how often it is called is not followed.
        const inner = at.childForFieldName('body');
        const before = mayHaveReturned;
        if (inner !== null) walk(inner, 'may');
        mayHaveReturned = before;
        return;
      }
      case 'expression_statement':
        if (at.namedChildren[0] !== undefined) expression(at.namedChildren[0], certainty);
        return;
      case 'if_statement':
      case 'for_statement':
      case 'foreach_statement':
      case 'while_statement':
      case 'do_statement':
      case 'switch_statement':
      case 'switch_body':
      case 'switch_section':
      case 'catch_clause':
        for (const child of at.namedChildren) if (isStatement(child)) walk(child, 'may');
        return;
      case 'comment':
      case 'empty_statement':
        return;
      case 'return_statement':
        expression(at, certainty);
        if (given === 'may') mayHaveReturned = true;
        return;
      default:
        expression(at, certainty);
    }
  };
  if (body !== null) walk(body, 'certain');
  const isBlock = body?.type === 'block';
  return {
    span: { start: node.startIndex, end: node.endIndex },
    bodySpan: {
      start: (body?.startIndex ?? node.endIndex) + (isBlock ? 1 : 0),
      end: (body?.endIndex ?? node.endIndex) - (isBlock && body.text.endsWith('}') ? 1 : 0),
    },
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

function isStatement(node: Node): boolean {
  return /_statement$|^block$|^switch_(?:body|section)$|_clause$/.test(node.type);
}

function mentions(node: Node, name: string): boolean {
  return node.descendantsOfType('identifier').some((child) => child?.text === name);
}
