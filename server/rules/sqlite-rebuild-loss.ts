import { indexesOf } from '../model/lookup.ts';
import { objectKey } from '../model/names.ts';
import type { Index, Relation } from '../model/schema.ts';
import { rebuilds, type Rebuild } from './facts/rebuild.ts';
import type { Rule, RuleContext } from './rule.ts';

const TABLE =
  'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL);\nCREATE INDEX users_email ON users (email);\nCREATE TRIGGER users_touch AFTER UPDATE ON users BEGIN SELECT 1; END;';
const HEAD = '-- lockstep: no-transaction\nPRAGMA foreign_keys = OFF;\nBEGIN;\n';
const TAIL = '\nCOMMIT;\nPRAGMA foreign_keys = ON;';

/** A table rebuild after which something of the old table is missing. */
export const sqliteRebuildLoss: Rule = {
  code: 'sqlite-rebuild-loss',
  title: 'A table is rebuilt without its indexes, triggers or constraints',
  severity: 'error',
  dialects: ['sqlite'],
  why:
    'SQLite changes most things of a table only by building a new one and dropping the old. ' +
    'The indexes and triggers of the old table go with it, without a word, and CREATE TABLE ... AS SELECT makes a table without any key, NOT NULL, CHECK or default. ' +
    'Create each of them again after the rename.',
  docs: [
    'https://www.sqlite.org/lang_altertable.html#making_other_kinds_of_table_schema_changes',
    'https://www.sqlite.org/lang_createtable.html#create_table_as_select_statements',
  ],
  bad: [
    {
      title: 'Its index and trigger are not made again',
      dialect: 'sqlite',
      before: [TABLE],
      sql: `${HEAD}CREATE TABLE users_new (id INTEGER PRIMARY KEY, email TEXT);\nINSERT INTO users_new SELECT id, email FROM users;\n<|DROP TABLE users|>;\nALTER TABLE users_new RENAME TO users;${TAIL}`,
    },
    {
      title: 'CREATE TABLE AS',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL);'],
      sql: `${HEAD}CREATE TABLE users_new AS SELECT id, email FROM users;\n<|DROP TABLE users|>;\nALTER TABLE users_new RENAME TO users;${TAIL}`,
    },
  ],
  good: [
    {
      title: 'Everything is made again',
      dialect: 'sqlite',
      before: [TABLE],
      sql: `${HEAD}CREATE TABLE users_new (id INTEGER PRIMARY KEY, email TEXT);\nINSERT INTO users_new SELECT id, email FROM users;\nDROP TABLE users;\nALTER TABLE users_new RENAME TO users;\nCREATE INDEX users_email ON users (email);\nCREATE TRIGGER users_touch AFTER UPDATE ON users BEGIN SELECT 1; END;${TAIL}`,
    },
    {
      title: 'An index whose columns the new primary key begins with',
      dialect: 'sqlite',
      before: ['CREATE TABLE members (club INTEGER, person INTEGER);\nCREATE INDEX members_club ON members (club);'],
      sql: `${HEAD}CREATE TABLE members_new (club INTEGER, person INTEGER, PRIMARY KEY (club, person));\nINSERT INTO members_new SELECT club, person FROM members;\nDROP TABLE members;\nALTER TABLE members_new RENAME TO members;${TAIL}`,
    },
    {
      title: 'An index that is dropped by name',
      dialect: 'sqlite',
      before: ['CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);\nCREATE INDEX users_email ON users (email);'],
      sql: `${HEAD}DROP INDEX users_email;\nCREATE TABLE users_new (id INTEGER PRIMARY KEY);\nINSERT INTO users_new SELECT id FROM users;\nDROP TABLE users;\nALTER TABLE users_new RENAME TO users;${TAIL}`,
    },
  ],
  *check(context) {
    for (const rebuild of rebuilds(context)) {
      const lost = lostIn(context, rebuild);
      if (lost.length === 0) continue;
      yield {
        statement: rebuild.drop.statement,
        span: rebuild.drop.operation.span,
        relation: { schema: rebuild.old.schema, name: rebuild.old.name },
        operation: rebuild.drop.operation,
        message: `Of the old ${rebuild.old.name}, ${lost.join(', ')} ${lost.length === 1 ? 'is' : 'are'} not made again after the rebuild.`,
      };
    }
  },
};

function lostIn(context: RuleContext, { old, drop, replacement }: Rebuild): readonly string[] {
  const last = context.statements.at(-1)?.after;
  const key = objectKey(old.schema, old.name);
  const fresh = last?.relations.get(key);
  if (last === undefined || fresh === undefined) return [];
  const columns = new Set(fresh.columns.map((column) => column.name.toLowerCase()));
  const lost: string[] = [];
  const kept = indexesOf(last, key);
  for (const index of indexesOf(drop.statement.before, key)) {
    // What a constraint brings is in the table's own text; an index on a column that goes has nothing to stand on.
    if (
      index.constraint !== undefined ||
      index.primary ||
      kept.some((other) => other.name.toLowerCase() === index.name.toLowerCase() || sameColumns(other, index)) ||
      (!index.unique && isCovered(index, [...keysOf(fresh), ...kept.filter(isWhole).map(columnsOf)]))
    )
      continue;
    if (
      index.elements.some(
        (element) => element.column !== undefined && fresh.columnsKnown && !columns.has(element.column.toLowerCase()),
      )
    )
      continue;
    lost.push(`index ${index.name}`);
  }
  for (const trigger of old.triggers)
    if (!fresh.triggers.some((other) => other.name.toLowerCase() === trigger.name.toLowerCase()))
      lost.push(`trigger ${trigger.name}`);
  const isCopy = context.statements.some((statement) =>
    statement.body.operations.some(
      (operation) => operation.kind === 'create-table-as' && operation.relation.name === replacement,
    ),
  );
  if (
    isCopy &&
    (old.constraints.length > 0 || old.columns.some((column) => column.notNull || column.default !== undefined))
  )
    lost.push('every key, NOT NULL, CHECK and default, which CREATE TABLE AS leaves out,');
  return lost;
}

/** Columns of each key that the table's own text has. */
function keysOf(relation: Relation): readonly (readonly (string | undefined)[])[] {
  return relation.constraints
    .filter((constraint) => constraint.kind === 'primary-key' || constraint.kind === 'unique')
    .map((constraint) => constraint.columns);
}

function isWhole(index: Index): boolean {
  return index.where === undefined;
}

function columnsOf(index: Index): readonly (string | undefined)[] {
  return index.elements.map((element) => element.column);
}

/** Whether another index or key begins with all columns of an index, so that it finds the same rows. */
function isCovered(index: Index, others: readonly (readonly (string | undefined)[])[]): boolean {
  const columns = columnsOf(index);
  return others.some(
    (other) =>
      other.length >= columns.length &&
      columns.every((column, place) => column !== undefined && column.toLowerCase() === other[place]?.toLowerCase()),
  );
}

function sameColumns(
  left: { readonly elements: readonly { readonly column?: string }[] },
  right: typeof left,
): boolean {
  return (
    left.elements.length === right.elements.length &&
    left.elements.every(
      (element, index) => element.column !== undefined && element.column === right.elements[index]?.column,
    )
  );
}
