import { incoming, sequenceOfDefault } from '../links.ts';
import { sameName } from '../lookup.ts';
import { displayName, objectKey } from '../names.ts';
import { isAnyTable, type Column, type Index, type Relation, type Sequence } from '../schema.ts';
import type { Draft } from './draft.ts';
import { renameInList } from './expression-rename.ts';
import { forgetReaders } from './forget-definitions.ts';
import { movePublished } from './publications.ts';

/** Gives a relation another schema or name; everything that points at it follows. */
export function moveRelation(draft: Draft, relation: Relation, schema: string, name: string): void {
  const from = objectKey(relation.schema, relation.name);
  const to = objectKey(schema, name);
  if (from === to) return;
  if (draft.isTaken(schema, name) && !(draft.product.ignoresCase && from.toLowerCase() === to.toLowerCase()))
    return draft.refuseTaken(schema, name);
  const indexes = draft.indexesOf(from);
  const sequences = draft.sequencesOf(from);
  const referencing = draft.foreignKeysTo(from);
  const children = draft.childrenOf(from);
  const dependants = draft.dependantsOf(from);
  const { dropped } = draft;
  movePublished(draft, from, to);
  draft.removeRelation(from);
  draft.dropped = dropped.set(from, draft.origin);
  const renamed = (index: string): string => draft.rules.indexAfterRename(index, relation.name, name);
  draft.putRelation({
    ...relation,
    schema,
    name,
    constraints: relation.constraints.map((constraint) =>
      constraint.index === undefined ? constraint : { ...constraint, index: renamed(constraint.index) },
    ),
  });
  for (const index of indexes) {
    if (relation.schema !== schema || renamed(index.name) !== index.name)
      draft.removeIndex(objectKey(index.schema, index.name));
    draft.putIndex({ ...index, schema, name: renamed(index.name), relationKey: to });
  }
  for (const { key, sequence } of sequences) {
    if (relation.schema !== schema) draft.removeSequence(key);
    draft.putSequence({ ...sequence, schema, ownedBy: { relationKey: to, column: sequence.ownedBy?.column ?? '' } });
    if (relation.schema !== schema) renameInDefaults(draft, key, { schema, name: sequence.name });
  }
  for (const holder of new Set(
    referencing.map((reference) => (reference.relationKey === from ? to : reference.relationKey)),
  )) {
    draft.changeRelation(holder, (other) => ({
      ...other,
      constraints: other.constraints.map((constraint) =>
        constraint.kind === 'foreign-key' && constraint.references.key === from
          ? { ...constraint, references: { ...constraint.references, key: to, schema, name } }
          : constraint,
      ),
    }));
  }
  for (const { key } of children) {
    draft.changeRelation(key, (child) => {
      const inherits = renameInList(child.inherits, from, to);
      return isAnyTable(child) && child.partitionOf?.parentKey === from
        ? { ...child, inherits, partitionOf: { ...child.partitionOf, parentKey: to } }
        : { ...child, inherits };
    });
  }
  for (const { key } of dependants) {
    draft.changeRelation(key, (view) => ({
      ...view,
      dependsOn: view.dependsOn.map((read) => (read.key === from ? { ...read, key: to } : read)),
    }));
  }
  forgetReaders(draft, to);
}

/** Column defaults that take values from a sequence, after it got another name. */
function renameInDefaults(
  draft: Draft,
  oldKey: string,
  sequence: { readonly schema: string; readonly name: string },
): void {
  const value = displayName(sequence);
  for (const { relation } of draft.dependantsOf(oldKey)) {
    const rename = (column: Column): Column => {
      if (column.default === undefined || sequenceOfDefault(column, relation.schema) !== oldKey) return column;
      return {
        ...column,
        default: {
          ...column.default,
          text: `nextval('${value.replaceAll("'", "''")}'::regclass)`,
          tree: { kind: 'call', name: 'nextval', operands: [{ kind: 'literal', value }] },
        },
      };
    };
    draft.putRelation({ ...relation, columns: relation.columns.map(rename) });
  }
}

export function moveSequence(draft: Draft, sequence: Sequence, schema: string, name: string): void {
  const from = objectKey(sequence.schema, sequence.name);
  if (from === objectKey(schema, name)) return;
  if (draft.isTaken(schema, name)) return draft.refuseTaken(schema, name);
  draft.putSequence({ ...sequence, schema, name });
  renameInDefaults(draft, from, { schema, name });
  draft.removeSequence(from);
}

/** Gives an index another name; the constraint that it backs has the same name always. */
export function renameIndex(draft: Draft, index: Index, name: string): void {
  const from = objectKey(index.schema, index.name);
  if (index.name === name) return;
  const isConstraintTaken =
    index.constraint !== undefined &&
    draft.relations.get(index.relationKey)?.constraints.some((constraint) => constraint.name === name) === true;
  if (draft.isTaken(index.schema, name) || isConstraintTaken)
    return isConstraintTaken
      ? draft.refuse(`The table has a constraint "${name}" already.`)
      : draft.refuseTaken(index.schema, name);
  const to = objectKey(index.schema, name);
  const { children } = incoming(draft.links, from);
  draft.removeIndex(from);
  draft.putIndex({ ...index, name, ...(index.constraint === undefined ? {} : { constraint: name }) });
  for (const child of children) draft.changeIndex(child, (other) => ({ ...other, parentKey: to }));
  draft.changeRelation(index.relationKey, (relation) => ({
    ...relation,
    constraints: relation.constraints.map((constraint) =>
      constraint.index === index.name
        ? { ...constraint, name: index.constraint === undefined ? constraint.name : name, index: name }
        : constraint,
    ),
    ...(relation.clusterIndex === index.name ? { clusterIndex: name } : {}),
  }));
}

/** Where the catalog keeps the bodies of triggers, the new name of a table is written into them, also into those of other tables. */
export function renameInTriggers(draft: Draft, from: string, to: string): void {
  const isIt = (name: string): boolean => sameName(draft.product, name, from);
  for (const [key, relation] of [...draft.relations.entries()]) {
    if (!relation.triggers.some((trigger) => trigger.touches?.some(isIt) === true)) continue;
    draft.changeRelation(key, (changed) => ({
      ...changed,
      triggers: changed.triggers.map(({ definition, ...trigger }) =>
        trigger.touches?.some(isIt) !== true
          ? { ...trigger, ...(definition === undefined ? {} : { definition }) }
          : { ...trigger, touches: trigger.touches.map((name) => (isIt(name) ? to : name)) },
      ),
    }));
  }
}
