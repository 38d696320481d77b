import { findRelation, sameName } from '../model/lookup.ts';
import type { Rule } from './rule.ts';
import type { UpdateRows } from '../model/operation.ts';
import type { Column, Relation } from '../model/schema.ts';
import { isContractStep, subjectOf } from './facts/subject.ts';

const TABLE = 'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);';

/** A copy into a column that requires what the old one does not. */
export const sqliteRebuildNull: Rule = {
  code: 'sqlite-rebuild-null',
  aliases: ['sqlite-notnull-no-default'],
  title: 'A NOT NULL column is given what may be empty',
  severity: 'error',
  dialects: ['sqlite'],
  why:
    'The new column requires a value where the old one does not, and INSERT ... SELECT or UPDATE copies it as it is. ' +
    'The first row with an empty value stops the migration; on a test database without such rows it passes. ' +
    'Say what empty values become, by coalesce in the SELECT, or leave these rows out.',
  docs: [
    'https://www.sqlite.org/lang_altertable.html#making_other_kinds_of_table_schema_changes',
    'https://www.sqlite.org/lang_corefunc.html#coalesce',
  ],
  bad: [
    {
      title: 'As it is',
      dialect: 'sqlite',
      before: [TABLE],
      sql: 'CREATE TABLE users_new (id INTEGER PRIMARY KEY, email TEXT NOT NULL);\n<|INSERT INTO users_new (id, email) SELECT id, email FROM users|>;',
    },
    {
      title: 'By UPDATE',
      dialect: 'sqlite',
      before: ["CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, login TEXT NOT NULL DEFAULT '');"],
      sql: '<|UPDATE users SET login = email|>;',
    },
  ],
  good: [
    {
      title: 'With a value in its place',
      dialect: 'sqlite',
      before: [TABLE],
      sql: "CREATE TABLE users_new (id INTEGER PRIMARY KEY, email TEXT NOT NULL);\nINSERT INTO users_new (id, email) SELECT id, coalesce(email, '') FROM users;",
    },
    {
      title: 'Without such rows',
      dialect: 'sqlite',
      before: [TABLE],
      sql: 'CREATE TABLE users_new (id INTEGER PRIMARY KEY, email TEXT NOT NULL);\nINSERT INTO users_new (id, email) SELECT id, email FROM users WHERE email IS NOT NULL;',
    },
    {
      title: 'Filled before',
      dialect: 'sqlite',
      before: [TABLE],
      sql: "UPDATE users SET email = '' WHERE email IS NULL;\nCREATE TABLE users_new (id INTEGER PRIMARY KEY, email TEXT NOT NULL);\nINSERT INTO users_new (id, email) SELECT id, email FROM users;",
    },
    {
      title: 'By UPDATE, of the rows that have one',
      dialect: 'sqlite',
      before: ["CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, login TEXT NOT NULL DEFAULT '');"],
      sql: 'UPDATE users SET login = email WHERE email IS NOT NULL;',
    },
  ],
  on: ['update-rows', 'insert-rows'],
  *check(context, statements) {
    // At the end of a change its earlier steps have filled the column.
    if (isContractStep(context)) return;
    const filled = new Set<string>();
    for (const statement of statements) {
      for (const operation of statement.body.operations) {
        if (operation.kind === 'update-rows') {
          const empty = emptyIn(operation, findRelation(statement.before, operation.relation), filled);
          if (empty !== undefined && subjectOf(context, statement, operation.relation).isInUse)
            yield {
              statement,
              span: operation.span,
              relation: subjectOf(context, statement, operation.relation).place,
              operation,
              message: `"${empty.from}" may be empty and "${empty.to}" of ${operation.relation.name} must not be: the first such row stops the migration. Use coalesce, or leave these rows out.`,
            };
        }
        if (operation.kind === 'update-rows') for (const column of operation.columns) filled.add(column.toLowerCase());
        if (
          operation.kind !== 'insert-rows' ||
          operation.rowCount !== undefined ||
          operation.query.hasWhere ||
          operation.onConflict !== undefined ||
          operation.orReplace === true
        )
          continue;
        const [source, ...others] = operation.query.reads;
        const target = findRelation(statement.before, operation.relation);
        const from =
          source === undefined || others.length > 0 ? undefined : findRelation(statement.before, source.relation);
        if (
          target === undefined ||
          from === undefined ||
          from.kind !== 'table' ||
          context.isNewOrigin(from.origin) ||
          !from.columnsKnown
        )
          continue;
        const columns = operation.columns ?? target.columns.map((column) => column.name);
        const empty = columns.flatMap((name, index) => {
          const output = operation.query.output[index];
          const column = target.columns.find((candidate) => sameName(context.engine.product, candidate.name, name));
          const old =
            output === undefined
              ? undefined
              : from.columns.find((candidate) => sameName(context.engine.product, candidate.name, output));
          // A rowid key fills itself where it is given NULL.
          const isRowid =
            column?.type?.name.toUpperCase() === 'INTEGER' &&
            target.constraints.some(
              (constraint) =>
                constraint.kind === 'primary-key' &&
                constraint.columns.length === 1 &&
                constraint.columns[0] === column.name,
            );
          const isOldRowid =
            old?.type?.name.toUpperCase() === 'INTEGER' &&
            from.constraints.some(
              (constraint) =>
                constraint.kind === 'primary-key' &&
                constraint.columns.length === 1 &&
                constraint.columns[0] === old.name,
            );
          return column?.notNull === true &&
            old?.notNull === false &&
            !isRowid &&
            !isOldRowid &&
            !filled.has(old.name.toLowerCase())
            ? [old.name]
            : [];
        });
        // An expression may have been given the column's name.
        if (empty.length === 0 || /\b(?:coalesce|ifnull|case|iif)\b/i.test(operation.query.text)) continue;
        yield {
          statement,
          span: operation.span,
          relation: { schema: target.schema, name: target.name },
          operation,
          message: `${empty.map((name) => `"${name}"`).join(', ')} may be empty in ${from.name} and must not be in ${target.name}: the first such row stops the migration. Use coalesce, or fill them first.`,
        };
      }
    }
  },
};

/** A NOT NULL column that an UPDATE of all rows gives another column as it is, which may be empty. */
function emptyIn(
  { assignments = [], query }: UpdateRows,
  table: Relation | undefined,
  filled: ReadonlySet<string>,
): { readonly from: string; readonly to: string } | undefined {
  if (table?.kind !== 'table' || !table.columnsKnown || query.hasWhere || query.hasLimit || query.reads.length > 0)
    return undefined;
  const find = (name: string): Column | undefined =>
    table.columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
  for (const { column, value } of assignments) {
    if (value.kind !== 'column') continue;
    const to = find(column);
    const from = find(value.path.at(-1) ?? '');
    const isKey = table.constraints.some(
      (constraint) => constraint.kind === 'primary-key' && constraint.columns.includes(from?.name ?? ''),
    );
    if (
      to?.notNull === true &&
      from?.notNull === false &&
      from.generated === undefined &&
      !isKey &&
      !filled.has(from.name.toLowerCase())
    )
      return { from: from.name, to: to.name };
  }
  return undefined;
}
