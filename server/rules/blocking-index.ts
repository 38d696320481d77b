import { findIndex, findRelation, isWholeKnown } from '../model/lookup.ts';
import type { CreateIndex, DropObjects, Reindex } from '../model/operation.ts';
import type { Rule, RuleContext, RuleFinding, RuleFix, RuleStatement } from './rule.ts';
import { isInTransaction, keptOutToo, subjectOf } from './facts/subject.ts';

/** An index that is built, rebuilt or dropped while writers of an existing table have to wait. */
export const blockingIndex: Rule = {
  code: 'blocking-index',
  aliases: ['require-concurrent-index-creation', 'require-concurrent-index-deletion'],
  title: 'An index is built or dropped without CONCURRENTLY on a table in use',
  severity: 'error',
  isForEveryProduct: true,
  dialects: ['postgresql'],
  growsWithTable: true,
  why:
    'CREATE INDEX keeps every writer out of the table until the whole index is built, which takes minutes on a large table. ' +
    'DROP INDEX needs the table for itself for a moment, and while it waits for that, everyone else waits behind it. ' +
    'CREATE INDEX CONCURRENTLY takes longer but lets writes go on; it cannot run inside a transaction, so it belongs in a migration of its own.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY',
    'https://www.postgresql.org/docs/current/sql-dropindex.html',
    'https://www.postgresql.org/docs/current/sql-reindex.html',
  ],
  documented: [
    {
      product: 'SQL Server',
      why: 'An index that is built offline keeps writers out of its table, a clustered one readers too; ONLINE = ON lets them go on, in the Enterprise and Developer editions and in Azure SQL. When EF Core changes a column it drops the indexes that hold the column first and builds them again, offline unless the model says that they are created online.',
      docs: [
        'https://learn.microsoft.com/sql/relational-databases/indexes/how-online-index-operations-work',
        'https://learn.microsoft.com/sql/t-sql/statements/create-index-transact-sql',
      ],
    },
  ],
  csharp: {
    bad: [
      {
        title: 'An index on SQL Server',
        product: 'SQL Server',
        up: 'migrationBuilder.CreateIndex(name: "<|IX_Users_Email|>", table: "Users", column: "Email");',
      },
      {
        title: 'Raw SQL',
        product: 'SQL Server',
        up: 'migrationBuilder.Sql("CREATE CLUSTERED INDEX <|IX_A|> ON dbo.Users (A)");',
      },
    ],
    good: [
      {
        title: 'Online',
        product: 'SQL Server',
        up: 'migrationBuilder.CreateIndex(name: "IX_Users_Email", table: "Users", column: "Email").Annotation("SqlServer:Online", true);',
      },
    ],
  },
  bad: [
    {
      title: 'A plain index',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text);'],
      sql: '<|CREATE INDEX users_email ON users (email)|>;',
    },
    {
      title: 'A unique index',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text);'],
      sql: '<|CREATE UNIQUE INDEX users_email ON users (email)|>;',
    },
    {
      title: 'A drop',
      dialect: 'postgresql',
      before: [
        'CREATE TABLE users (id bigint PRIMARY KEY, email text);',
        'CREATE INDEX CONCURRENTLY users_email ON users (email);',
      ],
      sql: '<|DROP INDEX users_email|>;',
    },
    {
      title: 'A drop of an index that no migration made',
      dialect: 'postgresql',
      sql: '<|DROP INDEX IF EXISTS users_email|>;',
    },
    {
      title: 'A move',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text);\nCREATE INDEX users_email ON users (email);'],
      sql: 'ALTER INDEX users_email <|SET TABLESPACE fast|>;',
    },
    {
      title: 'A rebuild',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text);'],
      sql: '<|REINDEX TABLE users|>;',
    },
    {
      title: 'A rebuild of an index that no migration made',
      dialect: 'postgresql',
      sql: '<|REINDEX INDEX app.users_email|>;',
    },
    {
      title: 'A rebuild of a table that no migration made',
      dialect: 'postgresql',
      sql: '<|REINDEX (VERBOSE) TABLE users|>;',
    },
  ],
  good: [
    {
      title: 'For a second try: the table is known not to have it',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text);'],
      sql: '-- lockstep: no-transaction\nDROP INDEX IF EXISTS users_email;\nCREATE INDEX CONCURRENTLY users_email ON users (email);',
    },
    {
      title: 'In a schema of which everything is known',
      dialect: 'postgresql',
      before: ['CREATE SCHEMA app;\nCREATE TABLE app.users (id bigint PRIMARY KEY);'],
      sql: 'DROP INDEX IF EXISTS app.users_email;',
    },
    {
      title: 'Concurrently',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text);'],
      sql: '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY users_email ON users (email);',
    },
    {
      title: 'A table of the same migration',
      dialect: 'postgresql',
      sql: 'CREATE TABLE users (id bigint PRIMARY KEY, email text);\nCREATE INDEX users_email ON users (email);',
    },
    {
      title: 'CONCURRENTLY on a table that no migration made',
      dialect: 'postgresql',
      sql: '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY ON app.users (email);',
    },
    {
      title: 'A rebuild in a table of the same migration',
      dialect: 'postgresql',
      sql: 'CREATE TABLE users (id bigint PRIMARY KEY, email text);\nCREATE INDEX users_email ON users (email);\nREINDEX INDEX users_email;\nREINDEX TABLE users;',
    },
    {
      title: 'A new table under the name of an old one',
      dialect: 'postgresql',
      before: ['CREATE TABLE jobs (id int);'],
      sql: 'ALTER TABLE jobs RENAME TO jobs_old;\nCREATE TABLE jobs (id bigint);\nCREATE INDEX jobs_id ON jobs (id);',
    },
    {
      title: 'The first step of an index on a partitioned table',
      dialect: 'postgresql',
      before: [
        'CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);\nCREATE TABLE events_1 PARTITION OF events DEFAULT;',
      ],
      sql: 'CREATE INDEX events_id ON ONLY events (id);',
    },
  ],
  on: ['create-index', 'drop-index', 'reindex', 'set-tablespace'],
  *check(context, statements) {
    for (const statement of statements) {
      for (const operation of statement.body.operations) {
        if (operation.kind === 'create-index') yield* built(context, statement, operation);
        else if (operation.kind === 'drop-index' && statement.direction === 'up')
          yield* dropped(context, statement, operation);
        else if (operation.kind === 'set-tablespace' && 'head' in operation && operation.head === 'index') {
          const index = findIndex(statement.before, operation.relation);
          if (index !== undefined && context.isNew(index.relationKey, statement)) continue;
          yield {
            statement,
            span: operation.span,
            operation,
            message: `Copying index ${operation.relation.name} takes ACCESS EXCLUSIVE on it, which every query of its table needs: reads and writes wait until it is copied. Build it anew in the other tablespace by REINDEX (CONCURRENTLY, TABLESPACE ...).`,
          };
        } else if (
          operation.kind === 'reindex' &&
          !operation.concurrently &&
          (isUnknownReindex(statement, operation) ||
            statement.effects.some((effect) => effect.blocks.includes('writes') && effect.scan))
        ) {
          const subject =
            operation.object === undefined || operation.target === 'schema'
              ? undefined
              : subjectOf(context, statement, operation.object);
          const index =
            operation.target === 'index' && operation.object !== undefined
              ? findIndex(statement.before, operation.object)
              : undefined;
          if (subject?.isInUse === false || (index !== undefined && context.isNew(index.relationKey, statement)))
            continue;
          yield {
            statement,
            span: operation.span,
            operation,
            ...(subject === undefined ? {} : { relation: subject.place }),
            message:
              'REINDEX without CONCURRENTLY blocks writes to the table, and reads that would use the index, until the rebuild is done.',
          };
        }
      }
    }
  },
  fixes(finding, context) {
    const { operation, statement } = finding;
    if (operation?.kind === 'reindex')
      return isInTransaction(context, statement)
        ? []
        : insertConcurrently(statement, /^reindex\s+(?:\([^)]*\)\s*)?(?:index|table|schema|database|system)\b/i);
    if (operation?.kind === 'drop-index')
      return isInTransaction(context, statement)
        ? change('drop-index', operation)
        : insertConcurrently(statement, /^drop\s+index\b/i);
    if (operation?.kind !== 'create-index' || statement.direction === 'down') return [];
    return isInTransaction(context, statement)
      ? change('create-index', operation)
      : insertConcurrently(statement, /^create\s+(?:unique\s+)?index\b/i);
  },
};

