import { IMPLICIT } from './cast-data.ts';
import type { Form } from './forms.ts';
import type { ValueType } from './value-type.ts';

/** A type whose values are not told apart further: undefined. */
type Given = ValueType | undefined;

/** Whether a value may stand for a parameter of an internal type without a cast; true where it is not known. */
export function fitsParameter(given: Given, parameter: string): boolean {
  if (given === undefined || given.name === 'unknown') return true;
  switch (parameter) {
    case 'any':
    case 'anyelement':
    case 'anycompatible':
      return true;
    case 'anynonarray':
    case 'anycompatiblenonarray':
      return !given.isArray;
    case 'anyarray':
    case 'anycompatiblearray':
      return given.isArray || /vector$/.test(given.name);
    case 'anyenum':
      return given.enum !== undefined && !given.isArray;
    case 'anyrange':
    case 'anycompatiblerange':
      return /range$/.test(given.name) && !/multirange$/.test(given.name) && !given.isArray;
    case 'anymultirange':
    case 'anycompatiblemultirange':
      return /multirange$/.test(given.name) && !given.isArray;
    default:
      return given.isArray
        ? parameter.startsWith('_') && becomes(given, parameter.slice(1))
        : becomes(given, parameter);
  }
}

function becomes(given: ValueType, name: string): boolean {
  if (given.enum !== undefined) return false;
  return given.name === name || IMPLICIT.has(`${given.name}>${name}`);
}

/** Whether what a call gives fits a form; each argument alone, so that more is allowed than the server does, never less. */
export function fitsForm(given: readonly Given[], form: Form): boolean {
  const { types } = form;
  if (form.variadic) {
    if (given.length < types.length - 1) return false;
    const last = types.at(-1) ?? 'any';
    const element = last.startsWith('_') ? last.slice(1) : last === 'anyarray' ? 'anyelement' : 'any';
    return given.every((type, place) =>
      place < types.length - 1
        ? fitsParameter(type, types[place] ?? 'any')
        : fitsParameter(type, element) || fitsParameter(type, last),
    );
  }
  if (given.length > types.length || given.length < types.length - form.defaults) return false;
  return given.every((type, place) => fitsParameter(type, types[place] ?? 'any'));
}

/** Families of types as `pg_type.typcategory` has them, of those that a CASE or UNION often holds. */
const CATEGORIES: Readonly<Record<string, string>> = {
  int2: 'N',
  int4: 'N',
  int8: 'N',
  numeric: 'N',
  float4: 'N',
  float8: 'N',
  text: 'S',
  varchar: 'S',
  bpchar: 'S',
  name: 'S',
  date: 'D',
  timestamp: 'D',
  timestamptz: 'D',
  time: 'D',
  timetz: 'D',
  interval: 'T',
  bool: 'B',
  inet: 'I',
  cidr: 'I',
  uuid: 'uuid',
  json: 'json',
  jsonb: 'jsonb',
  bytea: 'bytea',
};

/** Whether two types have surely none in common that a CASE, COALESCE, UNION or VALUES could give. */
export function isUnmatched(left: Given, right: Given): boolean {
  if (left === undefined || right === undefined || left.name === 'unknown' || right.name === 'unknown') return false;
  if (left.isArray !== right.isArray) return true;
  if (left.isArray) return false;
  if (left.enum !== undefined || right.enum !== undefined) return left.enum !== right.enum;
  const [first, second] = [CATEGORIES[left.name], CATEGORIES[right.name]];
  return first !== undefined && second !== undefined && first !== second;
}
