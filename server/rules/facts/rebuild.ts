import type { DropObjects } from '../../model/operation.ts';
import type { Relation } from '../../model/schema.ts';
import { findRelation } from '../../model/lookup.ts';
import { objectKey } from '../../model/names.ts';
import { actionsIn, statementsWith } from './operation-index.ts';
import type { RuleContext, RuleStatement } from '../rule.ts';

/** A table that a migration drops to put another one in its place. */
export interface Rebuild {
  /** As it was before the drop. */
  readonly old: Relation;
  readonly drop: { readonly statement: RuleStatement; readonly operation: DropObjects };
  /** Name of the table that takes its place, before it does. */
  readonly replacement: string;
}

const found = new WeakMap<readonly RuleStatement[], readonly Rebuild[]>();

/** Every DROP TABLE of a table in use whose name a later RENAME TO of the same migration gives to another table. */
export function rebuilds(context: RuleContext): readonly Rebuild[] {
  const known = found.get(context.statements);
  if (known !== undefined) return known;
  const renames = actionsIn(context, 'rename-table');
  const all =
    renames.length === 0
      ? []
      : statementsWith(context, 'drop-table').flatMap((statement) =>
          statement.body.operations.flatMap((operation) =>
            operation.kind !== 'drop-table'
              ? []
              : operation.objects.flatMap((name): readonly Rebuild[] => {
                  const old = findRelation(statement.before, name);
                  const rename = renames.find(
                    (candidate) =>
                      candidate.statement.index > statement.index &&
                      candidate.action.newName.toLowerCase() === name.name.toLowerCase(),
                  );
                  // What EF Core rebuilds on the way back was rebuilt on the way up, and holds rows all the same.
                  const isAgain = statement.direction === 'down' && isMade(statement);
                  return old === undefined || rename === undefined || (!isAgain && context.isNewOrigin(old.origin))
                    ? []
                    : [{ old, drop: { statement, operation }, replacement: rename.operation.relation.name }];
                }),
          ),
        );
  found.set(context.statements, all);
  return all;
}

/** Whether a tool makes the statement of a call, and nobody wrote it as SQL. */
export function isMade({ source }: RuleStatement): boolean {
  return source.map?.[0]?.kind === 'made';
}

/** Columns of the old table that the one in its place does not have; none where either is not known in full. */
export function lostColumns(context: RuleContext, { old }: Rebuild): readonly string[] {
  const fresh = context.statements.at(-1)?.after.relations.get(objectKey(old.schema, old.name));
  if (fresh === undefined || !fresh.columnsKnown || !old.columnsKnown) return [];
  return old.columns
    .map((column) => column.name)
    .filter((name) => !fresh.columns.some((column) => column.name.toLowerCase() === name.toLowerCase()));
}
