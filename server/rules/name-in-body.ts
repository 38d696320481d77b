import {
  bodiesNamingColumn,
  bodiesNamingTable,
  columnsNamed,
  type NamingBody,
  rowReference,
} from '../model/body-names.ts';
import { findRelation, sameName } from '../model/lookup.ts';
import type { Operation } from '../model/operation.ts';
import type { Relation, Trigger } from '../model/schema.ts';
import { subjectOf } from './facts/subject.ts';
import type { Rule, RuleContext, RuleFinding, RuleStatement } from './rule.ts';

const NOTES = `CREATE TABLE notes (id bigint PRIMARY KEY, owner text NOT NULL);
CREATE TABLE audit (note_id bigint, who text);
CREATE FUNCTION audit_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit VALUES (NEW.id, NEW.owner); RETURN NEW; END $$;
CREATE TRIGGER audit_note AFTER INSERT OR UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION audit_note();`;

const SQLITE_NOTES = `CREATE TABLE notes (id INTEGER PRIMARY KEY, owner TEXT, body TEXT);
CREATE TABLE owners (name TEXT);
CREATE TABLE audit (what TEXT);
CREATE TRIGGER owners_first AFTER INSERT ON owners BEGIN UPDATE notes SET owner = NEW.name; END;
CREATE TRIGGER audit_note AFTER INSERT ON notes BEGIN INSERT INTO audit VALUES (NEW.body); END;`;

/** A drop or rename of what a function's body names: the body stays as it is and fails when it runs. */
export const nameInBody: Rule = {
  code: 'name-in-body',
  title: 'A function or trigger names in its body what goes or gets another name',
  severity: 'error',
  dialects: ['postgresql', 'sqlite'],
  why:
    'PostgreSQL keeps the body of a function as a text, and does not follow what it names: after a rename or drop the function stays as it is, and fails when it runs. ' +
    'Where a trigger runs it, every write that fires the trigger fails with it. ' +
    'Replace the function by one that no longer names it, before the change or in the same transaction. ' +
    'SQLite follows what gets another name, but not what goes: it refuses to drop a column that a trigger reads, and drops one that a trigger of another table writes, or a table, without a word.',
  docs: [
    'https://www.postgresql.org/docs/current/plpgsql-trigger.html',
    'https://www.postgresql.org/docs/current/ddl-depend.html',
    'https://www.sqlite.org/lang_altertable.html#altertabdropcol',
  ],
  bad: [
    {
      title: 'A column that a trigger function reads',
      dialect: 'postgresql',
      before: [NOTES],
      sql: 'ALTER TABLE notes <|DROP COLUMN owner|>;',
    },
    {
      title: 'A new name for it',
      dialect: 'postgresql',
      before: [NOTES],
      sql: 'ALTER TABLE notes <|RENAME COLUMN owner TO author|>;',
    },
    {
      title: 'A table that a function writes',
      dialect: 'postgresql',
      before: [NOTES],
      sql: '<|DROP TABLE audit|>;',
    },
    {
      title: 'A column that a trigger of another table writes',
      dialect: 'sqlite',
      before: [SQLITE_NOTES],
      sql: '<|ALTER TABLE notes DROP COLUMN owner|>;',
    },
    {
      title: 'A column that a trigger reads',
      dialect: 'sqlite',
      before: [SQLITE_NOTES],
      sql: '<|ALTER TABLE notes DROP COLUMN body|>;',
    },
    {
      title: 'A table that a trigger of another table writes',
      dialect: 'sqlite',
      before: [SQLITE_NOTES],
      sql: '<|DROP TABLE notes|>;',
    },
  ],
  good: [
    {
      title: 'The function replaced in the same transaction',
      dialect: 'postgresql',
      before: [NOTES],
      sql: 'ALTER TABLE notes RENAME COLUMN owner TO author;\nCREATE OR REPLACE FUNCTION audit_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit VALUES (NEW.id, NEW.author); RETURN NEW; END $$;',
    },
    {
      title: 'The function and its trigger dropped before',
      dialect: 'postgresql',
      before: [NOTES],
      sql: 'DROP TRIGGER audit_note ON notes;\nDROP FUNCTION audit_note();\nALTER TABLE notes DROP COLUMN owner;',
    },
    {
      title: 'A column of that name in another table',
      dialect: 'postgresql',
      before: [`${NOTES}\nCREATE TABLE boards (id bigint PRIMARY KEY, owner text);`],
      sql: 'ALTER TABLE boards DROP COLUMN owner;',
    },
    {
      title: 'A column that the function does not name',
      dialect: 'postgresql',
      before: [NOTES],
      sql: 'ALTER TABLE audit DROP COLUMN who;',
    },
    {
      title: 'A new name, which triggers follow',
      dialect: 'sqlite',
      before: [SQLITE_NOTES],
      sql: 'ALTER TABLE notes RENAME COLUMN owner TO author;',
    },
    {
      title: 'The trigger dropped before',
      dialect: 'sqlite',
      before: [SQLITE_NOTES],
      sql: 'DROP TRIGGER owners_first;\nALTER TABLE notes DROP COLUMN owner;',
    },
    {
      title: 'A table and what its own trigger names',
      dialect: 'sqlite',
      before: [SQLITE_NOTES],
      sql: 'DROP TRIGGER owners_first;\nDROP TABLE notes;',
    },
    {
      title: 'A table made anew under its name',
      dialect: 'sqlite',
      before: [SQLITE_NOTES],
      sql: 'CREATE TABLE notes_new (id INTEGER PRIMARY KEY, owner TEXT, body TEXT, state TEXT);\nINSERT INTO notes_new (id, owner, body) SELECT id, owner, body FROM notes;\nDROP TABLE notes;\nALTER TABLE notes_new RENAME TO notes;',
    },
  ],
  on: ['drop-column', 'rename-column', 'rename-table', 'drop-table', 'drop-view'],
  *check(context, statements) {
    for (const statement of statements) {
      if (statement.direction === 'up' && !context.engine.product.catalog.tracksDependants) {
        for (const operation of statement.body.operations) yield* triggersNaming(context, statement, operation);
        continue;
      }
      if (statement.direction !== 'up' || statement.before.functions.size === 0) continue;
      for (const operation of statement.body.operations) yield* findingsOf(context, statement, operation);
    }
  },
};

