import {
  findFunction,
  findIndex,
  foreignKeysTo,
  findRelation,
  findSequence,
  indexesOf,
  isGoneFunction,
  resolveTypeName,
} from '../../../model/lookup.ts';
import { isSystemColumn, objectKey } from '../../../model/names.ts';
import {
  isTableAction,
  type Mention,
  type NamedObject,
  type ObjectKind,
  type Operation,
} from '../../../model/operation.ts';
import type { Index, Relation, Schema } from '../../../model/schema.ts';
import { sameType, type TypeName } from '../../../model/type-name.ts';
import type { Refusal } from '../../engine.ts';
import { broughtBy } from '../types/brought.ts';
import { functionForms } from '../types/forms.ts';
import { analysis, NOTHING, seenRelation } from '../types/query-columns.ts';

/** Columns, constraints, triggers, indexes and the like that a statement names and its table does not have, or not in such a form. */
export function refusedParts(
  operation: Operation,
  schema: Schema,
  version: number,
  siblings: readonly Operation[],
): Refusal | undefined {
  const at = (message: string): Refusal => ({ span: operation.span, message });
  for (const mention of operation.mentions ?? []) {
    const why = missingPart(mention, schema) ?? wrongCondition(mention, schema, version);
    if (why !== undefined) return at(why);
  }
  for (const named of operation.namedObjects ?? []) {
    const why = missingObject(named, schema);
    if (why !== undefined) return at(why);
  }
  const why = ofOperation(operation, schema, version, siblings);
  return why === undefined ? undefined : at(why);
}

/** Kinds without a map of which there is one of a name. */
const OF_ONE_NAME: ReadonlySet<string> = new Set([
  'publication',
  'collation',
  'text-search',
  'server',
  'foreign-data-wrapper',
  'event-trigger',
  'subscription',
]);

function missingObject(
  { kind, types, ...name }: Omit<NamedObject, 'kind'> & { readonly kind: NamedObject['kind'] | 'publication' },
  schema: Schema,
): string | undefined {
  if (kind !== 'routine') {
    // A history that makes servers makes this one too; one that makes none leaves them to whoever keeps their passwords.
    const makes = [...(schema.others ?? [])].some((other) => other.startsWith(`${kind} `));
    // An extension brings its own.
    if (kind === 'foreign-data-wrapper' && (schema.extensions ?? []).length > 0) return undefined;
    return makes && schema.others?.has(`${kind} ${name.name}`) !== true
      ? `No migration makes the ${kind.replaceAll('-', ' ')} "${name.name}".`
      : undefined;
  }
  const found = findFunction(schema, name);
  if (found === undefined)
    return isGoneFunction(schema, name)
      ? `There is no ${name.name}() any more: it was dropped, or has another name or schema.`
      : undefined;
  // Of one from a catalog it is not known how its types are written.
  if (found.overloads.some((overload) => overload.argumentNames === undefined)) return undefined;
  if (functionForms().all(name.name).length > 0) return undefined;
  if (types === undefined)
    return found.overloads.length > 1 ? `There is more than one ${name.name}(): write its argument types.` : undefined;
  const plain = (type: TypeName): TypeName => ({ ...resolveTypeName(schema, type), modifiers: [] });
  const isThere = found.overloads.some(
    (overload) =>
      // OUT arguments of a procedure are written on some majors.
      (overload.procedure && overload.hasOutputs === true) ||
      (overload.argumentTypes.length === types.length &&
        overload.argumentTypes.every((type, place) => {
          const other = types[place];
          return other !== undefined && sameType(plain(type), plain(other));
        })),
  );
  return isThere ? undefined : `There is no ${name.name}() with these argument types.`;
}

function missingPart({ relation: name, kind, names }: Mention, schema: Schema): string | undefined {
  const relation = findRelation(schema, name);
  if (relation === undefined) return undefined;
  for (const part of names) {
    const why = lacks(relation, kind, part, schema);
    if (why !== undefined) return why;
  }
  return undefined;
}

