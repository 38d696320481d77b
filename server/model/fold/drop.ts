import { type ExpressionTree, referencedColumns, walkExpression } from '../expression.ts';
import { functionLinkKey, incoming, sequenceOfDefault, typeLinkKey } from '../links.ts';
import { findFunction, findIndex, findRelation, findSequence, findType, sameName, searchSchemas } from '../lookup.ts';
import { objectKey, type ObjectName } from '../names.ts';
import type { DropObjects } from '../operation.ts';
import type { Column, Constraint, FunctionObject, Index, Relation, Trigger } from '../schema.ts';
import type { Draft, DropColumnOptions } from './draft.ts';
import { matchesSignature } from './function-signature.ts';
import { dropPublications, movePublished } from './publications.ts';

/** PostgreSQL major from which a generated column keeps the columns that it is made of from being dropped. */
const GENERATED_NEEDS_CASCADE_VERSION = 15;

/** DROP of any kind of object, with what goes with it. */
export function dropObjects(draft: Draft, operation: DropObjects): void {
  switch (operation.kind) {
    case 'drop-table':
    case 'drop-view':
    case 'drop-materialized-view':
      return dropRelations(
        draft,
        found(draft, operation, (name) => keyOfKind(draft, name, operation.kind)),
        operation.cascade,
      );
    case 'drop-index':
      return dropIndexes(
        draft,
        found(draft, operation, (name) => keyed(findIndex(draft, name))),
        operation.cascade,
      );
    case 'drop-sequence':
      return dropSequences(
        draft,
        found(draft, operation, (name) => keyed(findSequence(draft, name))),
        operation.cascade,
      );
    case 'drop-type':
      return dropTypes(
        draft,
        found(draft, operation, (name) => keyed(findType(draft, name))),
        operation.cascade,
      );
    case 'drop-function':
      return dropFunctions(draft, operation);
    case 'drop-trigger':
    case 'drop-policy':
    case 'drop-rule':
      return dropPart(draft, operation);
    case 'drop-schema':
      return dropSchemas(draft, operation);
    case 'drop-object':
      // Whatever a role owned is gone, and who owned what is not known.
      if (operation.objectKind === 'owned') draft.isComplete = false;
      if (operation.objectKind === 'publication') dropPublications(draft, operation);
      return;
    case 'drop-statistics':
      return dropStatistics(draft, operation);
  }
}

function keyed(object: { readonly schema: string; readonly name: string } | undefined): string | undefined {
  return object === undefined ? undefined : objectKey(object.schema, object.name);
}

/** Keys of the named objects; a missing one refuses the statement unless it may be missing or unknown. */
function found(
  draft: Draft,
  operation: DropObjects,
  keyOf: (name: ObjectName) => string | undefined,
): readonly string[] {
  return operation.objects.flatMap((name) => {
    const key = keyOf(name);
    if (key !== undefined) return [key];
    const unknownKey = objectKey(
      searchSchemas(draft, name.schema).at(name.schema === undefined ? 1 : 0) ?? 'public',
      name.name,
    );
    if (!operation.ifExists && (draft.isComplete || draft.dropped.has(unknownKey)))
      draft.refuse(
        `There is no ${operation.objectKind.replaceAll('-', ' ')} "${name.name}"${draft.dropped.has(unknownKey) ? ' any more: it was dropped' : ''}.`,
      );
    // What nobody saw being made is gone all the same.
    else if (!draft.isComplete && !operation.ifExists) draft.dropped = draft.dropped.set(unknownKey, draft.origin);
    return [];
  });
}

function keyOfKind(draft: Draft, name: ObjectName, kind: DropObjects['kind']): string | undefined {
  const relation = findRelation(draft, name);
  if (relation === undefined) return undefined;
  const isWrong =
    relation.detailsKnown &&
    (kind === 'drop-table'
      ? relation.kind === 'view' || relation.kind === 'materialized-view'
      : kind === 'drop-view'
        ? relation.kind !== 'view'
        : relation.kind !== 'materialized-view');
  if (isWrong) draft.refuse(`"${relation.name}" is a ${relation.kind.replaceAll('-', ' ')}: drop it as one.`);
  return objectKey(relation.schema, relation.name);
}