function* findingsOf(
  context: RuleContext,
  statement: RuleStatement,
  operation: Operation,
): IterableIterator<RuleFinding> {
  if (operation.kind === 'drop-table' || operation.kind === 'drop-view') {
    for (const object of operation.objects) {
      const relation = findRelation(statement.before, object);
      if (relation === undefined) continue;
      yield* said(context, statement, operation, relation, bodiesNamingTable(statement.before, relation), undefined);
    }
    return;
  }
  if (operation.kind !== 'drop-column' && operation.kind !== 'rename-column' && operation.kind !== 'rename-table')
    return;
  const { action } = operation;
  const relation = findRelation(statement.before, operation.relation);
  if (relation === undefined || !subjectOf(context, statement, operation.relation).isInUse) return;
  if (action.kind === 'rename-table') {
    yield* said(context, statement, operation, relation, bodiesNamingTable(statement.before, relation), undefined);
    return;
  }
  if (action.kind !== 'drop-column' && action.kind !== 'rename-column') return;
  const bodies = bodiesNamingColumn(statement.before, relation, action.column);
  yield* said(context, statement, operation, relation, bodies, action.column);
}

/** Where there are no functions: triggers, which follow a new name and not a drop. */
function* triggersNaming(
  context: RuleContext,
  statement: RuleStatement,
  operation: Operation,
): IterableIterator<RuleFinding> {
  const { before } = statement;
  const column = operation.kind === 'drop-column' ? operation.action.column : undefined;
  const dropped =
    operation.kind === 'drop-column'
      ? [operation.relation]
      : operation.kind === 'drop-table' || operation.kind === 'drop-view'
        ? operation.objects
        : [];
  for (const name of dropped) {
    const relation = findRelation(before, name);
    if (relation === undefined) continue;
    for (const holder of before.relations.values())
      for (const trigger of holder.triggers) {
        // The triggers of a table go with it.
        const use =
          column === undefined
            ? holder !== relation &&
              trigger.touches?.some((other) => sameName(before.product, other, relation.name)) === true
              ? 'fails'
              : undefined
            : triggerUse(context, statement, trigger, holder, relation, column);
        if (use === undefined || isMendedLater(context, statement, trigger, relation, column)) continue;
        const shown = column === undefined ? relation.name : `"${column}" of ${relation.name}`;
        const events = trigger.events.map((event) => event.toUpperCase()).join(' and ');
        yield {
          statement,
          span: operation.span,
          relation: { schema: relation.schema, name: relation.name },
          operation,
          message:
            use === 'refused'
              ? `SQLite refuses this, for the trigger ${trigger.name} of ${holder.name} reads ${shown}: drop the trigger before, and make one again that does without.`
              : `The trigger ${trigger.name} of ${holder.name} names ${shown}, which SQLite does not look at here: every ${events} of ${holder.name} that fires it fails from here on. Drop the trigger before, and make one again that does without.`,
        };
      }
  }
}

