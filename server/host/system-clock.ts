import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../core/ports.ts';

/** The machine's clock and timers. */
export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (milliseconds, signal) => setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal }),
  after: (milliseconds, act) => {
    const timer = globalThis.setTimeout(act, milliseconds);
    return () => clearTimeout(timer);
  },
};
