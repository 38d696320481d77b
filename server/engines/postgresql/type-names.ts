import type { Span } from '../../core/span.ts';
import type { TypeName } from '../../model/type-name.ts';
import { argumentText, type NodeOf, nodeAs, stringsOf } from './nodes.ts';
import type { Source } from './source.ts';

/** SQL spellings that format_type prints, for the internal names where the two differ. Source: PostgreSQL manual, table 8.1. */
const DISPLAY: Readonly<Record<string, string>> = {
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  bool: 'boolean',
  varchar: 'character varying',
  bpchar: 'character',
  varbit: 'bit varying',
  timestamptz: 'timestamp with time zone',
  timestamp: 'timestamp without time zone',
  timetz: 'time with time zone',
  time: 'time without time zone',
};

const SERIAL: ReadonlyMap<string, { readonly type: string; readonly serial: 'smallserial' | 'serial' | 'bigserial' }> =
  new Map([
    ['smallserial', { type: 'int2', serial: 'smallserial' }],
    ['serial2', { type: 'int2', serial: 'smallserial' }],
    ['serial', { type: 'int4', serial: 'serial' }],
    ['serial4', { type: 'int4', serial: 'serial' }],
    ['bigserial', { type: 'int8', serial: 'bigserial' }],
    ['serial8', { type: 'int8', serial: 'bigserial' }],
  ]);

/** Bits of an interval's field mask. Source: PostgreSQL's `utils/datetime.h` (INTERVAL_MASK). */
const FIELD_BITS = [
  [4, 'year'],
  [2, 'month'],
  [8, 'day'],
  [1024, 'hour'],
  [2048, 'minute'],
  [4096, 'second'],
] as const;

/** The mask that stands for "all fields", written for `interval(3)`. */
const FULL_RANGE = 0x7fff;

/** A serial word's type and the word itself, when the type is one; a schema or an array makes it an ordinary name. */
export function serialOf(
  type: NodeOf<'TypeName'>,
): { readonly type: string; readonly serial: 'smallserial' | 'serial' | 'bigserial' } | undefined {
  const names = stringsOf(type.names);
  const [name] = names;
  return names.length === 1 && name !== undefined && type.arrayBounds === undefined ? SERIAL.get(name) : undefined;
}

/** A type in canonical spelling; serial words become the integer type under them. */
export function lowerType(source: Source, type: NodeOf<'TypeName'>): TypeName {
  const parts = stringsOf(type.names);
  const schema = parts.length > 1 ? parts.at(-2) : undefined;
  const written = parts.at(-1) ?? '';
  const name = serialOf(type)?.type ?? written;
  // In the tree `pg_catalog` stands before every type that the grammar itself knows; written or not, it is the default.
  const ownSchema = schema === undefined || schema === 'pg_catalog' || type.pct_type === true ? undefined : schema;
  // The type of a column that is looked up when the function is made.
  const shown = type.pct_type === true ? `${parts.join('.')}%TYPE` : name;
  const modifiers = modifiersOf(name, type);
  const arrayDimensions = Math.min(1, type.arrayBounds?.length ?? 0);
  const span =
    type.location === undefined && parts.length === 0
      ? undefined
      : typeSpan(source, source.indexAt(source.at(type.location)));
  return {
    ...(ownSchema === undefined ? {} : { schema: ownSchema }),
    name: shown,
    modifiers,
    arrayDimensions,
    display: displayType(ownSchema, shown, modifiers, arrayDimensions),
    ...(span === undefined ? {} : { span }),
  };
}

