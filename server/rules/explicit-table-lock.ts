import { blockedBy, LOCK_MODES } from '../model/effect.ts';
import type { Rule } from './rule.ts';
import { blockedTitle, lockTitle, subjectOf } from './facts/subject.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY);';

/** LOCK TABLE in a mode that keeps others out. */
export const explicitTableLock: Rule = {
  code: 'explicit-table-lock',
  title: 'LOCK TABLE keeps others out of a table in use',
  severity: 'warning',
  dialects: ['postgresql'],
  why:
    'LOCK TABLE takes ACCESS EXCLUSIVE unless it names a mode, and keeps it until the transaction ends: every query of the table waits, and while LOCK TABLE itself waits for running queries, all later ones queue behind it. ' +
    'Name the weakest mode that is enough, and keep what follows short.',
  docs: [
    'https://www.postgresql.org/docs/current/sql-lock.html',
    'https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES',
  ],
  bad: [
    { title: 'Without a mode', dialect: 'postgresql', before: [TABLE], sql: 'LOCK TABLE <|users|>;' },
    {
      title: 'Writers are kept out',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'LOCK TABLE <|users|> IN SHARE ROW EXCLUSIVE MODE;',
    },
  ],
  good: [
    {
      title: 'A mode that lets reads and writes go on',
      dialect: 'postgresql',
      before: [TABLE],
      sql: 'LOCK TABLE users IN SHARE UPDATE EXCLUSIVE MODE;',
    },
    { title: 'A table of the same migration', dialect: 'postgresql', sql: `${TABLE}\nLOCK TABLE users;` },
  ],
  on: ['lock-table'],
  *check(context, statements) {
    for (const statement of statements) {
      for (const operation of statement.body.operations) {
        if (operation.kind !== 'lock-table') continue;
        const mode = LOCK_MODES.find((candidate) => candidate === operation.mode);
        const blocks = mode === undefined ? [] : blockedBy(mode);
        if (mode === undefined || !blocks.includes('writes')) continue;
        for (const { relation } of operation.relations) {
          const subject = subjectOf(context, statement, relation);
          if (!subject.isInUse) continue;
          yield {
            statement,
            span: relation.span,
            relation: subject.place,
            operation,
            ...(blocks.includes('reads') ? { severity: 'error' as const } : {}),
            message: `${operation.documented ?? 'LOCK TABLE'} takes ${lockTitle(mode)} on ${subject.shown}, which blocks ${blockedTitle(blocks)} until the transaction ends.`,
          };
        }
      }
    }
  },
};
