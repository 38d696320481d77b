import type { PersistentMap } from '../../core/persistent-map.ts';
import { rowColumnsOf } from '../../model/body-names.ts';
import { findRelation } from '../../model/lookup.ts';
import { objectKey } from '../../model/names.ts';
import type { Operation } from '../../model/operation.ts';
import type { Column, Relation, Schema, Trigger } from '../../model/schema.ts';
import type { PlanContext } from '../plan.ts';

/**
 * What SQL reads and writes of a schema.
 *
 * Entries are a letter and a key: `t` a relation as such, `c` a column, `n` its default, `o` whether it may be empty, `v` its
 * values, `k` a constraint, `g` a trigger, `i` an index, `s` a sequence, `y` a type, `f` a function, `u` what is unique in
 * a relation, `r` which rows a relation has, `p` a policy, `*` everything.
 */
export interface Touches {
  readonly reads: ReadonlySet<string>;
  readonly writes: ReadonlySet<string>;
  readonly after: Schema;
}

/** Everything: what cannot be read may touch whatever there is. */
const ALL = '*';

/**
 * What statements touch, in order. Written is what the fold changes, and columns whose values change; read is whatever of
 * the schema has a name that stands in the text, which is at times more than the statement needs, and never less.
 */
export function touchesOf(sql: string, schema: Schema, context: Pick<PlanContext, 'engine' | 'target'>): Touches {
  const { engine, target } = context;
  const reads = new Set<string>();
  const writes = new Set<string>();
  let after = schema;
  for (const { text } of engine.split(sql, { start: 0, end: sql.length })) {
    const body = engine.parse(text);
    const resolved = engine.resolveCalls(body, after) ?? body;
    const { operations } = resolved;
    const next = engine.fold(after, operations, { fileIndex: -1 }, target);
    addDifferences(after, next, reads, writes);
    if (resolved.problems.length > 0 || operations.some((operation) => operation.kind === 'opaque')) writes.add(ALL);
    const words = wordsOf(text);
    const letters = lettersOf(operations);
    addNamed(after, words, letters, reads);
    if (next !== after) addNamed(next, words, letters, reads);
    for (const operation of operations) addOperation(operation, text, after, reads, writes);
    after = next;
  }
  return { reads, writes, after };
}

/** Whether the order of two statements matters. */
export function conflicts(one: Touches, other: Touches): boolean {
  if (one.writes.has(ALL) || other.writes.has(ALL)) return true;
  return (
    [...one.writes].some((key) => other.writes.has(key) || other.reads.has(key)) ||
    [...other.writes].some((key) => one.reads.has(key))
  );
}

function keyOf(relation: Pick<Relation, 'schema' | 'name'>): string {
  return `${relation.schema}.${relation.name}`;
}

/** What a foreign key to some columns needs, whichever constraint or index makes them unique. */
function uniqueKey(relation: string, columns: readonly string[]): string {
  return `u${relation}(${[...columns].sort().join()})`;
}

