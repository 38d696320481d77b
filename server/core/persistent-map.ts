/** A layer may grow to this share of the one below before the two are merged. */
const MERGE_RATIO = 2;

/** Stands in a layer for a key that the layers below still have. Not `undefined`: a look-up would have to ask twice. */
const DELETED = Symbol('deleted');

interface Layer<Value extends NonNullable<unknown>> {
  readonly own: ReadonlyMap<string, Value | typeof DELETED>;
  readonly below: Layer<Value> | undefined;
}

/** One question to a map and its answer, or one change of it. */
export interface MapNote {
  readonly map: PersistentMap<NonNullable<unknown>>;
  /** Absent where every entry was asked for. */
  readonly key?: string;
  readonly value?: NonNullable<unknown> | undefined;
  /** What a change made of the map: `value` is its new value, undefined where the key was deleted. */
  readonly made?: PersistentMap<NonNullable<unknown>>;
}

/** Where questions and changes are noted while somebody wants to know them. */
let noted: MapNote[] | undefined;

/** Does a piece of work and tells what it asked of any map, and made of it, in order. */
export function noteMaps<Result>(work: () => Result): { readonly result: Result; readonly notes: readonly MapNote[] } {
  const outer = noted;
  const notes: MapNote[] = [];
  noted = notes;
  try {
    return { result: work(), notes };
  } finally {
    noted = outer;
    if (outer !== undefined) for (const note of notes) outer.push(note);
  }
}

/** Whether questions to maps are noted now: then an answer that was kept elsewhere must be asked for again. */
export function areMapsNoted(): boolean {
  return noted !== undefined;
}

/**
 * Immutable map from strings, cheap to derive from.
 *
 * `set` and `delete` return a new map and leave the old one as it was. Small layers lie over larger ones and are merged
 * as they grow, so that a look-up passes O(log n) layers and n changes cost O(n log n) in all.
 */
export class PersistentMap<Value extends NonNullable<unknown>> {
  readonly #top: Layer<Value> | undefined;
  readonly size: number;
  /** What was asked for last: one object is looked at again and again. */
  #asked: string | undefined;
  #answer: Value | undefined;

  private constructor(top: Layer<Value> | undefined, size: number) {
    this.#top = top;
    this.size = size;
  }

  static empty<Value extends NonNullable<unknown>>(): PersistentMap<Value> {
    return new PersistentMap<Value>(undefined, 0);
  }

  static from<Value extends NonNullable<unknown>>(entries: Iterable<readonly [string, Value]>): PersistentMap<Value> {
    const own = new Map<string, Value | typeof DELETED>(entries);
    return new PersistentMap<Value>(own.size === 0 ? undefined : { own, below: undefined }, own.size);
  }

  get(key: string): Value | undefined {
    if (key !== this.#asked) {
      this.#asked = key;
      this.#answer = this.#find(key);
    }
    noted?.push({ map: this, key, value: this.#answer });
    return this.#answer;
  }

  /** The same without a note: for who asks what stood there, and does nothing else for it. */
  peek(key: string): Value | undefined {
    return this.#find(key);
  }

  #find(key: string): Value | undefined {
    for (let layer = this.#top; layer !== undefined; layer = layer.below) {
      const value = layer.own.get(key);
      if (value !== undefined) return value === DELETED ? undefined : value;
    }
    return undefined;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  set(key: string, value: Value): PersistentMap<Value> {
    const made = this.#with(key, value, this.has(key) ? this.size : this.size + 1);
    noted?.push({ map: this, key, value, made });
    return made;
  }

  delete(key: string): PersistentMap<Value> {
    if (!this.has(key)) return this;
    const made = this.#with(key, DELETED, this.size - 1);
    noted?.push({ map: this, key, value: undefined, made });
    return made;
  }

  /** Every entry once, the newest value of each, in no particular order. */
  *entries(): IterableIterator<readonly [string, Value]> {
    noted?.push({ map: this });
    const seen = new Set<string>();
    for (let layer = this.#top; layer !== undefined; layer = layer.below) {
      for (const [key, value] of layer.own) {
        if (seen.has(key)) continue;
        seen.add(key);
        if (value !== DELETED) yield [key, value];
      }
    }
  }

  *values(): IterableIterator<Value> {
    for (const [, value] of this.entries()) yield value;
  }

  #with(key: string, value: Value | typeof DELETED, size: number): PersistentMap<Value> {
    let own = new Map<string, Value | typeof DELETED>([[key, value]]);
    let below = this.#top;
    while (below !== undefined && below.own.size < own.size * MERGE_RATIO) {
      const merged = new Map(below.own);
      for (const [ownKey, ownValue] of own) merged.set(ownKey, ownValue);
      own = merged;
      below = below.below;
    }
    if (below === undefined) for (const [ownKey, ownValue] of own) if (ownValue === DELETED) own.delete(ownKey);
    return new PersistentMap<Value>({ own, below }, size);
  }
}
