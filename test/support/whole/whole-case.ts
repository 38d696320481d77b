/** A migration with findings, as a generator or a person writes it, and the schema before it. */
export interface WholeCase {
  readonly style: string;
  readonly name: string;
  readonly before: string;
  readonly sql: string;
  readonly down?: string;
  /** The plan is refused by its nature; a word of the reason. */
  readonly refused?: string;
  /** Findings without a fix that a person must decide on stay; their codes. */
  readonly stays?: readonly string[];
}
