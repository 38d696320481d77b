import type { Unit } from './unit.ts';

/** What is known of the columns and tables that a migration fills itself. */
export interface Filling {
  /** `table.column` of those that it adds without a value. */
  readonly fresh: Set<string>;
  /** The same of all that it adds. */
  readonly added: Set<string>;
  /** Those that steps give another type. */
  readonly retyped: Set<string>;
  /** Of those, and of columns that were there before, whose empty rows an UPDATE or DELETE of it sees to. */
  readonly filled: Set<string>;
  /** Tables that it makes. */
  readonly made: Set<string>;
  /** Tables that steps keep rows in, by name. */
  readonly kept: Set<string>;
}

/** Why a column that the migration itself adds is not given another name: behind a deploy, versions would need both. */
export function renamedAnew({ operations }: Unit, { added, made }: Filling): string | undefined {
  const renamed = operations.find(
    (operation) =>
      operation.kind === 'rename-column' &&
      added.has(`${operation.relation.name}.${operation.action.column}`) &&
      !made.has(operation.relation.name),
  );
  return renamed?.kind === 'rename-column'
    ? `This migration adds "${renamed.action.column}" itself: write the name that it ends in where it is added.`
    : undefined;
}

/** Takes note of the columns and tables that a unit makes. */
export function noteFresh({ operations }: Unit, { fresh, added, made }: Filling): void {
  for (const operation of operations)
    if (operation.kind === 'create-table') made.add(operation.relation.name);
    else if (operation.kind === 'add-column') {
      const name = `${operation.relation.name}.${operation.action.column.name}`;
      added.add(name);
      if (operation.action.column.default === undefined) fresh.add(name);
    }
}
