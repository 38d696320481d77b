import { displayName } from '../model/names.ts';
import { operationsIn } from './facts/operation-index.ts';
import { SMALL_TABLE_OPTION } from './facts/reach.ts';
import { rebuilds } from './facts/rebuild.ts';
import type { Rule, RuleContext, Severity } from './rule.ts';
import { type Subject, subjectOf } from './facts/subject.ts';

const TABLES = 'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);';
/** Rows from which the wait is told as more than a hint, where a connected database counts them. */
const MANY_ROWS = 1_000_000;

/** Work over a whole table that keeps every other writer of the database out. */
export const sqliteWriteLock: Rule = {
  code: 'sqlite-write-lock',
  aliases: ['sqlite-lock'],
  title: 'An index or a rebuild of a table holds the only write lock of the database',
  severity: 'hint',
  preset: 'strict',
  dialects: ['sqlite'],
  options: SMALL_TABLE_OPTION,
  growsWithTable: true,
  why:
    'SQLite has one writer at a time for the whole database. ' +
    'While an index is built or a table is copied, every other write, to whatever table, waits as long as its busy_timeout says and then fails with SQLITE_BUSY; in WAL mode reads go on, otherwise they wait too. ' +
    'Set busy_timeout above the time that the migration takes, or run it while nobody writes.',
  docs: [
    'https://www.sqlite.org/lockingv3.html',
    'https://www.sqlite.org/wal.html',
    'https://www.sqlite.org/pragma.html#pragma_busy_timeout',
  ],
  bad: [
    { title: 'An index', dialect: 'sqlite', before: [TABLES], sql: '<|CREATE INDEX users_email ON users (email)|>;' },
    {
      title: 'A rebuild',
      dialect: 'sqlite',
      before: [TABLES],
      sql: "CREATE TABLE new_users (id INTEGER PRIMARY KEY, email TEXT NOT NULL);\n<|INSERT INTO new_users SELECT id, coalesce(email, '') FROM users|>;\nDROP TABLE users;\nALTER TABLE new_users RENAME TO users;",
    },
  ],
  good: [
    {
      title: 'A table of the same migration',
      dialect: 'sqlite',
      sql: `${TABLES}\nCREATE INDEX users_email ON users (email);`,
    },
    {
      title: 'What only writes the schema',
      dialect: 'sqlite',
      before: [TABLES],
      sql: 'ALTER TABLE users ADD COLUMN nick TEXT;\nALTER TABLE users RENAME COLUMN email TO mail;',
    },
  ],
  *check(context) {
    for (const { statement, operation } of operationsIn(context, 'create-index')) {
      if (statement.direction !== 'up') continue;
      const subject = subjectOf(context, statement, operation.relation);
      const severity = severityOf(context, subject);
      if (severity !== undefined)
        yield {
          statement,
          span: operation.span,
          relation: subject.place,
          operation,
          severity,
          message: messageOf(`This reads all of ${subject.shown}`),
        };
    }
    for (const { old, replacement } of rebuilds(context)) {
      const copy = operationsIn(context, 'insert-rows').find(
        ({ operation }) =>
          operation.rowCount === undefined &&
          operation.relation.name === replacement &&
          operation.query.reads.some((read) => read.relation.name === old.name),
      );
      if (copy === undefined || copy.statement.direction !== 'up') continue;
      const place = { schema: old.schema, name: old.name };
      const subject: Subject = { relation: old, place, full: displayName(place), shown: old.name, isInUse: true };
      const severity = severityOf(context, subject);
      if (severity !== undefined)
        yield {
          statement: copy.statement,
          span: copy.operation.span,
          relation: subject.place,
          operation: copy.operation,
          severity,
          message: messageOf(`This copies all of ${old.name}`),
        };
    }
  },
};

/** How grave it is by the table's size, where that is known; undefined for a small table, or one that nobody uses. */
function severityOf(context: RuleContext, { relation, isInUse }: Subject): Severity | undefined {
  if (!isInUse) return undefined;
  if (relation?.size === undefined) return 'hint';
  const small = context.options['smallTableRows'];
  if (relation.size.rows < (typeof small === 'number' ? small : SMALL_TABLE_OPTION.smallTableRows.default))
    return undefined;
  return relation.size.rows < MANY_ROWS ? 'info' : 'warning';
}

function messageOf(what: string): string {
  return `${what} while it holds the database's write lock: every other write of the application waits, and fails where busy_timeout is shorter.`;
}
