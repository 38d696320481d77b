import { findRelation, indexesOf } from '../model/lookup.ts';
import { objectKey } from '../model/names.ts';
import type { Rule } from './rule.ts';

/** A table whose rows nothing tells apart. */
export const tableWithoutKey: Rule = {
  code: 'table-without-key',
  aliases: ['create-table-no-pk'],
  title: 'A new table has no primary key',
  severity: 'info',
  preset: 'strict',
  dialects: ['postgresql'],
  why:
    'Without a key two equal rows cannot be told apart: logical replication cannot carry UPDATE and DELETE of the table, a backfill has nothing to go by, and most libraries cannot save an object of it. ' +
    'Give it a primary key while it is empty.',
  docs: [
    'https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-PRIMARY-KEYS',
    'https://www.postgresql.org/docs/current/logical-replication-publication.html',
  ],
  bad: [{ title: 'No key', dialect: 'postgresql', sql: 'CREATE TABLE <|members|> (user_id bigint, team_id bigint);' }],
  good: [
    {
      title: 'A copy that gets a key',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: 'CREATE TABLE copies AS SELECT id FROM users;\nALTER TABLE copies ADD PRIMARY KEY (id);',
    },
    {
      title: 'A key of two columns',
      dialect: 'postgresql',
      sql: 'CREATE TABLE members (user_id bigint, team_id bigint, PRIMARY KEY (user_id, team_id));',
    },
    {
      title: 'A key that comes later',
      dialect: 'postgresql',
      sql: 'CREATE TABLE members (id bigint);\nALTER TABLE members ADD PRIMARY KEY (id);',
    },
    { title: 'A temporary table', dialect: 'postgresql', sql: 'CREATE TEMPORARY TABLE scratch (id bigint);' },
  ],
  on: ['create-table', 'create-table-as'],
  *check(context, statements) {
    const last = context.statements.at(-1)?.after;
    if (last === undefined) return;
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const operation of statement.body.operations) {
        if (
          (operation.kind !== 'create-table' && operation.kind !== 'create-table-as') ||
          operation.persistence === 'temporary'
        )
          continue;
        if (
          operation.kind === 'create-table' &&
          (operation.partitionOf !== undefined ||
            operation.foreignServer !== undefined ||
            operation.inherits.length > 0 ||
            operation.like.length > 0)
        )
          continue;
        const relation = findRelation(last, operation.relation);
        if (relation === undefined || relation.constraints.some((constraint) => constraint.kind === 'primary-key'))
          continue;
        const key = objectKey(relation.schema, relation.name);
        if (indexesOf(last, key).some((index) => index.primary)) continue;
        yield {
          statement,
          span: operation.relation.span,
          relation: { schema: relation.schema, name: relation.name },
          operation,
          message: `Nothing tells two rows of ${relation.name} apart: give it a primary key while it is empty.`,
        };
      }
    }
  },
};
