import { guardedState } from '../../model/guarded.ts';
import { isTableAction, type GuardedObject, type Operation } from '../../model/operation.ts';
import type { Schema } from '../../model/schema.ts';
import { stringRegion } from './region.ts';
import { type Source, truncatedName } from './source.ts';

/** Errors that say that what a statement makes is there. Source: PostgreSQL manual, "PostgreSQL Error Codes", class 42. */
const DUPLICATES = new Set(['duplicate_object', 'duplicate_table', 'duplicate_column', 'duplicate_schema']);
const DUPLICATE_STATES = new Set(['42710', '42P07', '42701', '42P06']);

/** Whether the conditions [from, to) of an exception handler are nothing but such errors. */
export function passesOverDuplicates(source: Source, from: number, to: number): boolean {
  for (let index = from; index < to; index++) {
    const token = source.tokens[index];
    if (token?.kind === 'word' && (DUPLICATES.has(token.value) || (token.value === 'or' && index > from))) continue;
    const state = source.tokens[index + 1];
    if (
      !source.isWord(index, 'sqlstate') ||
      state === undefined ||
      !DUPLICATE_STATES.has(stringRegion(source.text, state)?.text ?? '')
    )
      return false;
    index++;
  }
  return to > from;
}

/** What the only operation of a block makes: where that is not there, it runs, and otherwise its error is passed over. */
export function unlessThere(operations: readonly Operation[]): GuardedObject | undefined {
  const [first] = operations;
  return first === undefined || operations.length > 1 ? undefined : madeBy(first);
}

/** What of that which a branch makes is not there wherever its condition [from, to) holds, and for which it holds then. */
export function absenceAskedBy(
  source: Source,
  from: number,
  to: number,
  operations: readonly Operation[],
): GuardedObject | undefined {
  if (!asksForAbsence(source, from, to)) return undefined;
  // Beside a name of the catalog, and in to_regclass, a literal is a name too, and as long as one.
  const literals = source.tokens.slice(from, to).flatMap((token) => {
    const written = stringRegion(source.text, token)?.text.replaceAll('"', '');
    return written === undefined ? [] : [truncatedName(written), truncatedName(written.split('.').at(-1) ?? '')];
  });
  const isNamed = (name: string): boolean => literals.includes(name);
  return operations
    .map(madeBy)
    .find(
      (made) =>
        made !== undefined && isNamed(made.name) && (made.kind !== 'column' || isNamed(made.relation?.name ?? '')),
    );
}

/** Words of a query that asks for a constraint by its name and its table alone. */
const OF_NAMES = new Set(
  (
    'exists select from where and join inner on as pg_constraint pg_class pg_namespace pg_catalog information_schema ' +
    'table_constraints conname conrelid constraint_name constraint_schema table_name table_schema relname relnamespace ' +
    'connamespace nspname oid regclass current_schema'
  ).split(' '),
);

/** The drop of a constraint where the condition [from, to) says that it is there, which is DROP CONSTRAINT IF EXISTS. */
export function droppedIfThere(
  source: Source,
  from: number,
  to: number,
  operation: Operation | undefined,
): Operation | undefined {
  if (operation?.kind !== 'drop-constraint' || !source.isWord(from, 'exists') || source.closing(from + 1) !== to - 1)
    return undefined;
  const asked = source.tokens.slice(from, to);
  const own = new Set([operation.action.constraint, operation.relation.name]);
  const isPlain = asked.every(({ kind, value }, index) => {
    if (kind === 'symbol') return value !== '<' && value !== '>' && value !== '!';
    if (kind !== 'word' && kind !== 'quoted') return true;
    const before = asked[index - 1]?.value ?? '';
    // A name in front of a dot, or behind a table's, is an alias of it.
    return OF_NAMES.has(value) || asked[index + 1]?.value === '.' || before === 'as' || before.startsWith('pg_');
  });
  const names = asked.flatMap((token) => {
    const written = stringRegion(source.text, token)?.text.replaceAll('"', '');
    return written === undefined ? [] : [truncatedName(written.split('.').at(-1) ?? '')];
  });
  if (!isPlain || !names.includes(operation.action.constraint)) return undefined;
  // Another text would be a condition of its own, unless it names a schema.
  if (names.some((name) => !own.has(name) && name !== 'public' && name !== operation.relation.schema)) return undefined;
  const { certainty: _certainty, unless: _unless, branch: _branch, ...rest } = operation;
  return { ...rest, action: { ...rest.action, ifExists: true } };
}

/** NOT EXISTS (a query of the catalog that no OR widens), or to_regclass('name') IS NULL. */
function asksForAbsence(source: Source, from: number, to: number): boolean {
  if (source.isWord(from, 'not') && source.isWord(from + 1, 'exists') && source.closing(from + 2) === to - 1) {
    const words = source.tokens
      .slice(from, to)
      .flatMap((token) => (token.kind === 'word' || token.kind === 'quoted' ? [token.value] : []));
    return !words.includes('or') && words.some((word) => word.startsWith('pg_') || word === 'information_schema');
  }
  return (
    (source.isWord(from, 'to_regclass') || source.isWord(from, 'to_regtype')) &&
    source.closing(from + 1) === to - 3 &&
    source.isWord(to - 2, 'is') &&
    source.isWord(to - 1, 'null')
  );
}

function madeBy(operation: Operation): GuardedObject | undefined {
  if (isTableAction(operation)) {
    const { relation, action } = operation;
    if (operation.head !== 'table') return undefined;
    if (action.kind === 'add-column') return { kind: 'column', name: action.column.name, relation };
    return action.kind === 'add-constraint' && action.constraint.name !== undefined
      ? { kind: 'constraint', name: action.constraint.name, relation }
      : undefined;
  }
  switch (operation.kind) {
    case 'create-type':
      return { kind: 'type', ...written(operation.name) };
    case 'create-table':
    case 'create-view':
      return { kind: 'relation', ...written(operation.relation) };
    case 'create-index':
      return operation.name === undefined
        ? undefined
        : { kind: 'index', ...written(operation.relation), name: operation.name };
    case 'create-schema':
      return { kind: 'schema', name: operation.name };
    case 'create-trigger':
      return { kind: 'trigger', name: operation.name, relation: operation.relation };
    case 'create-policy':
      return { kind: 'policy', name: operation.name, relation: operation.relation };
    default:
      return undefined;
  }
}

function written({ schema, name }: { readonly schema?: string; readonly name: string }): {
  readonly schema?: string;
  readonly name: string;
} {
  return schema === undefined ? { name } : { schema, name };
}

/** Operations, those certain whose object the schema is known to lack; undefined where none is. */
export function settleGuards(operations: readonly Operation[], schema: Schema): readonly Operation[] | undefined {
  if (!operations.some(({ unless }) => unless !== undefined && guardedState(schema, unless) === 'lacking'))
    return undefined;
  return operations.map((operation) => {
    if (operation.unless === undefined || guardedState(schema, operation.unless) !== 'lacking') return operation;
    const { certainty: _certainty, unless: _unless, ...rest } = operation;
    // Without the word that it may not happen it is the same operation.
    return rest as Operation;
  });
}
