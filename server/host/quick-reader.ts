/** How files are read: at once, or by the threads that wait for a disk. */
export interface Ways {
  /** Bytes of a file, while nothing else goes on. */
  readonly atOnce: (file: string) => Uint8Array;
  readonly later: (file: string) => Promise<Uint8Array>;
  /** Milliseconds that pass steadily. */
  readonly now: () => number;
  /** Lets whatever waits have its turn. */
  readonly turn: () => Promise<void>;
}

/** Milliseconds of one file beyond which it was slow. */
const SLOW_MS = 2;
/** Slow files in a row that tell a slow disk: one alone may be a machine that did something else meanwhile. */
const SLOW_FILES = 3;
/** Files of a slow disk that are read by the threads before it is tried again. */
const PAUSE_FILES = 500;
/** Milliseconds of reading after which whatever waits has its turn, so that typing does not. */
const TURN_MS = 8;

/**
 * Reads many small files with a third of the work: by the threads, each takes four trips to one of them.
 *
 * A file that the system has at hand takes some ten microseconds; those of a slow disk or of another machine are waited
 * for three times in five hundred. Errors: rejects as the way does that was taken.
 */
export function quickReader({ atOnce, later, now, turn }: Ways): (file: string) => Promise<Uint8Array> {
  let pause = 0;
  let slow = 0;
  let sinceTurn = 0;
  let turned: Promise<void> | undefined;
  return async (file) => {
    await turned;
    if (pause > 0) {
      pause--;
      return later(file);
    }
    const started = now();
    try {
      return atOnce(file);
    } finally {
      const taken = now() - started;
      slow = taken > SLOW_MS ? slow + 1 : 0;
      if (slow === SLOW_FILES) {
        slow = 0;
        pause = PAUSE_FILES;
      }
      sinceTurn += taken;
      if (sinceTurn > TURN_MS) {
        sinceTurn = 0;
        turned = turn().then(() => {
          turned = undefined;
        });
      }
    }
  };
}
