import { findRelation } from '../model/lookup.ts';
import type { Rule } from './rule.ts';
import { actionsOf, subjectOf } from './facts/subject.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY, age int);';

/** A constraint that stays NOT VALID for good. */
export const constraintNeverValidated: Rule = {
  code: 'constraint-never-validated',
  aliases: ['not-valid-never-validated'],
  title: 'A constraint is added NOT VALID, and no later migration validates it',
  severity: 'info',
  isForEveryProduct: true,
  dialects: ['postgresql'],
  why:
    'A NOT VALID constraint holds for rows that are written from now on, and says nothing of those that are there. ' +
    'The planner does not use it, SET NOT NULL does not trust it, and rows that break it stay unnoticed until someone touches them. ' +
    'Validate it in a migration of its own, which lets reads and writes go on.',
  docs: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT'],
  documented: [
    {
      product: 'SQL Server',
      why: 'A constraint that is added WITH NOCHECK is not trusted: rows that were there may break it, and no plan makes use of it, until ALTER TABLE ... WITH CHECK CHECK CONSTRAINT has read them.',
      docs: ['https://learn.microsoft.com/sql/t-sql/statements/alter-table-transact-sql'],
    },
  ],
  csharp: {
    bad: [
      {
        title: 'WITH NOCHECK on SQL Server',
        product: 'SQL Server',
        up: 'migrationBuilder.Sql("ALTER TABLE dbo.Orders WITH NOCHECK ADD CONSTRAINT <|FK_Orders_Users|> FOREIGN KEY (UserId) REFERENCES dbo.Users (Id)");',
      },
    ],
    good: [
      {
        title: 'The check itself',
        product: 'SQL Server',
        up: 'migrationBuilder.Sql("ALTER TABLE dbo.Orders WITH CHECK CHECK CONSTRAINT FK_Orders_Users");',
      },
    ],
  },
  bad: [
    {
      title: 'The last migration',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users <|ADD CONSTRAINT adult CHECK (age >= 18) NOT VALID|>;',
    },
  ],
  good: [
    {
      title: 'Validated in the same file, outside a transaction',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18) NOT VALID;\nALTER TABLE users VALIDATE CONSTRAINT adult;',
    },
    {
      title: 'A table of the same migration',
      dialect: 'postgresql',
      sql: `${TABLE}\nALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18) NOT VALID;`,
    },
  ],
  on: ['add-constraint'],
  *check(context, statements) {
    const last = context.statements.at(-1)?.after;
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const { operation, action } of actionsOf(statement, 'add-constraint')) {
        const { constraint } = action;
        if (constraint.notValid !== true || constraint.name === undefined || last === undefined) continue;
        const subject = subjectOf(context, statement, operation.relation);
        if (!subject.isInUse) continue;
        const isOpen = [last, context.folder?.schemaAtEnd()].every(
          (schema) =>
            schema === undefined ||
            findRelation(schema, operation.relation)?.constraints.some(
              (candidate) => candidate.name === constraint.name && !candidate.validated && candidate.enforced,
            ) === true,
        );
        if (!isOpen) continue;
        yield {
          statement,
          span: operation.span,
          relation: subject.place,
          operation,
          message: `No migration of this folder validates "${constraint.name}": rows that are in ${subject.shown} already may break it, unnoticed. Add a migration with VALIDATE CONSTRAINT.`,
        };
      }
    }
  },
};
