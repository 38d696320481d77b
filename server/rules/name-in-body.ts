import { bodiesNamingColumn, bodiesNamingTable, type NamingBody } from '../model/body-names.ts';
import { findRelation } from '../model/lookup.ts';
import type { Operation } from '../model/operation.ts';
import type { Relation } from '../model/schema.ts';
import { statementsWith } from './facts/operation-index.ts';
import { subjectOf } from './facts/subject.ts';
import type { Rule, RuleContext, RuleFinding, RuleStatement } from './rule.ts';

const NOTES = `CREATE TABLE notes (id bigint PRIMARY KEY, owner text NOT NULL);
CREATE TABLE audit (note_id bigint, who text);
CREATE FUNCTION audit_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit VALUES (NEW.id, NEW.owner); RETURN NEW; END $$;
CREATE TRIGGER audit_note AFTER INSERT OR UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION audit_note();`;

/** A drop or rename of what a function's body names: the body stays as it is and fails when it runs. */
export const nameInBody: Rule = {
  code: 'name-in-body',
  title: 'A function names in its body what goes or gets another name',
  severity: 'error',
  dialects: ['postgresql'],
  why:
    'PostgreSQL keeps the body of a function as a text, and does not follow what it names: after a rename or drop the function stays as it is, and fails when it runs. ' +
    'Where a trigger runs it, every write that fires the trigger fails with it. ' +
    'Replace the function by one that no longer names it, before the change or in the same transaction.',
  docs: [
    'https://www.postgresql.org/docs/current/plpgsql-trigger.html',
    'https://www.postgresql.org/docs/current/ddl-depend.html',
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
  ],
  *check(context) {
    for (const statement of statementsWith(
      context,
      'drop-column',
      'rename-column',
      'rename-table',
      'drop-table',
      'drop-view',
    )) {
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
