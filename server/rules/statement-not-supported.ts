import { GivenRows } from './facts/given-rows.ts';
import { PendingEvents } from './facts/pending-events.ts';
import type { Engine, Refusal } from '../engines/engine.ts';
import type { Operation } from '../model/operation.ts';
import { KeptAnswer } from '../model/kept-answer.ts';
import { requiredFindings } from './required-column.ts';
import type { Rule, RuleContext, RuleStatement } from './rule.ts';
import { isSameOperation, subjectOf } from './facts/subject.ts';

/** A statement that the database's version, or its ALTER TABLE, does not take. */
export const statementNotSupported: Rule = {
  code: 'statement-not-supported',
  title: 'The database refuses this statement',
  severity: 'error',
  aliases: ['version-feature'],
  dialects: ['postgresql', 'sqlite'],
  why:
    'A statement may be newer than the server, or something that the server does to no such table; then the migration stops there. ' +
    'SQLite changes tables in a few ways only: it adds plain columns, drops columns that nothing else uses, and renames. ' +
    'What it can do also depends on the version that is compiled into your application, which is often older than the one on your own machine. ' +
    'Some refusals show only on a table that has rows, so that a test on an empty database passes and the migration fails in production.',
  docs: [
    'https://www.postgresql.org/docs/release/',
    'https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE',
    'https://www.sqlite.org/lang_altertable.html',
    'https://www.sqlite.org/changes.html',
  ],
  bad: [
    {
      title: 'A virtual column on an old server',
      dialect: 'postgresql',
      version: '17',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, age int);'],
      sql: 'ALTER TABLE users ADD COLUMN <|twice int GENERATED ALWAYS AS (age * 2) VIRTUAL|>;',
    },
    {
      title: 'A concurrent index on a partitioned table',
      dialect: 'postgresql',
      before: ['CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);'],
      sql: '-- lockstep: no-transaction\n<|CREATE INDEX CONCURRENTLY events_id ON events (id)|>;',
    },
    {
      title: 'A view that loses a column',
      dialect: 'postgresql',
      before: [
        'CREATE TABLE users (id bigint PRIMARY KEY, name text);\nCREATE VIEW people AS SELECT id, name FROM users;',
      ],
      sql: '<|CREATE OR REPLACE VIEW people AS SELECT id FROM users|>;',
    },
    {
      title: 'A column that is not there',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, email text);'],
      sql: "ALTER TABLE users ALTER COLUMN <|mail|> SET DEFAULT '';",
    },
    {
      title: 'A UNIQUE column',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY);'],
      sql: 'ALTER TABLE users ADD COLUMN email TEXT <|UNIQUE|>;',
    },
    {
      title: 'A default that is no constant',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY);'],
      sql: 'ALTER TABLE users ADD COLUMN seen TEXT DEFAULT <|CURRENT_TIMESTAMP|>;',
    },
    {
      title: 'A column that an index uses',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);\nCREATE INDEX users_email ON users (email);'],
      sql: 'ALTER TABLE users DROP COLUMN <|email|>;',
    },
  ],
  good: [
    {
      title: 'A column of the same statement',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: "ALTER TABLE users ADD COLUMN mail text, ALTER COLUMN mail SET DEFAULT '';",
    },
    {
      title: 'A column that is dropped if it is there',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: 'ALTER TABLE users DROP COLUMN IF EXISTS mail;',
    },
    {
      title: 'A name that a program replaces',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, kind text);'],
      sql: 'UPDATE users SET kind = __kind__ WHERE id = 1;',
    },
    {
      title: 'A virtual column on a server that has them',
      dialect: 'postgresql',
      version: '18',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, age int);'],
      sql: 'ALTER TABLE users ADD COLUMN twice int GENERATED ALWAYS AS (age * 2) VIRTUAL;',
    },
    {
      title: 'A view that gets a column',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY, name text);\nCREATE VIEW people AS SELECT id FROM users;'],
      sql: 'CREATE OR REPLACE VIEW people AS SELECT id, name FROM users;',
    },
    {
      title: 'A plain column',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY);'],
      sql: 'ALTER TABLE users ADD COLUMN email TEXT;',
    },
    {
      title: 'A default that is no constant, on a table without rows',
      dialect: 'sqlite',
      sql: 'CREATE TABLE users (id INTEGER PRIMARY KEY);\nALTER TABLE users ADD COLUMN seen TEXT DEFAULT CURRENT_TIMESTAMP;',
    },
    {
      title: 'A unique index',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);'],
      sql: 'CREATE UNIQUE INDEX users_email ON users (email);',
    },
  ],
  *check(context) {
    const required = requiredFindings(context);
    // What a refused statement would have made is not there for those after it: that is said once.
    const refused: Operation[] = [];
    const pending = new PendingEvents(context);
    const given = new GivenRows();
    for (const statement of context.statements) {
      // What stands for a placeholder may be what is missing here.
      if (statement.body.placeholders !== undefined || REPLACED.test(statement.source.text)) continue;
      let isSaid = false;
      // What the rows of the file and those that are there fail by alike is one cause, and said once.
      const isRequired = (operation: Operation): boolean =>
        required.some(
          (finding) =>
            finding.statement === statement &&
            finding.operation !== undefined &&
            isSameOperation(finding.operation, operation),
        );
      const byRows = given.refusedBy(statement);
      const waiting =
        pending.refusedBy(statement) ?? (byRows === undefined || isRequired(byRows.operation) ? undefined : byRows);
      if (waiting !== undefined) {
        yield { statement, ...waiting };
        isSaid = true;
      }
      for (const operation of statement.body.operations) {
        const refusal = refusalOf(context, operation, statement);
        if (refusal === undefined) continue;
        if (refusal.unlessPrepared === true) {
          yield { statement, span: refusal.span, operation, message: refusal.message, severity: 'info' };
          continue;
        }
        isSaid = true;
        const subject =
          refusal.when !== undefined && 'relation' in operation && operation.relation !== undefined
            ? subjectOf(context, statement, operation.relation)
            : undefined;
        // What fails on rows only is no hazard where there are none; what required-column says of the same column is said once.
        if (
          refusal.when === 'if-rows' &&
          (subject?.isInUse === false || isRequired(operation) || waiting?.operation === operation)
        )
          continue;
        yield {
          statement,
          span: refusal.span,
          operation,
          ...(subject === undefined ? {} : { relation: subject.place }),
          message: refusal.message,
        };
      }
      const whole = isSaid ? undefined : refusedWhole(context, statement);
      if (whole !== undefined && !refused.some((earlier) => isAbout(earlier, whole.operation)))
        yield { statement, span: whole.span, operation: whole.operation, message: whole.message };
      if (isSaid || whole !== undefined) refused.push(...statement.body.operations);
    }
  },
  fixes({ operation, statement }, context) {
    if (context.engine.product.capabilities.altersInPlace || operation === undefined || statement.direction === 'down')
      return [];
    const isRebuilt =
      operation.kind === 'add-column' ||
      operation.kind === 'add-constraint' ||
      operation.kind === 'drop-constraint' ||
      operation.kind === 'drop-not-null';
    return isRebuilt
      ? [
          {
            kind: 'change',
            title: 'Rebuild the table',
            safety: 'review',
            request: { recipe: 'rebuild-table', operation },
          },
        ]
      : [];
  },
};