/** Drops tables and views with partitions, indexes, owned sequences, and with CASCADE whatever depends on them. */
export function dropRelations(draft: Draft, roots: readonly string[], cascade: boolean): void {
  if (!draft.product.catalog.tracksDependants) {
    for (const root of roots) removeWhole(draft, root);
    return;
  }
  const doomed = new Set<string>();
  const blockers = new Set<string>();
  const queue = [...roots];
  for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
    if (doomed.has(key)) continue;
    doomed.add(key);
    for (const child of draft.childrenOf(key))
      (child.relation.partitionOf?.parentKey === key || cascade
        ? queue
        : { push: (other: string) => blockers.add(other) }
      ).push(child.key);
    for (const dependant of draft.dependantsOf(key)) {
      if (cascade) queue.push(dependant.key);
      else blockers.add(dependant.key);
    }
  }
  // A foreign key to a partitioned table reaches each of its partitions, and goes whole with one.
  const holders = [...new Set([...doomed].flatMap((key) => withAncestors(draft, key)))]
    .flatMap((key) => draft.foreignKeysTo(key))
    .filter((holder) => !doomed.has(holder.relationKey));
  const isBlocked = [...blockers].some((key) => !doomed.has(key)) || (!cascade && holders.length > 0);
  if (isBlocked) {
    const user = [...blockers].find((key) => !doomed.has(key)) ?? holders[0]?.relationKey ?? '';
    return draft.refuse(
      neededBy(draft.relations.get(roots[0] ?? '')?.name ?? '', draft.relations.get(user), holders.length > 0),
    );
  }
  for (const holder of holders) removeConstraint(draft, holder.relationKey, holder.constraint.name);
  const sequences = [...doomed].flatMap((key) => draft.sequencesOf(key).map((owned) => owned.key));
  for (const key of doomed) removeWhole(draft, key);
  dropSequences(draft, sequences, cascade);
}

/** Why a table or view stays without CASCADE. */
function neededBy(name: string, user: Relation | undefined, isReferenced: boolean): string {
  const what =
    user === undefined
      ? 'Something'
      : user.kind === 'view' || user.kind === 'materialized-view'
        ? `The ${user.kind.replaceAll('-', ' ')} ${user.name}`
        : isReferenced
          ? `A foreign key of ${user.name}`
          : `${user.name}, which inherits from it,`;
  return `${what} needs ${name}: drop that first, or write CASCADE to drop both.`;
}

/** Keys of a relation and of the partitioned tables above it. */
function withAncestors(draft: Draft, key: string): readonly string[] {
  const parent = draft.relations.get(key)?.partitionOf?.parentKey;
  return parent === undefined ? [key] : [key, ...withAncestors(draft, parent)];
}

/** Keys of a relation and of all partitions below it. */
function withPartitions(draft: Draft, key: string): readonly string[] {
  return [
    key,
    ...draft
      .childrenOf(key)
      .filter(({ relation }) => relation.partitionOf?.parentKey === key)
      .flatMap((child) => withPartitions(draft, child.key)),
  ];
}

function removeWhole(draft: Draft, key: string): void {
  movePublished(draft, key, undefined);
  for (const index of draft.indexesOf(key)) draft.removeIndex(objectKey(index.schema, index.name));
  draft.removeRelation(key);
}

/** Takes one constraint off a table, without its index and without asking. */
function removeConstraint(draft: Draft, relationKey: string, name: string): void {
  draft.changeRelation(relationKey, (relation) => ({
    ...relation,
    constraints: relation.constraints.filter((constraint) => constraint.name !== name),
  }));
}

function dropIndexes(draft: Draft, keys: readonly string[], cascade: boolean): void {
  for (const key of keys) {
    const index = draft.indexes.get(key);
    if (index === undefined) continue;
    // The index of a constraint goes with the constraint, a partition's with the parent's.
    if (
      index.constraint !== undefined ||
      (index.parentKey !== undefined && !keys.includes(index.parentKey)) ||
      (index.primary && !cascade)
    )
      return draft.refuse(
        index.constraint === undefined
          ? `${index.name} is a part of an index of a partitioned table, and goes with that only.`
          : `${index.name} is the index of the constraint "${index.constraint}", which only ALTER TABLE ... DROP CONSTRAINT drops.`,
      );
  }
  for (const key of keys) removeIndexTree(draft, key);
}

/** Removes an index with those of the partitions, and the constraints that they back. */
function removeIndexTree(draft: Draft, key: string): void {
  const index = draft.indexes.get(key);
  if (index === undefined) return;
  for (const child of incoming(draft.links, key).children) removeIndexTree(draft, child);
  draft.removeIndex(key);
  if (index.constraint !== undefined) removeConstraint(draft, index.relationKey, index.constraint);
}

