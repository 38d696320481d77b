import type { WholeStatement } from './whole-statement.ts';

/**
 * A table that is made anew by hand: a new one is filled from the old one, which then goes, and gets its name. Where writers
 * go on meanwhile, what they write into the old one would be lost, and no order of these statements changes that.
 */
export function replacedTable(statements: readonly WholeStatement[]): string | undefined {
  const operations = statements.flatMap((statement) => statement.operations);
  const made = new Set(operations.flatMap((each) => (each.kind === 'create-table' ? [each.relation.name] : [])));
  const dropped = new Set(
    operations.flatMap((each) => (each.kind === 'drop-table' ? each.objects.map(({ name }) => name) : [])),
  );
  return operations
    .flatMap((each) => (each.kind === 'rename-table' && each.action.kind === 'rename-table' ? [each] : []))
    .flatMap(({ relation, action }) =>
      made.has(relation.name) &&
      action.kind === 'rename-table' &&
      dropped.has(action.newName) &&
      operations.some(
        (each) =>
          each.kind === 'insert-rows' &&
          each.relation.name === relation.name &&
          each.query.reads.some((read) => read.relation.name === action.newName),
      )
        ? [action.newName]
        : [],
    )
    .at(0);
}
