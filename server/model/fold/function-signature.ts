import type { TypeName } from '../type-name.ts';

/** SQL spellings of built-in types, by the names that the catalog has for them. Source: PostgreSQL manual, "Data Types", table 8.1. */
const SPELLINGS: Readonly<Record<string, string>> = {
  int: 'int4',
  integer: 'int4',
  bigint: 'int8',
  smallint: 'int2',
  boolean: 'bool',
  'character varying': 'varchar',
  character: 'bpchar',
  char: 'bpchar',
  'double precision': 'float8',
  float: 'float8',
  real: 'float4',
  decimal: 'numeric',
  dec: 'numeric',
  timestamp: 'timestamp',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamptz',
  'time without time zone': 'time',
  'time with time zone': 'timetz',
  'bit varying': 'varbit',
};

/**
 * Whether a written list of arguments, `(a integer, OUT b text)`, stands for a function's input types.
 *
 * Modes and names may be written, and count for nothing; output arguments are no part of it. A schema before a type is
 * passed over.
 */
export function matchesSignature(signature: string, types: readonly TypeName[]): boolean {
  const written = splitArguments(signature.trim().replace(/^\(([\s\S]*)\)$/, '$1')).filter(
    (argument) => !/^out\s/i.test(argument),
  );
  return (
    written.length === types.length &&
    written.every((argument, place) => {
      const type = types[place];
      return (
        type !== undefined && spellingsOf(argument).includes(`${type.name}${type.arrayDimensions > 0 ? '[]' : ''}`)
      );
    })
  );
}

function splitArguments(list: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const character of list) {
    if (character === ',' && depth === 0) {
      parts.push(part);
      part = '';
      continue;
    }
    if (character === '(') depth++;
    if (character === ')') depth--;
    part += character;
  }
  return [...parts, part].map((one) => one.trim()).filter((one) => one !== '');
}

/** Names that an argument's type may have: of the whole text, and of it without a first word that may be the argument's name. */
function spellingsOf(argument: string): readonly string[] {
  const plain = argument
    .replace(/^(in|inout|variadic)\s+/i, '')
    .replace(/\([^)]*\)/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const withoutName = plain.replace(/^("(?:[^"]|"")*"|\S+)\s+/, '');
  return [plain, withoutName].map((text) => {
    const isArray = /\[\d*\]\s*$| array$/i.test(text);
    const base = text.replace(/(\s*\[\d*\])+\s*$| array$/i, '').trim();
    const name = base.replace(/^.*\./s, '');
    const folded = name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase();
    return `${SPELLINGS[folded] ?? folded}${isArray ? '[]' : ''}`;
  });
}