/** Drops sequences; the default of a column that uses one stands in the way, or goes with CASCADE. */
export function dropSequences(draft: Draft, keys: readonly string[], cascade: boolean): void {
  for (const key of keys) {
    const sequence = draft.sequences.get(key);
    if (sequence === undefined) continue;
    const owner = sequence.ownedBy;
    if (
      sequence.identity &&
      owner !== undefined &&
      draft.relations
        .get(owner.relationKey)
        ?.columns.some((column) => column.name === owner.column && column.identity !== undefined) === true
    )
      return draft.refuse(`${sequence.name} numbers the identity column "${owner.column}", and goes with that only.`);
    for (const user of draft.dependantsOf(key)) {
      if (!cascade)
        return draft.refuse(
          `A default of ${user.relation.name} takes its values from ${sequence.name}: drop that first, or write CASCADE to drop both.`,
        );
      draft.putRelation({
        ...user.relation,
        columns: user.relation.columns.map((column) =>
          sequenceOfDefault(column, user.relation.schema) === key ? withoutDefault(column) : column,
        ),
      });
    }
    draft.removeSequence(key);
  }
}

/** The column without its default. */
export function withoutDefault(column: Column): Column {
  const { default: _default, ...rest } = column;
  return rest;
}

function dropTypes(draft: Draft, keys: readonly string[], cascade: boolean): void {
  for (const key of keys) {
    const type = draft.types.get(key);
    if (type === undefined) continue;
    const link = typeLinkKey(type.schema, type.name);
    const users = incoming(draft.links, link).dependants.filter((user) => user !== link);
    if (users.length > 0 && !cascade) {
      const [user = ''] = users;
      const relation = draft.relations.get(user);
      const column = relation?.columns.find((other) => other.type?.name === type.name);
      return draft.refuse(
        `${relation === undefined ? 'Another type' : column === undefined ? relation.name : `"${column.name}" of ${relation.name}`} is of the type ${type.name}: change that first, or write CASCADE to drop it too.`,
      );
    }
    for (const user of users) {
      if (draft.relations.get(user)?.ofType === key) dropRelations(draft, [user], true);
      const relation = draft.relations.get(user);
      for (const column of relation?.columns ?? [])
        if (column.type?.name === type.name && column.type.schema === type.schema)
          dropColumn(draft, user, column.name, { cascade: true, only: false, isRecursion: true });
      for (const other of draft.types.values()) {
        if (typeLinkKey(other.schema, other.name) !== user) continue;
        if (other.kind === 'domain') dropTypes(draft, [objectKey(other.schema, other.name)], true);
        else
          draft.putType({
            ...other,
            attributes: (other.attributes ?? []).filter(
              (attribute) => attribute.type?.name !== type.name || attribute.type.schema !== type.schema,
            ),
          });
      }
    }
    draft.removeType(key);
  }
}

function dropFunctions(draft: Draft, operation: DropObjects): void {
  for (const [place, name] of operation.objects.entries()) {
    const object = findFunction(draft, name);
    if (object === undefined) {
      if (!operation.ifExists && draft.isComplete && operation.objectKind !== 'aggregate')
        draft.refuse(`There is no ${operation.objectKind} "${name.name}".`);
      continue;
    }
    const wanted = operation.signatures?.[place];
    const left =
      wanted === undefined
        ? []
        : object.overloads.filter((overload) => !matchesSignature(wanted, overload.argumentTypes));
    if (wanted === undefined && object.overloads.length > 1)
      return draft.refuse(`There is more than one "${name.name}": write its argument types.`);
    if (left.length === object.overloads.length) {
      if (!operation.ifExists) draft.refuse(`There is no "${name.name}" with these argument types.`);
      continue;
    }
    const users = left.length > 0 ? [] : draft.dependantsOf(functionLinkKey(object.schema, object.name));
    const caller = left.length > 0 || operation.cascade ? undefined : callerOf(draft, object);
    if (caller !== undefined)
      return draft.refuse(
        `${caller} calls the function ${object.name}: change that first, or write CASCADE to drop it too.`,
      );
    if (users.length > 0 && !operation.cascade)
      return draft.refuse(
        `${users[0]?.relation.name ?? ''} uses the function ${object.name}: drop what uses it first, or write CASCADE to drop both.`,
      );
    for (const user of users)
      draft.putRelation({
        ...user.relation,
        triggers: user.relation.triggers.filter((trigger) => trigger.function !== `${object.schema}.${object.name}`),
      });
    if (left.length === 0) draft.removeFunction(objectKey(object.schema, object.name));
    else draft.putFunction({ ...object, overloads: left });
  }
}

