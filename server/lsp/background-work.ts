/**
 * Work behind everything that a person waits for: it begins a moment after it was last asked for, and another asking ends it.
 */
export class BackgroundWork {
  readonly #pauseMs: number;
  readonly #work: (isCurrent: () => boolean) => Promise<void>;
  #isOn = true;
  #timer: NodeJS.Timeout | undefined;
  /** Another number for each asking: work that is not the latest ends where it is. */
  #asked = 0;

  /** `work` asks `isCurrent` after whatever it waited for, and ends where it is not. */
  constructor(pauseMs: number, work: (isCurrent: () => boolean) => Promise<void>) {
    this.#pauseMs = pauseMs;
    this.#work = work;
  }

  /** Whether the editor's settings want the whole project, or open files alone. */
  get isOn(): boolean {
    return this.#isOn;
  }

  set isOn(isOn: boolean) {
    if (this.#isOn === isOn) return;
    this.#isOn = isOn;
    this.request();
  }

  /** Something changed that the work depends on. */
  request(): void {
    const asked = ++this.#asked;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#work(() => asked === this.#asked), this.#pauseMs);
  }

  dispose(): void {
    this.#asked++;
    clearTimeout(this.#timer);
  }
}
