import { findRelation, indexesOf, partitionsOf, relationKeyOf } from '../../model/lookup.ts';
import type { Expression } from '../../model/expression.ts';
import type { Index } from '../../model/schema.ts';
import { changeIdOf, freeName, limitedName, slugOf } from '../names.ts';
import type { ChangeRequest, PlanContext, PlanResult, Recipe } from '../plan.ts';
import type { Step } from '../step.ts';
import { boundConditions } from '../parts/partition-bound.ts';
import { afterDeploy, meetsCheck } from '../parts/running-version.ts';
import { tableTarget, type TableTarget } from '../parts/table-target.ts';
import { addedStep, checkedStep, READS_EVERY_ROW } from '../parts/late-constraint.ts';

/** First PostgreSQL major with DETACH PARTITION ... CONCURRENTLY. Source: PostgreSQL 14 release notes. */
export const DETACH_CONCURRENTLY_SINCE = 14;

/** ATTACH PARTITION: a validated CHECK proves the bound first, so that no row is read under the lock. */
export const attachPartition: Recipe = {
  name: 'attach-partition',
  title: 'Attach a partition',
  plans: { postgresql: plan, sqlite: 'SQLite has no partitioned tables.' },
};

function plan({ operation }: ChangeRequest, context: PlanContext): PlanResult {
  if (operation.kind !== 'attach-partition')
    return { kind: 'refused', reason: 'This is not the attaching of a partition.' };
  const { partition: name, bound } = operation.action;
  const parent = tableTarget(context, operation.relation);
  const part = tableTarget(context, name);
  if (
    parent.relation === undefined ||
    part.relation === undefined ||
    !parent.relation.detailsKnown ||
    !part.relation.detailsKnown
  ) {
    return {
      kind: 'refused',
      reason: `The definition of ${parent.shown} or of ${part.shown} is in no migration here: connect to the database.`,
    };
  }
  const conditions = boundConditions(context, parent.relation.partitionKey, bound);
  if (typeof conditions === 'string') return { kind: 'refused', reason: conditions };
  const missing = missingIndex(context, parent, part);
  if (missing !== undefined)
    return {
      kind: 'refused',
      reason: `${part.shown} has no index that matches "${missing.name}" of ${parent.shown}, which ATTACH would build while nobody can use ${part.shown}: build it first${missing.constraint === undefined ? '' : ', as a constraint'}.`,
    };
  const key = parent.relation.constraints.find(
    (constraint) =>
      constraint.kind === 'foreign-key' &&
      part.relation?.constraints.every(
        (own) =>
          own.kind !== 'foreign-key' ||
          own.columns.join() !== constraint.columns.join() ||
          own.references?.key !== constraint.references?.key,
      ) === true,
  );
  if (key !== undefined)
    return {
      kind: 'refused',
      reason: `${part.shown} has no foreign key that matches "${key.name}" of ${parent.shown}, which ATTACH would check for every row: add it first.`,
    };
  const bare = partitionsOf(context.schema, relationKeyOf(context.schema, operation.relation)).find(
    (candidate) => candidate.relation.partitionOf?.bound.kind === 'default',
  );
  const proofs: Proof[] = [proofOf(context, part, conditions.inside, 'bound')];
  if (bare !== undefined) {
    const { schema, name: defaultName } = bare.relation;
    proofs.push(
      proofOf(
        context,
        tableTarget(context, {
          ...(operation.relation.schema === undefined ? {} : { schema }),
          name: defaultName,
          span: name.span,
        }),
        conditions.outside,
        `without_${part.name}`,
      ),
    );
  }
  const statement = context.statementText.slice(operation.span.start, operation.span.end).trim();
  const attach = `${parent.alter} ${statement.replace(/^[^]*?(?=attach\s+partition)/i, '')}`;
  return {
    kind: 'planned',
    plan: {
      id: changeIdOf('attach', part.name),
      title: `Attach ${part.shown} to ${parent.shown}`,
      steps: [
        ...afterDeploy(
          proofs.flatMap((proof) => proof.steps),
          proofs.every((proof) => proof.isMet),
          `version that writes no row of ${part.shown} out of its bounds${bare === undefined ? '' : `, and none of ${parent.shown} within them until it is attached`}`,
        ),
        {
          phase: 'contract',
          title: `Attach ${part.shown} to ${parent.shown}`,
          slug: slugOf('attach', part.name),
          up: `${attach};`,
          down: `${context.target.version < DETACH_CONCURRENTLY_SINCE ? '' : '-- lockstep: allow blocking-partition because DETACH CONCURRENTLY would leave a CHECK behind\n'}${parent.alter} DETACH PARTITION ${part.sql};`,
          transaction: 'one',
          requires: [],
          notes: ['The validated checks prove the bound, so no row is read.'],
        },
        ...proofs.map(
          (proof): Step => ({
            phase: 'contract',
            title: `Drop the check of ${proof.table.shown}`,
            slug: slugOf('drop', proof.name),
            up: `${proof.drop};`,
            down: `${proof.add} NOT VALID;`,
            transaction: 'one',
            requires: [],
            notes: ['The bound itself holds from here on.'],
          }),
        ),
      ],
    },
  };
}

