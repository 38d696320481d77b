import type { DropObjects, OtherDefinition } from '../operation.ts';
import { dropParts } from './called-functions.ts';
import { dropColumn } from './drop-column.ts';
import { dropConstraintWhole, dropRelations, removeIndexTree, withoutDefault } from './drop-relations.ts';
import type { Draft, ExtensionUser } from './draft.ts';

/** CREATE EXTENSION: what it brings is known by its name alone. */
export function createExtension(draft: Draft, { object, home, ifNotExists }: OtherDefinition): void {
  const { name } = object ?? { name: '' };
  if (ifNotExists === true && draft.extensions.includes(name)) return;
  draft.extensions = [...draft.extensions, name];
  if (home !== undefined) draft.extensionSchemas = { ...draft.extensionSchemas, [name]: home };
}

/** An extension that is gone is in no schema. */
export function forgetExtension(draft: Draft, name: string): void {
  draft.extensions = draft.extensions.filter((other) => other !== name);
  if (draft.extensionSchemas[name] === undefined) return;
  const { [name]: _, ...others } = draft.extensionSchemas;
  draft.extensionSchemas = others;
}

/** What needs the extensions that are dropped: without CASCADE it stands in the way, with it it goes too. */
export function dropExtensionUsers(
  draft: Draft,
  { objects, cascade }: DropObjects,
  dropTypes: (draft: Draft, keys: readonly string[], cascade: boolean) => void,
): void {
  const names = objects.map(({ name }) => name).filter((name) => draft.extensions.includes(name));
  for (const name of names) {
    const users = (draft.rules.extensionUsers?.(draft, name) ?? []).filter(
      (user) => user.kind !== 'extension' || !names.includes(user.name),
    );
    const [first] = users;
    if (first !== undefined && !cascade)
      return draft.refuse(
        `${first.title} ${first.why ?? 'needs it'}, so that the extension ${name} stays: change that first, or write CASCADE to drop it too.`,
      );
    for (const user of users) dropUser(draft, user, dropTypes);
  }
}

function dropUser(
  draft: Draft,
  { kind, relationKey = '', name }: ExtensionUser,
  dropTypes: (draft: Draft, keys: readonly string[], cascade: boolean) => void,
): void {
  const relation = draft.relations.get(relationKey);
  switch (kind) {
    case 'extension':
      return forgetExtension(draft, name);
    case 'view':
      return relation === undefined ? undefined : dropRelations(draft, [relationKey], true);
    case 'column':
      return relation?.columns.some((column) => column.name === name) === true
        ? dropColumn(draft, relationKey, name, { cascade: true, only: false, isRecursion: true })
        : undefined;
    case 'default':
      return draft.changeRelation(relationKey, (current) => ({
        ...current,
        columns: current.columns.map((column) => (column.name === name ? withoutDefault(column) : column)),
      }));
    case 'constraint': {
      const constraint = relation?.constraints.find((other) => other.name === name);
      return constraint === undefined ? undefined : dropConstraintWhole(draft, relationKey, constraint, true);
    }
    case 'index':
      return removeIndexTree(draft, name);
    case 'type':
      return dropTypes(draft, [name], true);
    case 'function':
      return draft.functions.has(name) ? draft.removeFunction(name) : undefined;
    default:
      return relation === undefined ? undefined : dropParts(draft, relationKey, [{ kind, name }]);
  }
}
