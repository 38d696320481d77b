import type { Value } from '../csharp/call.ts';
import { shown } from '../csharp/command.ts';
import type { ColumnFacets } from './model/ef-model.ts';
import { clock, hexByte, KNOWN_MEMBERS } from './npgsql-types.ts';

/**
 * Store types of CLR types where a call names none.
 *
 * Source: dotnet/efcore, Storage/Internal/SqlServerTypeMappingSource.cs.
 */
const STORE_TYPES: Readonly<Record<string, string>> = {
  bool: 'bit',
  Boolean: 'bit',
  byte: 'tinyint',
  Byte: 'tinyint',
  sbyte: 'smallint',
  SByte: 'smallint',
  short: 'smallint',
  Int16: 'smallint',
  ushort: 'int',
  UInt16: 'int',
  int: 'int',
  Int32: 'int',
  uint: 'bigint',
  UInt32: 'bigint',
  long: 'bigint',
  Int64: 'bigint',
  ulong: 'decimal(20,0)',
  UInt64: 'decimal(20,0)',
  float: 'real',
  Single: 'real',
  double: 'float',
  Double: 'float',
  char: 'nvarchar(1)',
  Char: 'nvarchar(1)',
  Guid: 'uniqueidentifier',
  DateTime: 'datetime2',
  DateTimeOffset: 'datetimeoffset',
  DateOnly: 'date',
  TimeOnly: 'time',
  TimeSpan: 'time',
};

/** Longest texts and bytes that a type with a length holds, and that a key or an index takes; in characters or bytes. */
const MOST_NVARCHAR = 4000;
const MOST_VARCHAR = 8000;
const KEY_NVARCHAR = 450;
const KEY_VARCHAR = 900;

/** The store type of a column whose call names none; undefined where the CLR type does not tell. */
export function sqlServerType(
  clrType: string | undefined,
  facets: ColumnFacets,
  isKeyOrIndexed: boolean,
): string | undefined {
  const plain = clrType?.replace(/\?$/, '').replace(/^System\./, '');
  if (plain === undefined) return undefined;
  const length = facets.maxLength === undefined ? undefined : Number(facets.maxLength);
  const isFixed = facets.fixedLength === 'true';
  if (/^string$/i.test(plain)) {
    const isUnicode = facets.unicode !== 'false';
    return sized(
      `${isUnicode ? 'n' : ''}${isFixed ? 'char' : 'varchar'}`,
      length ?? (isKeyOrIndexed ? (isUnicode ? KEY_NVARCHAR : KEY_VARCHAR) : undefined),
      isUnicode ? MOST_NVARCHAR : MOST_VARCHAR,
      isFixed,
    );
  }
  if (plain === 'byte[]' || plain === 'Byte[]') {
    if (facets.rowVersion === 'true') return 'rowversion';
    return sized(
      isFixed ? 'binary' : 'varbinary',
      length ?? (isKeyOrIndexed ? KEY_VARCHAR : undefined),
      MOST_VARCHAR,
      isFixed,
    );
  }
  if (/^decimal$/i.test(plain)) return `decimal(${facets.precision ?? '18'},${facets.scale ?? '2'})`;
  // Collections of plain values are kept as JSON.
  if (/\[\]$|^(?:\w+\.)*(?:List|IList|IReadOnlyList|ICollection|IEnumerable)<.+>$/.test(plain)) return 'nvarchar(max)';
  return STORE_TYPES[plain];
}

function sized(name: string, length: number | undefined, most: number, isFixed: boolean): string {
  if (length === undefined || length < 0) return isFixed && length === undefined ? name : `${name}(max)`;
  if (length <= most) return `${name}(${length})`;
  // What a fixed length cannot hold has none.
  return `${name
    .replace(/char$/, 'varchar')
    .replace('varvar', 'var')
    .replace(/^binary$/, 'varbinary')}(max)`;
}

/** Most arguments of one CONCAT, the last of which may be another one. */
const MOST_CONCAT = 253;

