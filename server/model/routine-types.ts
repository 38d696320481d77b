import type { FunctionObject } from './schema.ts';
import type { TypeName } from './type-name.ts';

/** Types that a function takes and gives. */
export function signatureTypes({
  argumentTypes,
  returns,
  outputs = [],
}: FunctionObject['overloads'][number]): readonly TypeName[] {
  return [...argumentTypes, ...(returns === undefined ? [] : [returns]), ...outputs.map(({ type }) => type)];
}

/** Name of a function that takes or gives a type, or an array of it, and so goes only before it or with it. */
export function routineOf(
  functions: Iterable<FunctionObject>,
  { schema, name }: { readonly schema: string; readonly name: string },
): string | undefined {
  for (const made of functions)
    for (const overload of made.overloads)
      if (signatureTypes(overload).some((type) => type.name === name && type.schema === schema)) return made.name;
  return undefined;
}
