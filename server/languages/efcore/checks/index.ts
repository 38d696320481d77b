import type { Check } from './check.ts';
import { changingValue } from './changing-value.ts';
import { droppedAndAdded } from './dropped-and-added.ts';
import { emptyDown } from './empty-down.ts';
import { guessedRename } from './guessed-rename.ts';
import { idNotFileName } from './id-not-file-name.ts';
import { indexWithoutTable } from './index-without-table.ts';
import { inventedDefault } from './invented-default.ts';
import { mixedTransaction } from './mixed-transaction.ts';
import { notInIdempotentScript } from './not-in-idempotent-script.ts';
import { runsBeforeRebuild } from './runs-before-rebuild.ts';
import { snapshotBehind } from './snapshot-behind.ts';
import { sqlServer } from './sql-server.ts';
import { unreadProduct } from './unread-product.ts';

/** All that is said of an EF Core migration beside its SQL; each is documented by the rule of its code. */
export const CHECKS: readonly Check[] = [
  changingValue,
  droppedAndAdded,
  emptyDown,
  guessedRename,
  idNotFileName,
  indexWithoutTable,
  inventedDefault,
  mixedTransaction,
  notInIdempotentScript,
  runsBeforeRebuild,
  snapshotBehind,
  sqlServer,
  unreadProduct,
];