interface Proof {
  readonly table: TableTarget;
  readonly name: string;
  readonly add: string;
  readonly drop: string;
  readonly steps: readonly Step[];
  /** No write of the running version breaks it. */
  readonly isMet: boolean;
}

function proofOf(context: PlanContext, table: TableTarget, condition: string, suffix: string): Proof {
  const name = freeName(
    limitedName([table.name], suffix),
    new Set(table.relation?.constraints.map((constraint) => constraint.name) ?? []),
  );
  const quoted = context.engine.quoteName(name);
  const add = `${table.alter} ADD CONSTRAINT ${quoted} CHECK (${condition})`;
  const drop = `${table.alter} DROP CONSTRAINT ${quoted}`;
  const late = { alter: table.alter, name: quoted, add: `${add} NOT VALID;` };
  return {
    table,
    name,
    add,
    drop,
    isMet: meetsCheck(context, table.relation ?? { name: table.name }, checkOf(context, add)),
    steps: [
      addedStep('expand', late, {
        title: `Check new rows of ${table.shown} against the bound`,
        slug: slugOf('add', name),
        notes: ['From here on no row can be written that breaks it.'],
      }),
      checkedStep('expand', late, {
        title: `Check old rows of ${table.shown} against the bound`,
        slug: slugOf('validate', name),
        notes: [`${READS_EVERY_ROW} It fails if an old row breaks the bound: move the row, then run it again.`],
      }),
    ],
  };
}

/** The condition of a statement that adds a check. */
function checkOf({ engine }: PlanContext, sql: string): Expression | undefined {
  const [operation] = engine.parse(sql).operations;
  return operation?.kind === 'add-constraint' ? operation.action.constraint.expression : undefined;
}

/** An index of the parent that the partition has none like. */
function missingIndex(context: PlanContext, parent: TableTarget, part: TableTarget): Index | undefined {
  const own =
    part.relation === undefined ? [] : indexesOf(context.schema, relationKeyOf(context.schema, part.relation));
  const shape = (index: Index): string =>
    JSON.stringify([
      index.unique,
      index.constraint !== undefined,
      index.primary,
      index.method,
      index.include,
      index.where?.text ?? '',
      index.nullsNotDistinct,
      index.elements.map((element) => [
        element.column ?? element.expression?.text,
        element.collation ?? '',
        element.operatorClass ?? '',
        element.descending === true,
        element.nullsFirst ?? '',
      ]),
    ]);
  const shapes = new Set(own.map(shape));
  return indexesOf(
    context.schema,
    parent.relation === undefined ? '' : relationKeyOf(context.schema, parent.relation),
  ).find((index) => !shapes.has(shape(index)));
}

/** Whether a partitioned table has a partition for what no other one takes. */
export function hasDefaultPartition(context: PlanContext, table: TableTarget): boolean {
  const relation = table.relation === undefined ? undefined : findRelation(context.schema, table.relation);
  return (
    relation !== undefined &&
    partitionsOf(context.schema, relationKeyOf(context.schema, relation)).some(
      (candidate) => candidate.relation.partitionOf?.bound.kind === 'default',
    )
  );
}
