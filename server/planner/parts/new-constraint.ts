import { findRelation } from '../../model/lookup.ts';
import type { ConstraintDefinition, TableAction } from '../../model/operation.ts';
import type { ChangeRequest, PlanContext } from '../plan.ts';

/** A constraint that a request adds, with the name that it has or that the server would give it. */
export interface NewConstraint {
  readonly operation: TableAction;
  readonly definition: ConstraintDefinition;
  /** Unquoted. */
  readonly name: string;
  /** `CONSTRAINT name ...` as written, the name put before it where the text has none. */
  readonly text: string;
}

/** Reads the constraint of a request; undefined where the request adds none of this kind. */
export function newConstraint(
  request: ChangeRequest,
  context: PlanContext,
  kind: ConstraintDefinition['kind'],
): NewConstraint | undefined {
  const { operation } = request;
  if (operation.kind !== 'add-constraint' || operation.action.constraint.kind !== kind) return undefined;
  const definition = operation.action.constraint;
  const written = context.statementText.slice(definition.span.start, definition.span.end).trim();
  const name = definition.name ?? chosenName(operation, definition, context);
  if (name === undefined) return undefined;
  const text = definition.name === undefined ? `CONSTRAINT ${context.engine.quoteName(name)} ${written}` : written;
  return { operation, definition, name, text };
}

/** The name that the server chooses, found by folding the statement. */
function chosenName(
  operation: TableAction,
  definition: ConstraintDefinition,
  context: PlanContext,
): string | undefined {
  const before = new Set(
    findRelation(context.schema, operation.relation)?.constraints.map((constraint) => constraint.name) ?? [],
  );
  const after = context.engine.fold(context.schema, [operation], { fileIndex: 0 }, context.target);
  return findRelation(after, operation.relation)?.constraints.find(
    (constraint) => constraint.kind === definition.kind && !before.has(constraint.name),
  )?.name;
}
