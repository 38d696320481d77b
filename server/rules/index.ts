import { autovacuumOff } from './autovacuum-off.ts';
import { blockingAlter } from './blocking-alter.ts';
import { blockingIndex } from './blocking-index.ts';
import { blockingMaintenance } from './blocking-maintenance.ts';
import { blockingPartition } from './blocking-partition.ts';
import { cascadingDrop } from './cascading-drop.ts';
import { clientCommand } from './client-command.ts';
import { columnReplaced } from './column-replaced.ts';
import { concurrentlyIfNotExists } from './concurrently-if-not-exists.ts';
import { concurrentlyInTransaction } from './concurrently-in-transaction.ts';
import { constraintNeverValidated } from './constraint-never-validated.ts';
import { definerWithoutSearchPath } from './definer-without-search-path.ts';
import { disabledTrigger } from './disabled-trigger.ts';
import { downLeavesDifferences } from './down-leaves-differences.ts';
import { dropBeforeContract } from './drop-before-contract.ts';
import { dropLocksParent } from './drop-locks-parent.ts';
import { droppedAgain } from './dropped-again.ts';
import { droppedDefault } from './dropped-default.ts';
import { droppedExpression } from './dropped-expression.ts';
import { droppedObject } from './dropped-object.ts';
import { duplicateIndex } from './duplicate-index.ts';
import { enumType } from './enum-type.ts';
import { explicitTableLock } from './explicit-table-lock.ts';
import { expressionWithoutStatistics } from './expression-without-statistics.ts';
import { extensionCreated } from './extension-created.ts';
import { foreignKeyWithoutIndex } from './foreign-key-without-index.ts';
import { grantedToPublic } from './granted-to-public.ts';
import { identityAlways } from './identity-always.ts';
import { indexBuiltTwice } from './index-built-twice.ts';
import { indexGap } from './index-gap.ts';
import { indexWithoutTable } from './index-without-table.ts';
import { jsonColumn } from './json-column.ts';
import { lateArrival } from './late-arrival.ts';
import { lockTimeoutMissing } from './lock-timeout-missing.ts';
import { lostStatistics } from './lost-statistics.ts';
import { mismatchedKeyType } from './mismatched-key-type.ts';
import { migrateAtStartUp } from './migrate-at-start-up.ts';
import { missingDown } from './missing-down.ts';
import { missingValue } from './missing-value.ts';
import { nameInBody } from './name-in-body.ts';
import { newEnumValueUsed } from './new-enum-value-used.ts';
import { newTrigger } from './new-trigger.ts';
import { notEnforced } from './not-enforced.ts';
import { notRepeatable } from './not-repeatable.ts';
import { nullableAgain } from './nullable-again.ts';
import { passwordInSource } from './password-in-source.ts';
import { placeholder } from './placeholder.ts';
import { redundantConstraint } from './redundant-constraint.ts';
import { renameInUse } from './rename-in-use.ts';
import { renamedObject } from './renamed-object.ts';
import { replicaIdentityFull } from './replica-identity-full.ts';
import { requiredColumn } from './required-column.ts';
import { restartedSequence } from './restarted-sequence.ts';
import { revokedRight } from './revoked-right.ts';
import { rowSecurityOff } from './row-security-off.ts';
import { rowSecurityWithoutPolicy } from './row-security-without-policy.ts';
import type { Rule } from './rule.ts';
import { seedData } from './seed-data.ts';
import { separateAlters } from './separate-alters.ts';
import { sequenceBelowValues } from './sequence-below-values.ts';
import { sessionSettingStays } from './session-setting-stays.ts';
import { severalTablesLocked } from './several-tables-locked.ts';
import { smallKey } from './small-key.ts';
import { sqliteDoubleQuotedText } from './sqlite-double-quoted-text.ts';
import { sqliteForeignKeysPragma } from './sqlite-foreign-keys-pragma.ts';
import { sqliteKeyType } from './sqlite-key-type.ts';
import { sqliteRebuildDeletes } from './sqlite-rebuild-deletes.ts';
import { sqliteRebuildLoss } from './sqlite-rebuild-loss.ts';
import { sqliteRebuildNull } from './sqlite-rebuild-null.ts';
import { sqliteRebuildOrder } from './sqlite-rebuild-order.ts';
import { sqliteRenameRefused } from './sqlite-rename-refused.ts';
import { sqliteWriteLock } from './sqlite-write-lock.ts';
import { changingValue } from './changing-value.ts';
import { emptyDown } from './empty-down.ts';
import { guessedRename } from './guessed-rename.ts';
import { idNotFileName } from './id-not-file-name.ts';
import { inventedDefault } from './invented-default.ts';
import { mixedTransaction } from './mixed-transaction.ts';
import { notInIdempotentScript } from './not-in-idempotent-script.ts';
import { runsBeforeRebuild } from './runs-before-rebuild.ts';
import { snapshotBehind } from './snapshot-behind.ts';
import { staleDesigner } from './stale-designer.ts';
import { statementNotSupported } from './statement-not-supported.ts';
import { statementTimeoutMissing } from './statement-timeout-missing.ts';
import { tableWithoutKey } from './table-without-key.ts';
import { transactionControlInside } from './transaction-control-inside.ts';
import { truncateInUse } from './truncate-in-use.ts';
import { truncatedName } from './truncated-name.ts';
import { typeAdvice } from './type-advice.ts';
import { unbatchedUpdate } from './unbatched-update.ts';
import { unloggedTable } from './unlogged-table.ts';
import { unnamedConstraint } from './unnamed-constraint.ts';
import { unprovedUnique } from './unproved-unique.ts';
import { unqualifiedName } from './unqualified-name.ts';
import { usedBeforeCreated } from './used-before-created.ts';
import { validateInSameTransaction } from './validate-in-same-transaction.ts';
import { viewGap } from './view-gap.ts';
import { volatileCheck } from './volatile-check.ts';
import { workUnderLock } from './work-under-lock.ts';

