import type { Engine } from '../../engines/engine.ts';
import { displayName } from '../../model/names.ts';
import type { Definition } from '../../model/schema.ts';

export type Compare = Pick<Engine, 'isSameDefinition' | 'isSameExpression'>;

/** What is missing of a list, and what is left over. */
export function listDifferences(
  before: readonly string[],
  after: readonly string[],
  title: (name: string) => string,
): readonly string[] {
  return [
    ...before.filter((name) => !after.includes(name)).map((name) => `${title(name)} is missing`),
    ...after.filter((name) => !before.includes(name)).map((name) => `${title(name)} is left over`),
  ];
}

/** The differences of the definitions of what has one name in both. */
export function definitionDifference(
  compare: Compare,
  old: Definition | undefined,
  now: Definition | undefined,
  title: string,
): readonly string[] {
  return old === undefined || now === undefined || compare.isSameDefinition(old, now)
    ? []
    : [`${title} is defined in another way`];
}

/** Whether two expressions are the same; one whose text is not known is the same as any. */
export function isSameText(compare: Compare, old: string | undefined, now: string | undefined): boolean {
  if (old === now || old === '' || now === '') return true;
  return old !== undefined && now !== undefined && compare.isSameExpression(old, now);
}

/** A name without the schema that it has anyway. */
export function shown({ schema, name }: { readonly schema?: string; readonly name: string }): string {
  return displayName(schema === undefined || schema === 'public' || schema === 'main' ? { name } : { schema, name });
}
