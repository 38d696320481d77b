import { creationSchema, relationKeyOf } from '../lookup.ts';
import type { DropObjects, OtherDefinition } from '../operation.ts';
import type { Draft } from './draft.ts';
import { forgetUser, noteUser } from './tracked-users.ts';

/** CREATE and ALTER PUBLICATION: which tables it names. */
export function definePublication(draft: Draft, operation: OtherDefinition): void {
  const name = operation.object?.name;
  if (name === undefined) return;
  const keys = operation.relations.map((relation) => relationKeyOf(draft, relation));
  const before = draft.publications[name];
  notePublished(draft, operation, name, before ?? []);
  notePublishing(draft, operation, name);
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
    const { [name]: _sent, ...others } = draft.publishing;
    draft.publishing = others;
    forgetUser(draft, publicationUser(name));
  }
}

/** ALTER PUBLICATION ... RENAME TO. */
export function renamePublication(draft: Draft, from: string, to: string): void {
  const { [from]: tables, ...published } = draft.publications;
  const { [from]: publishing, ...others } = draft.publishing;
  const isOne = `publication ${from}`;
  if (draft.others.has(isOne))
    draft.others = new Set([...[...draft.others].filter((other) => other !== isOne), `publication ${to}`]);
  if (tables !== undefined) draft.publications = { ...published, [to]: tables };
  if (publishing !== undefined) draft.publishing = { ...others, [to]: publishing };
}

/** Source of what is sent where `publish` is not given: PostgreSQL manual, CREATE PUBLICATION. */
const ALL_CHANGES = ['insert', 'update', 'delete', 'truncate'];

function notePublishing(draft: Draft, operation: OtherDefinition, name: string): void {
  const { kind, publishing } = operation;
  const before = draft.publishing[name];
  // Of one that nothing made it is not known what it sends.
  if (publishing === undefined || (kind !== 'create-object' && before === undefined)) return;
  const changes = publishing.changes ?? before?.changes ?? ALL_CHANGES;
  const schemas = schemasOf(draft, operation, before?.schemas ?? []);
  draft.publishing = {
    ...draft.publishing,
    [name]: {
      isAll: publishing.isAll || before?.isAll === true,
      changes,
      ...(schemas.length === 0 ? {} : { schemas }),
    },
  };
}

/** Schemas whose tables a publication has after the statement. */
function schemasOf(
  draft: Draft,
  { publication, publishing }: OtherDefinition,
  before: readonly string[],
): readonly string[] {
  const written = (publishing?.schemas ?? []).flatMap((schema) => schema ?? creationSchema(draft) ?? []);
  switch (publication) {
    case 'set':
      return written;
    case 'drop':
      return before.filter((schema) => !written.includes(schema));
    default:
      return [...new Set([...before, ...written])];
  }
}

/** A schema that gets another name, or none: its tables stay in the publications that have them, or leave them. */
export function movePublishedSchema(draft: Draft, from: string, to: string | undefined): void {
  for (const [name, publishing] of Object.entries(draft.publishing)) {
    if (publishing.schemas?.includes(from) !== true) continue;
    const schemas = publishing.schemas.flatMap((schema) => (schema === from ? (to ?? []) : schema));
    draft.publishing = { ...draft.publishing, [name]: { ...publishing, schemas } };
  }
}

function publicationUser(name: string): {
  readonly kind: 'publication';
  readonly owner: string;
  readonly name: string;
} {
  return { kind: 'publication', owner: name, name };
}

/** Which columns it names of its tables, in lists and filters. */
function notePublished(draft: Draft, operation: OtherDefinition, name: string, before: readonly string[]): void {
  if (operation.publication === 'set' && before.length > 0) forgetUser(draft, publicationUser(name));
  for (const [place, relation] of operation.relations.entries()) {
    const key = relationKeyOf(draft, relation);
    const found = draft.relations.get(key);
    if (found === undefined) continue;
    if (operation.publication === 'drop') forgetUser(draft, publicationUser(name), key);
    else noteUser(draft, found, publicationUser(name), operation.publishedColumns?.[place] ?? []);
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
