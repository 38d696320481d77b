import type { Span } from '../../core/span.ts';
import type { Link } from './chain.ts';
import type { Expression } from './expression.ts';
import type { FluentStep } from './migration-class.ts';

/** An expression as a chain makes it: where it comes from is the chain's. */
type Made<Part> = Part extends Expression ? Omit<Part, 'span' | 'made' | 'certainty' | 'conditions'> : never;

/** Expressions in the order in which a chain adds them, which is that of the run. */
export class Expressions {
  readonly #all: Expression[] = [];
  readonly #step: FluentStep;
  readonly #made: Span;

  /** `made` is where the words of an expression stand that no link of its own makes. */
  constructor(step: FluentStep, made: Span) {
    this.#step = step;
    this.#made = made;
  }

  get all(): readonly Expression[] {
    return this.#all;
  }

  add(made: Made<Expression>, at: Span = this.#made): void {
    const { span, certainty, conditions } = this.#step;
    // The parts that `Made` leaves out, and nothing else.
    this.#all.push({ ...made, span, made: at, certainty, conditions } as Expression);
  }

  /** Takes the place of what was added before it: a part that later links tell more of. */
  unknown(reason: string, place: Span): void {
    this.add({ kind: 'unknown', reason, place });
  }

  /** A link that FluentMigrator does not have, or that is not followed. */
  untold(link: Link): void {
    this.unknown(`what "${link.name}" adds here is not known`, link.nameSpan);
  }
}
