import { spanTouches, type Span } from '../core/span.ts';
import { findIndex, findRelation, relationKeyOf, sameName } from '../model/lookup.ts';
import type { ObjectName } from '../model/names.ts';
import { isTableAction, type Operation } from '../model/operation.ts';
import type { Column, Index, Relation, Schema } from '../model/schema.ts';
import type { TypeName } from '../model/type-name.ts';
import type { AnalysedStatement } from './analyse.ts';

/** What a name in a statement stands for. Spans are relative to the statement's start. */
export type NamedThing =
  | {
      readonly kind: 'type';
      readonly span: Span;
      readonly type: TypeName /** The column as it is, where the operation changes its type. */;
      readonly changes?: Column;
    }
  | {
      readonly kind: 'relation';
      readonly span: Span;
      readonly relation: Relation;
      readonly key: string /** Where the relation was found: after the statement where it makes it. */;
      readonly schema: Schema;
    }
  | {
      readonly kind: 'column';
      readonly span: Span;
      readonly column: Column;
      readonly relation: Relation;
      readonly key: string;
      readonly schema: Schema;
    }
  | { readonly kind: 'index'; readonly span: Span; readonly index: Index; readonly schema: Schema };

/** The type or relation whose name stands at an offset of a statement; undefined where there is none. */
export function nameAt(statement: AnalysedStatement, offset: number): NamedThing | undefined {
  for (const operation of statement.body.operations) {
    const column = columnAt(statement.before, operation, offset);
    if (column !== undefined) return column;
    // Actions of one ALTER TABLE share the name in its head, which stands before them.
    const found = smallest(namesIn(operation), offset);
    if (found === undefined) continue;
    if ('display' in found) {
      const changes = columnChanged(statement.before, operation);
      return { kind: 'type', span: found.span, type: found, ...(changes === undefined ? {} : { changes }) };
    }
    const thing = thingOf(statement, found);
    if (thing !== undefined) return thing;
  }
  return undefined;
}

/** Every name of a relation, an index, a type or another object in a statement. */
export function allNames(statement: AnalysedStatement): Generator<Named> {
  return namesIn(statement.body.operations);
}

type Named = ObjectName | (TypeName & { readonly span: Span });

function smallest(names: Iterable<Named>, offset: number): Named | undefined {
  let best: Named | undefined;
  for (const name of names) {
    if (!spanTouches(name.span, offset)) continue;
    if (best === undefined || name.span.end - name.span.start < best.span.end - best.span.start) best = name;
  }
  return best;
}

function thingOf(statement: AnalysedStatement, name: ObjectName): NamedThing | undefined {
  for (const schema of [statement.before, statement.after]) {
    const relation = findRelation(schema, name);
    // A statement about a table that nothing made leaves a record of what it says of it: that tells no one anything new.
    if (relation !== undefined && (schema === statement.before || relation.origin.fileIndex >= 0))
      return { kind: 'relation', span: name.span, relation, key: relationKeyOf(schema, name), schema };
    const index = findIndex(schema, name);
    if (index !== undefined) return { kind: 'index', span: name.span, index, schema };
  }
  return undefined;
}

/** The column that an action of ALTER TABLE names at an offset, as it is before the statement. */
function columnAt(before: Schema, operation: Operation, offset: number): NamedThing | undefined {
  if (
    !isTableAction(operation) ||
    !('columnSpan' in operation.action) ||
    !spanTouches(operation.action.columnSpan, offset)
  )
    return undefined;
  const { column: name, columnSpan: span } = operation.action;
  const relation = findRelation(before, operation.relation);
  const column = relation?.columns.find((candidate) => sameName(before.product, candidate.name, name));
  return relation === undefined || column === undefined
    ? undefined
    : { kind: 'column', span, column, relation, key: relationKeyOf(before, operation.relation), schema: before };
}

function columnChanged(before: Schema, operation: Operation): Column | undefined {
  if (operation.kind !== 'alter-type') return undefined;
  const { column } = operation.action;
  return findRelation(before, operation.relation)?.columns.find((candidate) => candidate.name === column);
}

/**
 * Every name of a relation or type in an operation, however deep.
 *
 * Operations are plain data in which a name is told by its members: `display` for a type, and nothing but `schema`,
 * `name` and `span` for an object.
 */
function* namesIn(value: unknown): Generator<Named> {
  if (Array.isArray(value)) {
    for (const entry of value) yield* namesIn(entry);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (isType(value)) {
    if (value.span !== undefined) yield { ...value, span: value.span };
    return;
  }
  if (isName(value)) {
    yield value;
    return;
  }
  for (const member of Object.values(value)) yield* namesIn(member);
}

function isType(value: object): value is TypeName {
  return 'display' in value && 'arrayDimensions' in value && 'modifiers' in value;
}

function isName(value: object): value is ObjectName {
  return (
    'name' in value &&
    'span' in value &&
    Object.keys(value).every((key) => key === 'name' || key === 'span' || key === 'schema')
  );
}
