import { type MapNote, noteMaps, type PersistentMap } from '../core/persistent-map.ts';
import { sameValue } from '../core/same-value.ts';
import { linksOf } from './links.ts';
import type { Links, Schema } from './schema.ts';

/** A map of a schema, or of its links. */
export type Place = (typeof MAPS)[number] | (typeof LINKS)[number];

const MAPS = ['relations', 'indexes', 'sequences', 'types', 'functions', 'schemas', 'dropped'] as const;
const LINKS = ['incoming', 'constraintNames', 'foldedNames'] as const;

export const PLACES: readonly Place[] = [...MAPS, ...LINKS];

interface Read {
  readonly place: Place;
  /** Absent where every entry was read. */
  readonly key: string | undefined;
  value: unknown;
}

/** What became of a schema's map: the last value of each key, undefined where it was deleted. */
export interface Changed {
  readonly place: Place;
  readonly values: ReadonlyMap<string, NonNullable<unknown> | undefined>;
}

/** What a piece of work asked of a schema; other schemas are the same to it where they answer the same. */
export class SchemaReads {
  /** The last schema that was the same: older ones need not stay in memory. */
  #schema: Schema;
  readonly #reads: readonly Read[];

  constructor(schema: Schema, reads: readonly Read[]) {
    this.#schema = schema;
    this.#reads = reads;
  }

