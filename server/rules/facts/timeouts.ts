import type { RuleContext } from '../rule.ts';
import { type HeldLock, locksOf } from './transactions.ts';

/** The first lock on a table in use that the newest migration takes while a timeout is not set, or is 0; undefined in all other migrations. */
export function firstUnlimitedLock(
  context: RuleContext,
  setting: 'lock_timeout' | 'statement_timeout',
): HeldLock | undefined {
  if (context.folder?.isNewest === false) return undefined;
  let isLimited = false;
  for (const statement of context.statements) {
    if (statement.direction !== 'up') return undefined;
    for (const operation of statement.body.operations) {
      if (operation.kind !== 'set-variable' || operation.name !== setting) continue;
      const isVain =
        operation.scope === 'local' &&
        statement.transaction === 'none' &&
        !context.statements.some(
          (other) =>
            other.index < statement.index &&
            other.body.operations.some(
              (control) => control.kind === 'transaction-control' && control.action === 'begin',
            ),
        );
      isLimited = !operation.toDefault && !isVain && !/^0+(?:\s*[a-z]+)?$/i.test(operation.values[0] ?? '0');
    }
    const [lock] = isLimited ? [] : locksOf(context, statement);
    if (lock !== undefined) return lock;
  }
  return undefined;
}
