import { findRelation, relationKeyOf } from '../model/lookup.ts';
import type { Schema } from '../model/schema.ts';
import { operationsIn } from './facts/operation-index.ts';
import type { Rule, RuleContext, RuleStatement } from './rule.ts';
import { actionsOf, subjectOf } from './facts/subject.ts';

const TABLES =
  'CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);\nCREATE TABLE log (entry TEXT);\nCREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);\nCREATE VIEW people AS SELECT name FROM users;\nCREATE TRIGGER users_log AFTER INSERT ON users BEGIN INSERT INTO log VALUES (new.name); END;';
const REBUILD =
  'CREATE TABLE new_users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);\nINSERT INTO new_users (id, name) SELECT id, name FROM users;\nDROP TABLE users;';

/** A rename that SQLite refuses because of something else in the schema. */
export const sqliteRenameRefused: Rule = {
  code: 'sqlite-rename-refused',
  aliases: ['sqlite-rename'],
  title: 'A rename fails because a view or trigger names a table that is not there',
  severity: 'error',
  dialects: ['sqlite'],
  why:
    'To rename a table or column, or to drop a column, SQLite reads every view and trigger of the schema anew, also those of other tables, and gives up at the first that it cannot make sense of. ' +
    'Dropping a table leaves the views and triggers that name it as they are, without a word, so that the next rename fails, in this migration or in a much later one. ' +
    'In a rebuild of a table that a view reads it is the last step that fails: the old table is dropped, and the new one cannot take its name. ' +
    'Drop such views and triggers first, and create them anew at the end.',
  docs: [
    'https://www.sqlite.org/lang_altertable.html#alter_table_rename',
    'https://www.sqlite.org/lang_altertable.html#making_other_kinds_of_table_schema_changes',
    'https://www.sqlite.org/pragma.html#pragma_legacy_alter_table',
  ],
  bad: [
    {
      title: 'A rebuild of a table that a view reads',
      dialect: 'sqlite',
      before: [TABLES],
      sql: `${REBUILD}\n<|ALTER TABLE new_users RENAME TO users|>;`,
    },
    {
      title: 'A trigger writes to a table that is gone',
      dialect: 'sqlite',
      before: [TABLES],
      sql: 'DROP TABLE log;\n<|ALTER TABLE notes RENAME COLUMN body TO text|>;',
    },
    {
      title: 'In an earlier migration',
      dialect: 'sqlite',
      before: [TABLES, 'DROP TABLE users;'],
      sql: '<|ALTER TABLE notes DROP COLUMN body|>;',
    },
  ],
  good: [
    {
      title: 'The view goes first, and comes back',
      dialect: 'sqlite',
      before: [TABLES],
      sql: `DROP VIEW people;\n${REBUILD}\nALTER TABLE new_users RENAME TO users;\nCREATE VIEW people AS SELECT name FROM users;`,
    },
    {
      title: 'As SQLite renamed before 3.25',
      dialect: 'sqlite',
      before: [TABLES],
      sql: `PRAGMA legacy_alter_table = ON;\n${REBUILD}\nALTER TABLE new_users RENAME TO users;`,
    },
    {
      title: 'A plain rename',
      dialect: 'sqlite',
      before: [TABLES],
      sql: 'ALTER TABLE notes RENAME TO remarks;\nALTER TABLE log RENAME COLUMN entry TO line;',
    },
    {
      title: 'A table that has another name by now',
      dialect: 'sqlite',
      before: [TABLES, 'ALTER TABLE log RENAME TO logs;\nALTER TABLE users RENAME TO members;'],
      sql: 'ALTER TABLE notes RENAME TO remarks;',
    },
    {
      title: 'A table that came back',
      dialect: 'sqlite',
      before: [TABLES, 'DROP TABLE log;\nCREATE TABLE log (entry TEXT, at TEXT);'],
      sql: 'ALTER TABLE notes RENAME TO remarks;',
    },
    {
      title: 'A new column, for which nothing is read',
      dialect: 'sqlite',
      before: [TABLES, 'DROP TABLE users;'],
      sql: 'ALTER TABLE notes ADD COLUMN title TEXT;',
    },
  ],
  on: ['rename-table', 'rename-column', 'drop-column'],
  *check(context, statements) {
    for (const statement of statements) {
      const broken = brokenObject(statement.before);
      if (broken === undefined) continue;
      for (const { operation } of [
        ...actionsOf(statement, 'rename-table'),
        ...actionsOf(statement, 'rename-column'),
        ...actionsOf(statement, 'drop-column'),
      ]) {
        if (findRelation(statement.before, operation.relation) === undefined) continue;
        // Views that cannot be read are left alone then, but for what a column's name means in them.
        if (operation.kind === 'rename-table' && isLegacy(context, statement)) continue;
        yield {
          statement,
          span: operation.span,
          operation,
          relation: subjectOf(context, statement, operation.relation).place,
          message: `SQLite refuses this: ${broken.what} names ${broken.missing}, which is not there, and ${operation.kind === 'drop-column' ? 'dropping a column' : 'a rename'} reads every view and trigger of the schema. Drop ${broken.what} before ${broken.missing} goes, and create it anew at the end.`,
        };
      }
    }
  },
};

interface Broken {
  /** `the view people`. */
  readonly what: string;
  /** The table that it names. */
  readonly missing: string;
}

const known = new WeakMap<Schema, Broken | { readonly none: true }>();

/** The first view or trigger that names a table which a migration dropped: what SQLite renames, it renames in views and triggers too. */
function brokenObject(schema: Schema): Broken | undefined {
  const before = known.get(schema);
  if (before !== undefined) return 'none' in before ? undefined : before;
  const found = searchBroken(schema);
  known.set(schema, found ?? { none: true });
  return found;
}

function searchBroken(schema: Schema): Broken | undefined {
  for (const relation of schema.relations.values()) {
    if (relation.kind === 'view') {
      const gone = relation.dependsOn.find((read) => schema.dropped.has(read.key) && !schema.relations.has(read.key));
      if (gone !== undefined)
        return { what: `the view ${relation.name}`, missing: gone.key.split('\u0000').at(-1) ?? '' };
    }
    for (const trigger of relation.triggers) {
      const gone = trigger.touches?.find(
        (name) => findRelation(schema, { name }) === undefined && schema.dropped.has(relationKeyOf(schema, { name })),
      );
      if (gone !== undefined) return { what: `the trigger ${trigger.name}`, missing: gone };
    }
  }
  return undefined;
}

/** Whether PRAGMA legacy_alter_table is on at the statement. */
function isLegacy(context: RuleContext, statement: RuleStatement): boolean {
  const last = operationsIn(context, 'pragma').findLast(
    (set) =>
      set.statement.index < statement.index &&
      set.operation.name.toLowerCase() === 'legacy_alter_table' &&
      set.operation.value !== undefined,
  );
  return last !== undefined && /^(?:on|1|true|yes)$/i.test(last.operation.value ?? '');
}
