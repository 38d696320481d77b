import type { DropObjects } from '../model/operation.ts';
import type { Relation } from '../model/schema.ts';
import { findRelation } from '../model/lookup.ts';
import type { RuleContext, RuleStatement } from './rule.ts';
import { actionsOf } from './subject.ts';

/** A table that a migration drops to put another one in its place. */
export interface Rebuild {
  /** As it was before the drop. */
  readonly old: Relation;
  readonly drop: { readonly statement: RuleStatement; readonly operation: DropObjects };
  /** Name of the table that takes its place, before it does. */
  readonly replacement: string;
}

/** Every DROP TABLE of a table in use whose name a later RENAME TO of the same migration gives to another table. */
export function* rebuilds(context: RuleContext): IterableIterator<Rebuild> {
  for (const statement of context.statements) {
    for (const operation of statement.body.operations) {
      if (operation.kind !== 'drop-table') continue;
      for (const name of operation.objects) {
        const old = findRelation(statement.before, name);
        if (old === undefined || context.isNewOrigin(old.origin)) continue;
        const replacement = renamedTo(context, statement, name.name);
        if (replacement !== undefined) yield { old, drop: { statement, operation }, replacement };
      }
    }
  }
}

function renamedTo(context: RuleContext, statement: RuleStatement, name: string): string | undefined {
  for (const later of context.statements) {
    if (later.index <= statement.index) continue;
    for (const { operation, action } of actionsOf(later, 'rename-table')) if (action.newName.toLowerCase() === name.toLowerCase()) return operation.relation.name;
  }
  return undefined;
}
