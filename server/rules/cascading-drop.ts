import { displayName } from '../model/names.ts';
import { isTableAction, type Operation } from '../model/operation.ts';
import type { Origin, Schema } from '../model/schema.ts';
import { actionsIn } from './facts/operation-index.ts';
import type { Rule, RuleContext, RuleStatement } from './rule.ts';

const TABLES =
  'CREATE TABLE users (id bigint PRIMARY KEY, email text);\nCREATE VIEW people AS SELECT id, email FROM users;\nCREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));';

/** CASCADE, and what goes with the thing that is named. */
export const cascadingDrop: Rule = {
  code: 'cascading-drop',
  aliases: ['drop-column-dependents'],
  title: 'CASCADE drops more than the statement names',
  severity: 'error',
  dialects: ['postgresql'],
  why:
    'CASCADE drops everything that depends on the thing that is named: views, foreign keys of other tables, policies, and what depends on these in turn. ' +
    'The server names them in a notice that most tools do not show, and queries of the running version that use them fail. ' +
    'Drop or replace what depends on it by statements of their own, then drop it without CASCADE, so that the server refuses what you did not think of.',
  docs: ['https://www.postgresql.org/docs/current/ddl-depend.html'],
  bad: [
    {
      title: 'A view goes with a column',
      dialect: 'postgresql',
      before: [TABLES],
      sql: 'ALTER TABLE users <|DROP COLUMN email CASCADE|>;',
    },
    {
      title: 'A foreign key goes with a table',
      dialect: 'postgresql',
      before: [TABLES],
      sql: '<|DROP TABLE users CASCADE|>;',
    },
    {
      title: 'A policy and a function that ask the table',
      dialect: 'postgresql',
      before: [
        'CREATE TABLE branches (id int PRIMARY KEY, city text);\nCREATE TABLE readers (id int PRIMARY KEY, branch int);\nCREATE POLICY own ON readers USING (branch IN (SELECT b.id FROM branches b WHERE b.city = current_user));\nCREATE FUNCTION city_of(n int) RETURNS text LANGUAGE sql RETURN (SELECT b.city FROM branches b WHERE b.id = n);',
      ],
      sql: 'ALTER TABLE branches <|DROP COLUMN city CASCADE|>;',
    },
  ],
  good: [
    {
      title: 'Nothing depends on it',
      dialect: 'postgresql',
      before: [TABLES],
      sql: 'ALTER TABLE orders DROP COLUMN user_id CASCADE;',
    },
    { title: 'Things of the same migration', dialect: 'postgresql', sql: `${TABLES}\nDROP TABLE users CASCADE;` },
    {
      title: 'The table that refers to it goes too',
      dialect: 'postgresql',
      before: [TABLES.replace(/CREATE VIEW.*\n/, '')],
      sql: 'DROP TABLE users CASCADE;\nDROP TABLE orders;',
    },
    {
      title: 'The foreign key is named further down',
      dialect: 'postgresql',
      before: [TABLES.replace(/CREATE VIEW.*\n/, '')],
      sql: 'DROP TABLE users CASCADE;\nALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_user_id_fkey;',
    },
    {
      title: 'The view is made anew',
      dialect: 'postgresql',
      before: [TABLES],
      sql: 'ALTER TABLE users DROP COLUMN email CASCADE;\nCREATE VIEW people AS SELECT id FROM users;',
    },
  ],
  on: [
    'drop-table',
    'drop-view',
    'drop-materialized-view',
    'drop-function',
    'drop-type',
    'drop-sequence',
    'drop-schema',
    'drop-object',
    'drop-column',
    'drop-constraint',
    'alter-type-definition',
  ],
  *check(context, statements) {
    const last = context.statements.at(-1)?.after;
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      const operation = statement.body.operations.find(cascades);
      if (operation === undefined || last === undefined) continue;
      const lost = lostBy(context, statement, last);
      if (lost.length === 0) continue;
      yield {
        statement,
        span: operation.span,
        operation,
        message: `CASCADE also drops ${lost.join(', ')}: drop or replace ${lost.length === 1 ? 'it' : 'them'} by statements of their own first.`,
      };
    }
  },
};

function cascades(operation: Operation): boolean {
  if ('cascade' in operation && operation.kind !== 'truncate') return operation.cascade === true;
  return isTableAction(operation) && 'cascade' in operation.action && operation.action.cascade;
}

/** What the statement takes away without naming it, and what no later statement of the migration brings back. */
function lostBy(context: RuleContext, statement: RuleStatement, last: Schema): readonly string[] {
  const { before, after } = statement;
  const named = new Set(
    statement.body.operations.flatMap((operation) =>
      'objects' in operation && Array.isArray(operation.objects)
        ? operation.objects.map((object: { readonly name: string }) => object.name)
        : [],
    ),
  );
  const isOld = (origin: Origin): boolean => !context.isNewOrigin(origin);
  const lost: string[] = [];
  const schemas = new Set(
    statement.body.operations.flatMap((operation) =>
      operation.kind === 'drop-schema' ? operation.objects.map((object) => object.name) : [],
    ),
  );
  for (const [key, relation] of before.relations.entries()) {
    if (schemas.has(relation.schema)) continue;
    const left = after.relations.get(key);
    if (left === relation) continue;
    if (left === undefined) {
      if (!named.has(relation.name) && !last.relations.has(key) && isOld(relation.origin))
        lost.push(
          `${relation.kind.replace('-', ' ')} ${displayName({ schema: relation.schema === 'public' ? undefined : relation.schema, name: relation.name })}`,
        );
      continue;
    }
    const kept = last.relations.get(key);
    // The same migration drops it by name, too.
    if (kept === undefined) continue;
    for (const constraint of relation.constraints) {
      if (
        constraint.kind !== 'foreign-key' ||
        left.constraints.some((other) => other.name === constraint.name) ||
        kept.constraints.some((other) => other.name === constraint.name) ||
        !isOld(constraint.origin)
      )
        continue;
      // Its own columns go: that is what was asked for.
      if (
        constraint.columns.some((column) => !left.columns.some((other) => other.name === column)) ||
        named.has(constraint.name)
      )
        continue;
      if (actionsIn(context, 'drop-constraint').some(({ action }) => action.constraint === constraint.name)) continue;
      lost.push(`foreign key ${constraint.name} of ${relation.name}`);
    }
    for (const policy of relation.policies)
      if (!left.policies.includes(policy) && !kept.policies.includes(policy))
        lost.push(`policy ${policy} of ${relation.name}`);
    for (const trigger of relation.triggers)
      if (
        !left.triggers.some((other) => other.name === trigger.name) &&
        !kept.triggers.some((other) => other.name === trigger.name) &&
        isOld(trigger.origin)
      )
        lost.push(`trigger ${trigger.name} of ${relation.name}`);
    for (const column of relation.columns) {
      const other = left.columns.find((candidate) => candidate.name === column.name);
      const isNamed = statement.body.operations.some(
        (operation) => operation.kind === 'drop-column' && operation.action.column === column.name,
      );
      if (other === undefined && !isNamed && isOld(column.origin))
        lost.push(`column ${column.name} of ${relation.name}`);
      else if (other !== undefined && other.default === undefined && column.default !== undefined)
        lost.push(`the default of ${column.name} of ${relation.name}`);
    }
  }
  for (const [key, called] of before.functions.entries())
    if (
      !schemas.has(called.schema) &&
      !named.has(called.name) &&
      !after.functions.has(key) &&
      !last.functions.has(key) &&
      called.overloads.some((overload) => isOld(overload.origin))
    )
      lost.push(`function ${called.name}()`);
  return lost;
}
