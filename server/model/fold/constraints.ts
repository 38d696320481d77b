import { findRelation, relationKeyOf, sameName } from '../lookup.ts';
import { objectKey } from '../names.ts';
import type { CheckDefinition, ConstraintDefinition, ForeignKeyDefinition, KeyDefinition } from '../operation.ts';
import type { Constraint, ConstraintBase, Index, Relation } from '../schema.ts';
import { withoutComment } from './annotations.ts';
import { chooseConstraintName, joinedColumns } from './constraint-names.ts';
import type { Draft } from './draft.ts';
import { addIndex, type IndexTemplate } from './indexes.ts';
import { foreignKeyFits, namesMissingColumn } from './refusals.ts';

interface AddOptions {
  /** In CREATE TABLE every constraint holds from the start. */
  readonly isNewTable: boolean;
  /** ALTER TABLE ONLY. */
  readonly only: boolean;
}

/** Adds one constraint to a table, to its children where it is inherited, and makes the index that it needs. */
export function addConstraint(
  draft: Draft,
  relationKey: string,
  definition: ConstraintDefinition,
  options: AddOptions,
): void {
  const relation = draft.relations.get(relationKey);
  if (relation === undefined) return;
  const isDuplicate =
    definition.name !== undefined &&
    definition.kind !== 'not-null' &&
    relation.constraints.some((constraint) => constraint.name === definition.name);
  if (isDuplicate || (definition.usingIndex === undefined && !hasColumns(draft, relation, definition))) {
    draft.refuse(
      isDuplicate
        ? `${relation.name} has a constraint "${definition.name ?? ''}" already.`
        : `The constraint names a column that ${relation.name} does not have.`,
    );
    return;
  }
  switch (definition.kind) {
    case 'check':
      return addCheck(draft, relationKey, checkOf(draft, relation, definition, options), options.only);
    case 'foreign-key':
      return addForeignKey(draft, relationKey, definition, options);
    case 'not-null': {
      const [column] = definition.columns;
      if (column !== undefined) {
        const isUnproved = notNullConstraint(relation, column)?.validated === false && definition.notValid !== true;
        if (draft.hasNamedNotNull && isUnproved)
          return draft.refuse(`"${column}" has a NOT NULL constraint already that is not validated.`);
        addNotNull(draft, relationKey, column, {
          ...(definition.name === undefined ? {} : { name: definition.name }),
          noInherit: definition.noInherit ?? false,
          isValidated: options.isNewTable || definition.notValid !== true,
          only: options.only,
          isNameShared: true,
        });
      }
      return;
    }
    default:
      return addKey(draft, relationKey, definition, options);
  }
}

function hasColumns(draft: Draft, relation: Relation, definition: ConstraintDefinition): boolean {
  if (!relation.columnsKnown || !draft.product.catalog.checksDefinitions) return true;
  if (definition.kind === 'check') return !namesMissingColumn(relation, definition.expression?.tree);
  return definition.columns.every((name) => relation.columns.some((column) => column.name === name));
}

function common(
  draft: Draft,
  definition: ConstraintDefinition,
  isNewTable: boolean,
): Omit<ConstraintBase, 'name' | 'columns'> {
  const enforced = definition.notEnforced !== true;
  return {
    validated: enforced && (isNewTable || definition.notValid !== true),
    enforced,
    deferrable: definition.deferrable ?? definition.initiallyDeferred ?? false,
    initiallyDeferred: definition.initiallyDeferred ?? false,
    noInherit: definition.noInherit ?? false,
    isLocal: true,
    origin: draft.origin,
  };
}

function checkOf(draft: Draft, relation: Relation, definition: CheckDefinition, options: AddOptions): Constraint {
  const columns = [...new Set(definition.columns)];
  const name =
    definition.name ??
    (!draft.product.catalog.namesConstraints
      ? ''
      : chooseConstraintName(
          draft,
          relation.schema,
          relation.name,
          columns.length === 1 ? columns[0] : undefined,
          'check',
        ));
  return {
    ...common(draft, definition, options.isNewTable),
    kind: 'check',
    name,
    columns,
    ...(definition.expression === undefined ? {} : { expression: definition.expression }),
  };
}

