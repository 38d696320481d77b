import { findIndex, indexesOf } from '../../model/lookup.ts';
import type { CreateIndex } from '../../model/operation.ts';
import type { Index } from '../../model/schema.ts';
import { freeName, limitedName, slugOf } from '../names.ts';
import type { PlanContext } from '../plan.ts';
import { tableTarget } from '../parts/table-target.ts';
import type { Step } from '../step.ts';
import { conflicts, touchesOf } from './touches.ts';
import type { Unit } from './unit.ts';

type Context = Pick<PlanContext, 'engine' | 'target'>;

interface Planned {
  readonly unit: Unit;
  readonly steps?: readonly Step[] | undefined;
}

/**
 * The units with an index that is dropped and made again otherwise under its own name built beside the old one first, so that
 * queries find one at every moment: under another name, which it loses when the old one is gone.
 */
export function withReplacedIndexes<Each extends Planned>(planned: readonly Each[], context: Context): readonly Each[] {
  if (!context.engine.product.capabilities.buildsConcurrently) return planned;
  const found = [...planned];
  for (const [position, drop] of planned.entries()) {
    const old = droppedIndex(drop);
    if (old === undefined) continue;
    const next = planned.findIndex((each, index) => index > position && makesAgain(each, old) !== undefined);
    const create = planned[next];
    const operation = create === undefined ? undefined : makesAgain(create, old);
    if (create === undefined || operation === undefined) continue;
    const own = touchesOf(`${drop.unit.text};\n${create.unit.text};`, drop.unit.before, context);
    const isBetween = planned
      .slice(position + 1, next)
      .some(({ unit }) => conflicts(touchesOf(unit.text, unit.before, context), own));
    const steps = isBetween ? undefined : replacing(drop, create, operation, context);
    if (steps === undefined) continue;
    found[position] = { ...drop, steps: [] };
    found[next] = { ...create, steps };
  }
  return found;
}

function droppedIndex({ unit, steps }: Planned): Index | undefined {
  const [operation, ...others] = unit.operations;
  if (operation?.kind !== 'drop-index' || others.length > 0 || steps?.length !== 1) return undefined;
  const [object] = operation.objects;
  return object === undefined || operation.objects.length > 1 ? undefined : findIndex(unit.before, object);
}

/** The statement that makes the index again; undefined where the old one does what the new one is for, and so is no gap. */
function makesAgain({ unit, steps }: Planned, old: Index): CreateIndex | undefined {
  const [operation, ...others] = unit.operations;
  if (operation?.kind !== 'create-index' || others.length > 0 || steps?.length !== 1) return undefined;
  const isCovered =
    !operation.unique && operation.elements.every(({ column }, at) => column === old.elements[at]?.column);
  return operation.name === old.name && !isCovered ? operation : undefined;
}

const BUILDS = /^(CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+)("(?:[^"]|"")+"|[^\s"(]+)/i;
const DROPS = /^DROP\s+INDEX\s+CONCURRENTLY\b/i;

function replacing(
  drop: Planned,
  create: Planned,
  operation: CreateIndex,
  context: Context,
): readonly Step[] | undefined {
  const [[dropping], [building]] = [drop.steps ?? [], create.steps ?? []];
  const { name, relation } = operation;
  if (dropping === undefined || building === undefined || name === undefined || !DROPS.test(dropping.up))
    return undefined;
  const { quoteName } = context.engine;
  const table = tableTarget({ ...context, schema: create.unit.before, statementText: create.unit.text }, relation);
  const key = table.relation === undefined ? undefined : `${table.relation.schema}\u0000${table.relation.name}`;
  const taken = new Set(key === undefined ? [] : indexesOf(create.unit.before, key).map((index) => index.name));
  const twin = freeName(limitedName([name], 'next'), taken);
  const up = building.up.replace(BUILDS, (_, head: string) => `${head}${quoteName(twin)}`);
  if (up === building.up) return undefined;
  const schema = relation.schema === undefined ? '' : `${quoteName(relation.schema)}.`;
  return [
    {
      ...building,
      title: `Build index ${name} beside the old one`,
      up,
      down: `DROP INDEX CONCURRENTLY IF EXISTS ${schema}${quoteName(twin)};`,
    },
    { ...dropping, requires: [] },
    {
      phase: 'contract',
      title: `Give index ${name} its name`,
      slug: slugOf('name', name),
      up: `ALTER INDEX ${schema}${quoteName(twin)} RENAME TO ${quoteName(name)};`,
      down: `ALTER INDEX ${schema}${quoteName(name)} RENAME TO ${quoteName(twin)};`,
      transaction: 'one',
      requires: [],
      notes: ['Locks the index for a moment, and keeps nobody from reading or writing.'],
    },
  ];
}
