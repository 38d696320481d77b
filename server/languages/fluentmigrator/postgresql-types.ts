import type { Value } from '../csharp/call.ts';
import type { ColumnType } from './expression.ts';

/** Most characters of a `varchar`. */
const MOST_CHARACTERS = 10_485_760n;

const FIXED: Readonly<Record<string, string>> = {
  AsBinary: 'bytea',
  AsBoolean: 'boolean',
  AsByte: 'smallint',
  AsCurrency: 'money',
  AsDate: 'date',
  AsDateTime: 'timestamp',
  AsDateTime2: 'timestamp',
  AsDouble: 'float8',
  AsFloat: 'float4',
  AsGuid: 'uuid',
  AsInt16: 'smallint',
  AsInt32: 'integer',
  AsInt64: 'bigint',
  AsTime: 'time',
  AsXml: 'xml',
};

/** A type as FluentMigrator writes it for PostgreSQL; undefined where it is none that is known. Source: PostgresTypeMap.cs. */
export function postgresType({ method, arguments: given }: ColumnType): string | undefined {
  const numbers = given.flatMap((value) => (value.kind === 'number' ? [value.sql] : []));
  const [size, precision] = numbers;
  // A number that is not literal makes a type that is not known, and a collation none.
  if (given.some((value) => !isPlain(value))) return undefined;
  switch (method) {
    case 'AsString':
    case 'AsAnsiString':
      return size === undefined || BigInt(size) > MOST_CHARACTERS ? 'text' : `varchar(${size})`;
    case 'AsFixedLengthString':
    case 'AsFixedLengthAnsiString':
      return `char(${size ?? '255'})`;
    case 'AsDecimal':
      return size === undefined ? 'decimal(19,5)' : `decimal(${size},${precision ?? '0'})`;
    case 'AsDateTimeOffset':
      return size === undefined ? 'timestamptz' : `timestamptz(${size})`;
    default:
      return FIXED[method];
  }
}

function isPlain(value: Value): boolean {
  return value.kind === 'number' || (value.kind === 'text' && value.text.holes.length === 0);
}

/** A constant of a type, for one that is not known: what it is changes no lock and no rewrite. */
export function standInOf(type: ColumnType | undefined): string {
  switch (type?.method) {
    case 'AsByte':
    case 'AsCurrency':
    case 'AsDouble':
    case 'AsFloat':
    case 'AsInt16':
    case 'AsInt32':
    case 'AsInt64':
    case 'AsDecimal':
      return '0';
    case 'AsBoolean':
      return 'false';
    case 'AsDate':
    case 'AsDateTime':
    case 'AsDateTime2':
    case 'AsDateTimeOffset':
      return "'-infinity'";
    case 'AsTime':
      return "'00:00'";
    case 'AsGuid':
      return "'00000000-0000-0000-0000-000000000000'";
    default:
      return "''";
  }
}
