import { blockingAlter } from './blocking-alter.ts';
import { blockingIndex } from './blocking-index.ts';
import { concurrentlyIfNotExists } from './concurrently-if-not-exists.ts';
import { concurrentlyInTransaction } from './concurrently-in-transaction.ts';
import { dropBeforeContract } from './drop-before-contract.ts';
import { renameInUse } from './rename-in-use.ts';
import { requiredColumn } from './required-column.ts';
import type { Rule } from './rule.ts';
import { sqliteForeignKeysPragma } from './sqlite-foreign-keys-pragma.ts';
import { statementNotSupported } from './statement-not-supported.ts';
import { updateWithoutWhere } from './update-without-where.ts';
import { validateInSameTransaction } from './validate-in-same-transaction.ts';

/** Every rule, in the order of its code. */
export const RULES: readonly Rule[] = [
  blockingAlter, blockingIndex, concurrentlyIfNotExists, concurrentlyInTransaction, dropBeforeContract, renameInUse, requiredColumn, sqliteForeignKeysPragma,
  statementNotSupported, updateWithoutWhere, validateInSameTransaction,
];
