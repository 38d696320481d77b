import { noteMaps, type PersistentMap } from '../../core/persistent-map.ts';
import {
  type Changed,
  isSameBeside,
  mapOf,
  nextPace,
  type Pace,
  type Place,
  placeNotes,
  PLACES,
  type SchemaReads,
} from '../kept-answer.ts';
import { linksOf } from '../links.ts';
import type { Schema } from '../schema.ts';

/**
 * What a statement made of a schema, which it makes of every other one in which it finds the same objects; and what it
 * made before that, as `KeptAnswer` keeps it.
 */
export class KeptFold {
  #before: Schema;
  #after: Schema;
  readonly #reads: SchemaReads | undefined;
  /** What it changed; undefined where that is more than objects, or notes were not taken. */
  readonly #changes: readonly Changed[] | undefined;
  readonly #pace: Pace;
  #wasUseful = false;
  /** The one before the last, which itself has none. */
  #earlier: KeptFold | undefined;

  private constructor(before: Schema, fold: () => Schema, pace: Pace) {
    this.#before = before;
    this.#pace = pace;
    // What BEGIN left open is a schema too.
    if (!pace.isNoted || (before.transactions ?? []).length > 0) {
      this.#after = fold();
      return;
    }
    const { result, notes } = noteMaps(fold);
    const placed = placeNotes(before, notes);
    this.#after = result;
    this.#reads = placed?.reads;
    this.#changes = placed === undefined ? undefined : changesBetween(before, result, placed.changes);
  }

  /**
   * The schema after a statement, by what it made the last time, or the time before, where that is the same.
   *
   * `fold` is given what it made the last time, so that objects which come out equal are shared.
   */
  static of(
    last: KeptFold | undefined,
    schema: Schema,
    fold: (like?: Schema) => Schema,
  ): { readonly kept: KeptFold; readonly after: Schema } {
    if (last === undefined) {
      const first = new KeptFold(schema, () => fold(), nextPace(undefined, false));
      return { kept: first, after: first.#after };
    }
    const again = last.#again(schema);
    if (again !== undefined) return { kept: last, after: again };
    const earlier = last.#earlier;
    const kept =
      earlier === undefined || earlier.#again(schema) === undefined
        ? new KeptFold(schema, () => fold(last.#after), nextPace(last.#pace, last.#wasUseful))
        : earlier;
    last.#earlier = undefined;
    kept.#earlier = last;
    return { kept, after: kept.#after };
  }

  #again(schema: Schema): Schema | undefined {
    if (schema === this.#before) return this.#after;
    if ((schema.transactions ?? []).length > 0) return undefined;
    if (this.#changes === undefined || this.#reads === undefined || !this.#reads.isSameIn(schema)) return undefined;
    this.#wasUseful = true;
    this.#before = schema;
    this.#after = changed(schema, this.#changes);
    return this.#after;
  }
}

/** What a fold changed; undefined where it is more than objects. */
function changesBetween(
  before: Schema,
  after: Schema,
  made: ReadonlyMap<object, Changed>,
): readonly Changed[] | undefined {
  if (after === before) return [];
  const isMore =
    !isSameBeside(after, before) ||
    (after.transactions ?? []).length > 0 ||
    // The first statement of a history fills these in.
    before.others === undefined ||
    before.publications === undefined ||
    before.publishing === undefined;
  if (isMore) return undefined;
  const changes: Changed[] = [];
  for (const place of PLACES) {
    const change = made.get(mapOf(after, place));
    if (change === undefined) return undefined;
    if (change.values.size > 0) changes.push(change);
  }
  return changes;
}

function changed(schema: Schema, changes: readonly Changed[]): Schema {
  if (changes.length === 0) return schema;
  const maps: Partial<Record<Place, PersistentMap<NonNullable<unknown>>>> = {};
  for (const { place, values } of changes) {
    let map = mapOf(schema, place);
    for (const [key, value] of values) map = value === undefined ? map.delete(key) : map.set(key, value);
    maps[place] = map;
  }
  const { incoming, constraintNames, foldedNames, ...objects } = maps;
  const links = linksOf(schema);
  // Each value was taken from a map of the same place.
  return {
    ...schema,
    ...objects,
    links: {
      ...links,
      ...(incoming === undefined ? {} : { incoming }),
      ...(constraintNames === undefined ? {} : { constraintNames }),
      ...(foldedNames === undefined ? {} : { foldedNames }),
    },
  } as Schema;
}
