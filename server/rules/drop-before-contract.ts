import type { Span } from '../core/span.ts';
import { findRelation, indexesOf, relationKeyOf } from '../model/lookup.ts';
import type { ObjectName } from '../model/names.ts';
import type { Constraint, Relation } from '../model/schema.ts';
import { lostColumns, rebuilds } from './facts/rebuild.ts';
import type { Rule, RuleContext, RuleFinding, RuleStatement } from './rule.ts';
import { actionsOf, isContractStep, subjectOf } from './facts/subject.ts';

/** A drop of something that the running version may still use. */
export const dropBeforeContract: Rule = {
  code: 'drop-before-contract',
  aliases: ['ban-drop-column', 'ban-drop-table'],
  title: 'A table, column, view or key is dropped while running code may still use it',
  severity: 'error',
  isForEveryProduct: true,
  dialects: ['postgresql', 'sqlite'],
  why:
    'Old and new versions of the application run side by side while a migration is rolled out. ' +
    'A query of the old version that names a dropped table or column fails at once, and the data is gone. ' +
    'First deploy a version that does not use it any more; when no old instance is left, drop it in a migration of its own, ' +
    'marked as the contract step of the change: `-- lockstep: change ID phase contract`.',
  docs: [
    'https://www.postgresql.org/docs/current/ddl-alter.html#DDL-ALTER-REMOVING-A-COLUMN',
    'https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT',
    'https://www.sqlite.org/lang_altertable.html#alter_table_drop_column',
  ],
  documented: [
    {
      product: 'SQL Server',
      why: 'DROP COLUMN and DROP TABLE hold the table for a moment (Sch-M), and break the running version for as long as it runs.',
      docs: ['https://learn.microsoft.com/sql/t-sql/statements/alter-table-transact-sql'],
    },
  ],
  bad: [
    {
      title: 'A column',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, nick text);'],
      sql: 'ALTER TABLE users DROP COLUMN <|nick|>;',
      steps: ['Drop users.nick'],
    },
    {
      title: 'A contract step of nothing',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, nick text);'],
      sql: '-- lockstep: change users-nick phase contract\nALTER TABLE users DROP COLUMN <|nick|>;',
    },
    {
      title: 'A table',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: 'DROP TABLE <|users|>;',
    },
    {
      title: 'A view',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE VIEW people AS SELECT id FROM users;'],
      sql: 'DROP VIEW <|people|>;',
    },
    {
      title: 'A unique constraint, which ON CONFLICT may name',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text CONSTRAINT users_email UNIQUE);'],
      sql: 'ALTER TABLE users DROP CONSTRAINT <|users_email|>;',
    },
    {
      title: 'A primary key that no migration made',
      dialect: 'postgresql',
      sql: 'ALTER TABLE users DROP CONSTRAINT IF EXISTS <|users_pkey|>;',
    },
    {
      title: 'A rebuild that leaves a column out',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);'],
      sql: 'CREATE TABLE new_users (id INTEGER PRIMARY KEY);\nINSERT INTO new_users (id) SELECT id FROM users;\nDROP TABLE <|users|>;\nALTER TABLE new_users RENAME TO users;',
    },
    {
      title: 'A column',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY, nick TEXT);'],
      sql: 'ALTER TABLE users DROP COLUMN <|nick|>;',
    },
  ],
  good: [
    {
      title: 'Another key over the same columns takes its place',
      dialect: 'postgresql',
      before: [
        'CREATE TABLE users (id bigint PRIMARY KEY, email text CONSTRAINT users_email UNIQUE);',
        'CREATE UNIQUE INDEX CONCURRENTLY users_new ON users (id);\nCREATE UNIQUE INDEX CONCURRENTLY users_mail ON users (email);',
      ],
      sql: 'ALTER TABLE users DROP CONSTRAINT users_pkey, ADD CONSTRAINT users_key PRIMARY KEY USING INDEX users_new;\nALTER TABLE users DROP CONSTRAINT users_email;',
    },
    {
      title: 'A table of the same migration',
      dialect: 'postgresql',
      sql: 'CREATE TABLE scratch (id bigint);\nDROP TABLE scratch;',
    },
    {
      title: 'A temporary table',
      dialect: 'postgresql',
      before: ['SELECT 1;'],
      sql: 'CREATE TEMPORARY TABLE scratch (id bigint);\nDROP TABLE scratch;',
    },
    {
      title: 'A check constraint, which no query names',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint, CONSTRAINT positive CHECK (id > 0));'],
      sql: 'ALTER TABLE users DROP CONSTRAINT positive;',
    },
    {
      title: 'The contract step of a change',
      dialect: 'postgresql',
      before: [
        'CREATE TABLE users (id bigint PRIMARY KEY, nick text NOT NULL);',
        '-- lockstep: change users-nick phase expand\nALTER TABLE users ALTER COLUMN nick DROP NOT NULL;',
      ],
      sql: '-- lockstep: change users-nick phase contract\nALTER TABLE users DROP COLUMN nick;',
    },
    {
      title: 'A contract step that waits for a deploy',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, nick text);'],
      sql: '-- lockstep: change users-nick phase contract\n-- lockstep: requires deploy "version without users.nick"\nALTER TABLE users DROP COLUMN nick;',
    },
    {
      title: 'A table that gave its name away in the same migration',
      dialect: 'postgresql',
      before: ['CREATE TABLE jobs (id int);'],
      sql: 'ALTER TABLE jobs RENAME TO jobs_old;\nCREATE TABLE jobs (id bigint);\nDROP TABLE jobs_old;',
    },
    {
      title: 'A rebuild that keeps every column',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);'],
      sql: 'CREATE TABLE new_users (id INTEGER PRIMARY KEY, name TEXT, nick TEXT);\nINSERT INTO new_users (id, name) SELECT id, name FROM users;\nDROP TABLE users;\nALTER TABLE new_users RENAME TO users;',
    },
    {
      title: 'A view that the same migration makes anew',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE VIEW people AS SELECT id FROM users;'],
      sql: 'DROP VIEW people;\nCREATE VIEW people AS SELECT id, 1 AS one FROM users;',
    },
  ],
  csharp: {
    bad: [
      {
        title: 'On a product whose SQL is not analysed',
        product: 'SQL Server',
        up: 'migrationBuilder.DropColumn(name: <|"Email"|>, table: "Users");',
      },
      {
        title: 'Raw SQL',
        product: 'SQL Server',
        up: 'migrationBuilder.Sql("ALTER TABLE dbo.Users DROP COLUMN <|Email|>; DROP TABLE IF EXISTS <|dbo.OldUsers|>");',
      },
    ],
    good: [
      {
        title: 'On a product whose SQL is not analysed',
        product: 'SQL Server',
        up: 'migrationBuilder.CreateTable(name: "Scratch", columns: table => new { Id = table.Column<int>(type: "int", nullable: false) }); migrationBuilder.DropTable(name: "Scratch");',
      },
      {
        title: 'A temporary table',
        product: 'SQL Server',
        up: `migrationBuilder.Sql("IF OBJECT_ID('tempdb..#Ids') IS NOT NULL DROP TABLE #Ids; SELECT Id INTO dbo.Copied FROM dbo.Users; DROP TABLE Copied");`,
      },
    ],
  },
  on: ['drop-table', 'drop-view', 'drop-materialized-view', 'drop-column', 'drop-constraint'],
  *check(context, statements) {
    if (isContractStep(context)) return;
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      yield* droppedRelations(context, statement);
      yield* droppedParts(context, statement);
    }
  },
  fixes(finding) {
    const { operation } = finding;
    if (operation === undefined || finding.statement.direction === 'down') return [];
    const recipe =
      operation.kind === 'drop-column'
        ? 'drop-column'
        : operation.kind === 'drop-constraint'
          ? 'drop-constraint'
          : 'drop-table';
    return [
      {
        kind: 'change',
        title: 'Make it the contract step of a change',
        safety: 'review',
        request: { recipe, operation },
      },
    ];
  },
};