/** Puts a CHECK on a table and on its children, merging it with one of the same name there. */
function addCheck(draft: Draft, relationKey: string, constraint: Constraint, only: boolean): void {
  const relation = draft.relations.get(relationKey);
  if (relation === undefined) return;
  const existing = relation.constraints.find(
    (candidate) => candidate.name === constraint.name && constraint.name !== '',
  );
  if (existing === undefined) draft.putRelation({ ...relation, constraints: [...relation.constraints, constraint] });
  else if (existing.kind !== 'check' || constraint.isLocal)
    return draft.refuse(`${relation.name} has a constraint "${constraint.name}" already.`);
  else
    replaceConstraint(draft, relationKey, existing.name, (old) => ({
      ...old,
      isLocal: old.isLocal && relation.partitionOf === undefined,
    }));
  const children = constraint.noInherit ? [] : draft.childrenOf(relationKey);
  if (only && children.length > 0)
    return draft.refuse(
      `Tables inherit from ${relation.name}, and a CHECK of it must hold for them too: leave ONLY out, or write NO INHERIT.`,
    );
  for (const child of children) addCheck(draft, child.key, { ...constraint, isLocal: false }, false);
}

/** The same table with one constraint changed. */
export function replaceConstraint(
  draft: Draft,
  relationKey: string,
  name: string,
  change: (constraint: Constraint) => Constraint,
): void {
  draft.changeRelation(relationKey, (relation) => ({
    ...relation,
    constraints: relation.constraints.map((constraint) => (constraint.name === name ? change(constraint) : constraint)),
  }));
}

function addForeignKey(draft: Draft, relationKey: string, definition: ForeignKeyDefinition, options: AddOptions): void {
  const relation = draft.relations.get(relationKey);
  const { references } = definition;
  if (relation === undefined) return;
  const target = findRelation(draft, references.relation);
  if (target === undefined && draft.isComplete && draft.product.catalog.checksDefinitions)
    return draft.refuse(`There is no table "${references.relation.name}".`);
  const key = target === undefined ? relationKeyOf(draft, references.relation) : objectKey(target.schema, target.name);
  const primary = target?.constraints.find((constraint) => constraint.kind === 'primary-key');
  const isKeyless = target?.detailsKnown === true && references.columns.length === 0 && primary === undefined;
  if (isKeyless && draft.product.catalog.checksDefinitions)
    return draft.refuse(`${references.relation.name} has no primary key for this foreign key to point at.`);
  const name =
    definition.name ??
    (!draft.product.catalog.namesConstraints
      ? ''
      : chooseConstraintName(draft, relation.schema, relation.name, joinedColumns(definition.columns), 'fkey'));
  const added: Constraint = {
    ...common(draft, definition, options.isNewTable),
    kind: 'foreign-key',
    name,
    columns: definition.columns,
    references: {
      key,
      schema: key.split('\u0000')[0] ?? '',
      name: target?.name ?? references.relation.name,
      columns: references.columns.length > 0 ? references.columns : (primary?.columns ?? []),
      ...(references.onDelete === undefined ? {} : { onDelete: references.onDelete }),
      ...(references.onUpdate === undefined ? {} : { onUpdate: references.onUpdate }),
      ...(references.match === undefined ? {} : { match: references.match }),
    },
    ...(definition.period === undefined ? {} : { period: definition.period }),
  };
  if (draft.product.catalog.checksDefinitions && !foreignKeyFits(draft, relation, added))
    return draft.refuse(
      `The foreign key cannot point at ${references.relation.name}: that takes a table that lasts as long, a unique key over just these columns, and types that compare with each other.`,
    );
  putForeignKey(draft, relationKey, added);
}

/** Puts a foreign key on a table and on its partitions, which use the same name unless it is taken there. */
export function putForeignKey(draft: Draft, relationKey: string, constraint: Constraint): void {
  const relation = draft.relations.get(relationKey);
  if (relation === undefined) return;
  const isTaken = !constraint.isLocal && relation.constraints.some((candidate) => candidate.name === constraint.name);
  const name = isTaken
    ? chooseConstraintName(draft, relation.schema, relation.name, joinedColumns(constraint.columns), 'fkey')
    : constraint.name;
  draft.putRelation({ ...relation, constraints: [...relation.constraints, { ...constraint, name }] });
  for (const child of draft.childrenOf(relationKey))
    if (child.relation.partitionOf !== undefined) addPartitionForeignKey(draft, child.key, { ...constraint, name });
}

