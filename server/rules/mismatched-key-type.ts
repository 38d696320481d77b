import { findRelation } from '../model/lookup.ts';
import type { TypeName } from '../model/type-name.ts';
import { addedForeignKeys, parentOf, referencedColumnsOf } from './facts/keys.ts';
import type { Rule } from './rule.ts';

const USERS = 'CREATE TABLE users (id bigint PRIMARY KEY);';

/** A foreign key whose column has another type than what it points at. */
export const mismatchedKeyType: Rule = {
  code: 'mismatched-key-type',
  aliases: ['mismatched-foreign-key-type'],
  title: 'A foreign key column has another type than the column it points at',
  severity: 'warning',
  dialects: ['postgresql'],
  why:
    'PostgreSQL allows it where the two types can be compared. ' +
    'But an int that points at a bigint cannot hold every key: inserts fail on the day that the keys grow beyond 2,147,483,647, in this table only, and widening it then means to write it anew. ' +
    'Give both columns one type.',
  docs: ['https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK'],
  bad: [
    {
      title: 'int points at bigint',
      dialect: 'postgresql',
      before: [USERS],
      sql: 'CREATE TABLE orders (id bigint PRIMARY KEY, user_id int <|REFERENCES users (id)|>);',
    },
    {
      title: 'A constraint',
      dialect: 'postgresql',
      before: [`${USERS}\nCREATE TABLE orders (id bigint PRIMARY KEY, user_id int);`],
      sql: 'ALTER TABLE orders <|ADD FOREIGN KEY (user_id) REFERENCES users NOT VALID|>;',
    },
  ],
  good: [
    {
      title: 'One type',
      dialect: 'postgresql',
      before: [USERS],
      sql: 'CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));',
    },
    {
      title: 'serial is int',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id serial PRIMARY KEY);'],
      sql: 'CREATE TABLE orders (id bigint PRIMARY KEY, user_id int REFERENCES users (id));',
    },
    {
      title: 'varchar and text hold the same',
      dialect: 'postgresql',
      before: ['CREATE TABLE countries (code text PRIMARY KEY);'],
      sql: 'CREATE TABLE cities (id bigint PRIMARY KEY, country varchar(2) REFERENCES countries (code));',
    },
  ],
  on: ['create-table', 'add-column', 'add-constraint'],
  *check(_context, statements) {
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const { operation, relation, constraint } of addedForeignKeys(statement)) {
        const parent = parentOf(statement, constraint);
        const child = findRelation(statement.after, relation);
        if (parent === undefined || child === undefined) continue;
        const targets = referencedColumnsOf(parent, constraint);
        for (const [index, name] of constraint.columns.entries()) {
          const own = child.columns.find((column) => column.name === name)?.type;
          const other = parent.columns.find((column) => column.name === targets[index])?.type;
          if (own === undefined || other === undefined || isAlike(own, other)) continue;
          yield {
            statement,
            span: operation.kind === 'add-constraint' ? operation.span : constraint.span,
            operation,
            relation: { schema: child.schema, name: child.name },
            message: `"${name}" is ${own.display}, and "${targets[index] ?? ''}" of ${parent.name}, which it points at, is ${other.display}: give both one type.`,
          };
        }
      }
    }
  },
};

/** Types whose values are the same, so that nothing can be too large for one of them. */
const FAMILIES: Readonly<Record<string, string>> = { text: 'text', varchar: 'text', bpchar: 'text' };

function isAlike(left: TypeName, right: TypeName): boolean {
  return (
    (FAMILIES[left.name] ?? left.name) === (FAMILIES[right.name] ?? right.name) &&
    left.arrayDimensions === right.arrayDimensions
  );
}
