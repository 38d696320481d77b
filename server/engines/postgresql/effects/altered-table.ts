import type { Operation, TableAction } from '../../../model/operation.ts';
import { withDescendants } from './family.ts';
import type { LockBook, Touched } from './lock-book.ts';

/** Why a table is written anew, decided action by action and carried out once. */
export interface Rewrite {
  readonly why: string;
  readonly certainty: 'certain' | 'may';
}

/** One ALTER TABLE with all its actions: they run under one lock, in one pass over the rows. */
export interface AlterTable {
  readonly book: LockBook;
  readonly touched: Touched;
  readonly actions: readonly TableAction[];
  readonly only: boolean;
  /** By key of the relation. */
  readonly rewrites: Map<string, Rewrite>;
  /** The same for each action that asks for one, where their work is kept apart. */
  readonly ownRewrites: Map<Operation, Map<string, Rewrite>>;
  /** Names of indexes (`objectKey`) that go, so that they are not rebuilt. */
  readonly droppedIndexes: Set<string>;
  /** Foreign keys (`foreignKeyId`) that go, so that nothing looks through their rows again. */
  readonly droppedKeys: Set<string>;
  /** Constraints that another action of the same statement drops: they prove nothing. */
  readonly droppedConstraints: ReadonlySet<string>;
}

/** Everything below a table that an action reaches, itself first. */
export function reached(statement: AlterTable): readonly Touched[] {
  return statement.only ? [statement.touched] : withDescendants(statement.book, statement.touched);
}

/** Asks for a rewrite of a relation; a certain one wins. */
export function requestRewrite(
  statement: AlterTable,
  part: Touched,
  why: string,
  certainty: 'certain' | 'may' = 'certain',
): void {
  const wish = (rewrites: Map<string, Rewrite>): void => {
    const before = rewrites.get(part.key);
    if (before === undefined || (before.certainty === 'may' && certainty === 'certain'))
      rewrites.set(part.key, { why, certainty });
  };
  wish(statement.rewrites);
  const { apart } = statement.book;
  if (apart === undefined) return;
  const own = statement.ownRewrites.get(apart) ?? new Map<string, Rewrite>();
  statement.ownRewrites.set(apart, own);
  wish(own);
}