/** A text as the provider writes it: line breaks are calls. Source: dotnet/efcore, SqlServerStringTypeMapping.cs. */
export function sqlServerText(text: string, isUnicode = true): string {
  const mark = isUnicode ? 'N' : '';
  const parts = text
    .split(/(\r|\n)/)
    .filter((part) => part !== '')
    .map((part) =>
      part === '\n' || part === '\r'
        ? `${isUnicode ? 'n' : ''}char(${part === '\n' ? 10 : 13})`
        : `${mark}'${part.replaceAll("'", "''")}'`,
    );
  const [first, ...rest] = parts;
  if (first === undefined) return `${mark}''`;
  if (rest.length === 0) return first;
  return concatenated([`CAST(${first} AS ${isUnicode ? 'n' : ''}varchar(max))`, ...rest]);
}

function concatenated(parts: readonly string[]): string {
  const rest = parts.slice(MOST_CONCAT);
  if (parts.length === 1) return parts.join();
  return `CONCAT(${[...parts.slice(0, MOST_CONCAT), ...(rest.length === 0 ? [] : [concatenated(rest)])].join(', ')})`;
}

/**
 * A constant as the provider writes it for a column of a type, `''` for one that is not known; where the code's own value
 * is not literal, a value of the type with the code beside it, since what it is changes no lock.
 */
