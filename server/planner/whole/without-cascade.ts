import { isTableAction, type Operation } from '../../model/operation.ts';
import type { Relation, Schema } from '../../model/schema.ts';
import type { PlanContext } from '../plan.ts';
import type { Unit } from './unit.ts';

type Context = Pick<PlanContext, 'engine' | 'target'>;

/** A drop that goes with a CASCADE: its text, and whether the running version may use what it drops. */
interface Lost {
  readonly text: string;
  readonly isUsed: boolean;
}

/**
 * A drop with CASCADE as the drops of the views and foreign keys that go with it, each before what it needs, and the drop
 * without the word. Undefined for any other statement, and where something else goes along, which a person has to decide on.
 */
export function withoutCascade(unit: Unit, context: Context): readonly Unit[] | undefined {
  const [operation] = unit.operations;
  if (operation === undefined || unit.operations.length > 1 || !cascades(operation)) return undefined;
  const after = context.engine.fold(unit.before, unit.operations, { fileIndex: -1 }, context.target);
  const lost = lostBy(operation, unit.before, after, context);
  const last = unit.text.replace(/\s+cascade\s*$/i, '');
  if (lost === undefined || lost.length === 0 || last === unit.text) return undefined;
  const units: Unit[] = [];
  let schema = unit.before;
  for (const { text, isUsed, isLast } of [...lost, { text: last, isUsed: false, isLast: true }].map((each) => ({
    isLast: false,
    ...each,
  }))) {
    const { operations } = context.engine.parse(text);
    const [own] = operations;
    if (own === undefined || operations.length > 1) return undefined;
    units.push({
      statement: unit.statement,
      text,
      operations,
      written: isLast ? unit.written : [],
      before: schema,
      objections: isLast
        ? unit.objections
            .filter(({ code }) => code !== CASCADING)
            .map((objection) => ({ ...objection, operation: own }))
        : isUsed
          ? [{ operation: own, code: IN_USE, message: '', recipe: 'drop-table' }]
          : [],
    });
    schema = context.engine.fold(schema, operations, { fileIndex: -1 }, context.target);
  }
  return units;
}

const CASCADING = 'cascading-drop';
const IN_USE = 'drop-before-contract';

function cascades(operation: Operation): boolean {
  if (operation.kind === 'drop-column' || operation.kind === 'drop-constraint') return operation.action.cascade;
  return (
    (operation.kind === 'drop-table' ||
      operation.kind === 'drop-view' ||
      operation.kind === 'drop-materialized-view') &&
    operation.cascade === true &&
    operation.objects.length === 1
  );
}

function lostBy(operation: Operation, before: Schema, after: Schema, { engine }: Context): readonly Lost[] | undefined {
  const named = isTableAction(operation)
    ? undefined
    : 'objects' in operation && Array.isArray(operation.objects)
      ? (operation.objects[0] as { readonly name: string } | undefined)?.name
      : undefined;
  const sql = ({ schema, name }: Pick<Relation, 'schema' | 'name'>): string =>
    `${before.session.searchPath.includes(schema) ? '' : `${engine.quoteName(schema)}.`}${engine.quoteName(name)}`;
  const views = new Map<string, Relation>();
  const keys: Lost[] = [];
  for (const [key, relation] of before.relations.entries()) {
    const left = after.relations.get(key);
    if (left === relation) continue;
    if (left === undefined) {
      if (relation.name === named) continue;
      if (relation.kind !== 'view' && relation.kind !== 'materialized-view') return undefined;
      views.set(key, relation);
      continue;
    }
    const gone = relation.columns.filter(({ name }) => !left.columns.some((other) => other.name === name));
    const isOwn = (column: string): boolean => operation.kind === 'drop-column' && operation.action.column === column;
    if (
      gone.some(({ name }) => !isOwn(name)) ||
      relation.policies.some((policy) => !left.policies.includes(policy)) ||
      relation.triggers.some(({ name }) => !left.triggers.some((other) => other.name === name)) ||
      relation.columns.some(
        ({ name, default: was }) =>
          was !== undefined && left.columns.some((other) => other.name === name && other.default === undefined),
      )
    )
      return undefined;
    for (const constraint of relation.constraints) {
      const isKept = left.constraints.some((other) => other.name === constraint.name);
      const isAsked = operation.kind === 'drop-constraint' && operation.action.constraint === constraint.name;
      // What stands over the dropped column alone goes with it, as without CASCADE.
      if (isKept || isAsked || constraint.columns.some(isOwn)) continue;
      if (constraint.kind !== 'foreign-key') return undefined;
      keys.push({
        text: `ALTER TABLE ${sql(relation)} DROP CONSTRAINT ${engine.quoteName(constraint.name)}`,
        isUsed: false,
      });
    }
  }
  if ([...before.functions.entries()].some(([key]) => !after.functions.has(key))) return undefined;
  const drops: Lost[] = [];
  while (views.size > 0) {
    // Which no other one reads.
    const next = [...views].find(
      ([key]) => ![...views.values()].some(({ dependsOn }) => (dependsOn ?? []).some((each) => each.key === key)),
    );
    if (next === undefined) return undefined;
    const [key, view] = next;
    views.delete(key);
    drops.push({
      text: `DROP ${view.kind === 'view' ? 'VIEW' : 'MATERIALIZED VIEW'} ${sql(view)}`,
      isUsed: true,
    });
  }
  return [...drops, ...keys];
}