/** Gives a partition its parent's foreign key: one of the same form is taken over, or it is made. */
export function addPartitionForeignKey(draft: Draft, partitionKey: string, constraint: Constraint): void {
  const own = draft.relations
    .get(partitionKey)
    ?.constraints.find(
      (candidate) =>
        candidate.kind === 'foreign-key' &&
        candidate.isLocal &&
        candidate.references?.key === constraint.references?.key &&
        candidate.columns.join('\u0000') === constraint.columns.join('\u0000') &&
        candidate.references?.columns.join('\u0000') === constraint.references?.columns.join('\u0000') &&
        candidate.enforced === constraint.enforced &&
        candidate.references?.onDelete === constraint.references?.onDelete &&
        candidate.references?.onUpdate === constraint.references?.onUpdate &&
        candidate.deferrable === constraint.deferrable,
    );
  if (own === undefined)
    putForeignKey(draft, partitionKey, { ...withoutComment(constraint), isLocal: false, origin: draft.origin });
  else
    replaceConstraint(draft, partitionKey, own.name, (old) => ({
      ...old,
      isLocal: false,
      validated: old.validated || constraint.validated,
    }));
}

interface NotNullOptions {
  readonly name?: string;
  readonly noInherit?: boolean;
  readonly isValidated: boolean;
  readonly only: boolean;
  /** Whether children get the name of the parent's constraint, as ADD CONSTRAINT gives it, or one of their own. */
  readonly isNameShared: boolean;
  readonly isInherited?: boolean;
  /** Made by a primary key: a constraint that is there, inherited or not, stays as it is. */
  readonly isForKey?: boolean;
}

/**
 * Makes a column NOT NULL, in its children too; from PostgreSQL 18 with a constraint.
 *
 * While that constraint is NOT VALID the column's `notNull` stays false: rows may hold NULL.
 */
export function addNotNull(draft: Draft, relationKey: string, columnName: string, options: NotNullOptions): void {
  const relation = draft.relations.get(relationKey);
  const column = relation?.columns.find((candidate) => sameName(draft.product, candidate.name, columnName));
  if (relation === undefined || column === undefined) return;
  const existing = notNullConstraint(relation, column.name);
  const isInherited = options.isInherited ?? false;
  let name = options.name;
  if (draft.hasNamedNotNull && existing !== undefined) {
    // Whether it is inherited is not changed in passing, a key needs one that is and holds, and a name is not given twice.
    const isOther =
      existing.noInherit !== (options.noInherit ?? false) ||
      (options.isForKey === true && !existing.validated) ||
      (!isInherited && options.name !== undefined && options.name !== existing.name);
    if (isOther)
      return draft.refuse(
        `"${column}" has a NOT NULL constraint "${existing.name}" already, which is another one than this statement makes.`,
      );
    name = existing.name;
    const isLocal = isInherited
      ? existing.isLocal && relation.partitionOf === undefined
      : options.isForKey === true
        ? existing.isLocal
        : true;
    replaceConstraint(draft, relationKey, existing.name, (old) => ({
      ...old,
      validated: old.validated || options.isValidated,
      isLocal,
    }));
  } else if (draft.hasNamedNotNull) {
    if (name === undefined || relation.constraints.some((constraint) => constraint.name === name))
      name = chooseConstraintName(draft, relation.schema, relation.name, column.name, 'not_null');
    const added: Constraint = {
      kind: 'not-null',
      name,
      columns: [column.name],
      validated: options.isValidated,
      enforced: true,
      deferrable: false,
      initiallyDeferred: false,
      noInherit: options.noInherit ?? false,
      isLocal: !isInherited,
      origin: draft.origin,
    };
    draft.putRelation({ ...relation, constraints: [...relation.constraints, added] });
  }
  if (options.isValidated)
    draft.changeColumn(relationKey, column.name, (old) => (old.notNull ? old : { ...old, notNull: true }));
  if (options.noInherit === true || (options.only && !draft.hasNamedNotNull)) return;
  for (const child of draft.childrenOf(relationKey)) {
    const { name: _own, ...rest } = options;
    addNotNull(draft, child.key, column.name, {
      ...rest,
      ...(options.isNameShared && name !== undefined ? { name } : {}),
      isInherited: true,
    });
  }
}

/** The NOT NULL constraint of a column, where NOT NULL has one. */
export function notNullConstraint(relation: Relation, column: string): Constraint | undefined {
  return relation.constraints.find((constraint) => constraint.kind === 'not-null' && constraint.columns[0] === column);
}