export function sqlServerLiteral(value: Value, type: string): string {
  const base = type.toLowerCase().replace(/\(.*/, '').trim();
  const member = value.kind === 'member' ? KNOWN_MEMBERS[value.name.replace(/^System\./, '')] : undefined;
  if (member !== undefined) {
    if (/^-?\d/.test(member)) return number(member, base);
    return member === "''" ? sqlServerText('', isUnicode(base)) : member;
  }
  switch (value.kind) {
    case 'text':
      return value.text.holes.length > 0
        ? standIn(base, shown(value))
        : sqlServerText(value.text.text, isUnicode(base));
    case 'number':
      return number(value.sql, base);
    case 'boolean':
      return `CAST(${value.value ? 1 : 0} AS bit)`;
    case 'null':
      return 'NULL';
    case 'list':
      if (value.items.every((item) => item.kind === 'number' && /^\d+$/.test(item.sql)) && !/char/.test(base))
        return `0x${value.items.map(hexByte).join('')}`;
      return standIn(base, shown(value));
    case 'new':
      return made(value.type, value.arguments, type) ?? standIn(base, shown(value));
    default:
      return standIn(base, shown(value));
  }
}

function isUnicode(base: string): boolean {
  return !/^(?:var)?char$|^text$/.test(base);
}

function number(sql: string, base: string): string {
  if (/^(?:bigint|smallint|tinyint|real)$/.test(base)) return `CAST(${sql} AS ${base})`;
  if (/^(?:decimal|numeric|money|smallmoney)$/.test(base)) {
    const [whole = '0', fraction = ''] = sql.split('.');
    const digits = fraction.replace(/0+$/, '');
    return `${whole}.${digits === '' ? '0' : digits}`;
  }
  if (/^(?:float|double precision)$/.test(base)) {
    const size = Math.abs(Number(sql));
    // .NET writes what is very large or very small with two digits of exponent, and more only where it must.
    if (size !== 0 && (size >= 1e15 || size < 1e-4))
      return Number(sql)
        .toExponential()
        .toUpperCase()
        .replace(/([+-])(\d)$/, '$10$2');
    const plain = String(Number(sql));
    return `${plain.includes('.') ? plain : `${plain}.0`}E0`;
  }
  return sql;
}

type Given = Extract<Value, { kind: 'new' }>['arguments'];

function made(name: string, given: Given, type: string): string | undefined {
  const [first] = given;
  if (name === 'Guid') {
    if (first === undefined) return `'00000000-0000-0000-0000-000000000000'`;
    return first.value.kind === 'text' ? `'${first.value.text.text.toLowerCase()}'` : undefined;
  }
  if (/^(?:List|HashSet)</.test(name) || name.endsWith('[]')) return given.length === 0 ? `N'[]'` : undefined;
  const base = type.toLowerCase().replace(/\(.*/, '').trim();
  const numbers = given.map(({ value }) => (value.kind === 'number' ? Number(value.sql) : Number.NaN));
  if (name === 'TimeOnly' || name === 'TimeSpan') {
    // A span's days come first where there are more than three parts; milliseconds last.
    const [days = 0, ...time] = name === 'TimeSpan' && numbers.length > 3 ? numbers : [0, ...numbers];
    if (days !== 0 || numbers.length < 2 || numbers.some((part) => !Number.isInteger(part) || part < 0))
      return undefined;
    const rest = time[3] ?? 0;
    return `'${clock(time)}${rest === 0 ? '' : `.${String(rest).padStart(3, '0')}0000`}'`;
  }
  if (name === 'DateTimeOffset') {
    const zone = given[1]?.value;
    const inner = first?.value;
    if (inner?.kind !== 'new' || inner.type !== 'DateTime' || zone === undefined) return undefined;
    const offset = zoneOf(zone);
    const moment = momentOf(inner.arguments, type);
    return offset === undefined || moment === undefined ? undefined : `'${moment.text}${offset}'`;
  }
  if (name === 'DateTime' || name === 'DateOnly') {
    const moment = momentOf(given, type);
    if (moment === undefined) return undefined;
    if (base === 'date' || name === 'DateOnly') return `'${moment.text.slice(0, 10)}'`;
    return `'${moment.text}${moment.isUtc && /^(?:datetime2|)$/.test(base) ? 'Z' : ''}'`;
  }
  return undefined;
}

/** A moment as `yyyy-MM-ddTHH:mm:ss.fffffff`, with as many digits as the type holds. */
function momentOf(given: Given, type: string): { readonly text: string; readonly isUtc: boolean } | undefined {
  const kind = given.at(-1)?.value;
  const isNamed = kind?.kind === 'member' && kind.name.includes('DateTimeKind.');
  const parts = (isNamed ? given.slice(0, -1) : given).map(({ value }) =>
    value.kind === 'number' ? Number(value.sql) : Number.NaN,
  );
  if (parts.length < 3 || parts.length > 7 || parts.some((part) => !Number.isInteger(part) || part < 0))
    return undefined;
  const [year = 1, month = 1, day = 1, hour = 0, minute = 0, second = 0, millisecond = 0] = parts;
  const two = (part: number): string => String(part).padStart(2, '0');
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  const digits = `${String(millisecond).padStart(3, '0')}0000`.slice(0, digitsOf(type));
  return {
    text: `${date}T${two(hour)}:${two(minute)}:${two(second)}${digits === '' ? '' : `.${digits}`}`,
    isUtc: kind?.kind === 'member' && kind.name.endsWith('DateTimeKind.Utc'),
  };
}

function digitsOf(type: string): number {
  const plain = type.toLowerCase().trim();
  if (plain === 'datetime') return 3;
  if (plain === 'smalldatetime') return 0;
  const precision = /^(?:datetime2|datetimeoffset)\s*\(\s*(\d)\s*\)$/.exec(plain)?.[1];
  return precision === undefined ? 7 : Number(precision);
}

function zoneOf(value: Value): string | undefined {
  if (value.kind === 'member') return value.name.endsWith('TimeSpan.Zero') ? '+00:00' : undefined;
  if (value.kind !== 'new' || value.type !== 'TimeSpan') return undefined;
  const parts = value.arguments.map((argument) =>
    argument.value.kind === 'number' ? Number(argument.value.sql) : Number.NaN,
  );
  const [hours = 0, minutes = 0] = parts.length > 3 ? parts.slice(1) : parts;
  if (Number.isNaN(hours) || Number.isNaN(minutes)) return undefined;
  const two = (part: number): string => String(Math.abs(part)).padStart(2, '0');
  return `${hours < 0 || minutes < 0 ? '-' : '+'}${two(hours)}:${two(minutes)}`;
}

function standIn(base: string, source: string): string {
  const note = ` /* ${source.replaceAll('*/', '')} */`;
  if (/int$|^(?:decimal|numeric|float|real|money|smallmoney)$/.test(base)) return `0${note}`;
  if (base === 'bit') return `CAST(0 AS bit)${note}`;
  if (/^(?:date|smalldate)/.test(base)) return `'0001-01-01'${note}`;
  if (base === 'time') return `'00:00:00'${note}`;
  if (base === 'uniqueidentifier') return `'00000000-0000-0000-0000-000000000000'${note}`;
  if (/binary$/.test(base)) return `0x${note}`;
  return `N''${note}`;
}