  isSameIn(schema: Schema): boolean {
    if (!isSameBeside(schema, this.#schema)) return false;
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

/**
 * Notes as questions to a schema, and how each map came from one of the schema's.
 *
 * Undefined where maps were asked that are none of the schema's, nor made from them.
 */
export function placeNotes(
  schema: Schema,
  notes: readonly MapNote[],
): { readonly reads: SchemaReads; readonly changes: ReadonlyMap<object, Changed> } | undefined {
  const links = linksOf(schema);
  const changes = new Map<object, Changed>();
  for (const place of MAPS) changes.set(schema[place], { place, values: NO_VALUES });
  for (const place of LINKS) changes.set(links[place], { place, values: NO_VALUES });
  const reads = new Map<string, Read>();
  for (const { map, key, value, made } of notes) {
    const from = changes.get(map);
    if (from === undefined) return undefined;
    const { place } = from;
    if (made !== undefined && key !== undefined)
      changes.set(made, { place, values: new Map(from.values).set(key, value) });
    else if (key === undefined) reads.set(place, { place, key, value: mapOf(schema, place) });
    // What the work itself put there is no question to the schema.
    else if (!from.values.has(key)) reads.set(`${place} ${key}`, { place, key, value });
  }
  return { reads: new SchemaReads(schema, [...reads.values()]), changes };
}

const NO_VALUES: Changed['values'] = new Map();

export function mapOf(schema: Schema, place: Place): PersistentMap<NonNullable<unknown>> {
  return place === 'incoming' || place === 'constraintNames' || place === 'foldedNames'
    ? linksOf(schema)[place]
    : schema[place];
}

type Comparison<Whole> = (left: Whole, right: Whole) => boolean;

/**
 * What of a schema is no map of it, nor what ROLLBACK goes back to, which only the fold asks for. The compiler asks for
 * every field that is neither: one that nobody compares would leave an old answer standing.
 */
const BESIDE_MAPS: Readonly<
  Record<Exclude<keyof Schema, (typeof MAPS)[number] | 'links' | 'transactions'>, Comparison<Schema>>
> = {
  product: (left, right) => left.product === right.product,
  isComplete: (left, right) => left.isComplete === right.isComplete,
  session: (left, right) => sameValue(left.session, right.session),
  extensions: (left, right) => sameValue(left.extensions ?? NO_NAMES, right.extensions ?? NO_NAMES),
  extensionSchemas: (left, right) => sameValue(left.extensionSchemas, right.extensionSchemas),
  others: (left, right) => left.others === right.others,
  otherUses: (left, right) => sameValue(left.otherUses, right.otherUses),
  publications: (left, right) => sameValue(left.publications, right.publications),
  publishing: (left, right) => sameValue(left.publishing, right.publishing),
};

/** The same of a schema's links. */
const BESIDE_LINKS: Readonly<Record<Exclude<keyof Links, (typeof LINKS)[number]>, Comparison<Links>>> = {
  temporaryKeys: (left, right) => sameValue(left.temporaryKeys, right.temporaryKeys),
  ruledKeys: (left, right) => sameValue(left.ruledKeys, right.ruledKeys),
};

const NO_NAMES: readonly string[] = [];
const OF_SCHEMA = Object.values(BESIDE_MAPS);
const OF_LINKS = Object.values(BESIDE_LINKS);

/** Whether two schemas differ in nothing but the objects in their maps. */
export function isSameBeside(left: Schema, right: Schema): boolean {
  for (const isSame of OF_SCHEMA) if (!isSame(left, right)) return false;
  const [links, others] = [linksOf(left), linksOf(right)];
  for (const isSame of OF_LINKS) if (!isSame(links, others)) return false;
  return true;
}

/** Whether notes are taken of what an answer depends on, and if not, of how many answers behind it they are not either. */
export interface Pace {
  readonly isNoted: boolean;
  readonly wait: number;
  /** How many answers go without notes once they were of no use. */
  readonly pause: number;
}

const LONGEST_PAUSE = 64;

/**
 * Notes cost time, so none are taken the first time, and the more seldom the more often they were of no use: most things
 * are said once, and what is said of the object that a person is typing at changes each time.
 */
export function nextPace(last: Pace | undefined, wasUseful: boolean): Pace {
  if (last === undefined) return { isNoted: false, wait: 0, pause: 1 };
  if (last.isNoted)
    return wasUseful
      ? { isNoted: true, wait: 0, pause: 1 }
      : { isNoted: false, wait: last.pause - 1, pause: Math.min(last.pause * 2, LONGEST_PAUSE) };
  return last.wait === 0 ? { ...last, isNoted: true } : { ...last, wait: last.wait - 1 };
}

/**
 * What a pure function said of a schema, good for every schema in which it would find the same.
 *
 * A keystroke changes one object, and each statement below it meets another schema; most of them ask about other objects.
 * The answer before the last one is kept too: what is typed makes a statement unreadable and readable again, and is taken
 * back, so that those below meet in turn what they met before.
 */
export class KeptAnswer<Answer> {
  readonly answer: Answer;
  /** The last schema that it was the answer for. */
  #schema: Schema;
  readonly #reads: SchemaReads | undefined;
  readonly #pace: Pace;
  #wasUseful = false;
  /** The one before the last, which itself has none. */
  #earlier: KeptAnswer<Answer> | undefined;

  private constructor(schema: Schema, work: () => Answer, pace: Pace) {
    this.#schema = schema;
    this.#pace = pace;
    if (!pace.isNoted) {
      this.answer = work();
      return;
    }
    const { result, notes } = noteMaps(work);
    this.answer = result;
    this.#reads = placeNotes(schema, notes)?.reads;
  }

  /** The last answer, or the one before it, where it is that of the schema; or a new one. */
  static of<Answer>(last: KeptAnswer<Answer> | undefined, schema: Schema, work: () => Answer): KeptAnswer<Answer> {
    if (last === undefined) return new KeptAnswer(schema, work, nextPace(undefined, false));
    if (last.isFor(schema)) return last;
    const earlier = last.#earlier;
    const kept =
      earlier?.isFor(schema) === true ? earlier : new KeptAnswer(schema, work, nextPace(last.#pace, last.#wasUseful));
    last.#earlier = undefined;
    kept.#earlier = last;
    return kept;
  }

  /** Whether it is the answer for another schema too. */
  isFor(schema: Schema): boolean {
    if (schema === this.#schema) return true;
    if (this.#reads?.isSameIn(schema) !== true) return false;
    this.#wasUseful = true;
    this.#schema = schema;
    return true;
  }
}
