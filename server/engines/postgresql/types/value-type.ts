import { findType, referredColumn } from '../../../model/lookup.ts';
import type { SchemaView } from '../../../model/lookup.ts';
import type { UserType } from '../../../model/schema.ts';
import type { TypeName } from '../../../model/type-name.ts';
import { BASE_TYPES } from './cast-data.ts';

/**
 * The type of a value as far as it is known for certain: a built-in type, an enum or an array of them. A domain is its base.
 *
 * `unknown` is the name of a literal whose type what stands around it decides.
 */
export interface ValueType {
  readonly name: string;
  readonly isArray: boolean;
  readonly enum?: UserType;
}

export const UNKNOWN: ValueType = { name: 'unknown', isArray: false };

/** A built-in type. */
export function baseType(name: string): ValueType {
  return { name, isArray: false };
}

/** What a type's name stands for; undefined where it is not known, or is neither built in nor an enum or domain. */
export function valueType(schema: SchemaView, type: TypeName | undefined): ValueType | undefined {
  if (type === undefined) return undefined;
  const isArray = type.arrayDimensions > 0;
  if (type.name.endsWith('%TYPE')) return valueType(schema, referredColumn(schema, type)?.column?.type);
  const user = findType(schema, type);
  if (user === undefined && type.schema === undefined && BASE_TYPES.has(type.name)) return { name: type.name, isArray };
  if (user?.kind === 'enum' && user.labels !== undefined) return { name: user.name, isArray, enum: user };
  if (user?.domain === undefined || isArray) return undefined;
  return valueType(schema, user.domain.base);
}
