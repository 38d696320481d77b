import type { SchemaView } from '../../../model/lookup.ts';
import type { FunctionObject } from '../../../model/schema.ts';
import type { TypeName } from '../../../model/type-name.ts';
import { fitsParameter } from './coerce.ts';
import { type ValueType, valueType } from './value-type.ts';

type Overload = FunctionObject['overloads'][number];

/** Which argument of a routine one of a call stands for: by its name, or by its place. */
export function placeOfArgument(
  { argumentNames = [] }: Overload,
  index: number,
  names: readonly (string | undefined)[] | undefined,
): number {
  const name = names?.[index];
  return name === undefined ? index : argumentNames.indexOf(name);
}

/** Whether a routine that a migration made can be called so; true where it is not known. */
export function fitsRoutine(
  schema: SchemaView,
  overload: Overload,
  args: readonly (ValueType | undefined)[],
  names: readonly (string | undefined)[] | undefined,
): boolean {
  const types = overload.argumentTypes;
  const least = types.length - (overload.defaults ?? 0) - (overload.variadic === true ? 1 : 0);
  // OUT arguments of a procedure are called with something, on some majors.
  if (overload.procedure && overload.hasOutputs === true) return true;
  if (args.length < (overload.variadic === true ? least + 1 : least)) return false;
  if (overload.variadic !== true && args.length > types.length) return false;
  const places = args.map((_, index) => placeOfArgument(overload, index, names));
  if (places.some((place) => place < 0) || new Set(places).size < places.length) return false;
  // Each argument that nothing is given for has a default.
  if (names !== undefined && types.some((_, place) => !places.includes(place) && place < least)) return false;
  return args.every((type, index) => {
    const place = places[index] ?? index;
    const isGathered = overload.variadic === true && place >= types.length - 1;
    return fitsArgument(schema, type, isGathered ? elementOf(types.at(-1)) : types[place]);
  });
}

function elementOf(type: TypeName | undefined): TypeName | undefined {
  return type === undefined ? undefined : { ...type, arrayDimensions: 0 };
}

function fitsArgument(schema: SchemaView, type: ValueType | undefined, parameter: TypeName | undefined): boolean {
  if (type === undefined || parameter === undefined || type.name === 'unknown') return true;
  const wanted = valueType(schema, parameter);
  if (wanted === undefined) return true;
  if (wanted.enum !== undefined || type.enum !== undefined)
    return type.enum === wanted.enum && type.isArray === wanted.isArray;
  return fitsParameter(type, wanted.isArray ? `_${wanted.name}` : wanted.name);
}
