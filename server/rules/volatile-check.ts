import type { ExpressionTree } from '../model/expression.ts';
import { constraintsOf } from './facts/keys.ts';
import type { Rule } from './rule.ts';

/** Functions and value words whose result changes with time or session. */
const CHANGING = new Set([
  'now',
  'clock_timestamp',
  'statement_timestamp',
  'transaction_timestamp',
  'timeofday',
  'random',
  'current_timestamp',
  'current_date',
  'current_time',
  'localtime',
  'localtimestamp',
  'current_user',
  'session_user',
  'user',
  'current_setting',
  'gen_random_uuid',
  'nextval',
]);

/** A CHECK that is true today and false tomorrow. */
export const volatileCheck: Rule = {
  code: 'volatile-check',
  title: 'A CHECK constraint depends on the time or the session',
  severity: 'warning',
  dialects: ['postgresql'],
  why:
    'PostgreSQL checks a row when it is written, and takes for granted that it stays right. ' +
    'A condition that compares with the current time or user may become false later: then an unrelated UPDATE of the row fails, and a dump of the database cannot be restored. ' +
    'Compare columns with each other, or check in a trigger.',
  docs: ['https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-CHECK-CONSTRAINTS'],
  bad: [
    {
      title: 'The current time',
      dialect: 'postgresql',
      sql: 'CREATE TABLE users (id bigint PRIMARY KEY, born date <|CHECK (born < current_date)|>);',
    },
  ],
  good: [
    {
      title: 'Only that it can be worked out',
      dialect: 'postgresql',
      sql: 'CREATE TABLE users (id bigint PRIMARY KEY, zone text CHECK (now() AT TIME ZONE zone IS NOT NULL));',
    },
    {
      title: 'A constant',
      dialect: 'postgresql',
      sql: "CREATE TABLE users (id bigint PRIMARY KEY, born date CHECK (born > '1900-01-01'));",
    },
  ],
  on: ['create-table', 'add-column', 'add-constraint'],
  *check(_context, statements) {
    for (const statement of statements) {
      for (const operation of statement.body.operations) {
        for (const constraint of constraintsOf(operation)) {
          if (constraint.kind !== 'check' || constraint.expression === undefined) continue;
          const name = changingName(constraint.expression.tree);
          if (name !== undefined)
            yield {
              statement,
              span: constraint.span,
              operation,
              message: `${name} has another value later: a row that passes this CHECK today may fail it when it is next written or restored.`,
            };
        }
      }
    }
  },
};

/** The first function in an expression whose result changes; whether it is NULL at all does not. */
function changingName(tree: ExpressionTree): string | undefined {
  if ((tree.kind === 'call' || tree.kind === 'keyword') && CHANGING.has(tree.name)) return tree.name;
  if (tree.kind === 'null-test' || !('operands' in tree)) return undefined;
  for (const operand of tree.operands) {
    const name = changingName(operand);
    if (name !== undefined) return name;
  }
  return undefined;
}
