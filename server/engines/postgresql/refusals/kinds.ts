import { findFunction, findIndex, findRelation, findSequence, findType, foreignKeysTo } from '../../../model/lookup.ts';
import { objectKey, type ObjectName } from '../../../model/names.ts';
import { type DropObjects, isTableAction, type Operation, type Truncate } from '../../../model/operation.ts';
import type { FunctionObject, Relation, Schema } from '../../../model/schema.ts';
import type { Refusal } from '../../engine.ts';

/** A statement for another kind of thing than the one that has the name. */
export function refusedKind(operation: Operation, schema: Schema): Refusal | undefined {
  switch (operation.kind) {
    case 'drop-table':
    case 'drop-view':
    case 'drop-materialized-view':
    case 'drop-index':
    case 'drop-sequence':
      return wrongDrop(operation, schema);
    case 'drop-type': {
      if (operation.objectKind !== 'domain') return rowType(operation, schema);
      const other = operation.objects.find((object) => {
        const type = findType(schema, object);
        return type !== undefined && type.kind !== 'domain';
      });
      return other === undefined ? undefined : is(other, 'is no domain');
    }
    case 'drop-function':
      return wrongRoutine(operation, schema);
    case 'truncate':
      return wrongTruncate(operation, schema);
    case 'refresh-materialized-view': {
      const relation = findRelation(schema, operation.relation);
      return relation === undefined || !relation.detailsKnown || relation.kind === 'materialized-view'
        ? undefined
        : is(operation.relation, `is a ${words(relation)}, which is not refreshed`);
    }
    case 'create-policy': {
      const relation = findRelation(schema, operation.relation);
      return relation?.kind === 'view' || relation?.kind === 'materialized-view'
        ? is(operation.relation, `is a ${words(relation)}, which has no policies`)
        : undefined;
    }
    case 'lock-table': {
      const other = operation.relations.find(
        ({ relation }) => findRelation(schema, relation) === undefined && otherKind(schema, relation) !== undefined,
      );
      if (other !== undefined) return is(other.relation, `is ${otherKind(schema, other.relation) ?? ''}`);
      const kept = operation.relations.find(
        ({ relation }) => findRelation(schema, relation)?.kind === 'materialized-view',
      );
      return kept === undefined ? undefined : is(kept.relation, 'is a materialized view, which LOCK does not lock');
    }
    case 'alter-type-definition': {
      const type = findType(schema, operation.name);
      const isLabel = operation.action.kind === 'add-value' || operation.action.kind === 'rename-value';
      return isLabel && (type?.kind === 'domain' || type?.kind === 'composite')
        ? is(operation.name, 'is no enum')
        : undefined;
    }
    case 'call': {
      const { routine } = operation;
      const object = routine === undefined ? undefined : findFunction(schema, routine);
      return object?.overloads.every((overload) => !overload.procedure) === true
        ? { span: operation.span, message: `${object.name} is a function, which SELECT calls.` }
        : undefined;
    }
    default:
      if (isTableAction(operation)) return wrongHead(operation, schema);
      return operation.within === undefined && 'query' in operation && operation.query !== undefined
        ? calledProcedure(operation.query.functions, operation.span, schema)
        : undefined;
  }
}

function is(name: ObjectName, what: string): Refusal {
  return { span: name.span, message: `"${name.name}" ${what}, so that PostgreSQL refuses this statement.` };
}

function words(relation: Relation): string {
  return relation.kind.replaceAll('-', ' ');
}

/** What else than a table or view has a name. */
function otherKind(schema: Schema, name: ObjectName): string | undefined {
  if (findIndex(schema, name) !== undefined) return 'an index';
  return findSequence(schema, name) === undefined ? undefined : 'a sequence';
}

