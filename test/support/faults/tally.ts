import { SEED } from './random.ts';

/** What a fault did on one kind of database, over all its tries. */
export interface FaultTally {
  readonly fault: string;
  /** `PostgreSQL 13`, `SQLite wal`. */
  readonly target: string;
  readonly tries: number;
  /** Tries that were asked for, where the clock may have taken some; absent where it cannot. */
  readonly asked?: number;
  /** How many tries ended how, for people. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly lost: number;
  readonly twice: number;
  readonly falseWords: number;
  /** Tries after which the documented next command did not bring the database to the end. */
  readonly stuck: number;
}

declare module 'vitest' {
  interface TaskMeta {
    faults?: FaultTally;
  }
}

/** Counts the tries of one fault; what is wrong is kept in words that say how to run it again. */
export class Tally {
  readonly problems: string[] = [];
  readonly #fault: string;
  readonly #target: string;
  readonly #outcomes = new Map<string, number>();
  #tries = 0;
  #lost = 0;
  #twice = 0;
  #falseWords = 0;
  #stuck = 0;

  constructor(fault: string, target: string) {
    this.#fault = fault;
    this.#target = target;
  }

  get tries(): number {
    return this.#tries;
  }

  /** One try, by what it ended in. */
  count(outcome: string): void {
    this.#tries++;
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
  }

  lost(what: string): void {
    this.#lost++;
    this.#problem('lost', what);
  }

  twice(what: string): void {
    this.#twice++;
    this.#problem('ran twice', what);
  }

  falseWords(what: string): void {
    this.#falseWords++;
    this.#problem('false words', what);
  }

  stuck(what: string): void {
    this.#stuck++;
    this.#problem('stuck', what);
  }

  /** `asked`: tries that were asked for, where the clock may have taken some. */
  result(asked?: number): FaultTally {
    return {
      fault: this.#fault,
      target: this.#target,
      tries: this.#tries,
      ...(asked === undefined ? {} : { asked }),
      outcomes: Object.fromEntries([...this.#outcomes].toSorted()),
      lost: this.#lost,
      twice: this.#twice,
      falseWords: this.#falseWords,
      stuck: this.#stuck,
    };
  }

  #problem(kind: string, what: string): void {
    this.problems.push(`LOCKSTEP_SEED=${SEED}, ${this.#fault}, ${this.#target}, try ${this.#tries}: ${kind}: ${what}`);
  }
}

/** Tries, and beside them those that were asked for where the clock took some. */
function triesOf(tries: number, asked: number): string {
  return tries < asked ? `${tries} of ${asked}` : String(tries);
}

/** Fault x target with its tries and outcomes, and a last line over all. */
export function faultTable(tallies: readonly FaultTally[]): string {
  const words = (tally: FaultTally): readonly string[] => [
    tally.fault,
    tally.target,
    triesOf(tally.tries, tally.asked ?? 0),
    String(tally.lost),
    String(tally.twice),
    String(tally.falseWords),
    String(tally.stuck),
    Object.entries(tally.outcomes)
      .map(([outcome, count]) => `${outcome} ${count}`)
      .join(', '),
  ];
  const head = ['fault', 'on', 'tries', 'lost', 'twice', 'false', 'stuck', 'ended in'];
  const sum = (pick: (tally: FaultTally) => number): number => tallies.reduce((total, tally) => total + pick(tally), 0);
  const lines = [
    head,
    ...tallies
      .toSorted(
        (left, right) =>
          left.fault.localeCompare(right.fault) || left.target.localeCompare(right.target, 'en', { numeric: true }),
      )
      .map(words),
    [
      'all',
      '',
      triesOf(
        sum((tally) => tally.tries),
        sum((tally) => Math.max(tally.tries, tally.asked ?? 0)),
      ),
      String(sum((tally) => tally.lost)),
      String(sum((tally) => tally.twice)),
      String(sum((tally) => tally.falseWords)),
      String(sum((tally) => tally.stuck)),
      `LOCKSTEP_SEED=${SEED}`,
    ],
  ];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => {
          const width = column === head.length - 1 ? 0 : (widths[column] ?? 0);
          return column >= 2 && column <= 6 ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
