import { relationKeyOf } from '../model/lookup.ts';
import type { Rule } from './rule.ts';
import { actionsOf, subjectOf } from './facts/subject.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY, owner text);';

/** Row security of a table in use: no policy lets anyone in, or those that do keep rows from the running version. */
export const rowSecurityWithoutPolicy: Rule = {
  code: 'row-security-without-policy',
  title: 'Row level security is switched on for a table in use',
  severity: 'error',
  dialects: ['postgresql'],
  why:
    "With row level security on and no policy on the table, every role but the table's owner sees no row at all and may write none. " +
    'No error tells of it: queries just come back empty. ' +
    'Create the policies first, and switch row level security on after them or in the same transaction. ' +
    'A running version that was written without them then sees and changes only the rows that they let through, unless it connects as the owner: try each of its queries as its own role first.',
  docs: ['https://www.postgresql.org/docs/current/ddl-rowsecurity.html'],
  bad: [
    {
      title: 'No policy',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users <|ENABLE ROW LEVEL SECURITY|>;',
    },
    {
      title: 'A policy that the running version does not know of',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users <|ENABLE ROW LEVEL SECURITY|>;\nCREATE POLICY own ON users USING (owner = current_user);',
    },
  ],
  good: [
    {
      title: 'It is on already',
      dialect: 'postgresql',
      before: [TABLE, 'CREATE POLICY own ON users USING (true);\nALTER TABLE users ENABLE ROW LEVEL SECURITY;'],
      sql: 'ALTER TABLE users ENABLE ROW LEVEL SECURITY;',
    },
    {
      title: 'A table of the same migration',
      dialect: 'postgresql',
      sql: `${TABLE}\nALTER TABLE users ENABLE ROW LEVEL SECURITY;`,
    },
  ],
  on: ['row-security'],
  *check(context, statements) {
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const { operation, action } of actionsOf(statement, 'row-security')) {
        if (action.mode !== 'enable') continue;
        const subject = subjectOf(context, statement, operation.relation);
        const last = context.statements.at(-1)?.after;
        const after = last?.relations.get(relationKeyOf(statement.before, operation.relation));
        if (!subject.isInUse || subject.relation?.rowSecurity === true) continue;
        const policies = after?.policies ?? [];
        if (policies.length > 0) {
          yield {
            statement,
            span: operation.span,
            relation: subject.place,
            operation,
            severity: 'info',
            message: `From now on the running version reads and writes only what the policies of ${subject.shown} allow (${policies.join(', ')}), unless it connects as the owner: other rows are missing from its queries, and its writes of them are refused.`,
          };
          continue;
        }
        const isUnknown = subject.relation === undefined || !subject.relation.detailsKnown;
        yield {
          statement,
          span: operation.span,
          relation: subject.place,
          operation,
          ...(isUnknown ? { severity: 'warning' as const } : {}),
          message: `No policy ${isUnknown ? 'that these migrations know ' : ''}lets rows of ${subject.shown} through: from now on every role but its owner sees an empty table. Create the policies first.`,
        };
      }
    }
  },
};
