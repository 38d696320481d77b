import type { Node } from 'web-tree-sitter';
import type { Span } from '../../core/span.ts';
import { basesOf, type ConstantOf, constantsOf } from '../csharp/constants.ts';
import { readCSharp } from '../csharp/csharp-parser.ts';
import { bodySpanOf, walkStatements } from '../csharp/statements.ts';
import { withinText } from '../csharp/within-text.ts';
import { lastName, plainName, readArguments } from '../csharp/read-value.ts';
import type { Argument } from '../csharp/call.ts';
import { readChain } from './chain.ts';
import type { Conditions, FluentDocument, FluentMethod, FluentMigration, FluentStep } from './migration-class.ts';

/** What a migration changes the database by. Source: fluentmigrator/fluentmigrator, MigrationBase.cs. */
const ROOTS: ReadonlySet<string> = new Set([
  'Create',
  'Alter',
  'Delete',
  'Rename',
  'Insert',
  'Update',
  'Execute',
  'IfDatabase',
]);

/** Bases of FluentMigrator's own, which call `Up` and `Down` and nothing else. */
const OWN_BASES: ReadonlySet<string> = new Set([
  'Migration',
  'MigrationBase',
  'AutoReversingMigration',
  'ForwardOnlyMigration',
  'IMigration',
]);

/** FluentMigrator's classes in a C# document. EF Core's attribute of the same name takes a text, and is none. */
export function readFluentDocument(text: string): FluentDocument {
  return readCSharp(text, (root) => {
    const constantOf = constantsOf(root);
    const migrations: FluentMigration[] = [];
    const unnumbered: FluentDocument['unnumbered'][number][] = [];
    for (const node of root.descendantsOfType('class_declaration')) {
      const head = headOf(node, constantOf);
      const name = node.childForFieldName('name');
      if (head === undefined || name === null) continue;
      if (head.number === undefined)
        unnumbered.push({
          name: plainName(name),
          span: { start: name.startIndex, end: name.endIndex },
          attribute: head.attribute,
        });
      else migrations.push(readClass(node, name, { ...head, number: head.number }, constantOf));
    }
    const found = { migrations, unnumbered };
    return root.endIndex > text.length ? withinText(found, text.length) : found;
  });
}

/** What the attribute of a class says. */
interface Head {
  readonly attribute: string;
  readonly number?: string;
  readonly description?: string;
  readonly bare?: Span;
}

function headOf(node: Node, constantOf: ConstantOf): Head | undefined {
  for (const attribute of node.namedChildren
    .filter((child) => child.type === 'attribute_list')
    .flatMap((list) => list.namedChildren.filter((child) => child.type === 'attribute'))) {
    const kind = lastName(attribute.childForFieldName('name')?.text ?? '').replace(/Attribute$/, '');
    if (!/^(?:Timestamped)?Migration$/.test(kind)) continue;
    const list = attribute.namedChildren.find((child) => child.type === 'attribute_argument_list');
    const given = attributeArguments(list, constantOf);
    const [first] = given;
    // EF Core's.
    if (first?.value.kind === 'text' && kind === 'Migration') continue;
    const number = kind === 'Migration' ? numberOf(given) : timeOf(given);
    const description = given.find(({ value }) => value.kind === 'text')?.value;
    const behavior = given.find(
      ({ value }) => value.kind === 'member' && /\bTransactionBehavior\.None$/.test(value.name),
    );
    return {
      attribute: attribute.text,
      ...(number === undefined ? {} : { number }),
      ...(description?.kind === 'text' ? { description: description.text.text } : {}),
      ...(behavior === undefined ? {} : { bare: behavior.value.span }),
    };
  }
  return undefined;
}

/** Arguments of an attribute are nodes of their own kind. */
function attributeArguments(list: Node | undefined, constantOf: ConstantOf): readonly Argument[] {
  return readArguments(list ?? null, constantOf, 'attribute_argument');
}

function numberOf(given: readonly Argument[]): string | undefined {
  const value = (given.find(({ name }) => name === 'version') ?? given.find(({ name }) => name === undefined))?.value;
  return value?.kind === 'number' && /^\d+$/.test(value.sql) ? String(BigInt(value.sql)) : undefined;
}

/** Source: TimestampedMigrationAttribute.cs: years to seconds as the digits of one number. */
function timeOf(given: readonly Argument[]): string | undefined {
  const parts = given.flatMap(({ value }) => (value.kind === 'number' ? [value.sql] : []));
  if (parts.length < 5 || parts.length > 6) return undefined;
  const [year = '', ...rest] = [...parts, '0'].slice(0, 6);
  return year.padStart(4, '0') + rest.map((part) => part.padStart(2, '0')).join('');
}

