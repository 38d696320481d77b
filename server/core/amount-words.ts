const KILO = 1024;
const BYTE_UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;
const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 3600;
const SECONDS_PER_DAY = 86_400;

/** A size for people, in units of 1024 as PostgreSQL's `pg_size_pretty` has them: `12 GB`, `1.5 MB`. */
export function bytesWords(bytes: number): string {
  let amount = Math.max(0, bytes);
  let unit = 0;
  while (amount >= KILO && unit < BYTE_UNITS.length - 1) {
    amount /= KILO;
    unit++;
  }
  return `${unit === 0 ? Math.round(amount) : short(amount)} ${BYTE_UNITS[unit] ?? ''}`;
}

/** An estimated number of rows for people: `48 million rows`, `3,200 rows`, `no rows`. */
export function rowsWords(rows: number): string {
  if (rows <= 0) return 'no rows';
  if (rows < 10_000) return `${Math.round(rows).toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'}`;
  if (rows < 999_500) return `${Math.round(rows / 1000).toLocaleString('en-US')} thousand rows`;
  if (rows < 1e9) return `${short(rows / 1e6)} million rows`;
  return `${short(rows / 1e9)} billion rows`;
}

/** A duration for people, whole in its largest unit: `under a second`, `40 s`, `12 min`, `3 h`. */
export function durationWords(seconds: number): string {
  if (seconds < 1) return 'under a second';
  if (seconds < 2 * SECONDS_PER_MINUTE) return `${Math.round(seconds)} s`;
  if (seconds < 2 * SECONDS_PER_HOUR) return `${Math.round(seconds / SECONDS_PER_MINUTE)} min`;
  if (seconds < 2 * SECONDS_PER_DAY) return `${Math.round(seconds / SECONDS_PER_HOUR)} h`;
  return `${Math.round(seconds / SECONDS_PER_DAY)} days`;
}

/** An estimated duration: `about 40 s`, `under a second`. */
export function aboutWords(seconds: number): string {
  return seconds < 1 ? durationWords(seconds) : `about ${durationWords(seconds)}`;
}

/** One decimal below ten, none from there on. */
function short(amount: number): string {
  return amount < 9.95 ? amount.toFixed(1).replace(/\.0$/, '') : Math.round(amount).toLocaleString('en-US');
}
