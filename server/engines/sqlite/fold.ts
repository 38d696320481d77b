import type { FoldRules } from '../../model/fold/draft.ts';
import { addColumn, addConstraint, dropColumn } from './fold/change-columns.ts';
import { automaticIndexPrefix, createTable } from './fold/create-table.ts';

export const sqliteFold: FoldRules = {
  createTable,
  addColumn,
  addConstraint,
  dropColumn,
  allowsAction: () => true,
  // The automatic index of a key is named after its table, and goes on being so.
  indexAfterRename: (index, from, to) => {
    const prefix = automaticIndexPrefix(from);
    return index.startsWith(prefix) ? `${automaticIndexPrefix(to)}${index.slice(prefix.length)}` : index;
  },
};