function readClass(
  node: Node,
  name: Node,
  { number, description, bare }: Head & { readonly number: string },
  constantOf: ConstantOf,
): FluentMigration {
  const methods = (node.childForFieldName('body')?.namedChildren ?? []).filter(
    (child) => child.type === 'method_declaration',
  );
  const named = (wanted: string): readonly Node[] =>
    methods.filter((method) => method.childForFieldName('name')?.text === wanted);
  const bases = basesOf(node);
  const isOwnBase = bases.some((base) => OWN_BASES.has(base));
  const read = (method: Node, certainty: 'certain' | 'may' = 'certain'): FluentMethod =>
    readMethod(method, methods, constantOf, certainty);
  const isOverriding = (method: Node): boolean =>
    method.children.some((child) => child.type === 'modifier' && child.text === 'override');
  // A base of the project's own has an Up, which calls what this class overrides.
  const chosen = methods.filter(
    (method) => isOverriding(method) && !/^(?:Up|Down)$|Down|Revert/.test(method.childForFieldName('name')?.text ?? ''),
  );
  const ups = named('Up');
  return {
    number,
    name: plainName(name),
    nameSpan: { start: name.startIndex, end: name.endIndex },
    span: { start: node.startIndex, end: node.endIndex },
    ...(description === undefined ? {} : { description }),
    ...(bare === undefined ? {} : { bare }),
    up: ups.length > 0 || isOwnBase ? ups.map((method) => read(method)) : chosen.map((method) => read(method, 'may')),
    down: named('Down').map((method) => read(method)),
    isReversedByItself: bases.includes('AutoReversingMigration'),
  };
}

function readMethod(
  method: Node,
  siblings: readonly Node[],
  constantOf: ConstantOf,
  given: 'certain' | 'may',
): FluentMethod {
  const body = method.childForFieldName('body');
  const steps: FluentStep[] = [];
  const walk = (at: Node, conditions: Conditions, outer: 'certain' | 'may'): void => {
    walkStatements(at, (statement, inner) => {
      const certainty = outer === 'may' ? 'may' : inner;
      for (const step of stepsOf(statement, siblings, constantOf, certainty, conditions)) {
        if ('inside' in step) walk(step.inside, step.conditions, step.certainty);
        else steps.push(step);
      }
    });
  };
  if (body !== null) walk(body, [], given);
  return { bodySpan: bodySpanOf(method), steps, isThrown: steps.length === 0 && isThrown(body) };
}

/** `throw new NotImplementedException();`, or the same behind an arrow, without a word of why. */
function isThrown(body: Node | null): boolean {
  if (/\/\/\s*lockstep:\s*irreversible\b/.test(body?.text ?? '')) return false;
  const first = body?.namedChildren.find((child) => child.type !== 'comment');
  return first?.type === 'throw_statement' || first?.type === 'throw_expression';
}

/** Code that runs where a chain says so: the body of what `Delegate` is given. */
interface Inside {
  readonly inside: Node;
  readonly conditions: Conditions;
  readonly certainty: 'certain' | 'may';
}

function stepsOf(
  at: Node,
  siblings: readonly Node[],
  constantOf: ConstantOf,
  certainty: 'certain' | 'may',
  outer: Conditions,
): readonly (FluentStep | Inside)[] {
  const span = { start: at.startIndex, end: at.endIndex };
  const other = (reason: string): FluentStep => ({ kind: 'other', reason, span, certainty, conditions: outer });
  const chain = at.type === 'invocation_expression' ? readChain(at, constantOf) : undefined;
  if (chain === undefined) return mentionsRoot(at) ? [other('this code cannot be followed')] : [];
  if (!ROOTS.has(chain.root)) {
    const [first] = chain.links;
    const isOwnCall = first?.name === chain.root && chain.links.length === 1;
    const called = isOwnCall
      ? siblings.find((method) => method.childForFieldName('name')?.text === chain.root)
      : undefined;
    if (called !== undefined) return mentionsRoot(called) ? [other(`what ${chain.root} does is not followed`)] : [];
    // What is given the migration may do anything by it; so may what a base class has.
    const isGiven = at.descendantsOfType('this').length > 0 || mentionsRoot(at);
    return isOwnCall || isGiven
      ? [other(`what "${at.childForFieldName('function')?.text ?? ''}" does is not known`)]
      : [];
  }
  if (chain.root !== 'IfDatabase') return [{ kind: 'chain', ...chain, certainty, conditions: outer }];
  const [condition, root, ...links] = chain.links;
  const conditions = [...outer, (condition?.arguments ?? []).map(({ value }) => value)];
  if (root?.name === 'Delegate') {
    const lambda = at.descendantsOfType('lambda_expression')[0];
    const inside = lambda?.childForFieldName('body');
    return inside === null || inside === undefined
      ? [{ ...other('what this delegate does is not known'), conditions }]
      : [{ inside, conditions, certainty }];
  }
  if (root === undefined || !ROOTS.has(root.name))
    return root?.name === 'Schema' ? [] : [other('this code cannot be followed')];
  return [{ kind: 'chain', root: root.name, links, span: chain.span, certainty, conditions }];
}

/** Whether code uses what changes the database. */
function mentionsRoot(node: Node): boolean {
  return node.descendantsOfType('identifier').some((name) => {
    if (!ROOTS.has(name.text)) return false;
    const { parent } = name;
    if (parent?.type === 'invocation_expression') return name.text === 'IfDatabase';
    if (parent?.type !== 'member_access_expression') return false;
    const holder = parent.childForFieldName('expression');
    // `Create.Table`, `this.Create.Table`; and not `Directory.Create`.
    return holder?.id === name.id || /^(?:this|base)$/.test(holder?.text ?? '');
  });
}
