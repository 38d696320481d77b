import { DatabaseError, type Connection } from '../drivers/driver.ts';

/** After this long a wait is no moment any more: then it is asked who keeps it. */
const ASK_AFTER_MS = 500;

/**
 * Does work of Lockstep's own that needs a lock on `what`, and says who holds it: at once by `onWait`, and in the failure
 * where the lock is not given back in time.
 */
export async function namingBlockers<Value>(
  connection: Connection,
  what: string,
  work: () => Promise<Value>,
  onWait?: (blockers: readonly string[]) => void,
): Promise<Value> {
  let blockers: readonly string[] = [];
  let hasEnded = false;
  const timer = globalThis.setTimeout(() => {
    void connection.blockers().then((found) => {
      if (hasEnded || found.length === 0) return;
      blockers = found;
      onWait?.(found);
    });
  }, ASK_AFTER_MS);
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof DatabaseError) || cause.failure.kind !== 'lock-timeout') throw cause;
    const { failure } = cause;
    const who = blockers.length === 0 ? '' : `: ${blockers.join('; ')}`;
    throw new DatabaseError(
      { ...failure, message: `${what} is locked by another session, which did not give it back in time${who}.` },
      { cause },
    );
  } finally {
    hasEnded = true;
    clearTimeout(timer);
  }
}
