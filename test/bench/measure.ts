import { existsSync, readFileSync, readdirSync } from 'node:fs';

/** The value below which `share` (0 to 1) of the values lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Peak resident memory of a process and of all that it started, in MB; Linux only. */
export function peakMemory(pid: number, more: readonly number[] = []): number {
  const pids = new Set([pid, ...more]);
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = /^PPid:\s*(\d+)/m.exec(status(Number(entry)))?.[1];
    if (parent !== undefined && pids.has(Number(parent))) pids.add(Number(entry));
  }
  let kilobytes = 0;
  for (const each of pids) kilobytes += Number(/^VmHWM:\s*(\d+)/m.exec(status(each))?.[1] ?? 0);
  return kilobytes / 1024;
}

function status(pid: number): string {
  const file = `/proc/${pid}/status`;
  try {
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  } catch {
    // The process has ended since.
    return '';
  }
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map((_, index) => (index === 0 ? '---' : '---:')), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}

/** Milliseconds with as many digits as mean something. */
export function ms(value: number): string {
  return Number.isNaN(value) ? '-' : value < 10 ? value.toFixed(1) : value.toFixed(0);
}

/** How many times as long (or as much) as the first. */
export function ratio(ours: number, theirs: number): string {
  if (Number.isNaN(theirs) || Number.isNaN(ours)) return '-';
  const times = theirs / ours;
  return `${times >= 10 ? times.toFixed(0) : times.toPrecision(2)}×`;
}
