import type { Expression, ExpressionTree } from '../expression.ts';
import { objectKey } from '../names.ts';
import type { IndexElement } from '../operation.ts';
import type { Draft } from './draft.ts';

/** Longest name in bytes: NAMEDATALEN - 1. Source: PostgreSQL manual, "Identifiers and Key Words". */
const NAME_BYTES = 63;

const encoder = new TextEncoder();

const LAST_ASCII = 0x7f;

function bytesOf(text: string): number {
  for (let index = 0; index < text.length; index++)
    if (text.charCodeAt(index) > LAST_ASCII) return encoder.encode(text).length;
  return text.length;
}

/** The longest beginning that fits, cut between characters. */
export function clipName(text: string, bytes = NAME_BYTES): string {
  if (text.length * 3 <= bytes || bytesOf(text) <= bytes) return text;
  let result = '';
  let length = 0;
  for (const character of text) {
    length += bytesOf(character);
    if (length > bytes) break;
    result += character;
  }
  return result;
}

/**
 * `first_second_label`, cut to 63 bytes by shortening the longer of the first two parts.
 *
 * Source: PostgreSQL's makeObjectName; checked by test/database/fold.test.ts.
 */
export function makeObjectName(first: string, second: string | undefined, label: string | undefined): string {
  const overhead = (second === undefined ? 0 : 1) + (label === undefined ? 0 : bytesOf(label) + 1);
  const available = NAME_BYTES - overhead;
  let firstBytes = bytesOf(first);
  let secondBytes = second === undefined ? 0 : bytesOf(second);
  while (firstBytes + secondBytes > available) {
    if (firstBytes > secondBytes) firstBytes--;
    else secondBytes--;
  }
  return [
    clipName(first, firstBytes),
    ...(second === undefined ? [] : [clipName(second, secondBytes)]),
    ...(label === undefined ? [] : [label]),
  ].join('_');
}

function firstFree(isTaken: (name: string) => boolean, make: (suffix: string) => string): string {
  for (let pass = 0; ; pass++) {
    const name = make(pass === 0 ? '' : String(pass));
    if (!isTaken(name)) return name;
  }
}

/** Name for a constraint without an index: free among the constraints of the whole schema and in `others`. */
export function chooseConstraintName(
  draft: Draft,
  schema: string,
  first: string,
  second: string | undefined,
  label: string,
  others: readonly string[] = [],
): string {
  return firstFree(
    (name) => others.includes(name) || draft.links.constraintNames.has(objectKey(schema, name)),
    (suffix) => makeObjectName(first, second, label + suffix),
  );
}

/** Name for an index or sequence: free among relations, and among constraints too where the index backs one. */
export function chooseRelationName(
  draft: Draft,
  schema: string,
  first: string,
  second: string | undefined,
  label: string,
  isConstraint: boolean,
): string {
  return firstFree(
    (name) => draft.isTaken(schema, name) || (isConstraint && draft.links.constraintNames.has(objectKey(schema, name))),
    (suffix) => makeObjectName(first, second, label + suffix),
  );
}

/** Column part of a foreign key's or index's name. Stops at the limit, as PostgreSQL does. */
export function joinedColumns(columns: readonly string[]): string {
  let result = '';
  for (const column of columns) {
    if (result !== '') result += '_';
    result += column;
    if (bytesOf(result) > NAME_BYTES) break;
  }
  return clipName(result);
}

/** Names of an index's columns, expressions included: `lower`, `expr`, `expr1`. */
export function indexColumnNames(elements: readonly IndexElement[], include: readonly string[]): readonly string[] {
  const names: string[] = [];
  for (const original of [
    ...elements.map((element) => element.column ?? nameOfExpression(element.expression) ?? 'expr'),
    ...include,
  ]) {
    names.push(
      firstFree(
        (name) => names.includes(name),
        (suffix) => (suffix === '' ? original : clipName(original, NAME_BYTES - suffix.length) + suffix),
      ),
    );
  }
  return names;
}

/** Name for an index or for the constraint that it backs. */
export function chooseIndexName(
  draft: Draft,
  schema: string,
  table: string,
  kind: 'primary-key' | 'unique' | 'exclusion' | 'index',
  elements: readonly IndexElement[],
  include: readonly string[],
): string {
  if (kind === 'primary-key') return chooseRelationName(draft, schema, table, undefined, 'pkey', true);
  const label = kind === 'unique' ? 'key' : kind === 'exclusion' ? 'excl' : 'idx';
  return chooseRelationName(
    draft,
    schema,
    table,
    joinedColumns(indexColumnNames(elements, include)),
    label,
    kind !== 'index',
  );
}

function nameOfExpression(expression: Expression | undefined): string | undefined {
  return expression === undefined ? undefined : nameOfTree(expression.tree)?.name;
}

/** Source: PostgreSQL's FigureColname; a weak name gives way to that of a cast's type. */
function nameOfTree(tree: ExpressionTree): { readonly name: string; readonly isWeak: boolean } | undefined {
  switch (tree.kind) {
    case 'column': {
      const name = tree.path.at(-1);
      return name === undefined ? undefined : { name, isWeak: false };
    }
    case 'call':
      return { name: tree.name, isWeak: false };
    case 'collate':
      return nameOfTree(tree.operands[0]);
    case 'keyword':
      return { name: tree.name.toLowerCase(), isWeak: false };
    case 'cast': {
      const inner = nameOfTree(tree.operands[0]);
      return inner === undefined || inner.isWeak ? { name: tree.type.name, isWeak: true } : inner;
    }
    default:
      return undefined;
  }
}
