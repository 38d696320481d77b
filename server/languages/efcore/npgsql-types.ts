import type { Value } from '../csharp/call.ts';
import { shown } from '../csharp/command.ts';
import type { BoundArguments } from './parameters.ts';

/**
 * Store types of CLR types where a call names none.
 *
 * Source: npgsql/efcore.pg, Storage/Internal/NpgsqlTypeMappingSource.cs.
 */
const STORE_TYPES: Readonly<Record<string, string>> = {
  bool: 'boolean',
  Boolean: 'boolean',
  byte: 'smallint',
  Byte: 'smallint',
  short: 'smallint',
  Int16: 'smallint',
  sbyte: 'smallint',
  SByte: 'smallint',
  int: 'integer',
  Int32: 'integer',
  ushort: 'integer',
  UInt16: 'integer',
  long: 'bigint',
  Int64: 'bigint',
  uint: 'bigint',
  UInt32: 'bigint',
  ulong: 'numeric(20,0)',
  UInt64: 'numeric(20,0)',
  float: 'real',
  Single: 'real',
  double: 'double precision',
  Double: 'double precision',
  decimal: 'numeric',
  Decimal: 'numeric',
  string: 'text',
  String: 'text',
  char: 'character(1)',
  Char: 'character(1)',
  Guid: 'uuid',
  DateTime: 'timestamp with time zone',
  DateTimeOffset: 'timestamp with time zone',
  DateOnly: 'date',
  TimeOnly: 'time without time zone',
  TimeSpan: 'interval',
  'byte[]': 'bytea',
  JsonDocument: 'jsonb',
  BitArray: 'bit varying',
  IPAddress: 'inet',
  PhysicalAddress: 'macaddr',
  NpgsqlTsVector: 'tsvector',
  Instant: 'timestamp with time zone',
  LocalDate: 'date',
  LocalDateTime: 'timestamp without time zone',
  LocalTime: 'time without time zone',
  Duration: 'interval',
};

/** The store type of a column whose call names none; undefined where the CLR type does not tell. */
export function npgsqlType(clrType: string | undefined, bound: BoundArguments): string | undefined {
  const plain = clrType?.replace(/\?$/, '').replace(/^System\./, '');
  if (plain === undefined) return undefined;
  const length = bound.get('maxLength');
  if (/^[sS]tring$/.test(plain)) {
    if (length?.kind === 'number')
      return `${bound.isTrue('fixedLength') === true ? 'character' : 'character varying'}(${length.sql})`;
    return 'text';
  }
  const precision = bound.get('precision');
  const scale = bound.get('scale');
  if (/^[dD]ecimal$/.test(plain) && precision?.kind === 'number')
    return `numeric(${precision.sql}${scale?.kind === 'number' ? `,${scale.sql}` : ''})`;
  const listed = /^(?:List|IList|IReadOnlyList|ICollection|IEnumerable)<(.+)>$/.exec(lastWord(plain))?.[1];
  if (plain !== 'byte[]' && (listed !== undefined || plain.endsWith('[]'))) {
    const element = STORE_TYPES[listed ?? plain.slice(0, -2)];
    return element === undefined ? undefined : `${element}[]`;
  }
  return STORE_TYPES[plain];
}

