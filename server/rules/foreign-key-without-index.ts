import { findRelation } from '../model/lookup.ts';
import { addedForeignKeys, hasIndexOn } from './facts/keys.ts';
import type { Rule } from './rule.ts';

const USERS = 'CREATE TABLE users (id bigint PRIMARY KEY);';

/** A foreign key that the referenced table's deletes have to search without an index. */
export const foreignKeyWithoutIndex: Rule = {
  code: 'foreign-key-without-index',
  aliases: ['fk-missing-index'],
  title: 'No index begins with the columns of a foreign key',
  severity: 'info',
  dialects: ['postgresql', 'sqlite'],
  why:
    'Every DELETE in the referenced table, and every UPDATE of its key, looks for rows that refer to it. ' +
    "Without an index on the foreign key's columns each of them reads the whole referring table, while it keeps its own row locked. " +
    'The database makes no such index by itself. An index that a later migration of the folder makes counts.',
  docs: [
    'https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK',
    'https://www.sqlite.org/foreignkeys.html#fk_indexes',
  ],
  bad: [
    {
      title: 'A new table',
      dialect: 'postgresql',
      before: [USERS],
      sql: 'CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint <|REFERENCES users (id)|>);',
    },
    {
      title: 'An index of some rows',
      dialect: 'postgresql',
      before: [USERS],
      sql: 'CREATE TABLE orders (id bigint PRIMARY KEY, paid boolean, user_id bigint <|REFERENCES users (id)|>);\nCREATE INDEX orders_user ON orders (user_id) WHERE user_id IS NOT NULL AND paid;',
    },
    {
      title: 'A new table',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY);'],
      sql: 'CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER <|REFERENCES users (id)|>);',
    },
  ],
  good: [
    {
      title: 'An index in the same migration',
      dialect: 'postgresql',
      before: [USERS],
      sql: 'CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));\nCREATE INDEX orders_user ON orders (user_id);',
    },
    {
      title: 'The first column of a wider index',
      dialect: 'postgresql',
      before: [USERS],
      sql: 'CREATE TABLE members (user_id bigint REFERENCES users (id), team_id bigint, PRIMARY KEY (user_id, team_id));',
    },
    {
      title: 'An index of every row that has a key',
      dialect: 'postgresql',
      before: [USERS],
      sql: 'CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));\nCREATE INDEX orders_user ON orders (user_id) WHERE user_id IS NOT NULL;',
    },
    {
      title: 'An index of every row that has a key',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY);'],
      sql: 'CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id));\nCREATE INDEX orders_user ON orders (user_id) WHERE user_id IS NOT NULL;',
    },
    {
      title: "The table's own key",
      dialect: 'postgresql',
      before: [USERS],
      sql: 'CREATE TABLE profiles (user_id bigint PRIMARY KEY REFERENCES users (id), bio text);',
    },
  ],
  on: ['create-table', 'add-column', 'add-constraint'],
  *check(context, statements) {
    const last = context.statements.at(-1)?.after;
    if (last === undefined) return;
    const reported = new Set<string>();
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const { operation, relation, constraint } of addedForeignKeys(statement)) {
        const known = findRelation(last, relation);
        const columns = `${known?.schema ?? ''}.${known?.name ?? ''}.${[...constraint.columns].sort().join()}`;
        if (reported.has(columns)) continue;
        // Of a table that no migration made the indexes are not known; one that is gone again needs none.
        if (
          known === undefined ||
          !known.detailsKnown ||
          known.persistence === 'temporary' ||
          hasIndexOn(last, relation, constraint.columns)
        )
          continue;
        const end = context.folder?.schemaAtEnd();
        if (end !== undefined && hasIndexOn(end, relation, constraint.columns)) continue;
        reported.add(columns);
        yield {
          statement,
          span: operation.kind === 'add-constraint' ? operation.span : constraint.span,
          operation,
          relation: { schema: known.schema, name: known.name },
          message: `No index over all of ${known.name} begins with ${constraint.columns.map((column) => `"${column}"`).join(', ')}: each DELETE in ${constraint.references?.relation.name ?? ''} reads all of ${known.name}.`,
        };
      }
    }
  },
};
