import type { Span } from '../../core/span.ts';
import { type ExpressionTree, walkExpression } from '../../model/expression.ts';
import { creationSchema, findIndex, findRelation, findType, indexesOf, partitionsOf } from '../../model/lookup.ts';
import { isSystemColumn, objectKey, type ObjectName } from '../../model/names.ts';
import {
  isTableAction,
  type AlterType,
  type ColumnDefinition,
  type ConstraintDefinition,
  type CreateIndex,
  type CreateTable,
  type CreateView,
  type InsertRows,
  type Operation,
  type PartitionKey,
  type UpdateRows,
} from '../../model/operation.ts';
import { outsideUniqueKey } from '../../model/partition-key.ts';
import type { Relation, Schema } from '../../model/schema.ts';
import type { Refusal } from '../engine.ts';
import { castRefusal } from './cast-refusal.ts';
import { refusedBound } from './refusals/bounds.ts';
import { refusedDefinition } from './refusals/definitions.ts';
import { refusedFollowed } from './refusals/followed.ts';
import { refusedBody } from './refusals/function-body.ts';
import { refusedKind } from './refusals/kinds.ts';
import { refusedNames } from './refusals/names.ts';
import { refusedQuery } from './refusals/queries.ts';
import { refusedConflict } from './refusals/on-conflict.ts';
import { refusedParts } from './refusals/parts.ts';
import { refusedPublished } from './refusals/published.ts';
import { refusedReplacement, refusedTrigger } from './refusals/replacements.ts';
import { refusedRuled } from './refusals/ruled.ts';
import { refusedSetting } from './refusals/settings.ts';
import { refusedMerge, refusedRows } from './refusals/values.ts';
import { incomparable, leftToType, referencedPartition, type TypeOf, typesOf, writtenTypes } from './refusal-keys.ts';

/**
 * What a server of a version refuses about a statement that the newest grammar reads; undefined where nothing is known against it.
 *
 * `siblings` are the operations of the same statement: what one of them makes is there for the others.
 *
 * Versions by the release notes (postgresql.org/docs/release/); what the schema forbids against real servers in
 * test/database/refusal.test.ts.
 */
export function postgresRefusal(
  operation: Operation,
  schema: Schema,
  version: number,
  siblings: readonly Operation[] = [],
): Refusal | undefined {
  const certain = certainRefusal(operation, schema, version, siblings);
  // A dump writes plpgsql down, which every database has.
  const makesExtensions = schema.extensions?.some((name) => name !== 'plpgsql') === true;
  if (certain !== undefined || schema.isComplete || !makesExtensions) return certain;
  // A history that makes extensions mostly makes every one that it needs, but whoever sets the database up may make more.
  const doubtful = ofNamesAndTypesIn(operation, { ...schema, isComplete: true }, version, siblings);
  return doubtful === undefined
    ? undefined
    : {
        ...doubtful,
        message: `${doubtful.message} A database where someone else created an extension that brings it takes it.`,
        unlessPrepared: true,
      };
}

/** What is refused for names and types alone, where all that there is of extensions is listed. */
function ofNamesAndTypesIn(
  operation: Operation,
  schema: Schema,
  version: number,
  siblings: readonly Operation[],
): Refusal | undefined {
  return operation.certainty === 'may' || isPassedOver(operation, schema)
    ? undefined
    : ofNamesAndTypes(operation, schema, version, siblings);
}

function certainRefusal(
  operation: Operation,
  schema: Schema,
  version: number,
  siblings: readonly Operation[],
): Refusal | undefined {
  const early = tooNew(operation, version);
  if (early !== undefined) return early;
  if (operation.neverTaken !== undefined) return { span: operation.span, message: operation.neverTaken };
  if (operation.failsWhenRun !== undefined && operation.certainty !== 'may')
    return { span: operation.span, message: operation.failsWhenRun };
  // Of what is there already nothing else is looked at.
  if (isPassedOver(operation, schema)) return undefined;
  const twice = namedTwice(operation);
  if (twice !== undefined) return twice;
  // Looked up once: this runs for every statement at every keystroke.
  const relation = isTableAction(operation) ? findRelation(schema, operation.relation) : undefined;
  return (
    forbidden(operation, schema, version, relation) ??
    missing(operation, schema, siblings, relation) ??
    (operation.certainty === 'may' ? undefined : ofNamesAndTypes(operation, schema, version, siblings))
  );
}