/** The SQL spelling of a type for people: `character varying(20)[]`. */
export function displayType(
  schema: string | undefined,
  name: string,
  modifiers: readonly (number | string)[],
  arrayDimensions: number,
): string {
  const base =
    schema === undefined
      ? (DISPLAY[name] ?? (name === 'char' ? '"char"' : quoteType(name)))
      : `${quoteType(schema)}.${quoteType(name)}`;
  const array = arrayDimensions > 0 ? '[]' : '';
  if (modifiers.length === 0 || schema !== undefined)
    return `${base}${modifiers.length === 0 ? '' : `(${modifiers.join(',')})`}${array}`;
  if (name === 'interval') {
    const [first, second] = modifiers;
    const fields = typeof first === 'string' ? ` ${first}` : '';
    const precision = typeof first === 'number' ? first : second;
    return `interval${fields}${precision === undefined ? '' : `(${precision})`}${array}`;
  }
  const zone = /^(timestamp|time)( with(?:out)? time zone)$/.exec(base);
  if (zone !== null) return `${zone[1]}(${modifiers.join(',')})${zone[2]}${array}`;
  return `${base}(${modifiers.join(',')})${array}`;
}

function modifiersOf(name: string, type: NodeOf<'TypeName'>): readonly (number | string)[] {
  const modifiers: (number | string)[] = (type.typmods ?? []).map((modifier) => {
    const constant = nodeAs(modifier, 'A_Const');
    if (
      constant !== undefined &&
      constant.sval === undefined &&
      constant.fval === undefined &&
      constant.ival !== undefined
    )
      return constant.ival.ival ?? 0;
    const column = nodeAs(modifier, 'ColumnRef');
    if (column !== undefined) return stringsOf(column.fields).join('.');
    const negated = nodeAs(modifier, 'A_Expr');
    if (negated !== undefined) return `-${argumentText(negated.rexpr)}`;
    const text = argumentText(modifier);
    return text;
  });
  if (name !== 'interval' || typeof modifiers[0] !== 'number')
    return modifiers.map((modifier) =>
      typeof modifier === 'string' && /^-\d+$/.test(modifier) ? Number(modifier) : modifier,
    );
  const mask = modifiers[0];
  const precision = modifiers.slice(1);
  if (mask === FULL_RANGE) return precision;
  const fields = FIELD_BITS.filter(([bit]) => (mask & bit) !== 0).map(([, word]) => word);
  const first = fields[0] ?? '';
  const last = fields.at(-1) ?? '';
  return [first === last ? first : `${first} to ${last}`, ...precision];
}

function quoteType(name: string): string {
  return /^[a-z_\u0080-\uffff][a-z0-9_$\u0080-\uffff]*(?:%TYPE)?$/.test(name) || name.endsWith('%TYPE')
    ? name
    : `"${name.replaceAll('"', '""')}"`;
}

const SECOND_WORDS: Readonly<Record<string, readonly string[]>> = {
  double: ['precision'],
  character: ['varying'],
  char: ['varying'],
  national: ['character', 'char', 'varying'],
  nchar: ['varying'],
  bit: ['varying'],
};

const INTERVAL_WORDS = ['year', 'month', 'day', 'hour', 'minute', 'second', 'to'];

/** Range of the type that begins at the token `from`. */
function typeSpan(source: Source, from: number): Span {
  const start = source.skip(from, 'setof');
  const first = source.tokens[start];
  let index = source.nameEnd(start);
  if (first?.kind === 'word' && index === start + 1) {
    const seconds = SECOND_WORDS[first.value] ?? [];
    while (seconds.some((word) => source.isWord(index, word))) index++;
    if (first.value === 'interval') while (INTERVAL_WORDS.some((word) => source.isWord(index, word))) index++;
  }
  if (source.isSymbol(index, '(')) index = Math.min(source.closing(index) + 1, source.tokens.length);
  if (
    first?.kind === 'word' &&
    (first.value === 'time' || first.value === 'timestamp') &&
    (source.isWord(index, 'with') || source.isWord(index, 'without')) &&
    source.isWord(index + 1, 'time')
  )
    index += 3;
  if (source.isSymbol(index, '%') && source.isWord(index + 1, 'type')) index += 2;
  if (source.isWord(index, 'array')) index++;
  while (source.isSymbol(index, '[')) index = Math.min(source.closing(index) + 1, source.tokens.length);
  return source.spanOf(from, index);
}
