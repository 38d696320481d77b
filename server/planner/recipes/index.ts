import type { Recipe } from '../plan.ts';
import { addCheck } from './add-check.ts';
import { addColumn } from './add-column.ts';
import { addExclusion } from './add-exclusion.ts';
import { addForeignKey } from './add-foreign-key.ts';
import { addPrimaryKey, addUnique } from './add-unique.ts';
import { alterType } from './alter-type.ts';
import { attachPartition } from './attach-partition.ts';
import { createIndex } from './create-index.ts';
import { detachPartition } from './detach-partition.ts';
import { dropColumn } from './drop-column.ts';
import { dropConstraint } from './drop-constraint.ts';
import { dropIndex } from './drop-index.ts';
import { dropTable } from './drop-table.ts';
import { generatedColumn } from './generated-column.ts';
import { mergeTables } from './merge-tables.ts';
import { moveColumn } from './move-column.ts';
import { partitionTable } from './partition-table.ts';
import { rebuildWholeTable } from './rebuild-table.ts';
import { renameColumn } from './rename-column.ts';
import { renameEnumValue } from './rename-enum-value.ts';
import { renameTable } from './rename-table.ts';
import { replaceEnum } from './replace-enum.ts';
import { requiredColumn } from './required-column.ts';
import { setNotNull } from './set-not-null.ts';
import { splitTable } from './split-table.ts';
import { volatileDefault } from './volatile-default.ts';

/** Every change that can be planned. */
export const RECIPES: readonly Recipe[] = [
  addCheck,
  addColumn,
  addExclusion,
  addForeignKey,
  addPrimaryKey,
  addUnique,
  alterType,
  attachPartition,
  createIndex,
  detachPartition,
  dropColumn,
  dropConstraint,
  dropIndex,
  dropTable,
  generatedColumn,
  mergeTables,
  moveColumn,
  partitionTable,
  rebuildWholeTable,
  renameColumn,
  renameEnumValue,
  renameTable,
  replaceEnum,
  requiredColumn,
  setNotNull,
  splitTable,
  volatileDefault,
];