/** Whether no migration tells which indexes are built again. */
function isUnknownReindex({ before }: RuleStatement, operation: Reindex): boolean {
  if (before.isComplete) return false;
  if (operation.target === 'index')
    return operation.object !== undefined && findIndex(before, operation.object) === undefined;
  return (
    operation.target !== 'table' ||
    (operation.object !== undefined && findRelation(before, operation.object)?.detailsKnown !== true)
  );
}

function change(recipe: string, operation: CreateIndex | DropObjects): readonly RuleFix[] {
  return [
    {
      kind: 'change',
      title: 'Move to a migration of its own, CONCURRENTLY',
      safety: 'review',
      request: { recipe, operation },
    },
  ];
}

function insertConcurrently(statement: RuleStatement, head: RegExp): readonly RuleFix[] {
  const end = head.exec(statement.source.text)?.[0].length;
  return end === undefined
    ? []
    : [
        {
          kind: 'edit',
          title: 'Add CONCURRENTLY',
          safety: 'safe',
          edits: [{ span: { start: end, end }, newText: ' CONCURRENTLY' }],
        },
      ];
}

function* built(context: RuleContext, statement: RuleStatement, operation: CreateIndex): IterableIterator<RuleFinding> {
  if (operation.concurrently) return;
  const subject = subjectOf(context, statement, operation.relation);
  const effect = statement.effects.find((candidate) => candidate.scan && candidate.blocks.includes('writes'));
  if (!subject.isInUse || effect === undefined) return;
  // ON ONLY is written for partitioned tables, which hold no rows of their own.
  const isMostLikelyPartitioned = operation.only && subject.relation === undefined;
  yield {
    statement,
    span: operation.span,
    relation: subject.place,
    operation,
    ...(isMostLikelyPartitioned ? { severity: 'info' as const } : {}),
    message: isMostLikelyPartitioned
      ? `If ${subject.shown} is not partitioned, building this index takes SHARE on it, which blocks writes until every row is read.`
      : `Building this index takes SHARE on ${subject.shown}, which blocks writes until every row is read${keptOutToo(context, statement, effect)}.`,
  };
}