/** What the fold changed, and what the changed things rely on without naming it in the text. */
function addDifferences(before: Schema, after: Schema, reads: Set<string>, writes: Set<string>): void {
  if (before === after) return;
  for (const [, [old, now]] of changed(before.relations, after.relations)) {
    const relation = now ?? old;
    if (relation === undefined) continue;
    const key = keyOf(relation);
    for (const [name, columns] of differing(old?.columns, now?.columns)) {
      const [one, other] = columns;
      const letters =
        one === undefined || other === undefined || bare(one) !== bare(other)
          ? ['c', 'n', 'o', 'v']
          : [...(one.notNull === other.notNull ? [] : ['o']), ...(one.default === other.default ? [] : ['n'])];
      for (const letter of letters) writes.add(`${letter}${key}.${name}`);
      for (const { type } of columns)
        if (type?.schema !== undefined) reads.add(`y${objectKey(type.schema, type.name)}`);
    }
    for (const [name, triggers] of differing(old?.triggers.map(withoutText), now?.triggers.map(withoutText))) {
      writes.add(`g${key}.${name}`);
      for (const trigger of triggers) {
        const [schema, called] = trigger.function?.split('.') ?? [];
        if (schema !== undefined && called !== undefined) reads.add(`f${objectKey(schema, called)}`);
      }
    }
    for (const [name, constraints] of differing(old?.constraints, now?.constraints)) {
      writes.add(`k${key}.${name}`);
      for (const { kind, references, columns } of constraints) {
        for (const column of columns) for (const letter of ['c', 'o', 'v']) reads.add(`${letter}${key}.${column}`);
        if (kind === 'unique' || kind === 'primary-key') writes.add(uniqueKey(key, columns));
        if (references !== undefined) {
          reads.add(`t${keyOf(references)}`);
          reads.add(uniqueKey(keyOf(references), references.columns));
        }
      }
    }
    for (const { key: read, columns } of [...(old?.dependsOn ?? []), ...(now?.dependsOn ?? [])]) {
      const base = before.relations.get(read) ?? after.relations.get(read);
      if (base === undefined) continue;
      reads.add(`t${keyOf(base)}`);
      const named = columns === 'unknown' ? base.columns.map((column) => column.name) : columns;
      for (const name of named) reads.add(`c${keyOf(base)}.${name}`);
    }
    addPolicies(key, old, now, reads, writes);
    if (old === undefined || now === undefined || rest(old) !== rest(now)) writes.add(`t${key}`);
  }
  for (const [, [old, now]] of changed(before.indexes, after.indexes)) {
    const index = now ?? old;
    // A rename of another column makes each index of the table anew, as it was.
    if (index === undefined || JSON.stringify(old) === JSON.stringify(now)) continue;
    writes.add(`i${index.schema}.${index.name}`);
    const on = index.relationKey.replace('\u0000', '.');
    // Of one over an expression, or over some rows, no foreign key makes use.
    const columns = index.elements.flatMap(({ column }) => column ?? []);
    if (index.unique && index.where === undefined && columns.length === index.elements.length)
      writes.add(uniqueKey(on, columns));
    reads.add(`t${on}`);
    for (const { column } of index.elements) if (column !== undefined) reads.add(`c${on}.${column}`);
  }
  for (const [key] of changed(before.sequences, after.sequences)) writes.add(`s${key}`);
  for (const [key] of changed(before.types, after.types)) writes.add(`y${key}`);
  for (const [key] of changed(before.functions, after.functions)) writes.add(`f${key}`);
  for (const [key] of changed(before.schemas, after.schemas)) writes.add(`n${key}`);
}

/** A trigger but for the text that made it. */
function withoutText({ definition: _, ...trigger }: Trigger): Trigger {
  return trigger;
}

/** A column but for what may be set of it while it stays what it is. */
function bare({
  notNull: _notNull,
  default: _default,
  comment: _comment,
  grants: _grants,
  origin: _origin,
  ...others
}: Column): string {
  return JSON.stringify(others);
}

/** Policies that came, went or name other columns; a policy's columns must be there with it. */
function addPolicies(
  key: string,
  old: Relation | undefined,
  now: Relation | undefined,
  reads: Set<string>,
  writes: Set<string>,
): void {
  for (const name of new Set([...(old?.policies ?? []), ...(now?.policies ?? [])])) {
    const [before, after] = [old, now].map((each) =>
      each?.policies.includes(name) === true ? (each.policyColumns?.[name] ?? 'unknown') : undefined,
    );
    if (JSON.stringify(before) === JSON.stringify(after)) continue;
    writes.add(`p${key}.${name}`);
    for (const columns of [before, after])
      for (const column of Array.isArray(columns) ? columns : []) reads.add(`c${key}.${column}`);
  }
}

/** A relation but for its columns, constraints, triggers and policies. */
function rest({
  columns: _columns,
  constraints: _constraints,
  triggers: _triggers,
  policies: _policies,
  policyColumns: _policyColumns,
  policyDefinitions: _policyDefinitions,
  trackedBy: _trackedBy,
  calls: _calls,
  rights: _rights,
  origin: _origin,
  ...others
}: Relation): string {
  return JSON.stringify(others);
}

function* changed<Value extends NonNullable<unknown>>(
  before: PersistentMap<Value>,
  after: PersistentMap<Value>,
): IterableIterator<readonly [string, readonly [Value | undefined, Value | undefined]]> {
  if (before === after) return;
  for (const [key, old] of before.entries()) {
    const now = after.get(key);
    if (now !== old) yield [key, [old, now]];
  }
  for (const [key, now] of after.entries()) if (!before.has(key)) yield [key, [undefined, now]];
}

/** Names of what differs between two lists, each with what it was and is. */
function differing<Part extends { readonly name: string }>(
  before: readonly Part[] = [],
  after: readonly Part[] = [],
): readonly (readonly [string, readonly Part[]])[] {
  const names = new Set([...before, ...after].map(({ name }) => name));
  return [...names].flatMap((name) => {
    const old = before.find((each) => each.name === name);
    const now = after.find((each) => each.name === name);
    return old === now || JSON.stringify(old) === JSON.stringify(now)
      ? []
      : [[name, [...(old === undefined ? [] : [old]), ...(now === undefined ? [] : [now])]] as const];
  });
}

