import type { TypeName } from '../../../model/type-name.ts';

/** A CLR type as C# writes it; a value type holds no null without a question mark. */
export interface ClrType {
  readonly name: string;
  readonly isValue: boolean;
}

const TEXT: ClrType = { name: 'string', isValue: false };

/**
 * CLR types that EF Core reads store types as.
 *
 * Source: npgsql/efcore.pg, Storage/Internal/NpgsqlTypeMappingSource.cs; dotnet/efcore, SqliteTypeMappingSource.cs.
 */
const TYPES: Readonly<Record<string, ClrType>> = {
  bool: { name: 'bool', isValue: true },
  int2: { name: 'short', isValue: true },
  int4: { name: 'int', isValue: true },
  int8: { name: 'long', isValue: true },
  float4: { name: 'float', isValue: true },
  float8: { name: 'double', isValue: true },
  numeric: { name: 'decimal', isValue: true },
  text: TEXT,
  varchar: TEXT,
  bpchar: TEXT,
  json: TEXT,
  jsonb: TEXT,
  uuid: { name: 'Guid', isValue: true },
  bytea: { name: 'byte[]', isValue: false },
  date: { name: 'DateOnly', isValue: true },
  timestamp: { name: 'DateTime', isValue: true },
  timestamptz: { name: 'DateTime', isValue: true },
  integer: { name: 'int', isValue: true },
  real: { name: 'double', isValue: true },
  blob: { name: 'byte[]', isValue: false },
};

/** The CLR type of a column; undefined for a type of which it is not known. */
export function clrTypeOf({ schema, name, arrayDimensions }: TypeName): ClrType | undefined {
  return schema === undefined && arrayDimensions === 0 ? TYPES[name.toLowerCase()] : undefined;
}