/** IF NOT EXISTS of what there is. */
function isPassedOver(operation: Operation, schema: Schema): boolean {
  if (operation.kind === 'create-table-as' || operation.kind === 'create-materialized-view')
    return operation.ifNotExists && findRelation(schema, operation.relation) !== undefined;
  if (operation.kind === 'create-table')
    return operation.ifNotExists && findRelation(schema, operation.relation) !== undefined;
  return (
    isTableAction(operation) &&
    operation.action.kind === 'add-column' &&
    operation.action.ifNotExists &&
    (findRelation(schema, operation.relation)?.columns.some(
      (column) =>
        isTableAction(operation) &&
        operation.action.kind === 'add-column' &&
        column.name === operation.action.column.name,
    ) ??
      false)
  );
}

/** What names, types and expressions of a statement the server takes nowhere. */
function ofNamesAndTypes(
  operation: Operation,
  schema: Schema,
  version: number,
  siblings: readonly Operation[],
): Refusal | undefined {
  return (
    (operation.kind === 'set-variable' ? refusedSetting(operation, version) : undefined) ??
    refusedKind(operation, schema) ??
    refusedParts(operation, schema, version, siblings) ??
    refusedBound(operation, schema, version) ??
    refusedRuled(operation, schema) ??
    refusedFollowed(operation, schema) ??
    refusedPublished(operation, schema) ??
    refusedDefinition(operation, schema, version, siblings) ??
    (operation.kind === 'insert-rows' || operation.kind === 'update-rows' || operation.kind === 'delete-rows'
      ? refusedRows(operation, schema, version)
      : undefined) ??
    (operation.kind === 'merge-rows' ? refusedMerge(operation, schema) : undefined) ??
    (operation.kind === 'insert-rows' ? refusedConflict(operation, schema) : undefined) ??
    (operation.kind === 'create-function'
      ? (refusedReplacement(operation, schema) ?? refusedBody(operation, schema, version))
      : undefined) ??
    (operation.kind === 'create-trigger' ? refusedTrigger(operation, schema) : undefined) ??
    refusedNames(operation, schema, version) ??
    refusedQuery(operation, schema, version, siblings)
  );
}

/** A column that one statement gives two values, or makes twice: UPDATE ... SET a = 1, a = 2. */
function namedTwice(operation: Operation): Refusal | undefined {
  const columns = namesOf(operation);
  // Nearly all statements name none or one.
  if (columns.length < 2) return undefined;
  const twice = columns.find((column, index) => column !== undefined && columns.indexOf(column) !== index);
  return twice === undefined
    ? undefined
    : { span: operation.span, message: `"${twice}" stands here twice, which PostgreSQL refuses.` };
}

function namesOf(operation: Operation): readonly (string | undefined)[] {
  switch (operation.kind) {
    case 'update-rows':
    case 'insert-rows':
      return operation.columns ?? [];
    case 'create-table':
      return operation.columns.map((column) => column.name);
    // Fewer names than the query has columns name the first of them.
    case 'create-view':
    case 'create-materialized-view':
    case 'create-table-as':
      return [...(operation.columns ?? []), ...operation.query.output.slice(operation.columns?.length ?? 0)];
    default:
      return NO_NAMES;
  }
}

const NO_NAMES: readonly never[] = [];