/** IF EXISTS does not help where there is something else of the name. */
function wrongDrop({ kind, objects, objectKind }: DropObjects, schema: Schema): Refusal | undefined {
  for (const object of objects) {
    const relation = findRelation(schema, object);
    if (kind === 'drop-index' || kind === 'drop-sequence') {
      const own = kind === 'drop-index' ? findIndex(schema, object) : findSequence(schema, object);
      if (own !== undefined) continue;
      if (relation !== undefined) return is(object, `is a ${words(relation)}`);
      const other = otherKind(schema, object);
      if (other !== undefined) return is(object, `is ${other}`);
      continue;
    }
    const other = relation === undefined ? otherKind(schema, object) : undefined;
    if (other !== undefined) return is(object, `is ${other}`);
    const isForeign = relation?.kind === 'foreign-table';
    if (kind === 'drop-table' && relation?.detailsKnown === true && isForeign !== (objectKind === 'foreign-table'))
      return is(object, `is a ${words(relation)}`);
  }
  return undefined;
}

/** The type of a table's rows goes with the table. */
function rowType({ objects }: DropObjects, schema: Schema): Refusal | undefined {
  const row = objects.find(
    (object) => findType(schema, object) === undefined && findRelation(schema, object) !== undefined,
  );
  return row === undefined ? undefined : is(row, 'is the type of the rows of a table, and goes with that only');
}

function wrongRoutine({ objects, objectKind }: DropObjects, schema: Schema): Refusal | undefined {
  for (const object of objects) {
    const found = findFunction(schema, object);
    if (found === undefined && objectKind === 'function' && schema.others?.has(`aggregate ${object.name}`) === true)
      return is(object, 'is an aggregate');
    if (found === undefined || objectKind === 'routine') continue;
    const areAll = (isProcedure: boolean): boolean =>
      found.overloads.every((overload) => overload.procedure === isProcedure);
    if (objectKind === 'function' && areAll(true)) return is(object, 'is a procedure');
    if (objectKind === 'procedure' && areAll(false)) return is(object, 'is a function');
  }
  return undefined;
}

/** TRUNCATE of a table that a foreign key of a table left out points at. */
function wrongTruncate({ relations, cascade }: Truncate, schema: Schema): Refusal | undefined {
  const keys = new Set<string>();
  for (const { relation: name } of relations) {
    const relation = findRelation(schema, name);
    if (relation === undefined) {
      const other = otherKind(schema, name);
      if (other !== undefined) return is(name, `is ${other}`);
      continue;
    }
    if (relation.kind === 'view' || relation.kind === 'materialized-view') return is(name, `is a ${words(relation)}`);
    keys.add(objectKey(relation.schema, relation.name));
  }
  if (cascade) return undefined;
  for (const { relation: name } of relations) {
    const relation = findRelation(schema, name);
    // Partitions go with the table, and what points at them is not followed.
    if (relation?.kind !== 'table') continue;
    const holder = foreignKeysTo(schema, objectKey(relation.schema, relation.name)).find(
      ({ relationKey, relation: other }) =>
        !keys.has(relationKey) && other.kind === 'table' && other.partitionOf === undefined,
    );
    if (holder !== undefined)
      return {
        span: name.span,
        message: `${holder.relation.name} references ${relation.name}: PostgreSQL empties both in one TRUNCATE only, or with CASCADE.`,
      };
  }
  return undefined;
}

function wrongHead(
  { head, relation: name }: Extract<Operation, { readonly head: string }>,
  schema: Schema,
): Refusal | undefined {
  if (head !== 'view' && head !== 'materialized-view') return undefined;
  const relation = findRelation(schema, name);
  return relation === undefined || !relation.detailsKnown || relation.kind === head
    ? undefined
    : is(name, `is a ${words(relation)}`);
}

function calledProcedure(
  functions: readonly { readonly schema?: string; readonly name: string }[],
  span: Refusal['span'],
  schema: Schema,
): Refusal | undefined {
  for (const called of functions) {
    const object: FunctionObject | undefined = findFunction(schema, called);
    if (object !== undefined && object.overloads.length > 0 && object.overloads.every((overload) => overload.procedure))
      return { span, message: `${object.name} is a procedure, which CALL calls.` };
  }
  return undefined;
}
