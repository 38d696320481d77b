import { blockedBy, type Effect, type LockMode, type RelationKind, strongerLock } from '../../../model/effect.ts';
import { findIndex, findRelation, findSequence, relationKeyOf } from '../../../model/lookup.ts';
import { objectKey, type ObjectName } from '../../../model/names.ts';
import type { Operation } from '../../../model/operation.ts';
import type { Index, Relation, Schema, Sequence } from '../../../model/schema.ts';
import type { Target } from '../../engine.ts';

/** Where the claims of this room are asserted, statement by statement, on real servers. */
export const MEASURED = 'measured: test/database/locks.test.ts';

/** What a statement adds to what is known of one relation. */
export interface Entry {
  readonly lock: LockMode;
  readonly why: string;
  readonly rewrite?: boolean;
  readonly scan?: boolean;
  readonly certainty?: 'certain' | 'may';
  /** Of a certain lock: whether the relation is read whole is not. */
  readonly scanCertainty?: 'may';
  readonly source?: string;
}

/** A relation that existed before the statement, whether a migration made it or only its name is known. */
export interface Touched {
  readonly key: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: RelationKind;
  /** Absent where no migration created it. */
  readonly relation?: Relation;
}

interface Line {
  readonly touched: Touched;
  lock: LockMode;
  rewrite: boolean;
  scan: boolean;
  /** Whether `scan` is certain where the line is. */
  scanCertain: boolean;
  certain: boolean;
  why: string;
  source: string;
}

/**
 * What one statement does, collected relation by relation: one line each, the strongest lock of all its actions.
 *
 * AccessShareLock lines are kept for their scans and left out in the end, because they block nobody's reads or writes.
 */
export class LockBook {
  readonly schema: Schema;
  readonly target: Target;
  readonly #lines = new Map<string, Line>();
  /** Relations that the statement itself creates: nobody else can see them. */
  readonly #created = new Set<string>();
  /** Lines of each operation, where they are asked for. */
  readonly #apart: Map<Operation, Map<string, Line>> | undefined;
  #focused: Operation | undefined;
  #isForOneOnly = false;
  /** While set, whatever is added may not happen. */
  maybe = false;

  /** `isApart`: what each operation adds is kept beside what they come to together. */
  constructor(schema: Schema, target: Target, isApart = false) {
    this.schema = schema;
    this.target = target;
    this.#apart = isApart ? new Map() : undefined;
  }

  /** Whose work is added from here on; with `isForOneOnly` it counts as this operation's, and is in the whole already. */
  focus(operation: Operation | undefined, isForOneOnly = false): void {
    this.#focused = operation;
    this.#isForOneOnly = isForOneOnly;
  }

  /** The operation whose work is added now, where the work of each is kept apart. */
  get apart(): Operation | undefined {
    return this.#apart === undefined ? undefined : this.#focused;
  }

  /** The session's time zone: what the file set, or what is configured. */
  get timeZone(): string {
    return this.schema.session.timeZone === 'unknown' ? this.target.timeZone : this.schema.session.timeZone;
  }

  created(key: string): void {
    this.#created.add(key);
  }

