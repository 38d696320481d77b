import { type MapRead, recordReads } from '../core/persistent-map.ts';
import { sameValue } from '../core/same-value.ts';
import { linksOf } from './links.ts';
import type { Schema } from './schema.ts';

/**
 * What a pure function said of a schema, good for every schema in which it would find the same.
 *
 * A keystroke changes one object, and each statement below it meets another schema; most of them ask about other objects.
 */
export class KeptAnswer<Answer> {
  readonly answer: Answer;
  /** The last schema that it was the answer for: older ones need not stay in memory. */
  #schema: Schema;
  /** What was asked of the schema's maps; undefined where something was asked that cannot be asked of another one. */
  readonly #reads: readonly Read[] | undefined;

  constructor(schema: Schema, work: () => Answer) {
    const { result, reads } = recordReads(work);
    this.answer = result;
    this.#schema = schema;
    this.#reads = placed(schema, reads);
  }

  /** Whether it is the answer for another schema too. */
  isFor(schema: Schema): boolean {
    if (schema === this.#schema) return true;
    if (this.#reads === undefined || !isSameBeside(schema, this.#schema)) return false;
    for (const read of this.#reads) {
      const map = mapOf(schema, read.place);
      const value = read.key === undefined ? map : map.get(read.key);
      if (value === read.value) continue;
      if (read.key === undefined || !sameValue(value, read.value)) return false;
      read.value = value;
    }
    this.#schema = schema;
    return true;
  }
}

/** A map of a schema, or of its links. */
type Place = (typeof MAPS)[number] | (typeof LINKS)[number];

interface Read {
  readonly place: Place;
  /** Absent where every entry was read. */
  readonly key: string | undefined;
  value: unknown;
}

const MAPS = ['relations', 'indexes', 'sequences', 'types', 'functions', 'schemas', 'dropped'] as const;
const LINKS = ['incoming', 'constraintNames', 'foldedNames'] as const;

function mapOf(schema: Schema, place: Place): { get(key: string): unknown } {
  return place === 'incoming' || place === 'constraintNames' || place === 'foldedNames'
    ? linksOf(schema)[place]
    : schema[place];
}

/**
 * Whether two schemas differ in nothing but the objects in their maps, and in what ROLLBACK goes back to, which only the
 * fold asks for.
 */
function isSameBeside(left: Schema, right: Schema): boolean {
  return (
    left.product === right.product &&
    left.isComplete === right.isComplete &&
    sameValue(left.session, right.session) &&
    sameValue(left.extensions ?? [], right.extensions ?? []) &&
    left.others === right.others &&
    sameValue(left.publications, right.publications) &&
    sameValue(linksOf(left).temporaryKeys, linksOf(right).temporaryKeys)
  );
}

function placed(schema: Schema, reads: readonly MapRead[]): readonly Read[] | undefined {
  const links = linksOf(schema);
  const found: Read[] = [];
  for (const { map, key, value } of reads) {
    const place = MAPS.find((name) => schema[name] === map) ?? LINKS.find((name) => links[name] === map);
    if (place === undefined) return undefined;
    if (!found.some((other) => other.place === place && other.key === key))
      found.push({ place, key, value: key === undefined ? map : value });
  }
  return found;
}
