import { relationKeyOf } from '../lookup.ts';
import type { DropObjects, OtherDefinition } from '../operation.ts';
import type { Draft } from './draft.ts';

/** CREATE and ALTER PUBLICATION: which tables it names. */
export function definePublication(draft: Draft, operation: OtherDefinition): void {
  const name = operation.object?.name;
  if (name === undefined) return;
  const keys = operation.relations.map((relation) => relationKeyOf(draft, relation));
  const before = draft.publications[name];
  switch (operation.publication) {
    case 'set':
      return put(draft, name, keys);
    // Of a publication that nothing made, the tables that it had are not known.
    case 'add':
      return before === undefined ? undefined : put(draft, name, [...before, ...keys]);
    case 'drop':
      return before === undefined
        ? undefined
        : put(
            draft,
            name,
            before.filter((key) => !keys.includes(key)),
          );
    default:
      if (operation.kind === 'create-object') put(draft, name, keys);
  }
}

/** DROP PUBLICATION. */
export function dropPublications(draft: Draft, operation: DropObjects): void {
  for (const { name } of operation.objects) {
    if (draft.publications[name] === undefined) continue;
    const { [name]: _, ...rest } = draft.publications;
    draft.publications = rest;
  }
}

/** A table that is dropped leaves its publications; one that gets another name stays in them under it. */
export function movePublished(draft: Draft, from: string, to: string | undefined): void {
  for (const [name, keys] of Object.entries(draft.publications)) {
    if (keys.includes(from))
      put(
        draft,
        name,
        keys.flatMap((key) => (key !== from ? key : (to ?? []))),
      );
  }
}

function put(draft: Draft, name: string, keys: readonly string[]): void {
  draft.publications = { ...draft.publications, [name]: keys };
}