/** Every word of a text, as the catalog would spell it, and within quotes; lines of comments name nothing. */
function wordsOf(text: string): ReadonlySet<string> {
  const words = new Set<string>();
  for (const [match] of text.replaceAll(/^[ \t]*--.*$/gm, '').matchAll(/"(?:[^"]|"")+"|[\p{L}\p{N}_$]+/gu)) {
    words.add(match.startsWith('"') ? match.slice(1, -1).replaceAll('""', '"') : match);
    words.add(match.toLowerCase());
  }
  return words;
}

/** Whether no row, and no value of one, decides what the operation does. */
function isBlind(operation: Operation): boolean {
  return (
    // A new table points at rows of others only once it has some.
    operation.kind === 'create-table' ||
    (operation.kind === 'create-index' && !operation.unique) ||
    operation.kind === 'add-column' ||
    operation.kind === 'comment' ||
    operation.kind === 'set-default' ||
    operation.kind === 'drop-default' ||
    operation.kind === 'drop-not-null'
  );
}

/** What statements read of the columns that they name. */
function lettersOf(operations: readonly Operation[]): readonly string[] {
  if (operations.every(isBlind)) return ['c'];
  const kinds = new Set<string>(operations.map(({ kind }) => kind));
  if (kinds.has('insert-rows') || kinds.has('merge-rows')) return ['c', 'v', 'n', 'o'];
  return kinds.has('update-rows') ? ['c', 'v', 'o'] : ['c', 'v'];
}

/** `letters`: what of a named column is read. */
function addNamed(schema: Schema, words: ReadonlySet<string>, letters: readonly string[], reads: Set<string>): void {
  for (const relation of schema.relations.values()) {
    if (!words.has(relation.name)) continue;
    const key = keyOf(relation);
    reads.add(`t${key}`);
    if (letters.includes('v')) reads.add(`r${key}`);
    for (const { name } of relation.columns)
      if (words.has(name)) for (const letter of letters) reads.add(`${letter}${key}.${name}`);
    for (const [letter, parts] of [
      ['k', relation.constraints],
      ['g', relation.triggers],
      ['p', relation.policies.map((policy) => ({ name: policy }))],
    ] as const)
      for (const { name } of parts) if (words.has(name)) reads.add(`${letter}${key}.${name}`);
  }
  for (const index of schema.indexes.values()) if (words.has(index.name)) reads.add(`i${index.schema}.${index.name}`);
  for (const [letter, objects] of [
    ['s', schema.sequences],
    ['y', schema.types],
    ['f', schema.functions],
    ['n', schema.schemas],
  ] as const)
    for (const [key, object] of objects.entries()) if (words.has(object.name)) reads.add(`${letter}${key}`);
}

function addOperation(
  operation: Operation,
  text: string,
  schema: Schema,
  reads: Set<string>,
  writes: Set<string>,
): void {
  // What a WITH changes.
  if ('query' in operation && operation.query !== undefined)
    for (const written of operation.query.writes) addOperation(written, text, schema, reads, writes);
  switch (operation.kind) {
    case 'update-rows': {
      const relation = findRelation(schema, operation.relation);
      for (const column of operation.columns)
        writes.add(`v${relation === undefined ? operation.relation.name : keyOf(relation)}.${column}`);
      return;
    }
    case 'insert-rows':
    case 'delete-rows':
    case 'merge-rows': {
      const relation = findRelation(schema, operation.relation);
      if (relation !== undefined) writes.add(`r${keyOf(relation)}`);
      return;
    }
    case 'truncate':
    case 'copy-rows':
      writes.add(ALL);
      return;
    case 'create-function': {
      // The body of a trigger's function names the columns of the trigger's table without the table.
      const columns = rowColumnsOf(text);
      for (const relation of schema.relations.values())
        if (relation.triggers.some((trigger) => trigger.function?.split('.').at(-1) === operation.name.name))
          for (const column of columns)
            for (const letter of ['c', 'v']) reads.add(`${letter}${keyOf(relation)}.${column}`);
      return;
    }
    default:
  }
  const constraints =
    operation.kind === 'create-table'
      ? [...operation.constraints, ...operation.columns.flatMap((column) => column.constraints)]
      : operation.kind === 'add-constraint'
        ? [operation.action.constraint]
        : operation.kind === 'add-column'
          ? operation.action.column.constraints
          : [];
  for (const { references } of constraints) {
    const relation = references === undefined ? undefined : findRelation(schema, references.relation);
    if (references === undefined || relation === undefined) continue;
    const primary = relation.constraints.find(({ kind }) => kind === 'primary-key')?.columns ?? [];
    reads.add(uniqueKey(keyOf(relation), references.columns.length > 0 ? references.columns : primary));
  }
}