function* dropped(
  context: RuleContext,
  statement: RuleStatement,
  operation: DropObjects,
): IterableIterator<RuleFinding> {
  if (operation.concurrently) return;
  for (const name of operation.objects) {
    const index = findIndex(statement.before, name);
    if (
      index !== undefined &&
      (context.isNew(index.relationKey, statement) || context.isNewOrigin(index.origin) || index.isPartitioned)
    )
      continue;
    const isDoubtful = index === undefined && operation.ifExists;
    if (isDoubtful && (isWholeKnown(statement.before, name) || isBuiltHere(context, statement, name.name))) continue;
    const table = index === undefined ? undefined : statement.before.relations.get(index.relationKey);
    yield {
      statement,
      span: operation.span,
      operation,
      severity: isDoubtful ? 'info' : 'warning',
      ...(table === undefined ? {} : { relation: { schema: table.schema, name: table.name } }),
      message: `${isDoubtful ? 'If there is such an index, dropping' : 'Dropping index'} ${name.name} takes ACCESS EXCLUSIVE on ${table?.name ?? 'its table'}, which blocks reads and writes while it waits for running queries: use DROP INDEX CONCURRENTLY.`,
    };
  }
}

/** Whether an index of the name is built later, on a table that is known not to have it: then the drop is there for a second try. */
function isBuiltHere(context: RuleContext, statement: RuleStatement, name: string): boolean {
  return context.statements.some(
    (later) =>
      later.index > statement.index &&
      later.direction === statement.direction &&
      later.body.operations.some(
        (operation) =>
          operation.kind === 'create-index' &&
          operation.name === name &&
          findRelation(statement.before, operation.relation)?.detailsKnown === true,
      ),
  );
}