function* droppedRelations(context: RuleContext, statement: RuleStatement): IterableIterator<RuleFinding> {
  for (const operation of statement.body.operations) {
    if (
      operation.kind !== 'drop-table' &&
      operation.kind !== 'drop-view' &&
      operation.kind !== 'drop-materialized-view'
    )
      continue;
    for (const name of operation.objects) {
      const subject = subjectOf(context, statement, name);
      // A name that this migration gave away is one that nobody uses yet, whatever the rows behind it.
      if (
        !subject.isInUse ||
        !context.isKnownName(relationKeyOf(statement.before, name)) ||
        isMissing(statement, name, operation.ifExists) ||
        isMadeAnew(context, statement, name)
      )
        continue;
      const rebuild =
        operation.kind === 'drop-table'
          ? rebuilds(context).find(
              (candidate) => candidate.drop.operation === operation && candidate.old === subject.relation,
            )
          : undefined;
      if (rebuild !== undefined) {
        const lost = lostColumns(context, rebuild);
        if (lost.length === 0) continue;
        for (const { names, place } of byPlace(statement, lost)) {
          yield {
            statement,
            span: name.span,
            ...(place === undefined ? {} : { place }),
            relation: subject.place,
            operation,
            message: `Rebuilding ${subject.shown} without ${names.map((column) => `"${column}"`).join(', ')} breaks every query of the running version that names ${names.length === 1 ? 'it' : 'them'}, and the values are gone: deploy a version without first, then rebuild it as a contract step.`,
          };
        }
        continue;
      }
      const what = { 'drop-table': 'table', 'drop-view': 'view', 'drop-materialized-view': 'materialized view' }[
        operation.kind
      ];
      const loss = operation.kind === 'drop-table' ? ' and its rows are gone' : '';
      yield {
        statement,
        span: name.span,
        relation: subject.place,
        operation,
        message: `Dropping ${what} ${subject.shown} breaks every query of the running version that names it${loss}: deploy a version without it first, then drop it as a contract step.`,
      };
    }
  }
}

