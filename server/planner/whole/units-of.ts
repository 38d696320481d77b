import { isTableAction } from '../../model/operation.ts';
import type { PlanContext } from '../plan.ts';
import { unguarded } from './guarded-unit.ts';
import type { Unit } from './unit.ts';
import type { WholeStatement } from './whole-statement.ts';
import { withoutCascade } from './without-cascade.ts';

type Context = Pick<PlanContext, 'engine' | 'target'>;

/** The units of a migration in their order; several actions of one ALTER TABLE are apart wherever they can be written so. */
export function unitsOf(statements: readonly WholeStatement[], context: Context): readonly Unit[] {
  return statements.flatMap((statement, index) => {
    const parts = actionsApart(statement, index, context);
    if (parts !== undefined) return parts.flatMap((part) => withoutCascade(part, context) ?? [part]);
    const whole = wholeUnit(statement, index);
    return unguarded(whole, context) ?? withoutCascade(whole, context) ?? [whole];
  });
}

function wholeUnit(statement: WholeStatement, index: number): Unit {
  const { text, operations, before, objections } = statement;
  return { statement: index, text, operations, written: operations, before, objections };
}

function actionsApart(
  { text, operations, before, objections }: WholeStatement,
  index: number,
  { engine, target }: Context,
): readonly Unit[] | undefined {
  const [first] = operations;
  if (first === undefined || operations.length < 2 || !operations.every(isTableAction)) return undefined;
  const head = text.slice(0, first.span.start);
  if (!/^\s*alter\s+table\b/i.test(head)) return undefined;
  const units: Unit[] = [];
  let schema = before;
  for (const operation of operations) {
    const own = `${head}${text.slice(operation.span.start, operation.span.end).trim()}`;
    const body = engine.parse(own);
    // An action that does not read alone as it reads among the others is left where it is.
    if (body.problems.length > 0 || body.operations.length !== 1 || body.operations[0]?.kind !== operation.kind)
      return undefined;
    units.push({
      statement: index,
      text: own,
      operations: body.operations,
      written: [operation],
      before: schema,
      objections: objections
        .filter((objection) => objection.operation === operation)
        .map((objection) => ({ ...objection, operation: body.operations[0] ?? operation })),
    });
    schema = engine.fold(schema, body.operations, { fileIndex: -1 }, target);
  }
  return units;
}
