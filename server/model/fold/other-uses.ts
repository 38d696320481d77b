import { findFunction } from '../lookup.ts';
import type { DropObjects, ObjectKind, OtherDefinition } from '../operation.ts';
import type { Draft } from './draft.ts';
import { dropColumn } from './drop-column.ts';
import { dropRelations } from './drop-relations.ts';

/** Notes what an object of a kind without a map needs: a server its wrapper, an operator its function. */
export function noteUses(draft: Draft, { objectKind, object, uses = [] }: OtherDefinition): void {
  if (object === undefined) return;
  const needed = uses.flatMap(({ kind, ...name }) => {
    if (kind !== 'function') return [`${kind} ${name.name}`];
    const found = findFunction(draft, name);
    return found === undefined ? [] : [functionUse(found)];
  });
  if (needed.length > 0) draft.otherUses = { ...draft.otherUses, [`${objectKind} ${object.name}`]: needed };
}

/** What a function is called among the things that others need. */
export function functionUse({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `function ${schema}.${name}`;
}

/** Things of such kinds that need one, as `server name`, but for those that go in the same statement. */
export function holdersOf(draft: Draft, needed: string, leaving: readonly string[] = []): readonly string[] {
  return Object.entries(draft.otherUses).flatMap(([holder, needs]) =>
    needs.includes(needed) && draft.others.has(holder) && !leaving.includes(holder) ? [holder] : [],
  );
}

/** Tables that are of a server, or columns in a collation, as keys and words. */
function tablesOf(
  draft: Draft,
  objectKind: ObjectKind,
  name: string,
): readonly { readonly key: string; readonly words: string }[] {
  if (objectKind !== 'server' && objectKind !== 'collation') return [];
  return [...draft.relations.entries()].flatMap(([key, relation]) => {
    if (objectKind === 'server')
      return relation.server === name ? [{ key, words: `the foreign table ${relation.name}` }] : [];
    const column = relation.columns.find(({ collation }) => collation?.replaceAll('"', '') === name);
    return column === undefined ? [] : [{ key, words: `"${column.name}" of ${relation.name}` }];
  });
}

/** Whether what needs an object stands in the way of its drop; with CASCADE it goes along where it is of a kind without rows. */
export function refuseOrDropHolders(draft: Draft, { objectKind, objects, cascade }: DropObjects): void {
  const leaving = objects.map(({ name }) => `${objectKind} ${name}`);
  for (const { name } of objects) {
    const wanted = `${objectKind} ${name}`;
    const tables = tablesOf(draft, objectKind, name);
    const holders = holdersOf(draft, wanted, leaving);
    const [first = tables[0]?.words] = holders.map((holder) => `the ${holder.replace('-', ' ')}`);
    if (first !== undefined && !cascade)
      return draft.refuse(
        `${first.charAt(0).toUpperCase()}${first.slice(1)} needs the ${objectKind.replaceAll('-', ' ')} ${name}: drop that first, or write CASCADE to drop it too.`,
      );
    if (objectKind === 'server')
      dropRelations(
        draft,
        tables.map(({ key }) => key),
        true,
      );
    else if (objectKind === 'collation') dropCollated(draft, name);
    for (const holder of holders) dropHolder(draft, holder);
  }
}

/** With a collation its columns go. */
function dropCollated(draft: Draft, name: string): void {
  for (const [key, relation] of [...draft.relations.entries()])
    for (const column of relation.columns)
      if (column.collation?.replaceAll('"', '') === name)
        dropColumn(draft, key, column.name, { cascade: true, only: false, isRecursion: true });
}

/** An object of such a kind is gone, and what needs it. */
export function dropHolder(draft: Draft, gone: string): void {
  draft.others = new Set([...draft.others].filter((other) => other !== gone));
  for (const holder of holdersOf(draft, gone)) dropHolder(draft, holder);
  const [kind, name] = gone.split(' ');
  if (kind === 'server' && name !== undefined)
    dropRelations(
      draft,
      tablesOf(draft, kind, name).map(({ key }) => key),
      true,
    );
}
