import type { Operation } from '../model/operation.ts';
import { operationsIn, statementsWith } from './facts/operation-index.ts';
import { reachOf, SMALL_TABLE_OPTION } from './facts/reach.ts';
import type { Rule } from './rule.ts';
import { subjectOf } from './facts/subject.ts';
import { workUnderHeldLock } from './work-under-lock.ts';

const USERS = 'CREATE TABLE users (id bigint PRIMARY KEY, status text, seen timestamptz);';

/** A statement that changes every row of a table at once, or nobody knows how many. */
export const unbatchedUpdate: Rule = {
  code: 'unbatched-update',
  aliases: ['update-without-where', 'delete-without-where'],
  title: 'Many rows of a table in use are changed by one statement',
  severity: 'warning',
  isForEveryProduct: true,
  dialects: ['postgresql', 'sqlite'],
  options: SMALL_TABLE_OPTION,
  growsWithTable: true,
  why:
    'An UPDATE or DELETE of many rows locks every one of them until the transaction ends, so that writers of any of these rows wait; it leaves an old version of each row on disk, and holds up replication and vacuum. ' +
    'Change the rows in short batches, each in a transaction of its own, outside the migration that changes the schema. ' +
    'A condition that singles rows out (a key, a list of keys, one value of a column) is taken to reach few.',
  docs: [
    'https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS',
    'https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-SPACE-RECOVERY',
    'https://www.sqlite.org/lockingv3.html',
  ],
  documented: [
    {
      product: 'SQL Server',
      why: 'From some 5,000 locks on SQL Server locks the whole table instead of its rows (lock escalation), until the transaction ends. UPDATE TOP (n) in a loop whose rounds commit stays below.',
      docs: [
        'https://learn.microsoft.com/troubleshoot/sql/database-engine/performance/resolve-blocking-problems-caused-lock-escalation',
      ],
    },
  ],
  csharp: {
    bad: [
      {
        title: 'Raw SQL on SQL Server',
        product: 'SQL Server',
        up: 'migrationBuilder.Sql("UPDATE <|dbo.Users|> SET Name = N\'\'");',
      },
      {
        title: 'Every row that was not filled yet',
        product: 'SQL Server',
        up: 'migrationBuilder.Sql("UPDATE <|dbo.Users|> SET Name = N\'\' WHERE [Name] IS NULL");',
      },
    ],
    good: [
      {
        title: 'Batches',
        product: 'SQL Server',
        up: 'migrationBuilder.Sql("WHILE 1 = 1 BEGIN UPDATE TOP (1000) dbo.Users SET Name = N\'\' WHERE Name IS NULL; IF @@ROWCOUNT = 0 BREAK END", suppressTransaction: true);',
      },
    ],
  },
  bad: [
    { title: 'UPDATE', dialect: 'postgresql', before: [USERS], sql: "<|UPDATE users SET status = 'new'|>;" },
    { title: 'DELETE', dialect: 'postgresql', before: [USERS], sql: '<|DELETE FROM users|>;' },
    {
      title: 'A backfill',
      dialect: 'postgresql',
      before: [USERS],
      sql: "<|UPDATE users SET status = 'new' WHERE status IS NULL|>;",
    },
    {
      title: 'All that is older',
      dialect: 'postgresql',
      before: [USERS],
      sql: "<|DELETE FROM users WHERE seen < now() - interval '1 year'|>;",
    },
    {
      title: 'A condition that always holds',
      dialect: 'postgresql',
      before: [USERS],
      sql: '<|DELETE FROM users WHERE 1 = 1|>;',
    },
    {
      title: 'A pattern that every text matches',
      dialect: 'postgresql',
      before: [USERS],
      sql: "<|DELETE FROM users WHERE status LIKE '%'|>;",
    },
    {
      title: 'No condition in other words',
      dialect: 'postgresql',
      before: [USERS],
      sql: "<|UPDATE users SET status = 'new' WHERE NOT false|>;",
    },
    {
      title: 'DELETE',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY);'],
      sql: '<|DELETE FROM users|>;',
    },
    {
      title: 'MERGE',
      dialect: 'postgresql',
      before: [`${USERS}\nCREATE TABLE news (id bigint, status text);`],
      sql: '<|MERGE INTO users USING news ON news.id = users.id WHEN MATCHED THEN UPDATE SET status = news.status|>;',
    },
    {
      title: 'In front of a query',
      dialect: 'postgresql',
      before: [`${USERS}\nCREATE TABLE old_users (LIKE users);`],
      sql: 'WITH gone AS (<|DELETE FROM users WHERE seen IS NULL RETURNING *|>) INSERT INTO old_users SELECT * FROM gone;',
    },
    {
      title: 'A COMMIT behind it makes no batches',
      dialect: 'postgresql',
      before: [USERS],
      sql: "-- lockstep: no-transaction\nDO $$ BEGIN <|UPDATE users SET status = 'new'|>; COMMIT; DELETE FROM users WHERE id = 1; END $$;",
    },
    {
      title: 'Rows of one value, of which there may be any number',
      dialect: 'postgresql',
      before: [USERS],
      sql: "<|DELETE FROM users WHERE status = 'test'|>;",
    },
    {
      title: 'A join',
      dialect: 'postgresql',
      before: [`${USERS}\nCREATE TABLE profiles (user_id bigint, status text);`],
      sql: '<|UPDATE users SET status = profiles.status FROM profiles WHERE profiles.user_id = users.id|>;',
    },
    {
      title: "Another table's key",
      dialect: 'postgresql',
      before: [`${USERS}\nCREATE TABLE plans (id bigint PRIMARY KEY, status text);`],
      sql: '<|UPDATE users u SET status = p.status FROM plans p WHERE u.status = p.status AND p.id = 5|>;',
    },
  ],
  good: [
    {
      title: 'A list of keys',
      dialect: 'postgresql',
      before: [USERS],
      sql: "UPDATE users SET status = 'new' WHERE id IN (1, 2, 3);",
    },
    {
      title: 'A condition that never holds',
      dialect: 'postgresql',
      before: [USERS],
      sql: 'DELETE FROM users WHERE NULL IS NOT NULL;',
    },
    { title: 'One row', dialect: 'postgresql', before: [USERS], sql: "UPDATE users SET status = 'new' WHERE id = 7;" },
    {
      title: 'One key by LIKE without a wildcard',
      dialect: 'postgresql',
      before: ['CREATE TABLE fields (name text PRIMARY KEY, sticky boolean);'],
      sql: "UPDATE fields SET sticky = true WHERE name LIKE 'userId' AND sticky IS NULL;",
    },
    {
      title: 'A row of a key over two columns',
      dialect: 'postgresql',
      before: ['CREATE TABLE roles (tenant int, name text, title text, UNIQUE (tenant, name));'],
      sql: "UPDATE roles SET title = 'Boss' WHERE tenant = 1 AND name = 'boss';",
    },
    {
      title: 'The row that a row of another table names',
      dialect: 'postgresql',
      before: [`${USERS}\nCREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);`],
      sql: "UPDATE users u SET status = 'new' FROM orders o WHERE u.id = o.user_id AND o.id = 5;",
    },
    {
      title: 'A batch by key',
      dialect: 'postgresql',
      before: [USERS],
      sql: "UPDATE users SET status = 'new' WHERE status IS NULL AND id BETWEEN 1 AND 1000;",
    },
    {
      title: 'The first keys',
      dialect: 'postgresql',
      before: [USERS],
      sql: "UPDATE users SET status = 'new' WHERE status IS NULL AND id < 10000;",
    },
    {
      title: 'A batch by limit',
      dialect: 'postgresql',
      before: [USERS],
      sql: 'DELETE FROM users WHERE id IN (SELECT id FROM users WHERE status IS NULL LIMIT 1000);',
    },
    {
      title: 'A loop that commits in each round',
      dialect: 'postgresql',
      before: [USERS],
      sql: "-- lockstep: no-transaction\nDO $$ DECLARE n int; BEGIN LOOP UPDATE users SET status = 'new' WHERE status IS NULL; GET DIAGNOSTICS n = ROW_COUNT; COMMIT; EXIT WHEN n = 0; END LOOP; END $$;",
    },
    {
      title: 'A table of the same migration',
      dialect: 'postgresql',
      sql: "CREATE TABLE users (id bigint PRIMARY KEY, status text);\nUPDATE users SET status = 'new';",
    },
  ],
  *check(context) {
    for (const statement of statementsWith(
      context,
      'update-rows',
      'delete-rows',
      'merge-rows',
      ...QUERIES.filter((kind) =>
        operationsIn(context, kind).some(({ operation }) => operation.query.writes.length > 0),
      ),
    )) {
      if (statement.direction !== 'up') continue;
      for (const operation of withInnerWrites(statement.body.operations)) {
        if (operation.kind === 'merge-rows') {
          const merged = subjectOf(context, statement, operation.relation);
          // A few rows that are written out are no table.
          if (
            !merged.isInUse ||
            operation.query.reads.every((read) => read.relation.name === operation.relation.name) ||
            workUnderHeldLock(context, statement) !== undefined
          )
            continue;
          yield {
            statement,
            span: operation.span,
            relation: merged.place,
            operation,
            message: `MERGE into ${merged.shown} changes nobody knows how many rows in one statement, and locks all of them until the transaction ends: do it in batches, outside the schema's transaction.`,
          };
          continue;
        }
        if (operation.kind !== 'update-rows' && operation.kind !== 'delete-rows') continue;
        const subject = subjectOf(context, statement, operation.relation);
        if (!subject.isInUse) continue;
        const reach = reachOf(context, statement, subject.relation, operation);
        // What work-under-lock says of the same statement is said once.
        // With one writer at a time, without batches the whole database waits, but only where every row is changed is that certain.
        if (
          reach === 'few' ||
          (reach !== 'every' && !context.engine.product.capabilities.locksRows) ||
          workUnderHeldLock(context, statement) !== undefined
        )
          continue;
        const verb = operation.kind === 'update-rows' ? 'Updating' : 'Deleting';
        const which =
          reach === 'every'
            ? `every row of ${subject.shown}`
            : `rows of ${subject.shown} by a condition that may hold for many`;
        yield {
          statement,
          span: operation.span,
          relation: subject.place,
          operation,
          // Of rows with one value of what is no key nobody knows how many there are.
          ...(reach === 'some' ? { severity: 'info' as const } : {}),
          message: `${verb} ${which} in one statement ${context.engine.product.capabilities.locksRows ? 'locks all of them until the transaction ends, so that writes to any of them wait' : 'keeps every writer of the database out until it is done'}: do it in batches, outside the schema's transaction.`,
        };
      }
    }
  },
};

/** What may have a common table expression that changes rows. */
const QUERIES = ['insert-rows', 'select-rows', 'create-table-as'] as const;

/** With what common table expressions change: WITH gone AS (DELETE ... RETURNING *). */
function withInnerWrites(operations: readonly Operation[]): readonly Operation[] {
  const hasInner = operations.some(
    (operation) => 'query' in operation && operation.query !== undefined && operation.query.writes.length > 0,
  );
  return hasInner
    ? operations.flatMap((operation) =>
        'query' in operation && operation.query !== undefined ? [...operation.query.writes, operation] : [operation],
      )
    : operations;
}