/** What the schema before the statement has already, or does not have; nothing where it is not known in full. */
function missing(
  operation: Operation,
  schema: Schema,
  siblings: readonly Operation[],
  relation: Relation | undefined,
): Refusal | undefined {
  if (operation.certainty === 'may') return undefined;
  if (operation.kind === 'insert-rows' || operation.kind === 'update-rows') return givenValue(operation, schema);
  if (operation.kind === 'create-table')
    return (
      madeTwice(operation, schema) ??
      badConstraints(
        [...operation.columns.flatMap((column) => column.constraints), ...operation.constraints],
        operation.relation,
        schema,
        writtenTypes(operation.columns),
      )
    );
  if (operation.kind === 'drop-table') return referencedPartition(operation, schema);
  if (operation.kind === 'create-index') return indexMadeTwice(operation, schema);
  if (operation.kind === 'refresh-materialized-view')
    return operation.concurrently ? withoutKey(operation.relation, schema) : undefined;
  if (operation.kind === 'drop-index') {
    for (const object of operation.objects) {
      const index = findIndex(schema, object);
      if (index?.constraint !== undefined)
        return {
          span: object.span,
          message: `${index.name} is the index of the constraint "${index.constraint}", which PostgreSQL drops only with ALTER TABLE ... DROP CONSTRAINT.`,
        };
    }
    return undefined;
  }
  if (
    !isTableAction(operation) ||
    relation === undefined ||
    (relation.kind !== 'table' && relation.kind !== 'partitioned-table')
  )
    return undefined;
  const { action } = operation;
  const typed = leftToType(operation, relation);
  if (typed !== undefined) return typed;
  const has = (column: string): boolean =>
    relation.columns.some((candidate) => candidate.name === column) || isSystemColumn(column);
  const isNamedBeside = (column: string): boolean =>
    siblings.some(
      (other) =>
        other !== operation &&
        isTableAction(other) &&
        (('column' in other.action &&
          (typeof other.action.column === 'string' ? other.action.column : other.action.column.name) === column) ||
          ('newName' in other.action && other.action.newName === column)),
    );
  if (action.kind === 'add-column') {
    const { name, nameSpan, constraints } = action.column;
    if (has(name))
      return !action.ifNotExists && !isNamedBeside(name)
        ? { span: nameSpan, message: `${relation.name} has a column "${name}" already.` }
        : undefined;
    return badConstraints(constraints, operation.relation, schema, writtenTypes([action.column]));
  }
  if (action.kind === 'add-constraint') {
    const { constraint } = action;
    // The same NOT NULL under the same name is passed over, which the fold tells from another one.
    const holder =
      constraint.name === undefined || constraint.kind === 'not-null'
        ? undefined
        : relation.constraints.find((other) => other.name === constraint.name);
    // Drops of the same statement come first, and a column takes the constraints with it that name it.
    const isGivenUp = siblings.some(
      (other) =>
        (other.kind === 'drop-constraint' && other.action.constraint === holder?.name) ||
        (other.kind === 'drop-column' && holder?.columns.includes(other.action.column) === true),
    );
    if (holder !== undefined && !isGivenUp)
      return { span: operation.span, message: `${relation.name} has a constraint "${holder.name}" already.` };
    return badConstraints([constraint], operation.relation, schema, typesOf(relation, siblings));
  }
  if (action.kind === 'drop-constraint') {
    // The constraints behind NOT NULL have names of their own since PostgreSQL 18.
    const isKnown =
      relation.detailsKnown && relation.columnsKnown && !action.ifExists && !action.constraint.endsWith('_not_null');
    return isKnown && relation.constraints.every((other) => other.name !== action.constraint)
      ? { span: action.constraintSpan, message: `${relation.name} has no constraint "${action.constraint}".` }
      : undefined;
  }
  if (action.kind === 'rename-column' && has(action.newName) && !isNamedBeside(action.newName))
    return { span: operation.span, message: `${relation.name} has a column "${action.newName}" already.` };
  if (
    !('column' in action) ||
    !('columnSpan' in action) ||
    ('ifExists' in action && action.ifExists && action.kind === 'drop-column') ||
    !relation.columnsKnown
  )
    return undefined;
  return has(action.column) || isNamedBeside(action.column)
    ? castRefusal(operation, relation, schema, siblings)
    : { span: action.columnSpan, message: `${relation.name} has no column "${action.column}".` };
}

/** A table under a name that one has already. */
function madeTwice(operation: CreateTable, schema: Schema): Refusal | undefined {
  const home = operation.relation.schema ?? creationSchema(schema);
  if (operation.ifNotExists || operation.persistence === 'temporary' || home === undefined) return undefined;
  const old = schema.relations.get(objectKey(home, operation.relation.name));
  // One of which a migration made only a part may be one that is made here.
  return old?.columnsKnown === true && old.persistence !== 'temporary'
    ? { span: operation.relation.span, message: `There is a ${old.kind.replaceAll('-', ' ')} "${old.name}" already.` }
    : undefined;
}

function indexMadeTwice(operation: CreateIndex, schema: Schema): Refusal | undefined {
  const table = findRelation(schema, operation.relation);
  if (operation.ifNotExists || operation.name === undefined || table === undefined) return undefined;
  const old = schema.indexes.get(objectKey(table.schema, operation.name));
  return old === undefined
    ? undefined
    : { span: operation.nameSpan ?? operation.span, message: `There is an index "${old.name}" already.` };
}