/** Every rule, in the order of its code. */
export const RULES: readonly Rule[] = [
  autovacuumOff,
  blockingAlter,
  blockingIndex,
  blockingMaintenance,
  blockingPartition,
  cascadingDrop,
  clientCommand,
  columnReplaced,
  concurrentlyIfNotExists,
  concurrentlyInTransaction,
  constraintNeverValidated,
  definerWithoutSearchPath,
  disabledTrigger,
  downLeavesDifferences,
  dropBeforeContract,
  dropLocksParent,
  droppedAgain,
  droppedDefault,
  droppedExpression,
  droppedObject,
  duplicateIndex,
  enumType,
  explicitTableLock,
  expressionWithoutStatistics,
  extensionCreated,
  foreignKeyWithoutIndex,
  grantedToPublic,
  identityAlways,
  indexBuiltTwice,
  indexGap,
  jsonColumn,
  lateArrival,
  lockTimeoutMissing,
  lostStatistics,
  mismatchedKeyType,
  missingDown,
  missingValue,
  nameInBody,
  newEnumValueUsed,
  newTrigger,
  notEnforced,
  notRepeatable,
  nullableAgain,
  placeholder,
  redundantConstraint,
  renameInUse,
  renamedObject,
  replicaIdentityFull,
  requiredColumn,
  restartedSequence,
  revokedRight,
  rowSecurityOff,
  rowSecurityWithoutPolicy,
  seedData,
  separateAlters,
  sequenceBelowValues,
  sessionSettingStays,
  severalTablesLocked,
  smallKey,
  sqliteDoubleQuotedText,
  sqliteForeignKeysPragma,
  sqliteKeyType,
  sqliteRebuildDeletes,
  sqliteRebuildLoss,
  sqliteRebuildNull,
  sqliteRebuildOrder,
  sqliteRenameRefused,
  sqliteWriteLock,
  changingValue,
  emptyDown,
  guessedRename,
  idNotFileName,
  indexWithoutTable,
  inventedDefault,
  migrateAtStartUp,
  mixedTransaction,
  notInIdempotentScript,
  passwordInSource,
  runsBeforeRebuild,
  snapshotBehind,
  staleDesigner,
  statementNotSupported,
  statementTimeoutMissing,
  tableWithoutKey,
  transactionControlInside,
  truncateInUse,
  truncatedName,
  typeAdvice,
  unbatchedUpdate,
  unloggedTable,
  unnamedConstraint,
  unprovedUnique,
  unqualifiedName,
  usedBeforeCreated,
  validateInSameTransaction,
  viewGap,
  volatileCheck,
  workUnderLock,
];

/** Those that speak where no engine reads the product that the migrations are for. */
export const RULES_FOR_EVERY_PRODUCT: readonly Rule[] = RULES.filter(
  ({ isForEveryProduct }) => isForEveryProduct === true,
);