function lacks(relation: Relation, kind: Mention['kind'], name: string, schema: Schema): string | undefined {
  const says = `${relation.name} has no ${kind} "${name}".`;
  switch (kind) {
    case 'column':
      return relation.columnsKnown && !isSystemColumn(name) && !relation.columns.some((column) => column.name === name)
        ? says
        : undefined;
    case 'constraint':
      // The constraints behind NOT NULL have names of their own since PostgreSQL 18.
      return relation.detailsKnown &&
        relation.columnsKnown &&
        !name.endsWith('_not_null') &&
        !relation.constraints.some((constraint) => constraint.name === name)
        ? says
        : undefined;
    case 'trigger':
      return relation.detailsKnown && !relation.triggers.some((trigger) => trigger.name === name) ? says : undefined;
    case 'policy':
      return relation.detailsKnown && !relation.policies.includes(name) ? says : undefined;
    case 'rule':
      return relation.detailsKnown && name !== '_RETURN' && !relation.rules.includes(name) ? says : undefined;
    default:
      return relation.detailsKnown ? lacksIndex(relation, name, schema, says) : undefined;
  }
}

/** CLUSTER is all that names an index of a table so. */
function lacksIndex(relation: Relation, name: string, schema: Schema, says: string): string | undefined {
  const index = ownIndex(relation, name, schema);
  if (index === undefined) return says;
  return index.where === undefined ? undefined : `"${name}" has a WHERE, and no table is clustered by such an index.`;
}

function ownIndex(relation: Relation, name: string, schema: Schema): Index | undefined {
  return indexesOf(schema, objectKey(relation.schema, relation.name)).find((index) => index.name === name);
}

function wrongCondition(mention: Mention, schema: Schema, version: number): string | undefined {
  const relation = findRelation(schema, mention.relation);
  if (mention.condition === undefined || relation === undefined) return undefined;
  const context = analysis(schema, version);
  const seen = { ...NOTHING, items: [seenRelation(schema, relation, relation.name)] };
  context.condition(mention.condition, seen, 'no-aggregates', 'WHERE');
  return context.problem;
}

