import { referencedColumns } from '../../../model/expression.ts';
import type { Draft, FoldRules } from '../../../model/fold/draft.ts';
import { sameName } from '../../../model/lookup.ts';
import { objectKey } from '../../../model/names.ts';
import type { ConstraintDefinition } from '../../../model/operation.ts';
import type { Column, Constraint, Relation } from '../../../model/schema.ts';
import { SQLITE } from '../product.ts';
import { buildColumn, buildConstraint } from './create-table.ts';

export const addColumn: FoldRules['addColumn'] = (draft, relation, action) => {
  const column = buildColumn(draft, action.column);
  // An empty table takes NOT NULL without a default, and a STORED column: that the table was empty is what the history says.
  const isRefused = action.column.constraints.some(
    (constraint) => constraint.kind === 'primary-key' || constraint.kind === 'unique',
  );
  if (isRefused) return draft.refuse();
  const columns = [...relation.columns, column];
  const constraints = action.column.constraints.map((constraint) =>
    buildConstraint(draft, relation.schema, constraint, columns),
  );
  draft.putRelation({ ...relation, columns, constraints: [...relation.constraints, ...constraints] });
};

export function addConstraint(draft: Draft, relation: Relation, definition: ConstraintDefinition): void {
  draft.putRelation({
    ...relation,
    constraints: [...relation.constraints, buildConstraint(draft, relation.schema, definition, relation.columns)],
  });
}

/** Refused where a key, index, generated column, view or trigger of the table uses the column. */
export function dropColumn(draft: Draft, relation: Relation, column: Column): void {
  const key = objectKey(relation.schema, relation.name);
  const uses = (tree: Parameters<typeof referencedColumns>[0] | undefined): boolean =>
    tree !== undefined && referencedColumns(tree).some((name) => sameName(SQLITE, name, column.name));
  const isUsed =
    relation.columns.length === 1 ||
    relation.constraints.some((constraint) => blocksDrop(constraint, column.name)) ||
    draft
      .indexesOf(key)
      .some(
        (index) =>
          index.elements.some(
            (element) => sameName(SQLITE, element.column ?? '', column.name) || uses(element.expression?.tree),
          ) || uses(index.where?.tree),
      ) ||
    relation.columns.some((other) => other !== column && uses(other.generated?.expression.tree));
  if (isUsed) return draft.refuse();
  draft.putRelation({
    ...relation,
    columns: relation.columns.filter((other) => other !== column),
    constraints: relation.constraints.filter((constraint) => !sameName(SQLITE, constraint.inlineOf ?? '', column.name)),
  });
}

/** A key always, and a CHECK or foreign key that names the column but does not go with it. */
function blocksDrop(constraint: Constraint, column: string): boolean {
  const names =
    constraint.kind === 'check' && constraint.expression !== undefined
      ? referencedColumns(constraint.expression.tree)
      : constraint.columns;
  const goes =
    (constraint.kind === 'check' || constraint.kind === 'foreign-key') &&
    sameName(SQLITE, constraint.inlineOf ?? '', column);
  return !goes && names.some((name) => sameName(SQLITE, name, column));
}
