import type { Clock } from '../core/ports.ts';
import { DatabaseError, type Connection } from '../drivers/driver.ts';
import { RunLog, type Auditor, type OpenEntry } from './run-log.ts';
import type { DoneEvent } from './runner.ts';

/** Does `work`, a tool's own command, and writes into the log what the history says of each migration after it. */
export async function loggingCommand(
  connection: Connection,
  auditor: Auditor | undefined,
  clock: Clock,
  {
    direction,
    ids,
    from,
  }: { readonly direction: 'up' | 'down'; readonly ids: readonly string[]; readonly from: string | null },
  work: () => Promise<DoneEvent>,
): Promise<DoneEvent> {
  const log = await RunLog.open(connection, auditor);
  if (log === undefined) return work();
  const entries = new Map<string, OpenEntry>();
  for (const id of ids)
    entries.set(id, await log.begin(direction === 'up' ? 'apply' : 'revert', id, from, clock.now()));
  const ended = await work();
  try {
    for (const [id, entry] of entries)
      if (ended.applied.includes(id)) await log.end(entry, 'done', clock.now());
      else if (ended.failed?.id === id) await log.end(entry, ended.failed.outcome, clock.now(), ended.failed.message);
      else await log.forget(entry);
  } catch (cause) {
    // The end that nobody could write is told by the entry itself: it stays begun.
    if (!(cause instanceof DatabaseError)) throw cause;
  }
  return ended;
}
