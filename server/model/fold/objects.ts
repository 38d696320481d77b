import { without } from '../../core/without.ts';
import { type ExpressionTree, walkExpression } from '../expression.ts';
import { displayName, objectKey } from '../names.ts';
import { findFunction, findSequence, resolveTypeName, sameName } from '../lookup.ts';
import type {
  AlterSequence,
  CreateFunction,
  CreatePolicy,
  CreateRule,
  CreateSchema,
  CreateSequence,
  CreateStatistics,
  CreateTrigger,
  Operation,
  OtherDefinition,
} from '../operation.ts';
import type { Relation, Sequence, Trigger } from '../schema.ts';
import { sameType, type TypeName } from '../type-name.ts';
import { addTriggers } from './create-table.ts';
import { calledFunctions, callsIn, callsOf, withCalls } from './called-functions.ts';
import type { Draft } from './draft.ts';
import { removeTrigger } from './drop-relations.ts';
import { relationForChange } from './relations.ts';
import { trackBody, trackPolicy } from './tracked-users.ts';

export function createSequence(draft: Draft, operation: CreateSequence): void {
  const schema = draft.schemaFor(operation.relation.schema, operation.temporary);
  if (schema === undefined) return;
  if (draft.isTaken(schema, operation.relation.name)) {
    if (!operation.ifNotExists) draft.refuseTaken(schema, operation.relation.name);
    return;
  }
  const owner = operation.ownedBy === undefined ? undefined : ownerOf(draft, operation.ownedBy);
  if (draft.isRefused) return;
  draft.putSequence({
    schema,
    name: operation.relation.name,
    ...(owner === undefined ? {} : { ownedBy: owner }),
    identity: false,
    persistence: operation.temporary ? 'temporary' : operation.unlogged === true ? 'unlogged' : 'permanent',
    dataType: operation.dataType?.name ?? 'int8',
    origin: draft.origin,
  });
}

function ownerOf(draft: Draft, owner: Exclude<CreateSequence['ownedBy'], undefined>): Sequence['ownedBy'] {
  const relation = relationForChange(draft, owner.relation, false);
  if (relation === undefined) return undefined;
  if (relation.columnsKnown && !relation.columns.some((column) => column.name === owner.column))
    draft.refuse(`${relation.name} has no column "${owner.column}".`);
  return { relationKey: objectKey(relation.schema, relation.name), column: owner.column };
}

export function alterSequence(draft: Draft, operation: AlterSequence): void {
  const sequence = findSequence(draft, operation.relation);
  if (sequence === undefined)
    return draft.isComplete && !operation.ifExists
      ? draft.refuse(`There is no sequence "${operation.relation.name}".`)
      : undefined;
  const { ownedBy: before, ...rest } = sequence;
  if (sequence.identity && operation.ownedBy !== undefined)
    return draft.refuse(`${sequence.name} belongs to an identity column, and to no other.`);
  const owner =
    operation.ownedBy === undefined
      ? before
      : operation.ownedBy === 'none'
        ? undefined
        : ownerOf(draft, operation.ownedBy);
  if (draft.isRefused) return;
  draft.putSequence({
    ...rest,
    ...(owner === undefined ? {} : { ownedBy: owner }),
    dataType: operation.dataType?.name ?? sequence.dataType,
  });
}

export function createFunction(draft: Draft, operation: CreateFunction): void {
  const schema = draft.schemaFor(operation.name.schema, false);
  if (schema === undefined) return;
  const { name } = operation.name;
  const existing = draft.functions.get(objectKey(schema, name));
  const argumentTypes = operation.argumentTypes.map((type) => resolveTypeName(draft, type));
  const isSame = (types: readonly TypeName[]): boolean =>
    types.length === argumentTypes.length &&
    types.every((type, place) => {
      const other = argumentTypes[place];
      // Modifiers are no part of a signature.
      return other !== undefined && sameType({ ...type, modifiers: [] }, { ...other, modifiers: [] });
    });
  const old = existing?.overloads.find((overload) => isSame(overload.argumentTypes));
  if (old !== undefined && (!operation.orReplace || old.procedure !== operation.procedure))
    return draft.refuse(
      `There is a ${old.procedure ? 'procedure' : 'function'} "${name}" with these argument types already${operation.orReplace ? ', and the one does not take the place of the other' : ''}.`,
    );
  const overload = {
    argumentTypes,
    ...(operation.argumentNames === undefined ? {} : { argumentNames: operation.argumentNames }),
    ...(operation.defaults === undefined ? {} : { defaults: operation.defaults }),
    ...(operation.variadic === undefined ? {} : { variadic: operation.variadic }),
    ...(operation.returnsSet === undefined ? {} : { returnsSet: operation.returnsSet }),
    ...(operation.hasOutputs === undefined ? {} : { hasOutputs: operation.hasOutputs }),
    ...(operation.outputs === undefined
      ? {}
      : { outputs: operation.outputs.map((each) => ({ ...each, type: resolveTypeName(draft, each.type) })) }),
    volatility: operation.volatility,
    procedure: operation.procedure,
    language: operation.language,
    ...(operation.returns === undefined ? {} : { returns: resolveTypeName(draft, operation.returns) }),
    returnsTrigger: operation.returnsTrigger,
    origin: draft.origin,
    ...(/^(?:sql|plpgsql)$/i.test(operation.language) ? { body: operation.body } : {}),
    ...(operation.sql === undefined ? {} : { definition: [operation.sql] }),
    ...(operation.sql === undefined || operation.isFollowed === true ? {} : { sql: operation.sql }),
    ...(operation.isFollowed === true ? { calls: calledFunctions(draft, callsOf(operation.body)) } : {}),
    // Who may call it stays as it was.
    ...(old?.rights === undefined ? {} : { rights: old.rights }),
  };
  draft.putFunction({
    schema,
    name,
    overloads: [...(existing?.overloads ?? []).filter((other) => other !== old), overload],
  });
  // The database follows what a body names that it keeps as a tree.
  if ((operation.sql === undefined || operation.isFollowed === true) && operation.body.length > 0)
    trackBody(draft, name, objectKey(schema, name), operation.body, existing === undefined);
}