/** A constant as Npgsql writes it for a column of a type; `isKnown` is off where a value stands in for it. */
export function npgsqlLiteral(value: Value, type: string): { readonly sql: string; readonly isKnown: boolean } {
  const base = type.toLowerCase().replace(/\(.*/, '').trim();
  const known = value.kind === 'member' ? KNOWN_MEMBERS[value.name.replace(/^System\./, '')] : undefined;
  if (known !== undefined) return { sql: known, isKnown: true };
  switch (value.kind) {
    case 'text':
      if (value.text.holes.length > 0) return standIn(base, shown(value));
      if (/^jsonb?$/.test(base) && value.text.text === '') return { sql: `'{}'`, isKnown: true };
      return { sql: quoteText(value.text.text), isKnown: true };
    case 'number':
      return { sql: value.sql, isKnown: true };
    case 'boolean':
      return { sql: value.value ? 'TRUE' : 'FALSE', isKnown: true };
    case 'list':
      if (base === 'bytea' && value.items.every((item) => item.kind === 'number' && /^\d+$/.test(item.sql)))
        return { sql: `BYTEA E'\\\\x${value.items.map(hexByte).join('')}'`, isKnown: true };
      return value.items.length === 0
        ? {
            sql: `ARRAY[]::${type.endsWith('[]') ? type : `${type}[]`}`,
            isKnown: true,
          }
        : arrayOf(value.items, type);
    case 'new': {
      const [first] = value.arguments;
      if (value.type === 'Guid') {
        if (first === undefined) return { sql: `'00000000-0000-0000-0000-000000000000'`, isKnown: true };
        if (first.value.kind === 'text') return { sql: quoteText(first.value.text.text), isKnown: true };
      }
      if (/^(?:List|HashSet)</.test(value.type) && value.arguments.length === 0 && type.endsWith('[]'))
        return { sql: `ARRAY[]::${type}`, isKnown: true };
      const numbers = value.arguments.map((argument) =>
        argument.value.kind === 'number' ? Number(argument.value.sql) : Number.NaN,
      );
      const isWhole = numbers.every((number) => Number.isInteger(number) && number >= 0);
      if (value.type === 'TimeOnly' && isWhole && numbers.length >= 2 && numbers.length <= 3)
        return { sql: `TIME '${clock(numbers)}'`, isKnown: true };
      if (value.type === 'TimeSpan' && isWhole && base === 'interval') {
        // Days come first where there are more than three; milliseconds last.
        const [days = 0, ...time] = numbers.length > 3 ? numbers : [0, ...numbers];
        if (numbers.length >= 3 && (time[3] ?? 0) === 0)
          return { sql: `INTERVAL '${days === 0 ? '' : `${days} `}${clock(time)}'`, isKnown: true };
      }
      const date = value.arguments[0]?.value;
      if (
        value.type === 'DateTimeOffset' &&
        date?.kind === 'new' &&
        date.type === 'DateTime' &&
        isZero(value.arguments[1]?.value)
      )
        return npgsqlLiteral(date, type);
      if (
        /^(?:DateTime|DateOnly|DateTimeOffset)$/.test(value.type) &&
        numbers.slice(0, 3).every((number) => !Number.isNaN(number)) &&
        numbers.length >= 3
      )
        return { sql: dateLiteral(numbers, base), isKnown: true };
      return standIn(base, shown(value));
    }
    default:
      return standIn(base, shown(value));
  }
}

/** What the programs' own names say, as Npgsql writes it. */
export const KNOWN_MEMBERS: Readonly<Record<string, string>> = {
  'int.MaxValue': '2147483647',
  'int.MinValue': '-2147483648',
  'long.MaxValue': '9223372036854775807',
  'long.MinValue': '-9223372036854775808',
  'short.MaxValue': '32767',
  'byte.MaxValue': '255',
  'Guid.Empty': "'00000000-0000-0000-0000-000000000000'",
  'string.Empty': "''",
  'String.Empty': "''",
};

function lastWord(name: string): string {
  return name.replace(/^(?:\w+\.)+(?=\w+<)/, '');
}

/** Whether a span of time is none: `new TimeSpan(0, 0, 0)`, `TimeSpan.Zero`. */
function isZero(value: Value | undefined): boolean {
  if (value?.kind === 'member') return value.name.endsWith('TimeSpan.Zero');
  return (
    value?.kind === 'new' &&
    value.arguments.every(({ value: part }) => part.kind === 'number' && Number(part.sql) === 0)
  );
}

export function hexByte(item: Value): string {
  return item.kind === 'number' ? Number(item.sql).toString(16).padStart(2, '0').toUpperCase() : '';
}

export function clock([hour = 0, minute = 0, second = 0]: readonly number[]): string {
  return [hour, minute, second].map((part) => String(part).padStart(2, '0')).join(':');
}

function arrayOf(items: readonly Value[], type: string): { readonly sql: string; readonly isKnown: boolean } {
  const element = type.replace(/\[\]$/, '');
  const literals = items.map((item) => npgsqlLiteral(item, element));
  return {
    sql: `ARRAY[${literals.map(({ sql }) => sql).join(',')}]::${type.endsWith('[]') ? type : `${type}[]`}`,
    isKnown: literals.every(({ isKnown }) => isKnown),
  };
}

function dateLiteral(numbers: readonly number[], base: string): string {
  const [year = 1, month = 1, day = 1, hour = 0, minute = 0, second = 0] = numbers.map((number) =>
    Number.isNaN(number) ? 0 : number,
  );
  const two = (number: number): string => String(number).padStart(2, '0');
  const isLeast = year === 1 && month === 1 && day === 1 && hour === 0 && minute === 0 && second === 0;
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  if (base === 'date') return isLeast ? `DATE '-infinity'` : `DATE '${date}'`;
  const isZoned = base === 'timestamp with time zone' || base === 'timestamptz';
  const word = isZoned ? 'TIMESTAMPTZ' : 'TIMESTAMP';
  return isLeast
    ? `${word} '-infinity'`
    : `${word} '${date}${isZoned ? 'T' : 'T'}${two(hour)}:${two(minute)}:${two(second)}${isZoned ? 'Z' : ''}'`;
}

/** A constant of the type, where the code's own value is not literal: what it is changes no lock and no rewrite. */
function standIn(base: string, source: string): { readonly sql: string; readonly isKnown: boolean } {
  const note = ` /* ${source.replaceAll('*/', '')} */`;
  if (/^(?:smallint|integer|int\d?|bigint|numeric|decimal|real|double precision|float\d?)$/.test(base))
    return { sql: `0${note}`, isKnown: false };
  if (/^bool(?:ean)?$/.test(base)) return { sql: `FALSE${note}`, isKnown: false };
  if (/^(?:timestamp|date|time)/.test(base)) return { sql: `'-infinity'${note}`, isKnown: false };
  if (base === 'uuid') return { sql: `'00000000-0000-0000-0000-000000000000'${note}`, isKnown: false };
  if (/^jsonb?$/.test(base)) return { sql: `'{}'${note}`, isKnown: false };
  if (base === 'interval') return { sql: `INTERVAL '0'${note}`, isKnown: false };
  return { sql: `''${note}`, isKnown: false };
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