/** What of a table calls a function: a default, an index, a constraint or a generated column. */
function callerOf(draft: Draft, object: FunctionObject): string | undefined {
  const calls = (tree: ExpressionTree | undefined): boolean =>
    tree !== undefined &&
    [...walkExpression(tree)].some(
      (node) => node.kind === 'call' && node.name === object.name && findFunction(draft, node) === object,
    );
  for (const relation of draft.relations.values()) {
    const column = relation.columns.find((each) => calls(each.default?.tree) || calls(each.generated?.expression.tree));
    if (column !== undefined) return `"${column.name}" of ${relation.name}`;
    const constraint = relation.constraints.find((each) => calls(each.expression?.tree));
    if (constraint !== undefined) return `The constraint ${constraint.name} of ${relation.name}`;
  }
  for (const index of draft.indexes.values())
    if (calls(index.where?.tree) || index.elements.some((element) => calls(element.expression?.tree)))
      return `The index ${index.name}`;
  return undefined;
}

function dropPart(draft: Draft, operation: DropObjects): void {
  for (const { name } of operation.objects) {
    const relation =
      operation.relation === undefined ? relationOfTrigger(draft, name) : findRelation(draft, operation.relation);
    if (relation === undefined) {
      if (!operation.ifExists && draft.isComplete)
        draft.refuse(`There is no table "${operation.relation?.name ?? ''}".`);
      continue;
    }
    dropPartOf(draft, relation, operation, name);
  }
}

function dropPartOf(draft: Draft, relation: Relation, operation: DropObjects, name: string): void {
  const isThere =
    operation.kind === 'drop-trigger'
      ? relation.triggers.some((trigger) => sameName(draft.product, trigger.name, name))
      : (operation.kind === 'drop-policy' ? relation.policies : relation.rules).includes(name);
  if (!isThere) {
    if (!operation.ifExists && relation.detailsKnown)
      draft.refuse(`${relation.name} has no ${operation.objectKind} "${name}".`);
    return;
  }
  if (operation.kind === 'drop-policy')
    draft.putRelation({ ...relation, policies: relation.policies.filter((policy) => policy !== name) });
  else if (operation.kind === 'drop-rule') {
    const ruleActions = relation.ruleActions?.filter((action) => action.name !== name);
    draft.putRelation({
      ...relation,
      rules: relation.rules.filter((rule) => rule !== name),
      ...(ruleActions === undefined ? {} : { ruleActions }),
    });
  } else removeTrigger(draft, objectKey(relation.schema, relation.name), name);
}

/** Removes a trigger and the copies that partitions have of it. */
export function removeTrigger(draft: Draft, relationKey: string, name: string): void {
  draft.changeRelation(relationKey, (relation) => ({
    ...relation,
    triggers: relation.triggers.filter((trigger) => !sameName(draft.product, trigger.name, name)),
  }));
  for (const child of draft.childrenOf(relationKey))
    if (child.relation.partitionOf !== undefined) removeTrigger(draft, child.key, name);
}

/** SQLite names a trigger without its table. */
function relationOfTrigger(draft: Draft, name: string): Relation | undefined {
  for (const relation of draft.relations.values())
    if (relation.triggers.some((trigger) => sameName(draft.product, trigger.name, name))) return relation;
  return undefined;
}

function dropSchemas(draft: Draft, operation: DropObjects): void {
  for (const { name } of operation.objects) {
    if (!draft.schemas.has(name) && draft.isComplete) {
      if (!operation.ifExists) draft.refuse(`There is no schema "${name}".`);
      continue;
    }
    const within = <Value extends { readonly schema: string; readonly name: string }>(
      values: Iterable<Value>,
    ): readonly string[] =>
      [...values].filter((value) => value.schema === name).map((value) => objectKey(value.schema, value.name));
    const relations = within(draft.relations.values());
    const others = [
      ...within(draft.types.values()),
      ...within(draft.functions.values()),
      ...within(draft.sequences.values()),
    ];
    if (!operation.cascade && relations.length + others.length > 0)
      return draft.refuse(
        `The schema ${name} is not empty: drop what is in it first, or write CASCADE to drop it all.`,
      );
    dropRelations(draft, relations, true);
    dropSequences(draft, within(draft.sequences.values()), true);
    dropTypes(draft, within(draft.types.values()), true);
    for (const key of within(draft.functions.values())) {
      const object = draft.functions.get(key);
      if (object !== undefined)
        for (const user of draft.dependantsOf(functionLinkKey(object.schema, object.name)))
          draft.putRelation({
            ...user.relation,
            triggers: user.relation.triggers.filter(
              (trigger) => trigger.function !== `${object.schema}.${object.name}`,
            ),
          });
      draft.removeFunction(key);
    }
    draft.schemas = draft.schemas.delete(name);
  }
}

