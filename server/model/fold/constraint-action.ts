import { sameName } from '../lookup.ts';
import { objectKey } from '../names.ts';
import type { TableActionDetail } from '../operation.ts';
import type { Constraint, Relation } from '../schema.ts';
import { addNotNull, notNullConstraint, replaceConstraint } from './constraints.ts';
import type { Draft } from './draft.ts';
import { dropConstraintWhole } from './drop-relations.ts';
import { removeNotNull } from './not-null-action.ts';

export function dropConstraint(
  draft: Draft,
  relation: Relation,
  action: Extract<TableActionDetail, { readonly kind: 'drop-constraint' }>,
  only: boolean,
): void {
  const constraint = relation.constraints.find((candidate) =>
    sameName(draft.product, candidate.name, action.constraint),
  );
  if (constraint === undefined) {
    if (relation.detailsKnown && !action.ifExists)
      draft.refuse(`${relation.name} has no constraint "${action.constraint}".`);
    return;
  }
  const key = objectKey(relation.schema, relation.name);
  if (!constraint.isLocal)
    return draft.refuse(
      `"${constraint.name}" of ${relation.name} is inherited: drop it in the table that it comes from.`,
    );
  if (constraint.kind === 'not-null') {
    const [column] = constraint.columns;
    const isKey =
      column !== undefined &&
      relation.constraints.some((candidate) => candidate.kind === 'primary-key' && candidate.columns.includes(column));
    const isIdentity = relation.columns.some(
      (candidate) => candidate.name === column && candidate.identity !== undefined,
    );
    if (!draft.product.catalog.hasNullableKeys && (isKey || isIdentity))
      return draft.refuse(
        `"${column ?? ''}" of ${relation.name} is ${isKey ? 'in the primary key' : 'an identity column'}, which is never null.`,
      );
    return column === undefined ? undefined : removeNotNull(draft, key, column, only);
  }
  dropConstraintWhole(draft, key, constraint, action.cascade);
  if (constraint.kind === 'foreign-key' || constraint.kind === 'check') dropInherited(draft, key, constraint, only);
}

/** Takes an inherited CHECK or foreign key off the children, or leaves it there as their own. */
function dropInherited(draft: Draft, key: string, constraint: Constraint, only: boolean): void {
  for (const child of draft.childrenOf(key)) {
    if (constraint.kind === 'foreign-key' && child.relation.partitionOf === undefined) continue;
    const own = child.relation.constraints.find(
      (candidate) =>
        candidate.kind === constraint.kind &&
        (constraint.kind === 'check'
          ? candidate.name === constraint.name
          : !candidate.isLocal &&
            candidate.references?.key === constraint.references?.key &&
            candidate.columns.join('\u0000') === constraint.columns.join('\u0000')),
    );
    if (own === undefined) continue;
    if (only) replaceConstraint(draft, child.key, own.name, (old) => ({ ...old, isLocal: true }));
    else if (!own.isLocal) {
      dropConstraintWhole(draft, child.key, own, true);
      dropInherited(draft, child.key, own, false);
    }
  }
}

export function validate(draft: Draft, key: string, name: string, isRecursion: boolean): void {
  const relation = draft.relations.get(key);
  const constraint = relation?.constraints.find((candidate) => candidate.name === name);
  if (relation === undefined) return;
  const isWrong =
    constraint === undefined
      ? relation.detailsKnown && !isRecursion
      : !constraint.enforced ||
        (constraint.kind !== 'check' && constraint.kind !== 'foreign-key' && constraint.kind !== 'not-null');
  if (isWrong)
    return draft.refuse(
      constraint === undefined
        ? `${relation.name} has no constraint "${name}".`
        : `"${name}" of ${relation.name} is no constraint that can be validated: that is a CHECK, a foreign key or, from PostgreSQL 18 on, a NOT NULL, if it is enforced.`,
    );
  if (constraint === undefined) return;
  replaceConstraint(draft, key, name, (old) => ({ ...old, validated: true }));
  const [column] = constraint.columns;
  if (constraint.kind === 'not-null' && column !== undefined)
    draft.changeColumn(key, column, (old) => ({ ...old, notNull: true }));
  for (const child of draft.childrenOf(key)) {
    const own =
      constraint.kind === 'not-null' && column !== undefined
        ? notNullConstraint(child.relation, column)
        : child.relation.constraints.find((candidate) => candidate.name === name && candidate.kind === constraint.kind);
    if (own !== undefined && (constraint.kind !== 'foreign-key' || child.relation.partitionOf !== undefined))
      validate(draft, child.key, own.name, true);
  }
}

export function alterConstraint(
  draft: Draft,
  relation: Relation,
  action: Extract<TableActionDetail, { readonly kind: 'alter-constraint' }>,
): void {
  const constraint = relation.constraints.find((candidate) => candidate.name === action.constraint);
  if (constraint === undefined)
    return relation.detailsKnown
      ? draft.refuse(`${relation.name} has no constraint "${action.constraint}".`)
      : undefined;
  if ((action.deferrable !== undefined || action.enforced !== undefined) && constraint.kind !== 'foreign-key')
    return draft.refuse(`"${constraint.name}" of ${relation.name} is no foreign key, which alone can be changed so.`);
  if (action.noInherit !== undefined)
    return alterInheritance(draft, objectKey(relation.schema, relation.name), constraint, action.noInherit);
  const change = (old: Constraint): Constraint => {
    const deferrable = action.deferrable ?? (action.initiallyDeferred === true ? true : old.deferrable);
    const enforced = action.enforced ?? old.enforced;
    return {
      ...old,
      deferrable,
      initiallyDeferred:
        deferrable && (action.initiallyDeferred ?? (action.deferrable === undefined ? old.initiallyDeferred : false)),
      enforced,
      validated: action.enforced ?? old.validated,
      noInherit: action.noInherit ?? old.noInherit,
    };
  };
  const apply = (key: string, name: string): void => {
    replaceConstraint(draft, key, name, change);
    for (const child of draft.childrenOf(key)) {
      const own = child.relation.constraints.find(
        (candidate) => candidate.kind === 'foreign-key' && candidate.name === name && !candidate.isLocal,
      );
      if (own !== undefined) apply(child.key, own.name);
    }
  };
  apply(objectKey(relation.schema, relation.name), constraint.name);
}

/** INHERIT and NO INHERIT of a NOT NULL constraint: children get it, or keep it as their own. */
function alterInheritance(draft: Draft, key: string, constraint: Constraint, noInherit: boolean): void {
  if (constraint.kind !== 'not-null' || (noInherit && !constraint.isLocal))
    return draft.refuse(`"${constraint.name}" is no NOT NULL constraint of the table's own.`);
  if (constraint.noInherit === noInherit) return;
  const [column = ''] = constraint.columns;
  replaceConstraint(draft, key, constraint.name, (old) => ({ ...old, noInherit }));
  for (const child of draft.childrenOf(key)) {
    const own = notNullConstraint(child.relation, column);
    if (!noInherit)
      addNotNull(draft, child.key, column, {
        name: constraint.name,
        isValidated: true,
        only: false,
        isNameShared: true,
        isInherited: true,
      });
    else if (own !== undefined) replaceConstraint(draft, child.key, own.name, (old) => ({ ...old, isLocal: true }));
  }
}
