import { constraintsOf } from './facts/keys.ts';
import type { Rule } from './rule.ts';

const TABLES =
  'CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);\nCREATE INDEX orders_user ON orders (user_id);';

/** A constraint that nothing checks. */
export const notEnforced: Rule = {
  code: 'not-enforced',
  title: 'A constraint is NOT ENFORCED: no row is ever checked',
  severity: 'info',
  dialects: ['postgresql'],
  why:
    'A NOT ENFORCED constraint is written down and never looked at: neither old rows nor new ones are checked, and rows that break it pile up unnoticed. ' +
    'NOT VALID is what leaves out old rows only; it can be validated later.',
  docs: ['https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-PARMS-ENFORCED'],
  bad: [
    {
      title: 'A foreign key',
      dialect: 'postgresql',
      version: '18',
      before: [TABLES],
      sql: 'ALTER TABLE orders ADD <|CONSTRAINT orders_user_fk FOREIGN KEY (user_id) REFERENCES users (id) NOT ENFORCED|>;',
    },
  ],
  good: [
    {
      title: 'NOT VALID',
      dialect: 'postgresql',
      version: '18',
      before: [TABLES],
      sql: 'ALTER TABLE orders ADD CONSTRAINT orders_user_fk FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;',
    },
  ],
  on: ['create-table', 'add-column', 'add-constraint'],
  *check(_context, statements) {
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const operation of statement.body.operations) {
        for (const constraint of constraintsOf(operation)) {
          if (constraint.notEnforced !== true) continue;
          yield {
            statement,
            span: constraint.span,
            operation,
            message:
              'NOT ENFORCED: no row is ever checked, neither those that are there nor those that come. Use NOT VALID, and validate it later.',
          };
        }
      }
    }
  },
};