/** REFRESH ... CONCURRENTLY compares rows by a unique index over all of them. */
function withoutKey(name: ObjectName, schema: Schema): Refusal | undefined {
  const view = findRelation(schema, name);
  if (view?.kind !== 'materialized-view' || !view.detailsKnown) return undefined;
  const hasKey = indexesOf(schema, objectKey(view.schema, view.name)).some(
    (index) =>
      index.unique &&
      index.valid &&
      index.where === undefined &&
      index.elements.every((element) => element.column !== undefined),
  );
  return hasKey
    ? undefined
    : {
        span: name.span,
        message: `${view.name} has no unique index over columns of all its rows, which REFRESH ... CONCURRENTLY needs: create one first.`,
      };
}

/** A CHECK that asks another table, or a foreign key to columns that no key holds. */
function badConstraints(
  constraints: readonly ConstraintDefinition[],
  relation: ObjectName,
  schema: Schema,
  typeOf: TypeOf,
): Refusal | undefined {
  for (const constraint of constraints) {
    if (constraint.kind === 'check' && constraint.expression !== undefined && asksTable(constraint.expression.tree))
      return {
        span: constraint.span,
        message: 'PostgreSQL takes no subquery in a CHECK: use a trigger, or a foreign key.',
      };
    const refusal =
      constraint.kind === 'foreign-key'
        ? (keyless(constraint, relation, schema) ?? incomparable(constraint, typeOf, relation, schema))
        : undefined;
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function asksTable(tree: ExpressionTree): boolean {
  for (const node of walkExpression(tree)) if (node.kind === 'subquery') return true;
  return false;
}

function keyless(
  { references, span, period }: ConstraintDefinition,
  relation: ObjectName,
  schema: Schema,
): Refusal | undefined {
  const parent = references === undefined ? undefined : findRelation(schema, references.relation);
  if (
    references === undefined ||
    parent === undefined ||
    period === true ||
    !parent.detailsKnown ||
    !parent.columnsKnown ||
    (parent.kind !== 'table' && parent.kind !== 'partitioned-table')
  )
    return undefined;
  // A key of the table itself may come in the same statement.
  if (references.relation.name === relation.name) return undefined;
  const key = objectKey(parent.schema, parent.name);
  if (references.columns.length === 0)
    return parent.constraints.some((constraint) => constraint.kind === 'primary-key')
      ? undefined
      : { span, message: `${parent.name} has no primary key for this foreign key to point at.` };
  const isOver = (columns: readonly (string | undefined)[]): boolean =>
    columns.length === references.columns.length &&
    columns.every((column) => column !== undefined && references.columns.includes(column));
  const isKey =
    parent.constraints.some(
      (constraint) =>
        (constraint.kind === 'primary-key' || constraint.kind === 'unique') &&
        !constraint.deferrable &&
        isOver(constraint.columns),
    ) ||
    indexesOf(schema, key).some(
      (index) =>
        index.unique &&
        index.where === undefined &&
        !parent.constraints.some((constraint) => constraint.name === index.constraint && constraint.deferrable) &&
        isOver(index.elements.map((element) => element.column)),
    );
  return isKey
    ? undefined
    : {
        span,
        message: `No unique key of ${parent.name} is over ${references.columns.map((column) => `"${column}"`).join(', ')}, which this foreign key needs to point at one row: create it first.`,
      };
}

/** A value for a column that the database alone computes or numbers. What DEFAULT stands for is not told apart. */
function givenValue(operation: InsertRows | UpdateRows, schema: Schema): Refusal | undefined {
  if (operation.columns === undefined || operation.columns.length === 0) return undefined;
  const relation = findRelation(schema, operation.relation);
  const column = relation?.columns.find(
    (candidate) =>
      (candidate.generated !== undefined || candidate.identity === 'always') &&
      operation.columns?.includes(candidate.name),
  );
  if (relation === undefined || column === undefined || /\bdefault\b/i.test(operation.query.text)) return undefined;
  if (column.generated !== undefined)
    return {
      span: operation.span,
      message: `"${column.name}" of ${relation.name} is computed from other columns, and PostgreSQL takes no value for it.`,
    };
  if (operation.kind === 'insert-rows' && /\boverriding\s+(?:system|user)\s+value\b/i.test(operation.query.text))
    return undefined;
  return {
    span: operation.span,
    message: `"${column.name}" of ${relation.name} is GENERATED ALWAYS, and PostgreSQL takes no value for it${operation.kind === 'insert-rows' ? ' without OVERRIDING SYSTEM VALUE' : ''}.`,
  };
}

function tooNew(operation: Operation, version: number): Refusal | undefined {
  const need = (feature: string, since: number, span: Span = operation.span): Refusal | undefined =>
    version < since
      ? { span, message: `PostgreSQL ${version} does not know ${feature}, which came with PostgreSQL ${since}.` }
      : undefined;
  const newest = operation.needs?.find((candidate) => candidate.version > version);
  if (newest !== undefined) return need(newest.feature, newest.version, newest.span);
  if (operation.kind === 'merge-rows') return need('MERGE', 15);
  if (operation.kind === 'create-index' && operation.nullsNotDistinct === true) return need('NULLS NOT DISTINCT', 15);
  if (operation.kind === 'create-trigger' && operation.orReplace) return need('CREATE OR REPLACE TRIGGER', 14);
  if (operation.kind === 'create-table') {
    for (const column of operation.columns) {
      const refusal = newColumn(column, need);
      if (refusal !== undefined) return refusal;
    }
    for (const constraint of operation.constraints) {
      const refusal = newConstraint(constraint, need);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }
  if (!isTableAction(operation)) return undefined;
  const { action } = operation;
  switch (action.kind) {
    case 'add-column':
      return newColumn(action.column, need);
    case 'add-constraint':
      return newConstraint(action.constraint, need);
    case 'detach-partition':
      return action.mode === 'plain' ? undefined : need(`DETACH PARTITION ... ${action.mode.toUpperCase()}`, 14);
    case 'set-expression':
      return need('SET EXPRESSION', 17);
    case 'set-compression':
      return need('SET COMPRESSION', 14);
    case 'set-access-method':
      return need('SET ACCESS METHOD', 15);
    case 'alter-constraint':
      return action.enforced === undefined ? undefined : need('ENFORCED and NOT ENFORCED', 18);
    default:
      return undefined;
  }
}

type Need = (feature: string, since: number, span?: Span) => Refusal | undefined;

function newColumn(column: ColumnDefinition, need: Need): Refusal | undefined {
  if (column.generated?.stored === false) return need('VIRTUAL generated columns', 18, column.span);
  if (column.compression !== undefined) return need('COMPRESSION of a column', 14, column.span);
  for (const constraint of column.constraints) {
    const refusal = newConstraint(constraint, need);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function newConstraint(constraint: ConstraintDefinition, need: Need): Refusal | undefined {
  if (constraint.notEnforced === true) return need('NOT ENFORCED', 18, constraint.span);
  if (constraint.period === true) return need('WITHOUT OVERLAPS and PERIOD', 18, constraint.span);
  if (constraint.nullsNotDistinct === true) return need('NULLS NOT DISTINCT', 15, constraint.span);
  return undefined;
}

function forbidden(
  operation: Operation,
  schema: Schema,
  version: number,
  relation: Relation | undefined,
): Refusal | undefined {
  if (operation.kind === 'create-view' && operation.orReplace) return replacedView(operation, schema);
  if (operation.kind === 'create-index') {
    const table = findRelation(schema, operation.relation);
    if (table?.kind !== 'partitioned-table') return undefined;
    if (operation.concurrently)
      return {
        span: operation.span,
        message: `${table.name} is partitioned, and PostgreSQL builds no index on a partitioned table CONCURRENTLY: create it ON ONLY ${table.name}, build it on each partition CONCURRENTLY, and attach these by ALTER INDEX ... ATTACH PARTITION.`,
      };
    return operation.unique
      ? uniqueAcross(
          table.name,
          table.partitionKey,
          operation.elements.map((element) => element.column),
          operation.span,
        )
      : undefined;
  }
  if (operation.kind === 'create-table') return keyAcrossPartitions(operation);
  if (operation.kind === 'alter-type-definition')
    return operation.action.kind === 'alter-attribute' && operation.action.type !== undefined
      ? usedAttribute(operation, schema)
      : undefined;
  if (!isTableAction(operation) || relation === undefined) return undefined;
  const { action } = operation;
  if (action.kind === 'add-constraint') {
    const { constraint } = action;
    if (constraint.kind === 'not-null' && version < 18)
      return {
        span: operation.span,
        message: `PostgreSQL ${version} does not know NOT NULL as a constraint with a name, which came with PostgreSQL 18.`,
      };
    if (relation.kind !== 'partitioned-table') return undefined;
    if (constraint.kind === 'foreign-key' && constraint.notValid === true && version < 18)
      return {
        span: operation.span,
        message: `${relation.name} is partitioned, and PostgreSQL ${version} adds no foreign key to a partitioned table NOT VALID; PostgreSQL 18 does. Add it to each partition first.`,
      };
    if (constraint.usingIndex !== undefined)
      return {
        span: operation.span,
        message: `${relation.name} is partitioned, and PostgreSQL takes no index of a partitioned table for a constraint (USING INDEX).`,
      };
    return constraint.kind === 'unique' || constraint.kind === 'primary-key'
      ? uniqueAcross(relation.name, relation.partitionKey, constraint.columns, operation.span)
      : undefined;
  }
  if (action.kind === 'detach-partition' && action.mode === 'concurrently') {
    const hasDefault = partitionsOf(schema, objectKey(relation.schema, relation.name)).some(
      (part) => part.relation.partitionOf?.bound.kind === 'default',
    );
    return hasDefault
      ? {
          span: operation.span,
          message: `${relation.name} has a default partition, and with one PostgreSQL detaches no partition CONCURRENTLY.`,
        }
      : undefined;
  }
  return undefined;
}

/** A key that is written into the definition of a partitioned table. */
function keyAcrossPartitions(operation: CreateTable): Refusal | undefined {
  if (operation.partitionBy === undefined) return undefined;
  for (const constraint of [...operation.columns.flatMap((column) => column.constraints), ...operation.constraints]) {
    if (constraint.kind !== 'unique' && constraint.kind !== 'primary-key') continue;
    const refusal = uniqueAcross(operation.relation.name, operation.partitionBy, constraint.columns, constraint.span);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** A unique key of a partitioned table must hold every column of the partition key, which must be columns. */
function uniqueAcross(
  name: string,
  key: PartitionKey | undefined,
  columns: readonly (string | undefined)[],
  span: Span,
): Refusal | undefined {
  const outside = outsideUniqueKey(key, columns);
  if (outside === undefined) return undefined;
  return {
    span,
    message:
      outside.column === undefined
        ? `${name} is partitioned by an expression, and then PostgreSQL has no unique key over all of its partitions: give each partition one of its own.`
        : `${name} is partitioned by "${outside.column}", which a unique key of it must include.`,
  };
}

/** ALTER ATTRIBUTE ... TYPE of a composite type that a column holds. */
function usedAttribute(operation: AlterType, schema: Schema): Refusal | undefined {
  const type = findType(schema, operation.name);
  if (type?.kind !== 'composite') return undefined;
  for (const relation of schema.relations.values()) {
    const column =
      relation.kind === 'table' || relation.kind === 'partitioned-table'
        ? relation.columns.find(
            (candidate) => candidate.type?.name === type.name && findType(schema, candidate.type) === type,
          )
        : undefined;
    if (column !== undefined)
      return {
        span: operation.span,
        message: `"${column.name}" of ${relation.name} holds values of ${type.name}, and PostgreSQL changes the type of no attribute while a column does.`,
      };
  }
  return undefined;
}

/** CREATE OR REPLACE VIEW may only add columns at the end. */
function replacedView(operation: CreateView, schema: Schema): Refusal | undefined {
  const old = findRelation(schema, operation.relation);
  if (old?.kind !== 'view' || !old.columnsKnown || old.columns.length === 0) return undefined;
  const names = operation.columns ?? operation.query.output;
  if (names.length === 0 || names.some((name) => name === undefined || name === '*')) return undefined;
  const broken = old.columns.find((column, index) => names[index] !== column.name);
  if (broken === undefined) return undefined;
  return {
    span: operation.span,
    message: `CREATE OR REPLACE VIEW cannot take "${broken.name}" of ${old.name} away, or move or rename it: new columns go to the end. Drop the view and create it again in one transaction.`,
  };
}