function ofOperation(
  operation: Operation,
  schema: Schema,
  version: number,
  siblings: readonly Operation[],
): string | undefined {
  switch (operation.kind) {
    case 'grant':
    case 'revoke': {
      if (operation.objectKind === 'sequence') {
        const other = operation.objects.find(
          (object) => findSequence(schema, object) === undefined && findRelation(schema, object) !== undefined,
        );
        if (other !== undefined) return `"${other.name}" is no sequence.`;
      }
      if (operation.objectKind !== 'table') return undefined;
      const columns = (operation.privileges ?? []).flatMap((privilege) => privilege.columns);
      return operation.objects
        .map((object) => missingPart({ relation: object, kind: 'column', names: columns }, schema))
        .find((why) => why !== undefined);
    }
    case 'comment': {
      const relation = findRelation(schema, operation.object);
      const { objectKind } = operation;
      if (relation === undefined || !relation.detailsKnown) return undefined;
      if (operation.part !== undefined)
        return isPart(objectKind) ? lacks(relation, objectKind, operation.part, schema) : undefined;
      const isTable = relation.kind === 'table' || relation.kind === 'partitioned-table';
      return (objectKind === 'table' && !isTable && relation.kind !== 'foreign-table') ||
        ((objectKind === 'view' || objectKind === 'materialized-view') && relation.kind !== objectKind)
        ? `"${relation.name}" is a ${relation.kind.replaceAll('-', ' ')}.`
        : undefined;
    }
    case 'create-statistics': {
      const missing = missingPart({ relation: operation.relation, kind: 'column', names: operation.columns }, schema);
      if (missing !== undefined) return missing;
      const taken = operation.ifNotExists
        ? undefined
        : [...schema.relations.values()].find(
            (relation) => relation.statistics?.includes(operation.name?.name ?? '') === true,
          );
      return taken === undefined
        ? undefined
        : `There are statistics "${operation.name?.name ?? ''}" already, on ${taken.name}.`;
    }
    case 'copy-rows': {
      const relation = operation.relation === undefined ? undefined : findRelation(schema, operation.relation);
      const isView = relation?.kind === 'view' || relation?.kind === 'materialized-view';
      if (!isView || operation.direction !== 'from') return undefined;
      return relation.kind === 'view' && relation.triggers.some((trigger) => trigger.timing === 'instead-of')
        ? undefined
        : `"${relation.name}" is a ${relation.kind.replaceAll('-', ' ')}, into which COPY puts no rows.`;
    }
    case 'reindex': {
      const { object, target } = operation;
      if (object !== undefined && target === 'index') {
        const table = findIndex(schema, object) === undefined ? findRelation(schema, object) : undefined;
        return table?.detailsKnown === true
          ? `"${table.name}" is a ${table.kind.replaceAll('-', ' ')}, and no index.`
          : undefined;
      }
      if (object === undefined || target !== 'table') return undefined;
      return findRelation(schema, object) === undefined && findIndex(schema, object) !== undefined
        ? `"${object.name}" is an index: REINDEX INDEX builds it again.`
        : undefined;
    }
    case 'alter-sequence': {
      const relation =
        findSequence(schema, operation.relation) === undefined ? findRelation(schema, operation.relation) : undefined;
      if (relation?.detailsKnown === true) return `"${relation.name}" is no sequence.`;
      const type = operation.dataType?.name ?? findSequence(schema, operation.relation)?.dataType ?? 'int8';
      const limit = type === 'int2' ? 32_767 : type === 'int4' ? 2_147_483_647 : Number.POSITIVE_INFINITY;
      return (operation.restartWith ?? 0) > limit
        ? `${operation.restartWith ?? 0} is more than the sequence counts to: it is of ${type}.`
        : undefined;
    }
    case 'drop-object':
      return operation.objectKind === 'publication' && !operation.ifExists
        ? operation.objects
            .map((object) => missingObject({ kind: 'publication', ...object }, schema))
            .find((why) => why !== undefined)
        : undefined;
    case 'alter-policy': {
      const made = findRelation(schema, operation.relation)?.policyDefinitions?.[operation.name]?.[0] ?? '';
      const command = /\bfor\s+(select|delete|insert)\b/i.exec(made)?.[1]?.toLowerCase();
      if (operation.check !== undefined && (command === 'select' || command === 'delete'))
        return `The policy ${operation.name} is FOR ${command.toUpperCase()}, which has a USING only.`;
      return operation.using !== undefined && command === 'insert'
        ? `The policy ${operation.name} is FOR INSERT, which has a WITH CHECK only.`
        : undefined;
    }
    case 'rename-object':
      return renamedObject(operation, schema);
    case 'drop-function': {
      const [only, ...others] = operation.objects;
      if (only === undefined || others.length > 0) return undefined;
      const isBuiltIn =
        only.schema === undefined &&
        findFunction(schema, only) === undefined &&
        functionForms().of(only.name, version).length > 0;
      return isBuiltIn &&
        operation.signatures?.[0] !== undefined &&
        !operation.ifExists &&
        !broughtBy(schema).hasFormsOf(only.name)
        ? `${only.name}() is one of the system's own functions, which stay.`
        : undefined;
    }
    case 'create-object': {
      const { objectKind, object } = operation;
      if (object === undefined || operation.ifNotExists === true) return undefined;
      const isOne = OF_ONE_NAME.has(objectKind);
      if (objectKind === 'extension' && schema.extensions?.includes(object.name) === true)
        return `There is an extension "${object.name}" already.`;
      const called = objectKind === 'event-trigger' ? operation.uses?.[0] : undefined;
      const trigger = called === undefined ? undefined : findFunction(schema, called);
      if (trigger?.overloads.every(({ returns }) => returns !== undefined && returns.name !== 'event_trigger') === true)
        return `${trigger.name} does not give an event_trigger, so that PostgreSQL takes it for none.`;
      if (isOne && schema.others?.has(`${objectKind} ${object.name}`) === true)
        return `There is a ${objectKind} "${object.name}" already.`;
      return objectKind === 'publication' ? unpublished(operation.relations, schema) : undefined;
    }
    case 'alter-object': {
      if (operation.objectKind !== 'publication' || operation.object === undefined) return undefined;
      const unmade = missingObject({ kind: 'publication', ...operation.object }, schema);
      if (unmade !== undefined) return unmade;
      const tables = schema.publications?.[operation.object.name];
      for (const name of operation.relations) {
        const relation = findRelation(schema, name);
        if (relation === undefined || tables === undefined) continue;
        const isIn = tables.includes(objectKey(relation.schema, relation.name));
        if (operation.publication === 'add' && isIn) return `${relation.name} is in ${operation.object.name} already.`;
        if (operation.publication === 'drop' && !isIn) return `${relation.name} is not in ${operation.object.name}.`;
      }
      return operation.publication === 'drop' ? undefined : unpublished(operation.relations, schema);
    }
    default:
      return isTableAction(operation) ? ofTable(operation, schema, siblings) : undefined;
  }
}

