import type { ObjectName } from '../model/names.ts';
import { creationSchema, findRelation, relationKeyOf } from '../model/lookup.ts';
import { isTableAction, type ConstraintDefinition, type Operation } from '../model/operation.ts';
import { constraintsOf } from './facts/keys.ts';
import { operationsIn } from './facts/operation-index.ts';
import type { Rule, RuleContext } from './rule.ts';

/** A table that the migrations make only after this one. */
export const usedBeforeCreated: Rule = {
  code: 'used-before-created',
  aliases: ['cross-file-order'],
  title: 'A table is used before the migration that creates it',
  severity: 'error',
  dialects: ['postgresql', 'sqlite'],
  why:
    'Migrations run in the order of their names. ' +
    'A statement that uses a table that only a later one creates fails on every new database, although it passes on one where both have run by hand or in another order. ' +
    'It most often comes from two branches whose migrations were merged: give one of them another number.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-createtable.html',
    'https://www.sqlite.org/lang_createtable.html',
  ],
  bad: [
    {
      title: 'In one file',
      dialect: 'postgresql',
      sql: 'ALTER TABLE <|users|> ADD COLUMN nick text;\nCREATE TABLE users (id bigint PRIMARY KEY);',
    },
    {
      title: 'In one file',
      dialect: 'sqlite',
      sql: 'CREATE INDEX users_id ON <|users|> (id);\nCREATE TABLE users (id INTEGER PRIMARY KEY);',
    },
  ],
  good: [
    {
      title: 'A foreign key, which SQLite follows later',
      dialect: 'sqlite',
      sql: 'CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id));\nCREATE TABLE users (id INTEGER PRIMARY KEY);',
    },
    { title: 'A table that no migration makes', dialect: 'postgresql', sql: 'ALTER TABLE users ADD COLUMN nick text;' },
    {
      title: 'The right order',
      dialect: 'postgresql',
      sql: 'CREATE TABLE users (id bigint PRIMARY KEY);\nALTER TABLE users ADD COLUMN nick text;',
    },
    {
      title: 'A table that went and comes back',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: '-- lockstep: allow drop-before-contract because nobody uses it\nDROP TABLE users;\nCREATE TABLE users (id bigint PRIMARY KEY);',
    },
    {
      title: 'Only if it is there',
      dialect: 'postgresql',
      sql: 'ALTER TABLE IF EXISTS users ADD COLUMN nick text;\nCREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY);',
    },
  ],
  *check(context) {
    const creations = operationsIn(context, 'create-table').filter(
      ({ operation }) =>
        !operation.ifNotExists && operation.certainty === undefined && operation.persistence !== 'temporary',
    );
    const reported = new Set<string>();
    for (const statement of context.statements) {
      if (statement.direction !== 'up') continue;
      for (const operation of statement.body.operations) {
        for (const name of tablesUsed(context, operation)) {
          // One that was used before is there, whoever made it.
          if (findRelation(statement.before, name) !== undefined || isOwn(operation, name)) continue;
          const key = relationKeyOf(statement.before, name);
          if (reported.has(key) || statement.before.dropped.has(key)) continue;
          reported.add(key);
          const here = creations.find(
            (creation) =>
              creation.statement.index > statement.index &&
              relationKeyOf(creation.statement.before, creation.operation.relation) === key,
          );
          const schema = name.schema ?? creationSchema(statement.before) ?? statement.before.product.searchPath[0];
          const later = here === undefined ? context.folder?.createdLater(schema, name.name) : undefined;
          if (here === undefined && later === undefined) continue;
          yield {
            statement,
            span: name.span,
            relation: { schema, name: name.name },
            operation,
            message: `${name.name} is created only ${here === undefined ? `by ${later ?? ''}` : 'further down'}: on a new database this statement fails.`,
            ...(here === undefined
              ? {}
              : {
                  related: [
                    { statement: here.statement, span: here.operation.relation.span, message: 'It is created here.' },
                  ],
                }),
          };
        }
      }
    }
  },
};

/** A table that refers to itself. */
function isOwn(operation: Operation, name: ObjectName): boolean {
  return operation.kind === 'create-table' && operation.relation.name === name.name;
}

/** Tables that an operation needs to exist. */
function tablesUsed(context: RuleContext, operation: Operation): readonly ObjectName[] {
  if (operation.certainty === 'may') return NO_NAMES;
  const parents = context.engine.product.catalog.checksDefinitions ? parentsIn(constraintsOf(operation)) : NO_NAMES;
  if (isTableAction(operation))
    return operation.ifExists
      ? parents
      : parents.length === 0
        ? [operation.relation]
        : [operation.relation, ...parents];
  switch (operation.kind) {
    case 'create-table':
      return [
        ...parents,
        ...operation.inherits,
        ...operation.like.map((like) => like.relation),
        ...(operation.partitionOf === undefined ? [] : [operation.partitionOf.parent]),
      ];
    case 'create-index':
    case 'create-trigger':
    case 'create-policy':
      return [operation.relation];
    case 'insert-rows':
    case 'update-rows':
    case 'delete-rows':
      return [operation.relation];
    default:
      return parents;
  }
}

function parentsIn(constraints: readonly ConstraintDefinition[]): readonly ObjectName[] {
  // Nearly all operations write none down, and all of them are looked at, at each keystroke.
  return constraints.length === 0
    ? NO_NAMES
    : constraints.flatMap((constraint) =>
        constraint.references === undefined ? [] : [constraint.references.relation],
      );
}

const NO_NAMES: readonly ObjectName[] = [];