/** Drops a column with the indexes, constraints and sequences that use it; views and foreign keys to it need CASCADE. */
export function dropColumn(draft: Draft, relationKey: string, name: string, options: DropColumnOptions): void {
  const relation = draft.relations.get(relationKey);
  const column = relation?.columns.find((candidate) => sameName(draft.product, candidate.name, name));
  if (relation !== undefined && column !== undefined) draft.rules.dropColumn(draft, relation, column, options);
}

/** The same where dependants are known, and children inherit. */
export function dropFullColumn(draft: Draft, relation: Relation, column: Column, options: DropColumnOptions): void {
  const relationKey = objectKey(relation.schema, relation.name);
  const isInherited = !column.isLocal && (relation.partitionOf !== undefined || relation.inherits.length > 0);
  const isPartitionKey =
    relation.partitionKey?.elements.some(
      (element) => element.column === column.name || mentions(element.expression?.tree, column.name),
    ) === true;
  const generated = relation.columns.filter(
    (other) => other.generated !== undefined && mentions(other.generated.expression.tree, column.name),
  );
  const triggers = relation.triggers.filter((trigger) => triggerNames(trigger, column.name));
  const policies = relation.policies.filter(
    (policy) => relation.policyColumns?.[policy]?.includes(column.name) === true,
  );
  const views = draft
    .dependantsOf(relationKey)
    .filter(({ relation: view }) =>
      view.dependsOn.some(
        (read) => read.key === relationKey && read.columns !== 'unknown' && read.columns.includes(column.name),
      ),
    );
  const needsCascade =
    (generated.length > 0 && draft.version >= GENERATED_NEEDS_CASCADE_VERSION) ||
    triggers.length > 0 ||
    policies.length > 0 ||
    views.length > 0;
  const isOnlyOfPartitioned =
    options.only && relation.kind === 'partitioned-table' && draft.childrenOf(relationKey).length > 0;
  if (
    (isInherited && !options.isRecursion) ||
    isPartitionKey ||
    isOnlyOfPartitioned ||
    (needsCascade && !options.cascade)
  )
    return draft.refuse(
      isInherited && !options.isRecursion
        ? `"${column.name}" of ${relation.name} is inherited: drop it in the table that it comes from.`
        : isPartitionKey
          ? `${relation.name} is partitioned by "${column.name}".`
          : isOnlyOfPartitioned
            ? `A column of the partitioned table ${relation.name} goes from all of its partitions: leave ONLY out.`
            : `${columnUser(views[0]?.relation, policies[0], triggers[0]?.name, generated[0]?.name)} needs "${column.name}" of ${relation.name}: drop that first, or write CASCADE to drop both.`,
    );
  dropRelations(
    draft,
    views.map((view) => view.key),
    true,
  );
  if (options.cascade) doubtUnknownViews(draft, relationKey);
  for (const trigger of triggers) removeTrigger(draft, relationKey, trigger.name);
  if (policies.length > 0)
    draft.changeRelation(relationKey, (current) => ({
      ...current,
      policies: current.policies.filter((policy) => !policies.includes(policy)),
    }));
  for (const other of generated) dropColumn(draft, relationKey, other.name, { ...options, isRecursion: true });
  for (const constraint of draft.relations.get(relationKey)?.constraints ?? [])
    if (constraintUses(constraint, column.name)) dropConstraintWhole(draft, relationKey, constraint, options.cascade);
  for (const index of draft.indexesOf(relationKey))
    if (indexUses(index, column.name)) removeIndexTree(draft, objectKey(index.schema, index.name));
  if (draft.isRefused) return;
  const sequences = draft
    .sequencesOf(relationKey)
    .filter((owned) => owned.sequence.ownedBy?.column === column.name)
    .map((owned) => owned.key);
  draft.changeRelation(relationKey, (current) => ({
    ...current,
    columns: current.columns.filter((other) => other.name !== column.name),
  }));
  dropSequences(draft, sequences, options.cascade);
  for (const child of draft.childrenOf(relationKey)) {
    const own = child.relation.columns.find((other) => other.name === column.name);
    const hasOtherParent = child.relation.inherits.some(
      (parent) =>
        parent !== relationKey &&
        draft.relations.get(parent)?.columns.some((other) => other.name === column.name) === true,
    );
    if (own !== undefined && options.only)
      draft.changeColumn(child.key, column.name, (other) => ({ ...other, isLocal: true }));
    if (own === undefined || hasOtherParent) continue;
    if (options.only) {
      // PostgreSQL 18 takes the inherited NOT NULL constraint away and leaves the column marked as it was.
      const isInheritedNotNull = (constraint: Constraint): boolean =>
        constraint.kind === 'not-null' && !constraint.isLocal && constraint.columns[0] === column.name;
      draft.changeRelation(child.key, (current) => ({
        ...current,
        constraints: current.constraints.filter((constraint) => !isInheritedNotNull(constraint)),
      }));
    }
    if (!options.only && !own.isLocal) dropColumn(draft, child.key, column.name, { ...options, isRecursion: true });
  }
}

