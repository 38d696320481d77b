import { findIndex } from '../model/lookup.ts';
import type { Rule } from './rule.ts';

const TABLE = 'CREATE TABLE users (id bigint PRIMARY KEY, age int);';

/** An index that is built and then built again. */
export const indexBuiltTwice: Rule = {
  code: 'index-built-twice',
  title: 'An index is built and then built again by a rewrite of its table',
  severity: 'info',
  dialects: ['postgresql'],
  why:
    'A statement that writes a table anew builds all of its indexes again. ' +
    'An index that this migration, or another one that is not applied yet, has just built is thereby built twice, the second time while nobody may use the table. ' +
    'Build it after the rewrite.',
  docs: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES'],
  bad: [
    {
      title: 'A type change after the index',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nCREATE INDEX CONCURRENTLY users_age ON users (age);\n<|ALTER TABLE users ALTER COLUMN age TYPE bigint|>;',
    },
  ],
  good: [
    {
      title: 'The index after the type change',
      dialect: 'postgresql',
      before: [TABLE],
      sql: '-- lockstep: no-transaction\nALTER TABLE users ALTER COLUMN age TYPE bigint;\nCREATE INDEX CONCURRENTLY users_age ON users (age);',
    },
  ],
  *check(context) {
    for (const statement of context.statements) {
      if (statement.direction !== 'up') continue;
      for (const effect of statement.effects) {
        if (effect.relationKind !== 'index' || !effect.rewrite) continue;
        const index = findIndex(statement.before, { schema: effect.schema, name: effect.relation });
        if (
          index === undefined ||
          index.constraint !== undefined ||
          !context.isNewOrigin(index.origin) ||
          context.isNew(index.relationKey, statement)
        )
          continue;
        yield {
          statement,
          span: { start: 0, end: statement.source.text.length },
          relation: { schema: effect.schema, name: effect.relation },
          message: `${effect.relation}, which is new, is built a second time here: build it after this statement.`,
        };
        break;
      }
    }
  },
};
