import type pg from 'pg';

/** Sessions that hold the pool's other connections while this one is looked at again. */
const PROBES = 3;
/** A pool that is full makes a probe wait; one of sessions does so for as long as this session lasts. */
const PROBE_TIMEOUT_MS = 2_000;

/**
 * Whether statements of this session may reach different sessions of the server, as through PgBouncer's transaction pooling.
 *
 * The key that a server gives at the start names its process; a proxy gives a key of its own. Only then other sessions
 * begin transactions, so that a pool has to hand out another connection than the one that this session had.
 */
export async function isTransactionPooled(client: pg.Client, open: () => pg.Client): Promise<boolean> {
  const first = await processOf(client);
  // pg keeps the process of the key that it was given at the start, and its types leave it out.
  if ((client as unknown as { readonly processID: number | null }).processID === first) return false;
  const probes: pg.Client[] = [];
  try {
    for (let count = 0; count < PROBES; count++) {
      const probe = open();
      probe.on('error', () => undefined);
      probes.push(probe);
      const held = await withinTime(
        (async () => {
          await probe.connect();
          // Statement pooling refuses BEGIN, and is no better.
          await probe.query('BEGIN READ ONLY');
          return processOf(probe);
        })(),
      );
      if (held.kind === 'refused') return true;
      if (held.kind === 'late') break;
      if (held.value === first || (await processOf(client)) !== first) return true;
    }
    return false;
  } finally {
    for (const probe of probes) void probe.end().catch(() => undefined);
  }
}

async function processOf(client: pg.Client): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid;
}

type Answer<Value> =
  | { readonly kind: 'answered'; readonly value: Value }
  | { readonly kind: 'late' }
  | { readonly kind: 'refused' };

async function withinTime<Value>(work: Promise<Value>): Promise<Answer<Value>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer<Value>>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'late' }), PROBE_TIMEOUT_MS);
  });
  const answer = work.then(
    (value): Answer<Value> => ({ kind: 'answered', value }),
    (): Answer<Value> => ({ kind: 'refused' }),
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