function isPart(kind: ObjectKind): kind is Extract<ObjectKind, Mention['kind']> {
  return kind === 'column' || kind === 'constraint' || kind === 'trigger' || kind === 'policy' || kind === 'rule';
}

function unpublished(
  relations: readonly { readonly schema?: string; readonly name: string }[],
  schema: Schema,
): string | undefined {
  for (const name of relations) {
    const relation = findRelation(schema, name);
    if (relation === undefined) continue;
    if (relation.kind === 'view' || relation.kind === 'materialized-view' || relation.kind === 'foreign-table')
      return `"${relation.name}" is a ${relation.kind.replaceAll('-', ' ')}, which no publication sends.`;
    if (relation.persistence !== 'permanent')
      return `"${relation.name}" is ${relation.persistence}, and no publication sends it.`;
  }
  return undefined;
}

function renamedObject(
  operation: Extract<Operation, { readonly kind: 'rename-object' }>,
  schema: Schema,
): string | undefined {
  const { relation: name, newName, objectKind, object } = operation;
  const relation = name === undefined ? undefined : findRelation(schema, name);
  if (relation !== undefined) {
    const taken =
      objectKind === 'trigger'
        ? relation.triggers.some((trigger) => trigger.name === newName)
        : objectKind === 'policy'
          ? relation.policies.includes(newName)
          : objectKind === 'rule' && relation.rules.includes(newName);
    return taken ? `${relation.name} has a ${objectKind} "${newName}" already.` : undefined;
  }
  if (objectKind !== 'function' && objectKind !== 'procedure' && objectKind !== 'routine') return undefined;
  const old = findFunction(schema, object);
  const other = findFunction(schema, {
    ...(object.schema === undefined ? {} : { schema: object.schema }),
    name: newName,
  });
  const [mine] = old?.overloads ?? [];
  if (old === undefined || mine === undefined || old.overloads.length > 1) return undefined;
  const isTaken = other?.overloads.some(
    (overload) =>
      overload.argumentTypes.length === mine.argumentTypes.length &&
      overload.argumentTypes.every((type, place) => type.display === mine.argumentTypes[place]?.display),
  );
  return isTaken === true ? `There is a function ${newName}() with the same arguments already.` : undefined;
}

/** Types whose values are never stored apart, by `pg_type.typstorage`. */
const PLAIN = new Set([
  'int2',
  'int4',
  'int8',
  'bool',
  'date',
  'timestamp',
  'timestamptz',
  'time',
  'timetz',
  'interval',
  'float4',
  'float8',
  'uuid',
  'oid',
  'macaddr',
]);