/** Whether a trigger is for a column, or looks at it in its WHEN. */
export function triggerNames(trigger: Trigger, column: string): boolean {
  return trigger.updateColumns.includes(column) || trigger.whenColumns?.includes(column) === true;
}

function columnUser(
  view: Relation | undefined,
  policy: string | undefined,
  trigger: string | undefined,
  generated: string | undefined,
): string {
  if (view !== undefined) return `The ${view.kind.replaceAll('-', ' ')} ${view.name}`;
  if (policy !== undefined) return `The policy ${policy}`;
  return trigger === undefined ? `The generated column "${generated ?? ''}"` : `The trigger ${trigger}`;
}

function mentions(tree: Parameters<typeof referencedColumns>[0] | undefined, column: string): boolean {
  return tree !== undefined && referencedColumns(tree).includes(column);
}

function constraintUses(constraint: Constraint, column: string): boolean {
  return constraint.columns.includes(column) || mentions(constraint.expression?.tree, column);
}

function indexUses(index: Index, column: string): boolean {
  return (
    index.include.includes(column) ||
    mentions(index.where?.tree, column) ||
    index.elements.some((element) => element.column === column || mentions(element.expression?.tree, column))
  );
}

/** A view that may have used the column may be gone: what is known of it is not any more. */
function doubtUnknownViews(draft: Draft, relationKey: string): void {
  for (const { relation: view } of draft.dependantsOf(relationKey)) {
    if (view.dependsOn.some((read) => read.key === relationKey && read.columns === 'unknown'))
      draft.putRelation({ ...view, columnsKnown: false, detailsKnown: false });
  }
}

/** Drops a constraint of any kind with its index; foreign keys that rest on it need CASCADE. */
export function dropConstraintWhole(draft: Draft, relationKey: string, constraint: Constraint, cascade: boolean): void {
  if (constraint.kind === 'unique' || constraint.kind === 'primary-key') {
    const columns = [...constraint.columns].sort().join('\u0000');
    const relation = draft.relations.get(relationKey);
    const isOnlyKey =
      relation?.constraints.some(
        (other) =>
          other !== constraint &&
          (other.kind === 'primary-key' || other.kind === 'unique') &&
          [...other.columns].sort().join('\u0000') === columns &&
          other.kind === 'primary-key',
      ) !== true;
    const holders = isOnlyKey
      ? withPartitions(draft, relationKey)
          .flatMap((key) => draft.foreignKeysTo(key))
          .filter((holder) => [...(holder.constraint.references?.columns ?? [])].sort().join('\u0000') === columns)
      : [];
    if (holders.length > 0 && !cascade)
      return draft.refuse(
        `A foreign key of ${holders[0]?.relation.name ?? ''} rests on "${constraint.name}": drop it first, or write CASCADE to drop both.`,
      );
    for (const holder of holders) removeConstraint(draft, holder.relationKey, holder.constraint.name);
  }
  const relation = draft.relations.get(relationKey);
  if (relation === undefined) return;
  if (constraint.index !== undefined) removeIndexTree(draft, objectKey(relation.schema, constraint.index));
  removeConstraint(draft, relationKey, constraint.name);
}

function dropStatistics(draft: Draft, operation: DropObjects): void {
  const names = operation.objects.map((object) => object.name);
  for (const relation of draft.relations.values()) {
    if (relation.statistics?.some((name) => names.includes(name)) !== true) continue;
    draft.putRelation({ ...relation, statistics: relation.statistics.filter((name) => !names.includes(name)) });
  }
}
