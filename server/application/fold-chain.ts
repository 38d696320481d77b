import type { Schema } from '../model/schema.ts';

/**
 * Schemas before each migration of a folder, folded when asked for and kept.
 *
 * `fold(index, before)` gives the schema after migration `index`; after `invalidate(index)` everything behind that
 * migration is folded again when asked for.
 */
export class FoldChain {
  readonly #schemas: Schema[];
  readonly #fold: (index: number, before: Schema) => Schema;

  constructor(start: Schema, fold: (index: number, before: Schema) => Schema) {
    this.#schemas = [start];
    this.#fold = fold;
  }

  /** Schema before migration `index`; the one after the last migration is `before(count)`. */
  before(index: number): Schema {
    for (let next = this.#schemas.length; next <= index; next++) {
      const previous = this.#schemas[next - 1];
      if (previous === undefined) throw new Error('fold chain has no start');
      this.#schemas.push(this.#fold(next - 1, previous));
    }
    const schema = this.#schemas[index];
    if (schema === undefined) throw new Error(`no migration has index ${index}`);
    return schema;
  }

  /** Migration `index` has changed: what comes behind it is not known any more. */
  invalidate(index: number): void {
    if (this.#schemas.length > index + 1) this.#schemas.length = index + 1;
  }
}
