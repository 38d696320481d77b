import { isVolatile } from '../../engines/postgresql/effects/volatility.ts';
import { referencedColumns } from '../../model/expression.ts';
import { childrenOf, relationKeyOf } from '../../model/lookup.ts';
import type { ColumnDefinition } from '../../model/operation.ts';
import type { Column, Relation } from '../../model/schema.ts';
import { sameType } from '../../model/type-name.ts';
import { canBeVirtual, ownWord } from '../../model/virtual-column.ts';
import { changeIdOf, limitedName, slugOf } from '../names.ts';
import { type ChangeRequest, type PlanContext, type PlanResult, type Recipe, refused } from '../plan.ts';
import type { Step } from '../step.ts';
import { backfillStep, COLUMNS_FIRST } from '../parts/backfill.ts';
import { changeInFlight, domainInTheWay } from '../parts/column-users.ts';
import { freeFunctionName } from '../parts/function-name.ts';
import { isNeverNull } from '../parts/check-truth.ts';
import { inlineConstraintSteps } from '../parts/inline-constraints.ts';
import { planRebuild } from './rebuild-table.ts';
import { requireSteps } from '../parts/require-steps.ts';
import { differs } from '../parts/sync-trigger.ts';
import { tableTarget, type TableTarget } from '../parts/table-target.ts';

/**
 * ADD COLUMN ... GENERATED ALWAYS AS (...) STORED: a plain column that a trigger computes, filled in batches. Where the
 * column is there already, the trigger takes it over.
 */
export const generatedColumn: Recipe = {
  name: 'generated-column',
  title: 'Add a computed column',
  plans: { postgresql: plan, sqlite: planRebuild },
};

function plan(request: ChangeRequest, context: PlanContext): PlanResult {
  const { operation } = request;
  if (operation.kind !== 'add-column' || operation.action.column.generated === undefined)
    return refused('This is not the addition of a generated column.');
  const { column } = operation.action;
  const table = tableTarget(context, operation.relation);
  const { relation } = table;
  if (relation === undefined || !relation.columnsKnown || !relation.detailsKnown)
    return refused(
      `The definition of ${table.shown} is in no migration here: connect to the database, so that no other trigger comes between.`,
    );
  const known = relation.columns.find((candidate) => candidate.name === column.name);
  const obstacle =
    whyNotComputed(context, table, relation, column) ??
    (known === undefined ? undefined : whyNotTaken(table, relation, column, known));
  return obstacle === undefined ? planned(context, table, relation, column, known) : refused(obstacle);
}

/** Why no trigger can compute the column; undefined where one can. */
function whyNotComputed(
  context: PlanContext,
  table: TableTarget,
  relation: Relation,
  column: ColumnDefinition,
): string | undefined {
  const { generated } = column;
  const shown = `${table.shown}."${column.name}"`;
  if (generated === undefined || !generated.stored)
    return `A VIRTUAL column is worked out when it is read and touches no row: add ${shown} alone, and what reads the table by a statement of its own.`;
  if (relation.kind !== 'table' && relation.kind !== 'partitioned-table') return `${table.shown} is no table.`;
  if (relation.partitionOf !== undefined) return `${table.shown} is a partition: change its parent.`;
  if (relation.kind === 'table' && childrenOf(context.schema, relationKeyOf(context.schema, relation)).length > 0)
    return `Other tables inherit from ${table.shown}, and a trigger would not fire for their rows: change each of them by hand.`;
  const inFlight = changeInFlight(table, relation);
  if (inFlight !== undefined) return inFlight;
  const domain = domainInTheWay(context, column.name, column.type);
  if (domain !== undefined) return domain;
  if (isVolatile(generated.expression, context.schema, context.target.version) === true)
    return `The expression of ${shown} gives another value each time, which no generated column may: use a DEFAULT.`;
  const named = referencedColumns(generated.expression.tree);
  const missing = named.find((name) => !relation.columns.some((candidate) => candidate.name === name));
  if (missing !== undefined) return `${table.shown} has no column "${missing}", from which ${shown} is to be computed.`;
  if (named.includes(column.name)) return `${shown} cannot be computed from itself.`;
  const computed = relation.columns.find(
    (candidate) => candidate.generated !== undefined && named.includes(candidate.name),
  );
  return computed === undefined
    ? undefined
    : `"${computed.name}" is generated itself, behind every trigger: put what it is made of into the expression of ${shown}.`;
}

/** Why a column that is there cannot be computed from now on; undefined where it can. */
function whyNotTaken(
  table: TableTarget,
  relation: Relation,
  column: ColumnDefinition,
  known: Column,
): string | undefined {
  const shown = `${table.shown}."${column.name}"`;
  if (known.generated !== undefined || known.identity !== undefined)
    return `${shown} is ${known.generated === undefined ? 'an identity' : 'generated'} already: drop that first.`;
  if (known.type === undefined || column.type === undefined || !sameType(known.type, column.type))
    return `${shown} is ${known.type?.display ?? 'of an unknown type'}, not ${column.type?.display ?? 'that'}: change its type first.`;
  if (relation.partitionKey?.elements.some((element) => element.column === column.name) === true)
    return `${shown} is part of the partition key, and a trigger must not move a row to another partition.`;
  return undefined;
}

