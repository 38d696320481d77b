/** Session settings that the loop of a backfill asks for, so that whoever runs it may choose. */
export const FILL_SETTINGS = {
  /** Rows of one batch. */
  rows: 'lockstep.batch_rows',
  /** Seconds between two batches. */
  pause: 'lockstep.pause_seconds',
  /** Seconds that a replica may be behind before the next batch waits for it. */
  maxLag: 'lockstep.max_lag_seconds',
  /** Seconds between two notices. */
  notice: 'lockstep.notice_seconds',
} as const;

/** Format of the notice by which a backfill tells how far it is: the rows that it has passed, and how many the planner takes the table to have. */
export const FILL_NOTICE = 'lockstep: % rows done of about %';

/** Format of the notice by which a backfill tells that it waits for a replica: how many seconds that is behind. */
export const LAG_NOTICE = 'lockstep: waits for a replica that is % s behind';

/** Seconds that a replica is behind, as such a notice tells; undefined for any other notice. */
export function readLagNotice(notice: string): number | undefined {
  const match = /^lockstep: waits for a replica that is (\d+) s behind$/.exec(notice);
  return match === null ? undefined : Number(match[1]);
}

/** What such a notice tells; undefined for the notices of others, which may hold values of rows. */
export function readFillNotice(
  notice: string,
): { readonly rows: number; readonly remaining: number | null } | undefined {
  const match = /^lockstep: (\d+) rows done of about (-?\d+)$/.exec(notice);
  if (match === null) return undefined;
  const rows = Number(match[1]);
  const total = Number(match[2]);
  return { rows, remaining: total > rows ? total - rows : null };
}
