import { findRelation, findType } from '../../model/lookup.ts';
import { displayName } from '../../model/names.ts';
import type { Operation } from '../../model/operation.ts';
import type { PlanContext } from '../plan.ts';
import { meetsCheck, meetsForeignKey } from '../parts/running-version.ts';
import type { Unit } from './unit.ts';

type Context = Pick<PlanContext, 'engine' | 'target'>;

/**
 * The version that has to run before a statement that nothing objects to, since what the running one writes may be refused
 * from then on: a constraint that is written NOT VALID, one of a domain, a restrictive policy. Undefined where no version
 * has to. `filled`: columns that the migration itself fills, as `table.column`.
 */
export function askedDeploy(
  unit: Unit,
  running: PlanContext['schema'] | undefined,
  filled: ReadonlySet<string>,
  { engine, target }: Context,
): string | undefined {
  const [operation, ...others] = unit.operations;
  if (operation === undefined || others.length > 0 || running === undefined) return undefined;
  const context: PlanContext = { engine, target, schema: unit.before, running, statementText: unit.text };
  switch (operation.kind) {
    case 'add-constraint':
      return operation.action.constraint.notValid === true ? ofConstraint(operation, filled, context) : undefined;
    case 'alter-type-definition': {
      if (findType(running, operation.name) === undefined) return undefined;
      const { action } = operation;
      if (action.kind === 'domain-add-constraint')
        return `version that writes no value of ${displayName(operation.name)} that breaks ${action.constraint.name ?? 'the new check'}`;
      return action.kind === 'domain-set-not-null'
        ? `version that leaves no column of ${displayName(operation.name)} empty`
        : undefined;
    }
    case 'row-security':
      return operation.action.mode === 'enable' && findRelation(running, operation.relation) !== undefined
        ? `version that reads and writes only rows of ${displayName(operation.relation)} that its policies let through, or connects as its owner`
        : undefined;
    case 'create-policy':
      // What a permissive one lets through is more than before.
      return /\bas\s+restrictive\b/i.test(unit.text) && findRelation(running, operation.relation) !== undefined
        ? `version that reads and writes only rows of ${displayName(operation.relation)} that the policy ${operation.name} lets through`
        : undefined;
    default:
      return undefined;
  }
}

function ofConstraint(
  { relation, action: { constraint } }: Extract<Operation, { readonly kind: 'add-constraint' }>,
  filled: ReadonlySet<string>,
  context: PlanContext,
): string | undefined {
  const name = constraint.name ?? 'the new constraint';
  if (constraint.kind === 'check')
    return meetsCheck(context, relation, constraint.expression)
      ? undefined
      : `version that writes no row of ${displayName(relation)} that breaks ${name}`;
  if (constraint.kind !== 'foreign-key') return undefined;
  const isFilled = constraint.columns.some((column) => filled.has(`${relation.name}.${column}`));
  return meetsForeignKey(context, relation, constraint, isFilled)
    ? undefined
    : `version that writes no ${displayName(relation)}.${constraint.columns.join(', ')} without its row in ${displayName(constraint.references.relation)}, and deletes none there that one needs`;
}
