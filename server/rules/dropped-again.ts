import { findIndex, findRelation } from '../model/lookup.ts';
import type { Operation } from '../model/operation.ts';
import type { Origin } from '../model/schema.ts';
import type { Rule, RuleContext, RuleStatement } from './rule.ts';
import { subjectOf } from './facts/subject.ts';

/** Something that one unreleased migration makes and another takes away. */
export const droppedAgain: Rule = {
  code: 'dropped-again',
  title: 'What another unreleased migration makes is dropped again',
  severity: 'info',
  dialects: ['postgresql', 'sqlite'],
  why:
    'A migration that no database has yet can still be changed. ' +
    'When a later one of the same branch drops what it makes, every database does both for nothing, with the locks of both. ' +
    'Take it out of the first migration instead. Known only while a database is connected, or for `lockstep lint --base`.',
  docs: ['https://www.postgresql.org/docs/current/sql-altertable.html', 'https://www.sqlite.org/lang_altertable.html'],
  bad: [],
  good: [
    {
      title: 'In one migration',
      dialect: 'postgresql',
      sql: 'CREATE TABLE scratch (id bigint PRIMARY KEY);\nDROP TABLE scratch;',
    },
    {
      title: 'A migration that may be out already',
      dialect: 'postgresql',
      before: ['CREATE TABLE scratch (id bigint PRIMARY KEY);'],
      sql: '-- lockstep: allow drop-before-contract because nobody uses it\nDROP TABLE scratch;',
    },
  ],
  on: ['drop-table', 'drop-index', 'drop-column'],
  *check(context, statements) {
    const own = context.folder?.index;
    if (own === undefined) return;
    for (const statement of statements) {
      if (statement.direction !== 'up') continue;
      for (const operation of statement.body.operations) {
        for (const { name, span, origin } of dropped(context, statement, operation)) {
          if (
            origin === undefined ||
            origin.migration === undefined ||
            origin.fileIndex === own ||
            !context.isNewOrigin(origin) ||
            isOfChange(context, origin.migration)
          )
            continue;
          yield {
            statement,
            span,
            operation,
            message: `${name} was made by ${origin.migration}, which is not released either: take it out there instead of dropping it here.`,
          };
        }
      }
    }
  },
};

/** Whether a migration is an earlier step of the change that this one belongs to, which needs what it makes for a while. */
function isOfChange(context: RuleContext, migration: string): boolean {
  return (
    context.change !== undefined &&
    context.changeSteps.some((step) => step.changeId === context.change?.id && step.migration === migration)
  );
}

function dropped(
  context: RuleContext,
  statement: RuleStatement,
  operation: Operation,
): readonly { readonly name: string; readonly span: Operation['span']; readonly origin: Origin | undefined }[] {
  if (operation.kind === 'drop-table')
    return operation.objects.map((object) => ({
      name: object.name,
      span: object.span,
      origin: findRelation(statement.before, object)?.origin,
    }));
  if (operation.kind === 'drop-index')
    return operation.objects.map((object) => ({
      name: object.name,
      span: object.span,
      origin: findIndex(statement.before, object)?.origin,
    }));
  if (operation.kind !== 'drop-column' || operation.action.kind !== 'drop-column') return [];
  const { column, columnSpan } = operation.action;
  return [
    {
      name: `"${column}"`,
      span: columnSpan,
      origin: subjectOf(context, statement, operation.relation).relation?.columns.find(
        (candidate) => candidate.name === column,
      )?.origin,
    },
  ];
}
