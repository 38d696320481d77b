import { relationKeyOf } from '../model/lookup.ts';
import { statementsWith } from './facts/operation-index.ts';
import type { Rule } from './rule.ts';
import { actionsOf, subjectOf } from './facts/subject.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY, owner text);';

/** Row security that is on while no policy lets anyone in. */
export const rowSecurityWithoutPolicy: Rule = {
  code: 'row-security-without-policy',
  title: 'Row level security is switched on while no policy lets rows through',
  severity: 'error',
  dialects: ['postgresql'],
  why:
    "With row level security on and no policy on the table, every role but the table's owner sees no row at all and may write none. " +
    'No error tells of it: queries just come back empty. ' +
    'Create the policies first, and switch row level security on after them or in the same transaction.',
  docs: ['https://www.postgresql.org/docs/current/ddl-rowsecurity.html'],
  bad: [
    {
      title: 'No policy',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users <|ENABLE ROW LEVEL SECURITY|>;',
    },
  ],
  good: [
    {
      title: 'A policy in the same transaction',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON users USING (owner = current_user);',
    },
    {
      title: 'A policy from before',
      dialect: 'postgresql',
      before: [TABLE, 'CREATE POLICY own ON users USING (owner = current_user);'],
      sql: 'ALTER TABLE users ENABLE ROW LEVEL SECURITY;',
    },
    {
      title: 'A table of the same migration',
      dialect: 'postgresql',
      sql: `${TABLE}\nALTER TABLE users ENABLE ROW LEVEL SECURITY;`,
    },
  ],
  *check(context) {
    for (const statement of statementsWith(context, 'row-security')) {
      if (statement.direction !== 'up') continue;
      for (const { operation, action } of actionsOf(statement, 'row-security')) {
        if (action.mode !== 'enable') continue;
        const subject = subjectOf(context, statement, operation.relation);
        const last = context.statements.at(-1)?.after;
        const after = last?.relations.get(relationKeyOf(statement.before, operation.relation));
        if (!subject.isInUse || subject.relation?.rowSecurity === true || (after?.policies.length ?? 0) > 0) continue;
        const isUnknown = subject.relation === undefined || !subject.relation.detailsKnown;
        yield {
          statement,
          span: operation.span,
          relation: subject.full,
          operation,
          ...(isUnknown ? { severity: 'warning' as const } : {}),
          message: `No policy ${isUnknown ? 'that these migrations know ' : ''}lets rows of ${subject.shown} through: from now on every role but its owner sees an empty table. Create the policies first.`,
        };
      }
    }
  },
};
