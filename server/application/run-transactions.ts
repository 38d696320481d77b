import type { AnalysedStatement } from '../analysis/analyse.ts';
import type { HeldAtEnd } from '../analysis/report.ts';
import type { Effect } from '../model/effect.ts';
import { displayName, objectKey } from '../model/names.ts';
import type { Schema } from '../model/schema.ts';

/** A half that is run, and what its statements do. */
export interface RunHalf {
  /** Of the migration. */
  readonly id: string;
  readonly statements: readonly Pick<AnalysedStatement, 'section' | 'before' | 'effects'>[];
}

/** A lock that is kept until the end of a transaction. */
export interface KeptLock {
  readonly effect: Effect;
  /** Key of `Schema.relations`. */
  readonly key: string;
  /** Id of the migration that takes it first. */
  readonly migration: string;
  /** The schema in which it is taken. */
  readonly before: Schema;
}

/** One transaction of a run. */
export interface RunTransaction {
  /** Ids, in the order of the run. */
  readonly migrations: readonly string[];
  /** Each lock of each relation that was there before the transaction, in the order in which they are taken. */
  readonly locks: readonly KeptLock[];
  /** Whether what runs next goes on in it. */
  readonly isOpen: boolean;
}

/**
 * The transactions in which halves run, by the rule of who runs them, and what each holds when it ends. A statement that runs
 * in none ends what is open, and so does the migration that it is in: its row in the history is written in none.
 */
export function transactionsOf(halves: readonly RunHalf[], rule: 'each' | 'all'): readonly RunTransaction[] {
  const done: RunTransaction[] = [];
  let open:
    | { readonly migrations: Set<string>; readonly start: Schema; readonly locks: Map<string, KeptLock> }
    | undefined;
  const end = (isOpen = false): void => {
    if (open !== undefined) done.push({ migrations: [...open.migrations], locks: [...open.locks.values()], isOpen });
    open = undefined;
  };
  for (const { id, statements } of halves) {
    let isBare = false;
    for (const { section, before, effects } of statements) {
      if (section.transaction !== 'one') {
        isBare = true;
        end();
        continue;
      }
      open ??= { migrations: new Set(), start: before, locks: new Map() };
      open.migrations.add(id);
      for (const effect of effects) {
        const key = objectKey(effect.schema, effect.relation);
        // Nobody else knows what the transaction makes itself.
        if (isMadeSince(open.start, before, key)) continue;
        const known = `${key}\u0000${effect.lock}`;
        if (!open.locks.has(known)) open.locks.set(known, { effect, key, migration: id, before });
      }
    }
    if (rule === 'each' || isBare) end();
  }
  end(true);
  return done;
}

/** What is held, for a report: the relations and locks that keep others out of something. */
export function heldAtEnd({ locks }: RunTransaction): readonly HeldAtEnd[] {
  return locks.map(({ effect, migration }) => ({
    relation: displayName({ schema: effect.schema, name: effect.relation }),
    relationKind: effect.relationKind,
    lock: effect.lock,
    blocks: effect.blocks,
    certainty: effect.certainty,
    migration,
  }));
}

function isMadeSince(start: Schema, now: Schema, key: string): boolean {
  const has = (schema: Schema): boolean =>
    schema.relations.has(key) || schema.indexes.has(key) || schema.sequences.has(key);
  return has(now) && !has(start);
}
