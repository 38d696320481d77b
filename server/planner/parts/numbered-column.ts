import { findIndex, findRelation, findSequence } from '../../model/lookup.ts';
import type { ColumnDefinition } from '../../model/operation.ts';
import { changeIdOf, slugOf } from '../names.ts';
import type { PlanContext, PlanResult } from '../plan.ts';
import type { Step } from '../step.ts';
import { backfillStep } from './backfill.ts';
import { inlineConstraintSteps } from './inline-constraints.ts';
import { requireSteps } from './require-steps.ts';
import { tableTarget, type TableTarget } from './table-target.ts';

/** Beyond it PostgreSQL shortens the name that it gives a column's sequence: 63 bytes, which these characters may take. */
const LONGEST_SEQUENCE_NAME = 30;

/** ADD COLUMN ... serial or AS IDENTITY: a sequence numbers new rows at once, old ones in batches. */
export function numberedColumn(context: PlanContext, table: TableTarget, column: ColumnDefinition): PlanResult {
  const { quoteName } = context.engine;
  const name = `${table.name}_${column.name}_seq`;
  const type = column.type?.display;
  const schema = table.relation?.schema;
  if (type === undefined || schema === undefined || name.length > LONGEST_SEQUENCE_NAME)
    return {
      kind: 'refused',
      reason: `The name of the sequence of "${column.name}" cannot be told: connect to the database, or make the sequence by a statement of its own first.`,
    };
  const isTaken = (wanted: string): boolean =>
    findRelation(context.schema, { schema, name: wanted }) !== undefined ||
    findSequence(context.schema, { schema, name: wanted }) !== undefined ||
    findIndex(context.schema, { schema, name: wanted }) !== undefined;
  const own = column.identity === undefined ? name : `${table.name}_${column.name}_fill`;
  if (isTaken(name) || isTaken(own))
    return {
      kind: 'refused',
      reason: `There is a relation "${isTaken(name) ? name : own}" already: choose another name for the column, or give that one another.`,
    };
  const sql = (wanted: string): string => `${quoteName(schema)}.${quoteName(wanted)}`;
  const next = `nextval(${context.engine.quoteText(sql(own))})`;
  const quoted = quoteName(column.name);
  const constraints = constraintSteps(context, table, column, `${quoted} ${type} NOT NULL`);
  if (typeof constraints === 'string') return { kind: 'refused', reason: constraints };
  const steps: Step[] = [
    {
      phase: 'expand',
      title: `Add ${table.shown}.${column.name}, numbered for new rows`,
      slug: slugOf('add', table.name, column.name),
      up: [
        `CREATE SEQUENCE ${sql(own)} AS ${type};`,
        `${table.alter} ADD COLUMN ${quoted} ${type};`,
        `${table.alter} ALTER COLUMN ${quoted} SET DEFAULT ${next};`,
        `ALTER SEQUENCE ${sql(own)} OWNED BY ${table.sql}.${quoted};`,
      ].join('\n'),
      down: `${table.alter} DROP COLUMN ${quoted};`,
      transaction: 'one',
      requires: [],
      notes: [
        'Rows written from here on get a number, by whatever version; old rows stay empty until the next step. The sequence goes with its column.',
      ],
    },
    backfillStep(context, {
      table,
      column: column.name,
      assignment: `${quoted} = ${next}`,
      predicate: `${quoted} IS NULL`,
      requires: [],
      notes: [],
    }),
    ...requireSteps(context, table, column.name, []),
    ...constraints,
  ];
  if (column.identity !== undefined) {
    steps.push({
      phase: 'contract',
      title: `Let ${table.shown}.${column.name} be an identity`,
      slug: slugOf('identity', table.name, column.name),
      up: [
        `ALTER SEQUENCE ${sql(own)} OWNED BY NONE;`,
        `${table.alter} ALTER COLUMN ${quoted} DROP DEFAULT;`,
        `${table.alter} ALTER COLUMN ${quoted} ADD GENERATED ${column.identity.always ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY;`,
        `SELECT setval(${context.engine.quoteText(sql(name))}, last_value, is_called) FROM ${sql(own)};`,
        `DROP SEQUENCE ${sql(own)};`,
      ].join('\n'),
      down: [
        `CREATE SEQUENCE ${sql(own)} AS ${type};`,
        `SELECT setval(${context.engine.quoteText(sql(own))}, last_value, is_called) FROM ${sql(name)};`,
        `${table.alter} ALTER COLUMN ${quoted} DROP IDENTITY;`,
        `${table.alter} ALTER COLUMN ${quoted} SET DEFAULT ${next};`,
        `ALTER SEQUENCE ${sql(own)} OWNED BY ${table.sql}.${quoted};`,
      ].join('\n'),
      transaction: 'one',
      requires: column.identity.always
        ? [{ kind: 'deploy', description: `version that never gives ${table.shown}.${column.name} a value itself` }]
        : [],
      notes: ["The identity's own sequence goes on where the one that filled the column stands."],
    });
  }
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf(table.name, column.name),
      title: `Add numbered column ${table.shown}.${column.name}`,
      steps,
    },
  };
}

/** What is written behind the column, once each row has its number. */
function constraintSteps(
  context: PlanContext,
  table: TableTarget,
  column: ColumnDefinition,
  definition: string,
): readonly Step[] | string {
  const { engine, target, statementText } = context;
  const added = engine.parse(`${table.alter} ADD COLUMN ${definition}`).operations;
  const schema = engine.fold(context.schema, added, { fileIndex: -1 }, target);
  const relation =
    table.relation === undefined
      ? undefined
      : tableTarget({ ...context, schema }, { ...table.relation, span: column.span }).relation;
  const steps = inlineConstraintSteps(
    { ...context, running: context.running ?? context.schema, schema },
    { ...table, relation },
    statementText,
    column,
  );
  return typeof steps === 'string' ? steps : steps.map((step) => ({ ...step, phase: 'contract' }));
}
