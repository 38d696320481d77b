import { addConstraint } from '../../model/fold/constraints.ts';
import { createFullTable } from '../../model/fold/create-table.ts';
import type { FoldRules } from '../../model/fold/draft.ts';
import { dropFullColumn } from '../../model/fold/drop-column.ts';
import { allowsAction } from '../../model/fold/refusals.ts';
import { addFullColumn } from '../../model/fold/table-action.ts';
import { isLeftToType } from '../../model/fold/typed-tables.ts';
import { objectKey } from '../../model/names.ts';
import type { TypeName } from '../../model/type-name.ts';
import { extensionUsers } from './extension-users.ts';
import { functionForms } from './types/forms.ts';
import { analysis, queryColumns } from './types/query-columns.ts';
import type { ValueType } from './types/value-type.ts';

/** All that the model's fold knows: it was made after PostgreSQL's catalog. */
export const postgresFold: FoldRules = {
  createTable: createFullTable,
  addColumn: addFullColumn,
  addConstraint: (draft, relation, definition, only) =>
    addConstraint(draft, objectKey(relation.schema, relation.name), definition, { isNewTable: false, only }),
  dropColumn: dropFullColumn,
  allowsAction: (relation, action) => allowsAction(relation, action) && !isLeftToType(relation, action),
  extensionUsers,
  indexAfterRename: (index) => index,
  hasFunction: (name) => functionForms().all(name).length > 0,
  outputTypes: ({ tree }, schema, version) => {
    const context = analysis(schema, version);
    const columns = tree === undefined ? undefined : queryColumns(context, tree, undefined);
    return context.problem === undefined ? (columns ?? []).map(({ type }) => typeName(type)) : [];
  },
};

/** A text without a type becomes one of the type text. */
function typeName(type: ValueType | undefined): TypeName | undefined {
  if (type === undefined) return undefined;
  const name = type.name === 'unknown' ? 'text' : type.name;
  return {
    ...(type.enum === undefined ? {} : { schema: type.enum.schema }),
    name,
    modifiers: [],
    arrayDimensions: type.isArray ? 1 : 0,
    display: type.isArray ? `${name}[]` : name,
  };
}