/** Columns together, but those apart that the document names elsewhere. */
function byPlace(
  { source }: RuleStatement,
  columns: readonly string[],
): readonly { readonly names: readonly string[]; readonly place?: Span }[] {
  const placed = columns.flatMap((name) => {
    const place = source.places?.find((candidate) => candidate.name === name)?.span;
    return place === undefined ? [] : [{ names: [name], place }];
  });
  const others = columns.filter((name) => !placed.some(({ names }) => names.includes(name)));
  // What a rebuild that is made for other reasons loses is no drop that anybody meant: stale-designer tells it.
  return others.length === 0 || source.from !== undefined ? placed : [...placed, { names: others }];
}

function* droppedParts(context: RuleContext, statement: RuleStatement): IterableIterator<RuleFinding> {
  for (const { operation, action } of actionsOf(statement, 'drop-column')) {
    const subject = subjectOf(context, statement, operation.relation);
    const column = subject.relation?.columns.find((candidate) => candidate.name === action.column);
    if (!subject.isInUse || (column !== undefined && context.isNewOrigin(column.origin))) continue;
    // What is not there breaks nothing: that it cannot be dropped is said by statement-not-supported.
    if (column === undefined && subject.relation?.columnsKnown === true) continue;
    yield {
      statement,
      span: action.columnSpan,
      relation: subject.place,
      operation,
      message: `Dropping column "${action.column}" of ${subject.shown} breaks every query of the running version that names it and its values are gone: deploy a version without it first, then drop it as a contract step.`,
    };
  }
  for (const { operation, action } of actionsOf(statement, 'drop-constraint')) {
    const subject = subjectOf(context, statement, operation.relation);
    const constraint = subject.relation?.constraints.find((candidate) => candidate.name === action.constraint);
    if (
      subject.isInUse &&
      constraint === undefined &&
      isUnknownKey(subject.relation, operation.relation.name, action.constraint) &&
      !hasKeyAtEnd(context, operation.relation)
    ) {
      yield {
        statement,
        span: action.constraintSpan,
        relation: subject.place,
        operation,
        severity: 'warning',
        message: `If "${action.constraint}" is the primary key of ${subject.shown}, as its name says, dropping it breaks INSERT ... ON CONFLICT of the running version, and logical replication of its updates and deletes: put another key in its place in the same statement.`,
      };
    }
    if (
      !subject.isInUse ||
      constraint === undefined ||
      context.isNewOrigin(constraint.origin) ||
      isKeptUnique(context, operation.relation, constraint)
    )
      continue;
    if (constraint.kind !== 'unique' && constraint.kind !== 'primary-key' && constraint.kind !== 'exclusion') continue;
    yield {
      statement,
      span: action.constraintSpan,
      relation: subject.place,
      operation,
      message: `Dropping "${action.constraint}" of ${subject.shown} breaks INSERT ... ON CONFLICT of the running version that relies on it: deploy a version without such inserts first, then drop it as a contract step.`,
    };
  }
}

