import { findFunction, findIndex, findRelation } from '../../model/lookup.ts';
import { isTableAction, type TableAction } from '../../model/operation.ts';
import { sentenceName } from './unit-words.ts';
import type { PlanContext } from '../plan.ts';
import { constraintSql } from '../parts/constraint-sql.ts';
import { createIndexSql } from '../parts/index-sql.ts';
import { tableTarget } from '../parts/table-target.ts';
import type { Step } from '../step.ts';
import type { Unit } from './unit.ts';

type WayBack = Pick<Step, 'down' | 'irreversible'>;

/** What takes a statement back that is moved as it is, or why that is to be written by hand. */
export function wayBack(unit: Unit, context: PlanContext): WayBack {
  const back = unit.operations.length === 1 ? statementBack(unit, context) : undefined;
  return back === undefined
    ? { irreversible: `what takes back "${sentenceName(unit)}" is not known: write it by hand.` }
    : { down: `${back};` };
}

function statementBack({ text, operations, before }: Unit, context: PlanContext): string | undefined {
  const [operation] = operations;
  const { quoteName } = context.engine;
  if (operation === undefined) return undefined;
  const named = (name: { readonly schema?: string; readonly name: string }): string =>
    name.schema === undefined ? quoteName(name.name) : `${quoteName(name.schema)}.${quoteName(name.name)}`;
  if (isTableAction(operation)) return actionBack(operation, text, context);
  switch (operation.kind) {
    case 'create-table':
    case 'create-table-as':
      return findRelation(before, operation.relation) === undefined
        ? `DROP TABLE ${named(operation.relation)}`
        : undefined;
    case 'create-view':
      return findRelation(before, operation.relation) === undefined
        ? `DROP VIEW ${named(operation.relation)}`
        : undefined;
    case 'create-materialized-view':
      return findRelation(before, operation.relation) === undefined
        ? `DROP MATERIALIZED VIEW ${named(operation.relation)}`
        : undefined;
    case 'create-sequence':
      return `DROP SEQUENCE ${named(operation.relation)}`;
    case 'create-type':
      return `DROP ${operation.definition.kind === 'domain' ? 'DOMAIN' : 'TYPE'} ${named(operation.name)}`;
    case 'create-function':
      return findFunction(before, operation.name) === undefined && operation.argumentTypes.length === 0
        ? `DROP ${operation.procedure ? 'PROCEDURE' : 'FUNCTION'} ${named(operation.name)}()`
        : undefined;
    case 'create-trigger':
      return `DROP TRIGGER ${quoteName(operation.name)} ON ${named(operation.relation)}`;
    case 'create-index': {
      const words = operation.concurrently ? 'DROP INDEX CONCURRENTLY IF EXISTS' : 'DROP INDEX';
      const schema = operation.relation.schema === undefined ? '' : `${quoteName(operation.relation.schema)}.`;
      return operation.name === undefined ? undefined : `${words} ${schema}${quoteName(operation.name)}`;
    }
    case 'drop-index': {
      const [object] = operation.objects;
      const index = object === undefined ? undefined : findIndex(before, object);
      const relation = index === undefined ? undefined : before.relations.get(index.relationKey);
      if (index === undefined || relation === undefined || operation.objects.length > 1) return undefined;
      return createIndexSql(context, index, index.name, named(relation), { concurrently: operation.concurrently });
    }
    case 'rename-object':
      return operation.objectKind === 'type'
        ? `ALTER TYPE ${named({ ...operation.object, name: operation.newName })} RENAME TO ${quoteName(operation.object.name)}`
        : undefined;
    case 'drop-type': {
      const [object] = operation.objects;
      const type =
        object === undefined
          ? undefined
          : [...before.types.values()].find((candidate) => candidate.name === object.name);
      return object === undefined || type?.kind !== 'enum' || type.labels === undefined || operation.objects.length > 1
        ? undefined
        : `CREATE TYPE ${named(object)} AS ENUM (${type.labels.map((label) => context.engine.quoteText(label)).join(', ')})`;
    }
    case 'comment':
      return 'SELECT 1';
    default:
      return undefined;
  }
}

function actionBack(operation: TableAction, text: string, context: PlanContext): string | undefined {
  const { quoteName } = context.engine;
  const table = tableTarget(context, operation.relation);
  const { action } = operation;
  switch (action.kind) {
    case 'add-column':
      return `${table.alter} DROP COLUMN ${quoteName(action.column.name)}`;
    case 'drop-not-null':
      return `-- lockstep: allow blocking-alter because going back reads every row while nobody else may use the table\n${table.alter} ALTER COLUMN ${quoteName(action.column)} SET NOT NULL`;
    case 'set-not-null':
      if (table.relation?.columns.find(({ name }) => name === action.column)?.notNull === true) return 'SELECT 1';
      return `${table.alter} ALTER COLUMN ${quoteName(action.column)} DROP NOT NULL`;
    case 'set-default':
    case 'drop-default': {
      const old = table.relation?.columns.find((column) => column.name === action.column)?.default;
      return `${table.alter} ALTER COLUMN ${quoteName(action.column)} ${old === undefined ? 'DROP DEFAULT' : `SET DEFAULT ${old.text}`}`;
    }
    case 'add-constraint': {
      const name = action.constraint.name ?? madeConstraint(operation, text, context);
      return name === undefined ? undefined : `${table.alter} DROP CONSTRAINT ${quoteName(name)}`;
    }
    case 'drop-constraint': {
      const constraint = table.relation?.constraints.find((candidate) => candidate.name === action.constraint);
      const sql = constraint === undefined ? undefined : constraintSql(context, constraint);
      return sql === undefined
        ? undefined
        : `-- lockstep: allow blocking-alter because going back reads every row while writers wait, and fails where a row breaks it\n${table.alter} ADD ${sql}`;
    }
    case 'rename-column':
      return `${table.alter} RENAME COLUMN ${quoteName(action.newName)} TO ${quoteName(action.column)}`;
    case 'rename-constraint':
      return `${table.alter} RENAME CONSTRAINT ${quoteName(action.newName)} TO ${quoteName(action.constraint)}`;
    default:
      return undefined;
  }
}

/** The name that the server gives a constraint without one, found by folding the statement. */
function madeConstraint(operation: TableAction, text: string, context: PlanContext): string | undefined {
  const before = new Set(tableTarget(context, operation.relation).relation?.constraints.map(({ name }) => name));
  const after = context.engine.fold(
    context.schema,
    context.engine.parse(text).operations,
    { fileIndex: -1 },
    context.target,
  );
  return findRelation(after, operation.relation)?.constraints.find(({ name }) => !before.has(name))?.name;
}
