import { sameName } from '../model/lookup.ts';
import { operationsIn } from './facts/operation-index.ts';
import type { Rule, RuleContext, RuleStatement } from './rule.ts';
import { actionsOf, isContractStep, subjectOf } from './facts/subject.ts';

/** A rename of something that the running version calls by its old name. */
export const renameInUse: Rule = {
  code: 'rename-in-use',
  aliases: ['renaming-column', 'renaming-table'],
  title: 'A table or column is renamed while running code uses the old name',
  severity: 'error',
  isForEveryProduct: true,
  dialects: ['postgresql', 'sqlite'],
  why:
    'A rename takes effect at once, and every query of the version that is still running fails because it uses the old name. ' +
    'There is no moment at which both names work, unless a view or a second column offers the old one. ' +
    'Rename a table together with a view of the old name in one transaction; rename a column by adding the new one, keeping both in step, and dropping the old one when nobody uses it.',
  docs: [
    'https://www.postgresql.org/docs/current/ddl-alter.html#DDL-ALTER-RENAMING-COLUMN',
    'https://www.postgresql.org/docs/current/sql-createview.html#SQL-CREATEVIEW-UPDATABLE-VIEWS',
  ],
  documented: [
    {
      product: 'SQL Server',
      why: 'sp_rename changes the name at once, and leaves the old one in the text of views, procedures and triggers, which then fail.',
      docs: ['https://learn.microsoft.com/sql/relational-databases/system-stored-procedures/sp-rename-transact-sql'],
    },
  ],
  bad: [
    {
      title: 'A column',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, name text);'],
      sql: 'ALTER TABLE users RENAME COLUMN <|name|> TO full_name;',
    },
    {
      title: 'A table',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: 'ALTER TABLE users RENAME TO <|people|>;',
      steps: ['Rename users to people, with a view of the old name', 'Drop the view users'],
    },
    {
      title: 'A column',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);'],
      sql: 'ALTER TABLE users RENAME COLUMN <|name|> TO full_name;',
    },
    {
      title: 'A view of SQLite takes no writes',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);'],
      sql: 'ALTER TABLE users RENAME TO <|people|>;\nCREATE VIEW users AS SELECT * FROM people;',
    },
  ],
  good: [
    {
      title: 'A table of the same migration',
      dialect: 'postgresql',
      sql: 'CREATE TABLE users_new (id bigint);\nALTER TABLE users_new RENAME TO users;',
    },
    {
      title: 'A view offers the old name',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: 'ALTER TABLE users RENAME TO people;\nCREATE VIEW users AS SELECT * FROM people;',
    },
    {
      title: 'A view that takes writes',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);'],
      sql: 'ALTER TABLE users RENAME TO people;\nCREATE VIEW users AS SELECT * FROM people;\nCREATE TRIGGER users_insert INSTEAD OF INSERT ON users BEGIN INSERT INTO people VALUES (new.id, new.name); END;',
    },
    {
      title: 'A new table takes the old name',
      dialect: 'postgresql',
      before: ['CREATE TABLE jobs (id int);'],
      sql: 'ALTER TABLE jobs RENAME TO jobs_old;\nCREATE TABLE jobs (id bigint);',
    },
    {
      title: 'A table takes the place of another that leaves',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY);'],
      sql: 'CREATE TABLE new_users (id INTEGER PRIMARY KEY, name TEXT);\nALTER TABLE new_users RENAME TO users;',
    },
  ],
  csharp: {
    bad: [
      {
        title: 'On a product whose SQL is not analysed',
        product: 'SQL Server',
        up: 'migrationBuilder.RenameColumn(name: <|"Email"|>, table: "Users", newName: "EmailAddress");',
      },
      {
        title: 'sp_rename in raw SQL',
        product: 'SQL Server',
        up: `migrationBuilder.Sql("EXEC sp_rename <|N'dbo.Users.Email'|>, N'EmailAddress', 'COLUMN'");`,
      },
    ],
    good: [
      {
        title: 'On a product whose SQL is not analysed',
        product: 'SQL Server',
        up: 'migrationBuilder.RenameIndex(name: "IX_Users_Email", newName: "IX_Users_Mail", table: "Users");',
      },
    ],
  },
  on: ['rename-column', 'rename-table'],
  *check(context, statements) {
    if (isContractStep(context)) return;
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const { operation, action } of actionsOf(statement, 'rename-column')) {
        const subject = subjectOf(context, statement, operation.relation);
        const column = subject.relation?.columns.find((candidate) => candidate.name === action.column);
        // A column that is not there is refused, and breaks nothing.
        const isMissing = column === undefined && subject.relation?.columnsKnown === true;
        if (!subject.isInUse || isMissing || (column !== undefined && context.isNewOrigin(column.origin))) continue;
        yield {
          statement,
          span: action.columnSpan,
          relation: subject.place,
          operation,
          message: `Renaming column "${action.column}" of ${subject.shown} breaks every query of the running version at once: add "${action.newName}", keep both in step, and drop "${action.column}" when nobody uses it.`,
        };
      }
      for (const { operation, action } of actionsOf(statement, 'rename-table')) {
        const subject = subjectOf(context, statement, operation.relation);
        if (!subject.isInUse || operation.head === 'index' || operation.head === 'sequence') continue;
        const isOffered = offersOldName(context, statement, operation.relation.name);
        if (!context.engine.product.capabilities.writesThroughViews) {
          const isWritten = operationsIn(context, 'create-trigger').some(
            (made) =>
              made.operation.timing === 'instead-of' &&
              sameName(context.engine.product, made.operation.relation.name, operation.relation.name),
          );
          const isView = operationsIn(context, 'create-view').some(
            (made) =>
              made.statement.index > statement.index &&
              sameName(context.engine.product, made.operation.relation.name, operation.relation.name),
          );
          if (isOffered && (!isView || isWritten)) continue;
          yield {
            statement,
            span: action.newNameSpan,
            relation: subject.place,
            operation,
            ...(isView ? { severity: 'warning' as const } : {}),
            message: isView
              ? `A view of SQLite can only be read: every write of the running version to ${subject.shown} fails, unless INSTEAD OF triggers of the view carry it over to "${action.newName}".`
              : `Renaming ${subject.shown} breaks every query of the running version at once: deploy a version that uses whichever of the two names exists, then rename.`,
          };
          continue;
        }
        if (isOffered) continue;
        yield {
          statement,
          span: action.newNameSpan,
          relation: subject.place,
          operation,
          message: `Renaming ${subject.shown} breaks every query of the running version at once: create a view "${operation.relation.name}" over "${action.newName}" in the same migration, and drop it when nobody uses it.`,
        };
      }
    }
  },
  fixes(finding) {
    const { operation } = finding;
    if (operation === undefined || finding.statement.direction === 'down') return [];
    return [
      {
        kind: 'change',
        title: 'Split into expand and contract',
        safety: 'review',
        request: { recipe: operation.kind === 'rename-column' ? 'rename-column' : 'rename-table', operation },
      },
    ];
  },
};

function offersOldName(context: RuleContext, statement: RuleStatement, name: string): boolean {
  return context.statements.some(
    (later) =>
      later.index > statement.index &&
      later.body.operations.some(
        (operation) =>
          ((operation.kind === 'create-view' || operation.kind === 'create-table') &&
            operation.relation.name === name) ||
          (operation.kind === 'rename-table' && operation.action.newName === name),
      ),
  );
}