/** Whether a constraint that no migration made has the name that PostgreSQL gives a primary key. */
function isUnknownKey(relation: Relation | undefined, table: string, constraint: string): boolean {
  return relation?.detailsKnown !== true && constraint === `${table}_pkey`;
}

/** Whether the table has a primary key when the migration is done. */
function hasKeyAtEnd(context: RuleContext, name: ObjectName): boolean {
  const last = context.statements.at(-1)?.after;
  return (
    last !== undefined &&
    findRelation(last, name)?.constraints.some((constraint) => constraint.kind === 'primary-key') === true
  );
}

/** Whether another key over the same columns stands when the migration is done: ON CONFLICT finds any unique index. */
function isKeptUnique(context: RuleContext, name: ObjectName, dropped: Constraint): boolean {
  const last = context.statements.at(-1)?.after;
  const relation = last === undefined ? undefined : findRelation(last, name);
  if (last === undefined || relation === undefined) return false;
  // One that the server does not drop, because a foreign key needs it, stands there still.
  const others = relation.constraints.filter(
    (constraint) =>
      constraint.name !== dropped.name || constraint.origin !== dropped.origin || constraint.index !== dropped.index,
  );
  if (dropped.kind === 'primary-key' && !others.some((constraint) => constraint.kind === 'primary-key')) return false;
  const isSame = (columns: readonly (string | undefined)[]): boolean =>
    columns.length === dropped.columns.length &&
    columns.every((column) => column !== undefined && dropped.columns.includes(column));
  return (
    others.some(
      (constraint) =>
        (constraint.kind === 'primary-key' || constraint.kind === 'unique') &&
        !constraint.deferrable &&
        isSame(constraint.columns),
    ) ||
    indexesOf(last, relationKeyOf(last, name)).some(
      (index) =>
        index.constraint === undefined &&
        index.unique &&
        index.valid &&
        index.where === undefined &&
        isSame(index.elements.map((element) => element.column)),
    )
  );
}

/** DROP of something that the folded history knows to be gone, or with IF EXISTS never made: it does nothing, or is refused. */
function isMissing({ before }: RuleStatement, name: ObjectName, ifExists: boolean): boolean {
  return (
    findRelation(before, name) === undefined &&
    ((ifExists && before.isComplete) || before.dropped.has(relationKeyOf(before, name)))
  );
}

/** A view or table of this name that a later statement of the same migration creates: a replacement in place. */
function isMadeAnew(context: RuleContext, statement: RuleStatement, name: ObjectName): boolean {
  return context.statements.some(
    (later) =>
      later.index > statement.index &&
      later.body.operations.some(
        (operation) =>
          (operation.kind === 'create-view' || operation.kind === 'create-materialized-view') &&
          operation.relation.name === name.name,
      ),
  );
}