function ofTable(
  { action, relation: name }: Extract<Operation, { readonly head: string }>,
  schema: Schema,
  siblings: readonly Operation[],
): string | undefined {
  const relation = findRelation(schema, name);
  if (relation === undefined || siblings.length > 1) return undefined;
  switch (action.kind) {
    case 'set-statistics':
    case 'set-storage':
    case 'set-compression': {
      const missing = action.column === '' ? undefined : lacks(relation, 'column', action.column, schema);
      if (missing !== undefined) return missing;
      const type = relation.columns.find((column) => column.name === action.column)?.type;
      const isPlain =
        type !== undefined && type.schema === undefined && type.arrayDimensions === 0 && PLAIN.has(type.name);
      if (action.kind === 'set-compression' && isPlain && action.method !== 'default')
        return `"${action.column}" is ${type.display}, whose values are never compressed.`;
      return action.kind === 'set-storage' && isPlain && !['plain', 'default'].includes(action.storage.toLowerCase())
        ? `"${action.column}" is ${type.display}, whose only storage is PLAIN.`
        : undefined;
    }
    case 'cluster-on': {
      const { index: wanted = '' } = action;
      if (!relation.detailsKnown) return undefined;
      const index = ownIndex(relation, wanted, schema);
      if (index === undefined) return `${relation.name} has no index "${wanted}".`;
      if (index.where !== undefined) return `"${wanted}" has a WHERE, and no table is clustered by such an index.`;
      return index.method === 'btree' || index.method === 'gist'
        ? undefined
        : `No table is clustered by an index of the method ${index.method}.`;
    }
    case 'replica-identity':
      return action.mode === 'index' ? wrongIdentity(relation, action.index ?? '', schema) : undefined;
    case 'set-unlogged': {
      const key = objectKey(relation.schema, relation.name);
      const publication = Object.entries(schema.publications ?? {}).find(([, tables]) => tables.includes(key));
      if (publication !== undefined)
        return `${relation.name} is in the publication ${publication[0]}, which sends no unlogged table.`;
      const holder = foreignKeysTo(schema, key).find(
        ({ relation: other }) => other !== relation && other.persistence === 'permanent',
      );
      return holder === undefined
        ? undefined
        : `${holder.relation.name} is logged and references ${relation.name}, which then cannot be unlogged.`;
    }
    case 'set-access-method':
      return undefined;
    case 'set-storage-parameters':
      return relation.kind === 'partitioned-table'
        ? `${relation.name} is partitioned, and holds no rows to set this for: set it for each partition.`
        : undefined;
    case 'add-constraint':
      return action.constraint.kind === 'check' &&
        action.constraint.noInherit === true &&
        relation.kind === 'partitioned-table'
        ? `${relation.name} is partitioned, and has no constraint with NO INHERIT.`
        : undefined;
    default:
      return undefined;
  }
}

function wrongIdentity(relation: Relation, name: string, schema: Schema): string | undefined {
  if (!relation.detailsKnown || !relation.columnsKnown) return undefined;
  const index = ownIndex(relation, name, schema);
  if (index === undefined) return `${relation.name} has no index "${name}".`;
  if (!index.unique) return `"${name}" is not unique, and does not tell rows apart.`;
  if (index.where !== undefined) return `"${name}" has a WHERE, and does not tell all rows apart.`;
  if (index.elements.some((element) => element.column === undefined))
    return `"${name}" is over an expression, and does not tell rows apart for a subscriber.`;
  const open = index.elements
    .map((element) => relation.columns.find((column) => column.name === element.column))
    .find((column) => column !== undefined && !column.notNull);
  return open === undefined
    ? undefined
    : `"${open.name}" of ${relation.name} may be null, and "${name}" then tells rows not apart: make it NOT NULL first.`;
}