function planned(
  context: PlanContext,
  table: TableTarget,
  relation: Relation,
  column: ColumnDefinition,
  known: Column | undefined,
): PlanResult {
  const { quoteName } = context.engine;
  const { type, generated } = column;
  if (type?.span === undefined || generated === undefined) return refused('The type of this column cannot be told.');
  const quoted = quoteName(column.name);
  const shown = `${table.shown}.${column.name}`;
  const written = context.statementText.slice(type.span.start, type.span.end);
  const definition = `${quoted} ${written}${column.collation === undefined ? '' : ` COLLATE ${column.collation.split('.').map(quoteName).join('.')}`}`;
  const trigger = computingTrigger(context, table, relation, quoted, column.name, generated.expression.text);
  const add = `${table.alter} ADD COLUMN ${definition};`;
  const after =
    known === undefined
      ? context.engine.fold(context.schema, context.engine.parse(add).operations, { fileIndex: -1 }, context.target)
      : context.schema;
  const constraints = inlineConstraintSteps(
    // What the trigger computes comes from what the running version writes.
    { ...context, running: after, schema: after },
    { ...table, relation: tableTarget({ ...context, schema: after }, { ...relation, span: column.span }).relation },
    context.statementText,
    column,
  );
  if (typeof constraints === 'string') return refused(constraints);
  const fill = backfillStep(context, {
    table,
    column: column.name,
    assignment: `${quoted} = ${generated.expression.text}`,
    predicate: differs(type, column.collation, quoted, `CAST(${generated.expression.text} AS ${written})`),
    requires: [],
    notes: [],
  });
  const first: Step =
    known === undefined
      ? {
          phase: 'expand',
          title: `Add ${shown}, computed by a trigger`,
          slug: slugOf('add', table.name, column.name),
          up: `${add}\n${trigger.create}`,
          down: `${trigger.drop}\n${table.alter} DROP COLUMN ${quoted};`,
          transaction: 'one',
          requires: [],
          notes: [
            ...trigger.notes,
            ...virtualNotes(context, column, definition),
            'Deploy a version that reads it when the next step has filled old rows.',
          ],
        }
      : {
          phase: 'expand',
          title: `Let a trigger compute ${shown}`,
          slug: slugOf('compute', table.name, column.name),
          up: trigger.create,
          down: trigger.drop,
          transaction: 'one',
          requires: [{ kind: 'deploy', description: `version that no longer gives ${shown} a value of its own` }],
          notes: [
            ...trigger.notes,
            'The next step writes the computed value over every other one: keep a copy if anyone may ask for them.',
          ],
        };
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf(table.name, column.name),
      title: known === undefined ? `Add computed column ${shown}` : `Compute ${shown}`,
      steps: [
        first,
        known === undefined
          ? fill
          : { ...fill, down: 'SELECT 1; -- Nothing is taken back: the values that were written over are gone.' },
        ...constraints,
        ...(column.notNull === undefined || known?.notNull === true
          ? []
          : requireSteps(
              context,
              table,
              column.name,
              isNeverNull(generated.expression.tree, (name) =>
                relation.columns.some((each) => each.name === name && each.notNull),
              )
                ? []
                : [{ kind: 'deploy', description: `version that writes no row of which ${shown} is computed as NULL` }],
            )),
      ],
    },
  };
}

/** The trigger that computes the column, behind all others that change the row before it is written. */
function computingTrigger(
  context: PlanContext,
  table: TableTarget,
  relation: Relation,
  quoted: string,
  column: string,
  expression: string,
): { readonly create: string; readonly drop: string; readonly notes: readonly string[] } {
  const { quoteName } = context.engine;
  const name = freeFunctionName(context, relation.schema, [table.name, column], 'generated', (candidate) =>
    relation.triggers.some((trigger) => trigger.name === candidate),
  );
  const routine = `${table.sql.includes('.') ? `${quoteName(relation.schema)}.` : ''}${quoteName(name)}`;
  const others = relation.triggers
    .filter((trigger) => trigger.timing === 'before' && trigger.forEachRow)
    .map((trigger) => trigger.name);
  // PostgreSQL fires triggers of one kind in the order of their names' bytes.
  const own = others.some((other) => other > name) ? limitedName(['~'], name.slice(0, 55)) : name;
  return {
    create: [
      `CREATE FUNCTION ${routine}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $lockstep$`,
      COLUMNS_FIRST,
      'BEGIN',
      `  NEW.${quoted} := (SELECT ${expression} FROM (SELECT NEW.*) AS ${quoteName(table.name)});`,
      '  RETURN NEW;',
      'END',
      '$lockstep$;',
      `CREATE TRIGGER ${quoteName(own)} BEFORE INSERT OR UPDATE ON ${table.sql} FOR EACH ROW EXECUTE FUNCTION ${routine}();`,
    ].join('\n'),
    drop: `DROP TRIGGER ${quoteName(own)} ON ${table.sql};\nDROP FUNCTION ${routine}();`,
    notes: [
      `${column} is a plain column that the trigger ${own} keeps, not GENERATED: PostgreSQL makes no column GENERATED STORED without writing the table anew. What a writer gives it is replaced by the expression.`,
      others.length === 0
        ? 'A trigger that changes the row before it is written must have a name that sorts before this one.'
        : `It fires behind ${others.join(', ')}, by their names; one that comes later must sort before it too.`,
    ],
  };
}

/** Whether PostgreSQL 18 allows a virtual column in place of the stored one, which touches no row. */
function virtualNotes(context: PlanContext, column: ColumnDefinition, definition: string): readonly string[] {
  if (!canBeVirtual(context.engine.product, context.target.version) || column.generated === undefined) return [];
  const own = ownWord(context.schema, column);
  if (own !== undefined)
    return [`VIRTUAL, which touches no row, is not possible: it allows built-in functions and types only, not ${own}.`];
  return [
    `Without an index on it no step is needed: ADD COLUMN ${definition} GENERATED ALWAYS AS (${column.generated.expression.text}) VIRTUAL touches no row, and is worked out when it is read.`,
  ];
}
