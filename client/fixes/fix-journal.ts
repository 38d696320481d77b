import type * as vscode from 'vscode';
import type { LandedFix } from './landed-fix.ts';

const KEY = 'lockstep.landedFixes';

/** Each holds its files twice; older ones are beyond what a person takes back in one go. */
const MOST_KEPT = 10;

/** The fixes that were carried out in this workspace, oldest first; they outlive the window. */
export class FixJournal {
  readonly #state: vscode.Memento;

  constructor(state: vscode.Memento) {
    this.#state = state;
  }

  get all(): readonly LandedFix[] {
    return this.#state.get<readonly LandedFix[]>(KEY, []);
  }

  /** Keeps a fix in place of what it kept of it before. */
  async put(fix: LandedFix): Promise<void> {
    await this.#state.update(KEY, [...this.all.filter((each) => each.id !== fix.id), fix].slice(-MOST_KEPT));
  }

  async remove(id: string): Promise<void> {
    await this.#state.update(
      KEY,
      this.all.filter((each) => each.id !== id),
    );
  }
}
