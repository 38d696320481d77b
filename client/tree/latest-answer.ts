/** Asks one question again and again, and keeps the newest answer: one that a later question has overtaken is old. */
export class LatestAnswer<Answer> {
  readonly #question: () => Promise<Answer>;
  readonly #keep: (answer: Answer) => Promise<void>;
  #asked = 0;
  #latest: Promise<void> = Promise.resolve();

  constructor(question: () => Promise<Answer>, keep: (answer: Answer) => Promise<void>) {
    this.#question = question;
    this.#keep = keep;
  }

  /** Asks again; ends when the newest answer is in, also where another question overtakes this one. */
  async ask(): Promise<void> {
    this.#asked++;
    const work = this.#answer(this.#asked);
    this.#latest = work;
    await work;
    await this.settled();
  }

  /** Ends when the newest answer is in; asks nothing. */
  async settled(): Promise<void> {
    for (let latest: Promise<void> | undefined; latest !== this.#latest; ) {
      latest = this.#latest;
      await latest;
    }
  }

  async #answer(asked: number): Promise<void> {
    const answer = await this.#question();
    if (asked === this.#asked) await this.#keep(answer);
  }
}
