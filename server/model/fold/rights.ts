import { findFunction, findRelation, findSequence, findType } from '../lookup.ts';
import { objectKey } from '../names.ts';
import type { Grant } from '../operation.ts';
import type { Right } from '../schema.ts';
import type { Draft } from './draft.ts';

/** Privileges that ALL stands for, by the kind of object. Source: PostgreSQL manual, "Privileges", table 5.2; MAINTAIN is left out, as ALL has it from 17 on only. */
const ALL = {
  relation: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'],
  sequence: ['USAGE', 'SELECT', 'UPDATE'],
  function: ['EXECUTE'],
  schema: ['CREATE', 'USAGE'],
  type: ['USAGE'],
} as const;

/** GRANT and REVOKE on whole objects; those that no migration made have no rights that are kept. */
export function grantRights(draft: Draft, operation: Grant): void {
  const change = (
    kind: keyof typeof ALL,
    rights: readonly Right[] | undefined,
  ): { readonly rights: readonly Right[] } => ({
    rights: rightsAfter(rights ?? [], operation, ALL[kind]),
  });
  const isIn = ({ schema }: { readonly schema: string }): boolean =>
    operation.objects.some(({ name }) => name === schema);
  switch (operation.allIn ?? operation.objectKind) {
    case 'table':
    case 'foreign-table': {
      const relations =
        operation.allIn === undefined
          ? operation.objects.flatMap((object) => findRelation(draft, object) ?? [])
          : [...draft.relations.values()].filter(isIn);
      for (const relation of relations)
        draft.changeRelation(objectKey(relation.schema, relation.name), (current) => ({
          ...current,
          ...change('relation', current.rights),
        }));
      return;
    }
    case 'sequence': {
      const sequences =
        operation.allIn === undefined
          ? operation.objects.flatMap((object) => findSequence(draft, object) ?? [])
          : [...draft.sequences.values()].filter(isIn);
      for (const sequence of sequences) draft.putSequence({ ...sequence, ...change('sequence', sequence.rights) });
      return;
    }
    case 'function':
    case 'procedure':
    case 'routine': {
      const functions =
        operation.allIn === undefined
          ? operation.objects.flatMap((object) => findFunction(draft, object) ?? [])
          : [...draft.functions.values()].filter(isIn);
      // Which of several a list of types means is not looked at: one name with several of them keeps none.
      for (const made of functions)
        if (made.overloads.length === 1 || operation.allIn !== undefined)
          draft.putFunction({
            ...made,
            overloads: made.overloads.map((overload) => ({ ...overload, ...change('function', overload.rights) })),
          });
      return;
    }
    case 'schema':
      for (const { name } of operation.objects) {
        const schema = draft.schemas.get(name);
        if (schema !== undefined)
          draft.schemas = draft.schemas.set(name, { ...schema, ...change('schema', schema.rights) });
      }
      return;
    case 'type':
    case 'domain':
      for (const object of operation.objects) {
        const type = findType(draft, object);
        if (type !== undefined) draft.putType({ ...type, ...change('type', type.rights) });
      }
  }
}

function rightsAfter(before: readonly Right[], operation: Grant, all: readonly string[]): readonly Right[] {
  const { kind, grantees = [], grantOption = false } = operation;
  // GRANT OPTION FOR takes the right to hand it on alone.
  if (kind === 'revoke' && grantOption) return before;
  const privileges = operation.privileges?.filter(({ columns }) => columns.length === 0).map(({ name }) => name) ?? all;
  const changed = privileges.flatMap((privilege) =>
    grantees.map((grantee): Right => {
      const old = before.find((right) => right.privilege === privilege && right.grantee === grantee);
      const isUnsure = old === undefined ? kind === 'revoke' : old.isUnsure === true;
      return { privilege, grantee, isHeld: kind === 'grant', ...(isUnsure ? { isUnsure } : {}) };
    }),
  );
  return [
    ...before.filter(
      (old) => !changed.some((right) => right.privilege === old.privilege && right.grantee === old.grantee),
    ),
    ...changed,
  ];
}
