import { relationKeyOf } from '../model/lookup.ts';
import type { Rule } from './rule.ts';
import { actionsOf, subjectOf } from './facts/subject.ts';

const TABLE =
  'CREATE TABLE users (id bigint PRIMARY KEY, owner text);\nCREATE POLICY own ON users USING (owner = current_user);\nALTER TABLE users ENABLE ROW LEVEL SECURITY;';

/** Rows that policies kept apart, open to everyone. */
export const rowSecurityOff: Rule = {
  code: 'row-security-off',
  title: 'Row level security is switched off: every role that may read the table sees every row',
  severity: 'warning',
  dialects: ['postgresql'],
  why:
    'The policies stay, but are not asked any more. ' +
    'No query fails; the rows of one customer simply show up for another. ' +
    'If a policy is in the way, change the policy.',
  docs: ['https://www.postgresql.org/docs/current/ddl-rowsecurity.html'],
  bad: [
    {
      title: 'Switched off',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users <|DISABLE ROW LEVEL SECURITY|>;',
    },
  ],
  good: [
    {
      title: 'And on again',
      dialect: 'postgresql',
      before: [TABLE],
      sql: "ALTER TABLE users DISABLE ROW LEVEL SECURITY;\nUPDATE users SET owner = 'root' WHERE id = 1;\nALTER TABLE users ENABLE ROW LEVEL SECURITY;",
    },
    {
      title: 'The table goes',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users DISABLE ROW LEVEL SECURITY;\nDROP TABLE users;',
    },
    {
      title: 'It was off',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: 'ALTER TABLE users DISABLE ROW LEVEL SECURITY;',
    },
  ],
  on: ['row-security'],
  *check(context, statements) {
    const last = context.statements.at(-1)?.after;
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const { operation, action } of actionsOf(statement, 'row-security')) {
        const subject = subjectOf(context, statement, operation.relation);
        if (
          action.mode !== 'disable' ||
          !subject.isInUse ||
          (subject.relation?.detailsKnown === true && !subject.relation.rowSecurity)
        )
          continue;
        const after = last?.relations.get(relationKeyOf(statement.before, operation.relation));
        // On again, or gone altogether.
        if (after === undefined ? subject.relation !== undefined : after.rowSecurity) continue;
        yield {
          statement,
          span: operation.span,
          relation: subject.place,
          operation,
          message: `Every role that may read ${subject.shown} sees all of its rows from now on: no query fails, and nothing tells of it.`,
        };
      }
    }
  },
};
