import type { Node } from 'web-tree-sitter';
import { readCSharp } from '../csharp/csharp-parser.ts';
import type { MigrationClass, MigrationMethod } from './call.ts';
import { lastName, readCall, readValue, type ConstantOf } from './read-value.ts';

/** The name of EF Core's builder where a method does not name its parameter, which is broken code. */
const BUILDER = 'migrationBuilder';

/**
 * Classes of a C# document that may be EF Core migrations: those with `Up(MigrationBuilder)`, `Down(MigrationBuilder)` or
 * the attribute `[Migration("...")]`. FluentMigrator's class of the same name has methods without a parameter and an
 * attribute with a number, and is none.
 */
export function readMigrations(text: string): readonly MigrationClass[] {
  return readCSharp(text, (root) => {
    const constants = new Map<string, Node>();
    for (const declarator of root.descendantsOfType('variable_declarator')) {
      const declaration = declarator?.parent?.parent;
      const name = declarator?.childForFieldName('name');
      const value = declarator?.namedChildren.at(-1);
      if (!name || !value || value.id === name.id || declarator === null) continue;
      const isConstant = declaration?.children.some((child) => /^(?:const|readonly)$/.test(child.text)) === true;
      if (isConstant) {
        constants.set(name.text, value);
        const holder = classOf(declarator)?.childForFieldName('name')?.text;
        if (holder !== undefined) constants.set(`${holder}.${name.text}`, value);
      }
    }
    const constantOf: ConstantOf = (name) => constants.get(name);
    return root.descendantsOfType('class_declaration').flatMap((node) => {
      const read = node === null ? undefined : readClass(node, constantOf);
      return read === undefined ? [] : [read];
    });
  });
}

function classOf(node: Node): Node | undefined {
  for (let at = node.parent; at !== null; at = at.parent) if (at.type === 'class_declaration') return at;
  return undefined;
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
  if (id === undefined && up === undefined && down === undefined) return undefined;
  return {
    name: name.text,
    nameSpan: { start: name.startIndex, end: name.endIndex },
    ...(id === undefined ? {} : { id }),
    ...(context === undefined ? {} : { context }),
    isAbstract: node.children.some((child) => child.type === 'modifier' && child.text === 'abstract'),
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
  const walk = (at: Node, certainty: 'certain' | 'may'): void => {
    switch (at.type) {
      case 'block':
      case 'arrow_expression_clause':
      case 'preproc_if':
      case 'preproc_else':
      case 'preproc_elif':
      case 'else_clause':
      case 'checked_statement':
      case 'using_statement':
      case 'lock_statement':
      case 'try_statement':
      case 'finally_clause':
        for (const child of at.namedChildren) walk(child, at.type.startsWith('preproc') ? 'may' : certainty);
        return;
      case 'expression_statement':
        if (at.namedChildren[0] !== undefined) walk(at.namedChildren[0], certainty);
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
      case 'invocation_expression': {
        const call = readCall(at, receiver, constantOf, certainty);
        if (call !== undefined) steps.push({ kind: 'call', ...call });
        else if (mentions(at, receiver) || /^base\./.test(at.text))
          steps.push({
            kind: 'other',
            reason: `what "${at.childForFieldName('function')?.text ?? at.text}" does with the migration is not known`,
            span: { start: at.startIndex, end: at.endIndex },
          });
        return;
      }
      case 'comment':
      case 'local_declaration_statement':
      case 'local_function_statement':
      case 'empty_statement':
      case 'throw_statement':
      case 'return_statement':
        if (at.type !== 'comment' && at.type !== 'local_function_statement' && mentions(at, receiver)) {
          const call = at
            .descendantsOfType('invocation_expression')
            .find((child) => child !== null && readCall(child, receiver, constantOf, certainty) !== undefined);
          const read =
            call === undefined || call === null ? undefined : readCall(call, receiver, constantOf, certainty);
          if (read !== undefined) steps.push({ kind: 'call', ...read });
        }
        return;
      default:
        if (mentions(at, receiver))
          steps.push({
            kind: 'other',
            reason: 'this code cannot be followed',
            span: { start: at.startIndex, end: at.endIndex },
          });
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

function isStatement(node: Node): boolean {
  return /_statement$|^block$|^switch_(?:body|section)$|_clause$/.test(node.type);
}

function mentions(node: Node, name: string): boolean {
  return node.descendantsOfType('identifier').some((child) => child?.text === name);
}