/** ALTER FUNCTION and the like: the statement that made the function no longer says what it is. */
export function alterRoutine(draft: Draft, { objectKind, object }: OtherDefinition): void {
  if (object === undefined || !/^(?:function|procedure|routine)$/.test(objectKind)) return;
  const made = findFunction(draft, object);
  if (made === undefined) return;
  draft.putFunction({ ...made, overloads: made.overloads.map(({ definition: _, ...overload }) => overload) });
}

export function createTrigger(draft: Draft, operation: CreateTrigger): void {
  const relation = relationForChange(draft, operation.relation, false);
  if (relation === undefined) return;
  const key = objectKey(relation.schema, relation.name);
  const existing = relation.triggers.find((trigger) => sameName(draft.product, trigger.name, operation.name));
  if (existing !== undefined && operation.ifNotExists === true) return;
  if (existing !== undefined && !(operation.orReplace && draft.product.capabilities.replacesTriggers))
    return draft.refuse(`${relation.name} has a trigger "${existing.name}" already.`);
  const isUnknownColumn =
    relation.columnsKnown &&
    operation.updateColumns.some(
      (name) => !relation.columns.some((column) => sameName(draft.product, column.name, name)),
    );
  if (isUnknownColumn && draft.product.catalog.checksDefinitions)
    return draft.refuse(`The trigger names a column that ${relation.name} does not have.`);
  if (existing !== undefined) removeTrigger(draft, key, operation.name);
  const called = operation.function === undefined ? undefined : findFunction(draft, operation.function);
  const touches = operation.body === undefined ? undefined : relationsOf(operation.body);
  const trigger: Trigger = {
    name: operation.name,
    timing: operation.timing,
    events: operation.events,
    updateColumns: operation.updateColumns,
    forEachRow: operation.forEachRow,
    ...(operation.function === undefined
      ? {}
      : { function: called === undefined ? displayName(operation.function) : `${called.schema}.${called.name}` }),
    enabled: true,
    constraint: operation.constraint,
    ...(operation.initiallyDeferred === true ? { initiallyDeferred: true as const } : {}),
    ...(operation.when === undefined
      ? {}
      : { conditional: true as const, whenColumns: [...new Set(ownColumns(relation, operation.when.tree))] }),
    ...(touches === undefined ? {} : { touches }),
    ...(operation.sql === undefined ? {} : { sql: operation.sql, definition: [operation.sql] }),
    origin: draft.origin,
  };
  const tested = calledFunctions(draft, callsIn(operation.when?.tree));
  draft.changeRelation(key, (current) => withCalls(current, { kind: 'trigger', name: operation.name }, tested));
  if (trigger.forEachRow) addTriggers(draft, key, [trigger]);
  else
    draft.putRelation({
      ...(draft.relations.get(key) ?? relation),
      triggers: [...(draft.relations.get(key)?.triggers ?? []), trigger],
    });
}

/** Names of the tables that statements read or write. */
function relationsOf(operations: readonly Operation[]): readonly string[] {
  const names = new Set<string>();
  for (const operation of operations) {
    if ('relation' in operation && typeof operation.relation === 'object') names.add(operation.relation.name);
    if ('query' in operation && operation.query !== undefined)
      for (const read of operation.query.reads) names.add(read.relation.name);
  }
  return [...names];
}

