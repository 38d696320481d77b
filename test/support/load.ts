import type pg from 'pg';

/** SQL with its parameters. */
export interface Sent {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** How one version of an application writes and reads the tracked value of a row. */
export interface AppVersion {
  insert(id: number, value: string): Sent;
  update(id: number, value: string): Sent;
  /** One row, whose `value` is compared. */
  select(id: number): Sent;
}

/** What every row must hold, and what went wrong. Shared by the versions that run beside each other. */
export interface Ledger {
  readonly rows: Map<number, string>;
  readonly failures: string[];
  /** Rows that a statement on its way changes or reads. */
  readonly busy: Set<number>;
  /** Statements that succeeded. */
  statements: number;
  /** Longest wait for one statement so far. */
  longestMs: number;
  nextId: number;
}

/** A ledger of rows `1..count` with the values that the test filled them with. */
export function newLedger(count: number, initial: (id: number) => string): Ledger {
  return {
    rows: new Map(Array.from({ length: count }, (_, index) => [index + 1, initial(index + 1)])),
    failures: [],
    busy: new Set(),
    statements: 0,
    longestMs: 0,
    nextId: count + 1,
  };
}

/** An application that runs until it is stopped. */
export interface RunningApp {
  stop(): Promise<void>;
}

/** Starts one version on a connection of its own: INSERT, UPDATE and SELECT in turn, as fast as they are answered. */
export async function startApp(
  connect: () => Promise<pg.Client>,
  name: string,
  version: AppVersion,
  ledger: Ledger,
  newValue: (id: number, turn: number) => string,
): Promise<RunningApp> {
  const client = await connect();
  let isStopped = false;
  let seed = name.length;
  // A linear congruential generator: the same rows in every run.
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed % below;
  };
  const send = async (
    what: string,
    { text, values }: Sent,
  ): Promise<readonly Record<string, unknown>[] | undefined> => {
    const started = performance.now();
    try {
      const { rows, rowCount } = await client.query<Record<string, unknown>>(text, [...values]);
      ledger.statements++;
      if (what !== 'select' && rowCount !== 1) ledger.failures.push(`${name} ${what}: ${rowCount} rows: ${text}`);
      return rows;
    } catch (cause) {
      ledger.failures.push(`${name} ${what}: ${cause instanceof Error ? cause.message : String(cause)}: ${text}`);
      return undefined;
    } finally {
      ledger.longestMs = Math.max(ledger.longestMs, performance.now() - started);
    }
  };
  const loop = async (): Promise<void> => {
    for (let turn = 0; !isStopped; turn++) {
      const isInsert = turn % 3 === 0;
      const id = isInsert ? ledger.nextId++ : 1 + random(ledger.nextId - 1);
      if (ledger.busy.has(id) || (!isInsert && !ledger.rows.has(id))) {
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
        continue;
      }
      ledger.busy.add(id);
      const value = newValue(id, turn);
      if (isInsert || turn % 3 === 1) {
        const done = await send(
          isInsert ? 'insert' : 'update',
          isInsert ? version.insert(id, value) : version.update(id, value),
        );
        if (done !== undefined) ledger.rows.set(id, value);
      } else {
        const found = await send('select', version.select(id));
        const read = found?.[0]?.['value'];
        if (found !== undefined && String(read) !== ledger.rows.get(id))
          ledger.failures.push(`${name} select: row ${id} holds ${String(read)}, not ${ledger.rows.get(id) ?? ''}`);
      }
      ledger.busy.delete(id);
    }
  };
  const running = loop();
  return {
    async stop() {
      isStopped = true;
      await running;
      await client.end();
    },
  };
}
