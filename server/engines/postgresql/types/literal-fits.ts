import type { TypeName } from '../../../model/type-name.ts';
import type { ValueType } from './value-type.ts';

const WHOLE = /^\s*[+-]?\d+\s*$/;
/** From PostgreSQL 16 on: 0x1F, 0o17, 0b1, 1_000. */
const WHOLE_16 = /^\s*[+-]?(?:0x[\da-f_]+|0o[0-7_]+|0b[01_]+|\d[\d_]*)\s*$/i;
const NUMBER =
  /^\s*[+-]?(?:(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:e[+-]?\d+)?|0x[\da-f_]+|0o[0-7_]+|0b[01_]+|nan|inf(?:inity)?)\s*$/i;
const UUID = /^\s*(?:[\da-f]{4}-?){7}[\da-f]{4}\s*$/i;
/** Words that stand for a day by themselves; any other day has a number in it. */
const DAY_WORD = /(?:^|[^a-z])(?:epoch|infinity|now|today|tomorrow|yesterday)(?:$|[^a-z])/i;

/** Whether a quoted literal is surely no value of a type, so that the server refuses it when it reads the statement. */
export function isUnfit(text: string, type: ValueType, version: number): boolean {
  if (type.isArray) return !/^\s*(?:\{|\[\s*[-+\d])/.test(text) || hasUnfitElement(text, type, version);
  if (type.enum !== undefined) return type.enum.labels?.includes(text) === false;
  switch (type.name) {
    case 'int2':
    case 'int4':
    case 'int8':
      return !(version >= 16 ? WHOLE_16 : WHOLE).test(text);
    case 'numeric':
    case 'float4':
    case 'float8':
      return !NUMBER.test(text);
    case 'bool':
      return !isTruth(text.trim().toLowerCase());
    case 'uuid':
      return !UUID.test(text.replace(/^\s*\{(.*)\}\s*$/, '$1'));
    case 'json':
    case 'jsonb':
      return !isJson(text);
    case 'date':
    case 'timestamp':
    case 'timestamptz':
      return (!/\d/.test(text) && !DAY_WORD.test(text)) || isNoDay(text.trim());
    case 'time':
    case 'timetz':
      return !/\d/.test(text) && !/(?:^|[^a-z])(?:allballs|now)(?:$|[^a-z])/i.test(text);
    case 'interval':
      return !/\d|infinity/i.test(text);
    case 'money':
      return !/\d/.test(text);
    case 'inet':
    case 'cidr':
      return !/^\s*(?:[\d.]+|[\da-f:.]*:[\da-f:.]*)(?:\/\d+)?\s*$/i.test(text);
    case 'macaddr':
    case 'macaddr8':
      return !/^\s*[\da-f:.\s-]+$/i.test(text);
    default:
      if (/multirange$/.test(type.name)) return !/^\s*\{/.test(text);
      return /range$/.test(type.name) && !/^\s*(?:[[(]|empty\s*$)/i.test(text);
  }
}

/** Types of shapes, whose values all have numbers in them. */
const SHAPES: ReadonlySet<string> = new Set(['point', 'line', 'lseg', 'box', 'path', 'polygon', 'circle']);

/** Whether a quoted literal is surely no value of a shape, which is none of the types that are looked at otherwise. */
export function isNoShape(text: string, { name, schema, arrayDimensions }: TypeName): boolean {
  return schema === undefined && arrayDimensions === 0 && SHAPES.has(name) && !/\d/.test(text);
}

/** Whether an array without quotes, escapes and inner arrays holds what is no value of its elements' type. */
function hasUnfitElement(text: string, type: ValueType, version: number): boolean {
  const elements = /^\s*\{([^{}"\\]*)\}\s*$/.exec(text)?.[1];
  if (elements === undefined || elements.trim() === '') return false;
  return elements.split(',').some((element) => {
    const written = element.trim();
    return (
      written === '' || (written.toLowerCase() !== 'null' && isUnfit(written, { ...type, isArray: false }, version))
    );
  });
}

/** `true`, `yes`, `on`, `1` and their opposites, and what no two of the words begin with. */
function isTruth(word: string): boolean {
  if (['1', '0', 'on', 'of', 'off'].includes(word)) return true;
  return word !== '' && ['true', 'false', 'yes', 'no'].some((whole) => whole.startsWith(word));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // That it cannot be read is the answer.
    return false;
  }
}

/** A day in the ISO form that no calendar has: 2024-02-30. */
function isNoDay(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:$|[ T])/.exec(text);
  if (match === null) return false;
  const [year, month, day] = match.slice(1).map(Number);
  if (year === undefined || month === undefined || day === undefined || year === 0) return false;
  return month < 1 || month > 12 || day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate();
}
