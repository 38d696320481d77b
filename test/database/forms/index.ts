import { addColumn, columns, wholeTable } from './alter-table.ts';
import { alterType } from './alter-type.ts';
import { constraints } from './constraints.ts';
import type { FormFamily } from './form.ts';
import { concurrent, indexes } from './indexes.ts';
import { combinations } from './combinations.ts';
import { objects } from './objects.ts';
import { partitionKeys } from './partition-keys.ts';
import { partitions } from './partitions.ts';
import { rows } from './rows.ts';

/** Every family of forms, in the order of LOCKS.md; those that cannot be rolled back come last. */
export const FAMILIES: readonly FormFamily[] = [
  addColumn,
  columns,
  alterType,
  constraints,
  wholeTable,
  indexes,
  partitions,
  partitionKeys,
  objects,
  rows,
  combinations,
  concurrent,
];
