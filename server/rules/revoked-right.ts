import { statementsWith } from './facts/operation-index.ts';
import type { Rule } from './rule.ts';
import { isContractStep, subjectOf } from './facts/subject.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY);';

/** Rights that running code may need. */
export const revokedRight: Rule = {
  code: 'revoked-right',
  aliases: ['ban-revoke'],
  title: 'Rights on a table in use are taken away',
  severity: 'warning',
  dialects: ['postgresql'],
  why:
    'REVOKE takes effect at once: the next query of the running version that needs the right fails with "permission denied". ' +
    'Find out first which roles the running version uses, and take a right away when no old instance needs it, as the contract step of a change.',
  docs: ['https://www.postgresql.org/docs/current/sql-revoke.html'],
  bad: [
    { title: 'On a table', dialect: 'postgresql', before: [TABLE], sql: 'REVOKE INSERT ON <|users|> FROM reporting;' },
  ],
  good: [
    {
      title: 'On a table of the same migration',
      dialect: 'postgresql',
      sql: `${TABLE}\nREVOKE ALL ON users FROM PUBLIC;`,
    },
    {
      title: 'And given again',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'REVOKE ALL ON users FROM reporting;\nGRANT SELECT ON users TO reporting;',
    },
  ],
  on: ['revoke'],
  *check(context, statements) {
    if (isContractStep(context)) return;
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const operation of statement.body.operations) {
        if (operation.kind !== 'revoke' || operation.objectKind !== 'table') continue;
        for (const object of operation.objects) {
          const subject = subjectOf(context, statement, object);
          const isGivenAgain = statementsWith(context, 'grant').some(
            (later) =>
              later.index > statement.index &&
              later.body.operations.some(
                (grant) => grant.kind === 'grant' && grant.objects.some((other) => other.name === object.name),
              ),
          );
          if (!subject.isInUse || isGivenAgain) continue;
          yield {
            statement,
            span: object.span,
            relation: subject.place,
            operation,
            message: `Queries of ${subject.shown} by the running version fail at once if they need this right: make sure that no old instance does.`,
          };
        }
      }
    }
  },
};
