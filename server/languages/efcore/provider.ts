import type { Command } from './command.ts';
import type { Call } from './call.ts';

/** What a provider of EF Core makes of an operation. */
export interface Provider {
  /** As people know it: `Npgsql`. */
  readonly title: string;
  /**
   * The commands of one call, in order. `siblings` are all calls of the method, since some providers fold one into
   * another.
   */
  lower(call: Call, siblings: readonly Call[]): readonly Command[];
}
