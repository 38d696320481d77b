import type { Column, Constraint, Relation, Schema } from '../model/schema.ts';
import { indexesOf } from '../model/lookup.ts';
import { displayName, objectKey } from '../model/names.ts';
import { isTableAction, type Operation } from '../model/operation.ts';
import { sameType } from '../model/type-name.ts';
import type { Rule } from './rule.ts';

/** Differences that a message names; the rest are counted. */
const MOST_NAMED = 4;

/** A down half that does not lead back. */
export const downLeavesDifferences: Rule = {
  code: 'down-leaves-differences',
  title: 'The down half does not lead back to the schema before the up half',
  severity: 'warning',
  dialects: ['postgresql', 'sqlite'],
  why:
    'After up and then down, the schema should be what it was. ' +
    'Where it is not, the migration cannot be applied again (a column is there already), or the version of the application that was rolled back to misses something (a constraint, a default). ' +
    'Lockstep follows both halves and compares.',
  docs: ['https://www.postgresql.org/docs/current/sql-altertable.html', 'https://www.sqlite.org/lang_altertable.html'],
  bad: [
    {
      title: 'A column is forgotten',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: 'ALTER TABLE users ADD COLUMN nick text;\nALTER TABLE users ADD COLUMN age int;',
      down: '<|ALTER TABLE users DROP COLUMN nick|>;',
    },
    {
      title: 'A column comes back without its default',
      dialect: 'postgresql',
      before: ["CREATE TABLE users (id bigint PRIMARY KEY, status text NOT NULL DEFAULT 'new');"],
      sql: 'ALTER TABLE users DROP COLUMN status;',
      down: '<|ALTER TABLE users ADD COLUMN status text|>;',
    },
    {
      title: 'A table is forgotten',
      dialect: 'sqlite',
      sql: 'CREATE TABLE users (id INTEGER PRIMARY KEY);\nCREATE TABLE orders (id INTEGER PRIMARY KEY);',
      down: '<|DROP TABLE users|>;',
    },
  ],
  good: [
    {
      title: 'Everything is taken back',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: 'ALTER TABLE users ADD COLUMN nick text;\nCREATE TABLE orders (id bigint);',
      down: 'DROP TABLE orders;\nALTER TABLE users DROP COLUMN nick;',
    },
    {
      title: 'Everything is taken back',
      dialect: 'sqlite',
      sql: 'CREATE TABLE users (id INTEGER PRIMARY KEY);',
      down: 'DROP TABLE users;',
    },
    {
      title: 'An index that no migration made comes back',
      dialect: 'postgresql',
      sql: '-- lockstep: no-transaction\nDROP INDEX CONCURRENTLY users_email;',
      down: '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY users_email ON users (email);',
    },
  ],
  *check(context) {
    const [first] = context.statements;
    const after = context.statements.at(-1)?.after;
    const before = context.folder?.schemaBefore();
    if (first?.direction !== 'down' || after === undefined || before === undefined) return;
    // What is not known may well lead back.
    if (
      context.statements.some(
        (statement) =>
          statement.body.problems.length > 0 ||
          statement.body.operations.some((operation) => operation.kind === 'opaque' || operation.certainty === 'may'),
      ) ||
      context.folder?.isUpKnown() === false
    )
      return;
    // An index that the up half hands to a constraint goes with it: the down half of the migration that built it has nothing left to do.
    const handedOver = new Set(
      (context.folder?.upOperations() ?? []).flatMap((operation) =>
        operation.kind === 'add-constraint' ? [`index ${operation.action.constraint.usingIndex ?? ''} is missing`] : [],
      ),
    );
    // What no migration here made, and the up half drops, was there before.
    const unseen = new Set(
      before.isComplete
        ? []
        : (context.folder?.upOperations() ?? []).flatMap((operation) =>
            operation.kind === 'drop-index' ? operation.objects.map((index) => `index ${index.name} is left over`) : [],
          ),
    );
    const differences = differencesOf(
      before,
      after,
      keysNamed(before, [
        ...(context.folder?.upOperations() ?? []),
        ...context.statements.flatMap((each) => each.body.operations),
      ]),
    ).filter((difference) => !handedOver.has(difference) && !unseen.has(difference));
    const [statement] = context.statements.slice(-1);
    if (differences.length === 0 || statement === undefined) return;
    const named = differences.slice(0, MOST_NAMED);
    yield {
      statement,
      span: { start: 0, end: statement.source.text.length },
      message: `After up and down, ${named.join('; ')}${differences.length > named.length ? `; and ${differences.length - named.length} more differences` : ''}.`,
    };
  },
};

/** In words, what is not as it was. */
function differencesOf(before: Schema, after: Schema, keys: ReadonlySet<string> | undefined): readonly string[] {
  const found: string[] = [];
  const indexes =
    keys === undefined
      ? undefined
      : new Set([
          ...keys,
          ...[...keys].flatMap((key) =>
            [...indexesOf(before, key), ...indexesOf(after, key)].map((index) => objectKey(index.schema, index.name)),
          ),
        ]);
  compareKeys(
    before.relations,
    after.relations,
    keys,
    (relation) => (relation.columnsKnown ? `${relation.kind.replace('-', ' ')} ${shown(relation)}` : undefined),
    found,
    (old, now) => compareRelation(old, now, found),
  );
  compareKeys(
    before.indexes,
    after.indexes,
    indexes,
    (index) => (index.constraint === undefined && !index.primary ? `index ${index.name}` : undefined),
    found,
  );
  compareKeys(
    before.sequences,
    after.sequences,
    keys,
    (sequence) => (sequence.ownedBy === undefined ? `sequence ${shown(sequence)}` : undefined),
    found,
  );
  compareKeys(before.types, after.types, keys, (type) => `type ${shown(type)}`, found);
  compareKeys(before.functions, after.functions, keys, (made) => `function ${shown(made)}`, found);
  return found;
}