/** What becomes of the drop of a column that a trigger names. */
function triggerUse(
  context: RuleContext,
  { before }: RuleStatement,
  { sql }: Trigger,
  holder: Relation,
  relation: Relation,
  column: string,
): 'refused' | 'fails' | undefined {
  if (sql === undefined) return undefined;
  const made = context.engine.parse(sql).operations.find((operation) => operation.kind === 'create-trigger');
  if (holder === relation && rowReference(column).test(sql)) return 'refused';
  let use: 'refused' | 'fails' | undefined;
  for (const operation of made?.body ?? []) {
    if (!columnsNamed(operation, before, relation).some((named) => sameName(before.product, named, column))) continue;
    // Columns that are written are looked up when it fires; what is read, when the schema changes.
    const isWritten =
      (operation.kind === 'insert-rows' || operation.kind === 'update-rows') &&
      findRelation(before, operation.relation) === relation &&
      operation.columns?.some((named) => sameName(before.product, named, column)) === true;
    const isRead =
      'query' in operation &&
      operation.query?.columns.some(({ name }) => sameName(before.product, name, column)) === true;
    if (!isWritten || isRead) return 'refused';
    use = 'fails';
  }
  return use;
}

/** Whether the trigger, or what it names, is back before anybody sees the difference. */
function isMendedLater(
  context: RuleContext,
  statement: RuleStatement,
  trigger: Trigger,
  relation: Relation,
  column: string | undefined,
): boolean {
  return context.statements.some(
    (later) =>
      later.index > statement.index &&
      later.body.operations.some(
        (operation) =>
          (operation.kind === 'drop-trigger' && operation.objects.some(({ name }) => name === trigger.name)) ||
          (column === undefined &&
            operation.kind === 'drop-table' &&
            operation.objects.some(({ name }) => name === relation.name)) ||
          (column === undefined &&
            operation.kind === 'rename-table' &&
            operation.action.kind === 'rename-table' &&
            operation.action.newName === relation.name) ||
          (column === undefined && operation.kind === 'create-table' && operation.relation.name === relation.name),
      ),
  );
}

function* said(
  context: RuleContext,
  statement: RuleStatement,
  operation: Operation,
  relation: Relation,
  bodies: readonly NamingBody[],
  column: string | undefined,
): IterableIterator<RuleFinding> {
  for (const body of bodies) {
    if (isMended(context, statement, body, relation, column)) continue;
    const name = column === undefined ? relation.name : `"${column}" of ${relation.name}`;
    const fires =
      body.trigger === undefined
        ? 'every call of it that comes there fails'
        : `every ${body.trigger.events.map((event) => event.toUpperCase()).join(' and ')} that fires the trigger ${body.trigger.name} fails`;
    yield {
      statement,
      span: operation.span,
      relation: { schema: relation.schema, name: relation.name },
      operation,
      message: `The function ${body.shown} names ${name} in its body, which PostgreSQL does not follow: ${fires} from here on. Replace the function before, or in the same transaction.`,
    };
  }
}

/** Whether the same migration replaces or drops the function later, or puts something in the place of what it names, before anybody sees it. */
function isMended(
  context: RuleContext,
  statement: RuleStatement,
  body: NamingBody,
  relation: Relation,
  column: string | undefined,
): boolean {
  if (statement.transaction === 'none') return false;
  return context.statements.some(
    (later) =>
      later.index > statement.index &&
      later.body.operations.some(
        (operation) =>
          (operation.kind === 'create-function' && operation.name.name === body.name) ||
          (operation.kind === 'drop-function' && operation.objects.some((object) => object.name === body.name)) ||
          (operation.kind === 'drop-trigger' &&
            operation.objects.some((object) => object.name === body.trigger?.name)) ||
          // A view or column of the old name.
          (column === undefined && operation.kind === 'create-view' && operation.relation.name === relation.name) ||
          (column !== undefined &&
            operation.kind === 'rename-column' &&
            operation.action.kind === 'rename-column' &&
            operation.relation.name === relation.name &&
            operation.action.newName === column) ||
          (column === undefined &&
            operation.kind === 'rename-table' &&
            operation.action.kind === 'rename-table' &&
            operation.action.newName === relation.name),
      ),
  );
}
