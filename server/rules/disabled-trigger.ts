import { displayName } from '../model/names.ts';
import type { Rule, RuleContext, RuleStatement } from './rule.ts';
import { actionsOf, subjectOf } from './facts/subject.ts';
import { transactionState } from './facts/transactions.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY);';

/** Triggers, and with them foreign keys, that are switched off. */
export const disabledTrigger: Rule = {
  code: 'disabled-trigger',
  title: 'Triggers are switched off, and what they check or keep in step goes unchecked',
  severity: 'warning',
  dialects: ['postgresql'],
  why:
    'PostgreSQL checks foreign keys by triggers. ' +
    'DISABLE TRIGGER ALL, and session_replication_role = replica, switch these off too, so that rows that refer to nothing get in and stay: switching the triggers on again checks nothing that was written meanwhile. ' +
    'DISABLE TRIGGER also holds up every write of all sessions until the transaction ends.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-altertable.html',
    'https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SESSION-REPLICATION-ROLE',
  ],
  bad: [
    {
      title: 'All triggers',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '<|ALTER TABLE users DISABLE TRIGGER ALL|>;',
    },
    {
      title: 'One trigger for good',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '<|ALTER TABLE users DISABLE TRIGGER touch|>;',
    },
    { title: 'All triggers of the session', dialect: 'postgresql', sql: '<|SET session_replication_role = replica|>;' },
  ],
  good: [
    {
      title: 'One trigger, and on again',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users DISABLE TRIGGER touch;\nUPDATE users SET id = 2 WHERE id = 1;\nALTER TABLE users ENABLE TRIGGER touch;',
    },
    {
      title: 'All triggers, and on again in the same transaction, with no row written between',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users DISABLE TRIGGER ALL;\nALTER TABLE users ADD COLUMN name text;\nALTER TABLE users ENABLE TRIGGER ALL;',
    },
    {
      title: 'A table of the same migration',
      dialect: 'postgresql',
      sql: `${TABLE}\nALTER TABLE users DISABLE TRIGGER ALL;`,
    },
    { title: 'Back to normal', dialect: 'postgresql', sql: 'SET session_replication_role = DEFAULT;' },
  ],
  on: ['toggle-trigger', 'set-variable'],
  *check(context, statements) {
    for (const statement of statements) {
      for (const { operation, action } of actionsOf(statement, 'toggle-trigger')) {
        const subject = subjectOf(context, statement, operation.relation);
        if (action.enabled || !subject.isInUse) continue;
        const enabling = enabledLater(context, statement, subject.full, action.trigger);
        if (enabling !== undefined && action.target !== 'all') continue;
        // Nobody else writes to the table until the transaction ends.
        if (enabling !== undefined && isOneTransaction(context, statement, enabling)) {
          if (isWrittenBetween(context, statement, enabling, subject.full))
            yield {
              statement,
              span: { start: 0, end: statement.source.text.length },
              relation: subject.place,
              operation,
              severity: 'info',
              message: `Every trigger of ${subject.shown} is off until this transaction switches it on again, those that check its foreign keys too: the rows that it writes until then are never checked.`,
            };
          continue;
        }
        const which =
          action.target === 'all'
            ? 'every trigger'
            : action.target === 'user'
              ? 'every trigger that a user made'
              : `trigger ${action.trigger ?? ''}`;
        yield {
          statement,
          span: { start: 0, end: statement.source.text.length },
          relation: subject.place,
          operation,
          ...(action.target === 'all' ? { severity: 'error' as const } : {}),
          message:
            action.target === 'all'
              ? `This switches off ${which} of ${subject.shown}, those that check its foreign keys too: rows that are written meanwhile are never checked.`
              : `This switches off ${which} of ${subject.shown}, and no statement of this migration switches it on again.`,
        };
      }
      for (const operation of statement.body.operations) {
        if (
          operation.kind !== 'set-variable' ||
          operation.name !== 'session_replication_role' ||
          operation.toDefault ||
          operation.values[0]?.toLowerCase() !== 'replica'
        )
          continue;
        yield {
          statement,
          span: operation.span,
          operation,
          severity: 'error',
          message:
            'With session_replication_role = replica no trigger fires in this session, those that check foreign keys neither: rows that are written now are never checked.',
        };
      }
    }
  },
};

/** The later statement that switches a table's trigger on again; all of them where none is named. */
function enabledLater(
  context: RuleContext,
  statement: RuleStatement,
  table: string,
  trigger: string | undefined,
): RuleStatement | undefined {
  return context.statements.find(
    (later) =>
      later.index > statement.index &&
      [...actionsOf(later, 'toggle-trigger')].some(
        ({ operation, action }) =>
          action.enabled &&
          subjectOf(context, later, operation.relation).full === table &&
          (action.target !== 'one' || action.trigger === trigger),
      ),
  );
}

function isOneTransaction(context: RuleContext, first: RuleStatement, second: RuleStatement): boolean {
  const [left, right] = [transactionState(context, first), transactionState(context, second)];
  return left.isOpen && left.transaction === right.transaction;
}

/** Whether statements between two others write rows of a table. */
function isWrittenBetween(context: RuleContext, first: RuleStatement, second: RuleStatement, table: string): boolean {
  return context.statements.some(
    (statement) =>
      statement.index > first.index &&
      statement.index < second.index &&
      statement.effects.some(
        (effect) =>
          effect.lock === 'RowExclusiveLock' && displayName({ schema: effect.schema, name: effect.relation }) === table,
      ),
  );
}
