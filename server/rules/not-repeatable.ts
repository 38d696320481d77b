import { isTableAction, type Operation } from '../model/operation.ts';
import type { Rule } from './rule.ts';
import { isInTransaction } from './facts/subject.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY);';

/** A statement that a second run of a half-done migration stumbles over. */
export const notRepeatable: Rule = {
  code: 'not-repeatable',
  aliases: ['prefer-robust', 'prefer-robust-stmts'],
  title: 'A migration of several statements outside a transaction cannot be run again',
  severity: 'hint',
  preset: 'all',
  dialects: ['postgresql'],
  why:
    'Outside a transaction a migration that fails half-way leaves its first statements behind. ' +
    'The second run then stumbles over what is there already or gone already. ' +
    'Put one statement into each such migration, or write IF EXISTS where that loses nothing (for an index that is built CONCURRENTLY: drop it first, because IF NOT EXISTS takes a broken one for good).',
  docs: [
    'https://www.postgresql.org/docs/current/sql-createtable.html',
    'https://www.postgresql.org/docs/current/sql-altertable.html',
  ],
  bad: [
    {
      title: 'Two columns',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\n<|ALTER TABLE users ADD COLUMN nick text|>;\n<|ALTER TABLE users ADD COLUMN age int|>;',
    },
  ],
  good: [
    {
      title: 'In a transaction',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'ALTER TABLE users ADD COLUMN nick text;\nALTER TABLE users ADD COLUMN age int;',
    },
    {
      title: 'If they are not there',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nALTER TABLE users ADD COLUMN IF NOT EXISTS nick text;\nALTER TABLE users ADD COLUMN IF NOT EXISTS age int;',
    },
    {
      title: 'One statement',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nALTER TABLE users ADD COLUMN nick text;',
    },
  ],
  *check(context) {
    const up = context.statements.filter((statement) => statement.direction === 'up');
    if (up.length < 2) return;
    for (const statement of up) {
      const operation = statement.body.operations.find(stumbles);
      if (operation === undefined || isInTransaction(context, statement)) continue;
      yield {
        statement,
        span: { start: 0, end: statement.source.text.length },
        operation,
        message:
          'If a later statement of this migration fails, running it again fails here: write IF EXISTS or IF NOT EXISTS, or give it a migration of its own.',
      };
    }
  },
};

function stumbles(operation: Operation): boolean {
  if (isTableAction(operation)) {
    const { action } = operation;
    switch (action.kind) {
      case 'add-column':
        return !action.ifNotExists;
      case 'drop-column':
      case 'drop-constraint':
        return !action.ifExists;
      case 'rename-column':
      case 'rename-table':
        return true;
      default:
        return false;
    }
  }
  if (
    operation.kind === 'create-table' ||
    operation.kind === 'create-table-as' ||
    operation.kind === 'create-sequence' ||
    operation.kind === 'create-schema'
  )
    return !operation.ifNotExists;
  return (
    operation.kind.startsWith('drop-') &&
    'objects' in operation &&
    'ifExists' in operation &&
    operation.ifExists === false
  );
}
