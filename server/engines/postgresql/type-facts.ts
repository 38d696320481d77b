import { findType } from '../../model/lookup.ts';
import type { Schema } from '../../model/schema.ts';
import type { TypeName } from '../../model/type-name.ts';
import type { Target, TypeChange, TypeFacts } from '../engine.ts';
import { typeChange } from './effects/casts.ts';
import { displayType } from './type-names.ts';

/** Room of a value of each built-in type. Source: PostgreSQL manual, chapter 8, "Data Types"; asserted against `pg_type.typlen` by test/database/type-facts.test.ts. */
const STORAGE: Readonly<Record<string, string>> = {
  int2: '2 bytes, whole numbers from -32,768 to 32,767',
  int4: '4 bytes, whole numbers up to 2,147,483,647',
  int8: '8 bytes, whole numbers up to 9,223,372,036,854,775,807',
  float4: '4 bytes, about 6 decimal digits',
  float8: '8 bytes, about 15 decimal digits',
  bool: '1 byte',
  date: '4 bytes',
  time: '8 bytes',
  timetz: '12 bytes',
  timestamp: '8 bytes, without a time zone',
  timestamptz: "8 bytes, a moment in UTC that is shown in the session's time zone",
  interval: '16 bytes',
  uuid: '16 bytes',
  money: '8 bytes',
  oid: '4 bytes',
  char: '1 byte',
  macaddr: '6 bytes',
  macaddr8: '8 bytes',
  point: '16 bytes',
  line: '24 bytes',
  lseg: '32 bytes',
  box: '32 bytes',
  circle: '24 bytes',
  pg_lsn: '8 bytes',
  text: 'as long as the value, with 1 to 4 bytes for its length',
  json: 'the text as written, read anew each time',
  jsonb: 'a decomposed form, often a little larger than the text',
  bytea: 'as long as the value, with 1 to 4 bytes for its length',
  inet: '7 or 19 bytes',
  cidr: '7 or 19 bytes',
  xml: 'the text as written',
  tsvector: 'as long as its words and places',
};

/** Fixed sizes as claimed above, in bytes, for the test that compares them with a server. */
export const FIXED_SIZES: ReadonlyMap<string, number> = new Map(
  Object.entries(STORAGE).flatMap(([name, storage]) => {
    const bytes = /^(\d+) bytes?(?:,|$)/.exec(storage)?.[1];
    return bytes === undefined ? [] : [[name, Number(bytes)] as const];
  }),
);

/** What a column type costs: its room, and which changes that are often made later write the table anew. */
export function postgresTypeFacts(type: TypeName, schema: Schema, target: Target): TypeFacts | undefined {
  const storage = storageOf(type, schema);
  if (storage === undefined) return undefined;
  return {
    storage,
    changes: laterTypes(type, schema).map((to) => ({
      to: to.display,
      ...postgresTypeChange(type, to, schema, target),
    })),
  };
}

/** Whether a plain change of a column's type, without USING, writes its table anew. */
export function postgresTypeChange(from: TypeName, to: TypeName, schema: Schema, target: Target): TypeChange {
  return typeChange(
    schema,
    '',
    from,
    to,
    undefined,
    schema.session.timeZone === 'unknown' ? target.timeZone : schema.session.timeZone,
  );
}

function storageOf(type: TypeName, schema: Schema): string | undefined {
  if (type.arrayDimensions > 0) return 'a header of at least 20 bytes, and its elements';
  const made = findType(schema, type);
  if (made?.kind === 'enum') return `4 bytes, one of ${made.labels?.length ?? 'several'} labels`;
  if (made?.domain !== undefined) {
    const base = storageOf(made.domain.base, schema);
    return `a domain over ${made.domain.base.display}${base === undefined ? '' : `: ${base}`}`;
  }
  if (made !== undefined || type.schema !== undefined) return undefined;
  const [length, scale] = type.modifiers;
  switch (type.name) {
    case 'varchar':
      return length === undefined
        ? STORAGE['text']
        : `up to ${length} characters, with 1 to 4 bytes for their length; no faster and no smaller than text`;
    case 'bpchar':
      return `always ${length ?? 1} characters, filled up with spaces`;
    case 'numeric':
      return `2 bytes for each 4 decimal digits, and 3 to 8 more${length === undefined ? '' : `: ${length} digits${scale === undefined ? '' : `, ${scale} of them after the point`}`}`;
    case 'bit':
    case 'varbit':
      return `1 byte for each 8 bits${length === undefined ? '' : ` of ${length}`}, and 5 to 8 more`;
    default:
      return STORAGE[type.name];
  }
}

/** Types that a column of a type is often changed to later. */
function laterTypes(type: TypeName, schema: Schema): readonly TypeName[] {
  if (type.arrayDimensions > 0 || type.schema !== undefined) return [];
  const made = findType(schema, type);
  if (made !== undefined)
    return made.kind === 'enum' ? [named('text')] : made.domain === undefined ? [] : [made.domain.base];
  const [length, scale] = type.modifiers.map(Number);
  switch (type.name) {
    case 'int2':
      return [named('int4'), named('int8')];
    case 'int4':
      return [named('int8'), named('numeric')];
    case 'int8':
      return [named('numeric'), named('text')];
    case 'float4':
      return [named('float8')];
    case 'varchar':
      return length === undefined
        ? [named('text'), named('varchar', [255])]
        : [named('varchar', [length * 2]), named('text'), named('varchar', [Math.max(1, Math.floor(length / 2))])];
    case 'bpchar':
      return [named('varchar', length === undefined ? [1] : [length]), named('text')];
    case 'text':
      return [named('varchar', [255])];
    case 'numeric':
      return length === undefined
        ? [named('numeric', [10, 2])]
        : [
            named('numeric', [length + 2, scale ?? 0]),
            named('numeric', [length + 2, (scale ?? 0) + 2]),
            named('numeric'),
          ];
    case 'date':
      return [named('timestamptz')];
    case 'timestamp':
      return [named('timestamptz')];
    case 'timestamptz':
      return [named('timestamp')];
    case 'json':
      return [named('jsonb')];
    case 'uuid':
      return [named('text')];
    default:
      return [];
  }
}

function named(name: string, modifiers: readonly number[] = []): TypeName {
  return { name, modifiers, arrayDimensions: 0, display: displayType(undefined, name, modifiers, 0) };
}
