import { operationIndex, statementsOf } from '../../model/operation-index.ts';
import type { Operation, TableAction, TableActionDetail } from '../../model/operation.ts';
import type { RuleContext, RuleStatement } from '../rule.ts';

/** The operations that may be of a kind: some share one shape. */
type OperationOf<Kind extends Operation['kind']> = Operation extends infer One
  ? One extends Operation
    ? Kind extends One['kind']
      ? One
      : never
    : never
  : never;

/** The same of table actions. */
type ActionOf<Kind extends TableActionDetail['kind']> = TableActionDetail extends infer One
  ? One extends TableActionDetail
    ? Kind extends One['kind']
      ? One
      : never
    : never
  : never;

/** An operation of the migration with the statement that holds it. */
export interface LocatedOperation<Kind extends Operation['kind']> {
  readonly statement: RuleStatement;
  readonly operation: OperationOf<Kind>;
}

/** An action of an ALTER TABLE with the statement that holds it. */
export interface LocatedAction<Kind extends TableActionDetail['kind']> {
  readonly statement: RuleStatement;
  readonly operation: TableAction;
  readonly action: ActionOf<Kind>;
}

/** Operations of one kind in the whole migration, in order. */
export function operationsIn<Kind extends Operation['kind']>(
  context: RuleContext,
  kind: Kind,
): readonly LocatedOperation<Kind>[] {
  // Filed under their own kind, which decides the type.
  return (operationIndex(context.statements).operations.get(kind) ?? []) as readonly LocatedOperation<Kind>[];
}

/** Table actions of one kind in the whole migration, in order. */
export function actionsIn<Kind extends TableActionDetail['kind']>(
  context: RuleContext,
  kind: Kind,
): readonly LocatedAction<Kind>[] {
  // Filed under their own kind, which decides the type.
  return (operationIndex(context.statements).actions.get(kind) ?? []) as unknown as readonly LocatedAction<Kind>[];
}

/** Statements with an operation of one of the kinds, in order, each once. */
export function statementsWith(context: RuleContext, ...kinds: readonly Operation['kind'][]): readonly RuleStatement[] {
  return statementsOf(context.statements, kinds);
}
