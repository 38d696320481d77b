import type { Constraint } from '../../model/schema.ts';
import type { PlanContext } from '../plan.ts';

/**
 * `CONSTRAINT name CHECK (...)` of a constraint of PostgreSQL as the schema knows it; undefined where the schema does not
 * hold all of it: exclusion constraints, keys with a period, keys with included columns or other options of their index.
 */
export function constraintSql(
  context: PlanContext,
  constraint: Constraint,
  named: string = constraint.name,
): string | undefined {
  const { quoteName } = context.engine;
  const head = `CONSTRAINT ${quoteName(named)}`;
  const columns = constraint.columns.map(quoteName).join(', ');
  const deferrable = constraint.deferrable
    ? ` DEFERRABLE${constraint.initiallyDeferred ? ' INITIALLY DEFERRED' : ''}`
    : '';
  const enforced = constraint.enforced ? '' : ' NOT ENFORCED';
  const inherit = constraint.noInherit ? ' NO INHERIT' : '';
  if (constraint.period === true) return undefined;
  switch (constraint.kind) {
    case 'check':
      return constraint.expression === undefined
        ? undefined
        : `${head} CHECK (${constraint.expression.text})${inherit}${enforced}`;
    case 'foreign-key': {
      const { references } = constraint;
      if (references === undefined) return undefined;
      const named = references.columns.length === 0 ? '' : ` (${references.columns.map(quoteName).join(', ')})`;
      const parts = [
        references.match === undefined ? '' : ` MATCH ${references.match.toUpperCase()}`,
        references.onUpdate === undefined ? '' : ` ON UPDATE ${references.onUpdate.toUpperCase()}`,
        references.onDelete === undefined ? '' : ` ON DELETE ${references.onDelete.toUpperCase()}`,
      ];
      return `${head} FOREIGN KEY (${columns}) REFERENCES ${quoteName(references.schema)}.${quoteName(references.name)}${named}${parts.join('')}${deferrable}${enforced}`;
    }
    case 'unique':
      return `${head} UNIQUE (${columns})${deferrable}`;
    case 'primary-key':
      return `${head} PRIMARY KEY (${columns})${deferrable}`;
    case 'not-null':
    case 'exclusion':
      return undefined;
  }
}
