import { findIndex, findRelation } from '../lookup.ts';
import { objectKey } from '../names.ts';
import type { Comment, Grant } from '../operation.ts';
import type { Column, ColumnGrant, Constraint } from '../schema.ts';
import type { Draft } from './draft.ts';
import { grantRights } from './rights.ts';

/** COMMENT ON a column, a constraint of a table or an index: what other objects are commented with is not kept. */
export function commentOn(draft: Draft, { objectKind, object, part, text, isLabel }: Comment): void {
  if (isLabel === true) return;
  const commented = <Part extends { readonly comment?: string }>(part: Part): Part => {
    const { comment: _, ...rest } = part;
    // The comment is the only member that comes or goes, and every part may do without one.
    return (text === undefined ? rest : { ...rest, comment: text }) as Part;
  };
  if (objectKind === 'index') {
    const index = findIndex(draft, object);
    if (index !== undefined) draft.putIndex(commented(index));
    return;
  }
  const relation = part === undefined ? undefined : findRelation(draft, object);
  if (part === undefined || relation === undefined) return;
  const key = objectKey(relation.schema, relation.name);
  if (objectKind === 'column') draft.changeColumn(key, part, commented);
  if (objectKind === 'constraint')
    draft.changeRelation(key, (current) => ({
      ...current,
      constraints: current.constraints.map((constraint) =>
        constraint.name === part ? commented(constraint) : constraint,
      ),
    }));
}

/** GRANT and REVOKE: what is taken from a table is taken from its columns too. */
export function grantOn(draft: Draft, operation: Grant): void {
  grantRights(draft, operation);
  if (operation.objectKind !== 'table') return;
  for (const object of operation.objects) {
    const relation = findRelation(draft, object);
    if (relation === undefined) continue;
    const key = objectKey(relation.schema, relation.name);
    for (const column of relation.columns) {
      const grants = grantsAfter(column, operation);
      if (grants !== column.grants)
        draft.changeColumn(key, column.name, ({ grants: _, ...rest }) =>
          grants === undefined || grants.length === 0 ? rest : { ...rest, grants },
        );
    }
  }
}

function grantsAfter(
  column: Column,
  { kind, privileges, grantees = [], grantOption = false }: Grant,
): readonly ColumnGrant[] | undefined {
  if (kind === 'revoke') {
    if (column.grants === undefined) return undefined;
    const isTaken = (grant: ColumnGrant): boolean =>
      grantees.includes(grant.grantee) &&
      (privileges === undefined ||
        privileges.some(
          ({ name, columns }) => name === grant.privilege && (columns.length === 0 || columns.includes(column.name)),
        ));
    if (!column.grants.some(isTaken)) return column.grants;
    return grantOption
      ? column.grants.map((grant) => (isTaken(grant) ? { ...grant, grantable: false } : grant))
      : column.grants.filter((grant) => !isTaken(grant));
  }
  const given = (privileges ?? [])
    .filter(({ columns }) => columns.includes(column.name))
    .flatMap(({ name }) =>
      grantees.map((grantee): ColumnGrant => ({ privilege: name, grantee, grantable: grantOption })),
    );
  if (given.length === 0) return column.grants;
  const isSame = (left: ColumnGrant, right: ColumnGrant): boolean =>
    left.privilege === right.privilege && left.grantee === right.grantee;
  // Who may hand it on already still may.
  const merged = given.map((grant) => ({
    ...grant,
    grantable: grant.grantable || column.grants?.some((old) => isSame(old, grant) && old.grantable) === true,
  }));
  return [...(column.grants ?? []).filter((old) => !merged.some((grant) => isSame(old, grant))), ...merged];
}

/** A column as another table gets it from this one: comments and privileges stay behind. */
export function withoutAnnotations({ comment: _comment, grants: _grants, ...column }: Column): Column {
  return column;
}

/** The same of a constraint. */
export function withoutComment<Kind extends Constraint>(constraint: Kind): Kind {
  const { comment: _, ...rest } = constraint;
  // Every kind of constraint may do without one.
  return rest as Kind;
}
