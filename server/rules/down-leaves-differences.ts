import type { Schema } from '../model/schema.ts';
import { objectKey } from '../model/names.ts';
import { isTableAction, type Operation } from '../model/operation.ts';
import { shown } from './facts/difference-words.ts';
import { schemaDifferences } from './facts/schema-differences.ts';
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
    'Where it is not, the migration cannot be applied again (a column, a schema or a value of an enum is there already), or the version of the application that was rolled back to misses something (a constraint, a default, a right, the old body of a function). ' +
    'Lockstep follows both halves and compares everything that they name: columns, indexes with their conditions, constraints, types, bodies of functions, views, triggers, policies, row security and rights. ' +
    'What IF NOT EXISTS makes, and a constraint that comes back NOT VALID, are taken to be meant.',
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
      title: 'A function keeps its new body',
      dialect: 'postgresql',
      before: ["CREATE FUNCTION rate() RETURNS numeric LANGUAGE sql AS 'SELECT 0.19';"],
      sql: "CREATE OR REPLACE FUNCTION rate() RETURNS numeric LANGUAGE sql AS 'SELECT 0.21';\nCREATE SCHEMA billing;",
      down: '<|DROP SCHEMA billing|>;',
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
      title: 'A view and an index come back, spelt in another way',
      dialect: 'postgresql',
      before: [
        'CREATE TABLE users (id bigint PRIMARY KEY, age int);\nCREATE INDEX users_age ON users (age) WHERE age IN (1, 2);\nCREATE VIEW adults AS SELECT id FROM users WHERE age > 17;',
      ],
      sql: 'DROP VIEW adults;\nDROP INDEX users_age;',
      down: 'CREATE INDEX users_age ON public.users USING btree (age) WHERE (age = ANY (ARRAY[1, 2]));\nCREATE VIEW adults AS SELECT users.id FROM users WHERE (users.age > 17);',
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
    const up = context.folder?.upOperations() ?? [];
    const kept = keptByIntent(before, up);
    const differences = schemaDifferences(
      context.engine,
      before,
      after,
      keysNamed(before, [...up, ...context.statements.flatMap((each) => each.body.operations)]),
    ).filter((difference) => !kept.has(difference));
    const [statement] = context.statements.slice(-1);
    if (differences.length === 0 || statement === undefined) return;
    const again = failsAgain(up, new Set(differences));
    // What keeps the migration from being applied again comes first.
    const named = [...again, ...differences.filter((difference) => !again.includes(difference))].slice(0, MOST_NAMED);
    const rest = differences.length - named.length;
    yield {
      statement,
      span: { start: 0, end: statement.source.text.length },
      message: `After up and down, ${named.join('; ')}${rest > 0 ? `; and ${rest} more difference${rest === 1 ? '' : 's'}` : ''}.${again.length === 0 ? '' : ' The up half fails on that when it is applied again.'}`,
    };
  },
};

/** Differences that are none, or that whoever wrote the up half wants. */
function keptByIntent(before: Schema, up: readonly Operation[]): ReadonlySet<string> {
  const kept = new Set<string>();
  for (const operation of up) {
    // An index that the up half hands to a constraint goes with it: the down half of the migration that built it has nothing left to do.
    if (operation.kind === 'add-constraint')
      kept.add(`index ${operation.action.constraint.usingIndex ?? ''} is missing`);
    // What no migration here made, and the up half drops, was there before.
    if ('objects' in operation && operation.kind.startsWith('drop-') && 'objectKind' in operation)
      if (!before.isComplete || operation.kind === 'drop-object')
        for (const object of operation.objects)
          kept.add(`${operation.objectKind.replaceAll('-', ' ')} ${shown(object)} is left over`);
    // What IF NOT EXISTS makes may be there for others too, and does not stand in the way.
    if (operation.kind === 'create-schema' && operation.ifNotExists) kept.add(`schema ${operation.name} is left over`);
    if (operation.kind === 'create-object' && operation.ifNotExists === true)
      kept.add(`${operation.objectKind.replaceAll('-', ' ')} ${operation.object?.name ?? ''} is left over`);
    if (
      operation.kind === 'alter-type-definition' &&
      operation.action.kind === 'add-value' &&
      operation.action.ifNotExists
    )
      kept.add(`value '${operation.action.value}' of ${shown(operation.name)} is left over`);
  }
  return kept;
}

/** Differences on which the up half fails when it is applied again: PostgreSQL makes none of these twice, and has no way around it. */
function failsAgain(up: readonly Operation[], differences: ReadonlySet<string>): readonly string[] {
  return up
    .flatMap((operation) => {
      if (operation.kind === 'create-schema') return [`schema ${operation.name} is left over`];
      if (operation.kind === 'create-object')
        return [`${operation.objectKind.replaceAll('-', ' ')} ${operation.object?.name ?? ''} is left over`];
      if (operation.kind === 'alter-type-definition' && operation.action.kind === 'add-value')
        return [`value '${operation.action.value}' of ${shown(operation.name)} is left over`];
      return [];
    })
    .filter((difference) => differences.has(difference));
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
      operation.kind === 'set-variable' ||
      ('allIn' in operation && operation.allIn !== undefined)
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
