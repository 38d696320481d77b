import type { Operation } from '../model/operation.ts';
import { actionsIn, operationsIn } from './facts/operation-index.ts';
import type { Rule, RuleContext, RuleStatement } from './rule.ts';
import { subjectOf } from './facts/subject.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY);';

/** A table that nobody cleans up. */
export const autovacuumOff: Rule = {
  code: 'autovacuum-off',
  aliases: ['autovacuum-disabled'],
  title: 'Autovacuum is switched off for a table',
  severity: 'warning',
  dialects: ['postgresql'],
  why:
    'Every UPDATE and DELETE leaves an old row behind that only vacuum takes away, and the planner knows a table by what the last ANALYZE found. ' +
    'Without autovacuum the table and its indexes grow without end, and queries are planned for a table that is no more. ' +
    'When its oldest row nears the wrap-around of transaction numbers, the server vacuums the whole table all the same, at a moment that nobody chose. ' +
    'Let autovacuum run more often with smaller steps instead (autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay).',
  docs: [
    'https://www.postgresql.org/docs/current/routine-vacuuming.html#AUTOVACUUM',
    'https://www.postgresql.org/docs/current/sql-createtable.html#RELOPTION-AUTOVACUUM-ENABLED',
  ],
  bad: [
    {
      title: 'A table in use',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users <|SET (autovacuum_enabled = false)|>;',
    },
    {
      title: 'A new table',
      dialect: 'postgresql',
      sql: '<|CREATE TABLE "Events" (id bigint PRIMARY KEY) WITH (fillfactor = 90, autovacuum_enabled = off)|>;',
    },
    {
      title: 'Its long values only',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE IF EXISTS public.users <|SET (toast.autovacuum_enabled = 0)|>;',
    },
  ],
  good: [
    {
      title: 'More often',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_enabled = true);',
    },
    {
      title: 'While a new table is filled',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'CREATE TABLE copies (id bigint) WITH (autovacuum_enabled = off);\nINSERT INTO copies SELECT id FROM users;\nALTER TABLE copies SET (autovacuum_enabled = on);',
    },
    {
      title: 'On again',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users SET (autovacuum_enabled = off);\nALTER TABLE users RESET (autovacuum_enabled);',
    },
    {
      title: 'A temporary table, which autovacuum never reads',
      dialect: 'postgresql',
      sql: 'CREATE TEMPORARY TABLE scratch (id bigint) WITH (autovacuum_enabled = off);',
    },
  ],
  *check(context) {
    for (const { statement, operation, action } of actionsIn(context, 'set-storage-parameters')) {
      const name = action.values === undefined ? undefined : switchedOff(action.values);
      if (
        name === undefined ||
        statement.direction !== 'up' ||
        isOnAgain(context, statement, operation.relation.name, name)
      )
        continue;
      const subject = subjectOf(context, statement, operation.relation);
      if (subject.relation?.persistence !== 'temporary')
        yield {
          statement,
          span: operation.span,
          relation: subject.place,
          operation,
          message: messageOf(subject.shown, name),
        };
    }
    for (const { statement, operation } of operationsIn(context, 'create-table')) {
      const name =
        operation.storageParameters === undefined || operation.persistence === 'temporary'
          ? undefined
          : switchedOff(operation.storageParameters);
      if (
        name === undefined ||
        statement.direction !== 'up' ||
        isOnAgain(context, statement, operation.relation.name, name)
      )
        continue;
      yield {
        statement,
        span: operation.span,
        relation: subjectOf(context, statement, operation.relation).place,
        operation,
        message: messageOf(operation.relation.name, name),
      };
    }
  },
};

const PARAMETERS = ['autovacuum_enabled', 'toast.autovacuum_enabled'];

/** The parameter that is given a word for false. Source: PostgreSQL's `parse_bool`. */
function switchedOff(values: Readonly<Record<string, string>>): string | undefined {
  return PARAMETERS.find((name) => /^(?:off?|f(?:a(?:l(?:se?)?)?)?|no?|0)$/i.test(values[name] ?? ''));
}

function messageOf(table: string, parameter: string): string {
  const what = parameter.startsWith('toast') ? `the long values of ${table}, stored apart,` : table;
  return `Nothing cleans up ${what} any more: old rows stay for ever, its statistics grow stale, and the vacuum that prevents wrap-around comes all the same, at a moment that nobody chooses.`;
}

/** Whether a later statement of the migration takes it back, or drops the table. */
function isOnAgain(context: RuleContext, statement: RuleStatement, table: string, parameter: string): boolean {
  return context.statements.some(
    (later) =>
      later.index > statement.index &&
      later.body.operations.some((operation) => takesBack(operation, table, parameter)),
  );
}

function takesBack(operation: Operation, table: string, parameter: string): boolean {
  if (operation.kind === 'drop-table') return operation.objects.some((object) => object.name === table);
  if (!('head' in operation) || operation.relation.name !== table) return false;
  const { action } = operation;
  if (action.kind === 'reset-storage-parameters') return action.names.some((name) => parameter.endsWith(name));
  return (
    action.kind === 'set-storage-parameters' &&
    action.values?.[parameter] !== undefined &&
    switchedOff(action.values) !== parameter
  );
}