function addKey(draft: Draft, relationKey: string, definition: KeyDefinition, options: AddOptions): void {
  const relation = draft.relations.get(relationKey);
  if (relation === undefined) return;
  const isPrimary = definition.kind === 'primary-key';
  if (isPrimary && relation.constraints.some((constraint) => constraint.kind === 'primary-key'))
    return draft.refuse(`${relation.name} has a primary key already.`);
  if (definition.usingIndex !== undefined) return addKeyUsingIndex(draft, relation, definition, definition.usingIndex);
  if (isPrimary)
    for (const column of definition.columns)
      addNotNull(draft, relationKey, column, {
        isValidated: true,
        only: options.only,
        isNameShared: true,
        isForKey: true,
      });
  addIndex(draft, relationKey, keyTemplate(draft, definition), definition.name, options.only);
}

/** Index and constraint of a UNIQUE, PRIMARY KEY or EXCLUDE. */
export function keyTemplate(draft: Draft, definition: KeyDefinition): IndexTemplate {
  const elements = definition.elements ?? definition.columns.map((column) => ({ column }));
  return {
    unique: definition.kind !== 'exclusion',
    primary: definition.kind === 'primary-key',
    exclusion: definition.kind === 'exclusion' || definition.period === true,
    method: definition.method ?? (definition.period === true ? 'gist' : 'btree'),
    elements,
    include: definition.include ?? [],
    nullsNotDistinct: definition.nullsNotDistinct ?? false,
    ...(definition.where === undefined ? {} : { where: definition.where }),
    ...(definition.storageParameters === undefined ? {} : { storageParameters: definition.storageParameters }),
    constraint: {
      ...common(draft, definition, true),
      kind: definition.kind,
      columns: definition.columns,
      ...(definition.period === undefined ? {} : { period: definition.period }),
    },
  };
}

/** Why a constraint cannot rest on an index. */
function unfitIndex(index: Index | undefined, relation: Relation, relationKey: string, name: string): string {
  if (index === undefined || index.relationKey !== relationKey) return `${relation.name} has no index "${name}".`;
  if (!index.unique) return `The index ${name} is not unique, so that no constraint can rest on it.`;
  if (!index.valid) return `The index ${name} is not valid, so that no constraint can rest on it.`;
  if (index.constraint !== undefined)
    return `The index ${name} is that of the constraint "${index.constraint}" already.`;
  if (index.where !== undefined) return `The index ${name} is partial, and a constraint holds for every row.`;
  return index.elements.some((element) => element.column === undefined)
    ? `The index ${name} is over an expression, and a constraint rests on columns only.`
    : `The index ${name} is sorted otherwise than by default, and a constraint rests on none that is.`;
}

function addKeyUsingIndex(draft: Draft, relation: Relation, definition: KeyDefinition, indexName: string): void {
  const relationKey = objectKey(relation.schema, relation.name);
  const indexKey = objectKey(relation.schema, indexName);
  const index = draft.indexes.get(indexKey);
  if (index === undefined && !relation.detailsKnown) {
    // The index is one that nobody saw being made: the constraint is known, its columns are not.
    const added: Constraint = {
      ...common(draft, definition, true),
      kind: definition.kind,
      name: definition.name ?? indexName,
      columns: [],
      index: definition.name ?? indexName,
    };
    draft.putRelation({ ...relation, constraints: [...relation.constraints, added] });
    return;
  }
  if (
    index === undefined ||
    index.relationKey !== relationKey ||
    !index.unique ||
    !index.valid ||
    index.constraint !== undefined ||
    index.where !== undefined ||
    index.elements.some(
      (element) => element.column === undefined || element.descending === true || element.nullsFirst === true,
    )
  )
    return draft.refuse(unfitIndex(index, relation, relationKey, indexName));
  const name = definition.name ?? indexName;
  if (name !== indexName) {
    if (draft.isTaken(relation.schema, name)) return draft.refuseTaken(relation.schema, name);
    draft.removeIndex(indexKey);
  }
  const columns = index.elements.flatMap((element) => element.column ?? []);
  draft.putIndex({ ...index, name, constraint: name, primary: definition.kind === 'primary-key' });
  if (definition.kind === 'primary-key')
    for (const column of columns)
      addNotNull(draft, relationKey, column, { isValidated: true, only: true, isNameShared: true, isForKey: true });
  const added: Constraint = { ...common(draft, definition, true), kind: definition.kind, name, columns, index: name };
  draft.changeRelation(relationKey, (current) => ({ ...current, constraints: [...current.constraints, added] }));
}