/** Keys of everything that both halves name; undefined where CASCADE may reach further, so that all must be compared. */
function keysNamed(schema: Schema, operations: readonly Operation[]): ReadonlySet<string> | undefined {
  const keys = new Set<string>();
  const add = (name: { readonly schema?: string; readonly name: string }): void => {
    for (const home of name.schema === undefined ? schema.session.searchPath : [name.schema])
      keys.add(objectKey(home, name.name));
  };
  for (const operation of operations) {
    if (
      ('cascade' in operation && operation.cascade) ||
      (isTableAction(operation) && 'cascade' in operation.action && operation.action.cascade) ||
      operation.kind === 'drop-schema' ||
      operation.kind === 'set-variable'
    )
      return undefined;
    if ('relation' in operation && operation.relation !== undefined) add(operation.relation);
    if ('objects' in operation) operation.objects.forEach(add);
    if ('object' in operation && operation.object !== undefined) add(operation.object);
    if ('name' in operation && operation.name !== undefined)
      add(typeof operation.name === 'string' ? { name: operation.name } : operation.name);
    if ('newName' in operation) add({ name: operation.newName });
    if (!isTableAction(operation)) continue;
    if ('newName' in operation.action)
      add({
        ...(operation.relation.schema !== undefined ? { schema: operation.relation.schema } : {}),
        name: operation.action.newName,
      });
    if ('partition' in operation.action) add(operation.action.partition);
    if (operation.action.kind === 'set-table-schema')
      add({ schema: operation.action.schema, name: operation.relation.name });
  }
  return keys;
}

function compareKeys<Value>(
  before: { entries(): IterableIterator<readonly [string, Value]>; get(key: string): Value | undefined },
  after: typeof before,
  keys: ReadonlySet<string> | undefined,
  title: (value: Value) => string | undefined,
  found: string[],
  compare?: (old: Value, now: Value) => void,
): void {
  if (before === after) return;
  for (const key of keys ?? new Set([...before.entries(), ...after.entries()].map(([each]) => each))) {
    const old = before.get(key);
    const now = after.get(key);
    if (old === now) continue;
    if (old !== undefined && now !== undefined) compare?.(old, now);
    else {
      const name = old === undefined ? (now === undefined ? undefined : title(now)) : title(old);
      if (name !== undefined) found.push(`${name} is ${old === undefined ? 'left over' : 'missing'}`);
    }
  }
}

function compareRelation(old: Relation, now: Relation, found: string[]): void {
  const table = shown(old);
  if (!old.columnsKnown || !now.columnsKnown || old.kind === 'view' || old.kind === 'materialized-view') return;
  for (const column of old.columns) {
    const other = now.columns.find((candidate) => candidate.name === column.name);
    if (other === undefined) found.push(`column ${column.name} of ${table} is missing`);
    else if (other !== column) compareColumn(column, other, table, found);
  }
  for (const column of now.columns)
    if (!old.columns.some((candidate) => candidate.name === column.name))
      found.push(`column ${column.name} of ${table} is left over`);
  if (!old.detailsKnown || !now.detailsKnown) return;
  for (const constraint of old.constraints) {
    const other = now.constraints.find((candidate) => isSameConstraint(candidate, constraint));
    if (other === undefined && constraint.kind !== 'not-null')
      found.push(`${constraint.kind.replace('-', ' ')} ${constraint.name} of ${table} is missing`);
  }
  for (const constraint of now.constraints)
    if (constraint.kind !== 'not-null' && !old.constraints.some((candidate) => isSameConstraint(candidate, constraint)))
      found.push(`${constraint.kind.replace('-', ' ')} ${constraint.name} of ${table} is left over`);
  for (const trigger of old.triggers)
    if (!now.triggers.some((other) => other.name === trigger.name))
      found.push(`trigger ${trigger.name} of ${table} is missing`);
  for (const trigger of now.triggers)
    if (!old.triggers.some((other) => other.name === trigger.name))
      found.push(`trigger ${trigger.name} of ${table} is left over`);
}

function isSameConstraint(left: Constraint, right: Constraint): boolean {
  return (
    left.kind === right.kind &&
    (left.name === right.name ||
      (left.columns.join() === right.columns.join() &&
        left.references?.key === right.references?.key &&
        left.expression?.text === right.expression?.text))
  );
}

function compareColumn(old: Column, now: Column, table: string, found: string[]): void {
  const name = `${now.name} of ${table}`;
  if (old.type !== undefined && now.type !== undefined && !sameType(old.type, now.type))
    found.push(`${name} is ${now.type.display} instead of ${old.type.display}`);
  if (old.notNull !== now.notNull) found.push(`${name} ${now.notNull ? 'is required' : 'may be empty'}`);
  if ((old.default === undefined) !== (now.default === undefined))
    found.push(`${name} ${now.default === undefined ? 'has lost its default' : 'has a default'}`);
}

function shown(object: { readonly schema: string; readonly name: string }): string {
  return displayName({
    schema: object.schema === 'public' || object.schema === 'main' ? undefined : object.schema,
    name: object.name,
  });
}