  /** Adds to what is known of a relation. The sentence of the strongest or heaviest action stays. */
  add(touched: Touched, entry: Entry): void {
    if (this.#created.has(touched.key)) return;
    const certain = !this.maybe && entry.certainty !== 'may';
    if (!this.#isForOneOnly) addLine(this.#lines, touched, entry, certain);
    const { apart } = this;
    if (apart !== undefined) addLine(this.#linesOf(apart), touched, entry, certain);
  }

  /** The strongest lock on a relation so far. */
  lockOn(touched: Touched): LockMode | undefined {
    return this.#lines.get(touched.key)?.lock;
  }

  #linesOf(operation: Operation): Map<string, Line> {
    const known = this.#apart?.get(operation);
    if (known !== undefined) return known;
    const lines = new Map<string, Line>();
    this.#apart?.set(operation, lines);
    return lines;
  }

  /** Marks a relation that the statement locks anyway as read whole; one that it only reads is not listed. */
  read(touched: Touched, why: string, certainty: 'certain' | 'may' = 'certain'): void {
    this.add(touched, {
      lock: 'AccessShareLock',
      scan: touched.kind === 'table' || touched.kind === 'materialized-view',
      why,
      certainty,
    });
  }

  /** The relation, index or sequence of a name as the statement has it. */
  named(name: ObjectName, fallback: RelationKind = 'table'): Touched {
    const relation = findRelation(this.schema, name);
    if (relation !== undefined) return this.relation(relation);
    const sequence = findSequence(this.schema, name);
    if (sequence !== undefined) return this.sequence(sequence);
    const index = findIndex(this.schema, name);
    if (index !== undefined) return this.index(index);
    const key = relationKeyOf(this.schema, name);
    const [schema = 'public'] = key.split('\u0000');
    return { key, schema, name: name.name, kind: fallback };
  }

  relation(relation: Relation): Touched {
    return {
      key: objectKey(relation.schema, relation.name),
      schema: relation.schema,
      name: relation.name,
      kind: relation.kind,
      relation,
    };
  }

  sequence(sequence: Sequence): Touched {
    return {
      key: objectKey(sequence.schema, sequence.name),
      schema: sequence.schema,
      name: sequence.name,
      kind: 'sequence',
    };
  }

  index(index: Index): Touched {
    return { key: objectKey(index.schema, index.name), schema: index.schema, name: index.name, kind: 'index' };
  }

  /** Relation of a key that a schema object holds; undefined where it was never created here. */
  keyed(key: string): Touched {
    const relation = this.schema.relations.get(key);
    if (relation !== undefined) return this.relation(relation);
    const [schema = 'public', name = ''] = key.split('\u0000');
    return { key, schema, name, kind: 'table' };
  }

  /** Every relation locked with more than AccessShareLock, and every index that is rebuilt. */
  effects(): readonly Effect[] {
    return effectsOf(this.#lines);
  }

  /** The same for each operation that adds something, where they are kept apart. */
  effectsApart(): ReadonlyMap<Operation, readonly Effect[]> {
    return new Map([...(this.#apart ?? [])].map(([operation, lines]) => [operation, effectsOf(lines)]));
  }
}

function addLine(lines: Map<string, Line>, touched: Touched, entry: Entry, certain: boolean): void {
  const rewrite = entry.rewrite === true;
  const scan = entry.scan === true;
  const scanCertain = scan && entry.scanCertainty !== 'may';
  const line = lines.get(touched.key);
  if (line === undefined) {
    lines.set(touched.key, {
      touched,
      lock: entry.lock,
      rewrite,
      scan,
      scanCertain,
      certain,
      why: entry.why,
      source: entry.source ?? MEASURED,
    });
    return;
  }
  const strongest = strongerLock(line.lock, entry.lock);
  const isHeavier =
    (rewrite && !line.rewrite) ||
    (scan && !line.scan && !line.rewrite) ||
    (strongest !== line.lock && !line.rewrite && !line.scan);
  // A certain action makes the line certain unless what only may happen is the heavier part of it.
  const addsCertainly =
    certain && strongest === entry.lock && (rewrite || !line.rewrite) && (scanCertain || !line.scanCertain);
  const keepsCertain =
    line.certain && strongest === line.lock && (line.rewrite || !rewrite) && (line.scanCertain || !scanCertain);
  line.certain = addsCertainly || keepsCertain || (certain && line.certain);
  if (isHeavier) {
    line.why = entry.why;
    line.source = entry.source ?? MEASURED;
  }
  line.lock = strongest;
  line.rewrite ||= rewrite;
  line.scan ||= scan;
  line.scanCertain ||= scanCertain;
}

function effectsOf(lines: ReadonlyMap<string, Line>): readonly Effect[] {
  const effects: Effect[] = [];
  for (const { touched, lock, rewrite, scan, scanCertain, certain, why, source } of lines.values()) {
    if (touched.kind === 'index' ? !rewrite : lock === 'AccessShareLock') continue;
    effects.push({
      schema: touched.schema,
      relation: touched.name,
      relationKind: touched.kind,
      lock,
      blocks: blockedBy(lock),
      rewrite,
      scan,
      ...(scan && certain && !scanCertain ? { scanCertainty: 'may' as const } : {}),
      certainty: certain ? 'certain' : 'may',
      why,
      source,
    });
  }
  return effects;
}
