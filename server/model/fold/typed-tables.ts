import { incoming, typeLinkKey } from '../links.ts';
import { findType } from '../lookup.ts';
import { objectKey, type ObjectName } from '../names.ts';
import type { AlterType, CreateTable, TableActionDetail } from '../operation.ts';
import { isAnyTable, type Column, type Relation, type UserType } from '../schema.ts';
import type { Draft } from './draft.ts';
import { typesDiffer } from './refusals.ts';

/** ALTER TYPE of one attribute. */
export type AttributeAction = Extract<
  AlterType['action'],
  { readonly kind: 'add-attribute' | 'drop-attribute' | 'alter-attribute' }
>;

const NOWHERE = { start: 0, end: 0 };

/** What ALTER TYPE ... CASCADE does to a table of the type. */
export function asTableAction(action: AttributeAction): TableActionDetail | undefined {
  const column = action.attribute;
  switch (action.kind) {
    case 'add-attribute':
      return {
        kind: 'add-column',
        ifNotExists: false,
        column: {
          name: column,
          nameSpan: NOWHERE,
          span: NOWHERE,
          constraints: [],
          ...(action.type === undefined ? {} : { type: action.type }),
        },
      };
    case 'drop-attribute':
      return { kind: 'drop-column', column, columnSpan: NOWHERE, ifExists: false, cascade: true };
    case 'alter-attribute':
      if (action.newName !== undefined)
        return { kind: 'rename-column', column, columnSpan: NOWHERE, newName: action.newName };
      return action.type === undefined
        ? undefined
        : { kind: 'alter-type', column, columnSpan: NOWHERE, type: action.type };
  }
}

/** Tables made OF a type. */
export function tablesOfType(draft: Draft, type: UserType): readonly Relation[] {
  const key = objectKey(type.schema, type.name);
  return incoming(draft.links, typeLinkKey(type.schema, type.name))
    .dependants.flatMap((user) => draft.relations.get(user) ?? [])
    .filter((relation) => relation.ofType === key);
}

/** Whether a column of a table holds values of a type, or of a domain over it. */
export function isHeld(draft: Draft, type: UserType): boolean {
  return incoming(draft.links, typeLinkKey(type.schema, type.name)).dependants.some((user) => {
    const relation = draft.relations.get(user);
    if (relation !== undefined)
      return (
        relation.kind !== 'view' &&
        relation.columns.some((column) => column.type?.name === type.name && column.type.schema === type.schema)
      );
    const other = [...draft.types.values()].find((candidate) => typeLinkKey(candidate.schema, candidate.name) === user);
    return other?.kind === 'domain' && isHeld(draft, other);
  });
}

/** Actions that a table of a type has only through the type. */
export function isLeftToType(relation: Relation, kind: TableActionDetail['kind']): boolean {
  return (
    relation.ofType !== undefined &&
    ['add-column', 'drop-column', 'rename-column', 'alter-type', 'inherit'].includes(kind)
  );
}

/** Columns of CREATE TABLE ... OF: those of the type, in its order; what is written in the statement are options of them. */
export function columnsOfType(
  draft: Draft,
  operation: CreateTable,
  ofType: ObjectName,
): { readonly columns: readonly Column[]; readonly ofType?: string } | undefined {
  const type = findType(draft, ofType);
  if (type?.attributes === undefined) {
    if (type !== undefined || draft.isComplete) draft.refuse();
    return undefined;
  }
  const { attributes } = type;
  const names = operation.columns.map((column) => column.name);
  if (
    new Set(names).size < names.length ||
    names.some((name) => !attributes.some((attribute) => attribute.name === name))
  )
    draft.refuse();
  return {
    ofType: objectKey(type.schema, type.name),
    columns: attributes.map((attribute) => ({
      name: attribute.name,
      ...(attribute.type === undefined ? {} : { type: attribute.type }),
      notNull: false,
      origin: draft.origin,
      isLocal: true,
    })),
  };
}

/** ALTER TABLE ... OF: the columns must be those of the type. */
export function setType(draft: Draft, relation: Relation, name: ObjectName): void {
  const type = findType(draft, name);
  if (type === undefined) return draft.isComplete ? draft.refuse() : undefined;
  const { attributes } = type;
  const isOther =
    attributes === undefined ||
    (relation.columnsKnown &&
      (attributes.length !== relation.columns.length ||
        attributes.some(
          (attribute, place) =>
            attribute.name !== relation.columns[place]?.name ||
            typesDiffer(attribute.type, relation.columns[place].type),
        )));
  if (!isAnyTable(relation) || isOther || relation.inherits.length > 0 || relation.partitionOf !== undefined)
    return draft.refuse();
  draft.putRelation({ ...relation, ofType: objectKey(type.schema, type.name) });
}

/** ALTER TABLE ... NOT OF: a table like any other from then on. */
export function unsetType(draft: Draft, relation: Relation): void {
  const { ofType, ...rest } = relation;
  if (ofType === undefined) return relation.detailsKnown ? draft.refuse() : undefined;
  draft.putRelation(rest);
}
