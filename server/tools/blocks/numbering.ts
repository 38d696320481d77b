import { naturalOrder } from '../natural-order.ts';

/** How a tool numbers migrations in an empty folder; a folder with migrations goes on as it began. */
export type NumberStyle =
  | { readonly kind: 'sequence'; readonly digits: number }
  /** UTC, `YYYYMMDDHHMMSS`. */
  | { readonly kind: 'timestamp' }
  | { readonly kind: 'unix-seconds' }
  | { readonly kind: 'unix-milliseconds' };

/** Digits of each kind of time; any other length is a sequence. */
const TIMESTAMP_DIGITS = 14;
const UNIX_SECONDS_DIGITS = 10;
const UNIX_MILLISECONDS_DIGITS = 13;

/** `count` numbers after all of `existing` (digits only), in order, written as those are. */
export function nextNumbers(
  existing: readonly string[],
  count: number,
  now: Date,
  initial: NumberStyle,
): readonly string[] {
  const newest = existing.toSorted(naturalOrder).at(-1);
  const style = newest === undefined ? initial : styleOf(newest);
  const digits = style.kind === 'sequence' ? style.digits : 0;
  let number = newest === undefined ? 0n : BigInt(newest);
  const time = timeOf(style, now);
  return Array.from({ length: count }, () => {
    number = time !== undefined && time > number ? time : number + 1n;
    return String(number).padStart(digits, '0');
  });
}

function styleOf(number: string): NumberStyle {
  if (number.length === TIMESTAMP_DIGITS) return { kind: 'timestamp' };
  if (number.length === UNIX_MILLISECONDS_DIGITS && number.startsWith('1')) return { kind: 'unix-milliseconds' };
  if (number.length === UNIX_SECONDS_DIGITS && number.startsWith('1')) return { kind: 'unix-seconds' };
  return { kind: 'sequence', digits: number.length };
}

function timeOf(style: NumberStyle, now: Date): bigint | undefined {
  switch (style.kind) {
    case 'timestamp':
      return BigInt(now.toISOString().replace(/\D/g, '').slice(0, TIMESTAMP_DIGITS));
    case 'unix-seconds':
      return BigInt(Math.floor(now.getTime() / 1000));
    case 'unix-milliseconds':
      return BigInt(now.getTime());
    default:
      return undefined;
  }
}
