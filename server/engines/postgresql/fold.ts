import { addConstraint } from '../../model/fold/constraints.ts';
import { createFullTable } from '../../model/fold/create-table.ts';
import type { FoldRules } from '../../model/fold/draft.ts';
import { dropFullColumn } from '../../model/fold/drop-column.ts';
import { allowsAction } from '../../model/fold/refusals.ts';
import { addFullColumn } from '../../model/fold/table-action.ts';
import { isLeftToType } from '../../model/fold/typed-tables.ts';
import { objectKey } from '../../model/names.ts';

/** All that the model's fold knows: it was made after PostgreSQL's catalog. */
export const postgresFold: FoldRules = {
  createTable: createFullTable,
  addColumn: addFullColumn,
  addConstraint: (draft, relation, definition, only) =>
    addConstraint(draft, objectKey(relation.schema, relation.name), definition, { isNewTable: false, only }),
  dropColumn: dropFullColumn,
  allowsAction: (relation, action) => allowsAction(relation, action) && !isLeftToType(relation, action),
  indexAfterRename: (index) => index,
};