/** Names as programs write what they replace themselves, `__schema__`, which no SQL shows. */
const REPLACED = /(?<!\w)__[A-Za-z]\w*__(?!\w)/;

/** Why nothing of a statement is carried out that leaves the schema as it was. */
function refusedWhole(
  { engine, folder, target }: RuleContext,
  { before, after, body: { operations } }: RuleStatement,
): ReturnType<RuleContext['engine']['refusedWhole']> {
  if (after !== before || operations.length === 0) return undefined;
  if (operations.some((operation) => operation.certainty === 'may')) return undefined;
  return engine.refusedWhole(operations, before, { fileIndex: folder?.index ?? 0 }, target);
}

/** Whether two operations are about one relation, or about objects of one name. */
function isAbout(earlier: Operation, later: Operation): boolean {
  const names = namesOf(later);
  return namesOf(earlier).some((name) => names.includes(name));
}

function namesOf(operation: Operation): readonly string[] {
  if ('relation' in operation && operation.relation !== undefined) return [operation.relation.name];
  if ('objects' in operation) return operation.objects.map((object) => object.name);
  if ('name' in operation && typeof operation.name === 'object') return [operation.name.name];
  return 'object' in operation && operation.object !== undefined ? [operation.object.name] : [];
}

/** What was last said of an operation: at the next keystroke most statements meet the objects that they met before. */
const lastSaid = new WeakMap<
  Operation,
  {
    readonly engine: Engine;
    readonly version: number;
    readonly siblings: readonly Operation[];
    readonly kept: KeptAnswer<Refusal | undefined>;
  }
>();

function refusalOf(
  { engine, target }: RuleContext,
  operation: Operation,
  { before, body: { operations: siblings } }: RuleStatement,
): Refusal | undefined {
  const last = lastSaid.get(operation);
  const isSame = last?.engine === engine && last.version === target.version && last.siblings === siblings;
  const known = isSame ? last.kept : undefined;
  const kept = KeptAnswer.of(known, before, () => engine.refusal(operation, before, target, siblings));
  if (kept !== known) lastSaid.set(operation, { engine, version: target.version, siblings, kept });
  return kept.answer;
}