/** Columns of the table that an expression of one of its parts names, outside of subqueries. */
function ownColumns(relation: Relation, tree: ExpressionTree): readonly string[] {
  return [...walkExpression(tree)].flatMap((node) => {
    const [first, second] = node.kind === 'column' ? node.path : [];
    if (first === undefined) return [];
    if (second === undefined) return [first];
    return first === relation.name || first === 'old' || first === 'new' ? [second] : [];
  });
}

export function createPolicy(draft: Draft, operation: CreatePolicy): void {
  const relation = relationForChange(draft, operation.relation, false);
  if (relation === undefined) return;
  const isThere = relation.policies.includes(operation.name);
  if (operation.kind === 'alter-policy') {
    if (!isThere && relation.detailsKnown) draft.refuse(`${relation.name} has no policy "${operation.name}".`);
    // It changes a part of the policy, and what the other part names is not kept apart.
    else if (isThere)
      draft.putRelation({
        ...relation,
        ...(relation.policyColumns === undefined
          ? {}
          : { policyColumns: without(relation.policyColumns, operation.name) }),
        ...alteredPolicy(relation, operation),
        ...policyCalls(draft, relation, operation),
      });
    return;
  }
  if (isThere) return draft.refuse(`${relation.name} has a policy "${operation.name}" already.`);
  const columns = [operation.using, operation.check].flatMap((expression) =>
    expression === undefined ? [] : ownColumns(relation, expression.tree),
  );
  draft.putRelation({
    ...relation,
    policies: [...relation.policies, operation.name],
    policyColumns: { ...relation.policyColumns, [operation.name]: [...new Set(columns)] },
    ...(operation.sql === undefined
      ? {}
      : { policyDefinitions: { ...relation.policyDefinitions, [operation.name]: [operation.sql] } }),
    ...policyCalls(draft, relation, operation),
  });
  trackPolicy(draft, relation, operation);
}

/** What the clauses that are given call; CREATE POLICY gives both. */
function policyCalls(
  draft: Draft,
  relation: Relation,
  { kind, name, using, check }: CreatePolicy,
): Pick<Relation, 'calls'> {
  let noted = relation;
  for (const [clause, expression] of [
    ['using', using],
    ['check', check],
  ] as const)
    if (kind === 'create-policy' || expression !== undefined)
      noted = withCalls(noted, { kind: 'policy', name, clause }, calledFunctions(draft, callsIn(expression?.tree)));
  return noted.calls === undefined ? {} : { calls: noted.calls };
}

/** The policy's definition, where it is known, with what an ALTER POLICY says on top of it. */
function alteredPolicy(
  { policyDefinitions }: Relation,
  { name, sql }: CreatePolicy,
): Pick<Relation, 'policyDefinitions'> {
  const before = policyDefinitions?.[name];
  if (policyDefinitions === undefined || before === undefined) return {};
  return {
    policyDefinitions:
      sql === undefined ? without(policyDefinitions, name) : { ...policyDefinitions, [name]: [...before, sql] },
  };
}

export function createRule(draft: Draft, operation: CreateRule): void {
  const relation = relationForChange(draft, operation.relation, false);
  if (relation === undefined) return;
  const isThere = relation.rules.includes(operation.name);
  if (isThere && !operation.orReplace) return draft.refuse(`${relation.name} has a rule "${operation.name}" already.`);
  const ruleActions = [
    ...(relation.ruleActions ?? []).filter((action) => action.name !== operation.name),
    {
      name: operation.name,
      event: operation.event,
      instead: operation.instead,
      ...(operation.condition === undefined ? {} : { condition: operation.condition }),
      body: operation.body,
      ...(operation.sql === undefined ? {} : { definition: [operation.sql] }),
    },
  ];
  const called = calledFunctions(draft, [...callsOf(operation.condition ?? []), ...callsOf(operation.body)]);
  draft.putRelation({
    ...withCalls(relation, { kind: 'rule', name: operation.name }, called),
    rules: isThere ? relation.rules : [...relation.rules, operation.name],
    ruleActions,
  });
}

export function createSchema(draft: Draft, operation: CreateSchema): void {
  if (draft.schemas.has(operation.name)) {
    if (!operation.ifNotExists) draft.refuse(`There is a schema "${operation.name}" already.`);
    return;
  }
  draft.schemas = draft.schemas.set(operation.name, { name: operation.name, origin: draft.origin });
}

/** CREATE STATISTICS; PostgreSQL chooses a name where none is written. */
export function createStatistics(draft: Draft, operation: CreateStatistics): void {
  const relation = relationForChange(draft, operation.relation, false);
  if (relation === undefined) return;
  const names = relation.statistics ?? [];
  const base = `${relation.name}_${operation.parts.join('_')}_stat`;
  let name = operation.name?.name ?? base;
  for (let count = 1; operation.name === undefined && names.includes(name); count++) name = `${base}${count}`;
  if (!names.includes(name)) draft.putRelation({ ...relation, statistics: [...names, name] });
}
