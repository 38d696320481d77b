import type { Span } from '../../../core/span.ts';

/** Why SQLite will not run a statement. */
export interface SqliteRefusal {
  readonly span: Span;
  /** One or two sentences: what is refused, and in whose name. */
  readonly message: string;
  /** `if-rows`: an empty table takes it, so that a fresh test database hides it. */
  readonly when: 'always' | 'if-rows';
}
