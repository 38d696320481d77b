import type { Call, Value } from '../csharp/call.ts';
import { BoundArguments } from './parameters.ts';

/** A table that EF Core makes again, for some calls of a method. */
export interface PlannedRebuild {
  /** The name that the table has in the end. */
  readonly name: string;
  readonly schema: string | undefined;
  /** In their order; the first is where the rebuild is told of. */
  readonly causes: readonly Call[];
  readonly dropped: ReadonlyMap<string, Call>;
  /** Columns that are added after one of the same name was dropped: the copy leaves them out. */
  readonly added: ReadonlyMap<string, Call>;
  readonly altered: ReadonlyMap<string, Call>;
  /** Columns that took the name of a dropped one, by their new name. */
  readonly renamed: ReadonlyMap<string, Call>;
  /** Calls of which nothing else is sent, where the table is in the model. */
  readonly replaced: ReadonlySet<Call>;
}

/** Operations for which the provider makes the table again. */
const REBUILDS: ReadonlySet<string> = new Set([
  'AddPrimaryKey',
  'AddUniqueConstraint',
  'AddCheckConstraint',
  'CreateCheckConstraint',
  'AlterTable',
  'DropCheckConstraint',
  'DropForeignKey',
  'DropPrimaryKey',
  'DropUniqueConstraint',
  'DropColumn',
  'AlterColumn',
]);

/** Arguments of a call without schemas, which SQLite's provider passes over. */
export function bindForSqlite(call: Call): BoundArguments {
  return new BoundArguments(call, ['schema', 'principalSchema', 'newSchema']);
}

/** `end`: how many of the siblings come before it. */
export function isRebuild(
  call: Call,
  bound: BoundArguments,
  siblings: readonly Call[],
  end = siblings.length,
): boolean {
  if (REBUILDS.has(call.method)) return true;
  if (call.method === 'AddColumn') return bound.get('comment') !== undefined;
  return call.method === 'AddForeignKey' && !isCreated(bound.get('table'), siblings, end);
}

/** Whether a table is created by one of the first `end` calls. */
export function isCreated(table: Value | undefined, calls: readonly Call[], end = calls.length): boolean {
  const name = textOf(table);
  if (name === undefined) return false;
  let places = created.get(calls);
  if (places === undefined) {
    places = new Map();
    for (const [index, call] of calls.entries()) {
      const made = call.method === 'CreateTable' ? textOf(bindForSqlite(call).get('name')) : undefined;
      if (made !== undefined && !places.has(made)) places.set(made, index);
    }
    created.set(calls, places);
  }
  const place = places.get(name);
  return place !== undefined && place < end;
}

/** Where each table is created first; every foreign key of a migration asks for it. */
const created = new WeakMap<readonly Call[], Map<string, number>>();

export function textOf(value: Value | undefined): string | undefined {
  return value?.kind === 'text' && value.text.holes.length === 0 ? value.text.text : undefined;
}

/**
 * The tables that EF Core makes again for the calls of a method, in its order.
 *
 * Source: dotnet/efcore, SqliteMigrationsSqlGenerator.RewriteOperations.
 */
export function planRebuilds(calls: readonly Call[]): readonly PlannedRebuild[] {
  const known = plansOf.get(calls);
  if (known !== undefined) return known;
  const plans = planAgain(calls);
  plansOf.set(calls, plans);
  return plans;
}

/** Each call of a method asks for the plans of all. */
const plansOf = new WeakMap<readonly Call[], readonly PlannedRebuild[]>();

function planAgain(calls: readonly Call[]): readonly PlannedRebuild[] {
  interface Draft {
    name: string;
    schema: string | undefined;
    causes: Call[];
    dropped: Map<string, Call>;
    added: Map<string, Call>;
    altered: Map<string, Call>;
    renamed: Map<string, Call>;
    replaced: Set<Call>;
  }
  const drafts = new Map<string, Draft>();
  const draftOf = (name: string, schema: string | undefined, cause: Call): Draft => {
    const key = keyOf(name, schema);
    const draft: Draft = drafts.get(key) ?? {
      name,
      schema,
      causes: [],
      dropped: new Map(),
      added: new Map(),
      altered: new Map(),
      renamed: new Map(),
      replaced: new Set(),
    };
    drafts.set(key, draft);
    draft.causes.push(cause);
    return draft;
  };
  for (const [index, call] of calls.entries()) {
    const bound = bindForSqlite(call);
    const table = textOf(bound.get(call.method === 'AlterTable' ? 'name' : 'table'));
    const name = textOf(bound.get('name'));
    const schema = textOf(new BoundArguments(call).get('schema'));
    if (call.method === 'RenameTable') {
      const newName = textOf(bound.get('newName'));
      const draft = name === undefined ? undefined : drafts.get(keyOf(name, schema));
      if (name !== undefined && draft !== undefined) {
        drafts.delete(keyOf(name, schema));
        draft.name = newName ?? name;
        draft.schema = textOf(new BoundArguments(call).get('newSchema'));
        drafts.set(keyOf(draft.name, draft.schema), draft);
      }
      continue;
    }
    if (table === undefined) continue;
    const pending = drafts.get(keyOf(table, schema));
    switch (call.method) {
      case 'CreateIndex': {
        const columns = namesOf(bound.get('columns'));
        if (pending !== undefined && columns.some((column) => pending.added.has(column) || pending.renamed.has(column)))
          pending.replaced.add(call);
        continue;
      }
      case 'RenameColumn': {
        const newName = textOf(bound.get('newName'));
        if (pending === undefined || name === undefined || newName === undefined || !pending.dropped.has(newName))
          continue;
        pending.replaced.add(call);
        pending.dropped.set(name, call);
        pending.renamed.set(newName, call);
        continue;
      }
      case 'AddColumn':
        if (name !== undefined && pending?.dropped.has(name) === true) {
          pending.replaced.add(call);
          pending.added.set(name, call);
        } else if (isRebuild(call, bound, calls)) draftOf(table, schema, call);
        continue;
      default:
    }
    // A foreign key is folded into a table that was created before it.
    if (!isRebuild(call, bound, calls, index)) continue;
    const draft = draftOf(table, schema, call);
    draft.replaced.add(call);
    if (name === undefined) continue;
    if (call.method === 'DropColumn') draft.dropped.set(name, call);
    if (call.method === 'AlterColumn') draft.altered.set(name, call);
  }
  return [...drafts.values()];
}

function keyOf(name: string, schema: string | undefined): string {
  return `${schema ?? ''}\u0000${name}`;
}

function namesOf(value: Value | undefined): readonly string[] {
  if (value?.kind === 'list') return value.items.flatMap((item) => textOf(item) ?? []);
  const one = textOf(value);
  return one === undefined ? [] : [one];
}
