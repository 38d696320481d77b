import { objectKey } from '../names.ts';
import type { Relation } from '../schema.ts';
import { addOwnedSequence } from './columns.ts';
import type { Draft } from './draft.ts';
import { dropSequences } from './drop-relations.ts';

/** SET GENERATED ALWAYS or BY DEFAULT; partitions have the identity of their table from 17 on. */
export function setIdentity(draft: Draft, relation: Relation, name: string, always: boolean | undefined): void {
  const column = relation.columns.find((candidate) => candidate.name === name);
  if (column?.identity === undefined) {
    if (relation.columnsKnown) draft.refuse(`"${name}" of ${relation.name} is no identity column.`);
    return;
  }
  if (always === undefined) return;
  const key = objectKey(relation.schema, relation.name);
  draft.changeColumn(key, name, (old) => ({ ...old, identity: always ? 'always' : 'by-default' }));
  if (relation.kind !== 'partitioned-table') return;
  for (const child of draft.childrenOf(key))
    if (child.relation.columns.some((other) => other.name === name && other.identity !== undefined))
      setIdentity(draft, child.relation, name, always);
}

export function addIdentity(draft: Draft, relation: Relation, name: string, always: boolean): void {
  const column = relation.columns.find((candidate) => candidate.name === name);
  if (
    column !== undefined &&
    (column.identity !== undefined || column.default !== undefined || (!column.notNull && relation.columnsKnown))
  )
    return draft.refuse(
      column.identity !== undefined
        ? `"${name}" of ${relation.name} is an identity column already.`
        : column.notNull
          ? `"${name}" of ${relation.name} has a default, which an identity column cannot have: drop it first.`
          : `"${name}" of ${relation.name} may be null, which an identity column may not: set it NOT NULL first.`,
    );
  if (column === undefined)
    return relation.columnsKnown ? draft.refuse(`${relation.name} has no column "${name}".`) : undefined;
  addOwnedSequence(draft, relation, name, column.type?.name ?? 'int8', true);
  const set = (key: string): void => {
    draft.changeColumn(key, name, (old) => ({ ...old, identity: always ? 'always' : 'by-default' }));
    if (draft.version >= 17)
      for (const child of draft.childrenOf(key)) if (child.relation.partitionOf !== undefined) set(child.key);
  };
  set(objectKey(relation.schema, relation.name));
}

export function dropIdentity(draft: Draft, relation: Relation, name: string, ifExists: boolean): void {
  const column = relation.columns.find((candidate) => candidate.name === name);
  if (column?.identity === undefined)
    return relation.columnsKnown && !ifExists
      ? draft.refuse(`"${name}" of ${relation.name} is no identity column.`)
      : undefined;
  const clear = (key: string): void => {
    draft.changeColumn(key, name, ({ identity: _identity, ...rest }) => rest);
    if (draft.version >= 17)
      for (const child of draft.childrenOf(key)) if (child.relation.partitionOf !== undefined) clear(child.key);
  };
  const key = objectKey(relation.schema, relation.name);
  clear(key);
  dropSequences(
    draft,
    draft
      .sequencesOf(key)
      .filter((owned) => owned.sequence.identity && owned.sequence.ownedBy?.column === name)
      .map((owned) => owned.key),
    true,
  );
}
